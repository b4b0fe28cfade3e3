//! Both wire formats as a caller's SDK reads and writes them, from the providers' documents.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    OpenAi,
    Anthropic,
}

pub(crate) use Speech::{Anthropic, OpenAi};

/// Every caller's format with every provider's.
pub(crate) const PAIRS: [(Speech, Speech); 4] = [
    (OpenAi, OpenAi),
    (OpenAi, Anthropic),
    (Anthropic, Anthropic),
    (Anthropic, OpenAi),
];

impl Speech {
    pub(crate) const BOTH: [Self; 2] = [OpenAi, Anthropic];

    /// As the access log names it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            OpenAi => "openai_chat",
            Anthropic => "anthropic_messages",
        }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            OpenAi => "/v1/chat/completions",
            Anthropic => "/v1/messages",
        }
    }

    /// A provider that speaks it, as YAML in one line; `at` is `$A` or `$B`.
    pub(crate) fn provider(self, name: &str, at: &str) -> String {
        match self {
            OpenAi => format!("{{name: {name}, kind: openai_compatible, base_url: {at}/v1}}"),
            Anthropic => format!("{{name: {name}, kind: anthropic, base_url: {at}}}"),
        }
    }

    /// A request with one message.
    pub(crate) fn body(self, model: &str, prompt: &str, streamed: bool) -> Value {
        let mut body = json!({
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
        });
        if self == Anthropic {
            body["max_tokens"] = json!(200);
        }
        if streamed {
            body["stream"] = json!(true);
        }
        body
    }

    pub(crate) fn asking(self, body: &Value) -> Ask {
        Ask::post(self.path(), body.to_string())
    }

    pub(crate) fn ask(self, model: &str, prompt: &str, streamed: bool) -> Ask {
        self.asking(&self.body(model, prompt, streamed))
    }

    /// What a caller understands of an answer, whole or streamed.
    pub(crate) fn read(self, told: &Told, streamed: bool) -> Heard {
        if !streamed {
            return self.whole(&told.json());
        }
        let kind = told.header("content-type").unwrap();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        self.events(&told.text())
    }

    pub(crate) fn whole(self, answer: &Value) -> Heard {
        match self {
            OpenAi => openai_whole(answer),
            Anthropic => anthropic_whole(answer),
        }
    }

    /// Reads a stream, or what came of it.
    pub(crate) fn events(self, text: &str) -> Heard {
        let mut heard = Heard::default();
        let text = text.replace("\r\n", "\n");
        for event in text.split_terminator("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            let Some(data) = data else { continue };
            if data == "[DONE]" {
                heard.has_ended = true;
                continue;
            }
            assert!(!heard.has_ended, "an event after the end: {event}");
            let data: Value = serde_json::from_str(data).unwrap_or_else(|_| panic!("{event}"));
            match self {
                OpenAi => openai_event(&data, &mut heard),
                Anthropic => anthropic_event(&data, &mut heard),
            }
        }
        heard
    }

    /// The error in an answer: type, message, code.
    pub(crate) fn error(self, told: &Told) -> Failed {
        let body = told.json();
        if self == Anthropic {
            assert_eq!(body["type"], "error", "{body}");
        }
        Failed::read(&body)
    }

    /// The `type` that this format has for a status.
    pub(crate) const fn error_kind(self, status: u16) -> &'static str {
        match (status, self) {
            (401, _) => "authentication_error",
            (403, _) => "permission_error",
            (404, _) => "not_found_error",
            (429, _) => "rate_limit_error",
            (408 | 504, Anthropic) => "timeout_error",
            (413, Anthropic) => "request_too_large",
            (503 | 529, Anthropic) => "overloaded_error",
            (400..=499, _) => "invalid_request_error",
            (_, OpenAi) => "server_error",
            (_, Anthropic) => "api_error",
        }
    }
}

/// What a caller understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    /// Names and arguments.
    pub(crate) calls: Vec<(String, String)>,
    pub(crate) finish: Option<String>,
    pub(crate) model: String,
    /// Input and output tokens.
    pub(crate) usage: Option<(u64, u64)>,
    /// Blocks that were begun and not ended.
    pub(crate) open_blocks: Vec<u64>,
    /// The end mark came.
    pub(crate) has_ended: bool,
    pub(crate) error: Option<Failed>,
}

/// An error as an SDK raises it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Failed {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) code: Option<String>,
}

impl Failed {
    fn read(body: &Value) -> Self {
        let error = &body["error"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            kind: text(&error["type"]).unwrap_or_else(|| panic!("no type: {body}")),
            message: text(&error["message"]).unwrap_or_else(|| panic!("no message: {body}")),
            code: text(&error["code"]).or_else(|| text(&error["details"]["error_code"])),
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn usage_of(usage: &Value, input: &str, output: &str) -> Option<(u64, u64)> {
    Some((usage[input].as_u64()?, usage[output].as_u64()?))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn openai_whole(answer: &Value) -> Heard {
    let message = &answer["choices"][0]["message"];
    let calls = list(&message["tool_calls"]).iter().map(|call| {
        let function = &call["function"];
        (text_of(&function["name"]), text_of(&function["arguments"]))
    });
    Heard {
        text: text_of(&message["content"]),
        reasoning: text_of(&message["reasoning_content"]),
        calls: calls.collect(),
        finish: answer["choices"][0]["finish_reason"]
            .as_str()
            .map(str::to_owned),
        model: text_of(&answer["model"]),
        usage: usage_of(&answer["usage"], "prompt_tokens", "completion_tokens"),
        ..Heard::default()
    }
}

fn openai_event(data: &Value, heard: &mut Heard) {
    if data.get("error").is_some() {
        heard.error = Some(Failed::read(data));
        return;
    }
    heard.model = text_of(&data["model"]);
    let usage = usage_of(&data["usage"], "prompt_tokens", "completion_tokens");
    heard.usage = usage.or(heard.usage);
    for choice in list(&data["choices"]) {
        let delta = &choice["delta"];
        heard.text += delta["content"].as_str().unwrap_or_default();
        heard.reasoning += delta["reasoning_content"].as_str().unwrap_or_default();
        for call in list(&delta["tool_calls"]) {
            let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            if index == heard.calls.len() {
                assert!(call["id"].is_string(), "a call without an id: {call}");
                heard
                    .calls
                    .push((text_of(&call["function"]["name"]), String::new()));
            }
            heard.calls[index].1 += call["function"]["arguments"].as_str().unwrap_or_default();
        }
        if let Some(finish) = choice["finish_reason"].as_str() {
            heard.finish = Some(finish.to_owned());
        }
    }
}

fn anthropic_whole(answer: &Value) -> Heard {
    let mut heard = Heard {
        finish: answer["stop_reason"].as_str().map(str::to_owned),
        model: text_of(&answer["model"]),
        usage: usage_of(&answer["usage"], "input_tokens", "output_tokens"),
        ..Heard::default()
    };
    for block in list(&answer["content"]) {
        match block["type"].as_str().unwrap() {
            "text" => heard.text += block["text"].as_str().unwrap(),
            "thinking" => heard.reasoning += block["thinking"].as_str().unwrap(),
            "tool_use" => heard
                .calls
                .push((text_of(&block["name"]), block["input"].to_string())),
            other => panic!("an unknown block {other}"),
        }
    }
    heard
}

/// Checks the order of events as well: SDKs fail on a delta outside of its block.
fn anthropic_event(data: &Value, heard: &mut Heard) {
    match data["type"].as_str().unwrap() {
        "error" => heard.error = Some(Failed::read(data)),
        "message_start" => {
            let message = &data["message"];
            heard.model = text_of(&message["model"]);
            heard.usage = usage_of(&message["usage"], "input_tokens", "output_tokens");
        }
        "content_block_start" if data["content_block"]["type"] == "tool_use" => {
            heard
                .calls
                .push((text_of(&data["content_block"]["name"]), String::new()));
        }
        "content_block_delta" => {
            let delta = &data["delta"];
            heard.text += delta["text"].as_str().unwrap_or_default();
            heard.reasoning += delta["thinking"].as_str().unwrap_or_default();
            if let Some(piece) = delta["partial_json"].as_str() {
                heard.calls.last_mut().expect("arguments before a call").1 += piece;
            }
        }
        "message_delta" => {
            assert!(
                heard.open_blocks.is_empty(),
                "the end within a block: {data}"
            );
            heard.finish = data["delta"]["stop_reason"].as_str().map(str::to_owned);
            let usage = &data["usage"];
            let (input, output) = heard.usage.unwrap_or_default();
            let now = |name: &str, before| usage[name].as_u64().unwrap_or(before);
            heard.usage = Some((now("input_tokens", input), now("output_tokens", output)));
        }
        "message_stop" => heard.has_ended = true,
        _ => {}
    }
}
