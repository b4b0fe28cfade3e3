//! `additionalModelRequestFields`: what one family of models knows and the format does not.
//!
//! What the canonical model has among it is read, and written for families whose names for
//! it are documented: Claude's `thinking` and `top_k`, Nova's `reasoningConfig` and `topK`,
//! `reasoning_effort` of OpenAI's open models.

use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{ChatRequest, Reasoning, ToolChoice};
use crate::format::DecodeError;
use crate::loss::{Carry, Loss, Losses};
use crate::read;
use crate::write::{self, Object};

/// The name of the member.
pub(super) const NAME: &str = "additionalModelRequestFields";

/// A family of models with names of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Anthropic's.
    Claude,
    /// Amazon's.
    Nova,
    /// OpenAI's open models.
    GptOss,
    /// Any other one, or one that the name does not tell.
    Other,
}

impl Family {
    /// The family by the name of a model, an inference profile or an ARN.
    pub(super) fn of(model: &str) -> Self {
        let has = |word| model.contains(word);
        if has("claude") {
            Self::Claude
        } else if has("nova") {
            Self::Nova
        } else if has("gpt-oss") {
            Self::GptOss
        } else {
            Self::Other
        }
    }
}

/// Reads the fields. What nobody here knows of them is kept as an extra.
pub(super) fn read(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let mut rest: Vec<(String, Box<RawValue>)> = Vec::new();
    r.object::<DecodeError>(|r, key| {
        let is_object = r.kind()? == Kind::Object;
        match key.as_str() {
            "top_k" => request.sampling.top_k = read::whole(r)?,
            "reasoning_effort" => {
                request.reasoning = read::string(r)?.map(Reasoning::Effort);
            }
            "thinking" | "reasoning_config" | "reasoningConfig" if is_object => {
                request.reasoning = reasoning(r, &mut request.unread)?;
            }
            "inferenceConfig" if is_object => {
                r.object::<DecodeError>(|r, key| {
                    match key.as_str() {
                        "topK" => request.sampling.top_k = read::whole(r)?,
                        other => read::unread(r, other, &mut request.unread)?,
                    }
                    Ok(())
                })?;
            }
            _ => rest.extend(read::raw(r)?.map(|json| (key.to_string(), json))),
        }
        Ok(())
    })?;
    if !rest.is_empty() {
        let json = write::object(|o| rest.iter().for_each(|(name, json)| o.raw(name, json)));
        let json: Option<Box<RawValue>> = serde_json::from_slice(&json).ok();
        request
            .extras
            .extend(json.map(|json| (NAME.to_owned(), json)));
    }
    Ok(())
}

fn reasoning(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Reasoning>, DecodeError> {
    let (mut kind, mut budget, mut effort) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "budget_tokens" => budget = read::whole(r)?,
            "maxReasoningEffort" => effort = read::string(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(match (kind.as_deref(), budget, effort) {
        (Some("disabled"), ..) => Some(Reasoning::Off),
        (Some("enabled"), Some(tokens), _) => Some(Reasoning::Budget(tokens)),
        (Some("enabled"), None, Some(effort)) => Some(Reasoning::Effort(effort)),
        (Some("enabled" | "adaptive"), None, None) => Some(Reasoning::Adaptive),
        _ => {
            unread.add(Loss::Parameter("thinking"));
            None
        }
    })
}

/// True when the model will be asked to reason: a forced tool excludes it.
pub(super) fn reasons(request: &ChatRequest) -> bool {
    let forced = matches!(
        request.tool_choice,
        Some(ToolChoice::Required | ToolChoice::Tool(_))
    );
    let asked = !matches!(request.reasoning, None | Some(Reasoning::Off));
    asked && !forced
}

/// Writes the fields, and gives the effort where the format has a place of its own for it.
pub(super) fn write<'r>(
    o: &mut Object<'_>,
    request: &'r ChatRequest,
    carry: &mut Carry<'_>,
) -> Option<&'r str> {
    let family = Family::of(&request.model);
    let mut effort = None;
    let own = write::object(|o| {
        top_k(o, request, family, carry);
        effort = write_reasoning(o, request, family, carry);
        if carry.own {
            let mut extras = request.extras.iter();
            if let Some((_, json)) = extras.find(|(name, _)| name == NAME) {
                rest(o, json);
            }
        }
    });
    if own.len() > b"{}".len()
        && let Ok(json) = str::from_utf8(&own)
    {
        o.json(NAME, json);
    }
    effort
}

/// What was kept of the fields.
fn rest(o: &mut Object<'_>, json: &RawValue) {
    let Ok(mut reader) = Reader::new(json.get().as_bytes()) else {
        return;
    };
    // It was read before, so it is an object.
    let _ = reader.object::<DecodeError>(|r, key| {
        o.raw(&key, &read::any(r)?);
        Ok(())
    });
}

fn top_k(o: &mut Object<'_>, request: &ChatRequest, family: Family, carry: &mut Carry<'_>) {
    let Some(top_k) = request.sampling.top_k else {
        return;
    };
    match family {
        Family::Claude => o.whole("top_k", top_k),
        Family::Nova => o.object("inferenceConfig", |o| o.whole("topK", top_k)),
        _ if carry.own => o.whole("top_k", top_k),
        _ => carry.lose_parameter("top_k"),
    }
}

fn write_reasoning<'r>(
    o: &mut Object<'_>,
    request: &'r ChatRequest,
    family: Family,
    carry: &mut Carry<'_>,
) -> Option<&'r str> {
    let reasoning = request.reasoning.as_ref()?;
    let claude = family == Family::Claude || (carry.own && family == Family::Other);
    match reasoning {
        Reasoning::Off if claude => o.object("thinking", |o| o.string("type", "disabled")),
        Reasoning::Off if family == Family::Nova => {
            o.object("reasoningConfig", |o| o.string("type", "disabled"));
        }
        _ if claude && !reasons(request) => carry.lose_parameter("thinking"),
        Reasoning::Budget(tokens) if claude => o.object("thinking", |o| {
            o.string("type", "enabled");
            o.whole("budget_tokens", *tokens);
        }),
        Reasoning::Adaptive | Reasoning::Effort(_) if claude => {
            o.object("thinking", |o| o.string("type", "adaptive"));
            return match reasoning {
                Reasoning::Effort(word) => claude_effort(word, carry),
                _ => None,
            };
        }
        Reasoning::Effort(word) if family == Family::Nova => match three(word) {
            Some(word) => o.object("reasoningConfig", |o| {
                o.string("type", "enabled");
                o.string("maxReasoningEffort", word);
            }),
            None => carry.lose_parameter("reasoning_effort"),
        },
        Reasoning::Effort(word) if family == Family::GptOss => match three(word) {
            Some(word) => o.string("reasoning_effort", word),
            None => carry.lose_parameter("reasoning_effort"),
        },
        Reasoning::Effort(_) | Reasoning::Off => carry.lose_parameter("reasoning_effort"),
        Reasoning::Budget(_) | Reasoning::Adaptive => carry.lose_parameter("thinking"),
    }
    None
}

fn claude_effort<'r>(word: &'r str, carry: &mut Carry<'_>) -> Option<&'r str> {
    match word {
        "minimal" => Some("low"),
        "low" | "medium" | "high" | "xhigh" | "max" => Some(word),
        _ if carry.own => Some(word),
        _ => {
            carry.lose_parameter("reasoning_effort");
            None
        }
    }
}

/// The nearest of three efforts.
fn three(word: &str) -> Option<&'static str> {
    match word {
        "minimal" | "low" => Some("low"),
        "medium" => Some("medium"),
        "high" | "xhigh" | "max" => Some("high"),
        _ => None,
    }
}
