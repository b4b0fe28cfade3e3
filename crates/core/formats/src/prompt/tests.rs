//! Prompts in requests of every shape.

use serde_json::{Value, json};
use tollgate_catalogue::Parameter;
use tollgate_wire::{Document, Edit};

use super::{Enrichment, Places, SystemPlace};
use crate::parameters::tests::{spellings, with_member};
use crate::parameters::{ParameterPlace, found, offered, place_of};
use crate::spelling::Spelling;
use crate::{ChatFormat, Dialect, Losses, chat_formats};

const PARAMETERS: &[ParameterPlace] = &[
    offered(Parameter::Temperature, &["temperature"]),
    offered(
        Parameter::MaxTokens,
        &["max_tokens", "max_completion_tokens"],
    ),
    found(Parameter::TopK, &["top_k"]),
];
const MESSAGES: Places = Places {
    system: SystemPlace::Messages("messages"),
    parameters: PARAMETERS,
    spelling: Spelling::Exact,
};
const TEXT: Places = Places {
    system: SystemPlace::Text("system"),
    ..MESSAGES
};
const NESTED: Places = Places {
    system: SystemPlace::Blocks("systemInstruction.parts"),
    parameters: &[
        offered(Parameter::Temperature, &["config.temperature"]),
        offered(Parameter::MaxTokens, &["config.maxTokens"]),
    ],
    spelling: Spelling::CamelOrSnake,
};

fn enriched(places: &Places, body: &str, enrichment: &Enrichment<'_>) -> String {
    spliced(body, places.edits(body.as_bytes(), enrichment).unwrap())
}

fn spliced(body: &str, edits: Vec<Edit>) -> String {
    let mut document = Document::new(body.to_owned().into());
    for edit in edits {
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
            r#"{"config":{"temperature":0.5,"maxTokens":9},"a":1}"#,
        ),
        (
            r#"{"config":{}}"#,
            r#"{"config":{"temperature":0.5,"maxTokens":9}}"#,
        ),
        (
            r#"{"config":null}"#,
            r#"{"config":{"temperature":0.5,"maxTokens":9}}"#,
        ),
        (
            r#"{"config":{"maxTokens":1}}"#,
            r#"{"config":{"temperature":0.5,"maxTokens":9}}"#,
        ),
        (
            r#"{"config":{"max_tokens":1}}"#,
            r#"{"config":{"temperature":0.5,"max_tokens":9}}"#,
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

const PROMPT: Places = Places {
    system: SystemPlace::Prompt("prompt"),
    ..MESSAGES
};

#[test]
fn a_prompt_has_all_of_it_before_it() {
    for (body, made) in [
        (
            r#"{"prompt":"Once"}"#,
            r#"{"prompt":"A \"1\"\n\nZ\n\nOnce"}"#,
        ),
        (
            r#"{"prompt": ["Once", "upon"]}"#,
            r#"{"prompt": ["A \"1\"\n\nZ\n\nOnce", "A \"1\"\n\nZ\n\nupon"]}"#,
        ),
        (r#"{"prompt":[]}"#, r#"{"prompt":[]}"#),
    ] {
        assert_eq!(enriched(&PROMPT, body, &around()), made);
    }
    let values = [(Parameter::Temperature, json!(1))];
    let parameters = Enrichment {
        overrides: &values,
        ..Enrichment::default()
    };
    let made = r#"{"temperature":1,"prompt":[1,2]}"#;
    assert_eq!(enriched(&PROMPT, r#"{"prompt":[1,2]}"#, &parameters), made);
}

#[test]
fn ids_of_tokens_and_no_prompt_have_no_place_for_a_text() {
    for body in [
        r#"{"prompt":[1,2]}"#,
        r#"{"prompt":["a",[1]]}"#,
        r#"{"prompt":null}"#,
        r#"{"prompt":{}}"#,
        "{}",
    ] {
        assert!(PROMPT.edits(body.as_bytes(), &around()).is_err(), "{body}");
    }
}

#[test]
fn what_is_not_offered_is_put_in_only_where_it_is_written() {
    let values = [(Parameter::TopK, json!(5))];
    let overrides = Enrichment {
        overrides: &values,
        ..Enrichment::default()
    };
    for (body, made) in [
        (r#"{"m":1}"#, r#"{"m":1}"#),
        (r#"{"top_k":50}"#, r#"{"top_k":5}"#),
    ] {
        assert_eq!(enriched(&MESSAGES, body, &overrides), made);
    }
}

#[test]
fn what_a_parameter_cannot_be_put_into_is_refused() {
    let values = [(Parameter::MaxTokens, json!(5))];
    let overrides = Enrichment {
        overrides: &values,
        ..Enrichment::default()
    };
    for body in [r#"{"config":7}"#, r#"{"config":[]}"#, "[]"] {
        assert!(NESTED.edits(body.as_bytes(), &overrides).is_err(), "{body}");
    }
}

/// A request with instructions, as each format writes it.
fn request(format: &dyn ChatFormat) -> String {
    let request = crate::common_chat().decode_request(
        br#"{"model":"m","messages":[{"role":"system","content":"own"},{"role":"user","content":"hi"}],"temperature":1}"#,
    );
    let body = format.encode_request(
        &request.unwrap(),
        Dialect::Compatible,
        &mut Losses::default(),
    );
    String::from_utf8(body.to_vec()).unwrap()
}

fn enriched_for(format: &dyn ChatFormat, body: &str, enrichment: &Enrichment<'_>) -> String {
    let places = Places::of(format, Dialect::Compatible);
    let edits = places.edits(body.as_bytes(), enrichment);
    spliced(body, edits.unwrap())
}

#[test]
fn every_format_keeps_its_requests_readable_and_says_the_text() {
    let values = [
        (Parameter::Temperature, json!(1)),
        (Parameter::MaxTokens, json!(1)),
    ];
    let enrichment = Enrichment {
        overrides: &values,
        ..around()
    };
    for format in chat_formats() {
        let body = enriched_for(format, &request(format), &enrichment);
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

#[test]
fn an_override_holds_whatever_spelling_a_format_takes_from_its_callers() {
    let values = [(Parameter::MaxTokens, json!(100))];
    let enrichment = Enrichment {
        overrides: &values,
        ..Enrichment::default()
    };
    for format in chat_formats() {
        let place = place_of(format.parameters(Dialect::Compatible), Parameter::MaxTokens);
        let place = place.unwrap_or_else(|| panic!("{}", format.label()));
        for path in place.paths {
            for spelled in spellings(path) {
                let body = with_member(&request(format), &spelled, "9000");
                let read = format.decode_request(body.as_bytes()).unwrap();
                if read.max_output_tokens != Some(9000) {
                    assert_ne!(&spelled, path, "{body}");
                    continue;
                }
                let body = enriched_for(format, &body, &enrichment);
                let read = format.decode_request(body.as_bytes()).unwrap();
                assert_eq!(read.max_output_tokens, Some(100), "{body}");
                assert!(!body.contains("9000"), "{body}");
            }
        }
    }
}
