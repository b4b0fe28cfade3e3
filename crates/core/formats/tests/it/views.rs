//! Views of requests and answers.

use bytes::Bytes;
use tollgate_formats::view::{Field, RequestView, Role};
use tollgate_formats::{DecodeError, FormatId};
use tollgate_wire::{Document, json};

use crate::load::{IN_BODY, chats, file, json as value};

fn texts(body: &[u8], view: &RequestView) -> Vec<(Role, Field, u32, String)> {
    view.texts
        .iter()
        .map(|span| {
            let text = json::decode(span.text.span.of(body), span.text.escaped)
                .unwrap()
                .into_owned();
            (span.role, span.field, span.turn, text)
        })
        .collect()
}

fn view(format: FormatId, body: &str) -> Result<RequestView, DecodeError> {
    let body = shaped(format, body);
    format.format().view_request(body.as_bytes(), true)
}

/// A body in the shape of most formats, for this one.
fn shaped(format: FormatId, body: &str) -> String {
    if format == FormatId::OpenaiResponses {
        body.replace("\"messages\":", "\"input\":")
    } else {
        body.to_owned()
    }
}

#[test]
fn every_text_of_a_request_is_found() {
    for format in chats() {
        let body = file(format, "request.json");
        let view = format.format().view_request(&body, true).unwrap();
        let counted = format.format().view_request(&body, false).unwrap();
        assert_eq!(counted.text_bytes, view.text_bytes);
        assert_eq!(view.stream, IN_BODY.contains(&format));
        assert!(counted.texts.is_empty() && view.has_image);
        let lines: Vec<String> = texts(&body, &view)
            .iter()
            .map(|text| format!("{text:?}"))
            .collect();
        insta::assert_snapshot!(
            format!("texts__{}", format.format().label()),
            lines.join("\n")
        );
    }
}

#[test]
fn every_text_of_an_answer_is_found() {
    for format in chats() {
        let body = file(format, "answer.json");
        let view = format.format().view_answer(&body, true).unwrap();
        let mut lines: Vec<String> = view
            .texts
            .iter()
            .map(|span| {
                let text = json::decode(span.text.span.of(&body), span.text.escaped).unwrap();
                format!("{:?} {:?} {} {text:?}", span.role, span.field, span.turn)
            })
            .collect();
        lines.push(format!("{:?} logprobs={}", view.usage, view.logprobs.len()));
        insta::assert_snapshot!(
            format!("answer_texts__{}", format.format().label()),
            lines.join("\n")
        );
    }
}

#[test]
fn what_two_parsers_could_read_differently_is_refused() {
    for format in IN_BODY {
        for body in [
            r#"{"model":"a","model":"b","messages":[]}"#,
            r#"{"model":"a","\u006dodel":"b","messages":[]}"#,
            r#"{"model":"a","messages":[],"messages":[]}"#,
            r#"{"model":"a","messages":[],"stream":true,"stream":false}"#,
            r#"{"model":"a","messages":[{"role":"user","role":"system","content":"x"}]}"#,
            r#"{"model":"a","messages":[]} {}"#,
            r#"{"model":"a","messages":[]"#,
            r#"[{"model":"a","messages":[]}]"#,
            r#"{"model":"a"}"#,
            r#"{"model":7,"messages":[]}"#,
            r#"{"model":"a","messages":{}}"#,
            "\"x\"",
            "",
        ] {
            assert!(view(format, body).is_err(), "{format:?} {body}");
        }
    }
    for body in [
        r#"{"messages":[],"messages":[]}"#,
        r#"{"system":[],"s\u0079stem":[]}"#,
        r#"{"toolConfig":{},"toolConfig":{}}"#,
        r#"{"toolConfig":{"tools":[],"tools":[]}}"#,
        r#"{"additionalModelRequestFields":{},"additionalModelRequestFields":{}}"#,
        r#"{"messages":[{"role":"user","role":"assistant","content":[]}]}"#,
        r#"{"messages":[{"role":"user","content":[],"content":[]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"text":"a","text":"b"}]}]}"#,
        r#"{"messages":{}}"#,
        r#"{"messages":[]} {}"#,
        "[]",
        "",
    ] {
        assert!(view(FormatId::BedrockConverse, body).is_err(), "{body}");
    }
    let twice = r#"{"messages":[],"stream_options":{"include_usage":true},"stream_options":{}}"#;
    assert!(view(FormatId::OpenaiChat, twice).is_err());
}

#[test]
fn an_escaped_key_is_the_key() {
    for format in IN_BODY {
        let body = r#"{"\u006dodel":"a","messages":[{"\u0072ole":"assistant","content":"x"}]}"#;
        let view = view(format, body).unwrap();
        assert_eq!(view.model.unwrap().span.of(body.as_bytes()), b"a");
        assert_eq!(view.texts[0].role, Role::Assistant);
    }
}

#[test]
fn usage_is_asked_for_without_touching_the_rest() {
    for (before, after) in [
        (
            r#"{"stream":true,"messages":[]}"#,
            r#"{"stream_options":{"include_usage":true},"stream":true,"messages":[]}"#,
        ),
        (
            r#"{"stream":true,"messages":[],"stream_options":null}"#,
            r#"{"stream":true,"messages":[],"stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"stream":true,"messages":[],"stream_options":{ }}"#,
            r#"{"stream":true,"messages":[],"stream_options":{"include_usage":true }}"#,
        ),
        (
            r#"{"stream":true,"messages":[],"stream_options":{"x":1}}"#,
            r#"{"stream":true,"messages":[],"stream_options":{"include_usage":true,"x":1}}"#,
        ),
        (
            r#"{"stream":true,"messages":[],"stream_options":{"x":1,"include_usage": false}}"#,
            r#"{"stream":true,"messages":[],"stream_options":{"x":1,"include_usage": true}}"#,
        ),
    ] {
        let format = FormatId::OpenaiChat.format();
        let view = format.view_request(before.as_bytes(), false).unwrap();
        assert!(!view.stream_usage_asked);
        let edit = view.ask_usage.clone().unwrap();
        let edited = Document::new(Bytes::from(before)).finish(&[edit]).concat();
        assert_eq!(str::from_utf8(&edited).unwrap(), after);
        let again = format.view_request(&edited, false).unwrap();
        assert!(again.stream_usage_asked && again.ask_usage.is_none());
    }
    let unary = view(FormatId::OpenaiChat, r#"{"messages":[]}"#).unwrap();
    assert!(unary.ask_usage.is_none());
}

#[test]
fn a_model_is_replaced_or_put_in() {
    for (before, after) in [
        (
            r#"{"model":"a\n","messages":[]}"#,
            r#"{"model":"new \"x\"","messages":[]}"#,
        ),
        (
            r#"{"messages":[]}"#,
            r#"{"model":"new \"x\"","messages":[]}"#,
        ),
    ] {
        for format in IN_BODY {
            let (before, after) = (shaped(format, before), shaped(format, after));
            let view = view(format, &before).unwrap();
            let document = Document::new(Bytes::from(before));
            let edit = format
                .format()
                .set_model(&document, &view, "new \"x\"")
                .unwrap();
            assert_eq!(
                str::from_utf8(&document.finish(&[edit]).concat()).unwrap(),
                after
            );
        }
    }
}

#[test]
fn a_listing_is_in_the_shape_of_its_format() {
    let openai = value(&FormatId::OpenaiChat.format().encode_models(&["a", "b"], 5));
    assert_eq!(
        (&openai["object"], &openai["data"][1]["id"]),
        (&"list".into(), &"b".into())
    );
    let anthropic = value(
        &FormatId::AnthropicMessages
            .format()
            .encode_models(&["a", "b"], 5),
    );
    assert_eq!(anthropic["data"][0]["created_at"], "1970-01-01T00:00:05Z");
    assert_eq!(
        (&anthropic["first_id"], &anthropic["last_id"]),
        (&"a".into(), &"b".into())
    );
}

#[test]
fn a_role_after_the_content_counts() {
    let body = r#"{"messages":[{"content":"x","role":"system"},{"content":[{"text":"y"}]}]}"#;
    let view = view(FormatId::OpenaiChat, body).unwrap();
    let found = texts(body.as_bytes(), &view);
    assert_eq!(found[0], (Role::System, Field::Text, 0, "x".to_owned()));
    assert_eq!(found[1], (Role::User, Field::Text, 1, "y".to_owned()));
}

#[test]
fn a_member_that_could_hide_a_text_comes_once() {
    for block in [
        r#"{"type":"document","source":{"type":"text","data":"S","data":"x"}}"#,
        r#"{"type":"document","source":{"type":"text","type":"base64","data":"S"}}"#,
        r#"{"type":"document","source":{"type":"content","content":"S","content":"x"}}"#,
        r#"{"type":"document","source":{"type":"text","data":"S"},"source":{"type":"text","data":"x"}}"#,
        r#"{"type":"tool_result","type":"text","text":"S"}"#,
        r#"{"type":"text","text":"S","text":"x"}"#,
        r#"{"type":"thinking","thinking":"S","thinking":"x"}"#,
        r#"{"type":"tool_result","content":"S","\u0063ontent":"x"}"#,
    ] {
        let body = format!(r#"{{"messages":[{{"role":"user","content":[{block}]}}]}}"#);
        let error = view(FormatId::AnthropicMessages, &body).unwrap_err();
        assert!(error.to_string().contains("duplicate key"), "{error}");
    }
}
