//! Features of requests.

mod content;
mod parameters;
mod tools;

use serde_json::value::RawValue;
use tollgate_formats::exchange::{
    ChatRequest, Citation, Document, DocumentContent, Image, Message, Part, Reasoning,
    ResponseFormat, Role, Source, Thought, Tool, ToolCall, ToolChoice, ToolResult,
};
use tollgate_formats::{ChatFormat, Dialect, Losses};

use super::{Cell, Passage, Probe, Row, cell, others};

/// Features that are not of one format's alone.
pub(super) fn features() -> impl Iterator<Item = &'static Feature> {
    FEATURES.iter().copied().flatten()
}

/// A feature: how it gets into a request, and how it is seen there.
pub(super) struct Feature {
    pub(super) name: &'static str,
    pub(super) note: &'static str,
    pub(super) add: fn(&mut ChatRequest),
    pub(super) probe: Probe<ChatRequest>,
}

/// What every table says of each feature of a request.
pub(super) fn rows(from: &'static dyn ChatFormat) -> Vec<Row> {
    features()
        .map(|feature| Row {
            feature: feature.name,
            note: feature.note,
            cells: others(from).map(|to| one(feature, from, to)).collect(),
        })
        .collect()
}

fn one(feature: &Feature, from: &'static dyn ChatFormat, to: &'static dyn ChatFormat) -> Cell {
    let plain = plain();
    let mut with = plain.clone();
    (feature.add)(&mut with);
    cell(
        &pass(&with, from, to),
        &pass(&plain, from, to),
        feature.probe,
    )
}

/// Features of a request that arrive as they were, by their place in the table.
pub(crate) fn carried(from: &'static dyn ChatFormat, to: &'static dyn ChatFormat) -> Vec<usize> {
    features()
        .enumerate()
        .filter(|(_place, feature)| one(feature, from, to) == Cell::Carried)
        .map(|(place, _feature)| place)
        .collect()
}

/// A feature by its name, as it was said and as it arrived.
pub(crate) type Seen = (&'static str, Option<String>, Option<String>);

/// What features of a request, together in one, become; each by its name.
pub(crate) fn together(
    places: &[usize],
    from: &'static dyn ChatFormat,
    to: &'static dyn ChatFormat,
) -> (Vec<Seen>, Losses) {
    let features: Vec<&Feature> = features().collect();
    let mut request = plain();
    for place in places {
        (features[*place].add)(&mut request);
    }
    let passage = pass(&request, from, to);
    let before = passage.before;
    let seen = places.iter().map(|place| {
        let feature = features[*place];
        let said = before.as_ref().and_then(feature.probe);
        (feature.name, said, (feature.probe)(&passage.after))
    });
    (seen.collect(), passage.losses)
}

/// A request through both formats.
pub(crate) fn pass(
    request: &ChatRequest,
    from: &dyn ChatFormat,
    to: &dyn ChatFormat,
) -> Passage<ChatRequest> {
    let mut unsaid = Losses::default();
    let own = ChatRequest {
        origin: Some(from.id()),
        ..request.clone()
    };
    let said = from.encode_request(&own, Dialect::Original, &mut unsaid);
    let mut before = from.decode_request(&said).unwrap();
    // Some formats say this in the path.
    before.model.clone_from(&request.model);
    before.stream = request.stream;
    let mut losses = Losses::default();
    let written = to.encode_request(&before, Dialect::Original, &mut losses);
    let mut after = to.decode_request(&written).unwrap();
    after.stream = before.stream;
    Passage {
        before: unsaid.is_empty().then_some(before),
        said: said.to_vec(),
        after,
        written: written.to_vec(),
        losses,
    }
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        name: None,
        parts,
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

pub(super) fn raw(json: &str) -> Box<RawValue> {
    serde_json::from_str(json).unwrap()
}

pub(super) fn plain() -> ChatRequest {
    ChatRequest {
        model: "m".to_owned(),
        messages: vec![message(Role::User, vec![text("hello")])],
        max_output_tokens: Some(4096),
        ..ChatRequest::default()
    }
}

/// The last turn of the user, which parts are added to.
fn user(request: &mut ChatRequest) -> &mut Vec<Part> {
    &mut request.messages.last_mut().unwrap().parts
}

fn parts(request: &ChatRequest) -> impl Iterator<Item = &Part> {
    request.messages.iter().flat_map(|message| &message.parts)
}

/// The first part that is seen as something.
fn seen(request: &ChatRequest, of: impl Fn(&Part) -> Option<String>) -> Option<String> {
    parts(request).find_map(of)
}

fn tool(name: &str, strict: Option<bool>) -> Tool {
    Tool::Function {
        name: name.to_owned(),
        description: Some("looks it up".to_owned()),
        parameters: Some(raw(
            r#"{"type":"object","properties":{"q":{"type":"string"}}}"#,
        )),
        strict,
        cache: None,
    }
}

/// A call, its answer, and another question.
fn called(request: &mut ChatRequest, result: Vec<Part>, is_error: bool) {
    request.tools.push(tool("look", None));
    request.messages.extend([
        message(
            Role::Assistant,
            vec![Part::ToolCall(ToolCall {
                id: "call_1".to_owned(),
                name: "look".to_owned(),
                arguments: r#"{"q":"x"}"#.to_owned(),
                signature: None,
            })],
        ),
        message(
            Role::Tool,
            vec![Part::ToolResult(ToolResult {
                call_id: "call_1".to_owned(),
                parts: result,
                is_error,
            })],
        ),
        message(Role::User, vec![text("and now?")]),
    ]);
}

fn result(request: &ChatRequest) -> Option<&ToolResult> {
    parts(request).find_map(|part| match part {
        Part::ToolResult(result) => Some(result),
        _ => None,
    })
}

/// What the model said before, and another question.
fn history(request: &mut ChatRequest, said: Vec<Part>) {
    request.messages.extend([
        message(Role::Assistant, said),
        message(Role::User, vec![text("and now?")]),
    ]);
}

fn chosen(request: &mut ChatRequest, choice: ToolChoice) {
    request.tools.push(tool("look", None));
    request.tool_choice = Some(choice);
}

fn number(number: f64) -> Option<serde_json::Number> {
    serde_json::Number::from_f64(number)
}

const NONE: &str = "";

use content::{MEDIA, TEXTS};
use parameters::{FORM, REST, SAMPLING};
use tools::{HISTORY, TOOLS};

static FEATURES: &[&[Feature]] = &[TEXTS, MEDIA, TOOLS, HISTORY, FORM, SAMPLING, REST];
