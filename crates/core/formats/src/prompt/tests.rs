//! Prompts in requests of every shape.

use serde_json::{Value, json};
use tollgate_wire::Document;

use super::{Enrichment, Parameter, PromptPlaces, SystemPlace};

const PARAMETERS: &[(Parameter, &[&str])] = &[
    (Parameter::Temperature, &["temperature"]),
    (
        Parameter::MaxTokens,
        &["max_tokens", "max_completion_tokens"],
    ),
];
const MESSAGES: PromptPlaces = PromptPlaces {
    system: SystemPlace::Messages("messages"),
    parameters: PARAMETERS,
};
const TEXT: PromptPlaces = PromptPlaces {
    system: SystemPlace::Text("system"),
    parameters: PARAMETERS,
};
const NESTED: PromptPlaces = PromptPlaces {
    system: SystemPlace::Blocks(&["systemInstruction.parts", "system_instruction.parts"]),
    parameters: &[
        (Parameter::Temperature, &["config.temperature"]),
        (Parameter::MaxTokens, &["config.max"]),
    ],
};

fn enriched(places: &PromptPlaces, body: &str, enrichment: &Enrichment<'_>) -> String {
    let mut document = Document::new(body.to_owned().into());
    for edit in places.edits(body.as_bytes(), enrichment).unwrap() {
        document.push(edit).unwrap();
    }
    String::from_utf8(document.to_bytes().to_vec()).unwrap()
}

fn around() -> Enrichment<'static> {
    Enrichment {
        before: "A \"1\"".to_owned(),
        after: "Z".to_owned(),
        ..Enrichment::default()
    }
}

#[test]
fn system_text_goes_around_what_the_caller_wrote() {
    for (body, expected) in [
        (
            r#"{ "messages": [ {"role":"user","content":"hi"}], "x":1.0}"#,
            r#"{ "messages": [{"role":"system","content":"A \"1\"\n\nZ"}, {"role":"user","content":"hi"}], "x":1.0}"#,
        ),
        (
            r#"{"messages":[{"content":"own","role":"system"},{"role":"user","content":"hi"}]}"#,
            r#"{"messages":[{"content":"A \"1\"\n\nown\n\nZ","role":"system"},{"role":"user","content":"hi"}]}"#,
        ),
        (
            r#"{"messages":[{"role":"developer","content":[{"type":"text","text":"own"}]},{"role":"system","content":""},{"role":"user","content":"x"},{"role":"system","content":"late"}]}"#,
            r#"{"messages":[{"role":"developer","content":[{"type":"text","text":"A \"1\""},{"type":"text","text":"own"}]},{"role":"system","content":"Z"},{"role":"user","content":"x"},{"role":"system","content":"late"}]}"#,
        ),
        (
            r#"{"messages":[]}"#,
            r#"{"messages":[{"role":"system","content":"A \"1\"\n\nZ"}]}"#,
        ),
    ] {
        assert_eq!(enriched(&MESSAGES, body, &around()), expected);
    }
    for (body, expected) in [
        (r#"{"m":1}"#, r#"{"system":"A \"1\"\n\nZ","m":1}"#),
        (r#"{"system":null}"#, r#"{"system":"A \"1\"\n\nZ"}"#),
        (r#"{"system":"own"}"#, r#"{"system":"A \"1\"\n\nown\n\nZ"}"#),
        (
            r#"{"system":[{"type":"text","text":"own"}]}"#,
            r#"{"system":[{"type":"text","text":"A \"1\""},{"type":"text","text":"own"},{"type":"text","text":"Z"}]}"#,
        ),
        (
            r#"{"system":[]}"#,
            r#"{"system":[{"type":"text","text":"A \"1\""},{"type":"text","text":"Z"}]}"#,
        ),
    ] {
        assert_eq!(enriched(&TEXT, body, &around()), expected);
    }
    for (body, expected) in [
        (
            "{}",
            r#"{"systemInstruction":{"parts":[{"text":"A \"1\"\n\nZ"}]}}"#,
        ),
        (
            r#"{"systemInstruction":{"parts":[{"text":"own"}]}}"#,
            r#"{"systemInstruction":{"parts":[{"text":"A \"1\""},{"text":"own"},{"text":"Z"}]}}"#,
        ),
        (
            r#"{"system_instruction":{"parts":[{"text":"own"}]}}"#,
            r#"{"system_instruction":{"parts":[{"text":"A \"1\""},{"text":"own"},{"text":"Z"}]}}"#,
        ),
        (
            r#"{"system_instruction":{"role":"x"}}"#,
            r#"{"system_instruction":{"parts":[{"text":"A \"1\"\n\nZ"}],"role":"x"}}"#,
        ),
        (
            r#"{"systemInstruction":{"role":"x"}}"#,
            r#"{"systemInstruction":{"parts":[{"text":"A \"1\"\n\nZ"}],"role":"x"}}"#,
        ),
    ] {
        assert_eq!(enriched(&NESTED, body, &around()), expected);
    }
}

#[test]
fn defaults_are_for_what_is_missing_and_overrides_for_all() {
    let values = [
        (Parameter::Temperature, json!(0.5)),
        (Parameter::MaxTokens, json!(9)),
    ];
    let defaults = Enrichment {
        defaults: &values,
        ..Enrichment::default()
    };
    let overrides = Enrichment {
        overrides: &values,
        ..Enrichment::default()
    };
    for (body, by_default, by_override) in [
        (
            r#"{"m":1}"#,
            r#"{"temperature":0.5,"max_tokens":9,"m":1}"#,
            r#"{"temperature":0.5,"max_tokens":9,"m":1}"#,
        ),
        (
            r#"{"temperature":1,"max_completion_tokens": 3}"#,
            r#"{"temperature":1,"max_completion_tokens": 3}"#,
            r#"{"temperature":0.5,"max_completion_tokens": 9}"#,
        ),
        (
            r#"{"temperature":null,"max_tokens":1,"max_completion_tokens":2}"#,
            r#"{"temperature":0.5,"max_tokens":1,"max_completion_tokens":2}"#,
            r#"{"temperature":0.5,"max_tokens":9,"max_completion_tokens":9}"#,
        ),
    ] {
        assert_eq!(enriched(&MESSAGES, body, &defaults), by_default);
        assert_eq!(enriched(&MESSAGES, body, &overrides), by_override);
    }
    for (body, expected) in [
        (
            r#"{"a":1}"#,
            r#"{"config":{"temperature":0.5,"max":9},"a":1}"#,
        ),
        (
            r#"{"config":{}}"#,
            r#"{"config":{"temperature":0.5,"max":9}}"#,
        ),
        (
            r#"{"config":null}"#,
            r#"{"config":{"temperature":0.5,"max":9}}"#,
        ),
        (
            r#"{"config":{"max":1}}"#,
            r#"{"config":{"temperature":0.5,"max":9}}"#,
        ),
    ] {
        let got: Value = serde_json::from_str(&enriched(&NESTED, body, &overrides)).unwrap();
        assert_eq!(
            got,
            serde_json::from_str::<Value>(expected).unwrap(),
            "{body}"
        );
    }
}

#[test]
fn an_override_wins_over_a_default_and_what_has_no_place_is_left_out() {
    let enrichment = Enrichment {
        defaults: &[
            (Parameter::Temperature, json!(0)),
            (Parameter::Seed, json!(1)),
        ],
        overrides: &[(Parameter::Temperature, json!(1))],
        ..Enrichment::default()
    };
    assert_eq!(
        enriched(&MESSAGES, r#"{"m":1}"#, &enrichment),
        r#"{"temperature":1,"m":1}"#
    );
}

#[test]
fn every_format_keeps_its_requests_readable_and_says_the_text() {
    for format in crate::chat_formats() {
        let Some(places) = format.prompt_places(crate::Dialect::Compatible) else {
            continue;
        };
        let request = crate::common_chat().decode_request(
            br#"{"model":"m","messages":[{"role":"system","content":"own"},{"role":"user","content":"hi"}],"temperature":1}"#,
        );
        let mut losses = crate::Losses::default();
        let body =
            format.encode_request(&request.unwrap(), crate::Dialect::Compatible, &mut losses);
        let values: Vec<_> = [Parameter::Temperature, Parameter::MaxTokens]
            .into_iter()
            .filter(|parameter| places.parameter(*parameter).is_some())
            .map(|parameter| (parameter, json!(1)))
            .collect();
        let enrichment = Enrichment {
            overrides: &values,
            ..around()
        };
        let body = std::str::from_utf8(&body).unwrap();
        let body = enriched(&places, body, &enrichment);
        let request = format.decode_request(body.as_bytes()).unwrap();
        assert_eq!(request.max_output_tokens, Some(1), "{body}");
        let view = format.view_request(body.as_bytes(), true).unwrap();
        let texts: String = view
            .texts
            .iter()
            .map(|text| text.text.span.of(body.as_bytes()))
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect();
        let place = |text: &str| {
            texts
                .find(text)
                .unwrap_or_else(|| panic!("{text} in {body}"))
        };
        assert!(
            place("A \\\"1\\\"") < place("own") && place("own") < place("Z"),
            "{body}"
        );
    }
}
