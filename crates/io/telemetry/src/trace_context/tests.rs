//! Contexts are read strictly, followed and passed on.

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{Sampler, TraceContext};
use crate::ids::SpanId;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).expect("a header value"));
    }
    headers
}

fn read(traceparent: &str) -> TraceContext {
    TraceContext::from_headers(&headers(&[("traceparent", traceparent)]), Sampler::ppm(0))
}

#[test]
fn a_callers_trace_and_decision_are_followed() {
    let context = read(PARENT);
    assert_eq!(
        context.trace_id.to_string(),
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
    assert_eq!(
        context.parent.expect("a parent").to_string(),
        "00f067aa0ba902b7"
    );
    assert!(context.is_sampled);
    let unsampled = TraceContext::from_headers(
        &headers(&[("traceparent", &PARENT.replace("-01", "-00"))]),
        Sampler::ppm(1_000_000),
    );
    assert!(unsampled.parent.is_some() && !unsampled.is_sampled);
}

#[test]
fn what_is_not_a_traceparent_starts_a_new_trace() {
    for text in [
        "",
        "00",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
    ] {
        assert_eq!(read(text).parent, None, "{text}");
    }
    let twice = headers(&[("traceparent", PARENT), ("traceparent", PARENT)]);
    assert_eq!(
        TraceContext::from_headers(&twice, Sampler::ppm(0)).parent,
        None
    );
}

#[test]
fn a_later_version_is_read_as_far_as_it_is_known() {
    assert!(read(&format!("01{}-more", &PARENT[2..])).parent.is_some());
    assert!(read(&format!("01{}more", &PARENT[2..])).parent.is_none());
}

#[test]
fn an_attempt_carries_the_trace_its_own_span_and_the_state() {
    let caller = headers(&[
        ("traceparent", PARENT),
        ("tracestate", "a=1"),
        ("tracestate", "b=2"),
    ]);
    let context = TraceContext::from_headers(&caller, Sampler::ppm(0));
    let mut out = headers(&[("traceparent", "junk"), ("tracestate", "junk=1")]);
    let span = SpanId::from_bytes([7; 8]).expect("not zero");
    context.write(span, &mut out);
    assert_eq!(
        out["traceparent"],
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0707070707070707-01"
    );
    assert_eq!(out["tracestate"], "a=1,b=2");
}

#[test]
fn an_oversized_state_is_not_passed_on() {
    let long = format!("a={}", "x".repeat(600));
    let context = TraceContext::from_headers(
        &headers(&[("traceparent", PARENT), ("tracestate", &long)]),
        Sampler::ppm(0),
    );
    let mut out = HeaderMap::new();
    context.write(context.span_id, &mut out);
    assert!(out.contains_key("traceparent") && !out.contains_key("tracestate"));
}

#[test]
fn a_switched_off_sampler_records_nothing_and_still_passes_the_decision_on() {
    let context = TraceContext::from_headers(&headers(&[("traceparent", PARENT)]), Sampler::OFF);
    let mut out = HeaderMap::new();
    context.write(context.span_id, &mut out);
    assert!(!context.is_sampled && out["traceparent"].to_str().expect("text").ends_with("-01"));
    assert!(!TraceContext::start(Sampler::OFF).is_sampled);
}

#[test]
fn about_the_asked_share_of_new_traces_is_sampled() {
    let sampled = |ppm| {
        (0..20_000)
            .filter(|_| TraceContext::start(Sampler::ppm(ppm)).is_sampled)
            .count()
    };
    assert_eq!((sampled(0), sampled(1_000_000)), (0, 20_000));
    let quarter = sampled(250_000);
    assert!((4_500..5_500).contains(&quarter), "{quarter}");
}

proptest! {
    #[test]
    fn no_header_breaks_the_reader(value in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.clone());
            headers.insert("tracestate", value);
            let _context = TraceContext::from_headers(&headers, Sampler::ppm(500_000));
        }
    }
}
