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
        FormatId::OpenaiResponses => responses(text),
        FormatId::CohereChat => cohere(text),
        FormatId::OpenaiCompletions => completions(text),
        other => panic!("{other:?} has no streams"),
    }
}

/// What the SDKs build of the events must be what the last one says.
fn responses(text: &str) {
    let mut built: Vec<Value> = Vec::new();
    let (mut next, mut over, mut failed) = (None, false, false);
    for event in events(&[text.as_bytes()]) {
        assert!(!over, "something after the end");
        let data = json(event.data());
        let kind = data["type"].as_str().unwrap();
        assert_eq!(event.name(), Some(kind));
        let number = data["sequence_number"].as_u64().unwrap();
        assert!(
            next.is_none_or(|next| next == number),
            "{kind} out of order"
        );
        next = Some(number + 1);
        assert!(
            !failed || kind == "response.failed",
            "{kind} after an error"
        );
        let at = usize::try_from(data["output_index"].as_u64().unwrap_or(0)).unwrap();
        let part = usize::try_from(data["content_index"].as_u64().unwrap_or(0)).unwrap();
        match kind {
            "response.created" | "response.in_progress" => {
                assert_eq!(data["response"]["output"], serde_json::json!([]));
            }
            "response.output_item.added" => {
                assert_eq!(at, built.len(), "items begin in order");
                built.push(data["item"].clone());
            }
            "response.content_part.added" => {
                let parts = built[at]["content"].as_array_mut().unwrap();
                assert_eq!(part, parts.len(), "parts begin in order");
                parts.push(data["part"].clone());
            }
            "response.output_text.delta" => append(&mut built[at]["content"][part]["text"], &data),
            "response.refusal.delta" => append(&mut built[at]["content"][part]["refusal"], &data),
            "response.function_call_arguments.delta" => append(&mut built[at]["arguments"], &data),
            "response.output_text.done" => {
                assert_eq!(built[at]["content"][part]["text"], data["text"]);
            }
            "response.refusal.done" => {
                assert_eq!(built[at]["content"][part]["refusal"], data["refusal"]);
            }
            "response.function_call_arguments.done" => {
                assert_eq!(built[at]["arguments"], data["arguments"]);
            }
            "response.reasoning_summary_part.added" => {
                built[at]["summary"] = Value::Array(vec![data["part"].clone()]);
            }
            "response.reasoning_summary_text.delta" => {
                append(&mut built[at]["summary"][0]["text"], &data);
            }
            "response.output_text.annotation.added"
            | "response.reasoning_summary_text.done"
            | "response.reasoning_summary_part.done"
            | "response.content_part.done" => {}
            "response.output_item.done" => built[at] = data["item"].clone(),
            "response.completed" | "response.incomplete" => {
                over = true;
                let whole = &data["response"];
                // A filter that ends a stream does not know what went out.
                if whole["incomplete_details"]["reason"] != "content_filter" {
                    assert_eq!(whole["output"], Value::Array(std::mem::take(&mut built)));
                }
            }
            "response.failed" => over = true,
            "error" => {
                assert!(data["error"]["message"].is_string() && data["message"].is_string());
                failed = true;
            }
            other => panic!("unknown event {other}"),
        }
    }
}

fn append(text: &mut Value, event: &Value) {
    let joined = format!(
        "{}{}",
        text.as_str().unwrap(),
        event["delta"].as_str().unwrap()
    );
    *text = Value::String(joined);
}

fn completions(text: &str) {
    let mut finished: Vec<u64> = Vec::new();
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
        assert_eq!(chunk["object"], "text_completion");
        assert!(chunk["id"].is_string() && chunk["created"].is_u64());
        for choice in chunk["choices"].as_array().unwrap() {
            let index = choice["index"].as_u64().unwrap();
            assert!(choice["text"].is_string(), "{choice}");
            assert!(!finished.contains(&index), "text after the end of {index}");
            if !choice["finish_reason"].is_null() {
                finished.push(index);
            }
        }
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

/// Contents and calls are announced and ended one after the other, each counted from 0; a
/// citation is of a text that is open; nothing follows the end.
fn cohere(text: &str) {
    let (mut started, mut over) = (false, false);
    let (mut open, mut next) = (None::<(String, u64)>, std::collections::BTreeMap::new());
    for event in events(&[text.as_bytes()]) {
        assert!(!over, "something after the end");
        let data = json(event.data());
        let kind = data["type"].as_str().unwrap();
        assert_eq!(event.name(), Some(kind));
        let index = data["index"].as_u64();
        let (what, step) = kind.rsplit_once('-').unwrap();
        match (what, step) {
            ("message", "start") => {
                assert!(!std::mem::replace(&mut started, true));
                assert_eq!(data["delta"]["message"]["role"], "assistant");
            }
            ("message", "end") => {
                let delta = &data["delta"];
                assert!(delta["finish_reason"].is_string());
                // An error may come first, or in the middle of everything.
                assert!(delta["error"].is_string() || (started && open.is_none()));
                over = true;
            }
            ("citation", step) => {
                assert!(open.as_ref().is_some_and(|(what, _)| what == "content"));
                let cited = &data["delta"]["message"]["citations"];
                assert!(step == "end" || cited["start"].as_u64() <= cited["end"].as_u64());
            }
            (_, "start") => {
                assert!(started && open.is_none(), "{kind} in another");
                let count = next.entry(what.to_owned()).or_insert(0);
                assert_eq!(index, Some(*count));
                *count += 1;
                open = Some((what.to_owned(), index.unwrap()));
            }
            ("tool-plan", _) => assert!(started),
            (_, "delta") => {
                // The tokens of what was said may come later.
                let is_open = open == Some((what.to_owned(), index.unwrap()));
                assert!(is_open || data["logprobs"].is_object(), "{kind}");
            }
            _ => assert_eq!(open.take(), Some((what.to_owned(), index.unwrap()))),
        }
    }
}
