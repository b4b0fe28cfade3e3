//! What is seen of an answer for accounting.

use std::sync::Arc;

use smallvec::SmallVec;
use tollgate_formats::FormatId;
use tollgate_formats::exchange::{Delta, StreamEvent};
use tollgate_formats::view::{
    EventKind, EventView, Opened, TextPiece, is_answer_id, is_model_name, merge_usage,
};
use tollgate_telemetry::{Name, Source, Text, Uncounted};
use tollgate_types::{ErrorClass, Usage};
use tollgate_wire::{StrSpan, json};

use crate::settle::Settlement;

/// How many open parts are remembered; answers have one or two.
const OPEN_MAX: usize = 256;

/// Collects who answers, usage, stop reason and, as long as no usage has come, the text.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    usage: Option<Usage>,
    /// The usage is the provider's last word, not a first estimate.
    is_final: bool,
    finish: Option<Name>,
    id: Option<Box<str>>,
    model: Option<Name>,
    text: Text,
    /// The format's end mark has come.
    has_ended: bool,
    /// A stop reason has come, of one choice at least.
    has_finish: bool,
    /// What is under way, up to [`OPEN_MAX`] parts.
    open: SmallVec<[Opened; 2]>,
    has_content: bool,
    failure: Option<ErrorClass>,
}

impl Observed {
    /// Sees an event in its wire form. `data` is what the view's spans lie in.
    pub(crate) fn event(&mut self, format: FormatId, view: &EventView, data: &[u8]) {
        if !view.pieces.is_empty() {
            self.pieces(view, data);
        }
        // Some formats name the answer in every event, some only in the first.
        if self.id.is_none() || self.model.is_none() {
            self.identity(view, data);
        }
        if let Some(usage) = &view.usage {
            self.reported(usage);
        }
        if let Some(finish) = view.read_finish(format.format(), data) {
            self.finish = Some(Name::Static(finish.name()));
        }
        for opened in &view.opened {
            self.opens(*opened);
        }
        for closed in &view.closed {
            self.open.retain(|part| !closed.ends(*part));
        }
        match view.kind {
            EventKind::Content => self.has_content = true,
            EventKind::Finish => {
                self.has_finish = true;
                self.is_final |= view.usage.is_some();
            }
            EventKind::UsageOnly => self.is_final |= view.usage.is_some(),
            EventKind::End => {
                self.has_ended = true;
                self.is_final |= view.usage.is_some();
            }
            EventKind::Error => {
                let class = view
                    .failure
                    .as_ref()
                    .map_or(ErrorClass::ProviderFailed, |failure| failure.class);
                self.failure = Some(class);
            }
            EventKind::Preamble | EventKind::BlockEnd | EventKind::Other => {}
        }
    }

    fn identity(&mut self, view: &EventView, data: &[u8]) {
        let word =
            |span: StrSpan| json::decode(span.span.of(data), span.escaped).unwrap_or_default();
        self.named(
            &view.id.map(word).unwrap_or_default(),
            &view.model.map(word).unwrap_or_default(),
        );
    }

    /// Keeps the first names; an event before the answer may have empty ones. What is none
    /// is a text, which rules may take out of what the caller gets.
    fn named(&mut self, id: &str, model: &str) {
        if is_answer_id(id) {
            self.id.get_or_insert_with(|| id.into());
        }
        if is_model_name(model) {
            self.model
                .get_or_insert_with(|| Name::Shared(Arc::from(model)));
        }
    }

    /// Formats spread their counts over events: a later report completes an earlier one.
    fn reported(&mut self, usage: &Usage) {
        merge_usage(self.usage.get_or_insert_default(), usage);
    }

    fn pieces(&mut self, view: &EventView, data: &[u8]) {
        let said = |piece: &&TextPiece| piece.field.is_said() && !piece.lane.is_whole();
        for piece in view.pieces.iter().filter(said) {
            let raw = piece.text.span.of(data);
            match json::decode(raw, piece.text.escaped) {
                Ok(text) => self.text.push(&text),
                // A surrogate pair cut by events: its bytes count, its characters do not matter here.
                Err(_) => self.text.push_bytes(raw.len() as u64),
            }
        }
    }

    /// Sees a canonical event.
    pub(crate) fn canonical(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::Start { id, model, usage } => {
                self.named(id, model);
                usage.iter().for_each(|usage| self.reported(usage));
            }
            StreamEvent::BlockStart { choice, .. } => self.opens(Opened {
                choice: *choice,
                block: 0,
            }),
            StreamEvent::BlockEnd { .. } | StreamEvent::Logprobs { .. } | StreamEvent::Lost(_) => {}
            StreamEvent::Delta { delta, .. } => {
                self.has_content = true;
                if let Delta::Text(text) | Delta::Arguments(text) = delta {
                    self.text.push(text);
                }
            }
            StreamEvent::Finish { choice, reason, .. } => {
                self.has_finish = true;
                self.open.retain(|part| part.choice != *choice);
                self.finish = Some(Name::Static(reason.name()));
            }
            StreamEvent::Usage(usage) => {
                self.reported(usage);
                self.is_final = true;
            }
            StreamEvent::Failure(failure) => self.failure = Some(failure.class),
            StreamEvent::End => self.has_ended = true,
        }
    }

    /// Whether the caller has been given something it waits for.
    pub(crate) const fn has_content(&self) -> bool {
        self.has_content
    }

    fn opens(&mut self, part: Opened) {
        if self.open.len() < OPEN_MAX && !self.open.contains(&part) {
            self.open.push(part);
        }
    }

    /// Whether the provider said that it is done.
    pub(crate) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Whether nothing is missing but the end mark, which some servers never send: every
    /// choice that began has its stop reason.
    pub(crate) fn is_whole(&self) -> bool {
        self.has_ended || (self.has_finish && self.open.is_empty())
    }

    /// The error that came inside the stream.
    pub(crate) const fn failure(&self) -> Option<ErrorClass> {
        self.failure
    }

    /// Tokens reported so far.
    pub(crate) fn usage(&self) -> Usage {
        self.usage.unwrap_or_default()
    }

    /// Writes what was seen into the record. Tokens that nobody reported are left to
    /// be counted, from the request and the text seen here.
    pub(crate) fn settle(&mut self, settlement: &mut Settlement) {
        // No prompt has no tokens: a provider that says so did not count, or did not say.
        let input_known = self.usage.is_some_and(|usage| usage.input > 0);
        let input = (!input_known).then(|| settlement.prompt());
        let record = settlement.record();
        record.finish_reason = self.finish.take();
        record.response_id = self.id.take();
        record.response_model = self.model.take();
        record.usage = self.usage;
        record.usage_source = Source::Reported;
        let output = (!self.is_final).then(|| std::mem::take(&mut self.text));
        if input.is_some() || output.is_some() {
            record.uncounted = Some(Box::new(Uncounted { input, output }));
        }
    }
}
