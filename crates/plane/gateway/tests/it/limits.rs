//! Limits: what is over them is refused with a time to come again, and room comes back.

use serde_json::Value;

use crate::ask::Told;
use crate::bench::{Bench, Parts, Provider, open_to, pairs_before, start, until};
use crate::speech::{Anthropic, OpenAi, Speech};
use crate::stub::Stub;

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
    for speech in Speech::all() {
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
    for speech in Speech::all() {
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
    for speech in Speech::all() {
        let bench = Bench::start(&limited("buffered_bytes_max: 3000")).await;
        let prompt = format!("[[sim: echo]] {}", "word ".repeat(400));
        let mut body = speech.body("m", &prompt, false);
        speech.limit(&mut body, 4000);
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
    for speech in Speech::all() {
        let bench = Bench::start(&limited("answer_bytes_max: 2000")).await;
        let long = format!("[[sim: echo]] {}", "word ".repeat(600));
        let mut body = speech.body("m", &long, false);
        speech.limit(&mut body, 4000);
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
    for speech in Speech::all() {
        let bench = Bench::start(&limited("event_bytes_max: 2000")).await;
        let prompt = format!("[[sim: echo, piece=3000]] {}", "word ".repeat(600));
        let mut body = speech.body("m", &prompt, true);
        speech.limit(&mut body, 4000);
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

/// A gateway before a stub that always gives the same answer.
async fn before(stub: &Stub, speech: Speech, limits: &str, more: &str) -> Bench {
    let config = open_to(&[speech.provider("a", "$STUB")], more);
    let config = config.replace("allow}", &format!("allow, limits: {{{limits}}}}}"));
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    Bench::with(&config, parts).await
}

#[tokio::test]
async fn an_answer_is_charged_until_its_caller_has_read_it() {
    const MIB: usize = 1024 * 1024;
    let redact = "policies: [{name: p, output: [{type: pii_detection, action: redact}]}]\n";
    for (caller, provider, policies) in [
        (OpenAi, OpenAi, ""),
        (Anthropic, OpenAi, ""),
        (OpenAi, OpenAi, redact),
    ] {
        // More than two sockets keep in their buffers.
        let text = "To a@example.com: ".to_owned() + &"x".repeat(16 * MIB);
        let stub = Stub::answering(
            "application/json",
            &provider.saying("@").to_string().replace('@', &text),
        )
        .await;
        let bench = before(&stub, provider, "buffered_bytes_max: 67108864", policies).await;
        let unread = bench.open(caller.ask("m", "Hi", false)).await;
        assert_eq!(unread.status, 200);
        let held = || bench.gateway.buffered_bytes();
        // The caller has read nothing yet: all that is charged is the answer.
        until(|| (16 * MIB..17 * MIB).contains(&held())).await;
        drop(unread);
        until(|| held() == 0).await;
    }
}

#[tokio::test]
async fn what_a_translation_makes_of_a_body_is_charged() {
    let config = |provider: Speech| {
        format!(
            "gateway: {{anonymous: allow, limits: {{buffered_bytes_max: 300000}}}}\nproviders: [{}]\n",
            provider.provider("a", "$A")
        )
    };
    for (caller, provider, bench) in pairs_before(config).await {
        // Some thirty bytes each, and more than ten times that once they are decoded.
        let turns = [("user", "a"), ("assistant", "a")];
        let turns: Vec<_> = turns.into_iter().cycle().take(2001).collect();
        let body = caller.conversation("m", &turns, false);
        let (told, record) = bench.ask(caller.asking(&body)).await;
        if caller == provider {
            assert_eq!(told.status, 200, "{}", told.text());
        } else {
            full(caller, &told, &record, "limits.buffered_bytes_max");
        }
        until(|| bench.gateway.buffered_bytes() == 0).await;
    }
}

#[tokio::test]
async fn a_request_of_too_many_parts_is_refused() {
    // Values are counted by what reads JSON for all formats.
    for caller in [OpenAi] {
        let bench = Bench::start(&limited("requests_max: 9")).await;
        let body = caller.conversation("m", &vec![("user", "a"); 170_000], false);
        let (told, record) = bench.ask(caller.asking(&body)).await;
        assert_eq!(told.status, 400, "{record}");
        let error = caller.error(&told);
        assert_eq!(error.kind, caller.error_kind(400));
        assert!(
            error.message.contains("more than 500000 values"),
            "{error:?}"
        );
        assert_eq!(record["error_class"], "bad_request");
    }
}

#[tokio::test]
async fn what_is_held_of_a_stream_is_charged() {
    for speech in Speech::all() {
        let stub = Stub::staying(speech, &speech.nothing(4000)).await;
        let bench = before(&stub, speech, "buffered_bytes_max: 3000", "").await;
        let (told, record) = bench.ask(speech.ask("m", "Hi", true)).await;
        full(speech, &told, &record, "limits.buffered_bytes_max");
    }
}
