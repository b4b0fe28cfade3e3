//! Streams after their first content: what goes wrong there can only be said, never mended.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bench::{Bench, Parts, Provider, open_to, pairs_before, soon, start, until};
use crate::speech::{Anthropic, Gemini, OpenAi, Speech};
use crate::stub::Stub;

const TEXT: &str = "one two three four five six seven";

fn prompt(order: &str) -> String {
    format!("[[sim: text=\"{TEXT}\", {order}]] Count, please.")
}

/// A provider that is given up after a short silence.
fn impatient(provider: Speech) -> String {
    format!(
        "gateway: {{anonymous: allow, timeouts: {{between_tokens_ms: 150}}}}\nproviders: [{}]\n",
        provider.provider("a", "$A")
    )
}

fn alone(provider: Speech) -> String {
    open_to(&[provider.provider("a", "$A")], "")
}

#[tokio::test]
async fn a_stream_that_fails_in_the_middle_ends_with_an_error_and_no_end_mark() {
    let table = [
        (
            "fault=cut@3",
            "provider_broken",
            "broke off its answer: the answer was cut off",
        ),
        (
            "fault=truncated@3",
            "provider_broken",
            "broke off its answer",
        ),
        (
            "fault=malformed@3",
            "provider_protocol",
            "sent an event that is not of its format",
        ),
    ];
    // Silence is waited for, so the providers take their turns beside each other.
    let tasks: Vec<_> = Speech::all()
        .map(|provider| {
            start(async move {
                let bench = Bench::start(&alone(provider)).await;
                for caller in Speech::all() {
                    for (order, class, cause) in table {
                        let words = (class, Some(cause));
                        fails_in_the_middle(&bench, (caller, provider), order, words).await;
                    }
                    // Its own words could repeat the prompt.
                    let words = (told_in_a_stream(provider), None);
                    fails_in_the_middle(&bench, (caller, provider), "fault=error@3", words).await;
                }
                bench.reload(&impatient(provider));
                for caller in Speech::all() {
                    let words = ("provider_timeout", Some("sent no next event within 150 ms"));
                    fails_in_the_middle(&bench, (caller, provider), "fault=stall@3", words).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// What the error means that the simulated provider tells in a stream.
fn told_in_a_stream(provider: Speech) -> &'static str {
    match provider {
        Anthropic | Gemini => "provider_overloaded",
        _ => "provider_failed",
    }
}

async fn fails_in_the_middle(
    bench: &Bench,
    (caller, provider): (Speech, Speech),
    order: &str,
    (class, cause): (&str, Option<&str>),
) {
    let (told, record) = bench.ask(caller.ask("m", &prompt(order), true)).await;
    let row = format!("{order}: {caller:?} to {provider:?}");
    assert_eq!(told.status, 200, "{row}: {}", told.text());
    assert!(!told.is_broken, "{row}");
    let heard = caller.read(&told, true);
    assert_eq!(heard.text, "one two three", "{row}");
    assert!(
        !heard.has_ended && heard.finish.is_none(),
        "{row}: {heard:?}"
    );
    let error = heard
        .error
        .unwrap_or_else(|| panic!("{row}: {}", told.text()));
    assert!(!error.message.is_empty(), "{row}");
    assert_eq!(record["status"], 200, "{row}");
    assert_eq!(record["error_class"], class, "{row}: {record}");
    assert_eq!(record["caller_gone"], false, "{row}");
    let attempts = record["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{row}: {record}");
    assert_eq!(attempts[0]["error_class"], class, "{row}");
    let said = attempts[0]["error"].as_str();
    assert_eq!(said.is_some(), cause.is_some(), "{row}: {record}");
    if let (Some(said), Some(cause)) = (said, cause) {
        let cause = format!("provider `a` {cause}");
        assert!(said.starts_with(&cause), "{row}: {said}");
    }
    counted(bench, &record, provider, &row).await;
}

/// Nobody reported the tokens of what was delivered: they were counted.
async fn counted(bench: &Bench, record: &Value, provider: Speech, row: &str) {
    soon(bench.a.books().settled()).await;
    let served = bench.a.served();
    let output = record["output_tokens"]
        .as_u64()
        .unwrap_or_else(|| panic!("{row}: {record}"));
    let delivered = served.output_tokens;
    assert!(
        output > 0 && output <= 2 * delivered + 2,
        "{row}: {output} of {delivered}"
    );
    assert_ne!(record["usage_source"], "reported", "{row}: {record}");
    let input = record["input_tokens"].as_u64().unwrap();
    match provider {
        // Their first event reports the input.
        Anthropic | Gemini => assert_eq!(input, served.input_tokens, "{row}: {record}"),
        _ => assert!(
            input > 5 && input < 3 * served.input_tokens,
            "{row}: {record}"
        ),
    }
}

#[tokio::test]
async fn a_pause_shorter_than_the_limit_is_only_a_pause() {
    for (caller, provider, bench) in pairs_before(alone).await {
        let (told, record) = bench
            .ask(caller.ask("m", &prompt("fault=stall@3:30ms"), true))
            .await;
        let heard = caller.read(&told, true);
        assert_eq!(heard.text, TEXT, "{caller:?} to {provider:?}");
        assert!(
            heard.has_ended && record.get("error_class").is_none(),
            "{record}"
        );
        assert_eq!(record["output_tokens"], bench.a.served().answer_tokens);
    }
}

#[tokio::test]
async fn a_hold_that_ends_before_the_first_token_commits_the_stream() {
    let config = |provider: Speech| {
        format!(
            "gateway: {{anonymous: allow, failover: {{hold_ms: 20}}, timeouts: {{first_token_ms: 80}}}}\nproviders: [{}]\n",
            provider.provider("a", "$A")
        )
    };
    for (caller, provider, bench) in pairs_before(config).await {
        let (told, record) = bench
            .ask(caller.ask("m", &prompt("fault=stall@0"), true))
            .await;
        let row = format!("{caller:?} to {provider:?}");
        assert_eq!(told.status, 200, "{row}");
        let heard = caller.read(&told, true);
        assert!(
            heard.error.is_some() && heard.text.is_empty() && !heard.has_ended,
            "{row}: {heard:?}"
        );
        assert_eq!(record["error_class"], "provider_timeout", "{row}");
        assert_eq!(record["attempts"].as_array().unwrap().len(), 1, "{row}");
        assert!(record.get("ttft_us").is_none(), "{row}: {record}");
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_in_the_middle_cancels_the_call_and_is_accounted() {
    for (caller, provider, bench) in pairs_before(alone).await {
        let text = "well ".repeat(100);
        let prompt = format!("[[sim: text=\"{text}\", pace=10ms]] Talk, please.");
        let mut open = bench.open(caller.ask("m", &prompt, true)).await;
        open.until("well").await;
        open.next().await;
        drop(open);
        let record = bench.settled().await;
        let row = format!("{caller:?} to {provider:?}");
        assert_eq!(record["caller_gone"], true, "{row}: {record}");
        assert_eq!(record["error_class"], "caller_gone", "{row}");
        assert_eq!(record["status"], 200, "{row}");
        assert_eq!(record["provider"], "a", "{row}");
        counted(&bench, &record, provider, &row).await;
        let served = bench.a.served();
        assert!(
            served.hung_up_at.is_some_and(|at| at > 0 && at < 100),
            "{row}: {served:?}"
        );
        assert_eq!(bench.settler.live().requests(), 0);
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_before_an_answer_cancels_the_call_and_is_accounted() {
    for (caller, provider, bench) in pairs_before(alone).await {
        for order in ["fault=hang", "ttft=60s"] {
            for streamed in [false, true] {
                let before = bench.a.requests();
                let address = bench.address;
                let ask = caller.ask("m", &prompt(order), streamed);
                let waiting = start(async move { ask.open(address).await.rest().await });
                until(|| bench.a.requests() > before).await;
                waiting.abort();
                let record = bench.settled().await;
                let row = format!("{order}: {caller:?} to {provider:?}, streamed: {streamed}");
                assert_eq!(record["caller_gone"], true, "{row}: {record}");
                assert_eq!(record["error_class"], "caller_gone", "{row}");
                assert_eq!(record["status"], 499, "{row}: {record}");
                assert_eq!(record["attempts"].as_array().unwrap().len(), 1, "{row}");
                assert!(
                    record["input_tokens"].as_u64().unwrap() > 5,
                    "{row}: {record}"
                );
                assert_ne!(record["usage_source"], "reported", "{row}: {record}");
                soon(bench.a.books().settled()).await;
                assert_eq!(bench.a.served().hung_up_at, Some(0), "{row}");
            }
        }
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_between_two_attempts_is_not_tried_for_again() {
    let bench = Bench::start(&open_to(&[OpenAi.provider("a", "$A")], "")).await;
    bench.a.script("429:2s, ok");
    let address = bench.address;
    let ask = OpenAi.ask("m", "Hi", false);
    let waiting = start(async move { ask.open(address).await.rest().await });
    until(|| bench.a.requests() == 1 && bench.a.books().totals().open == 0).await;
    waiting.abort();
    let record = bench.settled().await;
    assert_eq!(record["caller_gone"], true, "{record}");
    assert_eq!(record["attempts"].as_array().unwrap().len(), 1, "{record}");
    assert_eq!(bench.a.requests(), 1);
}

#[tokio::test]
async fn a_caller_that_hangs_up_within_its_own_body_reaches_no_provider() {
    for speech in Speech::all() {
        let bench = Bench::start(&open_to(&[speech.provider("a", "$A")], "")).await;
        let (ask, pieces) = Ask::post(speech.path(), "").fed();
        let address = bench.address;
        let waiting = start(async move { ask.open(address).await.rest().await });
        pieces.send("{\"model\":".into()).await.unwrap();
        until(|| bench.settler.live().requests() == 1).await;
        waiting.abort();
        let record = bench.settled().await;
        assert_eq!(record["caller_gone"], true, "{record}");
        assert_eq!(record["error_class"], "caller_gone", "{record}");
        assert_eq!(record["status"], 499, "{record}");
        assert_eq!(record["attempts"], json!([]));
        assert!(record.get("input_tokens").is_none(), "{record}");
        assert_eq!(bench.a.requests(), 0);
    }
}

/// Servers that speak a format and leave out the end mark, the usage, or both.
const UNMARKED: &str = "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
    data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"All is said here.\"}}]}\n\n\
    data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

async fn stubbed(events: &str) -> Bench {
    let stub = Stub::streaming(events).await;
    let config = open_to(&[OpenAi.provider("a", "$STUB")], "");
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

#[tokio::test]
async fn a_stream_is_known_by_its_media_type_however_that_is_written() {
    for kind in ["Text/Event-Stream", "text/event-stream;charset=UTF-8"] {
        let stub = Stub::answering(kind, UNMARKED).await;
        let config = open_to(&[OpenAi.provider("a", &stub.url())], "");
        let bench = Bench::start(&config).await;
        let (told, record) = bench.ask(OpenAi.ask("m", "Speak", true)).await;
        assert_eq!(told.status, 200, "{kind}: {record}");
    }
}

#[tokio::test]
async fn a_stream_that_says_why_it_stopped_has_ended() {
    for caller in Speech::all() {
        let bench = stubbed(UNMARKED).await;
        let (told, record) = bench.ask(caller.ask("m", "Speak", true)).await;
        let heard = caller.read(&told, true);
        assert_eq!(heard.text, "All is said here.", "{caller:?}");
        assert!(
            heard.finish.is_some() && heard.error.is_none(),
            "{caller:?}: {heard:?}"
        );
        // What an end mark says was not said to a caller of the same format.
        let is_marked = caller == OpenAi || heard.has_ended;
        assert!(is_marked, "{caller:?}: {}", told.text());
        assert!(record.get("error_class").is_none(), "{record}");
        assert_ne!(record["usage_source"], "reported", "{record}");
        let output = record["output_tokens"].as_u64().unwrap();
        assert!((3..9).contains(&output), "{record}");
        assert!(record["input_tokens"].as_u64().unwrap() > 0, "{record}");
    }
}

#[tokio::test]
async fn a_stream_that_does_not_say_why_it_stopped_has_not_ended() {
    let cut = UNMARKED.rsplit_once("data: ").unwrap().0;
    for caller in Speech::all() {
        let bench = stubbed(cut).await;
        let (told, record) = bench.ask(caller.ask("m", "Speak", true)).await;
        let heard = caller.read(&told, true);
        assert_eq!(heard.text, "All is said here.", "{caller:?}");
        assert!(
            heard.error.is_some() && !heard.has_ended,
            "{caller:?}: {heard:?}"
        );
        assert_eq!(record["error_class"], "provider_broken", "{record}");
    }
}

#[tokio::test]
async fn a_whole_answer_without_usage_is_counted() {
    let answer = "{\"id\":\"c\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,\
        \"message\":{\"role\":\"assistant\",\"content\":\"All is said here.\"},\"finish_reason\":\"stop\"}]}";
    for caller in Speech::all() {
        let stub = Stub::answering("application/json", answer).await;
        let names = [("$STUB", stub.url())];
        let config = open_to(&[OpenAi.provider("a", "$STUB")], "");
        let bench = Bench::with(
            &config,
            Parts {
                names: &names,
                ..Parts::default()
            },
        )
        .await;
        let (told, record) = bench.ask(caller.ask("m", "Speak to me", false)).await;
        assert_eq!(caller.read(&told, false).text, "All is said here.");
        assert_ne!(record["usage_source"], "reported", "{record}");
        assert!(
            (3..9).contains(&record["output_tokens"].as_u64().unwrap()),
            "{record}"
        );
        assert!(
            (2..12).contains(&record["input_tokens"].as_u64().unwrap()),
            "{record}"
        );
    }
}

#[tokio::test]
async fn events_pass_as_they_arrive() {
    for (caller, provider, bench) in pairs_before(alone).await {
        let mut open = bench
            .open(caller.ask("m", &prompt("fault=stall@2"), true))
            .await;
        open.until("two").await;
        let served = bench.a.served();
        assert!(
            served.open && served.output_tokens == 2,
            "{caller:?} to {provider:?}: {served:?}"
        );
        drop(open);
        let record = bench.settled().await;
        assert_eq!(record["caller_gone"], true);
        assert!(
            record["ttft_us"].as_u64() <= record["duration_us"].as_u64(),
            "{record}"
        );
    }
}
