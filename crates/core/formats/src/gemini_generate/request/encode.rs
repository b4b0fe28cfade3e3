//! Writes a request.

use bytes::Bytes;

use super::generation::{always_thinks, thinks_by_word};
use super::{tools, turns};
use crate::exchange::{ChatRequest, Reasoning, ResponseFormat, Sampling};
use crate::format::Dialect;
use crate::gemini_generate::OWN;
use crate::loss::{Carry, Losses};
use crate::write::{self, Object};

/// The most stop texts that the provider takes.
const STOPS_MAX: usize = 5;

/// The least that a model thinks that cannot do without, in tokens.
const BUDGET_MIN: u64 = 128;

pub(in crate::gemini_generate) fn encode(
    request: &ChatRequest,
    _dialect: Dialect,
    losses: &mut Losses,
) -> Bytes {
    let own = request.origin == Some(OWN);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let body = write::object(|o| {
        turns::write(o, request, carry);
        tools::write(o, request, carry);
        if says_something(request) {
            o.object("generationConfig", |o| generation_config(o, request, carry));
        }
        identity(o, request, carry);
        carry.extras(o, &request.extras);
    });
    body.into()
}

/// Whether there is anything to write into `generationConfig`.
const fn says_something(request: &ChatRequest) -> bool {
    let sampling = &request.sampling;
    request.max_output_tokens.is_some()
        || !request.stop.is_empty()
        || request.response_format.is_some()
        || request.reasoning.is_some()
        || sampling.temperature.is_some()
        || sampling.top_p.is_some()
        || sampling.top_k.is_some()
        || sampling.seed.is_some()
        || sampling.frequency_penalty.is_some()
        || sampling.presence_penalty.is_some()
        || sampling.choices.is_some()
        || sampling.logprobs.is_some()
        || sampling.top_logprobs.is_some()
}

fn generation_config(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if let Some(max) = request.max_output_tokens {
        o.whole("maxOutputTokens", max);
    }
    if request.stop.len() > STOPS_MAX {
        carry.lose_parameter("stop");
    }
    if !request.stop.is_empty() {
        o.array("stopSequences", |a| {
            request
                .stop
                .iter()
                .take(STOPS_MAX)
                .for_each(|stop| a.string(stop));
        });
    }
    sampling(o, &request.sampling, carry);
    response_format(o, request.response_format.as_ref());
    if let Some(reasoning) = &request.reasoning {
        thinking(o, reasoning, &request.model, carry);
    }
}

fn sampling(o: &mut Object<'_>, sampling: &Sampling, carry: &mut Carry<'_>) {
    let numbers = [
        ("temperature", &sampling.temperature),
        ("topP", &sampling.top_p),
        ("presencePenalty", &sampling.presence_penalty),
        ("frequencyPenalty", &sampling.frequency_penalty),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            o.number(name, value);
        }
    }
    if let Some(top_k) = sampling.top_k {
        o.whole("topK", top_k);
    }
    match sampling.seed.map(i32::try_from) {
        Some(Ok(seed)) => o.json("seed", &seed.to_string()),
        Some(Err(_out_of_range)) => carry.lose_parameter("seed"),
        None => {}
    }
    if let Some(choices) = sampling.choices {
        o.whole("candidateCount", choices);
    }
    if let Some(logprobs) = sampling.logprobs {
        o.bool("responseLogprobs", logprobs);
    }
    if let Some(top) = sampling.top_logprobs {
        o.whole("logprobs", top);
    }
}

fn response_format(o: &mut Object<'_>, format: Option<&ResponseFormat>) {
    match format {
        None => {}
        Some(ResponseFormat::Text) => o.string("responseMimeType", "text/plain"),
        Some(ResponseFormat::JsonObject) => o.string("responseMimeType", "application/json"),
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            o.string("responseMimeType", "application/json");
            o.raw("responseJsonSchema", schema);
        }
    }
}

/// Newer models take a word, older ones a budget; the documentation of the provider's own
/// compatible API says which budget stands for which word.
fn thinking(o: &mut Object<'_>, reasoning: &Reasoning, model: &str, carry: &mut Carry<'_>) {
    let by_word = carry.own || thinks_by_word(model);
    if *reasoning == Reasoning::Off && !carry.own && always_thinks(model) {
        carry.lose_parameter("thinking");
    }
    o.object("thinkingConfig", |o| {
        match reasoning {
            Reasoning::Off if carry.own || !always_thinks(model) => o.whole("thinkingBudget", 0),
            Reasoning::Off if by_word => o.string("thinkingLevel", "LOW"),
            Reasoning::Off => o.whole("thinkingBudget", BUDGET_MIN),
            Reasoning::Effort(word) if by_word => {
                o.string("thinkingLevel", &level(word, carry));
            }
            Reasoning::Effort(word) => o.whole("thinkingBudget", budget(word, carry)),
            Reasoning::Budget(tokens) => o.whole("thinkingBudget", *tokens),
            Reasoning::Adaptive if by_word && !carry.own => {}
            Reasoning::Adaptive => o.json("thinkingBudget", "-1"),
        }
        if *reasoning != Reasoning::Off {
            o.bool("includeThoughts", true);
        }
    });
}

fn level(word: &str, carry: &mut Carry<'_>) -> String {
    match word {
        "minimal" | "low" | "medium" | "high" => word.to_ascii_uppercase(),
        _ if carry.own => word.to_ascii_uppercase(),
        _ => {
            carry.lose_parameter("reasoning_effort");
            "HIGH".to_owned()
        }
    }
}

fn budget(word: &str, carry: &mut Carry<'_>) -> u64 {
    match word {
        "minimal" | "low" => 1024,
        "medium" => 8192,
        "high" => 24_576,
        _ => {
            carry.lose_parameter("reasoning_effort");
            24_576
        }
    }
}

/// Writes who asks, as far as the provider takes it.
fn identity(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if request.user.is_some() {
        carry.lose_parameter("user");
    }
    match &request.metadata {
        Some(labels) if carry.own => o.raw("labels", labels),
        Some(_) => carry.lose_parameter("metadata"),
        None => {}
    }
    if !matches!(
        request.service_tier.as_deref(),
        None | Some("auto" | "default" | "standard_only")
    ) {
        carry.lose_parameter("service_tier");
    }
    if request.verbosity.is_some() {
        carry.lose_parameter("verbosity");
    }
}
