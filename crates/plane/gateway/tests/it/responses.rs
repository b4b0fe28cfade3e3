//! Callers of OpenAI Responses, whoever answers them.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Provider, open_to};

const PATH: &str = "/v1/responses";
const TEXT: &str = "Grüße! It costs 5 €, \"really\" \\ so.";

/// Providers of each format, the first of the caller's own.
const PROVIDERS: [(&str, &str); 3] = [
    (
        "own",
        "{name: one, kind: openai, base_url: $A/v1, secret_key_ref: {env: PROVIDER_KEY}}",
    ),
    (
        "chat",
        "{name: one, kind: openai_compatible, base_url: $A/v1}",
    ),
    ("messages", "{name: one, kind: anthropic, base_url: $A}"),
];

fn prompt() -> String {
    let quoted = TEXT.replace('\\', "\\\\").replace('"', "\\\"");
    format!("[[sim: text=\"{quoted}\", cached=7]] Say something about prices, please.")
}

fn body(input: &str, streamed: bool) -> Value {
    json!({"model": "model-1", "input": input, "stream": streamed})
}

fn ask(body: &Value) -> Ask {
    Ask::post(PATH, body.to_string())
}

async fn bench(provider: &str, more: &str) -> Bench {
    Bench::start(&open_to(&[provider.to_owned()], more)).await
}

/// What a caller understood: the answer that the last event holds, or the whole one.
#[derive(Debug, Default)]
struct Heard {
    /// Joined from pieces.
    text: String,
    answer: Value,
    error: Option<Value>,
}

impl Heard {
    fn read(told: &Told, streamed: bool) -> Self {
        if !streamed {
            let answer = told.json();
            let text = said(&answer);
            return Self {
                text,
                answer,
                error: None,
            };
        }
        let mut heard = Self::default();
        for event in told.text().split_terminator("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            let data: Value = serde_json::from_str(data.unwrap()).unwrap();
            let kind = data["type"].as_str().unwrap();
            assert_eq!(event.lines().next(), Some(&*format!("event: {kind}")));
            assert!(heard.answer.is_null(), "{kind} after the end");
            match kind {
                "response.output_text.delta" => heard.text += data["delta"].as_str().unwrap(),
                "response.completed" | "response.incomplete" => {
                    heard.answer = data["response"].clone();
                }
                "error" => heard.error = Some(data["error"].clone()),
                _ => {}
            }
        }
        heard
    }

    /// Input tokens, those of them from the cache, output tokens.
    fn usage(&self) -> [u64; 3] {
        let usage = &self.answer["usage"];
        let cached = &usage["input_tokens_details"]["cached_tokens"];
        [&usage["input_tokens"], cached, &usage["output_tokens"]]
            .map(|count| count.as_u64().unwrap())
    }
}

fn said(answer: &Value) -> String {
    let items = answer["output"].as_array().unwrap().iter();
    let parts = items.flat_map(|item| item["content"].as_array().into_iter().flatten());
    parts.filter_map(|part| part["text"].as_str()).collect()
}

#[tokio::test]
async fn every_provider_answers() {
    for (name, provider) in PROVIDERS {
        for streamed in [false, true] {
            let bench = bench(provider, "").await;
            let (told, record) = bench.ask(ask(&body(&prompt(), streamed))).await;
            let row = format!("{name}, streamed: {streamed}");
            assert_eq!(told.status, 200, "{row}: {}", told.text());
            let heard = Heard::read(&told, streamed);
            let served = bench.a.served();
            assert_eq!(heard.text, TEXT, "{row}");
            assert_eq!(said(&heard.answer), TEXT, "{row}");
            assert_eq!(heard.answer["status"], "completed", "{row}");
            assert_eq!(heard.answer["model"], "model-1", "{row}");
            let counts = [served.input_tokens, 7, served.answer_tokens];
            assert_eq!(heard.usage(), counts, "{row}");
            let path = if name == "own" { PATH } else { "/v1/" };
            assert!(served.path.starts_with(path), "{row}: {}", served.path);
            for (name, value) in json!({
                "operation": "chat", "format": "openai_responses", "path": PATH, "model": "model-1",
                "finish_reason": "stop", "input_tokens": served.input_tokens, "cached_input_tokens": 7,
                "output_tokens": served.answer_tokens, "usage_source": "reported", "stream": streamed,
            })
            .as_object()
            .unwrap()
            {
                assert_eq!(&record[name], value, "{row}: {name} in {record}");
            }
            assert!(record.get("losses").is_none(), "{row}: {record}");
        }
    }
}

#[tokio::test]
async fn tools_and_their_results_pass_several_turns() {
    let tool = json!({"type": "function", "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}});
    for (name, provider) in PROVIDERS {
        let bench = bench(provider, "").await;
        let mut first = body("[[sim: reasoning=5]] get weather in Köln", false);
        first["tools"] = json!([tool]);
        first["reasoning"] = json!({"effort": "low"});
        first["include"] = json!(["reasoning.encrypted_content"]);
        first["store"] = json!(false);
        let (told, _record) = bench.ask(ask(&first)).await;
        let answer = told.json();
        let output = answer["output"].as_array().unwrap().clone();
        let call = output.iter().find(|item| item["type"] == "function_call");
        let call = call.unwrap_or_else(|| panic!("{name}: {answer}"));
        assert_eq!(call["name"], "get_weather", "{name}");
        // All of it goes back, reasoning as it came.
        let mut input = vec![json!({"role": "user", "content": "get weather in Köln"})];
        input.extend(output.iter().cloned());
        input.push(json!({"type": "function_call_output", "call_id": call["call_id"], "output": "12 degrees"}));
        let mut second = first.clone();
        second["input"] = Value::Array(input);
        let (told, record) = bench.ask(ask(&second)).await;
        assert_eq!(told.status, 200, "{name}: {}", told.text());
        let text = said(&told.json());
        assert!(text.contains("12 degrees"), "{name}: {text} {record}");
    }
}

#[tokio::test]
async fn failures_before_content_move_on_and_later_ones_are_told() {
    let more = "models: [{name: model-1, targets: [{provider: one, model: m}, {provider: two, model: m}]}]";
    let two = "{name: two, kind: anthropic, base_url: $B}";
    for (name, provider) in PROVIDERS {
        for script in ["503", "429:0ms", "error", "empty", "malformed@0"] {
            let bench = Bench::start(&open_to(&[provider.to_owned(), two.to_owned()], more)).await;
            bench.a.script(script);
            let (told, record) = bench.ask(ask(&body(&prompt(), true))).await;
            let heard = Heard::read(&told, true);
            assert_eq!(said(&heard.answer), TEXT, "{name} {script}: {record}");
            assert_eq!(record["failovers"], 1, "{name} {script}");
        }
        for script in ["error@3", "cut@3", "truncated@3", "malformed@3"] {
            let bench = bench(provider, "").await;
            bench.a.script(script);
            let (told, record) = bench.ask(ask(&body(&prompt(), true))).await;
            let heard = Heard::read(&told, true);
            assert!(heard.answer.is_null(), "{name} {script}: {}", told.text());
            let is_cut = name == "own" && script == "error@3";
            assert!(
                heard.error.is_some() || is_cut,
                "{name} {script}: {}",
                told.text()
            );
            assert!(
                record["error_class"].is_string(),
                "{name} {script}: {record}"
            );
        }
    }
}

#[tokio::test]
async fn errors_have_the_shape_that_the_sdks_read() {
    for (name, provider) in PROVIDERS {
        let bench = bench(provider, "").await;
        let (told, _record) = bench.ask(ask(&json!({"model": "model-1"}))).await;
        assert_eq!(
            (told.status, &told.json()["error"]["type"]),
            (400, &json!("invalid_request_error")),
            "{name}"
        );
        let mut held = body("go on", false);
        held["previous_response_id"] = json!("resp_unknown");
        let (told, record) = bench.ask(ask(&held)).await;
        assert!((400..500).contains(&told.status), "{name}: {record}");
        let code = told.json()["error"]["code"].clone();
        let expected = if name == "own" {
            "previous_response_not_found"
        } else {
            "unsupported_parameter"
        };
        assert_eq!(code, expected, "{name}: {}", told.text());
    }
}

#[tokio::test]
async fn output_rules_hold_for_pieces_and_for_what_is_told_whole() {
    let said_of = |action: &str| {
        format!(
            "policies: [{{name: p, models: [\"*\"], output: [{{type: pii_detection, action: {action}}}]}}]"
        )
    };
    for (name, provider) in PROVIDERS {
        for streamed in [false, true] {
            let prompt = "[[sim: text=\"My number is 536-22-1234, and so on.\", piece=2]] say it";
            let bench = bench(provider, &said_of("redact")).await;
            let (told, _record) = bench.ask(ask(&body(prompt, streamed))).await;
            let text = told.text();
            assert!(
                !text.contains("536-22") && !text.contains("22-1234"),
                "{name}: {text}"
            );
            let heard = Heard::read(&told, streamed);
            assert_eq!(heard.text, said(&heard.answer), "{name} {streamed}");
            assert!(
                heard.text.ends_with(", and so on."),
                "{name} {streamed}: {}",
                heard.text
            );
            bench.reload(&open_to(&[provider.to_owned()], &said_of("block")));
            let (told, _record) = bench.ask(ask(&body(prompt, streamed))).await;
            let heard = Heard::read(&told, streamed);
            assert_eq!(
                heard.answer["status"],
                "incomplete",
                "{name}: {}",
                told.text()
            );
            let reason = &heard.answer["incomplete_details"]["reason"];
            assert_eq!(reason, "content_filter", "{name}");
        }
    }
}
