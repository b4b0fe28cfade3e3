//! Every fault, as a caller sees it and as the books keep it.

use http::Version;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tollgate_simulator::{Faults, Options, parse_fault, parse_script};

use crate::client::{CHAT, COMPLETIONS, MESSAGES, Reply, call, get, open, post, send, start};

const PATHS: [&str; 3] = [CHAT, MESSAGES, COMPLETIONS];

fn ask(prompt: &str, stream: bool) -> Value {
    // What is another format's is passed over.
    json!({"model": "m", "max_tokens": 100, "stream": stream, "prompt": prompt,
        "messages": [{"role": "user", "content": prompt}]})
}

fn faulty(fault: &str, stream: bool) -> Value {
    ask(
        &format!("[[sim: text=\"a b c d e f g h\", fault={fault}]]"),
        stream,
    )
}

/// Tokens of text in a stream of either format.
fn tokens(reply: &Reply) -> usize {
    let text = |event: &Value| {
        let choice = &event["choices"][0];
        let openai = choice["delta"]["content"].as_str();
        let openai = openai.or_else(|| choice["text"].as_str());
        let openai = openai.filter(|text| !text.is_empty());
        openai.or_else(|| event["delta"]["text"].as_str()).is_some()
    };
    reply.events().iter().filter(|event| text(event)).count()
}

fn ended(reply: &Reply) -> bool {
    let last = reply.data().last().cloned().unwrap_or_default();
    last == "[DONE]" || last.contains("message_stop")
}

#[tokio::test]
async fn a_status_comes_in_the_formats_own_shape() {
    let simulator = start(Options::default()).await;
    for (fault, openai, anthropic) in [
        ("429", "requests", "rate_limit_error"),
        ("500", "server_error", "api_error"),
        ("502", "server_error", "api_error"),
        ("503", "server_error", "overloaded_error"),
        ("529", "server_error", "overloaded_error"),
    ] {
        for (path, kind) in [(CHAT, openai), (COMPLETIONS, openai), (MESSAGES, anthropic)] {
            for stream in [true, false] {
                let reply = call(&simulator, path, &faulty(fault, stream)).await;
                assert_eq!(reply.status.as_str(), fault);
                assert_eq!(reply.json()["error"]["type"], kind);
                assert_eq!(
                    reply.header("retry-after"),
                    if fault == "429" { "1" } else { "" }
                );
            }
        }
    }
    let reply = call(&simulator, CHAT, &faulty("429:2500ms", false)).await;
    assert_eq!(
        (reply.header("retry-after"), reply.header("retry-after-ms")),
        ("3", "2500")
    );
}

#[tokio::test]
async fn a_cut_delivers_its_tokens_and_breaks_the_message() {
    let simulator = start(Options::default()).await;
    for path in PATHS {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let mut req = post(path, &faulty("cut@3", true));
            *req.version_mut() = version;
            if version == Version::HTTP_2 {
                *req.uri_mut() = format!("http://simulator{path}").parse().unwrap();
            }
            let reply = send(&simulator, req).await;
            assert!(!reply.whole, "{path} {version:?}");
            assert_eq!(tokens(&reply), 3);
            simulator.books().settled().await;
            let record = simulator.books().all().pop().unwrap();
            assert_eq!(
                (record.output_tokens, record.finished, record.hung_up_at),
                (3, false, None)
            );
            assert_eq!(record.fault.as_deref(), Some("cut@3"));
        }
        let unary = call(&simulator, path, &faulty("cut", false)).await;
        assert!(!unary.whole && !unary.body.is_empty());
    }
}

#[tokio::test]
async fn an_error_event_ends_the_stream_in_its_format() {
    let simulator = start(Options::default()).await;
    for path in PATHS {
        for (fault, before) in [("error", 0), ("error@2", 2)] {
            let reply = call(&simulator, path, &faulty(fault, true)).await;
            assert_eq!(
                (reply.status.as_u16(), reply.whole, tokens(&reply)),
                (200, true, before)
            );
            assert!(!ended(&reply));
            assert!(reply.events().last().unwrap()["error"]["message"].is_string());
        }
        let unary = call(&simulator, path, &faulty("error", false)).await;
        assert!(unary.status.is_server_error());
    }
}

#[tokio::test]
async fn broken_bodies_are_broken_as_ordered() {
    let simulator = start(Options::default()).await;
    for path in PATHS {
        let malformed = call(&simulator, path, &faulty("malformed@2", true)).await;
        assert!(
            malformed
                .data()
                .iter()
                .any(|data| data != "[DONE]" && serde_json::from_str::<Value>(data).is_err())
        );
        assert!(ended(&malformed) && tokens(&malformed) == 8);
        let truncated = call(&simulator, path, &faulty("truncated@2", true)).await;
        assert!(truncated.whole && tokens(&truncated) == 2 && !ended(&truncated));
        for fault in ["malformed", "truncated", "empty"] {
            let unary = call(&simulator, path, &faulty(fault, false)).await;
            assert_eq!((unary.status.as_u16(), unary.whole), (200, true));
            assert!(
                serde_json::from_slice::<Value>(&unary.body).is_err(),
                "{fault}"
            );
        }
        let empty = call(&simulator, path, &faulty("empty", true)).await;
        assert!(empty.whole && empty.body.is_empty());
        for stream in [true, false] {
            let page = call(&simulator, path, &faulty("wrong-type", stream)).await;
            assert_eq!(page.header("content-type"), "text/html");
        }
    }
}

#[tokio::test]
async fn a_reset_and_a_hang_give_no_answer() {
    let simulator = start(Options::default()).await;
    for path in PATHS {
        assert!(
            open(&simulator, post(path, &faulty("reset", true)))
                .await
                .is_err()
        );
        simulator.books().settled().await;
        let record = simulator.books().all().pop().unwrap();
        assert_eq!((record.status, record.hung_up_at), (None, None));

        let struck = simulator.books().totals().faults + 1;
        let hanging = async {
            while simulator.books().totals().faults < struck {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = open(&simulator, post(path, &faulty("hang", true))) => panic!("{answer:?}"),
            () = hanging => {}
        }
        simulator.books().settled().await;
        assert_eq!(simulator.books().all().pop().unwrap().hung_up_at, Some(0));
    }
}

#[tokio::test]
async fn a_stall_is_silent_until_the_caller_hangs_up_and_is_booked_with_its_tokens() {
    let simulator = start(Options::default()).await;
    for path in PATHS {
        let mut response = open(&simulator, post(path, &faulty("stall@3", true)))
            .await
            .unwrap();
        let mut seen = Vec::new();
        // What comes before the third token.
        let events = match path {
            COMPLETIONS => 3,
            CHAT => 4,
            _ => 6,
        };
        while String::from_utf8_lossy(&seen).matches("data: ").count() < events {
            let frame = response.body_mut().frame().await.unwrap().unwrap();
            seen.extend_from_slice(frame.data_ref().unwrap());
        }
        drop(response);
        simulator.books().settled().await;
        let record = simulator.books().all().pop().unwrap();
        assert_eq!(
            (record.output_tokens, record.hung_up_at, record.finished),
            (3, Some(3), false)
        );
    }
    assert_eq!(simulator.books().totals().hung_up, 3);
    for stream in [true, false] {
        let short = call(&simulator, CHAT, &faulty("stall@3:20ms", stream)).await;
        assert!(short.whole);
    }
}

#[tokio::test]
async fn slowness_delays_the_first_token() {
    let simulator = start(Options::default()).await;
    for stream in [true, false] {
        let before = tokio::time::Instant::now();
        let reply = call(&simulator, CHAT, &faulty("slow:40ms", stream)).await;
        assert!(reply.whole && before.elapsed().as_millis() >= 40);
    }
}

#[tokio::test]
async fn a_script_strikes_request_by_request_and_a_name_strikes_before_it() {
    let script = Faults {
        script: parse_script("503*2, ok, 429").unwrap(),
        ..Faults::default()
    };
    let simulator = start(Options::default().faults(script)).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(
            call(&simulator, CHAT, &ask("hi", false))
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(seen, [503, 503, 200, 429, 200]);
    let mut body = ask("hi", false);
    body["model"] = json!("sim-502");
    assert_eq!(call(&simulator, MESSAGES, &body).await.status, 502);
}

#[tokio::test]
async fn rates_strike_their_share_and_the_same_requests_for_the_same_seed() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let options = Options::default()
            .seed(seed)
            .fault(parse_fault("429=0.3").unwrap())
            .fault(parse_fault("500=0.2").unwrap());
        let simulator = start(options).await;
        let mut run = Vec::new();
        for _ in 0..200 {
            run.push(
                call(&simulator, CHAT, &ask("hi", false))
                    .await
                    .status
                    .as_u16(),
            );
        }
        let limited = run.iter().filter(|status| **status == 429).count();
        assert!((40..80).contains(&limited), "{limited}");
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn faults_change_while_it_runs_and_a_reset_forgets_them() {
    let simulator = start(Options::default()).await;
    let set = call(
        &simulator,
        "/__sim/faults",
        &json!({"script": "500, ok", "rates": ["503=1"]}),
    )
    .await;
    assert_eq!(
        set.json(),
        json!({"script": ["500", null], "rates": ["503=1"]})
    );
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(
            call(&simulator, CHAT, &ask("hi", false))
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(seen, [500, 200, 503]);
    call(&simulator, "/__sim/reset", &json!({})).await;
    assert_eq!(call(&simulator, CHAT, &ask("hi", false)).await.status, 200);
    simulator.books().settled().await;
    let books = send(&simulator, get("/__sim/books?last=5")).await.json();
    assert_eq!(
        (
            &books["totals"]["requests"],
            &books["records"][0]["ordinal"]
        ),
        (&json!(1), &json!(1))
    );
    for bad in [
        json!({"rates": ["503=2"]}),
        json!({"rates": ["503=0.7", "500=0.7"]}),
        json!({"script": "maybe"}),
        json!({"rate": []}),
    ] {
        let reply = call(&simulator, "/__sim/faults", &bad).await;
        assert_eq!(reply.status, 400, "{bad}");
        assert!(reply.json()["error"].as_str().unwrap().len() > 10);
    }
}
