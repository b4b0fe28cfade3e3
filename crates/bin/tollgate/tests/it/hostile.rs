//! Callers that mean harm: they get a clear answer, and nobody else notices.

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::caller::{Caller, FORMATS, Format, ask, chat, connect, get, post};
use crate::process::{Gateway, Process, Provider, folder, text, until};

fn gateway(limits: &str) -> Gateway {
    Gateway::start(&format!(
        "gateway:\n  anonymous: allow\n{limits}providers:\n  - name: simulator\n"
    ))
}

fn is_well(gateway: &Gateway) {
    assert_eq!(
        chat(&gateway.address, Format::Chat, "m", "hello").status,
        200
    );
}

/// The status of the answer to bytes as they are.
fn told(gateway: &Gateway, bytes: impl AsRef<[u8]>) -> Option<u16> {
    let mut caller = Caller::to(&gateway.address);
    // The other side may answer and close before all is written.
    caller.write(bytes);
    caller.head().ok().map(|head| head.status)
}

#[test]
fn heads_over_the_limits_are_431() {
    let gateway = gateway("  limits: {header_bytes_max: 8192, headers_max: 20}\n");
    let long = "x".repeat(9000);
    assert_eq!(
        told(
            &gateway,
            format!("GET / HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n")
        ),
        Some(431)
    );
    let many: String = (0..30).map(|number| format!("h{number}: x\r\n")).collect();
    assert_eq!(
        told(&gateway, format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n")),
        Some(431)
    );
    let counted = "tollgate_heads_unreadable_total 2";
    until("both are counted", || {
        gateway.metrics().contains(counted).then_some(())
    });
    let path = told(&gateway, format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"));
    assert!(matches!(path, Some(414 | 431)), "{path:?}");
    assert_eq!(
        told(
            &gateway,
            format!(
                "GET / HTTP/1.1\r\nhost: x\r\nfits: {}\r\n\r\n",
                "x".repeat(6000)
            )
        ),
        Some(200)
    );
    is_well(&gateway);
}

#[test]
fn a_head_that_comes_too_slowly_is_cut() {
    let gateway = gateway("  timeouts: {header_ms: 300, body_ms: 400, idle_ms: 500}\n");
    let began = Instant::now();
    let mut drips: Vec<Caller> = (0..20).map(|_| Caller::to(&gateway.address)).collect();
    for caller in &mut drips {
        caller.write("POST /v1/messages HTTP/1.1\r\nhost: x\r\nslow: ");
    }
    // One byte at a time does not help.
    until("all are cut", || {
        drips.retain_mut(|caller| caller.write("x"));
        drips.is_empty().then_some(())
    });
    let mut silent = Caller::to(&gateway.address);
    silent.rest();
    // A body that never comes is told apart from a head that never does.
    let mut caller = Caller::to(&gateway.address);
    caller.write("POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    let answer = caller.answer().unwrap();
    assert_eq!(answer.status, 408);
    Format::Messages.error_type(&answer);
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
    assert_eq!(gateway.record(1)["error_class"], "body_timeout");
    is_well(&gateway);
}

#[test]
fn bodies_over_the_limit_are_413_before_they_are_read() {
    let gateway = gateway("  limits: {body_bytes_max: 10000}\n");
    for format in FORMATS {
        let answer = chat(&gateway.address, format, "m", &"x".repeat(20_000));
        assert_eq!(answer.status, 413);
        format.error_type(&answer);
        assert!(answer.text().contains("10000"), "{}", answer.text());
        // Announced only: nothing of it needs to come.
        let announced = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n",
            format.path()
        );
        assert_eq!(told(&gateway, announced), Some(413));
        // Not announced: counted.
        let chunk = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096)).repeat(4);
        let chunked = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{chunk}",
            format.path()
        );
        assert_eq!(told(&gateway, chunked), Some(413));
    }
    is_well(&gateway);
}

#[test]
fn bodies_beyond_all_memory_are_503_and_the_room_comes_back() {
    let gateway = gateway("  limits: {buffered_bytes_max: 100000}\n  timeouts: {body_ms: 20000}\n");
    let mut waiting = Caller::to(&gateway.address);
    waiting.write(format!(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 95000\r\n\r\n{}",
        "x".repeat(94_000)
    ));
    until("it is buffered", || {
        (gateway.status()["buffered_bytes"].as_u64().unwrap() > 90_000).then_some(())
    });
    let answer = chat(&gateway.address, Format::Chat, "m", &"x".repeat(50_000));
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.head.header("retry-after").is_some());
    drop(waiting);
    until("the room is back", || {
        (gateway.status()["buffered_bytes"] == 0).then_some(())
    });
    assert_eq!(
        chat(&gateway.address, Format::Chat, "m", &"x".repeat(40_000)).status,
        200
    );
}

#[test]
fn bodies_that_are_no_request_are_400_in_the_callers_format() {
    let gateway = gateway("");
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let deep_field = format!(
        r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"x"}}],"x":{deep}}}"#
    );
    let objects = r#"{"a":"#.repeat(10_000);
    for body in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "\"text\"",
        "\u{0}",
        &deep,
        &deep_field,
        &objects,
        "{\"model\":\"m\"}",
        r#"{"model":1,"messages":[]}"#,
        r#"{"model":"m","messages":"x"}"#,
        r#"{"model":"a","model":"b","max_tokens":9,"messages":[{"role":"user","content":"x"}]}"#,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}",
    ] {
        for format in FORMATS {
            let answer = post(&gateway.address, format.path(), body);
            assert_eq!(
                answer.status,
                400,
                "{format:?} {:.80}: {}",
                body,
                answer.text()
            );
            assert_eq!(format.error_type(&answer), "invalid_request_error");
            assert!(
                answer.body.len() < 2000,
                "an error does not repeat the body"
            );
        }
    }
    let mut invalid = b"{\"model\":\"m\",\"messages\":\"".to_vec();
    invalid.extend([0xff, 0xfe, b'"', b'}']);
    let mut caller = Caller::to(&gateway.address);
    caller.write(format!(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        invalid.len()
    ));
    caller.write(&invalid);
    assert_eq!(caller.answer().unwrap().status, 400);
    let answer = ask(
        &gateway.address,
        "POST",
        Format::Chat.path(),
        &[("content-encoding", "gzip")],
        "xx",
    );
    assert!(matches!(answer.status, 400 | 415), "{}", answer.status);
    is_well(&gateway);
}

/// Whatever a proxy before it would make of these, it must not see a second request.
#[test]
fn ambiguous_requests_are_refused_and_smuggle_nothing() {
    let gateway = gateway("");
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    for head in [
        format!(
            "content-length: {}\r\ntransfer-encoding: chunked",
            chunked.len()
        ),
        format!(
            "transfer-encoding: chunked\r\ncontent-length: {}",
            chunked.len()
        ),
        "content-length: 5\r\ncontent-length: 6".to_owned(),
        "content-length: 5, 6".to_owned(),
        "content-length: +5".to_owned(),
        "content-length: -1".to_owned(),
        "content-length: 99999999999999999999999".to_owned(),
        "transfer-encoding: xchunked".to_owned(),
        "transfer-encoding: chunked, identity".to_owned(),
        "transfer-encoding : chunked".to_owned(),
        "transfer-encoding:\u{b}chunked".to_owned(),
        " transfer-encoding: chunked".to_owned(),
    ] {
        let mut caller = Caller::to(&gateway.address);
        caller.write(format!(
            "POST /v1/messages HTTP/1.1\r\nhost: x\r\n{head}\r\n\r\n{chunked}"
        ));
        let rest = caller.rest();
        let answers = rest.matches("HTTP/1.1 ").count();
        assert!(answers <= 1, "{head}: {rest}");
        assert!(
            !rest.contains("/smuggled") && !rest.starts_with("HTTP/1.1 2"),
            "{head}: {rest}"
        );
    }
    for garbage in [
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
        "GET / HTTP/1.1\r\nho st: x\r\n\r\n",
        "GET / HTTP/9.9\r\nhost: x\r\n\r\n",
        "\0\0\0\0\0\0\0\0\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\r\n\r\n",
    ] {
        let told = told(&gateway, garbage);
        assert!(
            told.is_none_or(|status| (400..600).contains(&status)),
            "{garbage:?}: {told:?}"
        );
    }
    is_well(&gateway);
}

#[test]
fn connections_over_the_limit_wait_for_their_turn() {
    let gateway = gateway("  limits: {connections_max: 4}\n");
    let held: Vec<_> = (0..4).map(|_| connect(&gateway.address).unwrap()).collect();
    let open = |count: usize| {
        move |metrics: &str| metrics.contains(&format!("tollgate_connections_open {count}"))
    };
    until("four are open", || {
        open(4)(&gateway.metrics()).then_some(())
    });
    let mut fifth = Caller::to(&gateway.address);
    fifth.send("GET", "/health", &[], "");
    assert!(open(4)(&gateway.metrics()));
    drop(held);
    assert_eq!(fifth.answer().unwrap().status, 200);
}

/// More callers at once than the process may have open files.
#[test]
fn a_gateway_out_of_file_descriptors_serves_again_once_there_are_some() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    let yaml = "gateway: {anonymous: allow}\nproviders: [{name: simulator}]\n";
    std::fs::write(&config, yaml).unwrap();
    let limited = "ulimit -n 48; exec \"$0\" run --port 0 --admin-port 0 --config \"$1\"";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", limited, env!("CARGO_BIN_EXE_tollgate"), text(&config)]);
    let gateway = Gateway::of(Process::of(shell.env_clear()), &folder, &config);
    let mut early = Caller::to(&gateway.address);
    early.send("GET", "/health", &[], "");
    assert_eq!(early.answer().unwrap().status, 200);
    let callers: Vec<_> = (0..100)
        .map(|_| connect(&gateway.address).unwrap())
        .collect();
    gateway.process.err.with("cannot accept connections");
    // Who is in is told whose fault it is that the provider cannot be asked.
    let body = Format::Chat.body("m", "hello", false);
    early.send("POST", Format::Chat.path(), &[], &body);
    let answer = early.answer().unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.head.header("retry-after").is_some());
    assert_eq!(gateway.record(1)["error_class"], "overloaded");
    drop(callers);
    is_well(&gateway);
    gateway.process.err.with("accepting connections again");
}

#[test]
fn requests_over_the_limit_are_503_at_once() {
    let gateway = gateway("  limits: {requests_max: 2}\n");
    let prompt = "[[sim: fault=hang]] hello";
    let mut held: Vec<Caller> = (0..2).map(|_| Caller::to(&gateway.address)).collect();
    for caller in &mut held {
        caller.send(
            "POST",
            Format::Chat.path(),
            &[],
            &Format::Chat.body("m", prompt, false),
        );
    }
    until("two are in work", || {
        (gateway.status()["requests_in_work"] == 2).then_some(())
    });
    for format in FORMATS {
        let answer = chat(&gateway.address, format, "m", "hello");
        assert_eq!(
            (answer.status, answer.head.header("retry-after")),
            (503, Some("1"))
        );
        format.error_type(&answer);
    }
    assert_eq!(
        get(&gateway.address, "/ready").status,
        200,
        "probes need no place"
    );
    drop(held);
    until("the places are free", || {
        (gateway.status()["requests_in_work"] == 0).then_some(())
    });
    is_well(&gateway);
}

#[tokio::test]
async fn resetting_streams_rapidly_ends_the_connection_and_nothing_else() {
    let gateway = gateway("");
    let (mut sender, connection) =
        h2::client::handshake(TcpStream::connect(&gateway.address).await.unwrap())
            .await
            .unwrap();
    let tasks = TaskTracker::new();
    let ended = tasks.spawn(connection);
    for _ in 0..2000 {
        let Ok(ready) = sender.ready().await else {
            break;
        };
        sender = ready;
        let request = http::Request::post("http://gateway/v1/messages")
            .body(())
            .unwrap();
        let Ok((_, mut body)) = sender.send_request(request, false) else {
            break;
        };
        drop(body.send_data(Bytes::from_static(b"{"), false));
        body.send_reset(h2::Reason::CANCEL);
        tokio::task::yield_now().await;
    }
    let ended = tokio::time::timeout(crate::process::PATIENCE, ended)
        .await
        .unwrap()
        .unwrap();
    assert!(ended.is_err(), "with an error");
    is_well(&gateway);
    until("nothing stays in work", || {
        (gateway.status()["requests_in_work"] == 0).then_some(())
    });
}

/// Many callers at once that ask for much and read nothing: memory has a bound.
#[test]
fn callers_that_do_not_read_do_not_fill_the_memory() {
    const CALLERS: usize = 4;
    let provider = Provider::start();
    let gateway = Gateway::start(&format!(
        "gateway:\n  anonymous: allow\n  limits: {{buffered_bytes_max: 20000000}}\nproviders:\n  - name: p\n    kind: openai_compatible\n    base_url: http://{}/v1\n",
        provider.address
    ));
    is_well(&gateway);
    let before = gateway.process.resident_kib();
    let mut silent: Vec<Caller> = (0..CALLERS).map(|_| Caller::to(&gateway.address)).collect();
    for caller in &mut silent {
        // Some megabytes: more than the sockets between take.
        let body = Format::Chat
            .body("m", "[[sim: tokens=40000]] on", true)
            .replace(":4000,", ":60000,");
        caller.send("POST", Format::Chat.path(), &[], &body);
    }
    until("all are in work", || {
        (gateway.status()["requests_in_work"] == CALLERS).then_some(())
    });
    let sent = || -> u64 {
        let books = provider.books();
        let open = books.iter().filter(|book| book["open"] == true);
        open.map(|book| book["output_tokens"].as_u64().unwrap())
            .sum()
    };
    until("nothing moves any more", || {
        let before = sent();
        is_well(&gateway);
        (before > 0 && sent() == before).then_some(())
    });
    let grown = gateway.process.resident_kib().saturating_sub(before);
    assert!(grown < 25 * 1024, "{grown} KiB more than before");
    drop(silent);
    until("all are let go", || {
        (gateway.status()["requests_in_work"] == 0).then_some(())
    });
}
