//! From finished requests to the sinks.
//!
//! Requests push their records onto a bounded lock-free queue. One thread looks every
//! [`INTERVAL`], takes what is there and writes it to all sinks, which it shares with
//! nobody but those who must not wait for it: a flush, a scrape, and a request that
//! finds the queue full. Each of those takes the sinks' lock and drains by itself, so
//! that nothing is lost, nothing grows, and whoever holds the lock has everything.
//!
//! A process that is killed loses what waits: at most the records of one interval, and
//! those whose tokens are still to be counted.

mod sinks;
mod uncounted;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossbeam_queue::ArrayQueue;
use tokio::time::Instant;
use tollgate_tokens::Calibration;

use self::sinks::Sinks;
use crate::live::{Live, OwnCounts, count};
use crate::metrics::Surroundings;
use crate::otlp::SpanExporter;
use crate::record::Settled;

/// How often the thread looks.
const INTERVAL: Duration = Duration::from_millis(5);
/// After so many looks that found nothing it sleeps until a record comes.
const IDLE_LOOKS_MAX: u32 = 200;
/// It looks now and then in any case.
const ASLEEP_MAX: Duration = Duration::from_secs(1);
/// How long tokens are counted at the end; what is left is estimated.
const LAST_COUNTS_MAX: Duration = Duration::from_secs(2);

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
    /// itself. Default: 4096, about 5 MB when full, texts that are to be counted aside.
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
    #[error("the access log {path} cannot be opened: {source}")]
    AccessLog {
        /// As configured; `-` for standard output.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No thread to be had.
    #[error("no thread for the settler: {0}")]
    Thread(#[source] io::Error),
}

/// Takes finished requests. Clones share everything; when the last one is dropped, what
/// was settled is written and the thread ends.
#[derive(Clone, Debug)]
pub struct Settler(Arc<Handle>);

impl Settler {
    /// Opens the sinks and starts the settler's thread.
    ///
    /// # Errors
    /// When the access log cannot be opened or the thread not be started.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let own = Arc::new(OwnCounts::default());
        let (spans, exporter) = match &options.traces {
            Some(service_name) => {
                let (buffer, exporter) = SpanExporter::new(service_name, options.version, &own);
                (Some(buffer), Some(exporter))
            }
            None => (None, None),
        };
        let calibration = Arc::default();
        let sinks = Sinks::new(sinks::open(&options.access_log, &own)?, spans, &calibration);
        let shared = Arc::new(Shared {
            queue: ArrayQueue::new(options.queue_records_max.max(1)),
            sinks: Mutex::new(sinks),
            counting: Mutex::new(()),
            live: Arc::default(),
            calibration,
            own,
            is_asleep: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            version: options.version,
            start_unix_ns: now_unix_ns(),
        });
        let looking = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("settle".to_owned())
            .spawn(move || looking.look());
        let thread = thread.map_err(StartError::Thread)?;
        let waker = thread.thread().clone();
        let handle = Handle {
            shared,
            waker,
            thread: Mutex::new(Some(thread)),
            exporter: Mutex::new(exporter),
        };
        Ok(Self(Arc::new(handle)))
    }

    /// Takes the record of a finished request; never waits for I/O unless the queue is full.
    pub fn settle(&self, record: Box<Settled>) {
        let shared = &self.0.shared;
        let mut waiting = record;
        while let Err(refused) = shared.queue.push(waiting) {
            waiting = refused;
            count(&shared.own.queue_full, 1);
            shared.drain();
        }
        if shared.is_closed.load(Ordering::SeqCst) {
            self.flush();
        } else if shared.is_asleep.load(Ordering::SeqCst)
            && shared.is_asleep.swap(false, Ordering::SeqCst)
        {
            self.0.waker.unpark();
        }
    }

    /// Returns when everything settled before is counted and written. Blocks for file I/O.
    pub fn flush(&self) {
        self.0.shared.flush(None);
    }

    /// Flushes, estimating what is not counted within two seconds, ends the thread and lets the exporter end once it has sent the rest.
    ///
    /// Records that are settled later are still written, by whoever settles them; their
    /// spans are not sent.
    pub fn shutdown(&self) {
        self.0.close();
        lock(&self.0.shared.sinks).close_spans();
    }

    /// The exporter of spans, once; `None` where traces are off or it is taken.
    #[must_use]
    pub fn take_exporter(&self) -> Option<SpanExporter> {
        lock(&self.0.exporter).take()
    }

    /// The gauges that are kept while requests run.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.0.shared.live
    }

    /// What was reported for models, by which estimates are corrected.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.0.shared.calibration
    }

    /// All metrics in Prometheus's text format (`text/plain; version=0.0.4`); every
    /// request settled before is in them, unless its tokens are still to be counted.
    #[must_use]
    pub fn metrics(&self) -> String {
        let shared = &self.0.shared;
        let mut sinks = lock(&shared.sinks);
        drain(&shared.queue, &mut sinks);
        sinks.end_batch();
        sinks.metrics.render(&Surroundings {
            live: &shared.live,
            own: &shared.own,
            queue_records: shared.queue.len(),
            uncounted_records: sinks.uncounted_len(),
            version: shared.version,
            start_unix_ns: shared.start_unix_ns,
        })
    }
}

/// What all clones of a settler share.
struct Handle {
    shared: Arc<Shared>,
    waker: thread::Thread,
    thread: Mutex<Option<JoinHandle<()>>>,
    exporter: Mutex<Option<SpanExporter>>,
}

impl Handle {
    /// Ends the thread and writes everything.
    fn close(&self) {
        self.shared.is_closed.store(true, Ordering::SeqCst);
        self.waker.unpark();
        let thread = lock(&self.thread).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(
                "the settler's thread died; records are written by the requests themselves"
            );
        }
        self.shared.flush(Some(Instant::now() + LAST_COUNTS_MAX));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settler")
            .field("queue_records", &self.shared.queue.len())
            .finish_non_exhaustive()
    }
}

/// What the thread and the handles share. Locks are taken in the order of the fields:
/// `counting` before `sinks`.
struct Shared {
    queue: ArrayQueue<Box<Settled>>,
    /// Held while a record is out of the sinks to be counted.
    counting: Mutex<()>,
    sinks: Mutex<Sinks>,
    live: Arc<Live>,
    calibration: Arc<Calibration>,
    own: Arc<OwnCounts>,
    is_asleep: AtomicBool,
    is_closed: AtomicBool,
    version: &'static str,
    start_unix_ns: u64,
}

impl Shared {
    /// The thread's whole life.
    fn look(&self) {
        let mut idle_looks = 0;
        while !self.is_closed.load(Ordering::SeqCst) {
            let found = self.drain();
            let counted = self.count_one();
            if counted {
                // More may wait; others' records are not delayed by more than one count.
                continue;
            }
            idle_looks = if found { 0 } else { idle_looks + 1 };
            if idle_looks < IDLE_LOOKS_MAX {
                thread::park_timeout(INTERVAL);
            } else {
                self.sleep();
            }
        }
    }

    /// Waits until a record comes. The flag is set before the queue is looked at again:
    /// whoever pushes after that look sees the flag.
    fn sleep(&self) {
        self.is_asleep.store(true, Ordering::SeqCst);
        if self.queue.is_empty() && !self.is_closed.load(Ordering::SeqCst) {
            thread::park_timeout(ASLEEP_MAX);
        }
        self.is_asleep.store(false, Ordering::SeqCst);
    }

    /// Writes what is queued; whether there was anything, or spans wait to be sent.
    fn drain(&self) -> bool {
        let mut sinks = lock(&self.sinks);
        let drained = drain(&self.queue, &mut sinks);
        sinks.end_batch();
        drained || sinks.has_spans()
    }

    /// Writes everything, counts included; what is not counted by `until` is estimated.
    fn flush(&self, until: Option<Instant>) {
        let _counting = lock(&self.counting);
        let mut sinks = lock(&self.sinks);
        drain(&self.queue, &mut sinks);
        while let Some(mut record) = sinks.next_uncounted() {
            if until.is_some_and(|until| Instant::now() >= until) {
                uncounted::complete_roughly(&mut record);
            } else {
                uncounted::complete_exactly(&mut record);
            }
            sinks.write(&record);
        }
        sinks.end_batch();
        sinks.hand_over_spans();
    }

    /// Counts the tokens of one record, without holding the sinks up; whether there was one.
    fn count_one(&self) -> bool {
        let _counting = lock(&self.counting);
        // Not in the scrutinee: the guard must not outlive this line.
        let next = lock(&self.sinks).next_uncounted();
        let Some(mut record) = next else { return false };
        uncounted::complete_exactly(&mut record);
        lock(&self.sinks).write(&record);
        true
    }
}

/// Takes what is queued, at most one queue full; whether there was anything.
fn drain(queue: &ArrayQueue<Box<Settled>>, sinks: &mut Sinks) -> bool {
    let mut left = queue.capacity();
    while left > 0
        && let Some(record) = queue.pop()
    {
        sinks.take(record);
        left -= 1;
    }
    left < queue.capacity()
}

/// A panic under the lock leaves sums at worst short by a record: better than none.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now_unix_ns() -> u64 {
    let passed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(passed.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
