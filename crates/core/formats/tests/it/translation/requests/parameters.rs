//! What the answer is to be like.

use super::*;

fn schema(request: &mut ChatRequest, strict: Option<bool>) {
    request.response_format = Some(ResponseFormat::JsonSchema {
        name: "answer".to_owned(),
        description: None,
        schema: raw(
            r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
        ),
        strict,
    });
}

pub(super) static FORM: &[Feature] = &[
    Feature {
        name: "answer in JSON",
        note: NONE,
        add: |request| request.response_format = Some(ResponseFormat::JsonObject),
        probe: |request| {
            matches!(request.response_format, Some(ResponseFormat::JsonObject)).then(String::new)
        },
    },
    Feature {
        name: "answer by a schema",
        note: NONE,
        add: |request| schema(request, Some(true)),
        probe: |request| match &request.response_format {
            Some(ResponseFormat::JsonSchema { schema, .. }) => Some(schema.get().to_owned()),
            _ => None,
        },
    },
    Feature {
        name: "name of the schema",
        note: "a name of the gateway's",
        add: |request| schema(request, Some(true)),
        probe: |request| match &request.response_format {
            Some(ResponseFormat::JsonSchema { name, .. }) => {
                Some(name.clone()).filter(|name| !name.is_empty())
            }
            _ => None,
        },
    },
    Feature {
        name: "reasoning by a word (`high`)",
        note: "a budget, or another word",
        add: |request| request.reasoning = Some(Reasoning::Effort("high".to_owned())),
        probe: |request| {
            request
                .reasoning
                .as_ref()
                .map(|reasoning| format!("{reasoning:?}"))
        },
    },
    Feature {
        name: "reasoning by a budget of tokens",
        note: "a word: the nearest",
        add: |request| request.reasoning = Some(Reasoning::Budget(2048)),
        probe: |request| {
            request
                .reasoning
                .as_ref()
                .map(|reasoning| format!("{reasoning:?}"))
        },
    },
    Feature {
        name: "reasoning as the model decides",
        note: "a word, or what the model does by itself",
        add: |request| request.reasoning = Some(Reasoning::Adaptive),
        probe: |request| {
            request
                .reasoning
                .as_ref()
                .map(|reasoning| format!("{reasoning:?}"))
        },
    },
    Feature {
        name: "no reasoning",
        note: "as little as can be",
        add: |request| request.reasoning = Some(Reasoning::Off),
        probe: |request| {
            request
                .reasoning
                .as_ref()
                .map(|reasoning| format!("{reasoning:?}"))
        },
    },
    Feature {
        name: "verbosity",
        note: NONE,
        add: |request| request.verbosity = Some("low".to_owned()),
        probe: |request| request.verbosity.clone(),
    },
];

pub(super) static SAMPLING: &[Feature] = &[
    Feature {
        name: "most tokens of the answer",
        note: NONE,
        add: |request| request.max_output_tokens = Some(77),
        probe: |request| request.max_output_tokens.map(|most| most.to_string()),
    },
    Feature {
        name: "stop texts",
        note: NONE,
        add: |request| request.stop = vec!["END".to_owned()],
        probe: |request| request.stop.first().cloned(),
    },
    Feature {
        name: "temperature",
        note: NONE,
        add: |request| request.sampling.temperature = number(0.5),
        probe: |request| {
            request
                .sampling
                .temperature
                .as_ref()
                .map(ToString::to_string)
        },
    },
    Feature {
        name: "temperature above 1",
        note: "1",
        add: |request| request.sampling.temperature = number(1.5),
        probe: |request| {
            request
                .sampling
                .temperature
                .as_ref()
                .map(ToString::to_string)
        },
    },
    Feature {
        name: "top_p",
        note: NONE,
        add: |request| request.sampling.top_p = number(0.5),
        probe: |request| request.sampling.top_p.as_ref().map(ToString::to_string),
    },
    Feature {
        name: "top_k",
        note: NONE,
        add: |request| request.sampling.top_k = Some(7),
        probe: |request| request.sampling.top_k.map(|k| k.to_string()),
    },
    Feature {
        name: "seed",
        note: NONE,
        add: |request| request.sampling.seed = Some(7),
        probe: |request| request.sampling.seed.map(|seed| seed.to_string()),
    },
    Feature {
        name: "frequency penalty",
        note: NONE,
        add: |request| request.sampling.frequency_penalty = number(0.5),
        probe: |request| {
            request
                .sampling
                .frequency_penalty
                .as_ref()
                .map(ToString::to_string)
        },
    },
    Feature {
        name: "presence penalty",
        note: NONE,
        add: |request| request.sampling.presence_penalty = number(0.5),
        probe: |request| {
            request
                .sampling
                .presence_penalty
                .as_ref()
                .map(ToString::to_string)
        },
    },
    Feature {
        name: "several answers",
        note: NONE,
        add: |request| request.sampling.choices = Some(2),
        probe: |request| request.sampling.choices.map(|choices| choices.to_string()),
    },
    Feature {
        name: "probabilities of tokens",
        note: NONE,
        add: |request| request.sampling.logprobs = Some(true),
        probe: |request| request.sampling.logprobs.map(|wanted| wanted.to_string()),
    },
    Feature {
        name: "probabilities of the likeliest tokens",
        note: NONE,
        add: |request| {
            request.sampling.logprobs = Some(true);
            request.sampling.top_logprobs = Some(3);
        },
        probe: |request| request.sampling.top_logprobs.map(|top| top.to_string()),
    },
];

pub(super) static REST: &[Feature] = &[
    Feature {
        name: "streaming",
        note: NONE,
        add: |request| request.stream = true,
        probe: |request| request.stream.then(String::new),
    },
    Feature {
        name: "the caller's user",
        note: NONE,
        add: |request| request.user = Some("u-1".to_owned()),
        probe: |request| request.user.clone(),
    },
    Feature {
        name: "metadata",
        note: NONE,
        add: |request| request.metadata = Some(raw(r#"{"team":"search"}"#)),
        probe: |request| {
            request
                .metadata
                .as_ref()
                .map(|metadata| metadata.get().to_owned())
        },
    },
    Feature {
        name: "service tier",
        note: "",
        add: |request| request.service_tier = Some("priority".to_owned()),
        probe: |request| request.service_tier.clone(),
    },
];
