//! The end: what SIGTERM, SIGINT and SIGKILL leave behind.

use std::fs;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::caller::{Caller, FORMATS, Format, Stream, chat, connect, get};
use crate::process::{Gateway, text, until};

fn yaml(drain_ms: u32) -> String {
    format!(
        "gateway:\n  anonymous: allow\n  drain_ms: {drain_ms}\nproviders:\n  - name: simulator\n"
    )
}

/// About a second, in tokens every 20 ms.
const SECOND: &str = "[[sim: tokens=50, pace=20ms]] go on";
const ENDLESS: &str = "[[sim: tokens=4000, pace=20ms]] go on";

fn running(gateway: &Gateway, prompt: &str) -> Vec<Stream> {
    let start = |format: &Format| {
        let mut stream = Stream::ask(&gateway.address, *format, "m", prompt);
        stream.events(3);
        stream
    };
    FORMATS.iter().map(start).collect()
}

/// All records of a process that has ended.
fn records(gateway: &Gateway) -> Vec<Value> {
    gateway
        .process
        .out
        .whole()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn running_streams_finish_while_nothing_new_is_taken() {
    for signal in ["TERM", "INT"] {
        let mut gateway = Gateway::start(&yaml(20_000));
        let mut unused = Caller::to(&gateway.address);
        let streams = running(&gateway, SECOND);
        gateway.process.signal(signal);
        gateway.process.err.with("draining");
        assert_eq!(get(&gateway.admin, "/ready").status, 503);
        assert_eq!(get(&gateway.admin, "/health").status, 200);
        assert_eq!(gateway.status()["draining"], true);
        until("new connections are refused", || {
            connect(&gateway.address).is_err().then_some(())
        });
        assert_eq!(
            unused.rest(),
            "",
            "a connection without a request is closed"
        );
        for stream in streams {
            stream.whole();
        }
        assert_eq!(gateway.process.wait(), 0, "SIG{signal}");
        let records = records(&gateway);
        assert_eq!(records.len(), 2);
        assert!(
            records
                .iter()
                .all(|record| record["error_class"].is_null() && record["output_tokens"] == 50),
            "{records:?}"
        );
        assert!(gateway.process.err.whole().contains("stopped"));
    }
}

#[test]
fn a_request_in_work_is_answered_and_its_connection_closed() {
    let mut gateway = Gateway::start(&yaml(20_000));
    let mut caller = Caller::to(&gateway.address);
    caller.send(
        "POST",
        Format::Chat.path(),
        &[],
        &Format::Chat.body("m", "[[sim: fault=slow:700ms]] hi", false),
    );
    until("it is in work", || {
        (gateway.status()["requests_in_work"] == 1).then_some(())
    });
    gateway.process.signal("TERM");
    let answer = caller.answer().unwrap();
    assert_eq!(
        (answer.status, answer.head.header("connection")),
        (200, Some("close"))
    );
    assert_eq!(caller.rest(), "");
    assert_eq!(gateway.process.wait(), 0);
}

#[test]
fn a_stream_longer_than_the_limit_is_cut_and_settled() {
    let mut gateway = Gateway::start(&yaml(300));
    let streams = running(&gateway, ENDLESS);
    let began = Instant::now();
    gateway.process.signal("TERM");
    gateway
        .process
        .err
        .with("cut at the end of the drain limit");
    let took = began.elapsed().as_millis();
    assert!((250..5000).contains(&took), "{took} ms");
    assert_eq!(gateway.process.wait(), 0);
    for stream in streams {
        let text = stream.end();
        assert!(text.is_err(), "a cut stream must not look whole: {text:?}");
    }
    let records = records(&gateway);
    assert_eq!(records.len(), 2);
    for record in &records {
        assert!(
            record["error_class"].is_string() && record["output_tokens"].as_u64().unwrap() > 0,
            "{record}"
        );
    }
}

#[test]
fn a_second_signal_ends_the_drain() {
    for second in ["TERM", "INT"] {
        let mut gateway = Gateway::start(&yaml(600_000));
        let _streams = running(&gateway, ENDLESS);
        gateway.process.signal("TERM");
        gateway.process.err.with("draining");
        gateway.process.signal(second);
        assert_eq!(gateway.process.wait(), 0);
        assert_eq!(records(&gateway).len(), 2, "all is settled");
    }
}

#[test]
fn a_hangup_while_it_drains_does_no_harm() {
    let mut gateway = Gateway::start(&yaml(20_000));
    let streams = running(&gateway, SECOND);
    gateway.process.signal("TERM");
    gateway.process.err.with("draining");
    gateway.process.signal("HUP");
    for stream in streams {
        stream.whole();
    }
    assert_eq!(gateway.process.wait(), 0);
}

#[test]
fn a_killed_gateway_leaves_whole_records_of_what_was_settled() {
    let gateway = Gateway::start(&yaml(1000));
    let log = gateway.folder.path().join("access.log");
    let yaml = yaml(1000) + &format!("telemetry:\n  access_log:\n    path: {}\n", text(&log));
    let mut gateway = Gateway::start(&yaml);
    for _ in 0..20 {
        assert_eq!(
            chat(&gateway.address, Format::Chat, "m", "hello").status,
            200
        );
    }
    // Settled within the interval, without anything that flushes.
    let answered = Instant::now();
    let count = || fs::read_to_string(&log).map_or(0, |text| text.lines().count());
    until("all are in the file", || (count() == 20).then_some(()));
    assert!(
        answered.elapsed().as_millis() < 1000,
        "{:?}",
        answered.elapsed()
    );
    let mut streams = running(&gateway, ENDLESS);
    gateway.process.signal("KILL");
    gateway.process.wait();
    assert!(streams.pop().unwrap().end().is_err());
    let kept: Vec<Value> = fs::read_to_string(&log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(kept.len(), 20);
    assert!(kept.iter().all(|record| record["status"] == json!(200)));
}

#[tokio::test]
async fn streams_over_http2_finish_too() {
    let mut gateway = Gateway::start(&yaml(20_000));
    let tcp = tokio::net::TcpStream::connect(&gateway.address)
        .await
        .unwrap();
    let (sender, connection) = h2::client::handshake(tcp).await.unwrap();
    let tasks = tokio_util::task::TaskTracker::new();
    let connection = tasks.spawn(connection);
    let mut sender = sender.ready().await.unwrap();
    let request = || {
        http::Request::post("http://gateway/v1/messages")
            .body(())
            .unwrap()
    };
    let (answer, mut body) = sender.send_request(request(), false).unwrap();
    body.send_data(Format::Messages.body("m", SECOND, true).into(), true)
        .unwrap();
    let mut answer = answer.await.unwrap().into_body();
    gateway.process.signal("TERM");
    gateway.process.err.with("draining");
    let mut text = String::new();
    while let Some(data) = answer.data().await {
        let data = data.unwrap();
        answer.flow_control().release_capacity(data.len()).unwrap();
        text += std::str::from_utf8(&data).unwrap();
    }
    assert!(Format::Messages.has_ended(&text), "{text}");
    connection.await.unwrap().unwrap();
    assert_eq!(gateway.process.wait(), 0);
}
