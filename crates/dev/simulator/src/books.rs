//! What was served: one record per request, and totals.
//!
//! A record is opened when the request is read and follows the answer token by token, so the
//! books are right for an answer that was cut, or whose caller hung up. A token counts as
//! delivered once it was handed to the connection. Credentials are kept as the first twelve
//! hex digits of their SHA-256, never as they are.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// One request and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Also sent as `x-request-id` (OpenAI, plain), `request-id` (Anthropic) or
    /// `x-amzn-requestid` (Bedrock).
    pub id: String,
    /// The first request is 1. `GET /v1/models`, unknown paths and `/__sim/` are not counted.
    pub ordinal: u64,
    /// `openai`, `responses`, `anthropic`, `bedrock`, `gemini` or `plain`; or the name of a
    /// format that is no chat's.
    pub format: String,
    /// The path as it was asked for, at most 256 characters.
    pub path: String,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub http: String,
    /// The model, where the request could be read.
    pub model: Option<String>,
    /// Was a stream asked for?
    pub stream: bool,
    /// Everything read, cached or not, in tokens.
    pub input_tokens: u64,
    /// Part of `input_tokens` that came from the cache.
    pub cached_tokens: u64,
    /// Tokens of the whole answer, delivered or not.
    pub answer_tokens: u64,
    /// Tokens delivered so far.
    pub output_tokens: u64,
    /// Is the answer still under way?
    pub open: bool,
    /// Was the answer delivered to its end?
    pub finished: bool,
    /// The fault that struck, as it is written.
    pub fault: Option<String>,
    /// The status sent; none when there was no answer.
    pub status: Option<u16>,
    /// What the caller proved itself with.
    pub credential: Option<Credential>,
    /// Headers worth comparing: trace context, versions, user agent, idempotency.
    pub headers: BTreeMap<String, String>,
    /// Size of the request body.
    pub body_bytes: u64,
    /// SHA-256 of the request body, in hex; empty for `/v1/echo`.
    pub body_sha256: String,
    /// The caller hung up after this many tokens.
    pub hung_up_at: Option<u64>,
}

/// A credential, without itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The header it came in.
    pub header: String,
    /// The first twelve hex digits of its SHA-256.
    pub sha256_prefix: String,
}

/// Sums over all requests since the start or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Requests read.
    pub requests: u64,
    /// Answers still under way.
    pub open: u64,
    /// Answers delivered to their end.
    pub finished: u64,
    /// Requests struck by a fault.
    pub faults: u64,
    /// Callers that hung up.
    pub hung_up: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens delivered.
    pub output_tokens: u64,
}

/// The simulator's books. Clones share them.
#[derive(Clone, Debug)]
pub struct Books {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    entries_max: usize,
    ledger: Mutex<Ledger>,
    /// Answers under way; for those who wait for none.
    open: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Ledger {
    entries: VecDeque<Arc<Mutex<Record>>>,
    totals: Totals,
    /// How often the books were reset: what was opened before adds to no sum after.
    resets: u64,
}

impl Books {
    pub(crate) fn new(entries_max: usize) -> Self {
        let inner = Inner {
            entries_max,
            ledger: Mutex::default(),
            open: watch::Sender::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The last `count` records, oldest first.
    #[must_use]
    pub fn last(&self, count: usize) -> Vec<Record> {
        let entries: Vec<_> = {
            let ledger = locked(&self.inner.ledger);
            let skipped = ledger.entries.len().saturating_sub(count);
            ledger.entries.iter().skip(skipped).cloned().collect()
        };
        entries.iter().map(|entry| locked(entry).clone()).collect()
    }

    /// All records that are remembered, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Record> {
        self.last(usize::MAX)
    }

    /// The sums.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals {
            open: *self.inner.open.borrow(),
            ..locked(&self.inner.ledger).totals
        }
    }

    /// Waits until no answer is under way.
    pub async fn settled(&self) {
        let mut open = self.inner.open.subscribe();
        // The sender lives in `self`: the wait ends with the condition, never with an error.
        let _met = open.wait_for(|open| *open == 0).await;
    }

    /// Forgets all records and sums. Answers under way still count as open, and as nothing else.
    pub(crate) fn reset(&self) {
        let mut ledger = locked(&self.inner.ledger);
        *ledger = Ledger {
            resets: ledger.resets + 1,
            ..Ledger::default()
        };
    }

    /// Opens a record.
    pub(crate) fn open(&self, mut record: Record) -> Ticket {
        record.open = true;
        let record = Arc::new(Mutex::new(record));
        let mut ledger = locked(&self.inner.ledger);
        ledger.totals.requests += 1;
        let resets = ledger.resets;
        if ledger.entries.len() >= self.inner.entries_max {
            ledger.entries.pop_front();
        }
        if self.inner.entries_max > 0 {
            ledger.entries.push_back(Arc::clone(&record));
        }
        drop(ledger);
        self.inner.open.send_modify(|open| *open += 1);
        Ticket {
            books: self.clone(),
            record,
            resets,
            closed: false,
        }
    }
}

/// A request's hold on its record. Dropped before [`Ticket::close`], it records a hang-up.
#[derive(Debug)]
pub(crate) struct Ticket {
    books: Books,
    record: Arc<Mutex<Record>>,
    /// The books' number of resets when this was opened.
    resets: u64,
    closed: bool,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Delivered as it was meant to be.
    Finished,
    /// The simulator broke it off.
    BrokenOff,
    /// The caller did not wait for the end.
    HungUp,
}

impl Ticket {
    /// Fills in what became known after the record was opened.
    pub(crate) fn note(&self, fill: impl FnOnce(&mut Record)) {
        fill(&mut locked(&self.record));
    }

    /// Adds the size of the prompt.
    pub(crate) fn read_tokens(&self, tokens: u64) {
        self.note(|record| record.input_tokens = tokens);
        self.sum(|totals| totals.input_tokens += tokens);
    }

    /// Adds tokens that were handed to the connection.
    pub(crate) fn delivered(&self, tokens: u64) {
        self.note(|record| record.output_tokens += tokens);
        self.sum(|totals| totals.output_tokens += tokens);
    }

    /// Notes the fault that strikes.
    pub(crate) fn struck(&self, fault: String) {
        self.note(|record| record.fault = Some(fault));
        self.sum(|totals| totals.faults += 1);
    }

    /// Closes the record; only the first call counts.
    pub(crate) fn close(&mut self, ending: Ending) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        self.note(|record| {
            record.open = false;
            record.finished = ending == Ending::Finished;
            if ending == Ending::HungUp {
                record.hung_up_at = Some(record.output_tokens);
            }
        });
        self.sum(|totals| match ending {
            Ending::Finished => totals.finished += 1,
            Ending::BrokenOff => {}
            Ending::HungUp => totals.hung_up += 1,
        });
        self.books
            .inner
            .open
            .send_modify(|open| *open = open.saturating_sub(1));
    }

    fn sum(&self, add: impl FnOnce(&mut Totals)) {
        let mut ledger = locked(&self.books.inner.ledger);
        if ledger.resets == self.resets {
            add(&mut ledger.totals);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.close(Ending::HungUp);
    }
}

/// The books hold plain numbers: what a panicking holder left is still right.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
