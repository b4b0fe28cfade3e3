//! Tools: called in parallel, with arguments in pieces, and answered.

use serde_json::Value;

use crate::bench::{Provider, open_pairs};
use crate::speech::Speech;

const ARGUMENTS: &str = "{\"city\":\"Zürich\",\"days\":[1,2,3],\"note\":\"a \\\"b\\\"\"}";

fn prompt(order: &str) -> String {
    let quoted = ARGUMENTS.replace('\\', "\\\\").replace('"', "\\\"");
    format!("[[sim: {order}, arguments=\"{quoted}\"]] What is the weather?")
}

fn with_tools(speech: Speech, mut body: Value) -> Value {
    speech.offer(&mut body, &["get_weather", "get_time"]);
    body
}

#[tokio::test]
async fn parallel_calls_reach_every_caller_whole() {
    for (caller, provider, bench) in open_pairs("").await {
        for streamed in [false, true] {
            let order = prompt("tool=get_weather, tool=get_time, parallel=2");
            let body = with_tools(caller, caller.body("m", &order, streamed));
            let (told, record) = bench.ask(caller.asking(&body)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}");
            assert_eq!(told.status, 200, "{row}: {}", told.text());
            let heard = caller.read(&told, streamed);
            let names: Vec<&str> = heard.calls.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(
                names,
                ["get_weather", "get_weather", "get_time", "get_time"],
                "{row}"
            );
            for (_, arguments) in &heard.calls {
                let read: Value = serde_json::from_str(arguments).unwrap();
                assert_eq!(
                    read,
                    serde_json::from_str::<Value>(ARGUMENTS).unwrap(),
                    "{row}"
                );
            }
            let finish = caller.finish("tool_calls");
            assert_eq!(heard.finish.as_deref(), Some(finish), "{row}");
            // Some providers end an answer with calls as they end any other.
            let reasons: &[&str] = match provider.tells_calls() {
                true => &["tool_calls"],
                false => &["tool_calls", "stop"],
            };
            let reason = record["finish_reason"].as_str().unwrap();
            assert!(reasons.contains(&reason), "{row}: {reason}");
            let served = bench.a.served();
            assert_eq!(record["output_tokens"], served.answer_tokens, "{row}");
            assert!(served.finished, "{row}");
            assert!(record.get("losses").is_none(), "{row}: {record}");
        }
    }
}

/// The simulator refuses calls without results, results without calls and doubled ids, as
/// the real APIs do.
#[tokio::test]
async fn the_results_of_parallel_calls_are_carried_to_every_provider() {
    for (caller, provider, bench) in open_pairs("").await {
        for streamed in [false, true] {
            let mut body = with_tools(caller, caller.body("m", "Weather and time?", streamed));
            let results = [
                ["call_1", "get_weather", ARGUMENTS, "sunny"],
                ["call_2", "get_time", ARGUMENTS, "noon"],
            ];
            caller.called(&mut body, &results);
            let (told, record) = bench.ask(caller.asking(&body)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}");
            assert_eq!(told.status, 200, "{row}: {}", told.text());
            let heard = caller.read(&told, streamed);
            assert!(
                !heard.text.is_empty() && heard.calls.is_empty(),
                "{row}: {heard:?}"
            );
            assert_eq!(record["status"], 200, "{row}");
            assert_eq!(
                record["input_tokens"],
                provider.billed(&bench.a.served()),
                "{row}"
            );
        }
    }
}

/// Ids, signatures and encrypted reasoning come back as they were given.
#[tokio::test]
async fn what_an_answer_carried_is_sent_back_with_the_results_of_its_calls() {
    for (caller, provider, bench) in open_pairs("").await {
        let prompt = "[[sim: reasoning=5]] get weather in Köln";
        let mut body = caller.body("m", prompt, false);
        caller.offer(&mut body, &["get_weather"]);
        caller.think(&mut body);
        for turn in 0..2 {
            let (told, _) = bench.ask(caller.asking(&body)).await;
            let row = format!("{caller:?} to {provider:?}, turn {turn}: {}", told.text());
            assert_eq!(told.status, 200, "{row}: {body}");
            let heard = caller.read(&told, false);
            if turn == 0 {
                assert_eq!(heard.calls[0].0, "get_weather", "{row}");
                caller.follow(&mut body, &told.json(), "12 degrees");
            } else {
                assert!(heard.text.contains("12 degrees"), "{row}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn a_forced_tool_is_forced_at_every_provider() {
    for (caller, provider, bench) in open_pairs("").await {
        let mut body = with_tools(caller, caller.body("m", "Hello", false));
        let names_one = caller.force(&mut body, "get_time");
        let (told, _) = bench.ask(caller.asking(&body)).await;
        let heard = caller.read(&told, false);
        assert_eq!(
            heard.calls.len(),
            1,
            "{caller:?} to {provider:?}: {}",
            told.text()
        );
        // Where a format forces any tool, it is the first. A provider of such a format is
        // offered nothing but the one that its caller named.
        let expected = if names_one { "get_time" } else { "get_weather" };
        assert_eq!(heard.calls[0].0, expected, "{caller:?} to {provider:?}");
    }
}

#[tokio::test]
async fn a_picture_is_carried_to_every_provider() {
    for (caller, provider, bench) in open_pairs("").await {
        let plain = caller.body("m", "What is it?", false);
        bench.ask(caller.asking(&plain)).await;
        let without = bench.a.served().input_tokens;
        let mut body = plain;
        caller.picture(&mut body, "iVBORw0KGgo=");
        let (told, _) = bench.ask(caller.asking(&body)).await;
        assert_eq!(
            told.status,
            200,
            "{caller:?} to {provider:?}: {}",
            told.text()
        );
        // The simulator charges 85 tokens for a picture.
        assert_eq!(
            bench.a.served().input_tokens,
            without + 85,
            "{caller:?} to {provider:?}"
        );
    }
}
