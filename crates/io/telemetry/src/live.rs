//! What is going on right now: the numbers that the gateway itself keeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Gauges that change while requests run, updated without a lock.
#[derive(Debug, Default)]
pub struct Live {
    requests: AtomicI64,
    connections: AtomicI64,
}

impl Live {
    /// Counts a request as running until the returned guard is dropped.
    #[must_use]
    pub fn enter(self: &Arc<Self>) -> InFlight {
        self.requests.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// Requests that run now.
    #[must_use]
    pub fn requests(&self) -> i64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Sets the number of open connections of callers.
    pub fn set_connections(&self, open: i64) {
        self.connections.store(open, Ordering::Relaxed);
    }

    /// Open connections of callers, as last set.
    #[must_use]
    pub fn connections(&self) -> i64 {
        self.connections.load(Ordering::Relaxed)
    }
}

/// A request that runs.
#[derive(Debug)]
pub struct InFlight(Arc<Live>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}
