//! What is seen from outside: trace context, ids, and details for who asks.

use crate::ask::Ask;
use crate::bench::{Bench, Parts, Provider, open_pairs, open_to, pairs_before};
use crate::speech::{Anthropic, OpenAi, Speech};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn traced(ask: Ask) -> Ask {
    ask.header("traceparent", &format!("00-{TRACE}-{SPAN}-01"))
        .header("tracestate", "vendor=1")
}

fn two(provider: Speech) -> String {
    let models =
        "models: [{name: m, targets: [{provider: a, model: x}, {provider: b, model: real}]}]\n";
    let providers = [provider.provider("a", "$A"), provider.provider("b", "$B")];
    open_to(&providers, models)
}

#[tokio::test]
async fn the_callers_trace_goes_on_with_a_span_for_each_attempt() {
    for (caller, provider, bench) in pairs_before(two).await {
        bench.a.script("503");
        let (told, record) = bench.ask(traced(caller.ask("m", "Hi", false))).await;
        assert_eq!(told.status, 200);
        assert_eq!(record["trace_id"], TRACE);
        let spans = [bench.a.served(), bench.b.served()].map(|served| {
            let parent = &served.headers["traceparent"];
            let [version, trace, span, flags] = parent.split('-').collect::<Vec<_>>()[..] else {
                panic!("{parent}")
            };
            assert_eq!(
                (version, trace, flags),
                ("00", TRACE, "01"),
                "{caller:?} to {provider:?}"
            );
            assert_eq!(served.headers["tracestate"], "vendor=1");
            span.to_owned()
        });
        assert!(
            spans[0] != spans[1] && !spans.contains(&SPAN.to_owned()),
            "{spans:?}"
        );
    }
}

#[tokio::test]
async fn the_span_a_provider_is_told_is_the_one_that_is_exported() {
    let parts = Parts {
        is_traced: true,
        ..Parts::default()
    };
    let bench = Bench::with(&open_to(&[OpenAi.provider("a", "$A")], ""), parts).await;
    bench.ask(traced(OpenAi.ask("m", "Hi", false))).await;
    let parent = bench.a.served().headers["traceparent"].clone();
    let told = parent.split('-').nth(2).unwrap().to_owned();
    let exported = bench.exported().await;
    for id in [TRACE, SPAN, &told] {
        let bytes: Vec<u8> = (0..id.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap())
            .collect();
        let is_there = exported.windows(bytes.len()).any(|window| window == bytes);
        assert!(is_there, "{id}");
    }
}

#[tokio::test]
async fn a_request_without_a_trace_begins_one() {
    for (caller, _, bench) in open_pairs("").await {
        let ask = caller
            .ask("m", "Hi", false)
            .header("traceparent", "00-nonsense");
        let (_, record) = bench.ask(ask).await;
        let trace = record["trace_id"].as_str().unwrap();
        assert_eq!(trace.len(), 32);
        let parent = &bench.a.served().headers["traceparent"];
        assert!(parent.starts_with(&format!("00-{trace}-")), "{parent}");
    }
}

#[tokio::test]
async fn details_are_for_who_asks() {
    for (caller, _, bench) in pairs_before(two).await {
        for streamed in [false, true] {
            bench.a.script("503");
            let ask = caller
                .ask("m", "Hi", streamed)
                .header("x-tollgate-detail", "1");
            let (told, record) = bench.ask(ask).await;
            assert_eq!(told.header("x-tollgate-provider"), Some("b"));
            assert_eq!(told.header("x-tollgate-model"), Some("real"));
            assert_eq!(told.header("x-tollgate-attempts"), Some("2"));
            let timing = told.header("x-tollgate-timing").unwrap();
            for step in [
                "operation;dur=",
                "caller;dur=",
                "document;dur=",
                "attempt;dur=",
            ] {
                assert!(timing.contains(step), "{timing}");
            }
            assert_eq!(
                told.header("x-tollgate-request-id"),
                record["request_id"].as_str()
            );
            let (told, _) = bench.ask(caller.ask("m", "Hi", streamed)).await;
            let ours = told
                .headers
                .keys()
                .filter(|name| name.as_str().starts_with("x-tollgate-"));
            assert_eq!(ours.collect::<Vec<_>>(), ["x-tollgate-request-id"]);
        }
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let bench = Bench::start(&open_to(&[OpenAi.provider("a", "$A")], "")).await;
    let mut ids = Vec::new();
    for ask in [
        OpenAi.ask("m", "Hi", false),
        OpenAi.ask("m", "Hi", true),
        Anthropic.ask("m", "Hi", true),
        OpenAi.ask("nowhere/m", "Hi", false),
        Ask::get("/v1/models"),
        Ask::get("/nothing"),
        Ask::new("DELETE", "/v1/messages"),
    ] {
        let (told, record) = bench.ask(ask).await;
        let id = told.header("x-tollgate-request-id").unwrap().to_owned();
        assert_eq!(record["request_id"], id);
        assert!(!ids.contains(&id));
        ids.push(id);
    }
}

#[tokio::test]
async fn the_log_says_nothing_of_prompts_answers_and_keys() {
    let config = "providers: [{name: a, kind: simulator, base_url: $A}]\nservices: [{name: shop, keys: [{id: $ID, hash: \"$HASH\"}]}]\n";
    let bench = Bench::start(config).await;
    for streamed in [false, true] {
        for order in [
            "text=\"the-secret-answer\"",
            "text=\"the-secret-answer x y\", fault=cut@2",
        ] {
            let prompt = format!("[[sim: {order}]] the-secret-prompt");
            let ask = OpenAi
                .ask("m", &prompt, streamed)
                .key(&bench.key)
                .header("x-secret", "the-secret-header");
            let (_, record) = bench.ask(ask).await;
            let line = record.to_string();
            assert!(
                !line.contains("the-secret") && !line.contains(&bench.key),
                "{line}"
            );
        }
    }
}
