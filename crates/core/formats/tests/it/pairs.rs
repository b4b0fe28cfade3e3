//! Requests and answers from one format to the other.

use serde_json::{Value, json};
use tollgate_formats::{Dialect, FormatId, Losses};

use crate::load::{chats, file, json as value, options};

fn translate(from: FormatId, to: FormatId, body: &[u8]) -> (Value, Losses) {
    let mut losses = Losses::default();
    let request = from.chat().unwrap().decode_request(body).unwrap();
    let encoded = to
        .chat()
        .unwrap()
        .encode_request(&request, Dialect::Original, &mut losses);
    (value(&encoded), losses)
}

fn to_anthropic(body: &Value) -> (Value, Losses) {
    translate(
        FormatId::OpenaiChat,
        FormatId::AnthropicMessages,
        body.to_string().as_bytes(),
    )
}

fn to_openai(body: &Value) -> (Value, Losses) {
    translate(
        FormatId::AnthropicMessages,
        FormatId::OpenaiChat,
        body.to_string().as_bytes(),
    )
}

#[test]
fn requests_translate_as_recorded() {
    for from in chats() {
        for to in chats() {
            let (body, losses) = translate(from, to, &file(from, "request.json"));
            let text = format!(
                "losses: {losses}\n{}",
                serde_json::to_string_pretty(&body).unwrap()
            );
            insta::assert_snapshot!(
                format!(
                    "request__{}__{}",
                    from.format().label(),
                    to.format().label()
                ),
                text
            );
        }
    }
}

#[test]
fn answers_translate_as_recorded() {
    for from in chats() {
        for to in chats() {
            let mut losses = Losses::default();
            let answer = from
                .chat()
                .unwrap()
                .decode_answer(&file(from, "answer.json"))
                .unwrap();
            let body = value(
                &to.chat()
                    .unwrap()
                    .encode_answer(&answer, &options(), &mut losses),
            );
            let text = format!(
                "losses: {losses}\n{}",
                serde_json::to_string_pretty(&body).unwrap()
            );
            insta::assert_snapshot!(
                format!("answer__{}__{}", from.format().label(), to.format().label()),
                text
            );
        }
    }
}

#[test]
fn a_plain_request_loses_nothing() {
    let (body, losses) = to_anthropic(&json!({
        "model": "m", "temperature": 0.5, "stop": "END", "max_completion_tokens": 7, "n": 1, "top_p": 1,
        "logprobs": false, "store": null, "stream": false, "response_format": {"type": "text"},
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
    }));
    assert!(losses.is_empty(), "{losses}");
    assert_eq!(
        body,
        json!({
            "model": "m", "max_tokens": 7, "system": "s", "messages": [{"role": "user", "content": "u"}],
            "stop_sequences": ["END"], "temperature": 0.5,
        })
    );
    let (body, losses) = to_openai(&json!({
        "model": "m", "max_tokens": 7, "system": "s", "messages": [{"role": "user", "content": "u"}], "stream": true,
    }));
    assert!(losses.is_empty(), "{losses}");
    assert_eq!(body["stream_options"], json!({"include_usage": true}));
    assert_eq!(
        body["messages"],
        json!([{"role": "system", "content": "s"}, {"role": "user", "content": "u"}])
    );
}

#[test]
fn a_missing_limit_is_a_documented_one() {
    let (body, _) =
        to_anthropic(&json!({"model": "m", "messages": [{"role": "user", "content": "u"}]}));
    assert_eq!(body["max_tokens"], 8192);
    let (body, _) = to_anthropic(&json!({
        "model": "m", "reasoning_effort": "high", "messages": [{"role": "user", "content": "u"}],
    }));
    assert_eq!(body["max_tokens"], 32_000);
    assert_eq!(body["thinking"], json!({"type": "adaptive"}));
    assert_eq!(body["output_config"], json!({"effort": "high"}));
}

#[test]
fn several_tool_results_are_one_user_turn_and_come_apart_again() {
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let original = json!({"model": "m", "messages": [
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": null, "tool_calls": [call("a"), call("b")]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
        {"role": "user", "content": "go on"},
    ]});
    let (there, losses) = to_anthropic(&original);
    assert!(losses.is_empty(), "{losses}");
    let turns = there["messages"].as_array().unwrap();
    assert_eq!(turns.len(), 3);
    assert_eq!(turns[2]["content"].as_array().unwrap().len(), 3);
    let (back, losses) = to_openai(&there);
    assert!(losses.is_empty(), "{losses}");
    assert_eq!(back["messages"], original["messages"]);
}

#[test]
fn a_conversation_starts_with_the_user() {
    for messages in [
        json!([]),
        json!([{"role": "system", "content": "s"}]),
        json!([{"role": "assistant", "content": "x"}]),
    ] {
        let (body, _) = to_anthropic(&json!({"model": "m", "messages": messages}));
        assert_eq!(body["messages"][0]["role"], "user");
    }
}

#[test]
fn sampling_keeps_to_the_providers_rules() {
    let ask = |more: Value| {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "u"}]});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        to_anthropic(&body)
    };
    let (body, losses) = ask(json!({"temperature": 1.7}));
    assert_eq!(
        (body["temperature"].clone(), losses.to_string().as_str()),
        (json!(1), "temperature")
    );
    let (body, losses) = ask(json!({"temperature": 0.2, "top_p": 0.9}));
    assert_eq!(
        (body.get("top_p"), losses.to_string().as_str()),
        (None, "top_p")
    );
    let (body, losses) = ask(json!({"temperature": 0.2, "reasoning_effort": "low"}));
    assert_eq!(
        (body.get("temperature"), losses.to_string().as_str()),
        (None, "temperature")
    );
    let (body, losses) = ask(json!({"seed": 1, "n": 3, "logit_bias": {"1": 1}, "stop": [" "]}));
    assert_eq!(
        (body.get("n"), losses.to_string().as_str()),
        (None, "stop, seed, n, logit_bias")
    );
}

#[test]
fn signed_reasoning_comes_back_from_an_openai_client() {
    let mut losses = Losses::default();
    let answer = FormatId::AnthropicMessages
        .chat()
        .unwrap()
        .decode_answer(&file(FormatId::AnthropicMessages, "answer.json"))
        .unwrap();
    let told = value(&FormatId::OpenaiChat.chat().unwrap().encode_answer(
        &answer,
        &options(),
        &mut losses,
    ));
    let (body, losses) = to_anthropic(&json!({"model": "m", "messages": [
        {"role": "user", "content": "u"},
        told["choices"][0]["message"],
        {"role": "tool", "tool_call_id": "toolu_1", "content": "ok"},
    ]}));
    assert!(losses.is_empty(), "{losses}");
    let blocks = body["messages"][1]["content"].as_array().unwrap();
    assert_eq!(
        blocks[0],
        json!({"type": "thinking", "thinking": "Let me see", "signature": "sig=="})
    );
    assert_eq!(
        blocks[1],
        json!({"type": "redacted_thinking", "data": "enc=="})
    );
    assert_eq!(
        blocks[3]["input"],
        json!({"city": "Köln", "days": [1, {"n": "two"}]})
    );
}

#[test]
fn unsigned_reasoning_goes_back_only_where_it_can() {
    let said = json!({"role": "assistant", "content": "x", "reasoning_content": "hm"});
    let (body, losses) =
        to_anthropic(&json!({"model": "m", "messages": [{"role": "user", "content": "u"}, said]}));
    assert_eq!(losses.to_string(), "reasoning");
    assert_eq!(body["messages"][1]["content"], "x");
    let (body, _) = to_openai(&json!({"model": "m", "max_tokens": 1, "messages": [
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": ""}, {"type": "text", "text": "x"}]},
        {"role": "user", "content": "v"},
    ]}));
    assert_eq!(body["messages"][1]["reasoning_content"], "hm");
}

#[test]
fn compatible_servers_get_the_older_limit() {
    let request = FormatId::OpenaiChat
        .chat()
        .unwrap()
        .decode_request(br#"{"model":"m","messages":[],"max_completion_tokens":9}"#)
        .unwrap();
    let body = value(&FormatId::OpenaiChat.chat().unwrap().encode_request(
        &request,
        Dialect::Compatible,
        &mut Losses::default(),
    ));
    assert_eq!(
        (
            body["max_tokens"].clone(),
            body.get("max_completion_tokens")
        ),
        (json!(9), None)
    );
}

#[test]
fn what_nobody_knows_is_named_by_its_place() {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "u"}]});
    for index in 0..30 {
        body[format!("x\r\nset-cookie: {index} {}", "y".repeat(100))] = json!(1);
    }
    let (_body, losses) = to_anthropic(&body);
    assert_eq!(losses.to_string(), "unknown_field");
}

#[test]
fn images_that_tools_answer_with_follow_their_run() {
    let image =
        json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}});
    let (body, losses) = to_openai(&json!({"model": "m", "max_tokens": 1, "messages": [
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "a", "name": "f", "input": {}}, {"type": "tool_use", "id": "b", "name": "f", "input": {}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": [image]},
            {"type": "tool_result", "tool_use_id": "b", "content": "two"},
        ]},
    ]}));
    assert!(losses.is_empty(), "{losses}");
    let roles: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["assistant", "tool", "tool", "user"]);
    assert_eq!(
        body["messages"][3]["content"][0]["image_url"]["url"],
        "https://example.com/a.png"
    );
}
