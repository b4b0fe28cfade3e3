//! Files in requests, whose tokens nobody can estimate.

use serde_json::{Value, json};
use tollgate_formats::FormatId;

#[test]
fn a_file_of_openai_that_is_not_text_is_noted_and_a_picture_is_none() {
    let in_content = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    let in_input = |part: Value| json!({"input": [{"role": "user", "content": [part]}]});
    for (format, body, expected) in [
        (
            FormatId::OpenaiChat,
            in_content(json!({"type": "file", "file": {"file_id": "f"}})),
            true,
        ),
        (
            FormatId::OpenaiChat,
            in_content(
                json!({"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}),
            ),
            true,
        ),
        (
            FormatId::OpenaiChat,
            in_content(json!({"type": "image_url", "image_url": {"url": "https://x.example/a"}})),
            false,
        ),
        (
            FormatId::OpenaiResponses,
            in_input(
                json!({"type": "input_file", "file_data": "data:application/pdf;base64,AA=="}),
            ),
            true,
        ),
        (
            FormatId::OpenaiResponses,
            in_input(json!({"type": "input_file", "file_url": "https://x.example/a.pdf"})),
            true,
        ),
    ] {
        noted(format, &body, expected);
    }
}

#[test]
fn a_file_of_others_that_is_not_text_is_noted_and_a_picture_is_none() {
    let in_content = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    let in_parts = |part: Value| json!({"contents": [{"role": "user", "parts": [part]}]});
    let source = |kind: &str, source: Value| json!({"type": kind, "source": source});
    let base64 =
        |media_type: &str| json!({"type": "base64", "media_type": media_type, "data": "AA=="});
    let inline = |mime_type: &str| json!({"inlineData": {"mimeType": mime_type, "data": "AA=="}});
    let named = |kind: &str, format: &str| json!({kind: {"name": "n", "format": format, "source": {"bytes": "AA=="}}});
    for (format, body, expected) in [
        (
            FormatId::AnthropicMessages,
            in_content(source("document", base64("application/pdf"))),
            true,
        ),
        (
            FormatId::AnthropicMessages,
            in_content(source(
                "document",
                json!({"type": "url", "url": "https://x.example/a.pdf"}),
            )),
            true,
        ),
        (
            FormatId::AnthropicMessages,
            in_content(source(
                "document",
                json!({"type": "text", "media_type": "text/plain", "data": "words"}),
            )),
            false,
        ),
        (
            FormatId::AnthropicMessages,
            in_content(source("image", base64("image/png"))),
            false,
        ),
        (
            FormatId::GeminiGenerate,
            in_parts(inline("audio/wav")),
            true,
        ),
        (
            FormatId::GeminiGenerate,
            in_parts(inline("image/png")),
            false,
        ),
        (
            FormatId::BedrockConverse,
            in_content(named("document", "pdf")),
            true,
        ),
        (
            FormatId::BedrockConverse,
            in_content(named("image", "png")),
            false,
        ),
    ] {
        noted(format, &body, expected);
    }
}

fn noted(format: FormatId, body: &Value, expected: bool) {
    let body = body.to_string();
    let view = format
        .format()
        .view_request(body.as_bytes(), false)
        .unwrap();
    assert_eq!(view.counted.has_files, expected, "{body}");
}
