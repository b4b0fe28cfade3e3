//! Callers that leave: what the provider did until then is on record, with its cost.

use serde_json::Value;

use crate::ask::Ask;
use crate::bench::{Bench, Provider, start, until};
use crate::speech::{OpenAi, Speech};

const MODEL: &str = "gpt-4o-mini";

async fn bench() -> Bench {
    Bench::start(
        "gateway: {anonymous: allow}\n\
         providers: [{name: a, kind: openai, base_url: $A, secret_key_ref: {env: PROVIDER_KEY}}]\n\
         models: [{name: m, targets: [{provider: a, model: gpt-4o-mini}]}]\n",
    )
    .await
}

/// Asks, leaves once the provider was asked, and gives the record.
async fn left(bench: &Bench, ask: Ask) -> Value {
    let (asked, address) = (bench.a.requests(), bench.address);
    let waiting = start(async move { ask.open(address).await.rest().await });
    until(|| bench.a.requests() > asked).await;
    waiting.abort();
    bench.settled().await
}

fn is_paid(record: &Value) {
    assert_eq!(record["caller_gone"], true, "{record}");
    assert_eq!(record["error_class"], "caller_gone", "{record}");
    assert!(record["input_tokens"].as_u64().unwrap() > 0, "{record}");
    assert!(record["cost_usd"].as_f64().unwrap() > 0.0, "{record}");
    assert_eq!(record["attempts"][0]["model"], MODEL, "{record}");
    assert_eq!(record["attempts"][0]["error_class"], "caller_gone");
}

#[tokio::test]
async fn a_caller_that_leaves_before_the_answer_has_cost_its_prompt() {
    let named = Speech::all().map(|caller| ("m", caller));
    for (name, caller) in named.chain([(MODEL, OpenAi)]) {
        for streamed in [false, true] {
            let bench = bench().await;
            let prompt = "[[sim: fault=hang]] What does it cost?";
            let record = left(&bench, caller.ask(name, prompt, streamed)).await;
            assert_eq!(record["status"], 499, "{record}");
            is_paid(&record);
            let page = bench.settler.metrics();
            // A name that is passed on has no label before it was answered.
            let label = if name == MODEL { "other" } else { MODEL };
            let cut = format!(
                "tollgate_attempts_total{{provider=\"a\",model=\"{label}\",outcome=\"caller_gone\"}} 1"
            );
            assert!(page.contains(&cut), "{page}");
            assert!(!page.contains("outcome=\"ok\""), "{page}");
        }
    }
}

#[tokio::test]
async fn a_caller_that_leaves_a_stream_has_cost_what_it_was_sent() {
    for caller in Speech::all() {
        let bench = bench().await;
        let prompt = "[[sim: text=\"one two three\", fault=stall@2]] Count";
        let mut open = bench.open(caller.ask("m", prompt, true)).await;
        open.until("one").await;
        drop(open);
        let record = bench.settled().await;
        assert_eq!(record["status"], 200, "{record}");
        assert!(record["output_tokens"].as_u64().unwrap() > 0, "{record}");
        is_paid(&record);
    }
}

#[tokio::test]
async fn an_answer_that_was_read_is_no_hang_up_though_the_next_request_is() {
    let bench = bench().await;
    let (told, record) = bench
        .ask(OpenAi.ask("m", "[[sim: text=\"ok\"]]", false))
        .await;
    assert_eq!(told.status, 200);
    assert_eq!(record["caller_gone"], false);
    left(&bench, OpenAi.ask("m", "[[sim: fault=hang]]", false)).await;
    let page = bench.settler.metrics();
    for outcome in ["ok", "caller_gone"] {
        let line = format!("model=\"{MODEL}\",outcome=\"{outcome}\"}} 1");
        assert!(page.contains(&line), "{page}");
    }
}
