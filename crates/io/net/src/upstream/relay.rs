//! Whom an HTTP/1.1 connection wakes.
//!
//! A connection is driven by the task that uses it, and it is full of small channels that
//! wake their other end: which is the same task, already running, or the task that used
//! the connection before. Each such wake-up costs a poll of a whole server connection. So
//! hyper is given a waker of ours that is silent while the connection is being polled and
//! while it rests in the pool, and otherwise wakes the present user. It also spares the
//! socket a change of its registered waker whenever a connection changes hands.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use crate::socket::Observer;

/// Passes wake-ups of one connection to whoever uses it now.
#[derive(Debug, Default)]
pub(crate) struct Relay {
    state: Mutex<State>,
    /// Whether a byte was written since the last [`Relay::begin_request`].
    written: AtomicBool,
    /// Bytes read since the last [`Relay::begin_request`].
    read: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    user: Option<Waker>,
    /// Whether the user waits and is to be woken.
    armed: bool,
    /// Whether something happened since the connection was polled last.
    fired: bool,
}

impl Relay {
    /// A request is about to be handed over: no byte of it is written, and the connection
    /// must be polled.
    pub(crate) fn begin_request(&self) {
        self.written.store(false, Ordering::Relaxed);
        self.read.store(0, Ordering::Relaxed);
        self.lock().fired = true;
    }

    /// Whether the system took a byte since the request began.
    pub(crate) fn has_written(&self) -> bool {
        self.written.load(Ordering::Relaxed)
    }

    /// Bytes that came since the request began.
    pub(crate) fn bytes_read(&self) -> usize {
        self.read.load(Ordering::Relaxed)
    }

    /// Wakes nobody from now on, but notes what happens.
    pub(crate) fn silence(&self) {
        self.lock().armed = false;
    }

    /// Wakes `user` from now on. False when something happened since the connection was
    /// polled last: poll it now instead of waiting.
    pub(crate) fn arm(&self, user: &Waker) -> bool {
        let mut state = self.lock();
        if std::mem::take(&mut state.fired) {
            return false;
        }
        match &mut state.user {
            Some(known) => known.clone_from(user),
            none => *none = Some(user.clone()),
        }
        state.armed = true;
        true
    }

    /// Forgets its user.
    pub(crate) fn rest(&self) {
        let mut state = self.lock();
        state.armed = false;
        state.user = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.lock();
        state.fired = true;
        if state.armed
            && let Some(user) = &state.user
        {
            user.wake_by_ref();
        }
    }
}

impl Observer for Arc<Relay> {
    fn read(&self, bytes: usize) {
        // Only one task at a time reads a connection: no need to add atomically.
        let read = self.bytes_read().saturating_add(bytes);
        self.read.store(read, Ordering::Relaxed);
    }

    fn written(&self) {
        self.written.store(true, Ordering::Relaxed);
    }
}
