//! What is beyond the limits, in the formats there are.

use tollgate_formats::{FormatId, TextPaths};

use super::{LimitCheck, Names, RequestLimits};
use crate::check::{Check, MessageFacts};
use crate::detectors::input_validation::Schema;

fn names(allow: &[&str], deny: &[&str]) -> Names {
    Names {
        allow: allow.iter().map(|name| (*name).into()).collect(),
        deny: deny.iter().map(|name| (*name).into()).collect(),
    }
}

/// What is wrong with a chat request, or with a body that no format describes.
fn wrong(limits: &RequestLimits, body: &str) -> Vec<String> {
    let format = FormatId::OpenaiChat.format();
    let view = format.view_request(body.as_bytes(), true);
    let view = view.or_else(|_| TextPaths::everything().view_request(body.as_bytes()));
    let view = view.unwrap();
    let model = view.model.map(|model| model.span.of(body.as_bytes()));
    let schema = limits.schema.as_ref();
    let check = LimitCheck::new(limits, schema.map(|schema| Schema::new(schema).unwrap()));
    let facts = MessageFacts {
        body: body.as_bytes(),
        model: model.map(|model| std::str::from_utf8(model).unwrap()),
        texts: &view.texts,
        turns: view.turns,
        offers: &view.offers,
    };
    let mut found = Vec::new();
    check.request(&facts, &mut found);
    let name =
        |found: &crate::CheckFinding| check.entities()[usize::from(found.entity)].name.to_string();
    found.iter().map(name).collect()
}

const BODY: &str = r#"{"model": "gpt-5-mini", "messages": [
    {"role": "system", "content": "be brief"},
    {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}]},
    {"role": "user", "content": "gr\u00fc\u00dfe"}],
    "tools": [{"type": "function", "function": {"name": "look_up", "parameters": {}}}, {"type": "web_search"}],
    "max_tokens": 100, "temperature": 0.5, "options": {"deep": {"level": 3}}}"#;

#[test]
fn what_is_within_its_limits_is_fine() {
    let limits = RequestLimits {
        body_bytes_max: Some(1000),
        turns_max: Some(3),
        text_chars_max: Some(40),
        all_chars_max: Some(100),
        models: names(&["gpt-5*"], &["gpt-5"]),
        tools: names(&["look_*", "web_search"], &[]),
        parameters: names(
            &[
                "model",
                "messages",
                "tools",
                "max_tokens",
                "temp*",
                "options",
            ],
            &["top_p"],
        ),
        ranges: vec![
            ("max_tokens".into(), 1.0..=100.0),
            ("options.deep.level".into(), 0.0..=3.0),
        ],
        schema: Some(serde_json::json!({"required": ["max_tokens"]})),
    };
    assert_eq!(wrong(&limits, BODY), Vec::<String>::new());
}

type Limit = fn(&mut RequestLimits);

const BEYOND: [(Limit, &str); 15] = [
    (|limits| limits.body_bytes_max = Some(10), "oversized_body"),
    (|limits| limits.turns_max = Some(2), "too_many_turns"),
    (|limits| limits.text_chars_max = Some(4), "oversized_text"),
    (|limits| limits.all_chars_max = Some(12), "oversized_texts"),
    (
        |limits| limits.models = names(&["gpt-4*"], &[]),
        "denied_model",
    ),
    (
        |limits| limits.models = names(&[], &["gpt-5-*"]),
        "denied_model",
    ),
    (
        |limits| limits.tools = names(&["look_up"], &[]),
        "denied_tool",
    ),
    (
        |limits| limits.tools = names(&[], &["look_up"]),
        "denied_tool",
    ),
    (
        |limits| limits.parameters = names(&[], &["temperature"]),
        "denied_parameter",
    ),
    (
        |limits| limits.parameters = names(&["model", "messages"], &[]),
        "denied_parameter",
    ),
    (
        |limits| limits.ranges = vec![("max_tokens".into(), 0.0..=99.0)],
        "denied_parameter",
    ),
    (
        |limits| limits.ranges = vec![("temperature".into(), 0.6..=1.0)],
        "denied_parameter",
    ),
    (
        |limits| limits.ranges = vec![("options.deep.level".into(), 0.0..=2.0)],
        "denied_parameter",
    ),
    (
        |limits| limits.ranges = vec![("model".into(), 0.0..=2.0)],
        "denied_parameter",
    ),
    (
        |limits| limits.schema = Some(serde_json::json!({"required": ["user"]})),
        "invalid_request",
    ),
];

#[test]
fn what_is_beyond_is_named() {
    for (limit, expected) in BEYOND {
        let mut limits = RequestLimits::default();
        limit(&mut limits);
        assert_eq!(wrong(&limits, BODY), [expected], "{limits:?}");
    }
}

#[test]
fn a_number_that_cannot_be_reached_is_beyond_its_range() {
    let limits = RequestLimits {
        ranges: vec![("thinking.budget_tokens".into(), 0.0..=2000.0)],
        ..RequestLimits::default()
    };
    for (thinking, is_fine) in [
        (r#"{"budget_tokens": 2000}"#, true),
        (r#"{"budget_tokens": 2001}"#, false),
        (r#"{"type": "disabled"}"#, true),
        ("null", true),
        (r#"[{"budget_tokens": 99999}]"#, false),
        (r#""lots""#, false),
        ("true", false),
        ("99999", false),
    ] {
        let body = format!(r#"{{"thinking": {thinking}, "max_tokens": 1}}"#);
        let expected: &[&str] = if is_fine { &[] } else { &["denied_parameter"] };
        assert_eq!(wrong(&limits, &body), expected, "{thinking}");
    }
}

#[test]
fn a_model_that_is_denied_is_so_at_any_provider() {
    let body = BODY.replace("gpt-5-mini", "oai/gpt-5-mini");
    for denied in ["gpt-5-mini", "gpt-5*", "oai/gpt-5-mini", "oai/*"] {
        let limits = RequestLimits {
            models: names(&[], &[denied]),
            ..RequestLimits::default()
        };
        assert_eq!(wrong(&limits, &body), ["denied_model"], "{denied}");
    }
    let limits = RequestLimits {
        models: names(&["gpt-5-mini"], &[]),
        ..RequestLimits::default()
    };
    assert_eq!(wrong(&limits, &body), ["denied_model"]);
}

#[test]
fn tools_are_seen_however_they_are_written() {
    let limits = RequestLimits {
        tools: names(&["safe"], &[]),
        ..RequestLimits::default()
    };
    for (body, is_fine) in [
        (
            r#"{"tools": [{"name": "safe", "input_schema": {"name": "x"}}]}"#,
            true,
        ),
        (r#"{"tools": [{"name": "other"}]}"#, false),
        (
            r#"{"tools": [{"type": "custom", "custom": {"name": "other"}}]}"#,
            false,
        ),
        (
            r#"{"tools": [{"type": "custom", "custom": {"name": "safe"}}]}"#,
            true,
        ),
        (r#"{"tools": [{"functions": [{"name": "safe"}]}]}"#, false),
        (r#"{"tools": {"name": "safe"}}"#, false),
        (r#"{"tools": "safe"}"#, false),
        (r#"{"tools": null}"#, true),
        (r#"{"functions": [{"name": "other"}]}"#, false),
        (r#"{"tools": [{"type": "bash_20250124"}]}"#, false),
        (r#"{"tools": ["other"]}"#, false),
        (r#"{"tools": [{"n\u0061me": "other"}]}"#, false),
        ("{}", true),
        ("[]", false),
    ] {
        let found = wrong(&limits, body);
        assert_eq!(found.is_empty(), is_fine, "{body}: {found:?}");
    }
}

#[test]
fn a_tool_of_the_provider_goes_by_its_type_whatever_its_name_is() {
    let fine = |allow: &[&str], deny: &[&str], body: &str| {
        let limits = RequestLimits {
            tools: names(allow, deny),
            ..RequestLimits::default()
        };
        wrong(&limits, body).is_empty()
    };
    let bash = r#"{"tools": [{"type": "bash_20250124", "name": "bash"}]}"#;
    assert!(!fine(&[], &["bash_*"], bash));
    assert!(!fine(&[], &["bash"], bash));
    assert!(!fine(&["bash"], &[], bash));
    assert!(fine(&["bash_20250124"], &[], bash));
    let called = r#"{"tools": [{"type": "bash_20250124", "name": "bash"}], "messages": [
        {"role": "assistant", "tool_calls": [{"id": "1", "type": "function",
        "function": {"name": "bash", "arguments": "{}"}}]}]}"#;
    assert!(fine(&["bash_20250124"], &[], called));
    assert!(!fine(&["other"], &[], called));
    for body in [
        r#"{"tools": [{"type": "bash_20250124", "name": "good"}]}"#,
        r#"{"tools": [{"name": "good", "type": "custom", "type": "bash_20250124"}]}"#,
        r#"{"tools": [{"type": "web_search", "function": {"name": "good"}}]}"#,
        r#"{"tools": [{"type": "mcp_toolset", "mcp_server_name": "good"}]}"#,
        r#"{"tools": [{"type": 1, "name": "good"}]}"#,
        r#"{"mcp_servers": [{"type": "url", "url": "http://x", "name": "evil"}]}"#,
        r#"{"mcp_servers": {"name": "good"}}"#,
        r#"{"web_search_options": {}}"#,
    ] {
        assert!(!fine(&["good"], &[], body), "{body}");
    }
    let server = r#"{"mcp_servers": [{"type": "url", "url": "http://x", "name": "good"}]}"#;
    assert!(fine(&["good"], &[], server));
    assert!(!fine(&[], &["good"], server));
    for name in ["web_search", "web_search_options"] {
        assert!(!fine(&[], &[name], r#"{"web_search_options": {}}"#));
        assert!(fine(&[name], &[], r#"{"web_search_options": {}}"#));
    }
    assert!(fine(&["good"], &[], r#"{"web_search_options": null}"#));
}

#[test]
fn turns_that_cannot_be_counted_are_too_many() {
    let limits = RequestLimits {
        turns_max: Some(1),
        ..RequestLimits::default()
    };
    for (body, is_fine) in [
        (r#"{"messages": [1]}"#, true),
        (r#"{"messages": [1, 2]}"#, false),
        (r#"{"messages": {"0": 1, "1": 2}}"#, false),
        (r#"{"messages": "text"}"#, false),
        (r#"{"messages": null}"#, true),
        (r#"{"input": "text"}"#, true),
        (r#"{"input": [1, 2]}"#, false),
        (r#"{"input": {}}"#, false),
    ] {
        let found = wrong(&limits, body);
        assert_eq!(found.is_empty(), is_fine, "{body}: {found:?}");
    }
}
