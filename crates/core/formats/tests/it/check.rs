//! What SDKs demand of a stream.

use serde_json::Value;
use tollgate_formats::FormatId;

use crate::load::{events, json};

/// Checks the order of events as the SDK of the format walks them.
pub(crate) fn stream(format: FormatId, text: &str) {
    match format {
        FormatId::OpenaiChat => openai(text),
        FormatId::AnthropicMessages => anthropic(text),
        FormatId::GeminiGenerate => gemini(text),
        FormatId::BedrockConverse => bedrock(text),
    }
}

fn openai(text: &str) {
    let mut spoken: Vec<u64> = Vec::new();
    let mut calls: Vec<(u64, u64)> = Vec::new();
    let (mut done, mut failed) = (false, false);
    for event in events(&[text.as_bytes()]) {
        assert!(!done && !failed, "something after the end");
        if event.data() == b"[DONE]" {
            done = true;
            continue;
        }
        let chunk = json(event.data());
        if chunk.get("error").is_some() {
            failed = true;
            continue;
        }
        for choice in chunk["choices"].as_array().unwrap() {
            let index = choice["index"].as_u64().unwrap();
            if !spoken.contains(&index) {
                assert_eq!(choice["delta"]["role"], "assistant", "the role comes first");
                spoken.push(index);
            }
            for call in choice["delta"]["tool_calls"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let key = (index, call["index"].as_u64().unwrap());
                if !calls.contains(&key) {
                    assert!(call["id"].is_string() && call["function"]["name"].is_string());
                    calls.push(key);
                }
            }
        }
    }
}

fn gemini(text: &str) {
    let mut finished: Vec<u64> = Vec::new();
    let mut failed = false;
    for event in events(&[text.as_bytes()]) {
        assert!(!failed, "something after an error");
        assert_eq!(event.name(), None);
        let answer = json(event.data());
        if let Some(error) = answer.get("error") {
            assert!(error["code"].is_u64() && error["status"].is_string());
            failed = true;
            continue;
        }
        assert!(answer["responseId"].is_string() && answer["modelVersion"].is_string());
        for candidate in answer["candidates"].as_array().into_iter().flatten() {
            let index = candidate["index"].as_u64().unwrap();
            assert!(!finished.contains(&index), "something after the end");
            if let Some(content) = candidate.get("content") {
                assert_eq!(content["role"], "model");
                let parts = content["parts"].as_array().unwrap();
                assert!(
                    !parts.is_empty(),
                    "clients forget a turn with an empty content"
                );
                for part in parts {
                    let call = &part["functionCall"];
                    assert!(
                        part["text"].is_string() || call["name"].is_string(),
                        "{part}"
                    );
                    assert!(call.is_null() || call["args"].is_object(), "{part}");
                }
            }
            if candidate["finishReason"].is_string() {
                finished.push(index);
                assert!(
                    answer["usageMetadata"].is_null()
                        || answer["usageMetadata"]["promptTokenCount"].is_u64()
                );
            }
        }
    }
}

fn anthropic(text: &str) {
    let mut open: Option<(u64, Value)> = None;
    let (mut next, mut started, mut stopped, mut failed) = (0, false, false, false);
    for event in events(&[text.as_bytes()]) {
        assert!(!stopped && !failed, "something after the end");
        let data = json(event.data());
        let kind = data["type"].as_str().unwrap();
        assert_eq!(event.name(), Some(kind));
        assert!(
            started || kind == "message_start" || kind == "error",
            "{kind} before message_start"
        );
        match kind {
            "message_start" => {
                assert!(!started);
                started = true;
                assert!(data["message"]["usage"]["input_tokens"].is_u64());
            }
            "content_block_start" => {
                assert!(open.is_none(), "two blocks open at once");
                assert_eq!(data["index"], next);
                open = Some((next, data["content_block"]["type"].clone()));
                next += 1;
            }
            "content_block_delta" => {
                let (index, block) = open.as_ref().expect("a delta in a block");
                assert_eq!(data["index"], *index);
                let wanted = match data["delta"]["type"].as_str().unwrap() {
                    "text_delta" => "text",
                    "input_json_delta" => "tool_use",
                    "thinking_delta" | "signature_delta" => "thinking",
                    other => panic!("unknown delta {other}"),
                };
                assert_eq!(block, wanted);
            }
            "content_block_stop" => {
                assert_eq!(data["index"], open.take().expect("an open block").0);
            }
            "message_delta" => {
                assert!(open.is_none());
                assert!(data["delta"]["stop_reason"].is_string());
                assert!(data["usage"]["output_tokens"].is_u64());
            }
            "message_stop" => stopped = true,
            "error" => failed = true,
            other => panic!("unknown event {other}"),
        }
    }
}

fn bedrock(text: &str) {
    let (mut started, mut stopped, mut ended, mut failed) = (false, false, false, false);
    let mut open: Option<(u64, &str)> = None;
    let mut next = 0;
    for event in events(&[text.as_bytes()]) {
        assert!(!ended && !failed, "something after the end");
        let data = json(event.data());
        let name = event.name().expect("every event has a name");
        failed = name.ends_with("Exception");
        assert!(started || failed || name == "messageStart", "{name} first");
        match name {
            "messageStart" => {
                assert!(!started);
                assert_eq!(data["role"], "assistant");
                started = true;
            }
            "contentBlockStart" => {
                assert!(open.is_none() && !stopped, "two blocks open at once");
                assert_eq!(data["contentBlockIndex"], next);
                let call = &data["start"]["toolUse"];
                assert!(call["toolUseId"].is_string() && call["name"].is_string());
                open = Some((next, "toolUse"));
                next += 1;
            }
            "contentBlockDelta" => {
                let delta = data["delta"].as_object().expect("an object");
                assert_eq!(delta.len(), 1, "a union has one member");
                let kind = ["text", "toolUse", "reasoningContent", "citation"]
                    .into_iter()
                    .find(|kind| delta.contains_key(*kind))
                    .expect("a known delta");
                let kind = if kind == "citation" { "text" } else { kind };
                if open.is_none() {
                    assert_ne!(kind, "toolUse", "a call is announced");
                    open = Some((next, kind));
                    next += 1;
                }
                assert_eq!(
                    open,
                    Some((data["contentBlockIndex"].as_u64().unwrap(), kind))
                );
            }
            "contentBlockStop" => {
                assert_eq!(
                    data["contentBlockIndex"],
                    open.take().expect("an open block").0
                );
            }
            "messageStop" => {
                assert!(open.is_none());
                assert!(data["stopReason"].is_string());
                stopped = true;
            }
            "metadata" => {
                assert!(stopped);
                assert!(data["usage"]["totalTokens"].is_u64());
                assert!(data["metrics"]["latencyMs"].is_u64());
                ended = true;
            }
            other => {
                assert!(failed, "unknown event {other}");
                assert!(data["message"].is_string());
            }
        }
    }
}
