//! What the network does with the bytes changes nothing: cuts anywhere, connections that
//! stay open, HTTP/2.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::bench::{Bench, Parts, Provider, open_pairs, open_to, soon, start, until};
use crate::speech::{Anthropic, Gemini, OpenAi, Responses, Speech};
use crate::stub::Stub;

/// A stream whose second piece ends what the first began.
fn transcript(speech: Speech) -> Vec<u8> {
    let pieces = ["Zürich 536-", "22-1234 😀 done"];
    let told = speech.telling(&pieces);
    if speech != OpenAi {
        return told;
    }
    // Some servers write their lines as others do.
    let text = String::from_utf8(told).unwrap();
    text.replacen("536-\"}}]}\n\n", "536-\"}}]}\r\n\r\n", 1)
        .into()
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

const PIECES: [usize; 4] = [1, 2, 7, 150];

#[tokio::test]
async fn a_stream_is_the_same_however_it_is_cut() {
    for provider in Speech::all() {
        let whole = transcript(provider);
        for piece in PIECES {
            let stub = Stub::cutting(provider, &whole, piece).await;
            let bench = bench(provider, &stub, "").await;
            for caller in Speech::all() {
                let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
                let row = format!("{caller:?} to {provider:?}, {piece} bytes");
                let heard = caller.read(&told, true);
                assert_eq!(heard.text, "Zürich 536-22-1234 😀 done", "{row}");
                assert!(heard.has_ended && heard.error.is_none(), "{row}: {heard:?}");
                let counts = (&record["input_tokens"], &record["output_tokens"]);
                assert_eq!(counts, (&11.into(), &3.into()), "{row}: {record}");
                assert!(record.get("error_class").is_none(), "{row}: {record}");
                assert_eq!(record["usage_source"], "reported", "{row}: {record}");
                // OpenAI's usage was not asked for, and Gemini's callers get it as they asked.
                if caller == provider && caller != OpenAi {
                    assert!(told.body == whole, "{row}: {}", told.text());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_redaction_is_the_same_however_the_stream_is_cut() {
    let policy =
        "policies: [{name: p, output: [{type: pii_detection, action: redact, entities: [ssn]}]}]\n";
    for provider in Speech::all() {
        let whole = transcript(provider);
        for piece in PIECES {
            let stub = Stub::cutting(provider, &whole, piece).await;
            let bench = bench(provider, &stub, policy).await;
            for caller in Speech::all() {
                let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
                let row = format!("{caller:?} to {provider:?}, {piece} bytes");
                let heard = caller.read(&told, true);
                assert_eq!(heard.text, "Zürich [SSN] 😀 done", "{row}");
                assert!(heard.has_ended, "{row}");
                assert_eq!(record["findings"][0]["count"], 1, "{row}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_stays_open_after_the_end_keeps_nobody_waiting() {
    // Gemini has no end mark but the connection's end.
    for provider in Speech::all().filter(|provider| *provider != Gemini) {
        let stub = Stub::staying(provider, &transcript(provider)).await;
        let bench = bench(provider, &stub, "").await;
        for caller in Speech::all() {
            let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
            let row = format!("{caller:?} to {provider:?}");
            assert!(caller.read(&told, true).has_ended, "{row}");
            assert!(record.get("error_class").is_none(), "{row}: {record}");
            let took = record["duration_us"].as_u64().unwrap();
            // Less than the time in which the provider may still close it.
            assert!(took < 900_000, "{row}: {took}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_stays_open_after_an_error_keeps_nobody_waiting() {
    for provider in Speech::all() {
        // What is said before the error is no end yet.
        let said = provider.telling(&["Well, ", "then."]);
        let begun = provider.begun(&said);
        let events = [begun, &provider.failing_event(500, "Out of luck.")].concat();
        let stub = Stub::staying(provider, &events).await;
        let bench = bench(provider, &stub, "").await;
        for caller in Speech::all() {
            let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
            let row = format!("{caller:?} to {provider:?}: {}", told.text());
            let heard = caller.read(&told, true);
            assert_eq!(heard.text, "Well, ", "{row}");
            assert_eq!(heard.error.expect(&row).message, "Out of luck.", "{row}");
            assert!(!heard.has_ended, "{row}");
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
    let (path, body) = speech.sent(&speech.body("m", prompt, streamed));
    let uri = format!("http://{}{path}", bench.address);
    let request = Request::post(uri).header("content-type", "application/json");
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    soon(sender.send_request(request)).await.unwrap()
}

#[tokio::test]
async fn http2_callers_are_served_on_the_same_port() {
    for (caller, provider, bench) in open_pairs("").await {
        for streamed in [false, true] {
            let answer = over_http2(&bench, caller, "[[sim: text=\"Over two.\"]]", streamed).await;
            assert_eq!(
                (answer.status().as_u16(), answer.version()),
                (200, Version::HTTP_2)
            );
            let body = soon(answer.into_body().collect()).await.unwrap().to_bytes();
            let heard = match streamed {
                true => caller.events(&body),
                false => caller.whole(&serde_json::from_slice(&body).unwrap()),
            };
            assert_eq!(heard.text, "Over two.", "{caller:?} to {provider:?}");
            let record = bench.settled().await;
            assert_eq!(record["bytes_out"], body.len());
            assert_eq!(record["output_tokens"], bench.a.served().answer_tokens);
        }
    }
}

#[tokio::test]
async fn an_http2_caller_that_resets_its_stream_cancels_the_call() {
    for (caller, _, bench) in open_pairs("").await {
        let before = bench.a.books().totals().hung_up;
        let prompt = "[[sim: text=\"one two three\", fault=stall@2]]";
        let mut answer = over_http2(&bench, caller, prompt, true).await;
        soon(answer.body_mut().frame()).await.unwrap().unwrap();
        drop(answer);
        let record = bench.settled().await;
        assert_eq!(record["caller_gone"], true, "{record}");
        assert_eq!(record["error_class"], "caller_gone");
        until(|| bench.a.books().totals().hung_up > before).await;
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
    for provider in Speech::all() {
        let events = provider.telling(&[&text]);
        // No message is longer than all of them; one alone is nearly the piece.
        let longest = if provider == Responses {
            events.len()
        } else {
            4300
        };
        let stub = Stub::telling(provider, &events).await;
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
        for caller in Speech::all() {
            let (told, record) = bench.ask(caller.ask("m", "Hi", true)).await;
            let row = format!("{caller:?} to {provider:?}: {record}");
            let heard = caller.read(&told, true);
            assert!(heard.text == text && heard.has_ended, "{row}: {heard:?}");
            assert!(record.get("error_class").is_none(), "{row}");
        }
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
    let stub = Stub::streaming(&events).await;
    let bench = bench(Anthropic, &stub, "").await;
    for caller in Speech::all() {
        let (_, record) = bench.ask(caller.ask("m", "How are you today?", true)).await;
        assert_eq!(record["output_tokens"], 77, "{record}");
        assert!(
            (2..20).contains(&record["input_tokens"].as_u64().unwrap()),
            "{record}"
        );
        assert_ne!(record["usage_source"], "reported", "{record}");
    }
}
