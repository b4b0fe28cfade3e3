//! The unary answer: a `message`. Fields are written in the order the API writes them.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::answer::{self, Answer, Choice};
use crate::ask::{Ask, Finish};

/// A message, whole or as a stream announces it.
#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'a>>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    usage: Usage,
}

/// A part of a message.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Thinking {
        thinking: String,
        signature: String,
    },
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: Box<RawValue>,
    },
}

/// What it cost so far. Unlike OpenAI's, input tokens leave out what the cache read and wrote.
#[derive(Debug, Serialize)]
pub(super) struct Usage {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    service_tier: &'static str,
}

/// The whole body.
pub(crate) fn message(ask: &Ask, answer: &Answer) -> Bytes {
    let mut message = Message::announced(ask, answer);
    if let Some(choice) = answer.choices.first() {
        message.content = content(choice, &answer.tag);
        let (reason, sequence) = stop_reason(&choice.finish);
        message.stop_reason = Some(reason);
        message.stop_sequence = sequence;
    }
    message.usage = Usage::new(&answer.usage, answer.usage.output);
    // Strings, numbers and valid JSON always serialise.
    Bytes::from(serde_json::to_vec(&message).unwrap_or_default())
}

impl<'a> Message<'a> {
    /// The message before its first block.
    pub(super) fn announced(ask: &'a Ask, answer: &Answer) -> Self {
        Self {
            id: format!("msg_{}", answer.tag),
            kind: "message",
            role: "assistant",
            model: &ask.model,
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: Usage::new(&answer.usage, 1),
        }
    }
}

impl<'a> Block<'a> {
    /// A call of a tool. Arguments that are no JSON, because the token limit cut them or a
    /// directive wrote them so, show as an empty object.
    pub(super) fn tool_use(call: &'a answer::Call, arguments: String) -> Self {
        let input =
            RawValue::from_string(arguments).or_else(|_cut| RawValue::from_string("{}".into()));
        Self::ToolUse {
            id: format!("toolu_{}", call.tag),
            name: &call.name,
            input: input.unwrap_or_default(),
        }
    }
}

impl Usage {
    pub(super) fn new(usage: &answer::Usage, output: u64) -> Self {
        Self {
            input_tokens: usage.input - usage.cached - usage.cache_written,
            cache_creation_input_tokens: usage.cache_written,
            cache_read_input_tokens: usage.cached,
            output_tokens: output,
            service_tier: "standard",
        }
    }
}

fn content<'a>(choice: &'a Choice, tag: &str) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    if !choice.reasoning.is_empty() {
        blocks.push(Block::Thinking {
            thinking: choice.reasoning.concat(),
            signature: signature(tag),
        });
    }
    if !choice.text.is_empty() {
        blocks.push(Block::Text {
            text: choice.text.concat(),
        });
    }
    let calls = choice.calls.iter();
    blocks.extend(calls.map(|call| Block::tool_use(call, call.arguments.concat())));
    blocks
}

/// Stands for the provider's proof that it wrote the reasoning; callers send it back as it is.
pub(super) fn signature(tag: &str) -> String {
    format!("c2ltdWxhdG9y{tag}{tag}==")
}

/// Why the message ended, and the stop sequence that ended it.
pub(super) fn stop_reason(finish: &Finish) -> (&'static str, Option<&str>) {
    match finish {
        Finish::Stop => ("end_turn", None),
        Finish::StopSequence(sequence) => ("stop_sequence", Some(sequence)),
        Finish::Length => ("max_tokens", None),
        Finish::ToolCalls => ("tool_use", None),
        Finish::Refusal => ("refusal", None),
    }
}
