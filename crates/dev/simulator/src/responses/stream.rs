//! The streamed answer: typed, numbered events from `response.created` to the one that holds
//! all of it; one token each.

use bytes::Bytes;
use serde_json::{Value, json};

use super::response::{call, ending, envelope, finished, part, said, thought};
use crate::answer::{Answer, Call, Choice};
use crate::ask::Ask;
use crate::play::Step;

/// All events in order.
pub(crate) fn steps(ask: &Ask, answer: &Answer) -> Vec<Step> {
    let mut script = Script {
        ask,
        answer,
        steps: Vec::new(),
        index: 0,
    };
    for kind in ["response.created", "response.in_progress"] {
        let response = envelope(ask, answer, "in_progress", Vec::new());
        script.event(kind, json!({ "response": response }), 0);
    }
    let mut last = "response.completed";
    if let Some(choice) = answer.choices.first() {
        script.items(choice);
        if ending(&choice.finish).1.is_some() {
            last = "response.incomplete";
        }
    }
    script.event(last, json!({"response": finished(ask, answer)}), 0);
    script.steps
}

struct Script<'a> {
    ask: &'a Ask,
    answer: &'a Answer,
    steps: Vec<Step>,
    /// Items that are whole.
    index: usize,
}

impl Script<'_> {
    fn items(&mut self, choice: &Choice) {
        if !choice.reasoning.is_empty() {
            self.thought(&choice.reasoning);
        }
        if !choice.text.is_empty() {
            self.text(choice.refused, &choice.text);
        }
        for call in &choice.calls {
            self.call(call);
        }
    }

    fn thought(&mut self, pieces: &[String]) {
        let text = pieces.concat();
        let begun = thought(self.ask, self.answer, "");
        let id = begun["id"].clone();
        self.begin(&begun, 0);
        let place = |mut data: Value| {
            data["item_id"] = id.clone();
            data["summary_index"] = json!(0);
            data
        };
        let part = |text: &str| json!({"part": {"type": "summary_text", "text": text}});
        self.event("response.reasoning_summary_part.added", place(part("")), 0);
        for piece in pieces {
            let data = place(json!({ "delta": piece }));
            self.event("response.reasoning_summary_text.delta", data, 1);
        }
        let done = place(json!({ "text": text }));
        self.event("response.reasoning_summary_text.done", done, 0);
        self.event(
            "response.reasoning_summary_part.done",
            place(part(&text)),
            0,
        );
        self.end(&thought(self.ask, self.answer, &text));
    }

    fn text(&mut self, refused: bool, pieces: &[String]) {
        let text = pieces.concat();
        let (name, member) = if refused {
            ("refusal", "refusal")
        } else {
            ("output_text", "text")
        };
        let begun = said(self.answer, "in_progress", Vec::new());
        let id = begun["id"].clone();
        self.begin(&begun, 0);
        let place = |mut data: Value| {
            data["item_id"] = id.clone();
            data["content_index"] = json!(0);
            data
        };
        let empty = json!({"part": part(refused, "")});
        self.event("response.content_part.added", place(empty), 0);
        for piece in pieces {
            let data = place(json!({"delta": piece, "logprobs": []}));
            self.event(&format!("response.{name}.delta"), data, 1);
        }
        let done = place(json!({ member: text }));
        self.event(&format!("response.{name}.done"), done, 0);
        let whole = part(refused, &text);
        self.event(
            "response.content_part.done",
            place(json!({ "part": whole })),
            0,
        );
        self.end(&said(self.answer, "completed", vec![whole]));
    }

    fn call(&mut self, one: &Call) {
        let begun = call(one, "in_progress", "");
        let id = begun["id"].clone();
        self.begin(&begun, 1);
        for piece in &one.arguments {
            let data = json!({"item_id": id, "delta": piece});
            self.event("response.function_call_arguments.delta", data, 1);
        }
        let arguments = one.arguments.concat();
        let data = json!({"item_id": id, "arguments": arguments});
        self.event("response.function_call_arguments.done", data, 0);
        self.end(&call(one, "completed", &arguments));
    }

    fn begin(&mut self, item: &Value, tokens: u64) {
        self.event(
            "response.output_item.added",
            json!({ "item": item }),
            tokens,
        );
    }

    fn end(&mut self, item: &Value) {
        self.event("response.output_item.done", json!({ "item": item }), 0);
        self.index += 1;
    }

    fn event(&mut self, kind: &str, mut data: Value, tokens: u64) {
        data["type"] = json!(kind);
        data["sequence_number"] = json!(self.steps.len());
        if data.get("response").is_none() {
            data["output_index"] = json!(self.index);
        }
        let bytes = format!("event: {kind}\ndata: {data}\n\n");
        self.steps.push(Step::Write(Bytes::from(bytes), tokens));
    }
}

/// The event that ends a stream which fails half-way.
pub(crate) fn error() -> Bytes {
    let data = json!({"type": "error", "code": "server_error", "param": null, "sequence_number": 0,
        "message": "The server had an error while processing your request. Sorry about that!"});
    Bytes::from(format!("event: error\ndata: {data}\n\n"))
}
