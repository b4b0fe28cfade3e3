//! A chat from its begin to its end, for every caller's format with every provider's.

use serde_json::{Value, json};
use tollgate_simulator::Record;

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Provider, open_pairs, open_to};
use crate::speech::{Heard, OpenAi, Speech};

const TEXT: &str = "Grüße! It costs 5 €, \"really\" \\ so.";

/// An answer that a test knows beforehand; 7 of its input tokens come from the cache.
fn prompt() -> String {
    let quoted = TEXT.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "[[sim: text=\"{quoted}\", cached=7]] Say something about prices, please, and be quick."
    )
}

#[tokio::test]
async fn every_caller_reads_every_provider() {
    for (caller, provider, bench) in open_pairs("").await {
        for streamed in [false, true] {
            let body = caller.body("model-1", &prompt(), streamed);
            let (told, record) = bench.ask(caller.asking(&body)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}");
            assert_eq!(told.status, 200, "{row}: {}", told.text());
            let heard = caller.read(&told, streamed);
            let served = bench.a.served();
            assert_eq!(heard.text, TEXT, "{row}");
            assert!(["model-1", ""].contains(&&*heard.model), "{row}: {heard:?}");
            assert_eq!(heard.has_ended, streamed, "{row}");
            assert_eq!(
                heard.usage,
                usage((caller, provider), streamed, &served),
                "{row}"
            );
            assert_eq!(
                heard.finish.as_deref(),
                Some(caller.finish("stop")),
                "{row}"
            );
            assert!(
                served.finished && served.model.as_deref() == Some("model-1"),
                "{row}: {served:?}"
            );
            assert_eq!(record["bytes_in"], caller.sent(&body).1.len(), "{row}");
            assert_eq!(record["path"], caller.endpoint(streamed), "{row}");
            settled(&record, (caller, provider), &served, &told, &row);
        }
    }
}

/// What the caller must read of the tokens: a stream of OpenAI's has none unless they are
/// asked for.
fn usage(
    (caller, provider): (Speech, Speech),
    streamed: bool,
    served: &Record,
) -> Option<(u64, u64)> {
    let is_told = caller != OpenAi || !streamed;
    is_told.then(|| (provider.billed(served), served.answer_tokens))
}

fn settled(
    record: &Value,
    (caller, provider): (Speech, Speech),
    served: &Record,
    told: &Told,
    row: &str,
) {
    let expected = json!({
        "service": "anonymous",
        "method": "POST",
        "operation": "chat",
        "format": caller.label(),
        "model": "model-1",
        "stream": served.stream,
        "status": 200,
        "provider": "one",
        "finish_reason": "stop",
        "input_tokens": provider.billed(served),
        "cached_input_tokens": 7,
        "output_tokens": served.answer_tokens,
        "usage_source": "reported",
        "caller_gone": false,
        "bytes_out": told.body.len(),
        "retries": 0,
        "failovers": 0,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&record[name], value, "{row}: {name} in {record}");
    }
    assert_eq!(served.output_tokens, served.answer_tokens, "{row}");
    for absent in ["error_class", "losses", "findings", "cost_usd"] {
        assert!(record.get(absent).is_none(), "{row}: {absent} in {record}");
    }
    let [attempt] = record["attempts"].as_array().unwrap().as_slice() else {
        panic!("{row}: {record}")
    };
    assert_eq!(attempt["provider"], "one", "{row}");
    assert_eq!(attempt["model"], "model-1", "{row}");
    assert_eq!(attempt["status"], 200, "{row}: {attempt}");
    assert!(
        record["ttft_us"].is_u64() && attempt["duration_us"].is_u64(),
        "{row}: {record}"
    );
    assert_eq!(
        record["request_id"].as_str(),
        told.header("x-tollgate-request-id"),
        "{row}"
    );
}

#[tokio::test]
async fn usage_in_a_stream_is_shown_to_who_asks_for_it() {
    for provider in Speech::all() {
        let bench = Bench::start(&open_to(&[provider.provider("one", "$A")], "")).await;
        let mut body = OpenAi.body("model-1", &prompt(), true);
        body["stream_options"] = json!({"include_usage": true});
        let (told, record) = bench.ask(OpenAi.asking(&body)).await;
        let served = bench.a.served();
        let heard = OpenAi.read(&told, true);
        assert_eq!(
            heard.usage,
            Some((provider.billed(&served), served.answer_tokens)),
            "{provider:?}"
        );
        assert!(heard.has_ended);
        assert_eq!(record["output_tokens"], served.answer_tokens);
        let last = told.text();
        let usage: Vec<&str> = last
            .lines()
            .filter(|line| line.contains("prompt_tokens"))
            .collect();
        assert_eq!(usage.len(), 1, "{provider:?}: {usage:?}");
        assert!(
            usage[0].contains("\"choices\":[]"),
            "{provider:?}: {usage:?}"
        );
    }
}

#[tokio::test]
async fn a_system_prompt_and_earlier_turns_reach_every_provider() {
    let turns = [
        ("system", "Be brief and kind."),
        ("user", "the first turn"),
        ("assistant", "the second turn"),
        ("user", "[[sim: echo]] the third turn"),
    ];
    for (caller, provider, bench) in open_pairs("").await {
        let body = caller.conversation("m", &turns, false);
        let (told, record) = bench.ask(caller.asking(&body)).await;
        let row = format!("{caller:?} to {provider:?}: {}", told.text());
        assert_eq!(caller.read(&told, false).text, "the third turn", "{row}");
        // The simulator counts what it reads: four tokens for each turn and three for all.
        let served = bench.a.served();
        let words: u64 = turns.iter().map(|(_, text)| served_words(text)).sum();
        let least = words + 3 * 4 + 3;
        assert!(served.input_tokens >= least, "{row}: {served:?} {least}");
        assert_eq!(record["input_tokens"], provider.billed(&served));
        assert!(record.get("losses").is_none(), "{row}: {record}");
    }
}

/// Words and signs of a text: a lower bound of the simulator's tokens.
fn served_words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

#[tokio::test]
async fn reasons_to_stop_are_said_in_the_callers_words() {
    let benches = open_pairs("").await;
    for (order, reason) in [
        ("finish=stop", "stop"),
        ("finish=length", "length"),
        ("tokens=500", "length"),
    ] {
        for (caller, provider, bench) in &benches {
            for streamed in [false, true] {
                let mut body = caller.body("m", &format!("[[sim: {order}]] Go on"), streamed);
                caller.limit(&mut body, 50);
                let (told, record) = bench.ask(caller.asking(&body)).await;
                let heard = caller.read(&told, streamed);
                let row = format!("{order}: {caller:?} to {provider:?}, streamed: {streamed}");
                assert_eq!(
                    heard.finish.as_deref(),
                    Some(caller.finish(reason)),
                    "{row}"
                );
                assert_eq!(record["finish_reason"], reason, "{row}");
                let served = bench.a.served();
                assert_eq!(record["output_tokens"], served.answer_tokens, "{row}");
            }
        }
    }
}

#[tokio::test]
async fn reasoning_reaches_the_caller_where_its_format_has_a_place() {
    for (caller, provider, bench) in open_pairs("").await {
        for streamed in [false, true] {
            let prompt = "[[sim: reasoning=6, text=\"Done.\"]] Think";
            let mut body = caller.body("m", prompt, streamed);
            caller.think(&mut body);
            let (told, record) = bench.ask(caller.asking(&body)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}");
            assert_eq!(told.status, 200, "{row}: {}", told.text());
            let heard = caller.read(&told, streamed);
            assert_eq!(heard.text, "Done.", "{row}");
            assert!(!heard.reasoning.is_empty(), "{row}: {}", told.text());
            let served = bench.a.served();
            assert_eq!(record["output_tokens"], served.answer_tokens, "{row}");
        }
    }
}

#[tokio::test]
async fn what_a_request_cost_follows_from_the_list_price() {
    let provider =
        "{name: one, kind: openai, base_url: $A/v1, secret_key_ref: {env: PROVIDER_KEY}}";
    let bench = Bench::start(&open_to(&[provider.to_owned()], "")).await;
    let (_, record) = bench.ask(OpenAi.ask("gpt-4o", &prompt(), false)).await;
    let served = bench.a.served();
    // In nano-dollars a token: input 2500, from the cache 1250, output 10000.
    let fresh = served.input_tokens - 7;
    let nano = fresh * 2500 + 7 * 1250 + served.answer_tokens * 10_000;
    let cost = record["cost_usd"].as_f64().unwrap();
    assert!((cost * 1e9 - nano as f64).abs() < 0.5, "{cost} for {nano}");
}

#[tokio::test]
async fn models_are_listed_in_the_callers_format() {
    let models = "models:\n  - {name: fast, targets: [{provider: one, model: x}]}\n  - {name: good, targets: [{provider: one, model: y}]}\n";
    let bench = Bench::start(&open_to(&[OpenAi.provider("one", "$A")], models)).await;
    let (told, record) = bench.ask(Ask::get("/v1/models")).await;
    let ids = |list: &Value| -> Vec<String> {
        let list = list["data"].as_array().unwrap().iter();
        list.map(|model| model["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(told.json()["object"], "list");
    assert_eq!(ids(&told.json()), ["fast", "good"]);
    assert_eq!(record["operation"], "models");
    assert_eq!(bench.a.requests(), 0);
    let ask = Ask::get("/models").header("anthropic-version", "2023-06-01");
    let (told, _) = bench.ask(ask).await;
    assert_eq!(ids(&told.json()), ["fast", "good"]);
    assert_eq!(told.json()["has_more"], false);
    for (name, value) in [
        ("x-fern-sdk-name", "cohere"),
        ("user-agent", "cohere-ai/8.1.0"),
    ] {
        let (told, record) = bench.ask(Ask::get("/v1/models").header(name, value)).await;
        assert_eq!(told.json()["models"][1]["name"], "good", "{name}");
        assert_eq!(record["format"], "cohere_chat");
    }
    let ask = Ask::get("/openai/models?api-version=2024-10-21");
    let (told, _) = bench.ask(ask).await;
    assert_eq!(ids(&told.json()), ["fast", "good"]);
}

#[tokio::test]
async fn a_caller_that_hears_a_whole_answer_heard_the_same_as_a_stream() {
    for (caller, provider, bench) in open_pairs("").await {
        let heard = async |streamed| -> Heard {
            let (told, _) = bench.ask(caller.ask("m", &prompt(), streamed)).await;
            let heard = caller.read(&told, streamed);
            Heard {
                has_ended: true,
                usage: None,
                ..heard
            }
        };
        assert_eq!(
            heard(false).await,
            heard(true).await,
            "{caller:?} to {provider:?}"
        );
    }
}
