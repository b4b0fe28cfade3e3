//! What is going on right now: the numbers that are kept while requests run.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Gauges that change while requests run, updated without a lock, and what became of
/// configurations.
#[derive(Debug, Default)]
pub struct Live {
    requests: AtomicI64,
    connections: AtomicI64,
    unreadable_heads: AtomicU64,
    reloads: Mutex<Reloads>,
}

/// All reloads so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reloads {
    pub(crate) applied: u64,
    pub(crate) rejected: u64,
    /// The running revision.
    pub(crate) revision: Option<Arc<str>>,
    /// When it took effect.
    pub(crate) applied_unix_s: u64,
    /// Whether the latest one was refused.
    pub(crate) is_rejected: bool,
}

impl Live {
    /// Counts a request as running until the returned guard is dropped.
    #[must_use]
    pub fn enter(self: &Arc<Self>) -> LiveRequest {
        self.requests.fetch_add(1, Ordering::Relaxed);
        LiveRequest(Arc::clone(self))
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

    /// Sets the number of heads of requests that could not be read so far.
    pub fn set_unreadable_heads(&self, count: u64) {
        self.unreadable_heads.store(count, Ordering::Relaxed);
    }

    /// Heads of requests that could not be read so far, as last set.
    #[must_use]
    pub fn unreadable_heads(&self) -> u64 {
        self.unreadable_heads.load(Ordering::Relaxed)
    }

    /// Notes that a configuration took effect (`Ok`, with its revision), the first one
    /// included, or was refused and the running one stays.
    pub fn reloaded(&self, outcome: Result<Arc<str>, ()>) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut reloads = self.lock();
        match outcome {
            Ok(revision) => {
                reloads.applied += 1;
                reloads.revision = Some(revision);
                reloads.applied_unix_s = now.as_secs();
                reloads.is_rejected = false;
            }
            Err(()) => {
                reloads.rejected += 1;
                reloads.is_rejected = true;
            }
        }
    }

    pub(crate) fn reloads(&self) -> Reloads {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Reloads> {
        self.reloads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that runs.
#[derive(Debug)]
pub struct LiveRequest(Arc<Live>);

impl Drop for LiveRequest {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the sinks and the exporter count about themselves.
#[derive(Debug, Default)]
pub(crate) struct OwnCounts {
    /// Times a caller found the queue full and wrote it out itself.
    pub(crate) queue_full: AtomicU64,
    /// Lines that could not be written to the access log.
    pub(crate) lines_lost: AtomicU64,
    /// Spans that a collector took.
    pub(crate) spans_sent: AtomicU64,
    /// Spans dropped for want of room or because the collector would not take them.
    pub(crate) spans_dropped: AtomicU64,
    /// Requests that failed to deliver spans, each try counted.
    pub(crate) exports_failed: AtomicU64,
}

/// Adds to a counter.
pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}
