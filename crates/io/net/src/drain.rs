//! The orderly end of a listener: tell the connections, wait for them, then cut them.
//!
//! A [`Drain`] counts the connections of every listener that was given a clone of it.
//! [`Drain::begin`] stops accepting and lets each connection finish what it is doing;
//! [`Drain::finish`] waits for that, up to a limit, and then closes what is left.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::server::Watch;

/// A handle on the connections of one or more listeners; clones are the same handle.
#[derive(Clone, Debug, Default)]
pub struct Drain(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    begun: CancellationToken,
    open: Mutex<Open>,
    /// Told whenever the last connection goes.
    none_left: Notify,
    unreadable_heads: AtomicU64,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: BTreeMap<u64, Arc<Watch>>,
    killed: bool,
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that had to be closed when the limit passed; 0 is a clean end.
    pub cut: usize,
}

impl Drain {
    /// A handle that no listener uses yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops accepting; HTTP/1.1 answers carry `connection: close` from now on and unused
    /// connections close, HTTP/2 connections send GOAWAY. Returns at once.
    pub fn begin(&self) {
        self.0.begun.cancel();
        for watch in self.watches() {
            watch.drain();
        }
    }

    /// True once [`begin`](Self::begin) was called.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.begun.is_cancelled()
    }

    /// Completes when [`begin`](Self::begin) is called.
    pub async fn begun(&self) {
        self.0.begun.cancelled().await;
    }

    /// Connections open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.open().connections.len()
    }

    /// Connections so far that were closed because the head of a request could not be read:
    /// malformed, or over its limits. Over HTTP/2 such a head ends its stream only and is
    /// not counted.
    #[must_use]
    pub fn unreadable_heads(&self) -> u64 {
        self.0.unreadable_heads.load(Ordering::Relaxed)
    }

    pub(crate) fn note_unreadable_head(&self) {
        self.0.unreadable_heads.fetch_add(1, Ordering::Relaxed);
    }

    /// Begins if that has not happened, waits until the last connection is done, at most
    /// for `limit`, then closes what is left and waits for that.
    pub async fn finish(&self, limit: Duration) -> Drained {
        self.begin();
        if tokio::time::timeout(limit, self.none_left()).await.is_ok() {
            return Drained { cut: 0 };
        }
        self.open().killed = true;
        let left = self.watches();
        for watch in &left {
            watch.kill();
        }
        self.none_left().await;
        Drained { cut: left.len() }
    }

    pub(crate) fn enter(&self, watch: &Arc<Watch>) -> Entered {
        let mut open = self.open();
        let id = open.next;
        open.next += 1;
        open.connections.insert(id, watch.clone());
        let killed = open.killed;
        drop(open);
        if killed {
            watch.kill();
        } else if self.has_begun() {
            watch.drain();
        }
        Entered {
            drain: self.clone(),
            id,
        }
    }

    async fn none_left(&self) {
        loop {
            let told = self.0.none_left.notified();
            if self.open().connections.is_empty() {
                return;
            }
            told.await;
        }
    }

    fn watches(&self) -> Vec<Arc<Watch>> {
        self.open().connections.values().cloned().collect()
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts one connection for as long as it lives.
#[derive(Debug)]
pub(crate) struct Entered {
    drain: Drain,
    id: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = self.drain.open();
        open.connections.remove(&self.id);
        if open.connections.is_empty() {
            self.drain.0.none_left.notify_waiters();
        }
    }
}
