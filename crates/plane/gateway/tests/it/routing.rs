//! From a model's name to a target: names, prefixes, conditions, weights.

use crate::ask::Ask;
use crate::bench::{Bench, Provider, open_to};
use crate::speech::{Anthropic, OpenAi, Speech};

#[tokio::test]
async fn names_lead_to_models_providers_or_the_default() {
    let models = "models: [{name: fast, targets: [{provider: b, model: real-fast}]}]\n";
    for speech in Speech::all() {
        let providers = [speech.provider("a", "$A"), OpenAi.provider("b", "$B")];
        let bench = Bench::start(&open_to(&providers, models)).await;
        let table = [
            ("fast", "b", "real-fast", "fast"),
            ("anything", "a", "anything", ""),
            ("b/gpt-4o", "b", "gpt-4o", ""),
            ("a/meta/llama-3", "a", "meta/llama-3", ""),
        ];
        for (asked, provider, model, route) in table {
            let (told, record) = bench.ask(speech.ask(asked, "Hi", false)).await;
            assert_eq!(told.status, 200, "{asked}: {}", told.text());
            let served = if provider == "a" {
                bench.a.served()
            } else {
                bench.b.served()
            };
            assert_eq!(served.model.as_deref(), Some(model), "{asked}");
            assert_eq!(record["provider"], provider, "{asked}");
            assert_eq!(record["attempts"][0]["model"], model, "{asked}");
            assert_eq!(record["model"], asked);
            assert_eq!(
                record["route"].as_str().unwrap_or_default(),
                route,
                "{asked}"
            );
        }
        let (told, record) = bench.ask(speech.ask("nowhere/x", "Hi", false)).await;
        assert_eq!(told.status, 404);
        assert_eq!(record["error_class"], "not_found");
    }
}

/// The first target if the condition is true, else the second.
async fn conditional(when: &str) -> Bench {
    let models = format!(
        "models: [{{name: m, targets: [{{provider: a, model: x, when: \"{when}\"}}, {{provider: b, model: y}}]}}]\n\
         services: [{{name: shop, keys: [{{id: $ID, hash: \"$HASH\"}}]}}]\n"
    );
    Bench::start(&open_to(
        &[OpenAi.provider("a", "$A"), Anthropic.provider("b", "$B")],
        &models,
    ))
    .await
}

async fn goes_to(bench: &Bench, ask: Ask) -> String {
    let (told, record) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["attempts"].as_array().unwrap().len(), 1, "{record}");
    record["provider"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn conditions_read_the_request() {
    for speech in Speech::all() {
        let plain = || speech.ask("m", "Hi", false);
        let long = || speech.ask("m", &"long words ".repeat(500), false);
        let bench = conditional("headers['x-tier'] == 'gold'").await;
        assert_eq!(goes_to(&bench, plain().header("x-tier", "gold")).await, "a");
        assert_eq!(goes_to(&bench, plain().header("x-tier", "tin")).await, "b");
        assert_eq!(
            goes_to(&bench, plain()).await,
            "b",
            "a header that is not there"
        );
        let bench = conditional("input_bytes < 1000").await;
        assert_eq!(goes_to(&bench, plain()).await, "a");
        assert_eq!(goes_to(&bench, long()).await, "b");
        let bench = conditional("tokens > 500").await;
        assert_eq!(goes_to(&bench, plain()).await, "b");
        assert_eq!(goes_to(&bench, long()).await, "a");
        let bench = conditional("service == 'shop'").await;
        assert_eq!(goes_to(&bench, plain()).await, "b");
        let keyed = plain().key(&bench.key);
        assert_eq!(goes_to(&bench, keyed).await, "a");
        let bench = conditional("model == 'm' && path.endsWith('/messages')").await;
        let messages = if speech == Anthropic { "a" } else { "b" };
        assert_eq!(goes_to(&bench, plain()).await, messages);
    }
}

#[tokio::test]
async fn conditions_see_pictures() {
    let bench = conditional("has_image").await;
    for speech in Speech::all() {
        let mut body = speech.body("m", "Hi", false);
        assert_eq!(goes_to(&bench, speech.asking(&body)).await, "b");
        speech.picture(&mut body, "iVBORw0KGgo=");
        assert_eq!(goes_to(&bench, speech.asking(&body)).await, "a");
    }
}

fn weighted(a: u32, b: u32) -> String {
    let models = format!(
        "models: [{{name: m, strategy: weighted, targets: [{{provider: a, model: x, weight: {a}}}, {{provider: b, model: y, weight: {b}}}]}}]\n"
    );
    open_to(
        &[OpenAi.provider("a", "$A"), OpenAi.provider("b", "$B")],
        &models,
    )
}

#[tokio::test]
async fn weights_share_the_requests() {
    let bench = Bench::start(&weighted(3, 1)).await;
    for _ in 0..200 {
        assert_eq!(bench.call(OpenAi.ask("m", "Hi", false)).await.status, 200);
    }
    // Six standard deviations around 150.
    assert!(
        (113..188).contains(&bench.a.requests()),
        "{}",
        bench.a.requests()
    );
    assert_eq!(bench.a.requests() + bench.b.requests(), 200);
}

#[tokio::test]
async fn a_weight_of_zero_is_for_failover_only() {
    let bench = Bench::start(&weighted(0, 1)).await;
    for _ in 0..20 {
        assert_eq!(
            bench.ask(OpenAi.ask("m", "Hi", false)).await.1["provider"],
            "b"
        );
    }
    bench.b.script("503");
    let (_, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
    assert_eq!(
        (&record["provider"], &record["failovers"]),
        (&"a".into(), &1.into())
    );
}
