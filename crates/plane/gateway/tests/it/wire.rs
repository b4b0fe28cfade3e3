//! What the network does with the bytes changes nothing: cuts anywhere, connections that
//! stay open, HTTP/2.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::bench::{Bench, Parts, Provider, open_to, soon, start, until};
use crate::speech::{Anthropic, OpenAi, PAIRS, Speech};
use crate::stub::Stub;

const OPENAI: &str = "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
    data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Zürich 536-\"}}]}\r\n\r\n\
    : keep-alive\n\n\
    data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"22-1234 \\ud83d\\ude00 done\"}}]}\n\n\
    data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
    data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}}\n\n\
    data: [DONE]\n\n";

const ANTHROPIC: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":11,\"output_tokens\":1}}}\n\n\
    event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
    event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Zürich 536-\"}}\r\n\r\n\
    event: ping\ndata: {\"type\": \"ping\"}\n\n\
    event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"22-1234 \\ud83d\\ude00 done\"}}\n\n\
    event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
    event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":3}}\n\n\
    event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

fn transcript(speech: Speech) -> &'static str {
    if speech == OpenAi { OPENAI } else { ANTHROPIC }
}

async fn bench(provider: Speech, stub: &Stub, more: &str) -> Bench {
    let names = [("$STUB", stub.url())];
    let config = open_to(&[provider.provider("a", "$STUB")], more);
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    Bench::with(&config, parts).await
}

const PIECES: [usize; 6] = [1, 2, 3, 7, 40, 150];

#[tokio::test]
async fn a_stream_is_the_same_however_it_is_cut() {
    for (caller, provider) in PAIRS {
        for piece in PIECES {
            let stub = Stub::cutting(transcript(provider), piece).await;
            let bench = bench(provider, &stub, "").await;
            let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
            let row = format!("{caller:?} to {provider:?}, {piece} bytes");
            let heard = caller.read(&told, true);
            assert_eq!(heard.text, "Zürich 536-22-1234 😀 done", "{row}");
            assert!(heard.has_ended && heard.error.is_none(), "{row}: {heard:?}");
            assert_eq!(
                (&record["input_tokens"], &record["output_tokens"]),
                (&11.into(), &3.into()),
                "{row}"
            );
            assert!(record.get("error_class").is_none(), "{row}: {record}");
            if (caller, provider) == (Anthropic, Anthropic) {
                assert_eq!(told.text(), ANTHROPIC, "{row}");
            }
        }
    }
}

#[tokio::test]
async fn a_redaction_is_the_same_however_the_stream_is_cut() {
    let policy =
        "policies: [{name: p, output: [{type: pii_detection, action: redact, entities: [ssn]}]}]\n";
    for (caller, provider) in PAIRS {
        for piece in PIECES {
            let stub = Stub::cutting(transcript(provider), piece).await;
            let bench = bench(provider, &stub, policy).await;
            let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
            let row = format!("{caller:?} to {provider:?}, {piece} bytes");
            let heard = caller.read(&told, true);
            assert_eq!(heard.text, "Zürich [SSN] 😀 done", "{row}");
            assert!(heard.has_ended, "{row}");
            assert_eq!(record["findings"][0]["count"], 1, "{row}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_stays_open_after_the_end_keeps_nobody_waiting() {
    for (caller, provider) in PAIRS {
        let stub = Stub::staying(transcript(provider)).await;
        let bench = bench(provider, &stub, "").await;
        let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
        assert!(
            caller.read(&told, true).has_ended,
            "{caller:?} to {provider:?}"
        );
        assert!(record.get("error_class").is_none(), "{record}");
        let took = record["duration_us"].as_u64().unwrap();
        // Less than the time in which the provider may still close it.
        assert!(took < 900_000, "{took}");
    }
}

#[tokio::test]
async fn a_connection_that_stays_open_after_an_error_keeps_nobody_waiting() {
    let errors = [
        (
            OpenAi,
            "data: {\"error\":{\"message\":\"Out of luck.\",\"type\":\"server_error\",\"code\":null}}\n\n",
        ),
        (
            Anthropic,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"Out of luck.\"}}\n\n",
        ),
    ];
    for (provider, error) in errors {
        let cut = transcript(provider).find(if provider == OpenAi {
            ": keep"
        } else {
            "event: ping"
        });
        let events = format!("{}{error}", &transcript(provider)[..cut.unwrap()]);
        for caller in Speech::BOTH {
            let stub = Stub::staying(&events).await;
            let bench = bench(provider, &stub, "").await;
            let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
            let row = format!("{caller:?} to {provider:?}: {}", told.text());
            let heard = caller.read(&told, true);
            assert_eq!(heard.error.expect(&row).message, "Out of luck.", "{row}");
            assert!(!heard.has_ended, "{row}");
            assert_eq!(told.text().matches("Out of luck.").count(), 1, "{row}");
            assert_eq!(record["error_class"], "provider_failed", "{row}");
            assert!(record["duration_us"].as_u64().unwrap() < 5_000_000, "{row}");
        }
    }
}

/// Sends a request over HTTP/2 without TLS, by prior knowledge.
async fn over_http2(
    bench: &Bench,
    speech: Speech,
    prompt: &str,
    streamed: bool,
) -> http::Response<hyper::body::Incoming> {
    let tcp = TcpStream::connect(bench.address).await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(tcp));
    let (mut sender, connection) = handshake.await.unwrap();
    start(async move {
        // How a connection ends shows in the body.
        let _ended = connection.await;
    });
    let body = speech.body("m", prompt, streamed).to_string();
    let uri = format!("http://{}{}", bench.address, speech.path());
    let request = Request::post(uri).header("content-type", "application/json");
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    soon(sender.send_request(request)).await.unwrap()
}

#[tokio::test]
async fn http2_callers_are_served_on_the_same_port() {
    for (caller, provider) in PAIRS {
        for streamed in [false, true] {
            let bench = Bench::start(&open_to(&[provider.provider("a", "$A")], "")).await;
            let answer = over_http2(&bench, caller, "[[sim: text=\"Over two.\"]]", streamed).await;
            assert_eq!(
                (answer.status().as_u16(), answer.version()),
                (200, Version::HTTP_2)
            );
            let body = soon(answer.into_body().collect()).await.unwrap().to_bytes();
            let text = String::from_utf8(body.to_vec()).unwrap();
            let heard = match streamed {
                true => caller.events(&text),
                false => caller.whole(&serde_json::from_str(&text).unwrap()),
            };
            assert_eq!(heard.text, "Over two.", "{caller:?} to {provider:?}");
            let record = bench.settled().await;
            assert_eq!(record["bytes_out"], text.len());
            assert_eq!(record["output_tokens"], bench.a.served().answer_tokens);
        }
    }
}

#[tokio::test]
async fn an_http2_caller_that_resets_its_stream_cancels_the_call() {
    for (caller, provider) in PAIRS {
        let bench = Bench::start(&open_to(&[provider.provider("a", "$A")], "")).await;
        let prompt = "[[sim: text=\"one two three\", fault=stall@2]]";
        let mut answer = over_http2(&bench, caller, prompt, true).await;
        soon(answer.body_mut().frame()).await.unwrap().unwrap();
        drop(answer);
        let record = bench.settled().await;
        assert_eq!(record["caller_gone"], true, "{record}");
        assert_eq!(record["error_class"], "caller_gone");
        until(|| bench.a.books().totals().hung_up == 1).await;
        assert!(
            bench
                .a
                .served()
                .hung_up_at
                .is_some_and(|at| at > 0 && at <= 2)
        );
    }
}

#[tokio::test]
async fn an_event_may_grow_beyond_the_limit_in_translation() {
    let text = "x".repeat(4000);
    let line = |data: String| format!("data: {data}\n\n");
    let openai = line(format!(
        r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#
    )) + &line(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#.to_owned())
        + "data: [DONE]\n\n";
    let anthropic = line(
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text"}}"#.to_owned(),
    ) + &line(format!(
        r#"{{"type":"content_block_delta","index":0,"delta":{{"text":"{text}"}}}}"#
    )) + &line(r#"{"type":"content_block_stop","index":0}"#.to_owned())
        + &line(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#.to_owned())
        + &line(r#"{"type":"message_stop"}"#.to_owned());
    for (caller, provider, events) in [(Anthropic, OpenAi, openai), (OpenAi, Anthropic, anthropic)]
    {
        let longest = events.split("\n\n").map(str::len).max().unwrap() + 2;
        let stub = Stub::streaming(&events).await;
        let names = [("$STUB", stub.url())];
        let config = format!(
            "gateway: {{anonymous: allow, limits: {{event_bytes_max: {longest}}}}}\nproviders: [{}]\n",
            provider.provider("a", "$STUB")
        );
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let bench = Bench::with(&config, parts).await;
        let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
        let heard = caller.read(&told, true);
        assert!(heard.text == text && heard.has_ended, "{heard:?}");
        assert!(record.get("error_class").is_none(), "{record}");
    }
}

#[tokio::test]
async fn a_prompt_that_nobody_counted_is_counted_here() {
    let line = |data: &str| format!("data: {data}\n\n");
    let head = r#"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"model":"m","usage":{"input_tokens":-1,"output_tokens":1}}}"#;
    let events = line(head)
        + &line(
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Yes."}}"#,
        )
        + &line(r#"{"type":"content_block_stop","index":0}"#)
        + &line(
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":77}}"#,
        )
        + &line(r#"{"type":"message_stop"}"#);
    for caller in Speech::BOTH {
        let stub = Stub::streaming(&events).await;
        let bench = bench(Anthropic, &stub, "").await;
        let (_, record) = bench.ask(caller.ask("m", "How are you today?", true)).await;
        assert_eq!(record["output_tokens"], 77, "{record}");
        assert!(
            (2..20).contains(&record["input_tokens"].as_u64().unwrap()),
            "{record}"
        );
        assert_ne!(record["usage_source"], "reported", "{record}");
    }
}
