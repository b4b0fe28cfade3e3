//! Rule sets, and a pump as the gateway has it.

use std::sync::Arc;

use bytes::Bytes;
use tollgate_formats::view::EventView;
use tollgate_formats::{Delivered, FormatId};
use tollgate_policy::{
    Machine, Mode, OnError, PiiDetector, PiiOptions, Rule, RuleAction, RuleRecord, RuleSet, Style,
    Verdict,
};
use tollgate_wire::sse::Event;

pub(crate) fn rule(name: &str, action: RuleAction, entities: &[&str]) -> Rule {
    Rule {
        policy: Arc::from("default"),
        name: Arc::from(name),
        action,
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: Arc::new(PiiDetector::new(&PiiOptions::of(entities.iter().copied())).unwrap()),
    }
}

pub(crate) fn redact() -> Arc<RuleSet> {
    Arc::new(RuleSet::new(vec![rule(
        "pii",
        RuleAction::Redact(Style::Label),
        &[],
    )]))
}

pub(crate) fn block() -> Arc<RuleSet> {
    Arc::new(RuleSet::new(vec![
        rule(
            "cards",
            RuleAction::Block {
                message: Some(Arc::from("no cards")),
            },
            &["credit_card"],
        ),
        rule("rest", RuleAction::Redact(Style::Label), &[]),
    ]))
}

/// What became of a stream.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) frames: Vec<Bytes>,
    pub(crate) verdict: Verdict,
    pub(crate) records: Vec<RuleRecord>,
    pub(crate) delivered: Delivered,
    /// Whether a rule could not check everything.
    pub(crate) is_incomplete: bool,
}

impl Sent {
    /// The data of every frame as JSON; what is not JSON is left out.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        self.frames.iter().filter_map(|frame| data(frame)).collect()
    }
}

pub(crate) fn data(frame: &[u8]) -> Option<serde_json::Value> {
    let text = std::str::from_utf8(frame).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("data: "))?;
    serde_json::from_str(line).ok()
}

/// A Chat stream whose content comes in pieces of so many characters.
pub(crate) fn chat_pieces(text: &str, length: usize) -> Vec<Event> {
    let chunk = |choice: serde_json::Value| {
        let data =
            serde_json::json!({"id": "c", "object": "chat.completion.chunk", "choices": [choice]});
        Event::from_parts(None, data.to_string().as_bytes())
    };
    let characters: Vec<char> = text.chars().collect();
    let pieces = characters.chunks(length).map(|piece| {
        let content: String = piece.iter().collect();
        chunk(serde_json::json!({"index": 0, "delta": {"content": content}}))
    });
    let end = chunk(serde_json::json!({"index": 0, "delta": {}, "finish_reason": "stop"}));
    let done = Event::from_parts(None, b"[DONE]");
    pieces.chain([end, done]).collect()
}

/// Sends events of a format through a machine for these rules.
pub(crate) fn pump(rules: &Arc<RuleSet>, format: FormatId, events: &[Event]) -> Sent {
    pump_with(Machine::new(Arc::clone(rules)), format, events)
}

/// Sends events of a format through a machine.
pub(crate) fn pump_with(mut machine: Machine, format: FormatId, events: &[Event]) -> Sent {
    let mut view = EventView {
        all_texts: true,
        ..EventView::default()
    };
    let mut frames = Vec::new();
    let mut verdict = Verdict::Pass;
    for event in events {
        format.format().view_event(event, &mut view).unwrap();
        verdict = machine.event(event, &view, &mut frames);
        if verdict != Verdict::Pass {
            break;
        }
    }
    if verdict == Verdict::Pass {
        verdict = machine.finish(&mut frames);
    }
    Sent {
        frames,
        verdict,
        records: machine.records().to_vec(),
        delivered: machine.delivered().clone(),
        is_incomplete: machine.checks().any(|check| !check.is_complete),
    }
}
