//! The unary answer: a `chat.completion`. Fields are written in the order the API writes them.

use bytes::Bytes;
use serde::Serialize;

use crate::answer::{self, Answer, Call, Choice};
use crate::ask::{Ask, Finish};
use crate::format::CREATED;

#[derive(Debug, Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<Turn>,
    usage: Usage,
    service_tier: &'static str,
    system_fingerprint: &'static str,
}

#[derive(Debug, Serialize)]
struct Turn {
    index: usize,
    message: Message,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Debug, Serialize)]
struct Message {
    role: &'static str,
    content: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning_content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    refusal: Option<String>,
    annotations: [(); 0],
}

#[derive(Debug, Serialize)]
struct ToolCall {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function,
}

#[derive(Debug, Serialize)]
struct Function {
    name: String,
    arguments: String,
}

/// What it cost. Cached tokens are part of the prompt's, reasoning tokens of the completion's.
#[derive(Debug, Serialize)]
pub(super) struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Debug, Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    audio_tokens: u64,
}

#[derive(Debug, Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
    audio_tokens: u64,
    accepted_prediction_tokens: u64,
    rejected_prediction_tokens: u64,
}

/// The whole body.
pub(crate) fn message(ask: &Ask, answer: &Answer) -> Bytes {
    let turn = |(index, choice): (usize, &Choice)| Turn {
        index,
        message: Message::new(choice),
        logprobs: None,
        finish_reason: finish_reason(&choice.finish),
    };
    let completion = Completion {
        id: format!("chatcmpl-{}", answer.tag),
        object: "chat.completion",
        created: CREATED,
        model: &ask.model,
        choices: answer.choices.iter().enumerate().map(turn).collect(),
        usage: Usage::new(&answer.usage),
        service_tier: "default",
        system_fingerprint: "fp_simulator",
    };
    // Strings and numbers always serialise.
    Bytes::from(serde_json::to_vec(&completion).unwrap_or_default())
}

impl Message {
    fn new(choice: &Choice) -> Self {
        let text = choice.text.concat();
        let (content, refusal) = match (choice.refused, text.is_empty() && !choice.calls.is_empty())
        {
            (true, _) => (None, Some(text)),
            (false, true) => (None, None),
            (false, false) => (Some(text), None),
        };
        Self {
            role: "assistant",
            content,
            reasoning_content: choice.reasoning.concat(),
            tool_calls: choice.calls.iter().map(ToolCall::new).collect(),
            refusal,
            annotations: [],
        }
    }
}

impl ToolCall {
    fn new(call: &Call) -> Self {
        Self {
            id: format!("call_{}", call.tag),
            kind: "function",
            function: Function {
                name: call.name.clone(),
                arguments: call.arguments.concat(),
            },
        }
    }
}

impl Usage {
    pub(super) fn new(usage: &answer::Usage) -> Self {
        Self {
            prompt_tokens: usage.input,
            completion_tokens: usage.output,
            total_tokens: usage.input + usage.output,
            prompt_tokens_details: PromptDetails {
                cached_tokens: usage.cached,
                audio_tokens: 0,
            },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: usage.reasoning,
                audio_tokens: 0,
                accepted_prediction_tokens: 0,
                rejected_prediction_tokens: 0,
            },
        }
    }
}

/// Why a choice ended, in OpenAI's words. A refusal is a normal end; the message says it.
pub(super) fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Refusal => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
    }
}
