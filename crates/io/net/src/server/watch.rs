//! What one connection is doing, and for how long it may.
//!
//! The socket, the service and the answers' bodies note what happens in a few atomics; the
//! connection's one timer looks at them when it fires and is set again only then. So a
//! request costs no timer, however many limits there are.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::ServerOptions;
use crate::socket::Observer;
use crate::tunnel::Tunnel;

/// No request; waiting for one.
const IDLE: u8 = 0;
/// Some bytes of a request's head are here.
const HEAD: u8 = 1;
/// At least one request is being served.
const BUSY: u8 = 2;

/// `blocked` while the caller takes what it is sent.
const FLOWING: u64 = u64::MAX;

/// The state of one connection.
#[derive(Debug)]
pub(crate) struct Watch {
    begun: Instant,
    header_timeout: Duration,
    idle_timeout: Duration,
    send_timeout: Duration,
    phase: AtomicU8,
    /// When the phase began, in milliseconds after `begun`.
    since: AtomicU64,
    /// Since when the caller takes nothing, in milliseconds after `begun`.
    blocked: AtomicU64,
    in_flight: AtomicUsize,
    /// True for HTTP/2, where bytes come in between requests too.
    multiplexed: AtomicBool,
    draining: AtomicBool,
    killed: AtomicBool,
    task: Mutex<Option<Waker>>,
    /// What goes on over the connection once it has left HTTP.
    tunnel: Mutex<Option<Tunnel>>,
}

/// What the timer finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is overdue; look again then.
    LookAgain(Instant),
    /// The head of a request did not come in time.
    SlowHead,
    /// There was no request for too long.
    Idle,
    /// The caller takes nothing of its answer.
    Stuck,
}

impl Watch {
    /// The watch of a connection that begins now, with the first head.
    pub(crate) fn new(options: &ServerOptions) -> Self {
        Self {
            begun: Instant::now(),
            header_timeout: options.header_timeout,
            idle_timeout: options.idle_timeout,
            send_timeout: options.fixed.send_timeout,
            phase: AtomicU8::new(HEAD),
            since: AtomicU64::new(0),
            blocked: AtomicU64::new(FLOWING),
            in_flight: AtomicUsize::new(0),
            multiplexed: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            task: Mutex::default(),
            tunnel: Mutex::default(),
        }
    }

    /// HTTP/2 is spoken: heads are not timed (their frames are bounded and pings watch
    /// over the caller), only the lack of requests is.
    pub(crate) fn multiplex(&self) {
        self.multiplexed.store(true, Ordering::Relaxed);
        self.enter(IDLE);
    }

    /// A request is here; it counts until the guard is dropped.
    pub(crate) fn serve(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.phase.store(BUSY, Ordering::Relaxed);
        InFlight(self.clone())
    }

    /// What is overdue at `now`.
    pub(crate) fn judge(&self, now: Instant) -> Verdict {
        let blocked = self.blocked.load(Ordering::Relaxed);
        let since = self.begun + Duration::from_millis(self.since.load(Ordering::Relaxed));
        let (due, verdict) = match self.phase.load(Ordering::Relaxed) {
            IDLE => (since + self.idle_timeout, Verdict::Idle),
            HEAD => (since + self.header_timeout, Verdict::SlowHead),
            _ if blocked != FLOWING => {
                let since = self.begun + Duration::from_millis(blocked);
                (since + self.send_timeout, Verdict::Stuck)
            }
            // Busy and flowing: the next phase, or the block, can begin right now.
            _ => {
                let soonest = self
                    .header_timeout
                    .min(self.idle_timeout)
                    .min(self.send_timeout);
                return Verdict::LookAgain(now + soonest);
            }
        };
        // A shorter limit may begin to count while a longer one is waited for.
        let soonest = now + self.header_timeout;
        if due <= now {
            verdict
        } else {
            Verdict::LookAgain(due.min(soonest))
        }
    }

    /// Asks the connection to end after what it is doing.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.wake();
    }

    /// Asks the connection to end at once.
    pub(crate) fn kill(&self) {
        self.killed.store(true, Ordering::Release);
        self.wake();
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Acquire)
    }

    /// What goes on over the connection, if it has left HTTP; once.
    pub(crate) fn tunnel(&self) -> Option<Tunnel> {
        let mut tunnel = self.tunnel.lock().unwrap_or_else(PoisonError::into_inner);
        tunnel.take()
    }

    /// Names the task to wake when something is asked of the connection.
    pub(crate) fn register(&self, task: &Waker) {
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.clone());
    }

    fn wake(&self) {
        if let Some(task) = &*self.task.lock().unwrap_or_else(PoisonError::into_inner) {
            task.wake_by_ref();
        }
    }

    fn enter(&self, phase: u8) {
        self.since.store(self.elapsed_ms(), Ordering::Relaxed);
        self.phase.store(phase, Ordering::Relaxed);
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(FLOWING - 1)
    }
}

impl Observer for Arc<Watch> {
    fn read(&self, _bytes: usize) {
        if self.phase.load(Ordering::Relaxed) == IDLE && !self.multiplexed.load(Ordering::Relaxed) {
            self.enter(HEAD);
        }
    }

    fn written(&self) {
        if self.blocked.load(Ordering::Relaxed) != FLOWING {
            self.blocked.store(FLOWING, Ordering::Relaxed);
        }
    }

    fn blocked(&self) {
        if self.blocked.load(Ordering::Relaxed) == FLOWING {
            self.blocked.store(self.elapsed_ms(), Ordering::Relaxed);
        }
    }
}

/// A request that is being served, until its answer's body is gone.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Watch>);

impl InFlight {
    /// The connection leaves HTTP with this answer.
    pub(crate) fn leaves(&self, tunnel: Option<Tunnel>) {
        let place = &self.0.tunnel;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = tunnel;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.enter(IDLE);
        }
    }
}

#[cfg(test)]
mod tests;
