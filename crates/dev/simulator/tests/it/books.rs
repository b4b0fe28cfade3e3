//! Determinism, credentials, and what the books remember.

use http::Version;
use serde_json::{Value, json};
use tollgate_simulator::{Distribution, Options, Totals};
use tollgate_types::Secret;

use crate::client::{CHAT, MESSAGES, call, open_at, post, send, start, whole};

fn ask(prompt: &str) -> Value {
    json!({"model": "m", "max_tokens": 400, "stream": true, "messages": [{"role": "user", "content": prompt}]})
}

#[tokio::test]
async fn the_same_seed_and_body_give_the_same_answer_to_the_byte() {
    let lengths = Distribution::LogNormal {
        median: 60.0,
        sigma: 0.5,
    };
    let mut answers = Vec::new();
    for seed in [1, 1, 2] {
        let simulator = start(Options::default().seed(seed).answer_tokens(lengths)).await;
        for path in [CHAT, MESSAGES] {
            call(&simulator, path, &ask("something else first")).await;
            answers.push(call(&simulator, path, &ask("hello")).await.body);
        }
    }
    assert_eq!(answers[0..2], answers[2..4]);
    assert_ne!(answers[0..2], answers[4..6]);
}

#[tokio::test]
async fn a_credential_is_asked_for_and_never_kept() {
    let simulator = start(Options::default().key(Secret::new("sk-sim-very-secret".into()))).await;
    for path in [CHAT, MESSAGES] {
        let reply = call(&simulator, path, &ask("hi")).await;
        assert_eq!(reply.status, 401);
        for (header, value) in [
            ("authorization", "Bearer sk-sim-very-secret"),
            ("x-api-key", "sk-sim-very-secret"),
        ] {
            let mut req = post(path, &ask("hi"));
            req.headers_mut().insert(header, value.parse().unwrap());
            req.headers_mut()
                .insert("traceparent", "00-1-2-01".parse().unwrap());
            assert_eq!(send(&simulator, req).await.status, 200);
            let record = simulator.books().all().pop().unwrap();
            assert_eq!(record.credential.as_ref().unwrap().header, header);
            assert_eq!(record.credential.unwrap().sha256_prefix.len(), 12);
            assert_eq!(record.headers["traceparent"], "00-1-2-01");
        }
    }
    let books = serde_json::to_string(&simulator.books().all()).unwrap();
    assert!(!books.contains("very-secret"));
}

#[tokio::test]
async fn the_books_remember_the_last_requests_and_sum_all() {
    let options = Options {
        books_entries_max: 3,
        ..Options::default()
    };
    let simulator = start(options).await;
    for _ in 0..5 {
        call(&simulator, CHAT, &ask("[[sim: tokens=10]]")).await;
    }
    simulator.books().settled().await;
    let ordinals: Vec<_> = simulator
        .books()
        .all()
        .iter()
        .map(|record| record.ordinal)
        .collect();
    assert_eq!(ordinals, [3, 4, 5]);
    let totals = simulator.books().totals();
    assert_eq!(
        (
            totals.requests,
            totals.finished,
            totals.open,
            totals.output_tokens
        ),
        (5, 5, 0, 50)
    );
}

#[tokio::test]
async fn a_paced_stream_takes_its_time() {
    let options = Options::default()
        .ttft_ms("20".parse().unwrap())
        .tokens_per_second(500.0);
    let simulator = start(options).await;
    let before = tokio::time::Instant::now();
    call(&simulator, CHAT, &ask("[[sim: tokens=20]]")).await;
    assert!(before.elapsed().as_millis() >= 20 + 19 * 2);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_in_the_formats_shape() {
    let simulator = start(Options {
        request_bytes_max: 1000,
        ..Options::default()
    })
    .await;
    let reply = call(&simulator, MESSAGES, &ask(&"x".repeat(2000))).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["error"]["type"]),
        (413, &json!("request_too_large"))
    );
}

#[tokio::test]
async fn stopping_breaks_off_what_is_under_way() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let simulator = start(Options::default()).await;
        let (books, addr) = (simulator.books().clone(), simulator.addr());
        let req = |fault: &str| {
            let mut req = post(CHAT, &ask(&format!("[[sim: fault={fault}]]")));
            *req.version_mut() = version;
            if version == Version::HTTP_2 {
                *req.uri_mut() = format!("http://simulator{CHAT}").parse().unwrap();
            }
            req
        };
        let stalled = open_at(addr, req("stall")).await.unwrap();
        let (hanging, ()) = tokio::join!(open_at(addr, req("hang")), async {
            while books.totals().faults < 2 {
                tokio::task::yield_now().await;
            }
            simulator.reset();
            simulator.stop().await;
        });
        assert!(hanging.is_err());
        books.settled().await;
        assert!(!whole(stalled).await.whole);
        assert_eq!(books.totals(), Totals::default());
    }
}
