//! What `input_validation` limits of a request as a whole, in every format of
//! conversations: its turns, its tools and its parameters.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tollgate_formats::{FORMATS, Format, FormatId};
use tollgate_policy::{
    InputValidationDetector, InputValidationOptions, Machine, Names, RequestLimits, Rule,
    RuleAction, RuleSet, Verdict,
};
use tollgate_wire::Document;

use crate::support::rule;

/// Requests of a format.
struct Sample {
    /// Three turns; a tool of the caller's that is called `shell`.
    body: Value,
    /// Requests that offer `shell` in other places.
    hidden: Vec<Value>,
    /// Requests that offer a tool of the provider's, and the names to deny it by.
    provided: Vec<(Value, &'static str)>,
    /// A parameter in the body.
    parameter: &'static str,
    /// A number in the body that is 100, with a dot for each level.
    number: &'static str,
}

fn sample(format: FormatId) -> Option<Sample> {
    Some(match format {
        FormatId::OpenaiChat => openai_chat(),
        FormatId::AnthropicMessages => anthropic_messages(),
        FormatId::GeminiGenerate => gemini_generate(),
        FormatId::BedrockConverse => bedrock_converse(),
        FormatId::OpenaiResponses => openai_responses(),
        FormatId::CohereChat => cohere_chat(),
        // They have no turns and offer no tools.
        _ => return None,
    })
}

/// `body` with another member.
fn with(body: &Value, key: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[key] = value;
    body
}

fn openai_chat() -> Sample {
    let turn = |role: &str| json!({"role": role, "content": "x"});
    let body = json!({"model": "m", "messages": [turn("user"), turn("assistant"), turn("user")],
        "tools": [{"type": "function", "function": {"name": "shell"}}], "max_tokens": 100});
    Sample {
        hidden: vec![
            with(
                &body,
                "tools",
                json!([{"type": "custom", "custom": {"name": "shell"}}]),
            ),
            with(&body, "functions", json!([{"name": "shell"}])),
            with(
                &body,
                "mcp_servers",
                json!([{"type": "url", "name": "shell"}]),
            ),
        ],
        provided: vec![
            (with(&body, "web_search_options", json!({})), "web_search"),
            (
                with(&body, "web_search_options", json!({})),
                "web_search_options",
            ),
        ],
        body,
        parameter: "max_tokens",
        number: "max_tokens",
    }
}

fn anthropic_messages() -> Sample {
    let turn = |role: &str| json!({"role": role, "content": "x"});
    let body = json!({"model": "m", "messages": [turn("user"), turn("assistant"), turn("user")],
        "tools": [{"name": "shell", "input_schema": {"type": "object"}}], "max_tokens": 100});
    Sample {
        hidden: vec![
            with(
                &body,
                "tools",
                json!([{"input_schema": {}, "type": "custom", "name": "shell"}]),
            ),
            with(
                &body,
                "mcp_servers",
                json!([{"type": "url", "url": "x", "name": "shell"}]),
            ),
        ],
        provided: vec![(
            with(
                &body,
                "tools",
                json!([{"type": "bash_20250124", "name": "bash"}]),
            ),
            "bash_20250124",
        )],
        body,
        parameter: "max_tokens",
        number: "max_tokens",
    }
}

fn cohere_chat() -> Sample {
    let turn = |role: &str| json!({"role": role, "content": "x"});
    let body = json!({"model": "m", "messages": [turn("user"), turn("assistant"), turn("user")],
        "tools": [{"type": "function", "function": {"name": "shell"}}], "max_tokens": 100});
    Sample {
        hidden: vec![with(
            &body,
            "tools",
            json!([{"function": {"description": "x", "name": "shell"}, "type": "function"}]),
        )],
        provided: vec![(
            with(&body, "tools", json!([{"type": "web_search"}])),
            "web_search",
        )],
        body,
        parameter: "max_tokens",
        number: "max_tokens",
    }
}

fn gemini_generate() -> Sample {
    let turn = |role: &str| json!({"role": role, "parts": [{"text": "x"}]});
    let body = json!({"contents": [turn("user"), turn("model"), turn("user")],
        "tools": [{"functionDeclarations": [{"name": "shell"}]}],
        "generationConfig": {"maxOutputTokens": 100}});
    let snake = json!({"contents": [turn("user"), turn("model"), turn("user")],
        "tools": [{"function_declarations": [{"name": "other"}, {"name": "shell"}]}],
        "generation_config": {"max_output_tokens": 100}});
    let searches = |written: &str| with(&body, "tools", json!([{written: {}}]));
    Sample {
        hidden: vec![
            snake,
            with(
                &body,
                "tools",
                json!([{"googleSearch": {}, "functionDeclarations": [{"name": "shell"}]}]),
            ),
        ],
        provided: vec![
            (searches("googleSearch"), "googleSearch"),
            (searches("google_search"), "googleSearch"),
            (searches("googleSearch"), "google_search"),
            (searches("google_search"), "web_search"),
            (searches("codeExecution"), "code_*"),
        ],
        body,
        parameter: "generationConfig",
        number: "generation_config.max_output_tokens",
    }
}

fn bedrock_converse() -> Sample {
    let turn = |role: &str| json!({"role": role, "content": [{"text": "x"}]});
    let body = json!({"messages": [turn("user"), turn("assistant"), turn("user")],
        "toolConfig": {"tools": [{"toolSpec": {"name": "shell", "inputSchema": {"json": {}}}}, {"cachePoint": {"type": "default"}}]},
        "inferenceConfig": {"maxTokens": 100}});
    Sample {
        hidden: vec![with(
            &body,
            "additionalModelRequestFields",
            json!({"tools": [{"type": "custom", "name": "shell"}]}),
        )],
        provided: vec![
            (
                with(
                    &body,
                    "toolConfig",
                    json!({"tools": [{"systemTool": {"name": "nova_grounding"}}]}),
                ),
                "nova_*",
            ),
            (
                with(
                    &body,
                    "additionalModelRequestFields",
                    json!({"tools": [{"type": "bash_20250124", "name": "bash"}]}),
                ),
                "bash_20250124",
            ),
        ],
        body,
        parameter: "inferenceConfig",
        number: "inferenceConfig.maxTokens",
    }
}

fn openai_responses() -> Sample {
    let turn = |role: &str| json!({"role": role, "content": "x"});
    let body = json!({"model": "m", "input": [turn("user"), turn("assistant"), turn("user")],
        "tools": [{"type": "function", "name": "shell"}], "max_output_tokens": 100});
    let namespace = json!([{"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "shell"}]}]);
    let found = json!([turn("user"), turn("user"),
        {"type": "tool_search_output", "tools": [{"type": "function", "name": "shell"}]}]);
    let mut searched = with(&body, "input", found);
    searched["tools"] = json!([]);
    Sample {
        hidden: vec![with(&body, "tools", namespace), searched],
        provided: vec![(
            with(&body, "tools", json!([{"type": "web_search"}])),
            "web_search",
        )],
        body,
        parameter: "max_output_tokens",
        number: "max_output_tokens",
    }
}

/// What a rule with these limits finds.
fn found(format: &dyn Format, body: &Value, limits: RequestLimits) -> Vec<String> {
    let body = Bytes::from(body.to_string());
    let view = format.view_request(&body, true).unwrap();
    let options = InputValidationOptions {
        limits,
        ..InputValidationOptions::default()
    };
    let rules = RuleSet::new(vec![Rule {
        detector: Arc::new(InputValidationDetector::new(&options).unwrap()),
        ..rule("r", RuleAction::Block { message: None }, &["ssn"])
    }]);
    let mut machine = Machine::new(Arc::new(rules));
    let verdict = machine.request_for("m", &mut Document::new(body), &view);
    let found: Vec<String> = machine
        .records()
        .iter()
        .map(|record| record.entity.to_string())
        .collect();
    assert_eq!(verdict == Verdict::Pass, found.is_empty());
    found
}

fn tools(allow: &[&str], deny: &[&str]) -> RequestLimits {
    RequestLimits {
        tools: names(allow, deny),
        ..RequestLimits::default()
    }
}

fn names(allow: &[&str], deny: &[&str]) -> Names {
    Names {
        allow: allow.iter().map(|name| Arc::from(*name)).collect(),
        deny: deny.iter().map(|name| Arc::from(*name)).collect(),
    }
}

/// Every format of conversations, and its sample.
fn samples() -> impl Iterator<Item = (&'static dyn Format, Sample)> {
    FORMATS.iter().filter_map(|format| {
        let sample = sample(format.id());
        assert_eq!(
            sample.is_some(),
            format.id().chat().is_some(),
            "{} has a sample",
            format.label()
        );
        Some((*format, sample?))
    })
}

#[test]
fn turns_are_counted_in_every_format() {
    for (format, sample) in samples() {
        let most = |turns| RequestLimits {
            turns_max: Some(turns),
            ..RequestLimits::default()
        };
        let label = format.label();
        assert_eq!(
            found(format, &sample.body, most(2)),
            ["too_many_turns"],
            "{label}"
        );
        assert!(found(format, &sample.body, most(3)).is_empty(), "{label}");
    }
}

#[test]
fn tools_are_seen_wherever_a_format_offers_them() {
    for (format, sample) in samples() {
        let label = format.label();
        for body in sample.hidden.iter().chain([&sample.body]) {
            let is_found = |limits| found(format, body, limits) == ["denied_tool"];
            assert!(is_found(tools(&[], &["shell"])), "{label} {body}");
            assert!(is_found(tools(&["other"], &[])), "{label} {body}");
            assert!(!is_found(tools(&[], &["other_one"])), "{label} {body}");
        }
        assert!(
            found(format, &sample.body, tools(&["shell"], &[])).is_empty(),
            "{label}"
        );
        for (body, name) in &sample.provided {
            let is_found = |limits| found(format, body, limits) == ["denied_tool"];
            assert!(is_found(tools(&[], &[name])), "{label} {name} {body}");
            assert!(is_found(tools(&["shell"], &[])), "{label} {name} {body}");
            assert!(
                !is_found(tools(&["shell", name], &[])),
                "{label} {name} {body}"
            );
        }
    }
}

#[test]
fn parameters_and_ranges_hold_in_every_format() {
    for (format, sample) in samples() {
        let label = format.label();
        let parameters = |allow: &[&str], deny: &[&str]| RequestLimits {
            parameters: names(allow, deny),
            ..RequestLimits::default()
        };
        let up_to = |most: f64| RequestLimits {
            ranges: vec![(Arc::from(sample.number), 0.0..=most)],
            ..RequestLimits::default()
        };
        let members: Vec<&str> = sample
            .body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        for (limits, is_fine) in [
            (parameters(&[], &[sample.parameter]), false),
            (parameters(&members[1..], &[]), false),
            (parameters(&members, &["logit_bias"]), true),
            (up_to(99.0), false),
            (up_to(100.0), true),
        ] {
            let expected: &[&str] = if is_fine { &[] } else { &["denied_parameter"] };
            assert_eq!(found(format, &sample.body, limits), expected, "{label}");
        }
    }
}

#[test]
fn a_member_is_limited_however_it_is_spelled() {
    let format = FormatId::GeminiGenerate.format();
    let snake = json!({"contents": [], "safety_settings": [], "generation_config": {"max_output_tokens": 9}});
    let denied = RequestLimits {
        parameters: names(&[], &["safetySettings"]),
        ..RequestLimits::default()
    };
    assert_eq!(found(format, &snake, denied), ["denied_parameter"]);
    let ranges = RequestLimits {
        ranges: vec![(Arc::from("generationConfig.maxOutputTokens"), 0.0..=8.0)],
        ..RequestLimits::default()
    };
    assert_eq!(found(format, &snake, ranges), ["denied_parameter"]);
}

#[test]
fn a_model_that_the_path_names_is_the_one_that_counts() {
    let limits = |allow: &[&str], deny: &[&str]| RequestLimits {
        models: names(allow, deny),
        ..RequestLimits::default()
    };
    for (format, sample) in samples() {
        let label = format.label();
        let body = with(&sample.body, "model", json!("other"));
        assert!(
            found(format, &body, limits(&["m"], &[])).is_empty(),
            "{label}"
        );
        assert!(
            found(format, &body, limits(&[], &["x"])).is_empty(),
            "{label}"
        );
        assert_eq!(
            found(format, &body, limits(&[], &["m"])),
            ["denied_model"],
            "{label}"
        );
    }
}
