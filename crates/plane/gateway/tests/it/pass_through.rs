//! What else providers offer, below their names: unread, in both directions, of one provider.

use serde_json::{Value, json};
use tollgate_config::{Sources, load};

use crate::ask::Ask;
use crate::bench::{Bench, PROVIDER_KEY, Parts, Provider, open_to};
use crate::stub::Stub;

const CHAT: &str =
    r#"{"model":"gpt-4o","messages":[{"role":"user","content":"my ssn is 536-22-1234"}]}"#;

/// `other` takes unlisted models; `acme` passes through, with the version in its address.
fn config(passing: &str, more: &str) -> String {
    format!(
        "gateway: {{anonymous: allow}}\nproviders:\n  - {{name: other, kind: simulator, base_url: $B}}\n  \
         - {{name: acme, base_url: $A/v1, secret_key_ref: {{env: PROVIDER_KEY}}, pass_through: {passing}}}\n{more}"
    )
}

async fn stub_bench(stub: &Stub) -> Bench {
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let config = config("{}", "").replace("$A/v1", "$STUB/v1");
    Bench::with(&config, parts).await
}

#[tokio::test]
async fn every_method_passes_with_and_without_the_version() {
    let bench = Bench::start(&config("{}", "")).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for path in ["/acme/v1/echo?x=1&y=%2F", "/acme/echo"] {
            let body = if method == "GET" { "" } else { "\u{0}anything" };
            let ask = Ask::new(method, path)
                .header("content-type", "multipart/form-data; boundary=x")
                .body(body);
            let (told, record) = bench.ask(ask).await;
            assert_eq!(
                (told.status, told.text()),
                (200, body.to_owned()),
                "{method}"
            );
            assert_eq!(told.header("x-sim-path"), Some("/v1/echo"));
            let expected = json!({
                "operation": "pass_through", "format": "http", "method": method, "route": "acme",
                "status": 200, "provider": "acme", "bytes_in": body.len(), "bytes_out": body.len(),
            });
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(&record[name], value, "{method}: {name} in {record}");
            }
        }
    }
    assert_eq!(bench.b.requests(), 0);
}

#[tokio::test]
async fn bytes_pass_both_ways_while_both_sides_are_still_talking() {
    let bench = Bench::start(&config("{}", "")).await;
    let (ask, pieces) = Ask::new("POST", "/acme/v1/echo").fed();
    let mut open = bench.open(ask).await;
    for turn in 0..50 {
        let said = format!("turn {turn};");
        pieces.send(said.clone().into()).await.unwrap();
        open.until(&said).await;
        assert_eq!(bench.gateway.buffered_bytes(), 0);
    }
    drop(pieces);
    let told = open.rest().await;
    assert!(!told.is_broken);
    let record = bench.settled().await;
    assert_eq!(record["bytes_out"], told.body.len());
}

#[tokio::test]
async fn the_provider_gets_its_own_key_a_range_and_the_query() {
    let stub = Stub::raw(
        "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 2-3/9\r\ncontent-length: 2\r\n\
         content-type: audio/mpeg\r\nconnection: close\r\n\r\nok",
    )
    .await;
    let bench = stub_bench(&stub).await;
    let ask = Ask::get("/acme/v1/files/f-1/content?after=a%20b")
        .header("range", "bytes=2-3")
        .header("authorization", "Bearer the-callers-own");
    let (told, record) = bench.ask(ask).await;
    assert_eq!((told.status, told.text()), (206, "ok".to_owned()));
    assert_eq!(told.header("content-range"), Some("bytes 2-3/9"));
    let seen = stub.last();
    let line = "GET /v1/files/f-1/content?after=a%20b HTTP/1.1\r\n";
    assert!(seen.head.starts_with(line), "{}", seen.head);
    assert_eq!(seen.header("range"), Some("bytes=2-3"));
    let key = format!("Bearer {PROVIDER_KEY}");
    assert_eq!(seen.header("authorization"), Some(&*key));
    assert!(
        record.get("usage_source").is_none(),
        "nothing was asked of a model: {record}"
    );
}

#[tokio::test]
async fn an_endpoint_of_a_format_is_served_as_that_format_of_this_provider() {
    let rule =
        "policies: [{name: p, models: [\"*\"], input: [{type: pii_detection, action: redact}]}]";
    let bench = Bench::start(&config("{}", rule)).await;
    for path in ["/acme/v1/chat/completions", "/acme/chat/completions"] {
        let (told, record) = bench.ask(Ask::post(path, CHAT)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        let expected = json!({
            "operation": "chat", "format": "openai_chat", "model": "acme/gpt-4o", "provider": "acme",
            "usage_source": "reported", "path": "/v1/chat/completions",
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&record[name], value, "{name} in {record}");
        }
        assert_eq!(record["findings"][0]["entity"], "ssn", "{record}");
        assert_eq!(record["attempts"][0]["model"], "gpt-4o");
    }
    let ask = Ask::post(
        "/acme/v1/messages",
        CHAT.replacen('{', "{\"max_tokens\":9,", 1),
    );
    let (told, record) = bench
        .ask(ask.header("anthropic-version", "2023-06-01"))
        .await;
    assert_eq!(
        (told.status, &record["provider"]),
        (200, &"acme".into()),
        "{}",
        told.text()
    );
    assert_eq!(told.json()["type"], "message");
    assert_eq!(bench.b.requests(), 0);
}

#[tokio::test]
async fn a_callers_own_key_in_the_query_stays_here_unless_it_is_for_the_provider() {
    let stub = Stub::answering("application/json", "{}").await;
    let names = [("$STUB", stub.url())];
    for (credential, query) in [
        ("secret_key_ref: {env: PROVIDER_KEY}", "?pageSize=2"),
        (
            "pass_caller_credential: true",
            "?key=AIzaCallers&pageSize=2",
        ),
    ] {
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let provider = format!(
            "{{name: acme, kind: gemini, base_url: $STUB, {credential}, pass_through: {{}}}}"
        );
        let bench = Bench::with(&open_to(&[provider], ""), parts).await;
        let ask = Ask::get("/acme/v1beta/files?key=AIzaCallers&pageSize=2");
        assert_eq!(bench.ask(ask).await.0.status, 200);
        let head = stub.last().head;
        let line = format!("GET /v1beta/files{query} HTTP/1.1\r\n");
        assert!(head.starts_with(&line), "{head}");
    }
}

#[tokio::test]
async fn a_policy_of_models_holds_at_every_endpoint_of_a_provider_of_any_kind() {
    let rule =
        "policies: [{name: p, models: [\"*\"], input: [{type: pii_detection, action: block}]}]";
    let messages = "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:rawPredict";
    let openai = "/v1/projects/p/locations/l/endpoints/openapi/chat/completions";
    for (kind, paths) in [
        (
            "kind: azure_openai",
            &[
                "/openai/v1/chat/completions",
                "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21",
                "/openai/v1/responses",
                "/openai/responses?api-version=2025-03-01-preview",
            ][..],
        ),
        (
            "kind: bedrock, region: eu-west-1",
            &["/openai/v1/chat/completions", "/model/m/converse"],
        ),
        ("kind: vertex, project: p", &[messages, openai]),
        ("kind: gemini", &["/v1beta/openai/chat/completions"]),
        ("kind: openai_compatible", &["/openai/v1/chat/completions"]),
    ] {
        let provider = format!(
            "{{name: acme, {kind}, base_url: $A, secret_key_ref: {{env: PROVIDER_KEY}}, pass_through: {{}}}}"
        );
        let bench = Bench::start(&open_to(&[provider], rule)).await;
        for path in paths {
            let turns = json!([{"role": "user", "content": "my ssn is 536-22-1234"}]);
            let mut body = json!({"model": "m", "max_tokens": 9, "messages": turns});
            if path.ends_with("converse") {
                body["messages"][0]["content"] = json!([{"text": "my ssn is 536-22-1234"}]);
            } else if path.contains("responses") {
                body = json!({"model": "m", "input": "my ssn is 536-22-1234"});
            }
            let ask = Ask::post(format!("/acme{path}"), body.to_string());
            let (told, record) = bench.ask(ask).await;
            assert_eq!(told.status, 400, "{kind} {path}: {}", told.text());
            assert_eq!(record["error_class"], "policy_blocked", "{path}: {record}");
            assert_eq!(record["operation"], "chat", "{path}: {record}");
        }
        assert_eq!(bench.a.requests(), 0, "{kind}");
    }
}

#[tokio::test]
async fn a_list_of_models_means_the_model_that_is_asked_for() {
    let rule = "policies: [{name: p, models: [\"*\"], input: [{type: input_validation, \
        action: block, models: {allow: [acme/claude-haiku, acme/small]}}]}]";
    let provider = "{name: acme, kind: vertex, project: p, base_url: $A, \
        secret_key_ref: {env: PROVIDER_KEY}, pass_through: {}}";
    let bench = Bench::start(&open_to(&[provider.to_owned()], rule)).await;
    let of = |model: &str| {
        format!("/acme/v1/projects/p/locations/l/publishers/anthropic/models/{model}:rawPredict")
    };
    let chats = "/acme/v1/projects/p/locations/l/endpoints/openapi/chat/completions";
    for (path, model, is_allowed) in [
        (of("claude-opus"), Some("claude-haiku"), false),
        (of("claude-haiku"), Some("claude-opus"), true),
        (of("claude-haiku"), None, true),
        (chats.to_owned(), Some("small"), true),
        (chats.to_owned(), Some("large"), false),
    ] {
        let turns = json!([{"role": "user", "content": "hello"}]);
        let mut body = json!({"max_tokens": 9, "messages": turns});
        if let Some(model) = model {
            body["model"] = json!(model);
        }
        let (told, record) = bench.ask(Ask::post(&path, body.to_string())).await;
        let is_blocked = record["error_class"] == "policy_blocked";
        assert_eq!(is_blocked, !is_allowed, "{path} {model:?}: {record}");
        if is_blocked && path.ends_with("rawPredict") {
            assert_eq!(told.json()["type"], "error", "{}", told.text());
        }
    }
}

#[tokio::test]
async fn no_way_of_writing_a_path_goes_around_a_format() {
    let bench = Bench::start(&config("{}", "")).await;
    for path in [
        "/acme/v1/chat/completions/",
        "/acme/v1/chat/completion%73",
        "/acme/v1/Chat/completions",
        "/acme/v1/chat;x/completions",
        "/acme/v1/echo/../chat/completions",
        "/acme/v1//chat/completions",
        "/acme/v1/chat/completions%3Fx",
        "/acme/v1/chat/completions%2523x",
    ] {
        let (told, record) = bench.ask(Ask::post(path, CHAT)).await;
        assert_eq!(
            (told.status, &record["error_class"]),
            (400, &"bad_request".into()),
            "{path}"
        );
    }
    let (told, _) = bench
        .ask(Ask::new("PUT", "/acme/v1/chat/completions").body(CHAT))
        .await;
    assert_eq!((told.status, told.header("allow")), (405, Some("POST")));
    assert_eq!(bench.a.requests(), 0);
}

#[tokio::test]
async fn a_key_for_some_models_of_a_provider_has_them_and_nothing_else() {
    let service = |models: &str| {
        let services = format!(
            "services: [{{name: s, models: {models}, keys: [{{id: $ID, hash: \"$HASH\"}}]}}]\n"
        );
        config("{}", &services).replace("gateway: {anonymous: allow}\n", "")
    };
    let bench = Bench::start(&service("[acme/gpt-4o]")).await;
    let chat = || Ask::post("/acme/v1/chat/completions", CHAT).key(&bench.key);
    let echo = || Ask::new("POST", "/acme/v1/echo").key(&bench.key).body("x");
    assert_eq!(bench.ask(chat()).await.0.status, 200);
    let (told, record) = bench.ask(echo()).await;
    assert_eq!(
        (told.status, &record["error_class"]),
        (403, &"forbidden".into())
    );
    assert!(told.text().contains("acme/*"), "{}", told.text());
    let unkeyed = Ask::new("POST", "/acme/v1/echo").body("x");
    assert_eq!(bench.ask(unkeyed).await.0.status, 401);
    bench.reload(&service("[\"acme/*\"]"));
    assert_eq!(bench.ask(echo()).await.0.status, 200);
    bench.reload(&service("[gpt-4o]"));
    assert_eq!(bench.ask(chat()).await.0.status, 403);
}

#[tokio::test]
async fn only_what_is_listed_passes() {
    let passing = "{paths: [{path: '/v1/echo', methods: [put]}, {path: '/images/*'}]}";
    let bench = Bench::start(&config(passing, "")).await;
    for (method, path, status) in [
        ("PUT", "/acme/v1/echo", 200),
        ("PUT", "/acme/echo", 200),
        ("POST", "/acme/v1/echo", 405),
        ("PUT", "/acme/v1/echo/more", 404),
        ("POST", "/acme/v1/chat/completions", 404),
        ("GET", "/other/v1/echo", 404),
    ] {
        let (told, _) = bench.ask(Ask::new(method, path).body(CHAT)).await;
        assert_eq!(told.status, status, "{method} {path}: {}", told.text());
    }
    assert_eq!(bench.a.requests(), 2);
    let (_, record) = bench
        .ask(Ask::post("/acme/v1/images/generations", "{}"))
        .await;
    assert_eq!(record["provider"], "acme");
    bench.reload(&config("{enabled: false}", ""));
    assert_eq!(bench.ask(Ask::new("PUT", "/acme/echo")).await.0.status, 404);
}

#[tokio::test]
async fn usage_is_accounted_where_an_answer_reports_it() {
    let reported = r#"{"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}"#;
    let stub = Stub::answering("application/json", reported).await;
    let bench = stub_bench(&stub).await;
    let (told, record) = bench
        .ask(Ask::post("/acme/v1/images/generations", "{}"))
        .await;
    assert_eq!(told.text(), reported);
    let tokens = |record: &Value| {
        let of = |name: &str| record[name].as_u64();
        (
            of("input_tokens"),
            of("output_tokens"),
            record["usage_source"].clone(),
        )
    };
    assert_eq!(tokens(&record), (Some(7), Some(5), "reported".into()));
    let (_, record) = bench.ask(Ask::get("/acme/v1/responses/r-1")).await;
    assert_eq!(
        tokens(&record),
        (None, None, Value::Null),
        "what is read again costs nothing"
    );

    let events = format!("event: a\ndata: {{\"type\":\"partial\"}}\n\ndata: {reported}\n\n");
    let bench = stub_bench(&Stub::streaming(&events).await).await;
    let (_, record) = bench
        .ask(Ask::post("/acme/v1/images/generations", "{}"))
        .await;
    assert_eq!(tokens(&record), (Some(7), Some(5), "reported".into()));

    let bench = stub_bench(&Stub::answering("audio/mpeg", reported).await).await;
    let (_, record) = bench.ask(Ask::post("/acme/v1/audio/speech", "{}")).await;
    assert_eq!(tokens(&record), (None, None, "unknown".into()));
}

#[tokio::test]
async fn a_refusal_of_our_own_key_is_no_fault_of_the_caller() {
    let stub = Stub::raw(
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: 19\r\nconnection: close\r\n\r\nwrong key: sk-the-p",
    )
    .await;
    let bench = stub_bench(&stub).await;
    let (told, record) = bench.ask(Ask::post("/acme/v1/moderations", "{}")).await;
    assert_eq!(
        (told.status, &record["error_class"]),
        (502, &"provider_credential".into())
    );
    assert!(!told.text().contains("sk-the"), "{}", told.text());
    assert_eq!(record["attempts"][0]["status"], 401);
}

#[tokio::test]
async fn what_rules_cannot_read_passes_only_where_that_is_allowed() {
    let rule =
        "policies: [{name: p, routes: [acme], input: [{type: pii_detection, action: block}]}]";
    let refused = |passing: &str, more: &str| {
        let text = config(passing, more).replace('$', "http://x.");
        let loaded = load(&Sources::from_text("a.yaml", &text)).unwrap_or_else(|it| panic!("{it}"));
        let plan = tollgate_plan::compile(&loaded.set, &tollgate_plan::Options::default());
        plan.map_or_else(
            |problems| problems.iter().map(ToString::to_string).collect(),
            |_| Vec::new(),
        )
    };
    let found: Vec<String> = refused("{}", rule);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("`acme`") && found[0].contains("pass_through"),
        "{found:?}"
    );
    assert_eq!(refused("{unscannable: allow}", rule), [""; 0]);
    let bench = Bench::start(&config("{unscannable: allow}", rule)).await;
    let (told, record) = bench
        .ask(Ask::new("POST", "/acme/echo").body("536-22-1234"))
        .await;
    assert_eq!(
        (told.status, &record["checks"][0]["state"]),
        (200, &"incomplete".into()),
        "{record}"
    );
}
