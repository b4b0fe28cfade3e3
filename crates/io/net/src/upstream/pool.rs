//! The open connections to one endpoint.
//!
//! HTTP/1.1 connections that rest are a stack: the one used last is warm and the least
//! likely to have been closed, and what is never reached ages out from below. HTTP/2
//! connections are a short list. One lock, held for a push, a pop or a scan of that list.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::http1::Http1;
use super::http2::{Http2, Lease};
use crate::endpoint::EndpointOptions;

/// The connections of one endpoint.
#[derive(Debug)]
pub(crate) struct Pool {
    lists: Mutex<Lists>,
    open: Arc<AtomicUsize>,
    /// Held while opening a connection that others may share.
    opener: tokio::sync::Mutex<()>,
    /// Whether the connection opened last can be shared: 0 unknown, 1 no, 2 yes.
    shares: AtomicU8,
    idle_max: usize,
    idle_timeout: Duration,
    connections_max: usize,
    streams_max: usize,
}

#[derive(Debug, Default)]
struct Lists {
    /// The connection used last is at the back.
    idle: VecDeque<Box<Http1>>,
    shared: Vec<Arc<Http2>>,
}

impl Pool {
    pub(crate) fn new(options: &EndpointOptions) -> Self {
        Self {
            lists: Mutex::default(),
            open: Arc::default(),
            opener: tokio::sync::Mutex::default(),
            shares: AtomicU8::new(0),
            idle_max: options.idle_max,
            idle_timeout: options.idle_timeout,
            connections_max: options.connections_max,
            streams_max: options.http2_streams_max.max(1),
        }
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// The right to open one more connection, if the limit leaves one.
    pub(crate) fn reserve(&self) -> Option<Slot> {
        self.open
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| {
                (open < self.connections_max).then_some(open + 1)
            })
            .ok()
            .map(|_| Slot(self.open.clone()))
    }

    /// Waits for the turn to open a connection that others may share.
    pub(crate) async fn opener(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.opener.lock().await
    }

    /// Whether the connection opened last can be shared; `None` before the first.
    pub(crate) fn shares(&self) -> Option<bool> {
        match self.shares.load(Ordering::Relaxed) {
            0 => None,
            known => Some(known == 2),
        }
    }

    /// Keeps what [`shares`](Self::shares) tells.
    pub(crate) fn learn(&self, shares: bool) {
        self.shares.store(1 + u8::from(shares), Ordering::Relaxed);
    }

    /// The resting HTTP/1.1 connection that was used last.
    pub(crate) fn take(&self) -> Option<Box<Http1>> {
        self.lists().idle.pop_back()
    }

    /// Lets an HTTP/1.1 connection rest; closes it when enough others do.
    pub(crate) fn put(&self, mut connection: Box<Http1>) {
        connection.idle_since = Instant::now();
        let mut lists = self.lists();
        if lists.idle.len() < self.idle_max {
            lists.idle.push_back(connection);
        } else {
            // Closing is a system call: not under the lock.
            drop(lists);
            drop(connection);
        }
    }

    /// A stream of the HTTP/2 connection that carries the fewest, if one has room.
    pub(crate) fn lease(&self) -> Option<Lease> {
        let mut lists = self.lists();
        if lists.shared.is_empty() {
            return None;
        }
        lists.shared.retain(|connection| !connection.is_closed());
        lists
            .shared
            .iter()
            .filter(|connection| connection.in_flight() < connection.streams_max(self.streams_max))
            .min_by_key(|connection| connection.in_flight())
            .map(Lease::new)
    }

    /// Adds an HTTP/2 connection and takes its first stream.
    pub(crate) fn share(&self, connection: Arc<Http2>) -> Lease {
        let lease = Lease::new(&connection);
        self.lists().shared.push(connection);
        lease
    }

    /// Closes what was not used for too long, or was closed by the other side.
    ///
    /// Only connections that rested for a whole `period` are looked at, so that those in
    /// busy use are never missing from the stack.
    fn sweep(&self, period: Duration) {
        let now = Instant::now();
        let rested = |since: Instant| now.saturating_duration_since(since);
        let mut cold = VecDeque::new();
        let mut lists = self.lists();
        while let Some(connection) = lists
            .idle
            .pop_front_if(|connection| rested(connection.idle_since) >= period)
        {
            cold.push_back(connection);
        }
        lists.shared.retain(|connection| {
            let expired = |since| rested(since) >= self.idle_timeout;
            !connection.is_closed() && !connection.idle_since().is_some_and(expired)
        });
        drop(lists);
        cold.retain_mut(|connection| {
            rested(connection.idle_since) < self.idle_timeout && !connection.is_dead()
        });
        let mut lists = self.lists();
        for connection in cold.into_iter().rev() {
            lists.idle.push_front(connection);
        }
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sweeps the pool a few times in each idle timeout, until its owner is gone.
pub(crate) async fn sweep(pool: Arc<Pool>, gone: CancellationToken) {
    let period = (pool.idle_timeout / 4).max(Duration::from_millis(10));
    while gone
        .run_until_cancelled(tokio::time::sleep(period))
        .await
        .is_some()
    {
        pool.sweep(period);
    }
}

/// The right to one open connection, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<AtomicUsize>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
