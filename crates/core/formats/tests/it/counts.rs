//! Counting: every format to every other, and what is seen through an envelope.

use serde_json::{Value, json};
use tollgate_formats::{FormatId, Operation};
use tollgate_wire::Document;

use crate::load::json as value;
use crate::vectors::{cuts, pairs, request, views};

const ANTHROPIC: FormatId = FormatId::AnthropicCount;
const GEMINI: FormatId = FormatId::GeminiCount;
const VERTEX: FormatId = FormatId::VertexCount;
const OPENAI: FormatId = FormatId::OpenaiCount;
const BEDROCK: FormatId = FormatId::BedrockCount;

#[test]
fn counts_translate_as_recorded() {
    pairs(Operation::Count);
}

#[test]
fn the_places_of_counts_are_found() {
    views(Operation::Count);
}

#[test]
fn transcripts_of_counts_hold_however_they_are_cut() {
    cuts(Operation::Count);
}

fn asked(from: FormatId, to: FormatId, body: &Value) -> (Value, String) {
    let (told, losses) = request(from.format(), to.format(), body.to_string().as_bytes());
    (told.unwrap(), losses.to_string())
}

/// The texts of a request, and whether its bytes would be refused as they are.
fn seen(format: FormatId, body: &Value) -> (Vec<String>, bool) {
    let body = body.to_string();
    let view = format.format().view_request(body.as_bytes(), true).unwrap();
    let text = |span: tollgate_wire::Span| String::from_utf8_lossy(span.of(body.as_bytes())).into();
    let texts = view.texts.iter().map(|text_| text(text_.text.span));
    (texts.collect(), view.sealed)
}

#[test]
fn what_only_steers_an_answer_is_neither_sent_nor_lost() {
    let body = json!({"generateContentRequest": {"contents": [{"role": "user", "parts": [{"text": "hello"}]}],
        "generationConfig": {"temperature": 0.1, "topK": 3, "seed": 7, "stopSequences": ["x"],
            "maxOutputTokens": 5, "candidateCount": 2}}});
    let said = json!([{"role": "user", "content": [{"type": "text", "text": "hello"}]}]);
    let (told, losses) = asked(GEMINI, ANTHROPIC, &body);
    assert_eq!(losses, "");
    let text = told["messages"][0]["content"].as_str();
    assert!(text == Some("hello") || told["messages"] == said, "{told}");
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(names, ["messages", "model"]);
    let (told, losses) = asked(GEMINI, OPENAI, &body);
    assert_eq!(losses, "");
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(names, ["input", "model"]);
    let (told, losses) = asked(GEMINI, BEDROCK, &body);
    assert_eq!(losses, "");
    let converse = told["input"]["converse"].as_object().unwrap();
    assert_eq!(converse.keys().collect::<Vec<_>>(), ["messages"]);
}

#[test]
fn the_gemini_api_gets_an_envelope_that_names_the_model_and_vertex_none() {
    let body = json!({"model": "m", "system": "be brief", "messages": [{"role": "user", "content": "hello"}]});
    let (told, _) = asked(ANTHROPIC, GEMINI, &body);
    let inside = &told["generateContentRequest"];
    assert_eq!(inside["model"], "models/theirs");
    assert_eq!(inside["systemInstruction"]["parts"][0]["text"], "be brief");
    let (told, _) = asked(ANTHROPIC, VERTEX, &body);
    assert_eq!(told["systemInstruction"]["parts"][0]["text"], "be brief");
    assert_eq!(told["contents"][0]["parts"][0]["text"], "hello");
    assert_eq!(told.get("model"), None);
}

#[test]
fn contents_that_need_an_envelope_are_written_anew() {
    let contents = json!([{"role": "user", "parts": [{"text": "hello"}]}]);
    let alone = json!({"contents": contents});
    assert_eq!(seen(GEMINI, &alone), (vec!["hello".to_owned()], false));
    let more = json!({"contents": contents, "system_instruction": {"parts": [{"text": "brief"}]}});
    assert!(seen(GEMINI, &more).1);
    assert!(!seen(VERTEX, &more).1);
    let within = json!({"generate_content_request": more});
    let (texts, is_sealed) = seen(GEMINI, &within);
    assert_eq!(
        (texts, is_sealed),
        (vec!["hello".to_owned(), "brief".to_owned()], false)
    );
}

#[test]
fn a_conversation_in_an_envelope_is_edited_where_it_stands() {
    let body = json!({"generateContentRequest": {"model": "models/a", "contents": []}}).to_string();
    let format = GEMINI.format();
    let document = Document::new(body.into());
    let view = format.view_request(document.original(), true).unwrap();
    let edits = format.name_model(&document, &view, "b");
    let named = value(&document.finish(&edits).concat());
    assert_eq!(named["generateContentRequest"]["model"], "models/b");
}

#[test]
fn two_conversations_or_none_are_no_request() {
    let chat = json!({"contents": []});
    for (format, body) in [
        (
            GEMINI,
            json!({"contents": [], "generateContentRequest": chat}),
        ),
        (GEMINI, json!({"generateContentRequest": [chat]})),
        (GEMINI, json!({})),
        (
            BEDROCK,
            json!({"input": {"converse": {"messages": []}, "invokeModel": {"body": ""}}}),
        ),
        (BEDROCK, json!({"input": {}})),
        (BEDROCK, json!({"messages": []})),
        (BEDROCK, json!({"input": {"converse": "x"}})),
    ] {
        let viewed = format
            .format()
            .view_request(body.to_string().as_bytes(), true);
        assert!(viewed.is_err(), "{format:?} {body}");
    }
    let twice =
        br#"{"generateContentRequest":{"contents":[]},"generateContentRequest":{"contents":[]}}"#;
    assert!(GEMINI.format().view_request(twice, true).is_err());
}

#[test]
fn what_bedrock_alone_can_read_is_no_text_and_goes_to_nobody_else() {
    let body = json!({"input": {"invokeModel": {"body": "eyJtZXNzYWdlcyI6W119"}}}).to_string();
    let view = BEDROCK
        .format()
        .view_request(body.as_bytes(), true)
        .unwrap();
    assert!(view.token_ids > 0 && view.texts.is_empty());
    let error = BEDROCK
        .format()
        .codec()
        .decode_request(body.as_bytes())
        .unwrap_err();
    assert!(error.to_string().contains("send `converse`"), "{error}");
}

#[test]
fn nothing_of_a_count_is_streamed() {
    let body = br#"{"model":"m","stream":true,"messages":[]}"#;
    let view = ANTHROPIC.format().view_request(body, true).unwrap();
    assert!(!view.stream && view.ask_usage.is_none());
}

#[test]
fn a_number_is_an_answer_and_nothing_else_is() {
    for (format, body) in [
        (
            ANTHROPIC,
            r#"{"input_tokens":7,"context_management":{"original_input_tokens":9}}"#,
        ),
        (GEMINI, r#"{"totalTokens":7,"cachedContentTokenCount":3}"#),
        (VERTEX, r#"{"totalTokens":7,"totalBillableCharacters":20}"#),
        (
            OPENAI,
            r#"{"object":"response.input_tokens","input_tokens":7}"#,
        ),
        (BEDROCK, r#"{"inputTokens":7}"#),
    ] {
        let codec = format.format().codec();
        let answer = codec.decode_answer(body.as_bytes()).unwrap();
        let view = format.format().view_answer(body.as_bytes(), true).unwrap();
        assert_eq!(view.usage, None, "{format:?}");
        let told = codec.encode_answer(
            &answer,
            &crate::load::options(),
            &mut tollgate_formats::Losses::default(),
        );
        let again = codec.decode_answer(&told.unwrap()).unwrap();
        assert_eq!(format!("{answer:?}"), format!("{again:?}"));
        for wrong in ["{}", "[]", "7", r#"{"tokens":7}"#] {
            assert!(
                codec.decode_answer(wrong.as_bytes()).is_err(),
                "{format:?} {wrong}"
            );
            assert!(
                format
                    .format()
                    .view_answer(wrong.as_bytes(), false)
                    .is_err()
            );
        }
    }
}
