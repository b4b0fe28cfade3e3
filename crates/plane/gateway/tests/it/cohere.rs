//! Callers of Cohere chat, whoever answers them, and Cohere answering others.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Provider, open_to};
use crate::speech::Speech;
use crate::stub::Stub;

const PATH: &str = "/v2/chat";
const TEXT: &str = "Grüße! It costs 5 €, \"really\" \\ so.";
const OWN: &str = "{name: one, kind: cohere, base_url: $A}";

/// Providers of each format, the first of the caller's own.
const PROVIDERS: [(&str, &str); 4] = [
    ("own", OWN),
    (
        "chat",
        "{name: one, kind: openai_compatible, base_url: $A/v1}",
    ),
    ("messages", "{name: one, kind: anthropic, base_url: $A}"),
    ("gemini", "{name: one, kind: gemini, base_url: $A}"),
];

fn prompt() -> String {
    let quoted = TEXT.replace('\\', "\\\\").replace('"', "\\\"");
    format!("[[sim: text=\"{quoted}\", cached=7]] Say something about prices, please.")
}

fn body(prompt: &str, streamed: bool) -> Value {
    json!({"model": "model-1", "stream": streamed, "messages": [{"role": "user", "content": prompt}]})
}

fn ask(body: &Value) -> Ask {
    Ask::post(PATH, body.to_string())
}

async fn bench(provider: &str, more: &str) -> Bench {
    Bench::start(&open_to(&[provider.to_owned()], more)).await
}

/// What a caller understood.
#[derive(Debug, Default)]
struct Heard {
    text: String,
    plan: String,
    calls: Vec<Value>,
    finish: String,
    usage: Value,
    error: Option<String>,
    /// Parts that were begun and not ended.
    open: i64,
}

impl Heard {
    fn read(told: &Told, streamed: bool) -> Self {
        let mut heard = Self::default();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if !streamed {
            let answer = told.json();
            let message = &answer["message"];
            for part in message["content"].as_array().into_iter().flatten() {
                heard.text += part["text"].as_str().unwrap_or_default();
            }
            heard.plan = word(&message["tool_plan"]);
            heard.calls = message["tool_calls"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            heard.finish = word(&answer["finish_reason"]);
            heard.usage = answer["usage"].clone();
            return heard;
        }
        for event in told.text().split_terminator("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            let data: Value = serde_json::from_str(data.unwrap()).unwrap();
            let kind = data["type"].as_str().unwrap();
            assert_eq!(event.lines().next(), Some(&*format!("event: {kind}")));
            assert!(heard.finish.is_empty(), "{kind} after the end");
            let message = &data["delta"]["message"];
            heard.text += message["content"]["text"].as_str().unwrap_or_default();
            heard.plan += message["tool_plan"].as_str().unwrap_or_default();
            match kind {
                "content-start" | "tool-call-start" => heard.open += 1,
                "content-end" | "tool-call-end" => heard.open -= 1,
                "message-end" => {
                    heard.finish = word(&data["delta"]["finish_reason"]);
                    heard.usage = data["delta"]["usage"].clone();
                    heard.error = data["delta"]["error"].as_str().map(str::to_owned);
                }
                _ => {}
            }
            if kind == "tool-call-start" {
                heard.calls.push(message["tool_calls"].clone());
            }
            if kind == "tool-call-delta" {
                let piece = &message["tool_calls"]["function"]["arguments"];
                let whole = &mut heard.calls.last_mut().unwrap()["function"]["arguments"];
                *whole = json!(word(whole) + piece.as_str().unwrap());
            }
        }
        heard
    }

    /// Input tokens, those of them from the cache, output tokens.
    fn counts(&self) -> [u64; 3] {
        let tokens = &self.usage["tokens"];
        let cached = &self.usage["cached_tokens"];
        [&tokens["input_tokens"], cached, &tokens["output_tokens"]]
            .map(|count| count.as_u64().unwrap())
    }
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
            // Cohere does not bill what it adds to a prompt.
            let added = if name == "own" { 3 } else { 0 };
            assert_eq!(
                (heard.text.as_str(), heard.finish.as_str()),
                (TEXT, "COMPLETE"),
                "{row}"
            );
            assert_eq!(heard.open, 0, "{row}: {}", told.text());
            assert_eq!(
                heard.counts(),
                [served.input_tokens, 7, served.answer_tokens],
                "{row}"
            );
            for (name, value) in json!({
                "operation": "chat", "format": "cohere_chat", "path": PATH, "model": "model-1",
                "finish_reason": "stop", "input_tokens": served.input_tokens - added, "cached_input_tokens": 7,
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
async fn callers_of_other_formats_read_cohere() {
    for speech in Speech::BOTH {
        for streamed in [false, true] {
            let bench = bench(OWN, "").await;
            let (told, record) = bench.ask(speech.ask("model-1", &prompt(), streamed)).await;
            let row = format!("{speech:?}, streamed: {streamed}: {}", told.text());
            assert_eq!(told.status, 200, "{row}");
            let heard = speech.read(&told, streamed);
            assert_eq!(heard.text, TEXT, "{row}");
            assert_eq!(bench.a.served().path, PATH, "{row}");
            assert_eq!(record["usage_source"], "reported", "{row}");
            assert_eq!(record["cached_input_tokens"], 7, "{row}");
        }
    }
}

#[tokio::test]
async fn tools_and_their_results_pass_several_turns() {
    let tool = json!({"type": "function", "function": {"name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}});
    for (name, provider) in PROVIDERS {
        for streamed in [false, true] {
            let bench = bench(provider, "").await;
            let mut first = body("get weather in Köln", streamed);
            first["tools"] = json!([tool]);
            let (told, _record) = bench.ask(ask(&first)).await;
            let heard = Heard::read(&told, streamed);
            assert_eq!(heard.finish, "TOOL_CALL", "{name}: {}", told.text());
            let call = &heard.calls[0];
            assert_eq!(call["function"]["name"], "get_weather", "{name}");
            let arguments = call["function"]["arguments"].as_str().unwrap();
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            assert!(arguments["city"].is_string(), "{name}");
            let mut second = first.clone();
            let messages = second["messages"].as_array_mut().unwrap();
            messages.push(
                json!({"role": "assistant", "tool_plan": "I look.", "tool_calls": heard.calls}),
            );
            messages.push(
                json!({"role": "tool", "tool_call_id": call["id"], "content": [
                {"type": "document", "document": {"data": {"title": "Köln", "text": "today"}}},
                {"type": "text", "text": "12 degrees"}]}),
            );
            let (told, record) = bench.ask(ask(&second)).await;
            assert_eq!(told.status, 200, "{name}: {}", told.text());
            let text = Heard::read(&told, streamed).text;
            assert!(text.contains("12 degrees"), "{name}: {text} {record}");
        }
    }
}

#[tokio::test]
async fn failures_before_content_move_on_and_later_ones_are_told() {
    let more = "models: [{name: model-1, targets: [{provider: one, model: m}, {provider: two, model: m}]}]";
    let two = "{name: two, kind: cohere, base_url: $B}";
    for (name, provider) in PROVIDERS {
        for script in ["503", "429:0ms", "error", "empty", "malformed@0"] {
            let bench = Bench::start(&open_to(&[provider.to_owned(), two.to_owned()], more)).await;
            bench.a.script(script);
            let (told, record) = bench.ask(ask(&body(&prompt(), true))).await;
            let heard = Heard::read(&told, true);
            assert_eq!(heard.text, TEXT, "{name} {script}: {record}");
            assert_eq!(record["failovers"], 1, "{name} {script}");
        }
        for script in ["error@3", "cut@3", "truncated@3", "malformed@3"] {
            let bench = bench(provider, "").await;
            bench.a.script(script);
            let (told, record) = bench.ask(ask(&body(&prompt(), true))).await;
            let heard = Heard::read(&told, true);
            assert_eq!(heard.finish, "ERROR", "{name} {script}: {}", told.text());
            assert!(heard.error.is_some(), "{name} {script}: {}", told.text());
            assert!(
                record["error_class"].is_string(),
                "{name} {script}: {record}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_that_ended_in_an_error_moves_on() {
    let more = "models: [{name: model-1, targets: [{provider: one, model: m}, {provider: two, model: m}]}]";
    let two = "{name: two, kind: openai, base_url: $A}";
    for word in ["ERROR", "TIMEOUT"] {
        let message = json!({"role": "assistant", "content": [{"type": "text", "text": "It"}]});
        let failed = json!({"id": "a", "finish_reason": word, "message": message});
        let stub = Stub::answering("application/json", &failed.to_string()).await;
        let one = format!(
            "{{name: one, kind: cohere, base_url: http://{}}}",
            stub.address
        );
        let both = [one, two.to_owned()];
        for caller in [PATH, "/v1/chat/completions"] {
            let bench = Bench::start(&open_to(&both, more)).await;
            let said = body(&prompt(), false).to_string();
            let (told, record) = bench.ask(Ask::post(caller, said.clone())).await;
            assert_eq!(told.status, 200, "{word} {caller}: {}", told.text());
            assert_eq!(record["failovers"], 1, "{word} {caller}: {record}");
            let alone = Bench::start(&open_to(&both[..1], "")).await;
            let (told, record) = alone.ask(Ask::post(caller, said)).await;
            assert!(told.status >= 500, "{word} {caller}: {}", told.text());
            let class = if word == "ERROR" {
                "provider_failed"
            } else {
                "provider_timeout"
            };
            assert_eq!(record["error_class"], class, "{word} {caller}: {record}");
        }
    }
}

#[tokio::test]
async fn errors_have_the_shape_that_the_sdk_reads() {
    for (name, provider) in PROVIDERS {
        let bench = bench(provider, "").await;
        let (told, _record) = bench.ask(ask(&json!({"model": "model-1"}))).await;
        assert_eq!(told.status, 400, "{name}");
        assert!(
            told.json()["message"].is_string(),
            "{name}: {}",
            told.text()
        );
        bench.a.script("400");
        let (told, record) = bench.ask(ask(&body("hello", false))).await;
        assert_eq!(told.status, 400, "{name}: {record}");
        assert!(
            told.json()["message"].is_string(),
            "{name}: {}",
            told.text()
        );
    }
}

#[tokio::test]
async fn output_rules_hold_for_pieces_and_for_what_is_told_whole() {
    let rule = |action: &str| {
        format!(
            "policies: [{{name: p, models: [\"*\"], output: [{{type: pii_detection, action: {action}}}]}}]"
        )
    };
    for (name, provider) in PROVIDERS {
        for streamed in [false, true] {
            let prompt = "[[sim: text=\"My number is 536-22-1234, and so on.\", piece=2]] say it";
            let bench = bench(provider, &rule("redact")).await;
            let (told, _record) = bench.ask(ask(&body(prompt, streamed))).await;
            let heard = Heard::read(&told, streamed);
            assert!(!heard.text.contains("536-22"), "{name}: {}", told.text());
            assert!(
                heard.text.ends_with(", and so on."),
                "{name} {streamed}: {}",
                heard.text
            );
            bench.reload(&open_to(&[provider.to_owned()], &rule("block")));
            let (told, _record) = bench.ask(ask(&body(prompt, streamed))).await;
            let heard = Heard::read(&told, streamed);
            assert_eq!(
                heard.finish,
                "ERROR_TOXIC",
                "{name} {streamed}: {}",
                told.text()
            );
            assert_eq!(heard.open, 0, "{name} {streamed}: {}", told.text());
            assert!(!told.text().contains("22-1234"), "{name} {streamed}");
        }
    }
}
