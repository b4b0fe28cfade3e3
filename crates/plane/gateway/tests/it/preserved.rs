//! Bytes stay bytes: where nothing is translated, only what must change changes.

use serde_json::Value;

use crate::ask::Ask;
use crate::bench::{Bench, Parts, Provider, open_to};
use crate::speech::{Anthropic, OpenAi, Speech};
use crate::stub::Stub;

/// Order, spacing, numbers, escapes and fields that no codec would write like this.
const REQUEST: &str = "{ \"zeta\" : [1.0e0, -0, 1E+2],\n\t\"model\":\"alias\" , \"x_unknown\": {\"b\":null,\"a\":\"\\u00e9\\/\"},\n \
    \"messages\":[ {\"role\":\"user\", \"content\":\"H\\u0069 \\ud83d\\ude00\", \"extra\":1} ], \"max_tokens\": 64,\"temperature\":0.70 }";

const OPENAI_ANSWER: &str = "{ \"x\" : 1.50, \"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"real-0613\",\n \
    \"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"caf\\u00e9\", \"odd\":true},\"finish_reason\":\"stop\"}],\
    \"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14} }\n";

const ANTHROPIC_ANSWER: &str = "{ \"x\" : 1.50, \"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"real-0613\",\n \
    \"content\":[{\"type\":\"text\",\"text\":\"caf\\u00e9\", \"odd\":true}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\
    \"usage\":{\"input_tokens\":11,\"output_tokens\":3} }\n";

const OPENAI_EVENTS: &str = ": a comment\n\ndata: {\"id\":\"c1\",\"model\":\"real-0613\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
    data:  {\"id\":\"c1\", \"odd\":[1.0], \"choices\":[{\"index\":0,\"delta\":{\"content\":\"caf\\u00e9\"}}]}\r\n\r\n\
    id: 7\nretry: 10\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
    data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}}\n\n\
    data: [DONE]\n\n";

const ANTHROPIC_EVENTS: &str = "event: message_start\ndata: {\"type\":\"message_start\", \"message\":{\"id\":\"m1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"real-0613\",\"content\":[],\"usage\":{\"input_tokens\":11,\"output_tokens\":1}}}\n\n\
    event: ping\ndata: {\"type\": \"ping\"}\n\n\
    event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
    event: content_block_delta\ndata:  {\"odd\":[1.0],\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"caf\\u00e9\"}}\r\n\r\n\
    event: something_new\ndata: {\"type\":\"something_new\",\"x\":1}\n\n\
    event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
    event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":3}}\n\n\
    event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

fn answer(speech: Speech) -> &'static str {
    if speech == OpenAi {
        OPENAI_ANSWER
    } else {
        ANTHROPIC_ANSWER
    }
}

fn events(speech: Speech) -> &'static str {
    if speech == OpenAi {
        OPENAI_EVENTS
    } else {
        ANTHROPIC_EVENTS
    }
}

const ALIAS: &str = "models: [{name: alias, targets: [{provider: one, model: real}]}]\n";

async fn bench(speech: Speech, stub: &Stub) -> Bench {
    let config = open_to(&[speech.provider("one", "$STUB")], ALIAS);
    let names = [("$STUB", stub.url())];
    Bench::with(
        &config,
        Parts {
            names: &names,
            ..Parts::default()
        },
    )
    .await
}

/// Those that stand for all that are not translated: bytes are kept by the same steps.
const BOTH: [Speech; 2] = [OpenAi, Anthropic];

#[tokio::test]
async fn a_whole_exchange_keeps_every_byte_but_the_models_name() {
    for speech in BOTH {
        let stub = Stub::answering("application/json", answer(speech)).await;
        let bench = bench(speech, &stub).await;
        let (told, record) = bench.ask(Ask::post(speech.path(), REQUEST)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(told.text(), answer(speech), "{speech:?}");
        let sent = String::from_utf8(stub.last().body).unwrap();
        assert_eq!(sent, REQUEST.replace("\"alias\"", "\"real\""), "{speech:?}");
        assert_eq!(record["input_tokens"], 11);
        assert_eq!(record["output_tokens"], 3);
        assert_eq!(record["model"], "alias");
        assert_eq!(record["route"], "alias");
        assert_eq!(record["response_model"], "real-0613", "{record}");
        assert_eq!(record["attempts"][0]["model"], "real");
    }
}

#[tokio::test]
async fn a_body_without_anything_to_change_arrives_as_it_was_sent() {
    for speech in BOTH {
        let bench = Bench::start(&open_to(&[speech.provider("one", "$A")], "")).await;
        let ask = Ask::post(speech.path(), REQUEST);
        let (told, record) = bench.ask(ask).await;
        assert_eq!(told.status, 200, "{}", told.text());
        let served = bench.a.served();
        assert_eq!(served.body_bytes, REQUEST.len() as u64);
        assert_eq!(served.body_sha256, sha256(REQUEST), "{speech:?}");
        assert_eq!(record["bytes_in"], REQUEST.len());
    }
}

fn sha256(text: &str) -> String {
    let hash = tollgate_identity::hash(text);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_streamed_answer_keeps_every_byte() {
    for speech in BOTH {
        let stub = Stub::streaming(events(speech)).await;
        let bench = bench(speech, &stub).await;
        let asked = match speech {
            OpenAi => ", \"stream\" : true,\"stream_options\":{\"include_usage\":true} }",
            _ => ", \"stream\" : true }",
        };
        let request = format!("{}{asked}", REQUEST.trim_end_matches('}').trim_end());
        let (told, record) = bench.ask(Ask::post(speech.path(), request.clone())).await;
        assert_eq!(told.text(), events(speech), "{speech:?}");
        let sent = String::from_utf8(stub.last().body).unwrap();
        assert_eq!(sent, request.replace("\"alias\"", "\"real\""), "{speech:?}");
        assert_eq!(record["input_tokens"], 11);
        assert_eq!(record["output_tokens"], 3);
        assert_eq!(record["usage_source"], "reported");
        assert_eq!(record["bytes_out"], events(speech).len());
        assert_eq!(record["response_model"], "real-0613", "{record}");
    }
}

#[tokio::test]
async fn the_wish_for_usage_is_one_splice_and_its_event_is_hidden() {
    let cases = [
        (
            "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
            "null",
        ),
        (
            "{\"stream\":true,\"stream_options\":null,\"model\":\"m\",\"messages\":[]}",
            "null",
        ),
        (
            "{\"stream\":true,\"stream_options\":{},\"model\":\"m\",\"messages\":[]}",
            "{}",
        ),
        (
            "{\"stream\":true,\"stream_options\":{\"include_usage\":false},\"model\":\"m\",\"messages\":[]}",
            "{}",
        ),
        (
            "{\"stream\":true,\"stream_options\":{\"x\":1},\"model\":\"m\",\"messages\":[]}",
            "{\"x\":1}",
        ),
    ];
    for (request, kept) in cases {
        let stub = Stub::streaming(OPENAI_EVENTS).await;
        let bench = bench(OpenAi, &stub).await;
        let (told, record) = bench.ask(Ask::post(OpenAi.path(), request)).await;
        let sent = stub.last().body;
        let mut sent: Value = serde_json::from_slice(&sent).unwrap();
        let options = sent["stream_options"].as_object_mut().unwrap();
        assert_eq!(
            options.remove("include_usage"),
            Some(Value::Bool(true)),
            "{request}"
        );
        let kept: Value = serde_json::from_str(kept).unwrap();
        assert_eq!(
            *options,
            kept.as_object().cloned().unwrap_or_default(),
            "{request}"
        );
        let hidden: String = OPENAI_EVENTS
            .split_inclusive("\n\n")
            .filter(|event| !event.contains("prompt_tokens"))
            .collect();
        assert_eq!(told.text(), hidden, "{request}");
        assert_eq!(record["output_tokens"], 3, "{request}");
    }
}

#[tokio::test]
async fn usage_beside_an_empty_choice_is_hidden_too() {
    let request =
        "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    let events = OPENAI_EVENTS.replace(
        "\"choices\":[],",
        "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],",
    );
    let stub = Stub::streaming(&events).await;
    let bench = bench(OpenAi, &stub).await;
    let (told, record) = bench.ask(Ask::post(OpenAi.path(), request)).await;
    assert!(told.text().contains("\"finish_reason\":\"stop\""));
    assert!(!told.text().contains("prompt_tokens"), "{}", told.text());
    assert_eq!(record["usage_source"], "reported");
    assert_eq!(record["output_tokens"], 3);
}

#[tokio::test]
async fn headers_that_a_format_knows_pass_both_ways() {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-ratelimit-remaining-requests: 9\r\n\
         request-id: req_7\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{ANTHROPIC_ANSWER}",
        ANTHROPIC_ANSWER.len()
    );
    let stub = Stub::raw(answer).await;
    let bench = bench(Anthropic, &stub).await;
    let ask = Ask::post(Anthropic.path(), REQUEST).headers(&[
        ("anthropic-version", "2023-01-01"),
        ("anthropic-beta", "files-api"),
        ("user-agent", "sdk/1"),
        ("x-forwarded-for", "10.0.0.1"),
    ]);
    let (told, _) = bench.ask(ask).await;
    assert_eq!(told.header("request-id"), Some("req_7"));
    assert_eq!(told.header("x-ratelimit-remaining-requests"), Some("9"));
    let seen = stub.last();
    assert_eq!(seen.header("anthropic-version"), Some("2023-01-01"));
    assert_eq!(seen.header("anthropic-beta"), Some("files-api"));
    assert_eq!(seen.header("user-agent"), Some("sdk/1"));
    assert_eq!(seen.header("x-forwarded-for"), None);
    assert_eq!(seen.header("host"), Some(&*stub.address.to_string()));
}

#[tokio::test]
async fn a_compressed_answer_is_never_asked_for() {
    let stub = Stub::answering("application/json", OPENAI_ANSWER).await;
    let bench = bench(OpenAi, &stub).await;
    let ask = Ask::post(OpenAi.path(), REQUEST).header("accept-encoding", "gzip, br");
    let (told, _) = bench.ask(ask).await;
    assert_eq!(told.status, 200);
    assert_eq!(stub.last().header("accept-encoding"), Some("identity"));
    assert_eq!(bench.a.requests(), 0);
}
