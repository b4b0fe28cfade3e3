//! Tools: called in parallel, with arguments in pieces, and answered.

use serde_json::{Value, json};

use crate::bench::{Bench, Provider, open_to};
use crate::speech::{Anthropic, OpenAi, PAIRS, Speech};

const ARGUMENTS: &str = "{\"city\":\"Zürich\",\"days\":[1,2,3],\"note\":\"a \\\"b\\\"\"}";

fn prompt(order: &str) -> String {
    let quoted = ARGUMENTS.replace('\\', "\\\\").replace('"', "\\\"");
    format!("[[sim: {order}, arguments=\"{quoted}\"]] What is the weather?")
}

fn with_tools(speech: Speech, mut body: Value) -> Value {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let tool = |name: &str| match speech {
        OpenAi => {
            json!({"type": "function", "function": {"name": name, "description": "d", "parameters": schema}})
        }
        Anthropic => json!({"name": name, "description": "d", "input_schema": schema}),
    };
    body["tools"] = json!([tool("get_weather"), tool("get_time")]);
    body
}

#[tokio::test]
async fn parallel_calls_reach_every_caller_whole() {
    for (caller, provider) in PAIRS {
        for streamed in [false, true] {
            let bench = Bench::start(&open_to(&[provider.provider("one", "$A")], "")).await;
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
            let finish = if caller == OpenAi {
                "tool_calls"
            } else {
                "tool_use"
            };
            assert_eq!(heard.finish.as_deref(), Some(finish), "{row}");
            assert_eq!(record["finish_reason"], "tool_calls", "{row}");
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
    for (caller, provider) in PAIRS {
        for streamed in [false, true] {
            let bench = Bench::start(&open_to(&[provider.provider("one", "$A")], "")).await;
            let mut body = with_tools(caller, caller.body("m", "Weather and time?", streamed));
            let turns = body["messages"].as_array_mut().unwrap();
            turns.extend(called_and_answered(caller));
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
                bench.a.served().input_tokens,
                "{row}"
            );
        }
    }
}

fn called_and_answered(speech: Speech) -> Vec<Value> {
    let (first, second) = ("call_1", "call_2");
    match speech {
        OpenAi => {
            let call = |id: &str, name: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": ARGUMENTS}});
            vec![
                json!({"role": "assistant", "content": null, "tool_calls": [call(first, "get_weather"), call(second, "get_time")]}),
                json!({"role": "tool", "tool_call_id": first, "content": "sunny"}),
                json!({"role": "tool", "tool_call_id": second, "content": "noon"}),
            ]
        }
        Anthropic => {
            let input: Value = serde_json::from_str(ARGUMENTS).unwrap();
            let call = |id: &str, name: &str| json!({"type": "tool_use", "id": id, "name": name, "input": input});
            let result = |id: &str, text: &str| json!({"type": "tool_result", "tool_use_id": id, "content": text});
            vec![
                json!({"role": "assistant", "content": [call(first, "get_weather"), call(second, "get_time")]}),
                json!({"role": "user", "content": [result(first, "sunny"), result(second, "noon")]}),
            ]
        }
    }
}

#[tokio::test]
async fn a_forced_tool_is_forced_at_every_provider() {
    for (caller, provider) in PAIRS {
        let bench = Bench::start(&open_to(&[provider.provider("one", "$A")], "")).await;
        let mut body = with_tools(caller, caller.body("m", "Hello", false));
        body["tool_choice"] = match caller {
            OpenAi => json!({"type": "function", "function": {"name": "get_time"}}),
            Anthropic => json!({"type": "tool", "name": "get_time"}),
        };
        let (told, _) = bench.ask(caller.asking(&body)).await;
        let heard = caller.read(&told, false);
        assert_eq!(
            heard.calls.len(),
            1,
            "{caller:?} to {provider:?}: {}",
            told.text()
        );
        assert_eq!(heard.calls[0].0, "get_time", "{caller:?} to {provider:?}");
    }
}

#[tokio::test]
async fn a_picture_is_carried_to_every_provider() {
    for (caller, provider) in PAIRS {
        let bench = Bench::start(&open_to(&[provider.provider("one", "$A")], "")).await;
        let plain = caller.body("m", "What is it?", false);
        bench.ask(caller.asking(&plain)).await;
        let without = bench.a.served().input_tokens;
        let mut body = plain;
        let picture = match caller {
            OpenAi => {
                json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}})
            }
            Anthropic => {
                json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}})
            }
        };
        body["messages"][0]["content"] = json!([{"type": "text", "text": "What is it?"}, picture]);
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
