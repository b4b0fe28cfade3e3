//! Lines are JSON with the documented fields; files follow rotation; failures are counted.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use tollgate_catalogue::PriceSource;
use tollgate_types::{ErrorClass, Money, Tier, Usage};

use super::{AccessLogSink, line};
use crate::live::OwnCounts;
use crate::record::Settled;
use crate::testing::{bare, chat};

/// The line of a chat, its ids aside.
const EXPECTED: &str = r#"{
    "time": "2026-11-21T08:17:33.000250Z",
    "service": "billing", "team": "payments", "key_id": "k3yK3yK3",
    "method": "POST", "path": "/v1/chat/completions", "operation": "chat", "format": "openai_chat",
    "route": "fast", "model": "fast", "stream": true,
    "status": 200, "duration_us": 1234567, "ttft_us": 320000, "own_us": 52,
    "bytes_in": 1000, "bytes_out": 9000, "caller_gone": false,
    "provider": "openai-eu", "target": "second",
    "response_model": "gpt-4o-mini-2024-07-18", "response_id": "chatcmpl-1", "finish_reason": "stop",
    "input_tokens": 100, "output_tokens": 50, "cached_input_tokens": 20, "reasoning_tokens": 10,
    "usage_source": "reported", "price_source": "catalogue", "cost_usd": 0.000043500,
    "attempts": [
        {"target": "first", "provider": "openai-eu", "model": "gpt-4o-mini", "status": 503,
         "error_class": "provider_overloaded", "error": "no connection to api.openai.com:443: refused",
         "start_us": 1000, "duration_us": 600000, "ttft_us": 300000},
        {"target": "second", "provider": "openai-eu", "model": "gpt-4o-mini", "status": 200,
         "start_us": 1000, "duration_us": 600000, "ttft_us": 300000}
    ],
    "retries": 0, "failovers": 1, "losses": ["seed", "made_up"],
    "findings": [{"policy": "default", "rule": "pii", "detector": "pii_detection",
                  "entity": "ssn", "action": "redact", "mode": "enforce", "count": 2, "us": 3}],
    "checks": [{"policy": "default", "rule": "pii", "direction": "input", "state": "ran", "us": 3}],
    "steps_us": {"document": 40, "reply": 12},
    "revision": "0123456789abcdef"
}"#;

fn line_of(record: &Settled) -> Value {
    let mut out = Vec::new();
    line::push(&mut out, record);
    assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
    serde_json::from_slice(&out).expect("one line of JSON")
}

#[test]
fn a_line_holds_what_is_known() {
    let mut record = chat();
    record.cost = Some(Money::from_nanodollars(43_500));
    record.price_source = PriceSource::Catalogue;
    let line = line_of(&record);
    let mut expected: Value = serde_json::from_str(EXPECTED).expect("JSON");
    expected["request_id"] = record.request_id.to_string().into();
    expected["trace_id"] = record.trace.trace_id.to_string().into();
    assert_eq!(line, expected);
}

#[test]
fn what_does_not_apply_is_left_out() {
    let line = line_of(&bare(401, Some(ErrorClass::Unauthenticated)));
    assert_eq!(line["error_class"], "unauthenticated");
    for absent in [
        "service",
        "model",
        "provider",
        "input_tokens",
        "cost_usd",
        "losses",
        "findings",
        "ttft_us",
        "steps_us",
    ] {
        assert!(line.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn a_name_of_a_megabyte_is_cut_and_cannot_break_the_line() {
    let mut record = chat();
    record.model = Some(format!("\"\n\u{1b}{}", "é".repeat(500_000)).into());
    let line = line_of(&record);
    let model = line["model"].as_str().expect("text");
    assert!(model.starts_with("\"\n\u{1b}é") && model.len() <= 1_024);
}

#[test]
fn a_file_that_was_moved_away_is_opened_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, moved) = (
        folder.path().join("access.log"),
        folder.path().join("access.log.1"),
    );
    let mut log = AccessLogSink::file(&path, Arc::default()).expect("opened");
    log.add(&chat());
    log.write();
    std::fs::rename(&path, &moved).expect("moved");
    log.checked = log
        .checked
        .checked_sub(Duration::from_secs(2))
        .expect("the clock is past its first seconds");
    log.add(&chat());
    log.write();
    let lines = |path| {
        std::fs::read_to_string(path)
            .expect("a file")
            .lines()
            .count()
    };
    assert_eq!((lines(&moved), lines(&path)), (1, 1));
}

#[test]
fn lines_that_cannot_be_written_are_counted_and_the_next_ones_are_tried() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let own = Arc::<OwnCounts>::default();
    let mut log = AccessLogSink::file(&path, Arc::clone(&own)).expect("opened");
    log.file = std::fs::File::open(&path).expect("opened for reading only");
    log.add(&chat());
    log.add(&chat());
    log.write();
    assert_eq!(own.lines_lost.load(Ordering::Relaxed), 2);
    std::fs::remove_file(&path).expect("removed");
    log.add(&chat());
    log.write();
    assert_eq!(
        std::fs::read_to_string(&path)
            .expect("made anew")
            .lines()
            .count(),
        1
    );
    assert_eq!(own.lines_lost.load(Ordering::Relaxed), 2);
}

#[test]
fn a_service_class_that_is_not_the_standard_one_is_named() {
    let class = |said, asked| {
        let mut record = chat();
        record.asked_tier = asked;
        record.usage = record.usage.map(|usage| Usage {
            tier: said,
            ..usage
        });
        line_of(&record)["service_class"].clone()
    };
    assert_eq!(class(Tier::Flex, Tier::Unsaid), "flex");
    assert_eq!(class(Tier::Unsaid, Tier::Flex), "other");
    assert_eq!(class(Tier::Standard, Tier::Flex), Value::Null);
}
