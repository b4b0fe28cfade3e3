//! The streamed answer: each event is an answer with what came since, one token of text or
//! one whole call. Nothing marks the end.

use bytes::Bytes;
use serde_json::{Value, json};

use super::response::{finish_reason, function_call, response, signature, usage};
use crate::answer::{Answer, Choice};
use crate::ask::Ask;
use crate::play::Step;

/// All events in order, as server-sent ones. Several candidates take turns.
pub(crate) fn steps(ask: &Ask, answer: &Answer) -> Vec<Step> {
    let mut script = Script {
        ask,
        answer,
        steps: Vec::new(),
        output: 0,
        thoughts: 0,
    };
    let mut turns: Vec<_> = answer
        .choices
        .iter()
        .map(|choice| pieces(ask, choice, &answer.tag).into_iter())
        .collect();
    loop {
        let before = script.steps.len();
        for (index, turn) in turns.iter_mut().enumerate() {
            if let Some(piece) = turn.next() {
                script.say(index, &piece);
            }
        }
        if script.steps.len() == before {
            break;
        }
    }
    for (index, choice) in answer.choices.iter().enumerate() {
        script.finish(index, choice);
    }
    script.steps
}

/// One part, and what it delivers.
struct Piece {
    part: Value,
    tokens: u64,
    is_thought: bool,
}

fn pieces(ask: &Ask, choice: &Choice, tag: &str) -> Vec<Piece> {
    let text = |text: &String| Piece {
        part: json!({"text": text}),
        tokens: 1,
        is_thought: false,
    };
    let thought = |text: &String| Piece {
        part: json!({"text": text, "thought": true}),
        tokens: 1,
        is_thought: true,
    };
    let call = |(place, call)| {
        let call: &crate::answer::Call = call;
        Piece {
            part: function_call(ask, call, place == 0, tag),
            tokens: 1 + call.arguments.len() as u64,
            is_thought: false,
        }
    };
    let thoughts = choice.reasoning.iter().map(thought);
    let texts = choice.text.iter().map(text);
    let calls = choice.calls.iter().enumerate().map(call);
    thoughts.chain(texts).chain(calls).collect()
}

struct Script<'a> {
    ask: &'a Ask,
    answer: &'a Answer,
    steps: Vec<Step>,
    output: u64,
    thoughts: u64,
}

impl Script<'_> {
    fn say(&mut self, index: usize, piece: &Piece) {
        self.output += piece.tokens;
        self.thoughts += if piece.is_thought { piece.tokens } else { 0 };
        let content = json!({"parts": [piece.part], "role": "model"});
        self.event(json!({"content": content, "index": index}), piece.tokens);
    }

    /// The signature of an answer without calls comes with its end.
    fn finish(&mut self, index: usize, choice: &Choice) {
        let mut part = json!({"text": ""});
        if !choice.reasoning.is_empty() && choice.calls.is_empty() {
            part["thoughtSignature"] = json!(signature(&self.answer.tag));
        }
        let candidate = json!({
            "content": {"parts": [part], "role": "model"},
            "finishReason": finish_reason(&choice.finish),
            "index": index,
        });
        self.event(candidate, 0);
    }

    fn event(&mut self, candidate: Value, tokens: u64) {
        let usage = usage(&self.answer.usage, self.output, self.thoughts);
        let data = response(self.ask, self.answer, vec![candidate], usage);
        let bytes = Bytes::from(format!("data: {data}\n\n"));
        self.steps.push(Step::Write(bytes, tokens));
    }
}

/// The same as one JSON array, as it comes where server-sent events are not asked for. Its
/// end is written if the stream has one.
pub(crate) fn as_array(steps: Vec<Step>, has_end: bool) -> Vec<Step> {
    let mut out = Vec::with_capacity(steps.len() + 1);
    let mut is_first = true;
    for step in steps {
        let Step::Write(event, tokens) = step else {
            out.push(step);
            continue;
        };
        let data = event.strip_prefix(b"data: ").unwrap_or(&event);
        let data = data.strip_suffix(b"\n\n").unwrap_or(data);
        let before: &[u8] = if is_first { b"[" } else { b",\r\n" };
        out.push(Step::Write(Bytes::from([before, data].concat()), tokens));
        is_first = false;
    }
    if has_end {
        let end: &[u8] = if is_first { b"[]" } else { b"]" };
        out.push(Step::Write(Bytes::from_static(end), 0));
    }
    out
}
