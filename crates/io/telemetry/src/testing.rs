//! Records for tests.

use std::sync::Arc;

use smallvec::smallvec;
use tollgate_catalogue::{PriceSource, Priced};
use tollgate_tokens::Source;
use tollgate_types::{ErrorClass, Usage};

use crate::RequestId;
use crate::ids::SpanId;
use crate::record::{Attempt, Check, Expected, Finding, Name, Settled, Step, Steps};
use crate::trace_context::{Sampler, TraceContext};

/// A streamed chat that one provider refused and another answered.
pub(crate) fn chat() -> Settled {
    let mut steps = Steps::default();
    steps.add(Step::Document, 40_000);
    steps.add(Step::Reply, 12_000);
    Settled {
        request_id: RequestId::random(),
        trace: TraceContext::start(Sampler::ppm(1_000_000)),
        start_unix_ns: 1_795_249_053_000_250_999,
        duration_ns: 1_234_567_890,
        ttft_ns: Some(320_000_000),
        service: Some("billing".into()),
        team: Some("payments".into()),
        key_id: Some("k3yK3yK3".into()),
        method: http::Method::POST,
        path: Name::Static("/v1/chat/completions"),
        operation: "chat",
        format: "openai_chat",
        route: Some("fast".into()),
        model: Some("fast".into()),
        is_stream: true,
        status: 200,
        class: None,
        attempts: smallvec![
            attempt("first", Some(ErrorClass::ProviderOverloaded)),
            attempt("second", None)
        ],
        served_by: Some(1),
        response_model: Some(Name::Shared("gpt-4o-mini-2024-07-18".into())),
        response_id: Some("chatcmpl-1".into()),
        finish_reason: Some(Name::Static("stop")),
        usage: Some(Usage {
            input: 100,
            output: 50,
            cached_input: 20,
            cache_write_input: 0,
            reasoning: 10,
            ..Usage::default()
        }),
        usage_source: Source::Reported,
        expected: Expected::default(),
        uncounted: None,
        price: Priced::listed("openai", "gpt-4o-mini"),
        asked_tier: tollgate_types::Tier::Unsaid,
        price_source: PriceSource::Unknown,
        cost: None,
        bytes_in: 1_000,
        bytes_out: 9_000,
        losses: vec![Name::Static("seed"), Name::Shared("made_up".into())],
        findings: vec![Finding {
            policy: "default".into(),
            rule: "pii".into(),
            detector: "pii_detection",
            entity: "ssn".into(),
            action: "redact",
            mode: "enforce",
            count: 2,
            spent_ns: 3_000,
        }],
        checks: vec![Check {
            policy: "default".into(),
            rule: "pii".into(),
            direction: "input",
            is_complete: true,
            spent_ns: 3_000,
        }],
        retries: 0,
        failovers: 1,
        is_caller_gone: false,
        steps,
        revision: Some("0123456789abcdef".into()),
    }
}

/// A record with nothing that can be missing.
pub(crate) fn bare(status: u16, class: Option<ErrorClass>) -> Settled {
    Settled {
        ttft_ns: None,
        service: None,
        team: None,
        key_id: None,
        route: None,
        model: None,
        is_stream: false,
        status,
        class,
        attempts: smallvec![],
        served_by: None,
        response_model: None,
        response_id: None,
        finish_reason: None,
        usage: None,
        price: Priced::Unknown,
        losses: Vec::new(),
        findings: Vec::new(),
        checks: Vec::new(),
        failovers: 0,
        steps: Steps::default(),
        ..chat()
    }
}

pub(crate) fn attempt(target: &str, class: Option<ErrorClass>) -> Attempt {
    Attempt {
        span_id: SpanId::random(),
        target: target.into(),
        provider: Arc::from("openai-eu"),
        provider_kind: "openai",
        model: "gpt-4o-mini".into(),
        host: Some("api.openai.com".into()),
        port: 443,
        start_offset_ns: 1_000_000,
        duration_ns: 600_000_000,
        ttft_ns: Some(300_000_000),
        status: class.map_or(200, ErrorClass::status),
        class,
        error: class.map(|_| "no connection to api.openai.com:443: refused".into()),
    }
}
