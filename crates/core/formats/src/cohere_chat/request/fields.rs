//! Writes the parameters of a request.
//!
//! Ranges that a caller of another format cannot know are kept here: temperature and the
//! penalties end at 1, `p` begins behind 0 and ends before 1. What has to give way is a loss by name.

use serde_json::Number;

use crate::exchange::{ChatRequest, Reasoning, ResponseFormat};
use crate::loss::Carry;
use crate::write::Object;

/// The most stop texts that the provider takes.
const STOPS_MAX: usize = 5;

/// The most of the likeliest tokens that it samples from.
const K_MAX: u64 = 500;

/// The smallest nucleus that it takes, and what comes nearest to none: `p` ends before 1.
const P: (f64, f64) = (0.01, 0.99);

pub(super) fn write(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if let Some(max) = request.max_output_tokens {
        o.whole("max_tokens", max);
    }
    stop(o, request, carry);
    sampling(o, request, carry);
    response_format(o, request.response_format.as_ref());
    reasoning(o, request.reasoning.as_ref(), carry);
    others(request, carry);
}

fn stop(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if request.stop.is_empty() {
        return;
    }
    let most = if carry.own { usize::MAX } else { STOPS_MAX };
    if request.stop.len() > most {
        carry.lose_parameter("stop");
    }
    o.array("stop_sequences", |a| {
        let taken = request.stop.iter().take(most);
        taken.for_each(|text| a.string(text));
    });
}

fn sampling(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let sampling = &request.sampling;
    let within = [
        ("temperature", &sampling.temperature, (0.0, 1.0)),
        ("frequency_penalty", &sampling.frequency_penalty, (0.0, 1.0)),
        ("presence_penalty", &sampling.presence_penalty, (0.0, 1.0)),
    ];
    for (name, value, range) in within {
        if let Some(value) = value {
            number(o, name, value, range, carry);
        }
    }
    match &sampling.top_p {
        // Everything is what no nucleus means, too.
        Some(value) if !carry.own && value.as_f64().is_some_and(|value| value > P.1) => {
            o.json("p", &P.1.to_string());
        }
        Some(value) if !carry.own && value.as_f64().is_some_and(|value| value < P.0) => {
            carry.lose_parameter("top_p");
            o.json("p", &P.0.to_string());
        }
        Some(value) => o.number("p", value),
        None => {}
    }
    match sampling.top_k {
        Some(top_k) if !carry.own && top_k > K_MAX => {
            carry.lose_parameter("top_k");
            o.whole("k", K_MAX);
        }
        Some(top_k) => o.whole("k", top_k),
        None => {}
    }
    match sampling.seed {
        Some(seed) if seed < 0 => carry.lose_parameter("seed"),
        Some(seed) => o.json("seed", &seed.to_string()),
        None => {}
    }
    if let Some(logprobs) = sampling.logprobs {
        o.bool("logprobs", logprobs);
    }
}

/// Writes a number that other formats have a wider range for: the end of this one's, then.
fn number(
    o: &mut Object<'_>,
    name: &'static str,
    value: &Number,
    (least, most): (f64, f64),
    carry: &mut Carry<'_>,
) {
    let given = value.as_f64().unwrap_or_default();
    if carry.own || (least..=most).contains(&given) {
        return o.number(name, value);
    }
    carry.lose_parameter(name);
    o.whole(name, u64::from(given > most));
}

fn response_format(o: &mut Object<'_>, format: Option<&ResponseFormat>) {
    let Some(format) = format else { return };
    o.object("response_format", |o| match format {
        ResponseFormat::Text => o.string("type", "text"),
        ResponseFormat::JsonObject => o.string("type", "json_object"),
        ResponseFormat::JsonSchema { schema, .. } => {
            o.string("type", "json_object");
            o.raw("json_schema", schema);
        }
    });
}

/// Models that can reason do so unless they are told not to.
fn reasoning(o: &mut Object<'_>, reasoning: Option<&Reasoning>, carry: &mut Carry<'_>) {
    let (kind, budget) = match reasoning {
        None => return,
        Some(Reasoning::Off) => ("disabled", None),
        Some(Reasoning::Adaptive) => ("enabled", None),
        Some(Reasoning::Budget(tokens)) => ("enabled", Some(*tokens)),
        Some(Reasoning::Effort(_)) => {
            carry.lose_parameter("reasoning_effort");
            ("enabled", None)
        }
    };
    o.object("thinking", |o| {
        o.string("type", kind);
        if let Some(tokens) = budget {
            o.whole("token_budget", tokens);
        }
    });
}

/// Names what has no place.
fn others(request: &ChatRequest, carry: &mut Carry<'_>) {
    let sampling = &request.sampling;
    let lost = [
        ("n", sampling.choices.is_some_and(|choices| choices > 1)),
        (
            "top_logprobs",
            sampling.top_logprobs.is_some_and(|top| top > 0),
        ),
        ("user", request.user.is_some()),
        ("metadata", request.metadata.is_some()),
        ("verbosity", request.verbosity.is_some()),
        (
            "service_tier",
            !matches!(
                request.service_tier.as_deref(),
                None | Some("auto" | "default" | "standard_only")
            ),
        ),
    ];
    for (name, _) in lost.into_iter().filter(|(_, is_lost)| *is_lost) {
        carry.lose_parameter(name);
    }
}
