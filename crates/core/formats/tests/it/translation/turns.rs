//! What a provider said comes back to it in the next turn, through a caller of another
//! format: what only it can read, and what ties results to calls.

use serde_json::{Value, json};
use tollgate_formats::exchange::{
    ChatAnswer, ChatRequest, Choice, Finish, Message, Part, Role, Seal, Thought, ToolResult,
};
use tollgate_formats::{ChatFormat, Dialect, FormatId, Losses};

use super::{Cell, Row, answers::call, others};
use crate::load::options;

/// A part of an answer, and how it is seen when it is back.
struct Feature {
    name: &'static str,
    note: &'static str,
    part: fn(FormatId) -> Part,
    probe: fn(&Part, FormatId) -> Option<String>,
}

pub(super) fn rows(provider: &'static dyn ChatFormat) -> Vec<Row> {
    FEATURES
        .iter()
        .map(|feature| Row {
            feature: feature.name,
            note: feature.note,
            cells: others(provider)
                .map(|caller| one(feature, provider, caller))
                .collect(),
        })
        .collect()
}

fn one(
    feature: &Feature,
    provider: &'static dyn ChatFormat,
    caller: &'static dyn ChatFormat,
) -> Cell {
    let own = provider.id();
    let answer = answer(vec![(feature.part)(own)]);
    let mut unsaid = Losses::default();
    let said = provider.encode_answer(&answer, &options(), &mut unsaid);
    if String::from_utf8_lossy(&said).contains("__seal_") {
        // A provider of this format signs no calls: only what is kept for others is in an id.
        return Cell::Unsaid;
    }
    let said = provider.decode_answer(&said).unwrap();
    let find = |parts: &[Part]| parts.iter().find_map(|part| (feature.probe)(part, own));
    let Some(before) = find(&said.choices[0].parts).filter(|_| unsaid.is_empty()) else {
        return Cell::Unsaid;
    };
    let (back, losses) = back(&said, provider, caller);
    let parts: Vec<Part> = back
        .messages
        .into_iter()
        .flat_map(|message| message.parts)
        .collect();
    let names: Vec<&'static str> = losses.iter().map(tollgate_formats::Loss::name).collect();
    match (find(&parts), names.is_empty()) {
        (Some(after), true) if after == before => Cell::Carried,
        (Some(_), _) => Cell::Emulated(names),
        (None, false) => Cell::Lost(names),
        (None, true) => Cell::Dropped,
    }
}

pub(crate) fn answer(parts: Vec<Part>) -> ChatAnswer {
    let calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let choice = Choice {
        parts,
        finish: Some(if calls {
            Finish::ToolCalls
        } else {
            Finish::Stop
        }),
        ..Choice::default()
    };
    ChatAnswer {
        id: "a-1".to_owned(),
        model: "m".to_owned(),
        choices: vec![choice],
        ..ChatAnswer::default()
    }
}

/// Whether a feature of this name comes back as it was.
pub(crate) fn comes_back(
    feature: &str,
    provider: &'static dyn ChatFormat,
    caller: &'static dyn ChatFormat,
) -> bool {
    let feature = FEATURES.iter().find(|known| known.name == feature).unwrap();
    one(feature, provider, caller) == Cell::Carried
}

/// The next request as the provider gets it.
pub(crate) fn back(
    said: &ChatAnswer,
    provider: &dyn ChatFormat,
    caller: &dyn ChatFormat,
) -> (ChatRequest, Losses) {
    let (sent, mut losses) = sent_back(said, caller);
    let mut read = caller.decode_request(&sent).unwrap();
    read.model = "m".to_owned();
    let sent = provider.encode_request(&read, Dialect::Original, &mut losses);
    (provider.decode_request(&sent).unwrap(), losses)
}

/// The next request as a caller sends it, who got a provider's answer: with that and the
/// results of its calls.
pub(crate) fn sent_back(said: &ChatAnswer, caller: &dyn ChatFormat) -> (Vec<u8>, Losses) {
    let mut losses = Losses::default();
    let got = caller.encode_answer(said, &options(), &mut losses);
    // A client keeps what it got, without knowing what stands in it.
    let kept = caller.decode_answer(&got).unwrap();
    let turn = |role, parts| Message {
        role,
        name: None,
        parts,
    };
    let mut parts = kept.choices.into_iter().next().unwrap().parts;
    parts.iter_mut().for_each(|part| keep(part, caller.id()));
    let mut messages = vec![turn(Role::User, vec![Part::Text("hello".to_owned())])];
    let results: Vec<Part> = parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(Part::ToolResult(ToolResult {
                call_id: call.id.clone(),
                parts: vec![Part::Text("found".to_owned())],
                is_error: false,
            })),
            _ => None,
        })
        .collect();
    messages.push(turn(Role::Assistant, parts));
    if results.is_empty() {
        messages.push(turn(Role::User, vec![Part::Text("and now?".to_owned())]));
    }
    messages.extend(
        results
            .into_iter()
            .map(|result| turn(Role::Tool, vec![result])),
    );
    let request = ChatRequest {
        origin: Some(caller.id()),
        model: "m".to_owned(),
        messages,
        max_output_tokens: Some(4096),
        ..ChatRequest::default()
    };
    let mut in_writing = Losses::default();
    let sent = caller.encode_request(&request, Dialect::Original, &mut in_writing);
    let mut sent: Value = serde_json::from_slice(&sent).unwrap();
    let turn = own_turn(&serde_json::from_slice(&got).unwrap());
    if !turn.is_some_and(|turn| put_turn(&mut sent, turn)) {
        losses.extend(&in_writing);
    }
    (sent.to_string().into_bytes(), losses)
}

/// An id as a client has it: with what stands in it.
fn keep(part: &mut Part, caller: FormatId) {
    if let Part::ToolCall(call) = part
        && let Some(seal) = call.signature.take_if(|seal| seal.maker() != caller)
    {
        call.id = seal.in_id(&call.id);
    }
}

/// The turn of an answer as a client sends it back: without knowing what stands in it.
fn own_turn(answer: &Value) -> Option<Value> {
    let places = [
        "/choices/0/message",
        "/candidates/0/content",
        "/output/message",
        "/message",
    ];
    let found = places
        .iter()
        .find_map(|place| answer.pointer(place))
        .cloned();
    let content = || {
        answer
            .get("content")
            .map(|content| json!({"role": "assistant", "content": content}))
    };
    found.or_else(content)
}

/// Puts the client's own turn in the place of the one that was written for it; false where
/// a format has its turns in another shape.
fn put_turn(request: &mut Value, turn: Value) -> bool {
    let place = ["/messages/1", "/contents/1"]
        .into_iter()
        .find(|place| request.pointer(place).is_some());
    let written = place.and_then(|place| request.pointer_mut(place));
    let is_answer = |written: &&mut Value| {
        ["assistant", "model"]
            .iter()
            .any(|role| written["role"] == *role)
    };
    written
        .filter(is_answer)
        .map(|written| *written = turn)
        .is_some()
}

static FEATURES: &[Feature] = &[
    Feature {
        name: "reasoning with its signature",
        note: "",
        part: |maker| {
            Part::Reasoning(Thought {
                signature: Some(Seal::new(maker, "c2ln".to_owned())),
                ..Thought::plain("because".to_owned())
            })
        },
        probe: |part, maker| match part {
            Part::Reasoning(thought) => {
                let signature = thought.signature.as_ref()?.known_to(maker)?;
                Some(format!("{} {signature}", thought.text))
            }
            _ => None,
        },
    },
    Feature {
        name: "encrypted reasoning",
        note: "",
        part: |maker| {
            Part::Reasoning(Thought {
                encrypted: Some(Seal::new(maker, "ZW5j".to_owned())),
                ..Thought::default()
            })
        },
        probe: |part, maker| match part {
            Part::Reasoning(thought) => {
                Some(thought.encrypted.as_ref()?.known_to(maker)?.to_owned())
            }
            _ => None,
        },
    },
    Feature {
        name: "signature of a tool call",
        note: "",
        part: |maker| call("call_1", Some(Seal::new(maker, "c2ln".to_owned()))),
        probe: |part, maker| match part {
            Part::ToolCall(call) => Some(call.signature.as_ref()?.known_to(maker)?.to_owned()),
            _ => None,
        },
    },
    Feature {
        name: "tool call with its id and arguments",
        note: "by name and order",
        part: |_| call("call_1", None),
        probe: |part, _| match part {
            Part::ToolCall(call) => Some(format!("{} {} {}", call.id, call.name, call.arguments)),
            _ => None,
        },
    },
    Feature {
        name: "text",
        note: "",
        part: |_| Part::Text("good day".to_owned()),
        probe: |part, _| matches!(part, Part::Text(text) if text == "good day").then(String::new),
    },
];
