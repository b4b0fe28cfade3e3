//! Long conversations: the view beside a walk over what `serde_json` reads.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate_formats::FormatId;
use tollgate_formats::view::Role;
use tollgate_wire::json::decode;

use crate::load::IN_BODY;

/// Turn, role and text, in document order.
type Texts = Vec<(u32, Role, String)>;

/// How a member begins that no format names.
const UNKNOWN: &str = "\"unknown\"";

/// The same conversation in contents, which have no instructions among them.
fn contents(body: &Value) -> Value {
    let messages = body["messages"].as_array().unwrap().iter();
    let contents = messages.map(|message| {
        let parts = match &message["content"] {
            Value::String(text) => json!([{"text": text}]),
            parts => {
                let texts = parts.as_array().unwrap().iter();
                texts.map(|part| json!({"text": part["text"]})).collect()
            }
        };
        let role = if message["role"] == "assistant" {
            "model"
        } else {
            "user"
        };
        let mut content = json!({"parts": parts, "role": role});
        if let Some(unknown) = message.get("unknown") {
            content["unknown"] = unknown.clone();
        }
        content
    });
    json!({"contents": contents.collect::<Vec<_>>(), "generationConfig": {"maxOutputTokens": 5}})
}

/// Who speaks, in which shape, and what.
fn turn() -> impl Strategy<Value = (usize, usize, String)> {
    (
        0_usize..3,
        0_usize..4,
        "([a-z \"\\\\\n\t/\u{1}\u{e9}\u{1f600}]{0,90}){0,4}",
    )
}

fn message((role, shape, text): &(usize, usize, String)) -> Value {
    let role = ["system", "user", "assistant"][*role];
    match shape {
        0 => json!({"role": role, "content": text}),
        1 => json!({"content": text, "role": role}),
        2 => json!({"role": role, "content": [{"type": "text", "text": text}]}),
        _ => {
            json!({"role": role, "content": [{"text": text, "type": "text"}, {"type": "text", "text": "more"}],
            "unknown": {"deep": [1.5e3, {"content": "secret"}, null, true]}})
        }
    }
}

fn walk(body: &Value) -> Texts {
    let mut found = Texts::new();
    let messages = body["messages"].as_array().unwrap();
    for (message, turn) in messages.iter().zip(0..) {
        let role = match message["role"].as_str().unwrap() {
            "system" => Role::System,
            "assistant" => Role::Assistant,
            _ => Role::User,
        };
        let mut texts = match &message["content"] {
            Value::String(text) => vec![text.clone()],
            parts => {
                let parts = parts.as_array().unwrap().iter();
                parts
                    .map(|part| part["text"].as_str().unwrap().to_owned())
                    .collect()
            }
        };
        if message.get("unknown").is_some() {
            texts.push(UNKNOWN.to_owned());
        }
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        found.extend(texts.map(|text| (turn, role, text)));
    }
    found
}

fn viewed(format: FormatId, body: &[u8]) -> Texts {
    let view = format.format().view_request(body, true).unwrap();
    let counted = format.format().view_request(body, false).unwrap();
    assert_eq!(
        (counted.text_bytes, counted.texts.len()),
        (view.text_bytes, 0)
    );
    let text = |span: &tollgate_formats::view::TextSpan| {
        let text = decode(span.text.span.of(body), span.text.escaped).unwrap();
        let text = if text.starts_with(UNKNOWN) && text.contains("secret") {
            UNKNOWN.to_owned()
        } else {
            text.into_owned()
        };
        (span.turn, span.role, text)
    };
    view.texts.iter().map(text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_view_of_hundreds_of_turns_finds_what_a_walk_finds(turns in vec(turn(), 0..450), pretty in any::<bool>()) {
        let messages: Vec<Value> = turns.iter().map(message).collect();
        let body = json!({"max_tokens": 5, "messages": messages, "model": "m", "stream": true});
        let print = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        let printed = print(&body).unwrap();
        for format in IN_BODY {
            let printed = match format {
                FormatId::OpenaiResponses => {
                    String::from_utf8(printed.clone()).unwrap().replace("\"messages\":", "\"input\":").into_bytes()
                }
                _ => printed.clone(),
            };
            prop_assert_eq!(viewed(format, &printed), walk(&body));
        }
        let printed = print(&contents(&body)).unwrap();
        let as_user = |(turn, role, text)| (turn, if role == Role::System { Role::User } else { role }, text);
        let walked: Texts = walk(&body).into_iter().map(as_user).collect();
        prop_assert_eq!(viewed(FormatId::GeminiGenerate, &printed), walked);
    }
}
