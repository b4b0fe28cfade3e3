//! Counting tokens without an answer, as each provider documents it: what the body has to be,
//! and what is told.

use serde_json::{Map, Value, json};

use crate::ask::Ask;
use crate::gemini::request::Path;
use crate::refused::Refused;

/// Whose operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    /// `POST /v1/messages/count_tokens`.
    Anthropic,
    /// `POST /v1/responses/input_tokens`.
    OpenAi,
    /// `:countTokens` of the Gemini API.
    Gemini,
    /// `:countTokens` of Vertex AI.
    Vertex,
    /// `POST /model/NAME/count-tokens`.
    Bedrock,
}

impl Counter {
    /// The answer.
    pub(crate) fn told(self, tokens: u64) -> Value {
        match self {
            Self::Anthropic => json!({"input_tokens": tokens}),
            Self::OpenAi => json!({"object": "response.input_tokens", "input_tokens": tokens}),
            Self::Gemini => json!({"totalTokens": tokens,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]}),
            Self::Vertex => json!({"totalTokens": tokens, "totalBillableCharacters": tokens * 4,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]}),
            Self::Bedrock => json!({"inputTokens": tokens}),
        }
    }

    /// Reads a request; `model` is the one that the path names.
    pub(crate) fn read(self, body: &Value, model: &str) -> Result<Ask, Refused> {
        match self {
            Self::Anthropic => {
                for name in STEERING {
                    if body.get(name).is_some() {
                        let text = format!("{name}: Extra inputs are not permitted");
                        return Err(Refused::invalid(text));
                    }
                }
                crate::anthropic::request::read(
                    body,
                    crate::anthropic::request::Operation::CountTokens,
                )
            }
            Self::OpenAi => {
                const KNOWN: &[&str] = &[
                    "conversation",
                    "input",
                    "instructions",
                    "model",
                    "parallel_tool_calls",
                    "previous_response_id",
                    "reasoning",
                    "text",
                    "tool_choice",
                    "tools",
                    "truncation",
                ];
                if let Some(name) = unknown(body, KNOWN) {
                    let text = format!("Unknown parameter: '{name}'.");
                    return Err(Refused::invalid(text).param(name).code("unknown_parameter"));
                }
                crate::responses::request::read(body)
            }
            Self::Gemini => read_gemini(&enclosed(body, model)?, model),
            Self::Vertex => {
                const KNOWN: &[&str] = &[
                    "contents",
                    "systemInstruction",
                    "tools",
                    "generationConfig",
                    "model",
                ];
                known(body, KNOWN)?;
                read_gemini(body, model)
            }
            Self::Bedrock => {
                const KNOWN: &[&str] = &[
                    "messages",
                    "system",
                    "toolConfig",
                    "additionalModelRequestFields",
                ];
                if !model.contains("anthropic.") && !model.starts_with("sim-") {
                    let text = "The provided model doesn't support counting tokens.";
                    return Err(Refused::invalid(text));
                }
                let inner = &body["input"]["converse"];
                if !inner.is_object() {
                    let text = "The input must have exactly one of converse and invokeModel; of these converse is served here.";
                    return Err(Refused::invalid(text));
                }
                if let Some(name) = unknown(inner, KNOWN) {
                    let text = format!("Unexpected field: input.converse.{name}");
                    return Err(Refused::invalid(text));
                }
                crate::bedrock::request::read(inner, model, false)
            }
        }
    }
}

/// What Messages takes and a count does not.
const STEERING: [&str; 8] = [
    "max_tokens",
    "metadata",
    "service_tier",
    "stop_sequences",
    "stream",
    "temperature",
    "top_k",
    "top_p",
];

fn read_gemini(body: &Value, model: &str) -> Result<Ask, Refused> {
    let model = model.to_owned();
    crate::gemini::request::read(
        body,
        Path {
            model,
            stream: false,
        },
    )
}

/// The conversation of a request to the Gemini API: contents alone, or in an envelope that
/// names the model of the path once more.
fn enclosed(body: &Value, model: &str) -> Result<Value, Refused> {
    known(body, &["contents", "generateContentRequest"])?;
    let Some(inner) = body.get("generateContentRequest") else {
        return Ok(body.clone());
    };
    if body.get("contents").is_some() {
        let text = "contents and generateContentRequest are mutually exclusive.";
        return Err(Refused::invalid(text));
    }
    if inner["model"].as_str() != Some(&format!("models/{model}")) {
        let text =
            "* CountTokensRequest.generate_content_request.model: must be the model of the path";
        return Err(Refused::invalid(text));
    }
    Ok(inner.clone())
}

fn known(body: &Value, names: &[&str]) -> Result<(), Refused> {
    match unknown(body, names) {
        None => Ok(()),
        Some(name) => Err(Refused::invalid(format!(
            "Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."
        ))),
    }
}

/// The first member that is none of these.
fn unknown<'b>(body: &'b Value, names: &[&str]) -> Option<&'b str> {
    let members = body.as_object().into_iter().flat_map(Map::keys);
    let mut others = members.map(String::as_str);
    others.find(|name| !names.contains(name))
}
