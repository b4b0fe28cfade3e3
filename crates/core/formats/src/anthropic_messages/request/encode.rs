//! Writes a request.
//!
//! Rules of the provider that a caller of another format cannot know are kept here:
//! `max_tokens` is required, temperature ends at 1, reasoning excludes some sampling
//! and forced tools. What has to give way is a loss by name.

use bytes::Bytes;
use serde_json::Number;

use super::turns;
use crate::exchange::{ChatRequest, Reasoning, ResponseFormat, Tool, ToolChoice};
use crate::format::{Dialect, FormatId};
use crate::loss::{Carry, Losses};
use crate::write::{self, Array, Object};

/// The limit of an answer where the caller gave none, in tokens: every model served
/// today can write as much.
const MAX_TOKENS_DEFAULT: u64 = 8192;

/// The same where the model is asked to reason, which counts too.
const MAX_TOKENS_REASONING_DEFAULT: u64 = 32_000;

pub(in crate::anthropic_messages) fn encode(
    request: &ChatRequest,
    _dialect: Dialect,
    losses: &mut Losses,
) -> Bytes {
    let own = request.origin == Some(FormatId::AnthropicMessages);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let body = write::object(|o| {
        o.string("model", &request.model);
        o.whole("max_tokens", max_tokens(request));
        turns::write(o, request, carry);
        tools(o, request, carry);
        stop(o, &request.stop, carry);
        sampling(o, request, carry);
        reasoning(o, request, carry);
        identity(o, request, carry);
        if request.stream {
            o.bool("stream", true);
        }
        carry.extras(o, &request.extras);
    });
    body.into()
}

fn max_tokens(request: &ChatRequest) -> u64 {
    let default = if reasons(request) {
        MAX_TOKENS_REASONING_DEFAULT
    } else {
        MAX_TOKENS_DEFAULT
    };
    request.max_output_tokens.unwrap_or(default)
}

/// True when `thinking` will be on: a forced tool excludes it.
fn reasons(request: &ChatRequest) -> bool {
    let forced = matches!(
        request.tool_choice,
        Some(ToolChoice::Required | ToolChoice::Tool(_))
    );
    let asked = matches!(
        request.reasoning,
        Some(Reasoning::Effort(_) | Reasoning::Budget(_) | Reasoning::Adaptive)
    );
    asked && !forced
}

fn tools(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let tools = carry.tools(request);
    if tools.is_empty() {
        return;
    }
    o.array("tools", |a| {
        for tool in &tools {
            write_tool(a, tool);
        }
    });
    tool_choice(o, request);
}

fn write_tool(a: &mut Array<'_>, tool: &Tool) {
    let (name, description, parameters, strict, cache) = match tool {
        Tool::Other { json, .. } => return a.raw(json),
        Tool::Function {
            name,
            description,
            parameters,
            strict,
            cache,
        } => (name, description, parameters, strict, cache),
    };
    a.object(|o| {
        o.string("name", name);
        o.optional("description", description.as_deref());
        match parameters {
            Some(parameters) => o.raw("input_schema", parameters),
            None => o.json("input_schema", r#"{"type":"object","properties":{}}"#),
        }
        if *strict == Some(true) {
            o.bool("strict", true);
        }
        if let Some(cache) = cache {
            o.raw("cache_control", cache);
        }
    });
}

fn tool_choice(o: &mut Object<'_>, request: &ChatRequest) {
    let alone = request.parallel_tool_calls.map(|parallel| !parallel);
    let choice = match (&request.tool_choice, alone) {
        (None, None | Some(false)) => return,
        (None, Some(true)) => &ToolChoice::Auto,
        (Some(choice), _) => choice,
    };
    o.object("tool_choice", |o| {
        match choice {
            ToolChoice::Auto => o.string("type", "auto"),
            ToolChoice::None => o.string("type", "none"),
            ToolChoice::Required => o.string("type", "any"),
            ToolChoice::Tool(name) => {
                o.string("type", "tool");
                o.string("name", name);
            }
        }
        if let Some(alone) = alone.filter(|_| *choice != ToolChoice::None) {
            o.bool("disable_parallel_tool_use", alone);
        }
    });
}

/// The provider refuses stop texts of white space only.
fn stop(o: &mut Object<'_>, stop: &[String], carry: &mut Carry<'_>) {
    let kept: Vec<&String> = stop.iter().filter(|text| !text.trim().is_empty()).collect();
    if kept.len() < stop.len() {
        carry.lose_parameter("stop");
    }
    if !kept.is_empty() {
        o.array("stop_sequences", |a| {
            kept.iter().for_each(|text| a.string(text));
        });
    }
}

fn sampling(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let sampling = &request.sampling;
    if carry.own {
        for (name, value) in [
            ("temperature", &sampling.temperature),
            ("top_p", &sampling.top_p),
        ] {
            if let Some(value) = value {
                o.number(name, value);
            }
        }
    } else {
        foreign_sampling(o, request, carry);
    }
    if let Some(top_k) = sampling.top_k {
        o.whole("top_k", top_k);
    }
    if sampling.seed.is_some() {
        carry.lose_parameter("seed");
    }
    for (name, value) in [
        ("frequency_penalty", &sampling.frequency_penalty),
        ("presence_penalty", &sampling.presence_penalty),
    ] {
        if value.as_ref().is_some_and(|value| !is(value, 0.0)) {
            carry.lose_parameter(name);
        }
    }
    for (name, is_lost) in [
        ("n", sampling.choices.is_some_and(|choices| choices > 1)),
        ("logprobs", sampling.logprobs == Some(true)),
        ("top_logprobs", sampling.top_logprobs.is_some()),
        ("verbosity", request.verbosity.is_some()),
    ] {
        if is_lost {
            carry.lose_parameter(name);
        }
    }
}

/// Temperature goes from 0 to 1 here, to 2 elsewhere; models take either it or
/// `top_p`; and a model that reasons takes neither.
fn foreign_sampling(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let sampling = &request.sampling;
    let reasons = reasons(request);
    let temperature = sampling
        .temperature
        .as_ref()
        .filter(|value| !(reasons && is(value, 1.0)));
    let top_p = sampling.top_p.as_ref().filter(|value| !is(value, 1.0));
    match temperature {
        Some(_) if reasons => carry.lose_parameter("temperature"),
        Some(value) if value.as_f64().is_some_and(|value| value > 1.0) => {
            carry.lose_parameter("temperature");
            o.whole("temperature", 1);
        }
        Some(value) => o.number("temperature", value),
        None => {}
    }
    match top_p {
        Some(_) if reasons || temperature.is_some() => carry.lose_parameter("top_p"),
        Some(value) => o.number("top_p", value),
        None => {}
    }
}

fn is(number: &Number, value: f64) -> bool {
    number
        .as_f64()
        .is_some_and(|number| (number - value).abs() < f64::EPSILON)
}

/// Writes `thinking` and `output_config`.
///
/// An effort goes with adaptive thinking: unlike a budget it does not ask that earlier
/// turns begin with signed reasoning, which callers of other formats seldom keep.
fn reasoning(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let effort = match &request.reasoning {
        Some(Reasoning::Effort(word)) => effort(word, carry),
        _ => None,
    };
    match &request.reasoning {
        Some(Reasoning::Off) => o.object("thinking", |o| o.string("type", "disabled")),
        Some(Reasoning::Budget(tokens)) if carry.own || reasons(request) => {
            o.object("thinking", |o| {
                o.string("type", "enabled");
                o.whole("budget_tokens", *tokens);
            });
        }
        Some(Reasoning::Adaptive | Reasoning::Effort(_)) if reasons(request) => {
            o.object("thinking", |o| o.string("type", "adaptive"));
        }
        // A call that must be made and reasoning are not taken together.
        Some(Reasoning::Budget(_) | Reasoning::Adaptive) => carry.lose_parameter("thinking"),
        Some(Reasoning::Effort(_)) | None => {}
    }
    let schema = match &request.response_format {
        Some(ResponseFormat::JsonSchema { schema, .. }) => Some(schema),
        Some(ResponseFormat::JsonObject) => {
            carry.lose_parameter("response_format");
            None
        }
        Some(ResponseFormat::Text) | None => None,
    };
    if effort.is_some() || schema.is_some() {
        o.object("output_config", |o| {
            o.optional("effort", effort);
            if let Some(schema) = schema {
                o.object("format", |o| {
                    o.string("type", "json_schema");
                    o.raw("schema", schema);
                });
            }
        });
    }
}

fn effort<'r>(word: &'r str, carry: &mut Carry<'_>) -> Option<&'r str> {
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

/// Writes who asks and in which tier.
fn identity(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if let Some(user) = &request.user {
        o.object("metadata", |o| o.string("user_id", user));
    }
    if request.metadata.is_some() {
        carry.lose_parameter("metadata");
    }
    match request.service_tier.as_deref() {
        None => {}
        Some(tier) if carry.own => o.string("service_tier", tier),
        Some("auto") => o.string("service_tier", "auto"),
        Some("default") => o.string("service_tier", "standard_only"),
        Some(_) => carry.lose_parameter("service_tier"),
    }
}
