//! A new configuration under running requests: none fails, and nothing that outlives a
//! snapshot is lost.

use std::sync::Arc;

use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tollgate_gateway::{Admin, Rejected, Reload};

use crate::bench::{Bench, Provider, open_to};
use crate::speech::{Anthropic, OpenAi, Speech};

/// Revision `n`: the same provider, another alias.
fn revision(n: usize) -> String {
    let models =
        format!("models: [{{name: m, targets: [{{provider: a, model: revision-{n}}}]}}]\n");
    open_to(&[OpenAi.provider("a", "$A")], &models)
}

#[tokio::test]
async fn no_request_fails_while_the_configuration_changes() {
    let bench = Bench::start(&revision(0)).await;
    let callers = async {
        for (n, speech) in (0..60).zip(Speech::all().cycle()) {
            let streamed = n % 7 < 3;
            let told = bench
                .call(speech.ask("m", "[[sim: text=\"All is well.\"]]", streamed))
                .await;
            let heard = speech.read(&told, streamed);
            assert_eq!(heard.text, "All is well.", "{}", told.text());
            assert_eq!(heard.has_ended, streamed);
        }
    };
    let reloads = async {
        for n in 1..60 {
            bench.reload(&revision(n));
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(callers, reloads);
    for _ in 0..60 {
        let record = bench.settled().await;
        assert_eq!(record["status"], 200, "{record}");
        assert!(record.get("error_class").is_none(), "{record}");
        assert_eq!(record["attempts"].as_array().unwrap().len(), 1);
    }
    let told = bench.call(OpenAi.ask("m", "Hi", false)).await;
    assert_eq!(told.json()["model"], "revision-59");
}

#[tokio::test]
async fn a_stream_goes_on_with_the_configuration_it_began_with() {
    for caller in Speech::all() {
        let bench = Bench::start(&revision(0)).await;
        let prompt = "[[sim: text=\"one two three four\", fault=stall@2:150ms]]";
        let mut open = bench.open(caller.ask("m", prompt, true)).await;
        open.until("two").await;
        let redacting = "policies: [{name: p, output: [{type: pii_detection, action: block}]}]\n";
        bench.reload(&open_to(&[Anthropic.provider("other", "$B")], redacting));
        let told = open.rest().await;
        let heard = caller.read(&told, true);
        assert_eq!(heard.text, "one two three four", "{caller:?}");
        assert!(heard.has_ended, "{caller:?}");
        let first = bench.settled().await;
        assert_eq!(first["provider"], "a");
        let (_, second) = bench.ask(caller.ask("m", "Hi", false)).await;
        assert_eq!(second["provider"], "other");
        assert_ne!(first["revision"], second["revision"]);
    }
}

#[tokio::test]
async fn connections_survive_a_reload() {
    let bench = Bench::start(&revision(0)).await;
    for n in 1..4 {
        bench.ask(OpenAi.ask("m", "Hi", false)).await;
        assert_eq!(open_connections(&bench).await, [1]);
        bench.reload(&revision(n));
        assert_eq!(open_connections(&bench).await, [1]);
    }
}

/// What `/status` shows.
pub(crate) async fn status(bench: &Bench) -> Value {
    let admin = Admin::new(Arc::clone(&bench.gateway), Arc::new(Nobody), "test");
    let answer = admin
        .handle(Request::get("/status").body(()).unwrap())
        .await;
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

/// As `/status` shows them, by provider.
async fn open_connections(bench: &Bench) -> Vec<u64> {
    let status = status(bench).await;
    let providers = status["providers"].as_array().unwrap().iter();
    providers
        .map(|provider| provider["open_connections"].as_u64().unwrap())
        .collect()
}

/// An owner of the configuration that is never asked.
struct Nobody;

impl Reload for Nobody {
    fn reload(&self) -> Result<Arc<str>, Rejected> {
        panic!("not asked")
    }

    fn config(&self) -> Value {
        Value::Null
    }
}

#[tokio::test]
async fn what_a_target_saved_for_retries_survives_a_reload() {
    let failover = "failover: {backoff_ms: 1, attempts_max: 9, retry_budget_percent: 100, retry_budget_per_second_min: 0}";
    let config = |n| {
        revision(n)
            .replace("allow", &format!("allow, {failover}"))
            .replace(&format!("-{n}"), "-0")
    };
    for reloads in [0, 3] {
        let bench = Bench::start(&config(0)).await;
        for _ in 0..4 {
            assert_eq!(bench.ask(OpenAi.ask("m", "Hi", false)).await.0.status, 200);
        }
        for _ in 0..reloads {
            bench.reload(&format!("{}# changed\n", config(0)));
        }
        // Four saved, one of its own.
        bench.a.script("503*5, ok");
        let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
        assert_eq!(told.status, 200, "{reloads}: {record}");
        assert_eq!(record["retries"], 5);
        // Nothing is left but what this request pays in.
        bench.a.script("503*2, ok");
        let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
        assert_eq!(
            (told.status, &record["retries"]),
            (503, &1.into()),
            "{reloads}"
        );
    }
}

#[tokio::test]
async fn a_provider_that_moved_gets_new_connections() {
    let bench = Bench::start(&revision(0)).await;
    bench.ask(OpenAi.ask("m", "Hi", false)).await;
    bench.reload(&revision(0).replace("$A", "$B"));
    let (told, _) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
    assert_eq!(told.status, 200);
    assert_eq!((bench.a.requests(), bench.b.requests()), (1, 1));
}
