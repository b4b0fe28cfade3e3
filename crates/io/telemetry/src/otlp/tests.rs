//! Spans are read back with the official protobuf definitions.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use prost::Message as _;
use tollgate_types::{ErrorClass, Money};

use super::export::{BoxError, Delivery, SpanExporter, SpanTransport, traces_url};
use crate::live::OwnCounts;
use crate::record::{Check, Settled};
use crate::testing::{bare, chat};
use crate::trace_context::{Sampler, TraceContext};

/// Answers as told, then with 200, and keeps what it got.
#[derive(Clone, Default)]
struct Collector {
    answers: Arc<Mutex<VecDeque<Result<Delivery, &'static str>>>>,
    bodies: Arc<Mutex<Vec<Bytes>>>,
}

impl Collector {
    fn answering(answers: impl IntoIterator<Item = Result<Delivery, &'static str>>) -> Self {
        let collector = Self::default();
        collector.answers.lock().expect("a lock").extend(answers);
        collector
    }
}

impl SpanTransport for Collector {
    async fn post(&self, body: Bytes) -> Result<Delivery, BoxError> {
        self.bodies.lock().expect("a lock").push(body);
        let answer = self.answers.lock().expect("a lock").pop_front();
        Ok(answer.unwrap_or(Ok(Delivery {
            status: 200,
            retry_after: None,
        }))?)
    }
}

/// Sends records to a collector and returns the requests it got.
async fn exported(
    records: &[Settled],
    collector: &Collector,
    own: &Arc<OwnCounts>,
) -> Vec<ExportTraceServiceRequest> {
    let (mut buffer, exporter) = SpanExporter::new("gateway", "1.2.3", own);
    records.iter().for_each(|record| buffer.add(record));
    buffer.hand_over();
    let closes = own.exports_failed.load(Ordering::Relaxed) == 0;
    let run = exporter.run(collector.clone());
    if closes {
        // Kept open while tries fail, so that they are repeated.
        let waiting = async {
            while own.spans_sent.load(Ordering::Relaxed) + own.spans_dropped.load(Ordering::Relaxed)
                == 0
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            drop(buffer);
        };
        tokio::join!(run, waiting);
    }
    let bodies = collector.bodies.lock().expect("a lock");
    bodies
        .iter()
        .map(|body| ExportTraceServiceRequest::decode(body.clone()).expect("decodes"))
        .collect()
}

async fn spans(record: Settled) -> Vec<Span> {
    let requests = exported(&[record], &Collector::default(), &Arc::default()).await;
    requests
        .into_iter()
        .flat_map(|request| request.resource_spans)
        .flat_map(|rs| rs.scope_spans)
        .flat_map(|ss| ss.spans)
        .collect()
}

fn attributes(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let text = |value: &AnyValue| match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        other => panic!("{other:?}"),
    };
    let value = |value: &AnyValue| match &value.value {
        Some(Value::ArrayValue(list)) => list.values.iter().map(text).collect::<Vec<_>>().join(","),
        _ => text(value),
    };
    attributes
        .iter()
        .map(|kv| (kv.key.as_str(), value(kv.value.as_ref().expect("a value"))))
        .collect()
}

#[track_caller]
fn has(span: &Span, expected: &[(&str, &str)]) {
    let found = attributes(&span.attributes);
    for (key, value) in expected {
        assert_eq!(found.get(key).map(String::as_str), Some(*value), "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_is_a_server_span_in_its_callers_trace() {
    let mut record = chat();
    let mut headers = HeaderMap::new();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    headers.insert("traceparent", HeaderValue::from_static(parent));
    headers.insert("tracestate", HeaderValue::from_static("vendor=1"));
    record.trace = TraceContext::from_headers(&headers, Sampler::ppm(0));
    let trace_id = record.trace.trace_id;
    record.checks.push(Check {
        rule: "secrets".into(),
        is_complete: false,
        ..record.checks[0].clone()
    });
    let spans = spans(record).await;
    let server = &spans[0];
    assert_eq!(
        (server.name.as_str(), server.kind()),
        ("POST /v1/chat/completions", SpanKind::Server)
    );
    assert_eq!(server.trace_id, trace_id.bytes());
    assert_eq!(
        server.parent_span_id,
        [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]
    );
    assert_eq!(
        (server.trace_state.as_str(), server.flags),
        ("vendor=1", 0x301)
    );
    assert_eq!(server.start_time_unix_nano, 1_795_249_053_000_250_999);
    assert_eq!(
        server.end_time_unix_nano - server.start_time_unix_nano,
        1_234_567_890
    );
    assert!(server.status.is_none());
    has(
        server,
        &[
            ("http.request.method", "POST"),
            ("http.route", "/v1/chat/completions"),
            ("http.response.status_code", "200"),
            ("tollgate.service", "billing"),
            ("tollgate.own_time_us", "52"),
            ("tollgate.losses", "seed,made_up"),
            (
                "tollgate.findings",
                "default/pii;detector=pii_detection;entity=ssn;count=2;action=redact;mode=enforce;us=3",
            ),
            ("tollgate.unchecked", "default/secrets"),
        ],
    );
    let found = attributes(&server.attributes);
    assert!(
        !found.contains_key("gen_ai.usage.input_tokens"),
        "usage is on the attempt only"
    );
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_a_client_span_and_usage_stands_on_the_one_that_served() {
    let mut record = chat();
    record.cost = Some(Money::from_nanodollars(43_500));
    let first_id = record.attempts[0].span_id;
    let spans = spans(record).await;
    let [server, first, second] = spans.as_slice() else {
        panic!("{} spans", spans.len())
    };
    assert_eq!(
        (first.name.as_str(), first.kind()),
        ("chat gpt-4o-mini", SpanKind::Client)
    );
    assert_eq!(
        (&first.span_id[..], &first.parent_span_id),
        (&first_id.bytes()[..], &server.span_id)
    );
    let status = first.status.as_ref().expect("a status");
    assert_eq!(status.code, 2);
    assert_eq!(
        status.message,
        "no connection to api.openai.com:443: refused"
    );
    has(
        first,
        &[
            ("error.type", "provider_overloaded"),
            ("tollgate.target", "first"),
        ],
    );
    assert!(!attributes(&first.attributes).contains_key("gen_ai.usage.output_tokens"));
    assert_eq!((second.flags, &second.trace_id), (0x101, &server.trace_id));
    assert_eq!(
        second.start_time_unix_nano,
        server.start_time_unix_nano + 1_000_000
    );
    has(
        second,
        &[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "gpt-4o-mini"),
            ("gen_ai.response.model", "gpt-4o-mini-2024-07-18"),
            ("gen_ai.response.id", "chatcmpl-1"),
            ("gen_ai.response.finish_reasons", "stop"),
            ("gen_ai.response.time_to_first_chunk", "0.3"),
            ("gen_ai.usage.input_tokens", "100"),
            ("gen_ai.usage.output_tokens", "50"),
            ("gen_ai.usage.cache_read.input_tokens", "20"),
            ("gen_ai.usage.reasoning.output_tokens", "10"),
            ("server.address", "api.openai.com"),
            ("server.port", "443"),
            ("tollgate.cost_nanodollars", "43500"),
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn the_resource_names_the_gateway() {
    let requests = exported(&[chat()], &Collector::default(), &Arc::default()).await;
    let group = &requests[0].resource_spans[0];
    let found = attributes(&group.resource.as_ref().expect("a resource").attributes);
    assert_eq!(
        (
            found["service.name"].as_str(),
            found["service.version"].as_str()
        ),
        ("gateway", "1.2.3")
    );
    assert_eq!(found["service.instance.id"].len(), 32);
    let scope = group.scope_spans[0].scope.as_ref().expect("a scope");
    assert_eq!(
        (scope.name.as_str(), scope.version.as_str()),
        ("tollgate", "1.2.3")
    );
}

#[tokio::test(start_paused = true)]
async fn a_callers_mistake_is_not_an_error_of_the_server_and_ours_is() {
    for (status, class, is_error) in [
        (400, ErrorClass::BadRequest, false),
        (502, ErrorClass::ProviderFailed, true),
        (200, ErrorClass::ProviderBroken, true),
    ] {
        let spans = spans(bare(status, Some(class))).await;
        assert_eq!(spans[0].status.is_some(), is_error, "{class}");
        assert_eq!(
            attributes(&spans[0].attributes)["error.type"],
            class.label()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn texts_of_every_length_keep_the_message_whole() {
    for length in [
        0, 1, 100, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 1_023, 1_024, 1_025,
        70_000,
    ] {
        let mut record = chat();
        let text = "m".repeat(length);
        record.response_id = Some(text.clone().into());
        record.finish_reason = Some(crate::Name::Shared(text.clone().into()));
        record.attempts[1].model = text.as_str().into();
        let spans = spans(record).await;
        let found = attributes(&spans[2].attributes);
        let expected = (length > 0).then(|| "m".repeat(length.min(1_024)));
        assert_eq!(
            found.get("gen_ai.response.id"),
            expected.as_ref(),
            "{length}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_unsampled_request_is_not_exported() {
    let mut record = chat();
    record.trace.is_sampled = false;
    let (mut buffer, _exporter) = SpanExporter::new("gateway", "", &Arc::default());
    buffer.add(&record);
    assert!(buffer.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_sent_again_when_that_may_help() {
    let own = Arc::<OwnCounts>::default();
    let busy = Delivery {
        status: 503,
        retry_after: Some(Duration::from_secs(2)),
    };
    let collector = Collector::answering([Err("refused"), Ok(busy)]);
    let requests = exported(&[chat()], &collector, &own).await;
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| *request == requests[0]));
    assert_eq!(
        [&own.spans_sent, &own.spans_dropped, &own.exports_failed]
            .map(|n| n.load(Ordering::Relaxed)),
        [3, 0, 2]
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_dropped_and_counted_when_it_is_refused_or_nobody_answers() {
    let own = Arc::<OwnCounts>::default();
    let refusal = Delivery {
        status: 400,
        retry_after: None,
    };
    assert_eq!(
        exported(&[chat()], &Collector::answering([Ok(refusal)]), &own)
            .await
            .len(),
        1
    );
    assert_eq!(own.spans_dropped.load(Ordering::Relaxed), 3);
    let own = Arc::<OwnCounts>::default();
    let down = Collector::answering(std::iter::repeat_n(Err("refused"), 100));
    assert_eq!(exported(&[chat()], &down, &own).await.len(), 5);
    assert_eq!(own.spans_dropped.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn what_no_exporter_takes_is_bounded_dropped_and_counted() {
    let own = Arc::<OwnCounts>::default();
    let (mut buffer, exporter) = SpanExporter::new("gateway", "", &own);
    let record = chat();
    for _ in 0..20_000 {
        buffer.add(&record);
    }
    let dropped = own.spans_dropped.load(Ordering::Relaxed);
    assert!(dropped > 0);
    buffer.hand_over();
    drop(buffer);
    let collector = Collector::default();
    exporter.run(collector.clone()).await;
    let bytes: usize = collector
        .bodies
        .lock()
        .expect("a lock")
        .iter()
        .map(Bytes::len)
        .sum();
    assert!(bytes <= 2 * 1024 * 1024, "{bytes}");
    let (sent, dropped) = (
        own.spans_sent.load(Ordering::Relaxed),
        own.spans_dropped.load(Ordering::Relaxed),
    );
    assert_eq!(
        sent + dropped,
        60_000,
        "every span is sent or counted as dropped"
    );
}

#[test]
fn traces_go_below_the_collectors_base_address() {
    for (endpoint, expected) in [
        ("http://localhost:4318", "http://localhost:4318/v1/traces"),
        (
            "https://otel.example/base/",
            "https://otel.example/base/v1/traces",
        ),
    ] {
        assert_eq!(
            traces_url(endpoint).expect("an address").to_string(),
            expected
        );
    }
    for wrong in ["", "localhost:4318", "grpc://localhost:4317", "/v1"] {
        assert!(traces_url(wrong).is_err(), "{wrong}");
    }
}
