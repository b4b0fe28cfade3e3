//! A WebSocket between a caller and a provider: bytes both ways until one side or a limit
//! ends it.
//!
//! Each direction reads again only when what it read is written, so neither side can send
//! more than the other takes. What the gateway ends, it ends between two frames, with a
//! close to both.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tollgate_config::SocketLimits;
use tollgate_formats::last_report;
use tollgate_formats::view::merge_usage;
use tollgate_net::{Ending, Line, Offer};
use tollgate_telemetry::{Source, random_u64};
use tollgate_types::{ErrorClass, Usage};

use super::frames::{Broken, Fault, Frames, Sender, Text, close};
use crate::settle::Settlement;

/// How much is read at once, in bytes, in each direction.
const BUFFER_BYTES: usize = 16 * 1024;
/// How long both sides have to close once one of them, or the gateway, has.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(5);

/// Messages of providers that report what a turn cost; their reports add up.
const REPORTING: [&str; 3] = [
    "\"response.done\"",
    "\"response.completed\"",
    "\"conversation.item.input_audio_transcription.completed\"",
];

/// Why the gateway closes.
#[derive(Clone, Debug)]
struct Closing {
    code: u16,
    reason: String,
    class: Option<ErrorClass>,
}

impl Closing {
    fn new(code: u16, reason: impl Into<String>, class: Option<ErrorClass>) -> Self {
        let reason = reason.into();
        Self {
            code,
            reason,
            class,
        }
    }
}

/// One direction.
struct Way<'w> {
    frames: Frames,
    bytes: u64,
    usage: Option<Usage>,
    /// When something moved last in either direction, in milliseconds.
    moved: &'w AtomicU64,
    began: Instant,
}

/// What the two sides need to be connected.
pub(super) struct Relay {
    pub(super) offer: Offer,
    pub(super) provider: Line,
    pub(super) limits: SocketLimits,
    pub(super) settlement: Settlement,
}

impl Relay {
    /// Connects the two sides until one of them or a limit ends it; then the record is settled.
    pub(super) async fn run(self, ending: Ending) {
        let Self {
            offer,
            provider,
            limits,
            mut settlement,
        } = self;
        let Some(caller) = offer.line().await else {
            return;
        };
        let moved = AtomicU64::new(0);
        let began = Instant::now();
        let way = |sender| Way {
            frames: Frames::new(sender, limits.message_bytes_max),
            bytes: 0,
            usage: None,
            moved: &moved,
            began,
        };
        let (mut up, mut down) = (way(Sender::Client), way(Sender::Server));
        let (ends, closing) = watch::channel(None);
        let (from_caller, to_caller) = tokio::io::split(caller);
        let (from_provider, to_provider) = tokio::io::split(provider);
        {
            let both = async {
                tokio::join!(
                    up.pass(from_caller, to_provider, &ends, closing.clone()),
                    down.pass(from_provider, to_caller, &ends, closing.clone()),
                )
            };
            until_over(both, watching(&limits, &moved, began, &ending), &ends).await;
        }
        let closing = closing.borrow().clone();
        note(&mut settlement, (&up, &down), closing);
        settlement.completed();
    }
}

/// Passes bytes until both directions have ended, or a limit has and the time to close.
async fn until_over(
    both: impl Future<Output = ((), ())>,
    limit: impl Future<Output = Closing>,
    ends: &watch::Sender<Option<Closing>>,
) {
    let mut both = std::pin::pin!(both);
    let mut asked = ends.subscribe();
    tokio::select! {
        _ended = &mut both => return,
        closing = limit => { ends.send_if_modified(|known| first(known, closing)); }
        // One of the directions found a fault, or ended.
        _changed = asked.changed() => {}
    }
    // What has not closed by then is dropped.
    let _ = timeout(CLOSING_TIMEOUT, both).await;
}

/// The first reason stands.
fn first(known: &mut Option<Closing>, closing: Closing) -> bool {
    let is_first = known.is_none();
    if is_first {
        *known = Some(closing);
    }
    is_first
}

/// Ends when the gateway has to close, and says why.
async fn watching(
    limits: &SocketLimits,
    moved: &AtomicU64,
    began: Instant,
    ending: &Ending,
) -> Closing {
    let silent = async {
        loop {
            let last = began + Duration::from_millis(moved.load(Ordering::Relaxed));
            let due = last + limits.idle;
            if due <= Instant::now() {
                return;
            }
            sleep_until(due).await;
        }
    };
    tokio::select! {
        () = ending.begun() => Closing::new(1001, "the gateway is going away", None),
        () = silent => {
            let reason = format!("nothing came for {} ms", limits.idle.as_millis());
            Closing::new(1001, reason, Some(ErrorClass::ProviderTimeout))
        }
        () = sleep_until(began + limits.whole) => {
            let reason = format!("open for {} ms", limits.whole.as_millis());
            Closing::new(1001, reason, None)
        }
    }
}

impl Way<'_> {
    /// Passes what comes from one side to the other until it ends.
    async fn pass(
        &mut self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        ends: &watch::Sender<Option<Closing>>,
        mut closing: watch::Receiver<Option<Closing>>,
    ) {
        let mut buffer = vec![0; BUFFER_BYTES];
        let is_ours = loop {
            let asked = async {
                let closing = closing.wait_for(Option::is_some).await;
                closing.ok().and_then(|closing| closing.clone())
            };
            let read = tokio::select! {
                biased;
                asked = asked, if self.frames.is_between() => {
                    self.close(&mut to, asked).await;
                    break true;
                }
                read = from.read(&mut buffer) => read.unwrap_or_default(),
            };
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
                self.gone(ends);
                break false;
            };
            if let Err(broken) = self.see(bytes) {
                let closing = self.fault(broken.fault);
                ends.send_if_modified(|known| first(known, closing.clone()));
                // Within a frame a close would be taken for a part of it.
                if let Some(whole) = broken.whole.and_then(|whole| bytes.get(..whole))
                    && to.write_all(whole).await.is_ok()
                {
                    self.close(&mut to, Some(closing)).await;
                }
                break true;
            }
            let written = to.write_all(bytes).await;
            if written.is_err() || to.flush().await.is_err() {
                self.gone(ends);
                break false;
            }
            self.note_moved();
            if self.frames.is_closing() {
                // Nothing follows a close.
                break false;
            }
        };
        // Whoever is gone already need not be told.
        let _ = to.shutdown().await;
        // What comes until the sender has read our close would else break its connection.
        while is_ours && from.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0) {}
    }

    /// Follows what came, and counts of it what the receiver gets.
    fn see(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.note_moved();
        let usage = &mut self.usage;
        let seen = self.frames.see(bytes, |text| account(usage, text));
        let passed = match seen {
            Ok(()) => bytes.len(),
            Err(broken) => broken.whole.unwrap_or_default(),
        };
        self.bytes += passed as u64;
        seen
    }

    fn note_moved(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved.store(now, Ordering::Relaxed);
    }

    /// The sender has ended its direction; the other one has a while to end too.
    fn gone(&self, ends: &watch::Sender<Option<Closing>>) {
        let is_closed = self.frames.is_closing();
        let class = match self.frames.sender() {
            Sender::Client => ErrorClass::CallerGone,
            Sender::Server => ErrorClass::ProviderBroken,
        };
        let closing = Closing::new(1001, "the other side is gone", Some(class));
        ends.send_if_modified(|known| !is_closed && first(known, closing));
    }

    fn fault(&self, fault: Fault) -> Closing {
        let class = match self.frames.sender() {
            Sender::Client => ErrorClass::BadRequest,
            Sender::Server => ErrorClass::ProviderProtocol,
        };
        match fault {
            Fault::Protocol => Closing::new(1002, "no frames of the protocol", Some(class)),
            Fault::TooLong => Closing::new(1009, "a message over its limit", Some(class)),
        }
    }

    /// Says to the receiver that it is over, unless it has been said.
    async fn close(&self, to: &mut (impl AsyncWrite + Unpin), closing: Option<Closing>) {
        if let Some(Closing { code, reason, .. }) = closing.filter(|_| !self.frames.is_closing()) {
            let mask = match self.frames.sender() {
                Sender::Client => Some(mask()),
                Sender::Server => None,
            };
            // Whoever takes no more has closed already.
            let _ = to.write_all(&close(code, &reason, mask)).await;
            let _ = to.flush().await;
        }
    }
}

fn mask() -> [u8; 4] {
    let [a, b, c, d, ..] = random_u64().to_be_bytes();
    [a, b, c, d]
}

/// Adds what a message of the provider reports.
fn account(total: &mut Option<Usage>, text: &Text) {
    if !text.says(&REPORTING) {
        return;
    }
    if let Some(usage) = last_report(text.tail()) {
        let total = total.get_or_insert_default();
        let sum = Usage {
            input: total.input.saturating_add(usage.input),
            output: total.output.saturating_add(usage.output),
            cached_input: total.cached_input.saturating_add(usage.cached_input),
            cache_write_input: total
                .cache_write_input
                .saturating_add(usage.cache_write_input),
            reasoning: total.reasoning.saturating_add(usage.reasoning),
            searches: total.searches.saturating_add(usage.searches),
            tier: usage.tier,
        };
        merge_usage(total, &sum);
    }
}

/// Writes into the record what became of the connection.
fn note(settlement: &mut Settlement, (up, down): (&Way<'_>, &Way<'_>), closing: Option<Closing>) {
    if down.bytes > 0 {
        settlement.first_token();
    }
    let record = settlement.record();
    (record.bytes_in, record.bytes_out) = (up.bytes, down.bytes);
    if down.usage.is_some() {
        record.usage = down.usage;
        record.usage_source = Source::Reported;
    }
    let class = closing.and_then(|closing| closing.class);
    record.is_caller_gone = class == Some(ErrorClass::CallerGone);
    if let Some(attempt) = record.attempts.first_mut() {
        attempt.class = class;
    }
    if let Some(class) = class {
        settlement.failed(class);
    }
}
