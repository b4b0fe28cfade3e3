//! Whatever goes wrong before the first content: another target takes over, and where
//! there is none the caller reads what happened in its own format.

use serde_json::Value;

use crate::ask::Told;
use crate::bench::{Bench, Parts, Provider, open_to};
use crate::speech::{Anthropic, OpenAi, PAIRS, Speech};
use crate::stub::{Stub, Unaccepting};

/// What a fault means: its class, and the status of the caller's answer.
type Meaning = Option<(&'static str, u16)>;

/// A fault, what it means for a whole answer and for a stream, and whether it is a wait.
/// `None`: nothing is wrong.
struct Row {
    fault: &'static str,
    whole: Meaning,
    stream: Meaning,
    waits: bool,
}

const fn same(fault: &'static str, class: &'static str, status: u16) -> Row {
    let meaning = Some((class, status));
    Row {
        fault,
        whole: meaning,
        stream: meaning,
        waits: false,
    }
}

const fn wait(fault: &'static str) -> Row {
    Row {
        waits: true,
        ..same(fault, "provider_timeout", 504)
    }
}

fn rows(provider: Speech) -> Vec<Row> {
    let broken: Meaning = Some(("provider_broken", 502));
    let protocol: Meaning = Some(("provider_protocol", 502));
    let differ = |fault, whole, stream| Row {
        fault,
        whole,
        stream,
        waits: false,
    };
    vec![
        same("refused", "provider_unreachable", 502),
        wait("unaccepting"),
        same("reset", "provider_unreachable", 502),
        same("429", "provider_rate_limited", 429),
        same("429:0ms", "provider_rate_limited", 429),
        same("408", "provider_timeout", 408),
        same("500", "provider_failed", 500),
        same("502", "provider_failed", 502),
        same("503", "provider_overloaded", 503),
        same("529", "provider_overloaded", 529),
        wait("hang"),
        wait("slow:30s"),
        wait("stall@0"),
        same("cut@0", "provider_broken", 502),
        same("malformed@0", "provider_protocol", 502),
        differ("wrong-type", None, protocol),
        differ("truncated@0", protocol, broken),
        differ("empty", protocol, broken),
        match provider {
            OpenAi => same("error", "provider_failed", 500),
            Anthropic => differ(
                "error",
                Some(("provider_overloaded", 529)),
                Some(("provider_overloaded", 503)),
            ),
        },
    ]
}

/// A gateway whose first target fails as the row says.
async fn bench(row: &Row, first: Speech, second: Option<Speech>) -> Bench {
    let full = match row.fault {
        "unaccepting" => Some(Unaccepting::start().await),
        _ => None,
    };
    let full_url = full.as_ref().map(|full| format!("http://{}", full.address));
    let at = match row.fault {
        "refused" => "$DEAD",
        "unaccepting" => "$FULL",
        _ => "$A",
    };
    let mut provider = first.provider("a", at);
    if row.waits {
        let timeouts = "timeouts: {connect_ms: 100, first_token_ms: 100, whole_ms: 150}";
        provider = format!("{}, {timeouts}}}", provider.trim_end_matches('}'));
    }
    let mut providers = vec![provider];
    let mut targets = "{provider: a, model: first}".to_owned();
    providers.extend(second.map(|speech| speech.provider("b", "$B")));
    if second.is_some() {
        targets.push_str(", {provider: b, model: second}");
    }
    let config = format!(
        "gateway: {{anonymous: allow, failover: {{attempts_max: {}}}}}\nproviders: [{}]\n\
         models: [{{name: m, targets: [{targets}]}}]\n",
        1 + u8::from(second.is_some()),
        providers.join(", ")
    );
    let names = [("$FULL", full_url.unwrap_or_default())];
    let bench = Bench::with(
        &config,
        Parts {
            names: &names,
            ..Parts::default()
        },
    )
    .await;
    if at == "$A" {
        bench.a.script(row.fault);
    }
    bench.keep(full);
    bench
}

const PROMPT: &str = "[[sim: text=\"From the second.\"]] Who is there?";

async fn the_second_takes_over(caller: Speech, first: Speech) {
    // The second speaks the other format, so that every way leads through a new translation.
    let second = if first == OpenAi { Anthropic } else { OpenAi };
    for row in rows(first) {
        for streamed in [false, true] {
            let Some((class, _)) = (if streamed { row.stream } else { row.whole }) else {
                continue;
            };
            let bench = bench(&row, first, Some(second)).await;
            let (told, record) = bench.ask(caller.ask("m", PROMPT, streamed)).await;
            let name = format!(
                "{}: {caller:?} to {first:?}, streamed: {streamed}",
                row.fault
            );
            assert_eq!(told.status, 200, "{name}: {}", told.text());
            let heard = caller.read(&told, streamed);
            assert_eq!(heard.text, "From the second.", "{name}");
            assert!(
                heard.error.is_none() && heard.has_ended == streamed,
                "{name}: {heard:?}"
            );
            let served = bench.b.served();
            assert!(
                served.finished && served.model.as_deref() == Some("second"),
                "{name}: {served:?}"
            );
            assert_eq!(bench.b.requests(), 1, "{name}");
            assert!(record.get("error_class").is_none(), "{name}: {record}");
            assert_eq!(
                record["attempts"].as_array().unwrap().len(),
                2,
                "{name}: {record}"
            );
            let [a, b] = [&record["attempts"][0], &record["attempts"][1]];
            assert_eq!(a["error_class"], class, "{name}: {record}");
            assert_eq!(
                (&a["provider"], &b["provider"]),
                (&"a".into(), &"b".into()),
                "{name}"
            );
            assert_eq!(b["status"], 200, "{name}: {record}");
            assert_eq!(record["provider"], "b", "{name}");
            assert_eq!(
                (&record["failovers"], &record["retries"]),
                (&1.into(), &0.into()),
                "{name}"
            );
            assert_eq!(
                record["input_tokens"], served.input_tokens,
                "{name}: {record}"
            );
            assert_eq!(
                record["output_tokens"], served.answer_tokens,
                "{name}: {record}"
            );
        }
    }
}

async fn without_another_the_caller_reads_why(caller: Speech, first: Speech) {
    for row in rows(first) {
        for streamed in [false, true] {
            let bench = bench(&row, first, None).await;
            let (told, record) = bench.ask(caller.ask("m", PROMPT, streamed)).await;
            let name = format!(
                "{}: {caller:?} to {first:?}, streamed: {streamed}",
                row.fault
            );
            let Some((class, status)) = (if streamed { row.stream } else { row.whole }) else {
                assert_eq!(told.status, 200, "{name}");
                continue;
            };
            refused(caller, &told, &record, class, status, &name);
        }
    }
}

fn refused(caller: Speech, told: &Told, record: &Value, class: &str, status: u16, name: &str) {
    assert_eq!(told.status, status, "{name}: {}", told.text());
    let error = caller.error(told);
    // A provider's own words are passed on where the format is the caller's.
    let kinds = [
        caller.error_kind(status),
        "requests",
        "invalid_request_error",
    ];
    assert!(kinds.contains(&&*error.kind), "{name}: {error:?}");
    assert!(!error.message.is_empty(), "{name}");
    assert_eq!(
        told.header("content-type"),
        Some("application/json"),
        "{name}"
    );
    assert_eq!(record["status"], status, "{name}");
    assert_eq!(record["error_class"], class, "{name}: {record}");
    let attempts = record["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{name}: {record}");
    assert_eq!(attempts[0]["error_class"], class, "{name}");
    assert_eq!(record["caller_gone"], false, "{name}");
    assert!(
        record.get("output_tokens").is_none_or(|tokens| tokens == 0),
        "{name}: {record}"
    );
}

#[tokio::test]
async fn a_failing_openai_provider_is_left_by_an_openai_caller() {
    the_second_takes_over(OpenAi, OpenAi).await;
}

#[tokio::test]
async fn a_failing_anthropic_provider_is_left_by_an_openai_caller() {
    the_second_takes_over(OpenAi, Anthropic).await;
}

#[tokio::test]
async fn a_failing_anthropic_provider_is_left_by_an_anthropic_caller() {
    the_second_takes_over(Anthropic, Anthropic).await;
}

#[tokio::test]
async fn a_failing_openai_provider_is_left_by_an_anthropic_caller() {
    the_second_takes_over(Anthropic, OpenAi).await;
}

#[tokio::test]
async fn without_another_target_an_openai_caller_reads_why() {
    without_another_the_caller_reads_why(OpenAi, OpenAi).await;
    without_another_the_caller_reads_why(OpenAi, Anthropic).await;
}

#[tokio::test]
async fn without_another_target_an_anthropic_caller_reads_why() {
    without_another_the_caller_reads_why(Anthropic, Anthropic).await;
    without_another_the_caller_reads_why(Anthropic, OpenAi).await;
}

#[tokio::test]
async fn a_refused_request_is_not_tried_elsewhere() {
    for (caller, first) in PAIRS {
        for status in [400, 404, 409, 413, 422] {
            let fault = status.to_string();
            let bench = bench(&same("ok", "", 0), first, Some(first)).await;
            bench.a.script(&fault);
            let (told, record) = bench.ask(caller.ask("m", PROMPT, false)).await;
            let name = format!("{fault}: {caller:?} to {first:?}");
            assert_eq!(told.status, status, "{name}: {}", told.text());
            let error = caller.error(&told);
            assert!(
                error.message.contains("as it was told to"),
                "{name}: {error:?}"
            );
            assert_eq!(record["error_class"], "provider_refused", "{name}");
            assert_eq!(record["attempts"].as_array().unwrap().len(), 1, "{name}");
            assert_eq!(record["attempts"][0]["status"], status, "{name}");
            assert_eq!((bench.a.requests(), bench.b.requests()), (1, 0), "{name}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_refuses_our_credential_is_left_and_its_words_stay_with_us() {
    for (caller, first) in PAIRS {
        for status in ["401", "403"] {
            let row = same("ok", "", 0);
            let two = bench(&row, first, Some(first)).await;
            two.a.script(status);
            let (told, record) = two.ask(caller.ask("m", PROMPT, false)).await;
            assert_eq!(
                told.status,
                200,
                "{caller:?} {first:?} {status}: {}",
                told.text()
            );
            assert_eq!(record["attempts"][0]["error_class"], "provider_credential");

            let one = bench(&row, first, None).await;
            one.a.script(status);
            let (told, record) = one.ask(caller.ask("m", PROMPT, false)).await;
            assert_eq!(told.status, 502, "{caller:?} {first:?}: {}", told.text());
            let message = caller.error(&told).message;
            assert!(
                message.contains("refused the gateway's credential"),
                "{message}"
            );
            assert_eq!(record["error_class"], "provider_credential");
            assert_eq!(one.a.requests(), 1);
        }
    }
}

#[tokio::test]
async fn the_operator_reads_why_there_was_no_connection_and_the_caller_no_address() {
    for caller in Speech::BOTH {
        let config = open_to(&[caller.provider("a", "$DEAD")], "");
        let bench =
            Bench::start(&config.replace("allow", "allow, failover: {attempts_max: 1}")).await;
        let (told, record) = bench.ask(caller.ask("m", "Hi", false)).await;
        let message = caller.error(&told).message;
        assert_eq!(message, "provider `a` cannot be reached");
        let error = record["attempts"][0]["error"].as_str().unwrap();
        let [place, why] = ["no connection to 127.0.0.1:", "refused"];
        assert!(error.starts_with(place) && error.contains(why), "{error}");
    }
}

#[tokio::test]
async fn what_a_provider_says_is_not_in_the_record() {
    let bench = Bench::start(&open_to(&[OpenAi.provider("a", "$A")], "")).await;
    bench.a.script("400");
    let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
    assert_eq!(told.status, 400);
    assert!(record["attempts"][0].get("error").is_none(), "{record}");
}

#[tokio::test]
async fn an_error_whose_body_is_late_is_still_what_its_head_says() {
    let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 99\r\n\r\n";
    let stub = Stub::staying_raw(head).await;
    let names = [("$STUB", stub.url())];
    let config = format!(
        "gateway: {{anonymous: allow, failover: {{attempts_max: 1}}, timeouts: {{first_token_ms: 200}}}}\n\
         providers: [{}]\n",
        OpenAi.provider("a", "$STUB")
    );
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let bench = Bench::with(&config, parts).await;
    let (told, record) = bench.ask(OpenAi.ask("m", "Hi", true)).await;
    assert_eq!(told.status, 429, "{record}");
    assert_eq!(told.header("retry-after"), Some("7"));
    assert_eq!(record["error_class"], "provider_rate_limited");
}
