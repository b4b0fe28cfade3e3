//! Nothing is lost, nothing waits for counting, everything ends.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use serde_json::Value;
use tokio::time::Instant;
use tollgate_catalogue::{PriceSource, Priced, Vocabulary};
use tollgate_tokens::{Family, Source};
use tollgate_types::{Money, Tier, Usage};

use super::uncounted::{complete_exactly, complete_roughly};
use super::{AccessLog, Options, Settler, StartError};
use crate::record::{Expected, Settled, Text, Uncounted};
use crate::testing::chat;

fn settler(path: &Path, queue_records_max: usize) -> Settler {
    let access_log = AccessLog::File(path.to_owned());
    Settler::start(Options {
        access_log,
        queue_records_max,
        traces: Some("test".into()),
        version: "1.2.3",
    })
    .expect("started")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a file");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// A record whose output nobody counted.
fn hung_up(output: &str) -> Settled {
    let mut text = Text::default();
    text.push(output);
    let mut record = chat();
    record.usage = Some(Usage {
        input: 7,
        ..Usage::default()
    });
    record.expected.family = Family::listed(Vocabulary::O200k);
    record.uncounted = Some(Box::new(Uncounted {
        input: None,
        output: Some(text),
    }));
    record
}

#[test]
fn whatever_was_settled_before_a_flush_is_written_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let settler = settler(&path, 64);
    for _ in 0..10 {
        settler.settle(Box::new(chat()));
    }
    settler.settle(Box::new(hung_up("hello world")));
    settler.flush();
    assert_eq!(lines(&path).len(), 11);
}

#[test]
fn a_full_queue_is_written_by_whoever_finds_it_full() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let settler = settler(&path, 2);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|_| settler.settle(Box::new(chat()))));
        }
    });
    settler.flush();
    assert_eq!(lines(&path).len(), 2_000);
    assert!(
        settler
            .metrics()
            .contains("status=\"200\",error_class=\"\"} 2000\n")
    );
}

#[test]
fn a_scrape_shows_every_request_settled_before_it() {
    let settler = Settler::start(Options::default()).expect("started");
    for settled in 1..50 {
        settler.settle(Box::new(chat()));
        assert!(
            settler
                .metrics()
                .contains(&format!("error_class=\"\"}} {settled}\n"))
        );
    }
}

#[test]
fn a_shutdown_writes_everything_and_later_records_are_written_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let settler = settler(&path, 64);
    settler.settle(Box::new(hung_up("hello world")));
    settler.shutdown();
    assert_eq!(lines(&path).len(), 1);
    settler.settle(Box::new(chat()));
    assert_eq!(lines(&path).len(), 2);
    settler.shutdown();
}

#[test]
fn what_is_not_counted_in_time_is_estimated() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let settler = settler(&path, 64);
    // No thread that could count in between.
    settler.shutdown();
    let shared = &settler.0.shared;
    for until in [None, Some(Instant::now())] {
        let record = Box::new(hung_up("hello world"));
        shared.queue.push(record).expect("room");
        shared.flush(until);
    }
    let sources: Vec<Value> = lines(&path)
        .iter()
        .map(|line| line["usage_source"].clone())
        .collect();
    assert_eq!(sources, ["counted", "estimated"]);
}

#[test]
fn dropping_the_last_handle_writes_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let settler = settler(&path, 64);
    let clone = settler.clone();
    settler.settle(Box::new(chat()));
    drop(settler);
    clone.settle(Box::new(hung_up("hello world")));
    drop(clone);
    assert_eq!(lines(&path).len(), 2);
}

#[tokio::test]
async fn the_exporter_is_handed_out_once_and_ends_with_the_settler() {
    struct Nowhere;
    impl crate::SpanTransport for Nowhere {
        async fn post(&self, _body: bytes::Bytes) -> Result<crate::Delivery, crate::BoxError> {
            Ok(crate::Delivery {
                status: 200,
                retry_after: None,
            })
        }
    }
    let settler = Settler::start(Options {
        traces: Some("test".into()),
        ..Options::default()
    })
    .expect("started");
    let exporter = settler.take_exporter().expect("traces are on");
    assert!(settler.take_exporter().is_none());
    settler.settle(Box::new(chat()));
    settler.shutdown();
    exporter.run(Nowhere).await;
    assert!(settler.metrics().contains("tollgate_spans_sent_total 3\n"));
}

#[test]
fn a_sleeping_settler_is_woken_by_a_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let settler = settler(&path, 64);
    let shared = Arc::clone(&settler.0.shared);
    // Traces are on: an empty span buffer lets it sleep.
    while !shared.is_asleep.load(std::sync::atomic::Ordering::SeqCst) {
        thread::yield_now();
    }
    settler.settle(Box::new(chat()));
    while lines(&path).is_empty() {
        thread::yield_now();
    }
}

#[test]
fn a_log_that_cannot_be_opened_stops_the_start_and_is_named() {
    let access_log = AccessLog::File("/nonexistent/folder/access.log".into());
    let error = Settler::start(Options {
        access_log,
        ..Options::default()
    })
    .expect_err("no such folder");
    assert!(
        matches!(error, StartError::AccessLog { .. })
            && error.to_string().contains("/nonexistent/folder")
    );
}

#[test]
fn a_hung_up_stream_costs_what_was_counted() {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(10);
    let mut record = hung_up(&text);
    complete_exactly(&mut record);
    let usage = record.usage.expect("counted");
    assert_eq!(
        (usage.input, usage.output),
        (7, record.expected.family.count(&text).0)
    );
    assert_eq!(record.usage_source, Source::Counted);
    // 0.15 and 0.60 dollars for a million.
    let nanodollars = i64::try_from(7 * 150 + usage.output * 600).expect("small");
    assert_eq!(record.cost, Some(Money::from_nanodollars(nanodollars)));
    assert_eq!(record.price_source, PriceSource::Catalogue);
    assert!(record.uncounted.is_none(), "the text is dropped");
}

#[test]
fn what_was_not_kept_is_estimated_and_said_so() {
    let mut record = hung_up(&"word ".repeat(40_000));
    complete_exactly(&mut record);
    let output = record.usage.expect("counted").output;
    assert!((40_000..60_000).contains(&output), "{output}");
    assert_eq!(record.usage_source, Source::Estimated);
}

#[test]
fn beyond_the_backlog_a_text_is_estimated() {
    let mut record = hung_up("12345678");
    complete_roughly(&mut record);
    assert_eq!(
        (record.usage.expect("estimated").output, record.usage_source),
        (2, Source::Estimated)
    );
}

#[test]
fn a_family_without_a_public_vocabulary_is_estimated() {
    let mut record = hung_up("hello world");
    record.expected.family = Family::listed(Vocabulary::Claude);
    complete_exactly(&mut record);
    assert_eq!(
        (record.usage.expect("counted").output, record.usage_source),
        (2, Source::Estimated)
    );
}

#[test]
fn what_stands_around_a_prompt_counts_with_it() {
    let mut text = Text::default();
    text.push("hello world");
    let mut record = hung_up("");
    record.usage = None;
    record.expected.is_comparable = true;
    record.expected.frame = 7;
    record.uncounted = Some(Box::new(Uncounted {
        input: Some(text),
        output: None,
    }));
    let mut pictures = record.clone();
    pictures.expected.is_comparable = false;
    for (record, source) in [
        (&mut record, Source::Counted),
        (&mut pictures, Source::Estimated),
    ] {
        complete_exactly(record);
        assert_eq!(
            (record.usage.expect("counted").input, record.usage_source),
            (9, source)
        );
    }
}

#[test]
fn a_report_corrects_the_next_estimate_of_its_model_and_nothing_else_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let settler = settler(&folder.path().join("access.log"), 64);
    let corrected = |provider: &str| {
        let calibration = settler.calibration();
        let key = calibration.key(provider, "gpt-4o-mini");
        calibration.correction(key).tokens(1_000)
    };
    let mut report = chat();
    report.expected = Expected {
        raw: 1_000,
        is_comparable: false,
        ..Expected::default()
    };
    report.usage = Some(Usage {
        input: 1_500,
        ..Usage::default()
    });
    settler.settle(Box::new(report.clone()));
    settler.flush();
    assert_eq!(
        corrected("openai-eu"),
        1_000,
        "with pictures it teaches nothing"
    );
    report.expected.is_comparable = true;
    settler.settle(Box::new(report));
    settler.flush();
    assert_eq!((corrected("openai-eu"), corrected("other")), (1_500, 1_000));
}

#[test]
fn without_usage_or_price_there_is_no_cost() {
    let (mut no_price, mut no_usage) = (chat(), chat());
    no_price.price = Priced::Unknown;
    no_usage.usage = None;
    for record in [&mut no_price, &mut no_usage] {
        complete_exactly(record);
        assert_eq!(
            (record.cost, record.price_source),
            (None, PriceSource::Unknown)
        );
    }
}

#[test]
fn a_service_class_that_was_not_sent_on_is_nobodys_wish() {
    let mut record = chat();
    record.asked_tier = Tier::Priority;
    assert_eq!(record.tier(), Tier::Other);
    record.losses = vec!["service_tier".into()];
    assert_eq!(record.tier(), Tier::Unsaid);
}

#[test]
fn a_request_of_another_service_class_costs_its_price_or_nobody_knows() {
    let cost = |said: Tier, asked: Tier| {
        let mut record = chat();
        record.asked_tier = asked;
        record.price = Priced::listed("openai", "gpt-4.1");
        record.usage = Some(Usage {
            input: 1_000_000,
            tier: said,
            ..Usage::default()
        });
        complete_exactly(&mut record);
        let dollars = record.cost.map(|cost| cost.nanodollars() / 10_000_000);
        (dollars, record.price_source)
    };
    let known = |cents: i64| (Some(cents), PriceSource::Catalogue);
    let unknown = (None, PriceSource::Unknown);
    for (said, asked, expected) in [
        (Tier::Unsaid, Tier::Unsaid, known(200)),
        (Tier::Standard, Tier::Priority, known(200)),
        (Tier::Priority, Tier::Unsaid, known(350)),
        // No row of such a price is listed.
        (Tier::Flex, Tier::Flex, unknown),
        (Tier::Other, Tier::Unsaid, unknown),
        // Asked for, and nobody says what became of it.
        (Tier::Unsaid, Tier::Priority, unknown),
    ] {
        assert_eq!(cost(said, asked), expected, "{said:?} {asked:?}");
    }
}
