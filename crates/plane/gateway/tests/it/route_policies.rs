//! Policies on plain HTTP routes: what a route names is read, what cannot be read is said.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Parts, Provider};
use crate::speech::OpenAi;
use crate::stub::Stub;

const REQUEST: &str = "texts: {request: [text, \"documents[].title\"]}";
const RESPONSE: &str = "texts: {response: [label, \"spans[].text\"]}";
const BOTH: &str = "texts: {request: [\"**\"], response: [\"**\"]}";

fn config(at: &str, route: &str, policy: &str) -> String {
    format!(
        "gateway: {{anonymous: allow}}\nproviders: [{{name: svc, kind: http, base_url: {at}}}]\n\
         routes: [{{name: r, path: /v1/echo, provider: svc, {route}}}]\n\
         policies: [{{name: privacy, {policy}}}]\n"
    )
}

fn rule(action: &str, more: &str) -> String {
    format!(
        "{{type: pii_detection, action: {action}, entities: [ssn, email_address, credit_card]{more}}}"
    )
}

fn input(action: &str) -> String {
    format!("input: [{}]", rule(action, ""))
}

fn output(action: &str) -> String {
    format!("output: [{}]", rule(action, ""))
}

/// A gateway before the simulator, which sends back what it gets.
async fn echo(route: &str, policy: &str) -> Bench {
    Bench::start(&config("$A", route, policy)).await
}

/// A gateway before a service that always says the same.
async fn before(stub: Stub, route: &str, policy: &str) -> (Bench, Stub) {
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let bench = Bench::with(&config("$STUB", route, policy), parts).await;
    (bench, stub)
}

fn post(body: &str) -> Ask {
    Ask::post("/v1/echo", body.to_owned())
}

fn states(record: &Value) -> Vec<(String, String)> {
    let checks = record["checks"].as_array().unwrap();
    let word = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    checks
        .iter()
        .map(|check| (word(check, "direction"), word(check, "state")))
        .collect()
}

fn found(record: &Value) -> Vec<String> {
    let all = record["findings"].as_array().unwrap();
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let mut all: Vec<_> = all
        .iter()
        .map(|finding| format!("{} {}", word(finding, "action"), word(finding, "entity")))
        .collect();
    all.sort();
    all
}

fn message(told: &Told) -> String {
    let said = told.json();
    assert_eq!(said["error"]["code"], "policy_violation", "{said}");
    said["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_route_names_is_redacted_and_the_rest_passes_byte_for_byte() {
    let (bench, stub) = before(
        Stub::answering("text/plain", "ok").await,
        REQUEST,
        &input("redact"),
    )
    .await;
    let body = "{ \"id\" : \"536-22-1234\",\"text\":\"I am 536-22-1234.\",\n\"documents\":[{\"title\":\"ann@example.org\",\"n\":1.0}] }";
    let ask = post(body)
        .header("content-digest", "sha-256=:x:")
        .header("x-own", "1");
    let (told, record) = bench.ask(ask).await;
    assert_eq!((told.status, told.text().as_str()), (200, "ok"));
    let seen = stub.last();
    let expected = "{ \"id\" : \"536-22-1234\",\"text\":\"I am [SSN].\",\n\"documents\":[{\"title\":\"[EMAIL_ADDRESS]\",\"n\":1.0}] }";
    assert_eq!(String::from_utf8_lossy(&seen.body), expected);
    assert_eq!(
        seen.header("content-length"),
        Some(&*expected.len().to_string())
    );
    assert_eq!(
        (seen.header("content-digest"), seen.header("x-own")),
        (None, Some("1"))
    );
    assert_eq!(found(&record), ["redact email_address", "redact ssn"]);
    assert_eq!(states(&record), [("input".to_owned(), "ran".to_owned())]);
    assert_eq!(record["bytes_in"], body.len(), "{record}");
    let header = told.header("x-tollgate-policy").unwrap();
    assert!(
        header.contains("entity=ssn;count=1;action=redact"),
        "{header}"
    );
}

#[tokio::test]
async fn a_number_is_read_where_a_path_names_it() {
    let route = "texts: {request: [card]}";
    let (bench, stub) = before(
        Stub::answering("text/plain", "ok").await,
        route,
        &input("redact"),
    )
    .await;
    let body = "{\"card\": 4111111111111111, \"other\": 4111111111111111}";
    bench.ask(post(body)).await;
    let expected = "{\"card\": \"[CREDIT_CARD]\", \"other\": 4111111111111111}";
    assert_eq!(String::from_utf8_lossy(&stub.last().body), expected);
}

#[tokio::test]
async fn a_blocked_request_reaches_no_service() {
    let bench = echo(REQUEST, &input("block")).await;
    // Named one way, sent another.
    for body in [
        json!({"text": "I am 536-22-1234"}),
        json!({"text": ["I am", {"deep": "536-22-1234"}]}),
        json!({"documents": "536-22-1234"}),
        json!([{"text": "536-22-1234"}]),
    ] {
        let (told, record) = bench.ask(post(&body.to_string())).await;
        assert_eq!(told.status, 400, "{body}");
        let said = message(&told);
        assert!(said.contains("privacy") && said.contains("ssn"), "{said}");
        assert_eq!(record["error_class"], "policy_blocked");
        assert_eq!(found(&record), ["block ssn"]);
        assert_eq!(record["attempts"], json!([]));
    }
    assert_eq!(bench.a.requests(), 0);
}

/// Requests in which nobody finds the named texts, and what is said of each.
fn unreadable() -> Vec<(Ask, &'static str)> {
    let json = "{\"text\": \"536-22-1234\"}";
    vec![
        (
            Ask::new("POST", "/v1/echo")
                .header("content-type", "text/plain")
                .body(json),
            "`content-type`",
        ),
        (Ask::new("POST", "/v1/echo").body(json), "`content-type`"),
        (post(json).header("content-encoding", "gzip"), "compressed"),
        (post("{\"text\": \"536-22-1234\""), "not JSON"),
        (
            post("{\"text\": \"x\", \"t\\u0065xt\": \"536-22-1234\"}"),
            "twice",
        ),
    ]
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_refused() {
    let bench = echo(REQUEST, &input("redact")).await;
    for (ask, why) in unreadable() {
        let (told, record) = bench.ask(ask).await;
        assert_eq!(told.status, 400, "{why}");
        let said = message(&told);
        assert!(said.contains("`privacy`") && said.contains(why), "{said}");
        assert_eq!(found(&record), ["block unscannable"], "{why}");
        assert_eq!(
            states(&record),
            [("input".to_owned(), "incomplete".to_owned())]
        );
    }
    assert_eq!(bench.a.requests(), 0);
}

#[tokio::test]
async fn what_is_allowed_to_be_unscannable_passes_and_is_never_said_to_be_checked() {
    let by_route = echo(&format!("{REQUEST}, unscannable: allow"), &input("redact")).await;
    let lenient = format!("input: [{}]", rule("redact", ", unscannable: allow"));
    let by_rule = echo(REQUEST, &lenient).await;
    let unnamed = echo("unscannable: allow", &input("redact")).await;
    let flagged = echo(REQUEST, &input("flag")).await;
    for bench in [by_route, by_rule, unnamed, flagged] {
        for (ask, why) in unreadable() {
            let (told, record) = bench.ask(ask).await;
            assert_eq!(told.status, 200, "{why}: {}", told.text());
            assert!(told.text().contains("536-22-1234"), "{why}");
            let incomplete = ("input".to_owned(), "incomplete".to_owned());
            assert_eq!(states(&record), [incomplete], "{why}");
            assert!(record.get("findings").is_none(), "{why}: {record}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_body_has_nothing_to_hide() {
    let bench = echo(REQUEST, &input("block")).await;
    for ask in [Ask::get("/v1/echo"), Ask::new("POST", "/v1/echo")] {
        let (told, record) = bench.ask(ask).await;
        assert_eq!(told.status, 200);
        assert_eq!(states(&record), [("input".to_owned(), "ran".to_owned())]);
    }
}

#[tokio::test]
async fn what_was_restored_comes_back_in_the_answer() {
    let restore = format!("input: [{}]", rule("redact", ", style: restore"));
    let bench = echo(BOTH, &restore).await;
    let body = "{\"text\": \"Mail ann@example.org, or ann@example.org.\"}";
    let (told, record) = bench.ask(post(body)).await;
    assert_eq!(told.text(), body);
    assert_eq!(
        found(&record),
        ["redact email_address", "restore placeholder"]
    );
    let hidden = body.replace("ann@example.org", "[EMAIL_ADDRESS_1]").len();
    assert_eq!(bench.a.served().body_bytes, hidden as u64);
}

#[tokio::test]
async fn a_body_that_is_read_has_a_limit_and_one_that_is_not_has_none() {
    let large = format!("{{\"text\": \"{}\"}}", "a".repeat(5000));
    for (policy, status) in [
        (input("redact"), 413),
        (format!("models: [\"*\"], {}", input("redact")), 200),
        (
            format!("when: 'input_bytes < 100', {}", input("redact")),
            200,
        ),
    ] {
        let config = config("$A", REQUEST, &policy)
            .replace("allow}", "allow, limits: {body_bytes_max: 4096}}");
        let bench = Bench::start(&config).await;
        let (told, _) = bench.ask(post(&large)).await;
        assert_eq!(told.status, status, "{policy}");
    }
}

#[tokio::test]
async fn a_condition_knows_the_length_of_a_body_that_does_not_say_it() {
    let bench = echo(
        REQUEST,
        &format!("when: 'input_bytes > 10', {}", input("block")),
    )
    .await;
    let (ask, pieces) = Ask::new("POST", "/v1/echo")
        .header("content-type", "application/json")
        .fed();
    pieces
        .send("{\"text\": \"536-22-1234\"}".into())
        .await
        .unwrap();
    drop(pieces);
    let (told, record) = bench.ask(ask).await;
    assert_eq!(
        (told.status, found(&record)),
        (400, vec!["block ssn".to_owned()])
    );
}

#[tokio::test]
async fn bytes_pass_as_they_come_where_no_policy_holds() {
    let bench = echo(
        BOTH,
        &format!("models: [\"*\"], {}, {}", input("block"), output("block")),
    )
    .await;
    let (ask, pieces) = Ask::new("POST", "/v1/echo").fed();
    let mut open = bench.open(ask).await;
    pieces.send("536-22-1234 ".into()).await.unwrap();
    open.until("536-22-1234 ").await;
    drop(pieces);
    assert!(!open.rest().await.is_broken);
    assert!(bench.settled().await.get("checks").is_none());
}

fn answer(head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn an_answer_is_redacted_where_the_route_names_its_texts() {
    let body = "{\"label\": \"536-22-1234\", \"id\": \"536-22-1234\", \"spans\": [{\"text\": \"ann@example.org\"}]}";
    let clean = "{\"label\": \"[SSN]\", \"id\": \"536-22-1234\", \"spans\": [{\"text\": \"[EMAIL_ADDRESS]\"}]}";
    for kind in ["application/json", "application/vnd.x+JSON; charset=utf-8"] {
        let stub = Stub::raw(answer(
            &format!("201 Created\r\ncontent-type: {kind}\r\ndigest: sha-256=x"),
            body,
        ));
        let (bench, _stub) = before(stub.await, RESPONSE, &output("redact")).await;
        let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
        assert_eq!((told.status, told.text().as_str()), (201, clean));
        assert_eq!(told.header("content-type"), Some(kind));
        assert_eq!(told.header("digest"), None);
        assert_eq!(
            told.header("content-length"),
            Some(&*clean.len().to_string())
        );
        assert!(told.header("x-tollgate-policy").is_some());
        assert_eq!(found(&record), ["redact email_address", "redact ssn"]);
        assert_eq!(states(&record), [("output".to_owned(), "ran".to_owned())]);
        assert_eq!(record["bytes_out"], clean.len(), "{record}");
    }
}

#[tokio::test]
async fn an_answer_that_is_blocked_or_cannot_be_read_is_withheld() {
    let typed = |kind: &str, body: &str| answer(&format!("200 OK\r\ncontent-type: {kind}"), body);
    let json = "{\"label\": \"536-22-1234\"}";
    for (answer, why, entity) in [
        (typed("application/json", json), "ssn", "block ssn"),
        (
            typed("text/plain", json),
            "`content-type`",
            "block unscannable",
        ),
        (
            typed("application/x-ndjson", json),
            "`content-type`",
            "block unscannable",
        ),
        (
            typed("application/json\r\ncontent-encoding: br", json),
            "compressed",
            "block unscannable",
        ),
        (
            typed("application/json", "{\"label\""),
            "not JSON",
            "block unscannable",
        ),
    ] {
        let (bench, _stub) = before(Stub::raw(answer).await, RESPONSE, &output("block")).await;
        let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
        assert_eq!(told.status, 400, "{why}");
        let said = message(&told);
        assert!(
            said.contains("`privacy` withholds") && said.contains(why),
            "{said}"
        );
        assert!(!told.text().contains("536-22-1234"));
        assert_eq!(found(&record), [entity]);
        assert_eq!(
            (&record["error_class"], &record["status"]),
            (&"policy_blocked".into(), &400.into())
        );
        let attempt = &record["attempts"][0];
        assert_eq!(attempt["status"], 200, "{record}");
        assert!(attempt.get("error_class").is_none(), "{record}");
    }
}

#[tokio::test]
async fn of_an_error_every_string_is_read_and_its_status_stays() {
    let typed = |status: &str, kind: &str, body: &str| {
        answer(&format!("{status}\r\ncontent-type: {kind}"), body)
    };
    let detail = "{\"detail\": [{\"input\": \"536-22-1234\"}]}";
    for (answer, action, status, body) in [
        (
            typed("422 No", "application/json", detail),
            "redact",
            422,
            "[SSN]",
        ),
        (
            typed("422 No", "application/json", detail),
            "block",
            422,
            "withholds",
        ),
        (
            typed("503 Busy", "text/html", "<b>536-22-1234</b>"),
            "redact",
            503,
            "withholds",
        ),
    ] {
        let (bench, _stub) = before(Stub::raw(answer).await, RESPONSE, &output(action)).await;
        let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
        assert_eq!((told.status, &record["status"]), (status, &status.into()));
        assert!(
            told.text().contains(body) && !told.text().contains("536-22"),
            "{}",
            told.text()
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_body_has_nothing_to_hide() {
    for (method, head) in [
        ("GET", "204 No Content"),
        ("GET", "304 Not Modified"),
        ("HEAD", "200 OK\r\ncontent-type: text/plain"),
        ("GET", "200 OK\r\ncontent-length: 0"),
    ] {
        let stub = Stub::raw(format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n")).await;
        let (bench, _stub) = before(stub, RESPONSE, &output("block")).await;
        let (told, record) = bench.ask(Ask::new(method, "/v1/echo")).await;
        assert!(head.starts_with(&told.status.to_string()), "{head}");
        assert_eq!(states(&record), [("output".to_owned(), "ran".to_owned())]);
        assert_eq!(
            (told.is_broken, &record["caller_gone"]),
            (false, &false.into())
        );
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_before_it_was_read_is_the_services_fault() {
    let stub = Stub::raw(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"label\": \"a",
    );
    let (bench, _stub) = before(stub.await, RESPONSE, &output("redact")).await;
    let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
    assert_eq!(
        (told.status, &record["error_class"]),
        (502, &"provider_broken".into())
    );
    assert_eq!(record["attempts"][0]["error_class"], "provider_broken");
}

/// Events with one text, so many letters in each; then one without, and the end mark.
fn events(text: &str, piece: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    let pieces = letters.chunks(piece).map(|piece| {
        let piece: String = piece.iter().collect();
        format!("data: {}\n\n", json!({"token": {"text": piece, "id": 7}}))
    });
    let rest = "data: {\"done\": true}\n\ndata: [DONE]\n\n";
    format!("{}{rest}", pieces.collect::<String>())
}

/// The text that the events carry, and what came behind it.
fn streamed(told: &Told) -> (String, Vec<String>) {
    let text = told.text();
    let data = text
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "));
    let mut read = String::new();
    let mut after = Vec::new();
    for data in data {
        match serde_json::from_str::<Value>(data) {
            Ok(event) if event["token"].is_object() => {
                assert!(after.is_empty(), "text behind {after:?}");
                read += event["token"]["text"].as_str().unwrap();
            }
            _ => after.push(data.to_owned()),
        }
    }
    (read, after)
}

const STREAM: &str = "texts: {response: [token.text]}";

#[tokio::test]
async fn a_streamed_answer_is_read_as_one_text_however_it_is_cut() {
    for piece in [1, 2, 3, 7, 100] {
        let stub = Stub::cutting(
            OpenAi,
            events("I am 536-22-1234, or ann@example.org", piece).as_bytes(),
            11 * piece,
        )
        .await;
        let (bench, _stub) = before(stub, STREAM, &output("redact")).await;
        let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
        let (text, after) = streamed(&told);
        assert_eq!(text, "I am [SSN], or [EMAIL_ADDRESS]", "{piece}");
        assert_eq!(after, ["{\"done\": true}", "[DONE]"], "{piece}");
        assert_eq!(
            found(&record),
            ["redact email_address", "redact ssn"],
            "{piece}"
        );
        assert_eq!(states(&record), [("output".to_owned(), "ran".to_owned())]);
        assert_eq!(record["bytes_out"], told.body.len());
        assert_eq!(told.header("content-type"), Some("text/event-stream"));
    }
}

#[tokio::test]
async fn an_event_that_says_nothing_waits_for_held_text_unless_it_is_large() {
    for (padding, waits) in [(10, true), (100_000, false)] {
        let text = format!("data: {}\n\n", json!({"token": {"text": "I am 536-22"}}));
        let quiet = format!("data: {}\n\n", json!({"padding": "x".repeat(padding)}));
        let stream = text + &quiet;
        let stub = Stub::streaming(&stream).await;
        let (bench, _stub) = before(stub, STREAM, &output("redact")).await;
        let (told, _) = bench.ask(Ask::get("/v1/echo")).await;
        let told = told.text();
        let (held, quiet) = (told.find("536-22").unwrap(), told.find("padding").unwrap());
        assert_eq!(held < quiet, waits, "{padding}");
    }
}

#[tokio::test]
async fn a_blocked_stream_ends_with_an_error_behind_a_safe_beginning() {
    for piece in [1, 4, 100] {
        let stub = Stub::staying(OpenAi, events("Well then: 536-22-1234", piece).as_bytes()).await;
        let (bench, _stub) = before(stub, STREAM, &output("block")).await;
        let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
        let (text, after) = streamed(&told);
        assert!("Well then: ".starts_with(&text), "{text}");
        let error: Value = serde_json::from_str(&after[0]).unwrap();
        assert_eq!(
            (after.len(), &error["error"]["code"]),
            (1, &"policy_violation".into())
        );
        assert_eq!(record["error_class"], "policy_blocked");
        assert_eq!(found(&record), ["block ssn"]);
        assert_eq!(record["caller_gone"], false);
        assert!(
            record["attempts"][0].get("error_class").is_none(),
            "{record}"
        );
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_ends_its_stream_unless_it_may_pass() {
    let text = "data: {\"token\": {\"text\": \"a\"}}\n\ndata: 536-22-1234 {\n\n";
    for (more, passes) in [("", false), (", unscannable: allow", true)] {
        let route = format!("{STREAM}{more}");
        let (bench, _stub) = before(Stub::streaming(text).await, &route, &output("redact")).await;
        let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
        let (read, after) = streamed(&told);
        // What is held when a stream is stopped stays here.
        assert_eq!(read, if passes { "a" } else { "" });
        assert_eq!(after == ["536-22-1234 {"], passes, "{after:?}");
        assert_eq!(
            states(&record),
            [("output".to_owned(), "incomplete".to_owned())]
        );
    }
}

#[tokio::test]
async fn an_event_over_its_limit_is_the_services_fault() {
    let stub = Stub::streaming(&events(&"a".repeat(5000), 5000)).await;
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let config = config("$STUB", STREAM, &output("redact"))
        .replace("allow}", "allow, limits: {event_bytes_max: 4096}}");
    let bench = Bench::with(&config, parts).await;
    let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
    assert!(told.text().contains("event_bytes_max"), "{}", told.text());
    assert_eq!(record["error_class"], "provider_protocol", "{record}");
}
