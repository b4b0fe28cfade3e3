//! The settled record: everything that is known of one finished request.
//!
//! It is built by the gateway at the end, also where the caller hung up, and read by
//! the sinks. Names are shared or static, so that building one copies pointers. It
//! never holds a prompt, an answer or a key, except for the texts in [`Uncounted`],
//! which are dropped once they are counted and reach no sink.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use smallvec::SmallVec;
use tollgate_catalogue::{PriceSource, Priced};
use tollgate_tokens::{Family, Source, of_bytes};
use tollgate_types::{ErrorClass, Money, Tier, Usage};

use crate::ids::{RequestId, SpanId};
use crate::trace_context::TraceContext;

/// A short text that is either one of ours or shared with a configuration or a request.
#[derive(Clone, Debug)]
pub enum Name {
    /// From our own closed lists: safe as a metric label.
    Static(&'static str),
    /// From a configuration, a caller or a provider.
    Shared(Arc<str>),
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl From<&'static str> for Name {
    fn from(text: &'static str) -> Self {
        Self::Static(text)
    }
}

impl From<Arc<str>> for Name {
    fn from(text: Arc<str>) -> Self {
        Self::Shared(text)
    }
}

/// One finished request.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Its id, as the caller got it in `x-tollgate-request-id`.
    pub request_id: RequestId,
    /// Where it stands in its trace.
    pub trace: TraceContext,
    /// When the request head had been read, in nanoseconds since the Unix epoch.
    pub start_unix_ns: u64,
    /// From there to the last byte of the answer, or to the hang-up, in nanoseconds.
    pub duration_ns: u64,
    /// From there to the first token, or the first byte of a plain answer's body,
    /// handed to the caller, in nanoseconds. `None`: none was.
    pub ttft_ns: Option<u64>,
    /// The calling service. `None`: not authenticated.
    pub service: Option<Arc<str>>,
    /// Its team.
    pub team: Option<Arc<str>>,
    /// Id (never the secret) of the key it used.
    pub key_id: Option<Arc<str>>,
    /// The request's method.
    pub method: http::Method,
    /// The path as a template: an operation's path or a route's, never what the caller wrote.
    pub path: Name,
    /// What was asked for: `chat`, `models`, `http` for plain routes, `unknown`.
    pub operation: &'static str,
    /// The caller's wire format (`openai_chat` …), `http` for plain routes.
    pub format: &'static str,
    /// The configured route or model that took the request. `None`: none did.
    pub route: Option<Arc<str>>,
    /// The model as the caller named it. `None` for plain HTTP.
    pub model: Option<Arc<str>>,
    /// Whether a streamed answer was asked for.
    pub is_stream: bool,
    /// The status the caller got, 499 where it hung up before one.
    pub status: u16,
    /// Why the request failed; also set for a failure inside a 200 stream.
    pub class: Option<ErrorClass>,
    /// The attempts in order.
    pub attempts: SmallVec<[Attempt; 1]>,
    /// Index into `attempts` of the one whose answer the caller got.
    pub served_by: Option<u8>,
    /// The model that the provider says answered.
    pub response_model: Option<Name>,
    /// The provider's id of the answer.
    pub response_id: Option<Box<str>>,
    /// Why the answer ended, in the canonical word (`stop`, `length`, `tool_calls` …).
    pub finish_reason: Option<Name>,
    /// Tokens, as far as they are known without counting.
    pub usage: Option<Usage>,
    /// Where `usage` comes from.
    pub usage_source: Source,
    /// How many prompt tokens were expected, by the last attempt's model.
    pub expected: Expected,
    /// Texts whose tokens nobody reported. The settler counts them into `usage`.
    pub uncounted: Option<Box<Uncounted>>,
    /// What says the price of the model that answered.
    pub price: Priced,
    /// The service class that was asked for; what the provider says stands in `usage`.
    pub asked_tier: Tier,
    /// Who said the price that `cost` was worked out with, by the settler.
    pub price_source: PriceSource,
    /// What the request cost. Left `None`, the settler works it out from `usage` and
    /// `price`; it stays `None`, never zero, where one of them is unknown.
    pub cost: Option<Money>,
    /// Bytes of the request's body.
    pub bytes_in: u64,
    /// Bytes of the answer's body that were handed to the caller.
    pub bytes_out: u64,
    /// What a translation could not carry; shared names are the caller's inventions.
    pub losses: Vec<Name>,
    /// What policies found.
    pub findings: Vec<Finding>,
    /// The rules that were there for the request and its answer, whether they found
    /// something or not.
    pub checks: Vec<Check>,
    /// Attempts beyond the first on the same target.
    pub retries: u16,
    /// Changes to another target.
    pub failovers: u16,
    /// Whether the caller hung up before the end.
    pub is_caller_gone: bool,
    /// The gateway's own time by step.
    pub steps: Steps,
    /// The revision of the configuration that served it. `None`: there was none yet.
    pub revision: Option<Arc<str>>,
}

impl Settled {
    /// The service class of the request: as the provider says. Where it says nothing, and
    /// another than the standard one was asked for, nobody knows.
    #[must_use]
    pub fn tier(&self) -> Tier {
        let asked = match self.asked_tier {
            Tier::Unsaid | Tier::Standard => self.asked_tier,
            // What was sent on asked for none.
            _ if self.losses.iter().any(|loss| **loss == *"service_tier") => Tier::Unsaid,
            _ => Tier::Other,
        };
        self.usage
            .map_or(Tier::Unsaid, |usage| usage.tier)
            .or(asked)
    }

    /// The record of a request whose head has just been read: nothing is known of how it
    /// will end.
    #[must_use]
    pub fn begun(
        request_id: RequestId,
        trace: TraceContext,
        method: http::Method,
        start_unix_ns: u64,
        revision: Option<Arc<str>>,
    ) -> Self {
        Self {
            request_id,
            trace,
            start_unix_ns,
            duration_ns: 0,
            ttft_ns: None,
            service: None,
            team: None,
            key_id: None,
            method,
            path: Name::Static("unknown"),
            operation: "unknown",
            format: "unknown",
            route: None,
            model: None,
            is_stream: false,
            status: http::StatusCode::OK.as_u16(),
            class: None,
            attempts: SmallVec::new(),
            served_by: None,
            response_model: None,
            response_id: None,
            finish_reason: None,
            usage: None,
            usage_source: Source::Reported,
            expected: Expected::default(),
            uncounted: None,
            price: Priced::Unknown,
            asked_tier: Tier::Unsaid,
            price_source: PriceSource::Unknown,
            cost: None,
            bytes_in: 0,
            bytes_out: 0,
            losses: Vec::new(),
            findings: Vec::new(),
            checks: Vec::new(),
            retries: 0,
            failovers: 0,
            is_caller_gone: false,
            steps: Steps::default(),
            revision,
        }
    }

    /// Whether where the tokens come from says anything: there are some, or there should be.
    #[must_use]
    pub fn tells_source(&self) -> bool {
        self.usage.is_some() || self.usage_source == Source::Unknown
    }

    /// The prompt tokens that the provider reported, where they are of what was estimated.
    #[must_use]
    pub fn reported_input(&self) -> Option<u64> {
        let is_reported = self.usage_source == Source::Reported && self.expected.is_comparable;
        let usage = self.usage.filter(|_| is_reported)?;
        (usage.input > 0 && self.expected.raw > 0).then_some(usage.input)
    }

    /// The attempt whose answer the caller got.
    #[must_use]
    pub fn served(&self) -> Option<&Attempt> {
        self.served_by
            .and_then(|index| self.attempts.get(usize::from(index)))
    }
}

/// The estimate of a prompt before it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// How the model cuts texts into tokens.
    pub family: Family,
    /// Whether the provider's report is about what was estimated: not where pictures or a
    /// history that it holds are most of the prompt.
    pub is_comparable: bool,
    /// Tokens before they were corrected by earlier reports; 0 where nothing was estimated.
    pub raw: u32,
    /// Tokens.
    pub tokens: u32,
    /// One prompt in a hundred has more.
    pub high: u32,
    /// What of them is around the texts.
    pub frame: u32,
}

/// One try at one target.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its span; what the provider saw in `traceparent`.
    pub span_id: SpanId,
    /// The target's name.
    pub target: Arc<str>,
    /// The provider's name.
    pub provider: Arc<str>,
    /// The provider's kind as configured (`openai`, `anthropic`, `openai_compatible` …).
    pub provider_kind: &'static str,
    /// The model at the provider; empty for plain HTTP.
    pub model: Arc<str>,
    /// The provider's host. `None` for the built-in simulator.
    pub host: Option<Arc<str>>,
    /// The provider's port; 0 when there is no host.
    pub port: u16,
    /// When it began, in nanoseconds after the request did.
    pub start_offset_ns: u64,
    /// How long it took, in nanoseconds.
    pub duration_ns: u64,
    /// From its begin to the provider's first content, in nanoseconds.
    pub ttft_ns: Option<u64>,
    /// The provider's status; 0 when there was none.
    pub status: u16,
    /// Why it failed.
    pub class: Option<ErrorClass>,
    /// The same for operators, cause by cause. Only in words of ours and of the system's:
    /// a provider's could repeat the prompt.
    pub error: Option<Box<str>>,
}

/// What one rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The rule's name.
    pub rule: Arc<str>,
    /// The detector (`pii_detection` …).
    pub detector: &'static str,
    /// What was found (`ssn` …), never the found text.
    pub entity: Arc<str>,
    /// What the rule does with it (`redact`, `block` …).
    pub action: &'static str,
    /// Whether it was done (`enforce`, `shadow`).
    pub mode: &'static str,
    /// How often.
    pub count: u32,
    /// How long the rule worked on the message.
    pub spent_ns: u64,
}

impl fmt::Display for Finding {
    /// As a header and a span tell it: `privacy/pii;entity=ssn;count=2;…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            policy,
            rule,
            detector,
            entity,
            action,
            mode,
            count,
            spent_ns,
        } = self;
        let us = spent_ns / 1_000;
        write!(
            f,
            "{policy}/{rule};detector={detector};entity={entity};count={count};action={action};mode={mode};us={us}"
        )
    }
}

/// That a rule was there for a message.
#[derive(Clone, Debug)]
pub struct Check {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The rule's name.
    pub rule: Arc<str>,
    /// `input` or `output`.
    pub direction: &'static str,
    /// False when a part of the message could not be checked.
    pub is_complete: bool,
    /// How long the rule worked.
    pub spent_ns: u64,
}

impl Check {
    /// As logs and metrics write it.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        if self.is_complete {
            "ran"
        } else {
            "incomplete"
        }
    }
}

/// A step of the pipeline whose time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Method and path to an operation.
    Operation,
    /// The caller's identity.
    Caller,
    /// Reading and scanning the body; waiting for the caller is included.
    Document,
    /// Scopes.
    Access,
    /// Limits.
    Admit,
    /// Input policies.
    Inspect,
    /// The choice of targets.
    Route,
    /// Translating, signing and sending; waiting for the provider is not included.
    Attempt,
    /// Output policies and translating back; waiting for the provider is not included.
    Reply,
}

impl Step {
    /// Every step in order.
    pub const ALL: [Self; 9] = [
        Self::Operation,
        Self::Caller,
        Self::Document,
        Self::Access,
        Self::Admit,
        Self::Inspect,
        Self::Route,
        Self::Attempt,
        Self::Reply,
    ];

    /// The step's name in the log and in the timing header.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Caller => "caller",
            Self::Document => "document",
            Self::Access => "access",
            Self::Admit => "admit",
            Self::Inspect => "inspect",
            Self::Route => "route",
            Self::Attempt => "attempt",
            Self::Reply => "reply",
        }
    }
}

/// Time by [`Step`], in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps([u64; Step::ALL.len()]);

impl Steps {
    /// Adds time to a step; saturating.
    pub fn add(&mut self, step: Step, nanoseconds: u64) {
        if let Some(sum) = self.0.get_mut(step as usize) {
            *sum = sum.saturating_add(nanoseconds);
        }
    }

    /// Steps that took time, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Step, u64)> {
        Step::ALL
            .into_iter()
            .zip(self.0)
            .filter(|(_, nanoseconds)| *nanoseconds > 0)
    }

    /// All of them together; saturating.
    #[must_use]
    pub fn total_ns(&self) -> u64 {
        self.0.iter().fold(0, |sum, ns| sum.saturating_add(*ns))
    }
}

/// Texts to be counted when the request is settled. `None`: that side is known.
#[derive(Clone, Debug, Default)]
pub struct Uncounted {
    /// The prompt.
    pub input: Option<Text>,
    /// What was generated.
    pub output: Option<Text>,
}

/// A text collected for counting, up to [`Text::BYTES_MAX`]; of the rest only the length is kept.
#[derive(Clone, Default)]
pub struct Text {
    kept: String,
    more_bytes: u64,
    more_tokens: u64,
}

impl Text {
    /// How much of a text is kept and counted; the rest is estimated.
    pub const BYTES_MAX: usize = 64 * 1024;

    /// Adds a piece.
    pub fn push(&mut self, piece: &str) {
        let room = if self.more_bytes == 0 {
            Self::BYTES_MAX.saturating_sub(self.kept.len())
        } else {
            0
        };
        let (kept, more) = piece.split_at(piece.floor_char_boundary(room));
        self.kept.push_str(kept);
        self.more_bytes = self.more_bytes.saturating_add(more.len() as u64);
    }

    /// Adds text that is known only by its length.
    pub const fn push_bytes(&mut self, bytes: u64) {
        self.more_bytes = self.more_bytes.saturating_add(bytes);
    }

    /// Adds text that is known only by its tokens.
    pub const fn push_tokens(&mut self, tokens: u64) {
        self.more_tokens = self.more_tokens.saturating_add(tokens);
    }

    /// The text that is kept.
    #[must_use]
    pub fn kept(&self) -> &str {
        &self.kept
    }

    /// Estimated tokens of what is not kept.
    #[must_use]
    pub const fn more_tokens(&self) -> u64 {
        of_bytes(self.more_bytes).saturating_add(self.more_tokens)
    }

    /// Length of the whole text in bytes.
    fn len_bytes(&self) -> u64 {
        self.more_bytes.saturating_add(self.kept.len() as u64)
    }
}

/// Hides the text: a record may be logged, a prompt may not.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.len_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Attempt, Settled, Step, Steps, Text};

    #[test]
    fn a_record_with_one_attempt_stays_below_a_kibibyte() {
        let (record, attempt) = (size_of::<Settled>(), size_of::<Attempt>());
        assert!(record <= 832 && attempt <= 192, "{record} {attempt}");
    }

    #[test]
    fn steps_add_up_and_those_without_time_are_left_out() {
        let mut steps = Steps::default();
        steps.add(Step::Reply, 5);
        steps.add(Step::Reply, u64::MAX);
        steps.add(Step::Caller, 1);
        assert_eq!(
            steps.iter().collect::<Vec<_>>(),
            [(Step::Caller, 1), (Step::Reply, u64::MAX)]
        );
        assert_eq!(steps.total_ns(), u64::MAX);
    }

    #[test]
    fn each_step_has_its_own_place() {
        for (index, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(step as usize, index);
        }
    }

    proptest! {
        #[test]
        fn a_text_keeps_a_prefix_and_the_length_of_all(
            pieces in prop::collection::vec(("[a-zé日\u{1F680}]{1,9}", 0..2_000_usize), 0..12),
        ) {
            let pieces: Vec<_> = pieces.into_iter().map(|(piece, times)| piece.repeat(times)).collect();
            let (mut text, whole) = (Text::default(), pieces.concat());
            pieces.iter().for_each(|piece| text.push(piece));
            prop_assert!(whole.starts_with(text.kept()) && text.kept().len() <= Text::BYTES_MAX);
            prop_assert_eq!(text.len_bytes(), whole.len() as u64);
            prop_assert!(whole.len() > Text::BYTES_MAX || text.kept() == whole);
            prop_assert_eq!(format!("{text:?}"), format!("Text({} bytes)", whole.len()));
        }
    }
}
