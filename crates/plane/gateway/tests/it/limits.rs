//! Limits: what is over them is refused with a time to come again, and room comes back.

use serde_json::Value;

use crate::ask::Told;
use crate::bench::{Bench, Provider, start, until};
use crate::speech::{OpenAi, Speech};

fn limited(limits: &str) -> String {
    format!(
        "gateway: {{anonymous: allow, limits: {{{limits}}}}}\n\
         providers: [{{name: a, kind: simulator, base_url: $A}}]\n\
         routes: [{{name: echo, path: /v1/echo, provider: svc}}]\n"
    )
    .replace(
        "base_url: $A}",
        "base_url: $A}, {name: svc, kind: http, base_url: $A}",
    )
}

fn full(speech: Speech, told: &Told, record: &Value, says: &str) {
    assert_eq!(told.status, 503, "{}", told.text());
    let error = speech.error(told);
    assert_eq!(error.kind, speech.error_kind(503));
    assert!(error.message.contains(says), "{error:?}");
    assert_eq!(told.header("retry-after"), Some("1"));
    assert_eq!(record["error_class"], "overloaded");
    assert_eq!(record["status"], 503);
}

#[tokio::test]
async fn requests_over_the_limit_are_asked_to_come_again() {
    for speech in Speech::BOTH {
        let bench = Bench::start(&limited("requests_max: 1")).await;
        let mut open = bench
            .open(speech.ask("m", "[[sim: text=\"a b c\", fault=stall@1]]", true))
            .await;
        open.next().await;
        let (told, record) = bench.ask(speech.ask("m", "Hi", false)).await;
        full(speech, &told, &record, "limits.requests_max");
        let (told, record) = bench.ask(crate::ask::Ask::get("/v1/echo")).await;
        full(OpenAi, &told, &record, "limits.requests_max");
        assert_eq!(
            bench.call(crate::ask::Ask::get("/health")).await.status,
            200
        );
        assert_eq!(bench.a.requests(), 1);
        drop(open);
        assert_eq!(bench.settled().await["caller_gone"], true);
        let (told, _) = bench.ask(speech.ask("m", "Hi", false)).await;
        assert_eq!(told.status, 200);
    }
}

#[tokio::test]
async fn bodies_over_the_memory_limit_are_asked_to_come_again() {
    for speech in Speech::BOTH {
        let bench = Bench::start(&limited("body_bytes_max: 4000, buffered_bytes_max: 6000")).await;
        let long = format!("[[sim: text=\"ok\"]] {}", "x".repeat(3500));
        let hanging = speech.ask("m", &long.replace("text", "fault=hang, text"), false);
        let address = bench.address;
        let waiting = start(async move { hanging.open(address).await.rest().await });
        until(|| bench.a.requests() == 1).await;
        let (told, record) = bench.ask(speech.ask("m", &long, false)).await;
        full(speech, &told, &record, "limits.buffered_bytes_max");
        waiting.abort();
        assert_eq!(bench.settled().await["caller_gone"], true);
        let (told, _) = bench.ask(speech.ask("m", &long, false)).await;
        assert_eq!(told.status, 200, "room comes back: {}", told.text());
    }
}

#[tokio::test]
async fn an_answer_over_the_memory_limit_is_our_own_failure() {
    for speech in Speech::BOTH {
        let bench = Bench::start(&limited("buffered_bytes_max: 3000")).await;
        let prompt = format!("[[sim: echo]] {}", "word ".repeat(400));
        let mut body = speech.body("m", &prompt, false);
        body["max_tokens"] = 4000.into();
        let (told, record) = bench.ask(speech.asking(&body)).await;
        full(speech, &told, &record, "limits.buffered_bytes_max");
        assert_eq!(record["attempts"].as_array().unwrap().len(), 1);
        let (told, _) = bench
            .ask(speech.ask("m", "[[sim: text=\"ok\"]]", false))
            .await;
        assert_eq!(told.status, 200);
    }
}

#[tokio::test]
async fn an_answer_over_its_limit_is_not_taken() {
    for speech in Speech::BOTH {
        let bench = Bench::start(&limited("answer_bytes_max: 2000")).await;
        let long = format!("[[sim: echo]] {}", "word ".repeat(600));
        let mut body = speech.body("m", &long, false);
        body["max_tokens"] = 4000.into();
        let (told, record) = bench.ask(speech.asking(&body)).await;
        assert_eq!(told.status, 502, "{record}");
        assert!(
            speech
                .error(&told)
                .message
                .contains("limits.answer_bytes_max")
        );
        assert_eq!(record["error_class"], "provider_protocol");
        let (told, _) = bench
            .ask(speech.ask("m", "[[sim: text=\"short\"]]", true))
            .await;
        assert!(speech.read(&told, true).has_ended);
    }
}

#[tokio::test]
async fn an_event_over_its_limit_ends_the_stream() {
    for speech in Speech::BOTH {
        let bench = Bench::start(&limited("event_bytes_max: 2000")).await;
        let prompt = format!("[[sim: echo, piece=3000]] {}", "word ".repeat(600));
        let mut body = speech.body("m", &prompt, true);
        body["max_tokens"] = 4000.into();
        let (told, record) = bench.ask(speech.asking(&body)).await;
        assert_eq!(told.status, 502, "{}", told.text());
        assert_eq!(record["error_class"], "provider_protocol");
        assert!(
            speech.error(&told).message.contains("cannot be read"),
            "{}",
            told.text()
        );
    }
}
