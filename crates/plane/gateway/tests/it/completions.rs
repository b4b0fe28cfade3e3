//! Callers of Completions, whoever answers them.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Parts, Provider, open_to, until};
use crate::speech::Speech;
use crate::stub::Stub;

const PATH: &str = "/v1/completions";
const TEXT: &str = "Grüße! It costs 5 €, \"really\" \\ so.";
const OWN: &str = "{name: one, kind: vllm, base_url: $A/v1}";

/// Providers of each format, the first of the caller's own; and where each is asked.
const PROVIDERS: [(&str, &str, &str); 7] = [
    ("own", OWN, PATH),
    (
        "chat",
        "{name: one, kind: openai_compatible, base_url: $A/v1}",
        "/v1/chat/completions",
    ),
    (
        "messages",
        "{name: one, kind: anthropic, base_url: $A}",
        "/v1/messages",
    ),
    (
        "gemini",
        "{name: one, kind: gemini, base_url: $A}",
        "/v1beta/models/model-1:",
    ),
    (
        "converse",
        "{name: one, kind: openai_compatible, base_url: $A, formats: [bedrock_converse]}",
        "/model/model-1/converse",
    ),
    (
        "responses",
        "{name: one, kind: openai_compatible, base_url: $A/v1, formats: [openai_responses]}",
        "/v1/responses",
    ),
    (
        "cohere",
        "{name: one, kind: cohere, base_url: $A}",
        "/v2/chat",
    ),
];

fn prompt() -> String {
    let quoted = TEXT.replace('\\', "\\\\").replace('"', "\\\"");
    format!("[[sim: text=\"{quoted}\"]] Say something about prices, please.")
}

fn body(prompt: &str, streamed: bool) -> Value {
    let mut body = json!({"model": "model-1", "prompt": prompt, "max_tokens": 200});
    if streamed {
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

fn ask(body: &Value) -> Ask {
    Ask::post(PATH, body.to_string())
}

async fn bench(provider: &str, more: &str) -> Bench {
    Bench::start(&open_to(&[provider.to_owned()], more)).await
}

async fn to_stubs(config: &str, stubs: &[&Stub]) -> Bench {
    let urls = stubs.iter().map(|stub| stub.url());
    let names: Vec<(&str, String)> = ["$ONE", "$TWO"].into_iter().zip(urls).collect();
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    Bench::with(config, parts).await
}

/// What a caller understood.
#[derive(Debug, Default)]
struct Heard {
    texts: Vec<String>,
    finish: Vec<String>,
    usage: Option<(u64, u64)>,
    has_ended: bool,
    error: Option<String>,
}

impl Heard {
    fn read(told: &Told, streamed: bool) -> Self {
        let mut heard = Self::default();
        if !streamed {
            heard.take(&told.json());
            return heard;
        }
        for event in told.text().split_terminator("\n\n") {
            let data = event.strip_prefix("data: ").unwrap();
            assert!(!heard.has_ended, "{event} after the end");
            if data == "[DONE]" {
                heard.has_ended = true;
                continue;
            }
            let data: Value = serde_json::from_str(data).unwrap();
            match data["error"]["message"].as_str() {
                Some(error) => heard.error = Some(error.to_owned()),
                None => heard.take(&data),
            }
        }
        heard
    }

    fn take(&mut self, data: &Value) {
        assert_eq!(data["object"], "text_completion", "{data}");
        for choice in data["choices"].as_array().unwrap() {
            let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
            if self.texts.len() <= index {
                self.texts.resize(index + 1, String::new());
            }
            self.texts[index] += choice["text"].as_str().unwrap();
            let finish = choice["finish_reason"].as_str();
            self.finish.extend(finish.map(str::to_owned));
        }
        let usage = &data["usage"];
        let counts = ["prompt_tokens", "completion_tokens"].map(|name| usage[name].as_u64());
        if let [Some(input), Some(output)] = counts {
            self.usage = Some((input, output));
        }
    }
}

#[tokio::test]
async fn every_provider_answers() {
    for (name, provider, path) in PROVIDERS {
        for streamed in [false, true] {
            let bench = bench(provider, "").await;
            let (told, record) = bench.ask(ask(&body(&prompt(), streamed))).await;
            let row = format!("{name}, streamed: {streamed}: {}", told.text());
            assert_eq!(told.status, 200, "{row}");
            let heard = Heard::read(&told, streamed);
            let served = bench.a.served();
            assert_eq!(heard.texts, [TEXT], "{row}");
            assert_eq!(heard.finish, ["stop"], "{row}");
            assert_eq!(heard.has_ended, streamed, "{row}");
            assert!(served.path.starts_with(path), "{row}: {}", served.path);
            // Cohere does not bill what it adds to a prompt.
            let added = if name == "cohere" { 3 } else { 0 };
            let counts = (served.input_tokens - added, served.answer_tokens);
            assert_eq!(heard.usage, Some(counts), "{row}");
            for (name, value) in json!({
                "operation": "text_completion", "format": "openai_completions", "path": PATH,
                "model": "model-1", "finish_reason": "stop", "input_tokens": counts.0,
                "output_tokens": counts.1, "usage_source": "reported", "stream": streamed,
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
async fn its_own_providers_are_asked_with_the_callers_bytes() {
    let answer = r#"{"id":"cmpl-1","object":"text_completion","created":1,"model":"x","choices":[{"text":"ok","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}"#;
    let stub = Stub::answering("application/json", answer).await;
    let config = open_to(
        &["{name: one, kind: vllm, base_url: $ONE/v1}".to_owned()],
        "",
    );
    let bench = to_stubs(&config, &[&stub]).await;
    let body = r#"{ "model":"m", "prompt":["a\u0062", "c"], "suffix":"d", "best_of": 3, "echo":true, "min_p":0.10}"#;
    let (told, record) = bench.ask(Ask::post(PATH, body)).await;
    assert_eq!(told.text(), answer);
    assert_eq!(String::from_utf8(stub.last().body).unwrap(), body);
    assert_eq!(record["input_tokens"], 4, "{record}");
    // Usage is asked for in streams, and nothing else is changed.
    let streamed = body.replacen('{', r#"{"stream":true,"#, 1);
    bench.ask(Ask::post(PATH, streamed.clone())).await;
    let asked = r#"{"stream_options":{"include_usage":true},"stream":true,"#;
    let expected = streamed.replacen(r#"{"stream":true,"#, asked, 1);
    assert_eq!(String::from_utf8(stub.last().body).unwrap(), expected);
}

#[tokio::test]
async fn what_a_chat_has_no_place_for_is_lost_by_name_or_refused_where_that_is_wanted() {
    let chat = PROVIDERS[1].1;
    let mut asked = body(&prompt(), false);
    asked["suffix"] = json!("The end.");
    asked["best_of"] = json!(2);
    let bench = bench(chat, "").await;
    let (told, record) = bench.ask(ask(&asked)).await;
    assert_eq!(told.header("x-tollgate-loss"), Some("suffix, best_of"));
    assert_eq!(record["losses"], json!(["suffix", "best_of"]), "{record}");
    let strict = open_to(&[chat.to_owned()], "").replacen(
        "gateway: {",
        "gateway: {translation: strict, ",
        1,
    );
    bench.reload(&strict);
    let (told, record) = bench.ask(ask(&asked)).await;
    assert_eq!(told.status, 400, "{}", told.text());
    let message = told.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("suffix, best_of"), "{message}");
    assert_eq!(record["error_class"], "untranslatable");
}

#[tokio::test]
async fn several_prompts_and_ids_of_tokens_go_to_providers_that_take_them() {
    let providers = [
        "{name: a, kind: anthropic, base_url: $A}".to_owned(),
        "{name: b, kind: vllm, base_url: $B/v1}".to_owned(),
    ];
    let models = "models: [{name: m, targets: [{provider: a}, {provider: b}]}]\n";
    for (prompt, why) in [
        (json!(["one", "two"]), "`prompt` has several prompts"),
        (json!([1, 2, 3]), "`prompt` has ids of tokens"),
    ] {
        let asked = json!({"model": "m", "prompt": prompt});
        let both = Bench::start(&open_to(&providers, models)).await;
        let (told, record) = both.ask(ask(&asked)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(record["provider"], "b", "{record}");
        let alone = bench(&providers[0], "").await;
        let (told, record) = alone.ask(ask(&asked)).await;
        assert_eq!(told.status, 400, "{}", told.text());
        let error = &told.json()["error"];
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
        assert_eq!(error["code"], "unsupported_parameter", "{error}");
        assert_eq!(record["error_class"], "untranslatable", "{record}");
        assert_eq!(alone.a.requests(), 0);
    }
}

#[tokio::test]
async fn no_chat_goes_where_texts_only_go_on() {
    let only = "{name: one, kind: vllm, base_url: $A/v1, formats: [openai_completions]}";
    for speech in Speech::all() {
        let bench = bench(only, "").await;
        let (told, _record) = bench.ask(speech.ask("model-1", "hi", false)).await;
        assert_eq!(told.status, 503, "{}", told.text());
        assert!(told.text().contains("cannot be asked for chat"));
    }
    // OpenAI's own: what a model is asked in goes by its name.
    let openai = "{name: one, kind: openai, base_url: $A/v1, secret_key_ref: {env: PROVIDER_KEY}}";
    for (model, path) in [
        ("gpt-3.5-turbo-instruct", PATH),
        ("gpt-4o-mini", "/v1/chat/completions"),
    ] {
        let bench = bench(openai, "").await;
        let mut asked = body(&prompt(), false);
        asked["model"] = json!(model);
        let (told, _record) = bench.ask(ask(&asked)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(bench.a.served().path, path);
    }
}

#[tokio::test]
async fn failures_before_content_move_on_and_later_ones_are_told() {
    let more = "models: [{name: model-1, targets: [{provider: one, model: model-1}, {provider: two, model: m}]}]";
    let two = "{name: two, kind: vllm, base_url: $B/v1}";
    for (name, provider, _path) in PROVIDERS {
        for script in ["503", "429:0ms", "error", "empty", "malformed@0"] {
            let bench = Bench::start(&open_to(&[provider.to_owned(), two.to_owned()], more)).await;
            bench.a.script(script);
            let (told, record) = bench.ask(ask(&body(&prompt(), true))).await;
            let heard = Heard::read(&told, true);
            assert_eq!(heard.texts, [TEXT], "{name} {script}: {record}");
            assert_eq!(record["failovers"], 1, "{name} {script}");
        }
        for script in ["error@3", "cut@3", "truncated@3", "malformed@3"] {
            let bench = bench(provider, "").await;
            bench.a.script(script);
            let (told, record) = bench.ask(ask(&body(&prompt(), true))).await;
            let heard = Heard::read(&told, true);
            let row = format!("{name} {script}: {} {record}", told.text());
            assert!(heard.error.is_some() && !heard.has_ended, "{row}");
            assert!(heard.finish.is_empty(), "{row}");
            assert!(record["error_class"].is_string(), "{row}");
        }
    }
}

#[tokio::test]
async fn errors_have_the_shape_that_the_sdk_reads() {
    for (name, provider, _path) in PROVIDERS {
        let bench = bench(provider, "").await;
        let (told, _record) = bench.ask(ask(&json!({"model": "model-1"}))).await;
        let error = &told.json()["error"];
        assert_eq!(told.status, 400, "{name}");
        assert_eq!(error["type"], "invalid_request_error", "{name}: {error}");
        bench.a.script("400");
        let (told, record) = bench.ask(ask(&body("hello", false))).await;
        let error = &told.json()["error"];
        assert_eq!(told.status, 400, "{name}: {record}");
        assert_eq!(error["type"], "invalid_request_error", "{name}: {error}");
        assert!(error["message"].is_string(), "{name}: {error}");
    }
}

#[tokio::test]
async fn output_rules_hold_for_pieces_and_for_what_is_told_whole() {
    let rule = |action: &str| {
        format!(
            "policies: [{{name: p, models: [\"*\"], output: [{{type: pii_detection, action: {action}}}]}}]"
        )
    };
    for (name, provider, _path) in PROVIDERS {
        for streamed in [false, true] {
            let prompt = "[[sim: text=\"My number is 536-22-1234, and so on.\", piece=2]] say it";
            let bench = bench(provider, &rule("redact")).await;
            let (told, _record) = bench.ask(ask(&body(prompt, streamed))).await;
            let heard = Heard::read(&told, streamed);
            assert_eq!(
                heard.texts,
                ["My number is [SSN], and so on."],
                "{name}: {}",
                told.text()
            );
            bench.reload(&open_to(&[provider.to_owned()], &rule("block")));
            let (told, record) = bench.ask(ask(&body(prompt, streamed))).await;
            let heard = Heard::read(&told, streamed);
            let row = format!("{name} {streamed}: {}", told.text());
            assert_eq!(heard.finish, ["content_filter"], "{row}");
            assert_eq!(heard.has_ended, streamed, "{row}");
            assert!(!told.text().contains("22-1234"), "{row}");
            assert_eq!(record["error_class"], "policy_blocked", "{row}");
        }
    }
}

#[tokio::test]
async fn prompts_are_redacted_before_any_provider_reads_them() {
    let rule =
        "policies: [{name: p, models: [\"*\"], input: [{type: pii_detection, action: redact}]}]";
    for (name, provider, _path) in PROVIDERS {
        let bench = bench(provider, rule).await;
        let (told, record) = bench
            .ask(ask(&body("[[sim: echo]] I am 536-22-1234.", false)))
            .await;
        let heard = Heard::read(&told, false);
        assert_eq!(heard.texts, ["I am [SSN]."], "{name}: {}", told.text());
        assert_eq!(record["findings"][0]["count"], 1, "{name}: {record}");
    }
}

#[tokio::test]
async fn several_answers_keep_their_places() {
    for (name, provider, _path) in [PROVIDERS[0], PROVIDERS[1]] {
        for streamed in [false, true] {
            let bench = bench(provider, "").await;
            let mut asked = body(&prompt(), streamed);
            asked["n"] = json!(3);
            let (told, _record) = bench.ask(ask(&asked)).await;
            let heard = Heard::read(&told, streamed);
            assert_eq!(heard.texts, [TEXT; 3], "{name}: {}", told.text());
            assert_eq!(heard.finish, ["stop"; 3], "{name}");
        }
    }
}

#[tokio::test]
async fn usage_that_nobody_asked_for_is_counted_and_not_told() {
    for (name, provider, _path) in PROVIDERS {
        let bench = bench(provider, "").await;
        let mut asked = body(&prompt(), true);
        asked["stream_options"] = Value::Null;
        let (told, record) = bench.ask(ask(&asked)).await;
        let heard = Heard::read(&told, true);
        assert_eq!((heard.usage, heard.has_ended), (None, true), "{name}");
        assert_eq!(record["usage_source"], "reported", "{name}: {record}");
    }
}

#[tokio::test]
async fn a_caller_that_leaves_ends_the_call_and_has_cost_what_it_was_sent() {
    for (name, provider, _path) in PROVIDERS {
        let bench = bench(provider, "").await;
        let prompt = "[[sim: text=\"one two three\", fault=stall@2]] Count";
        let mut open = bench.open(ask(&body(prompt, true))).await;
        open.until("one").await;
        drop(open);
        let record = bench.settled().await;
        assert_eq!(record["error_class"], "caller_gone", "{name}: {record}");
        assert!(record["output_tokens"].as_u64().unwrap() > 0, "{name}");
        until(|| {
            bench
                .a
                .books()
                .all()
                .last()
                .is_some_and(|last| last.hung_up_at.is_some())
        })
        .await;
    }
}

#[tokio::test]
async fn the_prompt_of_a_model_stands_before_the_callers() {
    let more = "models:\n  - name: model-1\n    targets: [{provider: one, model: model-1}]\n    \
         prompt: {system_before: 'Be brief.', system_after: 'Be kind.', overrides: {max_tokens: 40}, defaults: {temperature: 0.5}}\n";
    for (name, provider, _path) in PROVIDERS {
        let bench = bench(provider, more).await;
        let (told, _record) = bench.ask(ask(&body("[[sim: echo]]once", false))).await;
        // The simulator takes a directive at the start of a line, and drops what is before it.
        assert_eq!(
            Heard::read(&told, false).texts,
            ["once"],
            "{name}: {}",
            told.text()
        );
        let tokens = json!({"model": "model-1", "prompt": [1, 2]});
        let (told, _record) = bench.ask(ask(&tokens)).await;
        assert_eq!(told.status, 400, "{name}: {}", told.text());
    }
    let answer = r#"{"id":"c","object":"text_completion","created":1,"model":"m","choices":[],"usage":null}"#;
    let stub = Stub::answering("application/json", answer).await;
    let provider = "{name: one, kind: vllm, base_url: $ONE/v1}".to_owned();
    let bench = to_stubs(&open_to(&[provider], more), &[&stub]).await;
    bench.ask(ask(&body("once", false))).await;
    let asked: Value = serde_json::from_slice(&stub.last().body).unwrap();
    let expected = json!({"model": "model-1", "prompt": "Be brief.\n\nBe kind.\n\nonce",
        "max_tokens": 40, "temperature": 0.5});
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn what_a_model_refuses_holds_for_its_texts_too() {
    let answer = r#"{"id":"c","object":"text_completion","created":1,"model":"m","choices":[],"usage":null}"#;
    let stub = Stub::answering("application/json", answer).await;
    let known = "catalogue:\n  - {provider: one, model: real, output_tokens: 100, refuses: [temperature]}\n\
                 models: [{name: m, targets: [{provider: one, model: real}]}]\n";
    let provider = "{name: one, kind: vllm, base_url: $ONE/v1}".to_owned();
    let config = open_to(&[provider], known).replacen("allow", "allow, parameters: adjust", 1);
    let bench = to_stubs(&config, &[&stub]).await;
    let asked = r#"{"model":"m","prompt":"p","max_tokens":500,"temperature":1}"#;
    bench.ask(Ask::post(PATH, asked)).await;
    let expected = r#"{"model":"real","prompt":"p","max_tokens":100}"#;
    assert_eq!(String::from_utf8(stub.last().body).unwrap(), expected);
}
