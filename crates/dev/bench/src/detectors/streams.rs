//! Streamed answers: what an event costs, and what is held of benign text.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tollgate_formats::Format;
use tollgate_formats::view::EventView;
use tollgate_policy::{Machine, RuleSet, Verdict};
use tollgate_wire::sse::Event;

use super::texts::prose;
use super::{best, resident_bytes};
use crate::Failure;

/// How much text a measured stream has.
const STREAM_BYTES: usize = 8 * 1024;

/// How many streams are open at a time while their memory is taken.
const OPEN_STREAMS: usize = 2_000;

/// What a stream of benign text shows.
pub(super) struct Streamed {
    /// Processor time that the rules add to an event.
    pub(super) event: Duration,
    /// Bytes that are held after an event: at the median, the 99th of a hundred, at most.
    pub(super) held_p50: usize,
    pub(super) held_p99: usize,
    pub(super) held_max: usize,
}

/// Measures rules on a stream.
pub(super) fn streamed(
    format: &dyn Format,
    rules: &Arc<RuleSet>,
    rounds: u32,
) -> Result<Streamed, Failure> {
    let text = prose(STREAM_BYTES);
    let tokens = tokens(&text);
    let events: Vec<Event> = tokens.iter().map(|token| event(token)).collect();
    let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
    let time = |rules: &Arc<RuleSet>| best(rounds, 1, || pump(format, rules, &events)) / count;
    let nothing = Arc::new(RuleSet::default());
    let mut held = held(format, rules, &tokens)?;
    held.sort_unstable();
    let at = |part: usize| {
        held.get((held.len() - 1) * part / 100)
            .copied()
            .unwrap_or_default()
    };
    Ok(Streamed {
        event: time(rules).saturating_sub(time(&nothing)),
        held_p50: at(50),
        held_p99: at(99),
        held_max: at(100),
    })
}

/// Pieces as a model makes them: a space and some letters.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for c in text.chars() {
        match tokens.last_mut() {
            Some(token) if c != ' ' && token.chars().count() < 5 => token.push(c),
            _ => tokens.push(c.to_string()),
        }
    }
    tokens
}

fn event(content: &str) -> Event {
    let data = json!({"id": "x", "object": "chat.completion.chunk", "model": "m",
        "choices": [{"index": 0, "delta": {"content": content}}]});
    Event::from_parts(None, data.to_string().as_bytes())
}

fn view(rules: &RuleSet) -> EventView {
    EventView {
        all_texts: !rules.is_empty(),
        ..EventView::default()
    }
}

fn pump(format: &dyn Format, rules: &Arc<RuleSet>, events: &[Event]) {
    let mut machine = Machine::new(Arc::clone(rules));
    let mut view = view(rules);
    let mut out = Vec::new();
    for event in events {
        out.clear();
        if format.view_event(event, &mut view).is_ok() {
            black_box(machine.event(event, &view, &mut out));
        }
    }
}

/// How many bytes of text are held after each event.
fn held(
    format: &dyn Format,
    rules: &Arc<RuleSet>,
    tokens: &[String],
) -> Result<Vec<usize>, Failure> {
    let mut machine = Machine::new(Arc::clone(rules));
    let mut view = view(rules);
    let (mut given, mut got) = (0, 0);
    let mut held = Vec::with_capacity(tokens.len());
    for token in tokens {
        let event = event(token);
        let mut out = Vec::new();
        format.view_event(&event, &mut view)?;
        if machine.event(&event, &view, &mut out) != Verdict::Pass {
            return Err("benign text was blocked".into());
        }
        given += token.len();
        got += out.iter().map(content_bytes).sum::<usize>();
        held.push(usize::saturating_sub(given, got));
    }
    Ok(held)
}

fn content_bytes(frame: &Bytes) -> usize {
    let line = frame.strip_prefix(b"data: ").unwrap_or_default();
    let event: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
    let content = event.pointer("/choices/0/delta/content");
    content
        .and_then(|content| content.as_str())
        .map_or(0, str::len)
}

/// The memory of a stream that has had some events, on average: by how much this process
/// grows, so ask before anything was freed.
pub(super) fn memory(format: &dyn Format, rules: &Arc<RuleSet>) -> Result<usize, Failure> {
    let tokens = tokens(&prose(STREAM_BYTES));
    let events: Vec<Event> = tokens.iter().map(|token| event(token)).collect();
    let mut machines = Vec::with_capacity(OPEN_STREAMS);
    let before = resident_bytes();
    let mut view = view(rules);
    let mut out = Vec::new();
    for _ in 0..OPEN_STREAMS {
        let mut machine = Machine::new(Arc::clone(rules));
        for event in events.iter().take(20) {
            out.clear();
            format.view_event(event, &mut view)?;
            machine.event(event, &view, &mut out);
        }
        machines.push(machine);
    }
    let bytes = resident_bytes().saturating_sub(before) / OPEN_STREAMS;
    drop(black_box(machines));
    Ok(bytes)
}
