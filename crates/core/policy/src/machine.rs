//! The policy machine: rules of one direction over one message.
//!
//! It reads every text that a format's view names, in a whole body or event by
//! event, and answers with edits and a verdict; it does no I/O and never keeps text
//! longer than a finding needs. One machine serves one message.
//!
//! What a blocked message was made of is nobody's business any more: after a
//! [`Verdict::Block`] the caller sends nothing of the message that it had not sent.

mod records;
mod stream;
mod whole;

use std::sync::Arc;

use bytes::Bytes;
use tollgate_formats::Delivered;
use tollgate_formats::view::{AnswerView, Field, RequestView, TextSpan};
use tollgate_wire::{Document, Edit, Span};

use crate::detector::LEFT_CONTEXT_BYTES;
use crate::place::Place;
use crate::replace::{Site, replacement};
use crate::rule::{Rule, RuleSet};
use crate::scanner::{Part, Scanned, Scanner, Settled};
use crate::session::{Clock, Meter, Session};
use crate::text_lane::TextLane;
use crate::vault::Vault;
use records::Records;
pub use records::RuleRecord;
use stream::Stream;

/// How much of a text is looked at in one go: what is remembered of it in between is
/// bounded by this, not by the text.
const WINDOW_BYTES: usize = 256 * 1024;

/// How many edits a whole message may get; one that needs more is blocked.
const EDITS_MAX: usize = 100_000;

/// What is found where a rule cannot read a message.
const UNSCANNABLE: &str = "unscannable";

/// What is to happen with a message.
///
/// The list is closed, and whoever pumps a machine matches all of it: a verdict that asks
/// for something outside does not compile until each of them waits for the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on, with the edits that were made.
    Pass,
    /// It does not go on.
    Block(Blocked),
}

/// Who blocked, and why. Never the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The policy.
    pub policy: Arc<str>,
    /// Its rule.
    pub rule: Arc<str>,
    /// What was found; `unenforceable` when the rule could not be applied within its
    /// limits (see [`Machine::event`]), which blocks rather than lets pass.
    pub entity: Arc<str>,
    /// What the caller is to read, when the rule says so.
    pub message: Option<Arc<str>>,
}

impl Blocked {
    /// What the caller of a blocked request reads: the rule's own message, else who
    /// blocked and for what.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.message {
            Some(message) => message.as_ref().to_owned(),
            None if &*self.entity == UNSCANNABLE => format!(
                "policy `{}` blocked the request: it cannot read all of it; send the input as text",
                self.policy
            ),
            None => format!(
                "policy `{}` blocked the request: it contains {}",
                self.policy, self.entity
            ),
        }
    }
}

/// That a rule was there for a message, whether it found something or not.
#[derive(Clone, Copy, Debug)]
pub struct RuleCheck<'m> {
    /// The rule.
    pub rule: &'m Rule,
    /// False when a part of the message was not checked: it could not be read, or was
    /// more than the limits allow.
    pub is_complete: bool,
    /// How long it worked, in nanoseconds; 0 without a clock.
    pub spent_ns: u64,
}

/// Applies the rules of one direction to one message.
#[derive(Debug)]
pub struct Machine {
    session: Session,
    records: Records,
    scanner: Scanner,
    settled: Settled,
    whole: TextLane,
    stream: Stream,
    delivered: Delivered,
    blocked: Option<Blocked>,
    is_bodyless: bool,
}

impl Machine {
    /// A machine for one message.
    #[must_use]
    pub fn new(rules: Arc<RuleSet>) -> Self {
        Self {
            session: Session::new(rules),
            records: Records::default(),
            scanner: Scanner::default(),
            settled: Settled::default(),
            whole: TextLane::new(Field::Text),
            stream: Stream::default(),
            delivered: Delivered::default(),
            blocked: None,
            is_bodyless: false,
        }
    }

    /// With what replacements need; else it has no keys, and no originals.
    #[must_use]
    pub fn with_vault(mut self, vault: Vault) -> Self {
        self.session.vault = vault;
        self
    }

    /// With a clock, so that [`RuleCheck`]s tell how long the rules worked.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.session.meter = Meter::new(clock, &self.session.rules);
        self
    }

    /// What the replacements left behind, for the machine of the answer.
    #[must_use]
    pub fn vault(&self) -> Vault {
        self.session.vault.clone()
    }

    /// Whether a rule reads what stands in the head of a request.
    #[must_use]
    pub fn reads_head(&self) -> bool {
        self.session.rules.reads_head()
    }

    /// Applies the rules to a value in the head of a request, as bytes that stand for
    /// themselves: a segment of its path without percent signs, a parameter, a header.
    /// A head cannot be edited: a rule that would redact there blocks.
    pub fn head(&mut self, place: Place, value: &[u8]) -> Verdict {
        let rules = Arc::clone(&self.session.rules);
        self.scanner.reset();
        self.settled.clear();
        let part = Part {
            text: value,
            base: 0,
            last: true,
            place,
        };
        let meter = &mut self.session.meter;
        let scanned = self.scanner.scan(&rules, &part, meter, &mut self.settled);
        for found in self.settled.noted.drain(..) {
            self.records.add(&rules, &found);
        }
        let acting = std::mem::take(&mut self.settled.acting);
        let first = match scanned {
            Scanned::Blocked(found) => {
                for before in &acting {
                    self.records.add(&rules, before);
                }
                Some(found)
            }
            Scanned::Until(_) => acting.first().copied(),
        };
        let done = match first {
            Some(found) => Err(self.records.block(&rules, &found)),
            None => Ok(()),
        };
        self.verdict(done)
    }

    /// Applies the rules to a request: edits go into `document`, whose original
    /// bytes `view` was made from (with texts). Input that is told by ids of tokens,
    /// or by a text in base64, is [`Machine::unscannable`].
    pub fn request(&mut self, document: &mut Document, view: &RequestView) -> Verdict {
        self.request_of(None, document, view)
    }

    /// As [`Machine::request`], for a request of which is known what model it asks for: its
    /// path may say so, and with it of which provider. What the body says does not count.
    pub fn request_for(
        &mut self,
        model: &str,
        document: &mut Document,
        view: &RequestView,
    ) -> Verdict {
        self.request_of(Some(model), document, view)
    }

    fn request_of(
        &mut self,
        model: Option<&str>,
        document: &mut Document,
        view: &RequestView,
    ) -> Verdict {
        let done = self.whole_request(document, view, model);
        let done = done.and_then(|()| self.texts(document, &view.texts));
        match self.verdict(done) {
            Verdict::Pass if view.token_ids > 0 || view.counted.has_encoded_text => {
                self.unscannable(false)
            }
            verdict => verdict,
        }
    }

    /// Applies the rules to a whole answer, or to what a provider sent instead, as
    /// [`Machine::request`] does. Where a rule acts, log-probabilities become `null`: they
    /// spell the text once more, cut into tokens.
    pub fn answer(&mut self, document: &mut Document, view: &AnswerView) -> Verdict {
        if self.session.rules.is_empty() {
            return Verdict::Pass;
        }
        let done = self.texts(document, &view.texts).and_then(|()| {
            let acts = self.session.rules.acts();
            let mut nulls = view.logprobs.iter().copied().filter(|_| acts);
            nulls.try_for_each(|span| self.edit(document, span, Bytes::from_static(b"null")))
        });
        self.verdict(done)
    }

    /// The verdict over a message that cannot be read: where there are rules it does not
    /// go on, unless all of them allow what they cannot check.
    pub fn unreadable(&mut self) -> Verdict {
        if self.session.rules.is_empty() {
            return Verdict::Pass;
        }
        if self.session.rules.allows_unchecked() {
            self.session.is_unchecked = true;
            return self.verdict(Ok(()));
        }
        let blocked = self.records.unenforceable(&self.session.rules);
        self.verdict(Err(blocked))
    }

    /// The verdict over a message in which nobody can find texts: it has no format and
    /// is no JSON. Where a rule reads bodies it does not go on, unless the rule allows it,
    /// or whoever calls does. Its check is not complete in any case.
    pub fn unscannable(&mut self, allowed: bool) -> Verdict {
        self.is_bodyless = true;
        let rules = Arc::clone(&self.session.rules);
        let done = match rules.blocks_unscannable() {
            Some(rule) if !allowed => Err(self.records.unscannable(rule)),
            _ => Ok(()),
        };
        self.verdict(done)
    }

    /// What the rules did so far: one record per rule and entity.
    #[must_use]
    pub fn records(&self) -> &[RuleRecord] {
        self.records.as_slice()
    }

    /// What each rule was there for, and how long it worked.
    pub fn checks(&self) -> impl Iterator<Item = RuleCheck<'_>> {
        let rules = self.session.rules.rules().iter().enumerate();
        rules.map(|(index, rule)| RuleCheck {
            rule,
            is_complete: !self.session.is_unchecked
                && !self.records.is_incomplete()
                && (!self.is_bodyless || rule.reads_only_head()),
            spent_ns: self.session.meter.spent_ns(index),
        })
    }

    /// The model that a rule sends the request to; the first such rule decides.
    #[must_use]
    pub const fn route_to(&self) -> Option<&Arc<str>> {
        self.records.route_to()
    }

    /// Whether text of a streamed answer is held: an event that comes now and says nothing
    /// would overtake it.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.stream.is_holding()
    }

    /// What went out of a streamed answer so far, where there are rules.
    #[must_use]
    pub const fn delivered(&self) -> &Delivered {
        &self.delivered
    }

    fn verdict(&mut self, done: Result<(), Blocked>) -> Verdict {
        match done {
            Ok(()) => Verdict::Pass,
            Err(blocked) => {
                self.blocked = Some(blocked.clone());
                Verdict::Block(blocked)
            }
        }
    }

    /// Reads every text.
    fn texts(&mut self, document: &mut Document, texts: &[TextSpan]) -> Result<(), Blocked> {
        let rules = Arc::clone(&self.session.rules);
        if rules.is_empty() {
            return Ok(());
        }
        let original = document.original().clone();
        for text in texts {
            let raw = text.text.span.of(&original);
            let is_bare = is_bare(&original, text.text.span);
            if text.text.escaped || text.field.is_json() || is_bare {
                self.encoded(&rules, document, (text, is_bare), raw)?;
            } else {
                self.plain(&rules, document, text, raw)?;
            }
        }
        Ok(())
    }

    /// Reads a text that is written as it is: nothing is copied.
    fn plain(
        &mut self,
        rules: &RuleSet,
        document: &mut Document,
        text: &TextSpan,
        raw: &[u8],
    ) -> Result<(), Blocked> {
        self.scanner.reset();
        let mut end = 0;
        while end < raw.len() {
            end = raw.len().min(end.saturating_add(WINDOW_BYTES));
            let base = self
                .scanner
                .needed_from()
                .saturating_sub(LEFT_CONTEXT_BYTES);
            let window = raw.get(base..end).unwrap_or_default();
            self.settled.clear();
            let last = end == raw.len();
            let part = Part {
                text: window,
                base,
                last,
                place: Place::Of(text.field),
            };
            let meter = &mut self.session.meter;
            let scanned = self.scanner.scan(rules, &part, meter, &mut self.settled);
            for found in self.settled.noted.drain(..) {
                self.records.add(rules, &found);
            }
            if let Scanned::Blocked(blocking) = scanned {
                for found in self.settled.acting.drain(..) {
                    self.records.add(rules, &found);
                }
                return Err(self.records.block(rules, &blocking));
            }
            for found in std::mem::take(&mut self.settled.acting) {
                let finding = raw.get(found.start..found.end).unwrap_or_default();
                let vault = &mut self.session.vault;
                let Some(with) = replacement(rules, vault, &found, finding, Site::PLAIN) else {
                    continue;
                };
                self.records.add(rules, &found);
                let span = within(text.text.span, found.start, found.end);
                self.edit(document, span, with)?;
            }
        }
        Ok(())
    }

    /// Reads a text with escapes, or one that is JSON text itself, in a string or as it
    /// stands.
    fn encoded(
        &mut self,
        rules: &RuleSet,
        document: &mut Document,
        (text, is_bare): (&TextSpan, bool),
        raw: &[u8],
    ) -> Result<(), Blocked> {
        self.whole.reset(text.field, is_bare);
        let mut done = 0;
        let mut parts = raw.chunks(WINDOW_BYTES).peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let read = self.whole.read_part(&mut self.session, part, last);
            for found in self.session.found.drain(..) {
                self.records.add(rules, &found);
            }
            let (splices, more) = match read {
                Ok(read) => read,
                Err(stop) => return Err(self.records.stop(rules, &stop)),
            };
            for splice in splices {
                let edit = Edit {
                    span: within(text.text.span, done + splice.start, done + splice.end),
                    with: splice.with.clone(),
                };
                push(document, edit).map_err(|_refused| self.records.unenforceable(rules))?;
            }
            done += more;
        }
        Ok(())
    }

    /// An edit that cannot be made would let a finding pass.
    fn edit(&mut self, document: &mut Document, span: Span, with: Bytes) -> Result<(), Blocked> {
        push(document, Edit { span, with })
            .map_err(|_refused| self.records.unenforceable(&self.session.rules))
    }
}

/// An edit that was not made.
struct Refused;

/// Adds an edit, up to [`EDITS_MAX`].
fn push(document: &mut Document, edit: Edit) -> Result<(), Refused> {
    if document.edits().len() >= EDITS_MAX {
        return Err(Refused);
    }
    document.push(edit).map_err(|_overlap| Refused)
}

/// True when the span is not the content of a string, but JSON that stands there as it is:
/// no value follows a quote.
fn is_bare(original: &[u8], span: Span) -> bool {
    let before = (span.start as usize)
        .checked_sub(1)
        .and_then(|at| original.get(at));
    before != Some(&b'"')
}

/// A part of a span. Offsets are within the span, so they fit.
fn within(span: Span, start: usize, end: usize) -> Span {
    let place = |offset: usize| {
        span.start
            .saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))
            .min(span.end)
    };
    Span::new(place(start), place(end))
}
