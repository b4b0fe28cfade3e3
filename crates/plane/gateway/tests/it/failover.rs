//! Whatever goes wrong before the first content: another target takes over, and where
//! there is none the caller reads what happened in its own format.

use serde_json::Value;

use crate::ask::Told;
use crate::bench::{Bench, Parts, Provider, open_to, pairs_before, start};
use crate::speech::{Anthropic, Cohere, Gemini, OpenAi, Responses, Speech};
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

/// What the simulator tells in the place of an answer, and where a stream was to begin.
fn told(provider: Speech) -> Row {
    let overloaded = Some(("provider_overloaded", 503));
    let failed = Some(("provider_failed", 500));
    let (whole, stream) = match provider {
        Anthropic => (Some(("provider_overloaded", 529)), overloaded),
        Gemini => (failed, overloaded),
        _ => (failed, failed),
    };
    Row {
        fault: "error",
        whole,
        stream,
        waits: false,
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
        told(provider),
    ]
}

/// Where the first target of a row listens, and how long it may take.
fn first(row: &Row, first: Speech) -> (&'static str, String) {
    let (name, at) = match row.fault {
        "refused" => ("dead", "$DEAD"),
        "unaccepting" => ("full", "$FULL"),
        _ if row.waits => ("slow", "$A"),
        _ => ("a", "$A"),
    };
    let provider = first.provider(name, at);
    if !row.waits {
        return (name, provider);
    }
    let timeouts = "timeouts: {connect_ms: 50, first_token_ms: 50, whole_ms: 60}";
    (
        name,
        format!("{}, {timeouts}}}", provider.trim_end_matches('}')),
    )
}

/// The model by which a row's first target is asked, with a second and alone.
fn models(name: &str) -> (String, String) {
    (format!("two-{name}"), format!("one-{name}"))
}

/// A gateway before first targets of one format that fail in every way, each with a second
/// target of another format and without one.
async fn failing(speech: Speech) -> (Bench, Unaccepting) {
    let full = Unaccepting::start().await;
    let mut providers = vec![speech.next().provider("b", "$B")];
    let mut list = String::new();
    for row in &rows(speech) {
        let (name, provider) = first(row, speech);
        if providers.contains(&provider) {
            continue;
        }
        providers.push(provider);
        let (two, one) = models(name);
        let target = format!("{{provider: {name}, model: first}}");
        let both = format!(
            "  - {{name: {two}, targets: [{target}, {{provider: b, model: second}}]}}\n  \
             - {{name: {one}, targets: [{target}]}}\n"
        );
        list.push_str(&both);
    }
    // No second attempt at the same target.
    let budget = "retry_budget_percent: 0, retry_budget_per_second_min: 0";
    let config = format!(
        "gateway: {{anonymous: allow, failover: {{{budget}}}}}\nproviders: [{}]\nmodels:\n{list}",
        providers.join(", ")
    );
    let names = [("$FULL", format!("http://{}", full.address))];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    (Bench::with(&config, parts).await, full)
}

/// Two targets that are as they should be until a test says otherwise.
fn two(speech: Speech) -> String {
    let providers = [speech.provider("a", "$A"), speech.provider("b", "$B")];
    let models = "models:\n  - {name: m, targets: [{provider: a, model: x}, {provider: b, model: y}]}\n  \
         - {name: one, targets: [{provider: a, model: x}]}\n";
    open_to(&providers, models)
}

const PROMPT: &str = "[[sim: text=\"From the second.\"]] Who is there?";

/// All rows of one format of providers, for callers of every format.
async fn every_fault(provider: Speech) {
    let (bench, _full) = failing(provider).await;
    for row in &rows(provider) {
        let (name, _) = first(row, provider);
        let (two, one) = models(name);
        for (caller, streamed) in Speech::all().flat_map(|caller| [(caller, false), (caller, true)])
        {
            let place = format!(
                "{}: {caller:?} to {provider:?}, streamed: {streamed}",
                row.fault
            );
            let meaning = if streamed { row.stream } else { row.whole };
            let script = || {
                if row.fault != "refused" && row.fault != "unaccepting" {
                    bench.a.script(row.fault);
                }
            };
            script();
            let alone = bench.ask(caller.ask(&one, PROMPT, streamed)).await;
            let Some((class, status)) = meaning else {
                assert_eq!(alone.0.status, 200, "{place}");
                continue;
            };
            refused((caller, provider), &alone, (class, status), &place);
            script();
            let before = bench.b.requests();
            let answered = bench.ask(caller.ask(&two, PROMPT, streamed)).await;
            assert_eq!(bench.b.requests() - before, 1, "{place}: {}", answered.1);
            let parts = (caller, provider.next(), streamed);
            taken_over(&bench, parts, &answered, class, &place);
        }
    }
}

fn taken_over(
    bench: &Bench,
    (caller, second, streamed): (Speech, Speech, bool),
    (told, record): &(Told, Value),
    class: &str,
    place: &str,
) {
    assert_eq!(told.status, 200, "{place}: {}", told.text());
    let heard = caller.read(told, streamed);
    assert_eq!(heard.text, "From the second.", "{place}");
    assert!(
        heard.error.is_none() && heard.has_ended == streamed,
        "{place}: {heard:?}"
    );
    let served = bench.b.served();
    assert!(
        served.finished && served.model.as_deref() == Some("second"),
        "{place}: {served:?}"
    );
    assert!(record.get("error_class").is_none(), "{place}: {record}");
    let [a, b] = record["attempts"].as_array().unwrap().as_slice() else {
        panic!("{place}: {record}")
    };
    assert_eq!(a["error_class"], class, "{place}: {record}");
    assert_eq!(b["provider"], "b", "{place}");
    assert_eq!(b["status"], 200, "{place}: {record}");
    assert_eq!(record["provider"], "b", "{place}");
    assert_eq!(record["failovers"], 1, "{place}");
    assert_eq!(record["retries"], 0, "{place}");
    assert_eq!(
        record["input_tokens"],
        second.billed(&served),
        "{place}: {record}"
    );
    assert_eq!(
        record["output_tokens"], served.answer_tokens,
        "{place}: {record}"
    );
}

fn refused(
    (caller, provider): (Speech, Speech),
    (told, record): &(Told, Value),
    (class, status): (&str, u16),
    name: &str,
) {
    assert_eq!(told.status, status, "{name}: {}", told.text());
    let error = caller.error(told);
    // A provider's own words are passed on where the format is the caller's.
    let is_openai = |one| matches!(one, OpenAi | Responses);
    let is_kin = caller == provider || (is_openai(caller) && is_openai(provider));
    let is_ours = error.kind == caller.error_kind(status);
    assert!(is_ours || is_kin, "{name}: {error:?}");
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

/// The formats take their turns beside each other: much of it is waiting.
#[tokio::test]
async fn a_failing_provider_is_left_and_without_another_the_caller_reads_why() {
    let tasks: Vec<_> = Speech::all().map(|one| start(every_fault(one))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_request_is_not_tried_elsewhere() {
    for (caller, first, bench) in pairs_before(two).await {
        for status in [400, 404, 409, 413, 422] {
            let fault = status.to_string();
            let asked = bench.a.requests();
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
            let more = bench.a.requests() - asked;
            assert_eq!((more, bench.b.requests()), (1, 0), "{name}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_refuses_our_credential_is_left_and_its_words_stay_with_us() {
    for (caller, first, bench) in pairs_before(two).await {
        for status in ["401", "403"] {
            bench.a.script(status);
            let (told, record) = bench.ask(caller.ask("m", PROMPT, false)).await;
            assert_eq!(
                told.status,
                200,
                "{caller:?} {first:?} {status}: {}",
                told.text()
            );
            assert_eq!(record["attempts"][0]["error_class"], "provider_credential");

            let asked = bench.a.requests();
            bench.a.script(status);
            let (told, record) = bench.ask(caller.ask("one", PROMPT, false)).await;
            assert_eq!(told.status, 502, "{caller:?} {first:?}: {}", told.text());
            let message = caller.error(&told).message;
            assert!(
                message.contains("refused the gateway's credential"),
                "{message}"
            );
            assert_eq!(record["error_class"], "provider_credential");
            assert_eq!(bench.a.requests() - asked, 1);
        }
    }
}

#[tokio::test]
async fn the_operator_reads_why_there_was_no_connection_and_the_caller_no_address() {
    for caller in Speech::all() {
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

#[tokio::test]
async fn an_answer_that_ended_in_an_error_moves_on() {
    for (word, class, status) in [
        ("ERROR", "provider_failed", 500),
        ("TIMEOUT", "provider_timeout", 504),
    ] {
        let mut answer = Cohere.saying("Half of ");
        answer["finish_reason"] = word.into();
        let stub = Stub::saying(200, &answer).await;
        let config = two(Cohere).replacen("$A", &stub.url(), 1);
        let config = config.replace(
            "allow}",
            "allow, failover: {attempts_max: 2, backoff_ms: 1}}",
        );
        let bench = Bench::start(&config).await;
        for caller in Speech::all() {
            let (told, record) = bench.ask(caller.ask("m", PROMPT, false)).await;
            let row = format!("{word}, {caller:?}: {record}");
            assert_eq!(told.status, 200, "{row}");
            assert_eq!(caller.read(&told, false).text, "From the second.", "{row}");
            assert_eq!(record["attempts"][0]["error_class"], class, "{row}");
            assert_eq!(record["failovers"], 1, "{row}");
            let (told, record) = bench.ask(caller.ask("one", PROMPT, false)).await;
            let row = format!("{word}, {caller:?}: {record}");
            assert!(told.status >= status, "{row}");
            assert!(!caller.error(&told).message.is_empty(), "{row}");
            assert_eq!(record["error_class"], class, "{row}");
        }
    }
}
