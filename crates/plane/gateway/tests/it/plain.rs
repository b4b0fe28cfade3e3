//! Plain HTTP to model services: any method, any type, streamed both ways, never retried.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bench::{Bench, PROVIDER_KEY, Parts, Provider, soon, until};
use crate::stub::Stub;

const ROUTES: &str = "routes:\n  - {name: echo, path: /v1/echo, provider: svc}\n  \
    - {name: mood, path: /mood, to: /v1/sentiment, methods: [POST], provider: svc}\n  \
    - {name: tools, path: /tools/*, to: /v1, provider: svc}\n";

fn config(at: &str, more: &str) -> String {
    format!(
        "gateway: {{anonymous: allow}}\nproviders: [{{name: svc, kind: http, base_url: {at}{more}}}]\n{ROUTES}"
    )
}

#[tokio::test]
async fn every_method_and_every_byte_passes() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let bench = Bench::start(&config("$A", "")).await;
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
    ] {
        let body = if method == "GET" {
            Vec::new()
        } else {
            bytes.clone()
        };
        let ask = Ask::new(method, "/v1/echo")
            .header("content-type", "application/x-odd")
            .body(body.clone());
        let (told, record) = bench.ask(ask).await;
        assert_eq!(told.status, 200, "{method}");
        assert_eq!(told.header("x-sim-method"), Some(method));
        assert_eq!(told.header("content-type"), Some("application/x-odd"));
        assert!(told.body == body, "{method}");
        let expected = json!({
            "operation": "http", "format": "http", "method": method, "path": "/v1/echo", "route": "echo",
            "status": 200, "provider": "svc", "bytes_out": body.len(), "bytes_in": body.len(), "caller_gone": false, "stream": false,
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&record[name], value, "{method}: {name} in {record}");
        }
        assert_eq!(record["attempts"][0]["status"], 200);
        assert!(
            record.get("model").is_none() && record.get("input_tokens").is_none(),
            "{record}"
        );
        assert_eq!(bench.a.served().body_bytes, body.len() as u64);
    }
}

#[tokio::test]
async fn bytes_pass_both_ways_while_both_sides_are_still_talking() {
    let bench = Bench::start(&config("$A", "")).await;
    let (ask, pieces) = Ask::new("POST", "/v1/echo").fed();
    let mut open = bench.open(ask).await;
    assert_eq!(open.status, 200);
    for turn in 0..50 {
        let said = format!("turn {turn};");
        pieces.send(said.clone().into()).await.unwrap();
        open.until(&said).await;
        assert!(bench.a.served().open);
    }
    drop(pieces);
    let told = open.rest().await;
    assert!(!told.is_broken);
    let record = bench.settled().await;
    assert_eq!(record["bytes_out"], told.body.len());
    assert_eq!(record["bytes_in"], told.body.len());
    assert_eq!(record["status"], 200);
    assert!(bench.a.served().finished);
}

#[tokio::test]
async fn paths_are_led_to_where_the_route_says() {
    let bench = Bench::start(&config("$A", "")).await;
    for (asked, led) in [("/v1/echo", "/v1/echo"), ("/tools/echo", "/v1/echo")] {
        let (told, record) = bench.ask(Ask::new("PUT", asked).body("x")).await;
        assert_eq!(told.header("x-sim-path"), Some(led), "{asked}");
        let route = if asked == led { "/v1/echo" } else { "/tools" };
        assert!(
            record["path"].as_str().unwrap().starts_with(route),
            "{record}"
        );
    }
    let (told, record) = bench
        .ask(Ask::post("/mood", "{\"text\": \"I love it\"}"))
        .await;
    assert_eq!(told.json()["label"], "positive");
    assert_eq!(record["route"], "mood");
    let (told, record) = bench.ask(Ask::get("/toolshed")).await;
    assert_eq!(
        (told.status, &record["error_class"]),
        (404, &"not_found".into())
    );
    let (told, record) = bench.ask(Ask::get("/mood")).await;
    assert_eq!((told.status, told.header("allow")), (405, Some("POST")));
    assert_eq!(record["error_class"], "method_not_allowed");
}

#[tokio::test]
async fn queries_and_credentials() {
    let stub = Stub::raw(
        "HTTP/1.1 201 Created\r\nset-cookie: a=b\r\nx-tollgate-model: liar\r\nx-own: 1\r\n\
         content-length: 2\r\nconnection: close\r\n\r\nok",
    )
    .await;
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let more = ", secret_key_ref: {env: PROVIDER_KEY}, headers: {x-team: blue}";
    let keyed = config("$STUB/base", more).replace("gateway: {anonymous: allow}\n", "");
    let keyed =
        format!("{keyed}services: [{{name: shop, keys: [{{id: $ID, hash: \"$HASH\"}}]}}]\n");
    let bench = Bench::with(&keyed, parts).await;
    let (told, record) = bench.ask(Ask::get("/v1/echo")).await;
    assert_eq!(
        (told.status, &record["error_class"]),
        (401, &"unauthenticated".into())
    );

    let ask = Ask::new("PUT", "/tools/a%20b?x=1&y=%2F&x=2")
        .key(&bench.key)
        .header("cookie", "secret")
        .body("body");
    let (told, record) = bench.ask(ask).await;
    assert_eq!((told.status, told.text().as_str()), (201, "ok"));
    assert_eq!(
        (told.header("set-cookie"), told.header("x-tollgate-model")),
        (None, None)
    );
    assert_eq!(told.header("x-own"), Some("1"));
    assert_eq!(
        (&record["service"], &record["status"]),
        (&"shop".into(), &201.into())
    );
    assert_eq!(
        told.header("x-tollgate-request-id"),
        record["request_id"].as_str()
    );
    let seen = stub.last();
    assert!(
        seen.head
            .starts_with("PUT /base/v1/a%20b?x=1&y=%2F&x=2 HTTP/1.1\r\n"),
        "{}",
        seen.head
    );
    assert_eq!(
        seen.header("authorization"),
        Some(&*format!("Bearer {PROVIDER_KEY}"))
    );
    assert_eq!(seen.header("x-team"), Some("blue"));
    assert!(
        !seen.head.contains(&bench.key) && !seen.head.contains("secret"),
        "{}",
        seen.head
    );
    assert_eq!(seen.body, b"body");
}

#[tokio::test]
async fn what_a_service_answers_is_the_answer() {
    let bench = Bench::start(&config("$A", "")).await;
    for status in [400, 429, 500, 503] {
        bench.a.script(&format!("{status}, ok"));
        let (told, record) = bench.ask(Ask::new("POST", "/v1/echo").body("x")).await;
        assert_eq!(told.status, status);
        assert_eq!(record["attempts"].as_array().unwrap().len(), 1);
        assert_eq!(record["status"], status);
        assert_eq!(record["attempts"][0]["status"], status);
    }
    assert_eq!(bench.a.requests(), 4);
}

fn refused(told: &crate::ask::Told, record: &Value, status: u16, class: &str) {
    assert_eq!(told.status, status, "{}", told.text());
    assert!(
        told.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("svc"),
        "{}",
        told.text()
    );
    assert_eq!(record["status"], status);
    assert_eq!(record["error_class"], class);
    assert_eq!(record["attempts"][0]["error_class"], class, "{record}");
    assert_eq!(record["attempts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_service_that_is_down_is_said_to_be() {
    let bench = Bench::start(&config("$DEAD", "")).await;
    let (told, record) = bench.ask(Ask::new("POST", "/v1/echo").body("x")).await;
    refused(&told, &record, 502, "provider_unreachable");
    let bench = Bench::start(&config("$A", "")).await;
    bench.a.script("reset");
    let (told, record) = bench.ask(Ask::new("POST", "/v1/echo").body("x")).await;
    refused(&told, &record, 502, "provider_unreachable");
}

#[tokio::test]
async fn a_service_that_says_nothing_is_given_up() {
    let bench = Bench::start(&config("$A", ", timeouts: {whole_ms: 100}")).await;
    bench.a.script("hang");
    let (told, record) = bench.ask(Ask::new("POST", "/v1/echo").body("x")).await;
    refused(&told, &record, 504, "provider_timeout");
    soon(bench.a.books().settled()).await;
    assert_eq!(bench.a.served().hung_up_at, Some(0));
}

#[tokio::test]
async fn an_answer_that_breaks_off_never_looks_whole() {
    let faults = [
        ("cut", "provider_broken", "broke off its answer"),
        (
            "stall",
            "provider_timeout",
            "sent no next byte within 100 ms",
        ),
    ];
    for (fault, class, cause) in faults {
        let bench = Bench::start(&config("$A", ", timeouts: {between_tokens_ms: 100}")).await;
        bench.a.script(fault);
        let (told, record) = bench
            .ask(Ask::post("/mood", "{\"text\": \"I love it\"}"))
            .await;
        assert_eq!(told.status, 200, "{fault}");
        assert!(told.is_broken && !told.body.is_empty(), "{fault}: {told:?}");
        assert_eq!(record["error_class"], class, "{record}");
        let said = record["attempts"][0]["error"].to_string();
        assert!(said.contains(cause), "{fault}: {record}");
        assert_eq!(record["bytes_out"], told.body.len(), "{fault}");
        assert_eq!(record["caller_gone"], false, "{fault}");
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_is_noticed_at_the_service() {
    let bench = Bench::start(&config("$A", "")).await;
    let (ask, pieces) = Ask::new("POST", "/v1/echo").fed();
    let mut open = bench.open(ask).await;
    pieces.send("hello".into()).await.unwrap();
    open.until("hello").await;
    drop(open);
    let record = bench.settled().await;
    assert_eq!(record["caller_gone"], true, "{record}");
    assert_eq!(record["error_class"], "caller_gone");
    assert_eq!(record["bytes_out"], 5);
    until(|| bench.a.books().totals().open == 0).await;
    assert!(!bench.a.served().finished);
}

#[tokio::test]
async fn an_answer_without_a_body_is_a_whole_answer() {
    let answers = [
        ("HEAD", "200 OK", "content-length: 5\r\n", ""),
        ("HEAD", "404 Not Found", "", ""),
        ("GET", "204 No Content", "", ""),
        ("GET", "304 Not Modified", "content-length: 5\r\n", ""),
        ("GET", "200 OK", "content-length: 0\r\n", ""),
        ("GET", "200 OK", "content-length: 2\r\n", "ok"),
        ("GET", "200 OK", "", "ok"),
    ];
    for (method, status, length, body) in answers {
        let stub = Stub::raw(format!(
            "HTTP/1.1 {status}\r\n{length}connection: close\r\n\r\n{body}"
        ))
        .await;
        let names = [("$STUB", stub.url())];
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let bench = Bench::with(&config("$STUB", ""), parts).await;
        for is_http2 in [false, true] {
            let row = format!("{method} {status} {length}{is_http2}");
            let ask = Ask::new(method, "/v1/echo").over_http2(is_http2);
            let (told, record) = bench.ask(ask).await;
            assert_eq!(
                (told.text().as_str(), told.is_broken),
                (body, false),
                "{row}"
            );
            assert!(status.starts_with(&told.status.to_string()), "{row}");
            if method == "HEAD" && !length.is_empty() {
                assert_eq!(told.header("content-length"), Some("5"), "{row}");
            }
            assert_eq!(record["caller_gone"], false, "{row}: {record}");
            assert_eq!(record["status"], told.status, "{row}: {record}");
            assert_eq!(record["bytes_out"], body.len(), "{row}: {record}");
            assert!(record.get("error_class").is_none(), "{row}: {record}");
            let attempt = &record["attempts"][0];
            assert!(attempt.get("error_class").is_none(), "{row}: {record}");
        }
    }
}

#[tokio::test]
async fn routes_share_a_path_when_their_methods_differ() {
    let routes = "routes:\n  - {name: ask, path: /a, to: /v1/ask, methods: [GET], provider: svc}\n  \
        - {name: tell, path: /a, to: /v1/tell, methods: [POST], provider: svc}\n  \
        - {name: below, path: /a/*, to: /v1/below, methods: [PUT, GET], provider: svc}\n";
    let stub = Stub::answering("text/plain", "ok").await;
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let bench = Bench::with(&config("$STUB", "").replace(ROUTES, routes), parts).await;
    for (method, name, path) in [
        ("GET", "ask", "/v1/ask"),
        ("POST", "tell", "/v1/tell"),
        ("PUT", "below", "/v1/below"),
    ] {
        let (told, record) = bench.ask(Ask::new(method, "/a")).await;
        assert_eq!(
            (told.status, &record["route"]),
            (200, &name.into()),
            "{method}"
        );
        let asked = format!("{method} {path} HTTP/1.1\r\n");
        assert!(stub.last().head.starts_with(&asked), "{}", stub.last().head);
    }
    let (told, record) = bench.ask(Ask::new("DELETE", "/a")).await;
    assert_eq!(
        (told.status, told.header("allow")),
        (405, Some("GET, POST, PUT"))
    );
    assert_eq!(record["operation"], "http");
    assert_eq!(record["attempts"], json!([]));
}

#[tokio::test]
async fn a_gateway_key_stays_here_wherever_it_is_put() {
    let stub = Stub::answering("text/plain", "ok").await;
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let bench = Bench::with(&config("$STUB", ", pass_caller_credential: true"), parts).await;
    let hidden = bench.key.replace('_', "%5f");
    let ask = Ask::get(&format!(
        "/v1/echo?a=1&api_key={}&key={hidden}&b=2",
        bench.key
    ))
    .header("x-own-token", &format!("Key id=\"{}\"", bench.key))
    .header("x-own", "tg_1");
    let (told, _) = bench.ask(ask).await;
    assert_eq!(told.status, 200);
    let seen = stub.last();
    assert!(
        seen.head.starts_with("GET /v1/echo?a=1&b=2 "),
        "{}",
        seen.head
    );
    assert_eq!(
        (seen.header("x-own"), seen.header("x-own-token")),
        (Some("tg_1"), None)
    );
    assert!(!seen.head.contains(&bench.key), "{}", seen.head);
}

#[tokio::test]
async fn a_caller_that_stalls_its_upload_is_given_up_and_the_provider_is_not_blamed() {
    let slow = config("$A", "").replace("allow}", "allow, timeouts: {body_ms: 100}}");
    let bench = Bench::start(&slow).await;
    // An answer that waits for the whole body.
    let (ask, pieces) = Ask::new("POST", "/mood").fed();
    let address = bench.address;
    let asked = crate::bench::start(async move { ask.open(address).await.rest().await });
    pieces.send("{\"text\":".into()).await.unwrap();
    let record = bench.settled().await;
    let told = soon(asked).await.unwrap();
    assert_eq!(
        (told.status, &record["status"]),
        (408, &408.into()),
        "{record}"
    );
    assert_eq!(record["error_class"], "body_timeout", "{record}");
    assert_eq!(record["caller_gone"], false, "{record}");
    assert_eq!(record["bytes_in"], 8, "{record}");
    assert_eq!(
        record["attempts"][0]["error_class"], "body_timeout",
        "{record}"
    );
    // An answer that has begun.
    let (ask, pieces) = Ask::new("POST", "/v1/echo").fed();
    let mut open = bench.open(ask).await;
    pieces.send("hello".into()).await.unwrap();
    open.until("hello").await;
    assert!(open.rest().await.is_broken);
    let record = bench.settled().await;
    assert_eq!(record["error_class"], "body_timeout", "{record}");
    assert_eq!(record["caller_gone"], false, "{record}");
}

#[tokio::test]
async fn a_request_that_is_not_sent_is_no_attempt() {
    let bench = Bench::start(&config("$A", "")).await;
    let (told, record) = bench.ask(Ask::get("/tools/%2e%2e/admin")).await;
    assert_eq!(
        (told.status, &record["error_class"]),
        (400, &"bad_request".into())
    );
    assert_eq!(record["attempts"], json!([]), "{record}");
    assert!(!bench.settler.metrics().contains("tollgate_attempts_total{"));
}

#[tokio::test]
async fn a_plain_service_is_no_provider_of_models() {
    let bench = Bench::start(&config("$A", "")).await;
    for speech in crate::speech::Speech::all() {
        let (told, record) = bench.ask(speech.ask("svc/x", "Hi", false)).await;
        assert_eq!(told.status, 404, "{}", told.text());
        assert_eq!(record["error_class"], "not_found");
        assert_eq!(record["attempts"], json!([]));
    }
    assert_eq!(bench.a.requests(), 0);
}
