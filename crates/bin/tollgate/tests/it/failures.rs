//! Providers that die, hang, stumble and storm: what callers see, and what is recorded.

use std::sync::Mutex;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::caller::{Caller, FORMATS, Format, Stream, chat};
use crate::process::{Gateway, Provider, until};

/// A gateway before two providers of the two formats. `one` has a single target and a
/// single attempt, `again` a single target that is tried again, `both` fails over.
struct House {
    gateway: Gateway,
    first: Provider,
    second: Provider,
}

impl House {
    fn new() -> Self {
        let (first, second) = (Provider::start(), Provider::start());
        let gateway = Gateway::start(&yaml(&first.address, &second.address));
        Self {
            gateway,
            first,
            second,
        }
    }

    fn ask(&self, format: Format, model: &str, prompt: &str) -> crate::caller::Answer {
        chat(&self.gateway.address, format, model, prompt)
    }

    /// Nothing is left of what was asked: no request in work, no byte of a body.
    fn is_idle(&self) {
        until("all is given back", || {
            let status = self.gateway.status();
            (status["requests_in_work"] == 0 && status["buffered_bytes"] == 0).then_some(())
        });
    }

    fn stream(&self, format: Format, model: &str, prompt: &str) -> Stream {
        Stream::ask(&self.gateway.address, format, model, prompt)
    }
}

fn yaml(first: &str, second: &str) -> String {
    format!(
        "gateway:
  anonymous: allow
  timeouts: {{connect_ms: 1000, first_token_ms: 700, between_tokens_ms: 700, whole_ms: 1500}}
  failover: {{attempts_max: 2, backoff_ms: 10, retry_budget_per_second_min: 1000}}
providers:
  - {{name: first, kind: openai_compatible, base_url: 'http://{first}/v1'}}
  - {{name: second, kind: anthropic, base_url: 'http://{second}'}}
models:
  - name: one
    targets: [{{provider: first, model: m}}]
  - name: both
    targets: [{{provider: first, model: m}}, {{provider: second, model: m}}]
"
    )
}

/// An endless answer, a token every 20 ms.
const SLOW: &str = "[[sim: tokens=4000, pace=20ms]] go on";

fn class(record: &Value) -> &str {
    record["error_class"].as_str().unwrap_or_default()
}

/// The record of an answer says what the books of the provider say.
fn assert_agrees(record: &Value, book: &Value) {
    for (ours, theirs) in [
        ("input_tokens", "input_tokens"),
        ("output_tokens", "output_tokens"),
        ("stream", "stream"),
    ] {
        assert_eq!(
            record[ours], book[theirs],
            "{ours}: {record} against {book}"
        );
    }
    assert_eq!(record["usage_source"], "reported");
}

#[test]
fn records_agree_with_the_books_of_the_provider() {
    let house = House::new();
    let mut count = 0;
    for model in ["first/m", "second/m"] {
        for format in FORMATS {
            assert_eq!(
                house.ask(format, model, "[[sim: tokens=40]] hello").status,
                200
            );
            house
                .stream(
                    format,
                    model,
                    "[[sim: tokens=30, cached=2, reasoning=3]] hello",
                )
                .whole();
            count += 2;
        }
    }
    let records = house.gateway.records(count);
    let books = [house.first.books(), house.second.books()].concat();
    assert_eq!(books.len(), count);
    for (record, book) in records.iter().zip(&books) {
        assert_agrees(record, book);
        assert_eq!((&record["status"], class(record)), (&json!(200), ""));
    }
    house.is_idle();
}

#[test]
fn a_dead_provider_is_passed_over_or_named() {
    let mut house = House::new();
    house.first.process.signal("KILL");
    house.first.process.wait();
    for format in FORMATS {
        assert_eq!(house.ask(format, "both", "hello").status, 200);
        house.stream(format, "both", "hello").whole();
        for stream in [false, true] {
            let answer = crate::caller::post(
                &house.gateway.address,
                format.path(),
                &format.body("one", "hello", stream),
            );
            assert_eq!(answer.status, 502);
            format.error_type(&answer);
            assert!(answer.text().contains("first"), "{}", answer.text());
        }
    }
    let records = house.gateway.records(8);
    let answered: Vec<&Value> = records
        .iter()
        .filter(|record| record["model"] == "both")
        .collect();
    for (record, book) in answered.iter().zip(house.second.books()) {
        assert_agrees(record, &book);
        assert_eq!(
            (&record["failovers"], &record["provider"]),
            (&json!(1), &json!("second"))
        );
        assert_eq!(
            record["attempts"][0]["error_class"], "provider_unreachable",
            "{record}"
        );
    }
    for record in records.iter().filter(|record| record["model"] == "one") {
        assert_eq!(
            (class(record), &record["status"]),
            ("provider_unreachable", &json!(502)),
            "{record}"
        );
        assert_eq!(
            record["attempts"].as_array().unwrap().len(),
            2,
            "tried again: {record}"
        );
    }
    // Back on the same port, it is used again at once.
    let again = Provider::again_at(&house.first.address);
    assert_eq!(house.ask(Format::Chat, "one", "hello").status, 200);
    assert_eq!(again.books().len(), 1);
    house.is_idle();
}

#[test]
fn a_provider_that_dies_in_mid_stream_ends_it_in_an_error_event() {
    for theirs in ["first/m", "second/m"] {
        let mut house = House::new();
        let mut streams: Vec<Stream> = FORMATS
            .iter()
            .map(|format| house.stream(*format, theirs, SLOW))
            .collect();
        for stream in &mut streams {
            stream.events(8);
        }
        let provider = if theirs.starts_with("first") {
            &mut house.first
        } else {
            &mut house.second
        };
        provider.process.signal("KILL");
        for (stream, format) in streams.into_iter().zip(FORMATS) {
            let text = stream.end().unwrap();
            assert!(
                format.has_failed(&text) && !format.has_ended(&text),
                "{theirs} {format:?}:\n{text}"
            );
        }
        for record in house.gateway.records(2) {
            assert_eq!(
                (class(&record), &record["status"]),
                ("provider_broken", &json!(200)),
                "{record}"
            );
            let output = record["output_tokens"].as_u64().unwrap();
            assert!(
                (3..4000).contains(&output),
                "counted as far as it came: {record}"
            );
            assert_ne!(record["usage_source"], "reported", "{record}");
            assert_eq!(
                record["attempts"].as_array().unwrap().len(),
                1,
                "a stream that has begun is not begun again"
            );
        }
    }
}

#[test]
fn a_frozen_provider_is_given_up_in_time() {
    let house = House::new();
    let mut running = house.stream(Format::Messages, "one", SLOW);
    running.events(5);
    house.first.process.signal("STOP");
    let mut took = Vec::new();
    let mut began = Instant::now();
    let text = running.end().unwrap();
    took.push(began.elapsed());
    assert!(Format::Messages.has_failed(&text), "{text}");
    assert_eq!(class(&house.gateway.record(1)), "provider_timeout");
    began = Instant::now();
    house.stream(Format::Chat, "both", "hello").whole();
    took.push(began.elapsed());
    let record = house.gateway.record(2);
    assert_eq!(
        (&record["attempts"][0]["error_class"], &record["provider"]),
        (&json!("provider_timeout"), &json!("second"))
    );
    began = Instant::now();
    let answer = house.ask(Format::Messages, "one", "hello");
    took.push(began.elapsed());
    assert_eq!(answer.status, 504, "{}", answer.text());
    Format::Messages.error_type(&answer);
    assert_eq!(class(&house.gateway.record(3)), "provider_timeout");
    assert!(took.iter().all(|took| took.as_secs() < 6), "{took:?}");
    house.first.process.signal("CONT");
    assert_eq!(
        house.ask(Format::Chat, "one", "hello").status,
        200,
        "it thawed"
    );
    house.is_idle();
}

#[test]
fn every_fault_before_content_fails_over() {
    let house = House::new();
    let mut count = 0;
    for fault in [
        "500",
        "529",
        "429",
        "408",
        "hang",
        "reset",
        "empty",
        "wrong-type",
        "error",
        "cut@0",
        "stall@0",
        "truncated@0",
        "malformed@0",
    ] {
        for stream in [false, true] {
            house.first.faults(&json!({"script": [fault]}));
            let format = FORMATS[count % 2];
            if stream {
                house.stream(format, "both", "hello").whole();
            } else {
                let answer = house.ask(format, "both", "hello");
                assert_eq!(answer.status, 200, "{fault}: {}", answer.text());
            }
            count += 1;
            let record = house.gateway.record(count);
            // A right body under a wrong content type can still be read when it is whole.
            if fault == "wrong-type" && !stream {
                continue;
            }
            assert_eq!(
                (&record["provider"], &record["failovers"]),
                (&json!("second"), &json!(1)),
                "{fault} {stream}: {record}"
            );
            assert!(
                record["attempts"][0]["error_class"]
                    .as_str()
                    .unwrap()
                    .starts_with("provider_"),
                "{fault} {stream}: {record}"
            );
            assert_agrees(&record, house.second.books().last().unwrap());
            let book = house.first.books().remove(0);
            assert!(
                book["fault"].as_str().unwrap().starts_with(fault),
                "{fault}: {book}"
            );
        }
    }
    house.is_idle();
}

#[test]
fn every_fault_after_content_is_told_in_the_callers_format() {
    let house = House::new();
    let mut count = 0;
    for fault in ["cut@5", "stall@5", "truncated@5", "malformed@5", "error@5"] {
        for theirs in ["first/m", "second/m"] {
            for format in FORMATS {
                let prompt = format!("[[sim: tokens=20, fault={fault}]] hello");
                let text = house.stream(format, theirs, &prompt).end().unwrap();
                assert!(
                    format.has_failed(&text),
                    "{fault} of {theirs} to {format:?}:\n{text}"
                );
                assert!(
                    !format.has_ended(&text),
                    "{fault} of {theirs} to {format:?}:\n{text}"
                );
                count += 1;
                let record = house.gateway.record(count);
                assert_eq!(record["status"], 200, "{record}");
                assert!(class(&record).starts_with("provider_"), "{fault}: {record}");
            }
        }
    }
    house.is_idle();
}

#[test]
fn a_fault_with_one_target_left_is_an_error_of_the_callers_format() {
    let house = House::new();
    for fault in [
        "500",
        "503",
        "529",
        "429:30s",
        "408",
        "reset",
        "empty",
        "cut@1",
        "truncated@1",
        "malformed@1",
    ] {
        for format in FORMATS {
            for model in ["first/m", "second/m"] {
                let answer = house.ask(format, model, &format!("[[sim: fault={fault}]] hello"));
                assert!(answer.status >= 408, "{fault}: {}", answer.status);
                format.error_type(&answer);
                if fault.starts_with("429") {
                    assert_eq!(answer.status, 429);
                    assert_eq!(answer.head.header("retry-after"), Some("30"));
                }
            }
        }
    }
    house.is_idle();
}

#[test]
fn a_storm_is_ridden_out_and_every_attempt_is_recorded() {
    const CALLERS: usize = 6;
    const EACH: usize = 25;
    let house = House::new();
    house
        .first
        .faults(&json!({"rates": ["429=0.3", "503=0.3", "reset=0.1", "error=0.1"]}));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (house, failed) = (&house, &failed);
            scope.spawn(move || {
                for number in 0..EACH {
                    let format = FORMATS[(caller + number) % 2];
                    let text = house
                        .stream(format, "both", "[[sim: tokens=5]] hi")
                        .end()
                        .unwrap();
                    if !format.has_ended(&text) {
                        failed.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "{} of {}: {}",
        failed.len(),
        CALLERS * EACH,
        failed[0]
    );
    let records = house.gateway.records(CALLERS * EACH);
    let attempts: usize = records
        .iter()
        .map(|record| record["attempts"].as_array().unwrap().len())
        .sum();
    let (first, second) = (house.first.books(), house.second.books());
    assert_eq!(attempts, first.len() + second.len());
    let failed_over = records
        .iter()
        .filter(|record| record["provider"] == "second")
        .count();
    assert_eq!(failed_over, second.len());
    assert_eq!(
        failed_over,
        first.iter().filter(|book| !book["fault"].is_null()).count()
    );
    let tokens = |list: &[Value]| {
        list.iter()
            .filter_map(|one| one["output_tokens"].as_u64())
            .sum::<u64>()
    };
    let served: Vec<Value> = first
        .into_iter()
        .filter(|book| book["fault"].is_null())
        .chain(second)
        .collect();
    assert_eq!(tokens(&records), tokens(&served));
    house.is_idle();
}

#[test]
fn a_caller_that_hangs_up_cancels_the_provider_and_is_accounted() {
    let house = House::new();
    for (number, format) in FORMATS.into_iter().enumerate() {
        let mut stream = house.stream(format, "one", SLOW);
        stream.events(6);
        drop(stream);
        let book = until("the provider notices", || {
            house
                .first
                .books()
                .pop()
                .filter(|book| !book["hung_up_at"].is_null())
        });
        assert!(book["output_tokens"].as_u64().unwrap() < 100, "{book}");
        let record = house.gateway.record(number + 1);
        assert_eq!(
            (class(&record), &record["caller_gone"]),
            ("caller_gone", &json!(true)),
            "{record}"
        );
        assert!(record["output_tokens"].as_u64().unwrap() > 0, "{record}");
    }
    let mut caller = Caller::to(&house.gateway.address);
    caller.send(
        "POST",
        Format::Chat.path(),
        &[],
        &Format::Chat.body("one", "[[sim: fault=hang]] hello", false),
    );
    until("it is asked", || {
        (house.first.books().len() == 3).then_some(())
    });
    drop(caller);
    let record = house.gateway.record(3);
    assert_eq!(
        (class(&record), &record["status"]),
        ("caller_gone", &json!(499)),
        "{record}"
    );
    until("the provider notices", || {
        house
            .first
            .books()
            .pop()
            .filter(|book| book["open"] == false)
    });
    house.is_idle();
}

#[test]
fn a_storm_of_every_fault_leaves_nothing_behind() {
    const CALLERS: usize = 6;
    const EACH: usize = 20;
    let house = House::new();
    let rates = [
        "cut=0.1",
        "error@3=0.1",
        "malformed=0.1",
        "truncated=0.1",
        "empty=0.1",
        "wrong-type=0.05",
        "500=0.1",
        "reset=0.1",
    ];
    for provider in [&house.first, &house.second] {
        provider.faults(&json!({"rates": rates}));
    }
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let house = &house;
            scope.spawn(move || {
                for number in 0..EACH {
                    let format = FORMATS[(caller + number) % 2];
                    if number % 3 == 0 {
                        let answer = house.ask(format, "both", "[[sim: tokens=20]] hi");
                        if answer.status != 200 {
                            format.error_type(&answer);
                        }
                        continue;
                    }
                    let mut stream = house.stream(format, "both", "[[sim: tokens=20]] hi");
                    if number % 5 == 0 && stream.head.status == 200 {
                        // Some hang up in between.
                        stream.events(2);
                        continue;
                    }
                    let (status, text) = (stream.head.status, stream.end().unwrap());
                    let is_told =
                        status != 200 || format.has_ended(&text) || format.has_failed(&text);
                    assert!(is_told, "a silent end:\n{text}");
                }
            });
        }
    });
    let records = house.gateway.records(CALLERS * EACH);
    let attempts: usize = records
        .iter()
        .map(|record| record["attempts"].as_array().unwrap().len())
        .sum();
    assert_eq!(
        attempts,
        house.first.books().len() + house.second.books().len()
    );
    house.is_idle();
}
