//! Writes a request.
//!
//! Nothing is left with the provider that the caller did not ask to leave there: unlike
//! elsewhere an answer is stored unless the request says otherwise, so it says so. What
//! would be kept for the next turn comes along encrypted.

use bytes::Bytes;

use super::super::items::{system_role, write_message, write_turn};
use super::tools;
use crate::exchange::{ChatRequest, Message, Part, Reasoning, ResponseFormat};
use crate::format::{Dialect, FormatId};
use crate::loss::{Carry, Losses};
use crate::openai;
use crate::write::{self, Object};

pub(in crate::openai_responses) fn encode(
    request: &ChatRequest,
    dialect: Dialect,
    losses: &mut Losses,
) -> Bytes {
    let own = request.origin == Some(FormatId::OpenaiResponses);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let body = write::object(|o| {
        o.string("model", &request.model);
        input(o, request, dialect, carry);
        tools::write(o, request, carry);
        limit(o, request, carry);
        sampling(o, request, carry);
        reasoning(o, request, carry);
        text(o, request);
        include(o, request, carry);
        identity(o, request, carry);
        if request.stream {
            o.bool("stream", true);
        }
        store(o, request, carry);
        carry.extras_and(o, &request.extras, openai::shared(request.origin));
    });
    body.into()
}

/// A smaller limit is refused.
const OUTPUT_TOKENS_MIN: u64 = 16;

fn limit(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    match request.max_output_tokens {
        None => {}
        Some(max) if carry.own || max >= OUTPUT_TOKENS_MIN => o.whole("max_output_tokens", max),
        Some(_) => {
            carry.lose_parameter("max_output_tokens");
            o.whole("max_output_tokens", OUTPUT_TOKENS_MIN);
        }
    }
}

fn input(o: &mut Object<'_>, request: &ChatRequest, dialect: Dialect, carry: &mut Carry<'_>) {
    let instructions = match request.system.as_slice() {
        [] => None,
        [Part::Text(text)] => {
            o.string("instructions", text);
            None
        }
        parts => Some(parts),
    };
    o.array("input", |a| {
        if let Some(parts) = instructions {
            write_message(a, system_role(dialect), parts, carry);
        }
        for message in &request.messages {
            write_turn(a, message, dialect, carry);
        }
    });
}

fn sampling(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let sampling = &request.sampling;
    for (name, value) in [
        ("temperature", &sampling.temperature),
        ("top_p", &sampling.top_p),
    ] {
        if let Some(value) = value {
            o.number(name, value);
        }
    }
    if let Some(top) = sampling.top_logprobs.filter(|top| carry.own || *top > 0) {
        o.whole("top_logprobs", top);
    }
    for (name, value) in [
        ("frequency_penalty", &sampling.frequency_penalty),
        ("presence_penalty", &sampling.presence_penalty),
    ] {
        let asks = |value: &serde_json::Number| value.as_f64() != Some(0.0);
        if value.as_ref().is_some_and(asks) {
            carry.lose_parameter(name);
        }
    }
    for (name, is_lost) in [
        ("stop", !request.stop.is_empty()),
        ("top_k", sampling.top_k.is_some()),
        ("seed", sampling.seed.is_some()),
        ("n", sampling.choices.is_some_and(|choices| choices > 1)),
    ] {
        if is_lost {
            carry.lose_parameter(name);
        }
    }
}

/// Who asks elsewhere for reasoning by tokens, or leaves it to the model, expects to read
/// it: a summary is what there is here.
fn reasoning(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let mut summary = request.reasoning_summary.as_deref();
    let effort = match &request.reasoning {
        None => None,
        Some(Reasoning::Off) if carry.own => Some("none"),
        // Models that cannot reason refuse the parameter.
        Some(Reasoning::Off) => {
            carry.lose_parameter("thinking");
            None
        }
        Some(Reasoning::Effort(word)) => Some(word.as_str()),
        Some(Reasoning::Budget(tokens)) => {
            carry.lose_parameter("thinking.budget_tokens");
            summary = summary.or(Some("auto"));
            Some(openai::effort(*tokens))
        }
        Some(Reasoning::Adaptive) => {
            summary = summary.or(Some("auto"));
            None
        }
    };
    if effort.is_some() || summary.is_some() {
        o.object("reasoning", |o| {
            o.optional("effort", effort);
            o.optional("summary", summary);
        });
    }
}

fn text(o: &mut Object<'_>, request: &ChatRequest) {
    if request.response_format.is_none() && request.verbosity.is_none() {
        return;
    }
    o.object("text", |o| {
        if let Some(format) = &request.response_format {
            o.object("format", |o| response_format(o, format));
        }
        o.optional("verbosity", request.verbosity.as_deref());
    });
}

fn response_format(o: &mut Object<'_>, format: &ResponseFormat) {
    match format {
        ResponseFormat::Text => o.string("type", "text"),
        ResponseFormat::JsonObject => o.string("type", "json_object"),
        ResponseFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        } => {
            o.string("type", "json_schema");
            o.string("name", if name.is_empty() { "answer" } else { name });
            o.optional("description", description.as_deref());
            o.raw("schema", schema);
            if let Some(strict) = strict {
                o.bool("strict", *strict);
            }
        }
    }
}

/// Models that do not reason refuse to be asked for encrypted reasoning.
fn include(o: &mut Object<'_>, request: &ChatRequest, carry: &Carry<'_>) {
    if carry.own && request.extras.iter().any(|(name, _)| name == "include") {
        return;
    }
    let asked = matches!(
        request.reasoning,
        Some(Reasoning::Effort(_) | Reasoning::Budget(_) | Reasoning::Adaptive)
    );
    let is_ours = |part: &Part| match part {
        Part::Reasoning(thought) => thought.is_bound_to(FormatId::OpenaiResponses),
        _ => false,
    };
    let known = |message: &Message| message.parts.iter().any(is_ours);
    let reasons = asked || request.messages.iter().any(known);
    let logprobs = request.sampling.logprobs == Some(true);
    if reasons || logprobs {
        o.array("include", |a| {
            if reasons {
                a.string("reasoning.encrypted_content");
            }
            if logprobs {
                a.string("message.output_text.logprobs");
            }
        });
    }
}

/// Writes who asks, and in which tier.
fn identity(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    o.optional("user", request.user.as_deref());
    if let Some(metadata) = &request.metadata {
        o.raw("metadata", metadata);
    }
    match request.service_tier.as_deref() {
        None => {}
        Some(tier) if openai::is_kin(request.origin) => o.string("service_tier", tier),
        Some("auto") => o.string("service_tier", "auto"),
        Some("standard_only") => o.string("service_tier", "default"),
        Some(_) => carry.lose_parameter("service_tier"),
    }
}

/// Elsewhere nothing is stored unless the request says so.
fn store(o: &mut Object<'_>, request: &ChatRequest, carry: &Carry<'_>) {
    let is_said = |(name, _): &(String, _)| name == "store";
    let is_said = openai::is_kin(request.origin) && request.extras.iter().any(is_said);
    if !carry.own && !is_said {
        o.bool("store", false);
    }
}
