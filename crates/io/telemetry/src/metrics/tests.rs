//! What is counted, under which labels, and that nothing grows without a limit.

use std::sync::Arc;

use tollgate_tokens::Source;
use tollgate_types::{ErrorClass, Money};

use super::{Metrics, SERIES_MAX, Surroundings};
use crate::live::{Live, OwnCounts};
use crate::record::{Expected, Name, Settled};
use crate::testing::{attempt, bare, chat};

fn page(metrics: &Metrics) -> String {
    let (live, own) = (Arc::new(Live::default()), OwnCounts::default());
    live.reloaded(Ok("0123456789abcdef".into()));
    live.reloaded(Err(()));
    let _running = live.enter();
    let around = Surroundings {
        live: &live,
        own: &own,
        queue_records: 3,
        uncounted_records: 1,
        version: "1.2.3",
        start_unix_ns: 0,
    };
    metrics.render(&around)
}

#[track_caller]
fn has(page: &str, line: &str) {
    assert!(
        page.lines().any(|found| found == line),
        "no `{line}` in\n{page}"
    );
}

#[test]
fn a_request_is_counted_under_all_its_names() {
    let mut metrics = Metrics::default();
    let mut record = chat();
    record.cost = Some(Money::from_nanodollars(48_000));
    metrics.add(&record);
    metrics.add(&record);
    let page = page(&metrics);
    let labels = r#"service="billing",model="fast",format="openai_chat",stream="true""#;
    for line in [
        format!(r#"tollgate_requests_total{{{labels},status="200",error_class=""}} 2"#),
        format!(r#"tollgate_request_duration_seconds_bucket{{{labels},le="1.0"}} 0"#),
        format!(r#"tollgate_request_duration_seconds_bucket{{{labels},le="2.5"}} 2"#),
        format!(r#"tollgate_request_duration_seconds_bucket{{{labels},le="+Inf"}} 2"#),
        format!("tollgate_request_duration_seconds_sum{{{labels}}} 2.469135780"),
        format!("tollgate_request_duration_seconds_count{{{labels}}} 2"),
        format!(r#"tollgate_time_to_first_token_seconds_bucket{{{labels},le="0.5"}} 2"#),
        format!(r#"tollgate_tokens_total{{{labels},kind="input"}} 200"#),
        format!(r#"tollgate_tokens_total{{{labels},kind="reasoning"}} 20"#),
        format!("tollgate_cost_usd_total{{{labels}}} 0.000096000"),
        format!("tollgate_failovers_total{{{labels}}} 2"),
        r#"tollgate_usage_source_total{source="reported"} 2"#.to_owned(),
        r#"tollgate_attempts_total{provider="openai-eu",model="gpt-4o-mini",outcome="provider_overloaded"} 2"#.to_owned(),
        r#"tollgate_attempts_total{provider="openai-eu",model="gpt-4o-mini",outcome="ok"} 2"#.to_owned(),
        r#"tollgate_losses_total{loss="seed"} 2"#.to_owned(),
        r#"tollgate_losses_total{loss="unknown_field"} 2"#.to_owned(),
        r#"tollgate_policy_findings_total{policy="default",rule="pii",entity="ssn",action="redact",mode="enforce"} 4"#.to_owned(),
        r#"tollgate_step_seconds_total{step="document"} 0.000080000"#.to_owned(),
        "tollgate_requests_in_flight 1".to_owned(),
        r#"tollgate_config_revision_info{revision="0123456789abcdef"} 1"#.to_owned(),
        r#"tollgate_config_reload_total{outcome="rejected"} 1"#.to_owned(),
        "tollgate_config_rejected 1".to_owned(),
        r#"tollgate_build_info{version="1.2.3"} 1"#.to_owned(),
    ] {
        has(&page, &line);
    }
    assert!(
        !page.contains("cache_write_input\""),
        "kinds without tokens have no sample"
    );
}

#[test]
fn usage_without_a_known_price_is_counted_as_unpriced_and_costs_nothing() {
    let mut metrics = Metrics::default();
    metrics.add(&chat());
    let page = page(&metrics);
    assert!(page.contains("tollgate_unpriced_requests_total{service=\"billing\""));
    assert!(!page.contains("tollgate_cost_usd_total{"));
}

#[test]
fn reports_are_compared_with_what_was_expected() {
    let mut metrics = Metrics::default();
    let mut record = chat();
    for (tokens, high) in [(104, 120), (60, 90)] {
        record.expected = Expected {
            is_comparable: true,
            raw: 100,
            tokens,
            high,
            ..Expected::default()
        };
        metrics.add(&record);
    }
    record.usage_source = Source::Counted;
    metrics.add(&record);
    let page = page(&metrics);
    let labels = r#"provider="openai-eu",model="gpt-4o-mini""#;
    for line in [
        format!(r#"tollgate_input_estimate_ratio_bucket{{{labels},le="0.5"}} 0"#),
        format!(r#"tollgate_input_estimate_ratio_bucket{{{labels},le="0.7"}} 1"#),
        format!(r#"tollgate_input_estimate_ratio_bucket{{{labels},le="1.05"}} 2"#),
        format!("tollgate_input_estimate_ratio_sum{{{labels}}} 1.640000000"),
        format!("tollgate_input_estimate_ratio_count{{{labels}}} 2"),
        format!("tollgate_input_estimate_exceeded_total{{{labels}}} 1"),
    ] {
        has(&page, &line);
    }
}

#[test]
fn a_model_that_nothing_took_is_not_a_label() {
    let mut metrics = Metrics::default();
    let mut record = bare(404, Some(ErrorClass::NotFound));
    record.model = Some("whatever-the-caller-wrote".into());
    metrics.add(&record);
    let page = page(&metrics);
    assert!(!page.contains("whatever"));
    has(
        &page,
        r#"tollgate_requests_total{service="",model="unrouted",format="openai_chat",stream="false",status="404",error_class="not_found"} 1"#,
    );
}

/// A name that no configuration lists, passed on to a provider.
fn passed_on(model: &str, status: u16) -> Settled {
    let mut record = bare(status, None);
    record.model = Some(model.into());
    record.attempts.push(attempt("target", None));
    record.attempts[0].model = model.into();
    record.served_by = (status == 200).then_some(0);
    record
}

#[test]
fn names_that_callers_think_of_leave_room_for_configured_ones() {
    let mut metrics = Metrics::default();
    for index in 0..5_000 {
        metrics.add(&passed_on(&format!("refused-{index}"), 404));
        metrics.add(&passed_on(&format!("taken-{index}"), 200));
    }
    let mut configured = passed_on("fast", 503);
    configured.route = Some("fast".into());
    configured.attempts[0].model = "gpt-4o".into();
    metrics.add(&configured);
    let page = page(&metrics);
    let labelled = |name: &str| {
        let totals = page
            .lines()
            .filter(|line| line.starts_with("tollgate_requests_total{"));
        totals.filter(|line| line.contains(name)).count()
    };
    assert_eq!((labelled("refused-"), labelled("taken-")), (0, 64));
    assert_eq!((labelled("\"fast\""), labelled("\"other\"")), (1, 2));
    assert!(page.contains(r#"model="gpt-4o",outcome="ok"} 1"#), "{page}");
}

#[test]
fn invented_names_are_folded_and_the_sums_stay_right() {
    let mut metrics = Metrics::default();
    for index in 0..20_000_u32 {
        let mut record = bare(u16::try_from(100 + index % 900).expect("a status"), None);
        record.model = Some(format!("model-{index}").into());
        record.service = Some(format!("service-{index}").into());
        record
            .attempts
            .push(attempt(&format!("target-{index}"), None));
        record.attempts[0].model = format!("model-{index}").into();
        record.attempts[0].provider = format!("provider-{}", index % 7_000).into();
        record
            .losses
            .push(Name::Shared(format!("loss-{index}").into()));
        metrics.add(&record);
    }
    assert!(
        metrics.requests.len() <= SERIES_MAX * 2 + 8
            && metrics.attempts.len() <= SERIES_MAX * 2 + 8
    );
    let page = page(&metrics);
    let sum = |name: &str| -> u64 {
        let samples = page.lines().filter(|line| line.starts_with(name));
        samples
            .map(|line| {
                line.rsplit(' ')
                    .next()
                    .and_then(|value| value.parse::<u64>().ok())
                    .expect("a count")
            })
            .sum()
    };
    assert_eq!(
        (
            sum("tollgate_requests_total{"),
            sum("tollgate_attempts_total{"),
            sum("tollgate_losses_total{")
        ),
        (20_000, 20_000, 20_000)
    );
    assert!(page.contains("model=\"other\"") && page.contains("status=\"other\""));
}

#[test]
fn label_values_are_escaped() {
    let mut metrics = Metrics::default();
    let mut record = bare(200, None);
    record.service = Some("a\"b\\c\nd".into());
    metrics.add(&record);
    assert!(page(&metrics).contains(r#"service="a\"b\\c\nd",model="""#));
}

#[test]
fn every_family_has_its_help_and_type_once_and_no_sample_stands_outside_its_family() {
    let mut metrics = Metrics::default();
    metrics.add(&chat());
    let page = page(&metrics);
    let mut families = std::collections::BTreeSet::new();
    let mut current = String::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            current = rest.split(' ').next().expect("a name").to_owned();
            assert!(families.insert(current.clone()), "{current} twice");
        } else if !line.starts_with('#') {
            assert!(line.starts_with(&current), "{line} in {current}");
        }
    }
    assert!(families.len() >= 30 && page.ends_with('\n'));
}
