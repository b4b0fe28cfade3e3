//! A record as spans.
//!
//! Names follow OpenTelemetry's HTTP and GenAI conventions; what they have no name for
//! is `tollgate.*`. Token usage stands on the attempt that served and nowhere else, so
//! that sums over spans are right.

use tollgate_types::ErrorClass;

use super::attributes::Attributes;
use super::protobuf::{Field, delimited_len, push_field_16_fixed32};
use crate::ids::SpanId;
use crate::record::{Attempt, Finding, Settled};
use crate::text::cut;

const TRACE_ID: Field = Field(1);
const SPAN_ID: Field = Field(2);
const TRACE_STATE: Field = Field(3);
const PARENT_SPAN_ID: Field = Field(4);
const NAME: Field = Field(5);
const KIND: Field = Field(6);
const START_UNIX_NS: Field = Field(7);
const END_UNIX_NS: Field = Field(8);
const ATTRIBUTES: Field = Field(9);
const STATUS: Field = Field(15);
const STATUS_MESSAGE: Field = Field(2);

const KIND_SERVER: u64 = 2;
const KIND_CLIENT: u64 = 3;
/// `Status { code: STATUS_CODE_ERROR }`.
const ERROR: &[u8] = &[3 << 3, 2];

/// The trace flags' sampled bit, and that we know whether the parent is remote.
const FLAGS_LOCAL_PARENT: u32 = 0x101;
/// The same, and the parent is remote.
const FLAGS_REMOTE_PARENT: u32 = 0x301;

/// Writes the span of a request.
pub(super) fn request(out: &mut Vec<u8>, record: &Settled) {
    let trace = &record.trace;
    TRACE_ID.bytes(out, trace.trace_id.bytes());
    SPAN_ID.bytes(out, trace.span_id.bytes());
    head(out, record, trace.parent);
    let method = record.method.as_str();
    let path = cut(&record.path);
    NAME.delimited(out, method.len() + 1 + path.len());
    for part in [method, " ", path] {
        out.extend_from_slice(part.as_bytes());
    }
    KIND.int(out, KIND_SERVER);
    times(out, record.start_unix_ns, record.duration_ns);
    let mut attributes = Attributes {
        out,
        field: ATTRIBUTES,
    };
    attributes.text(b"http.request.method", method);
    attributes.text(b"http.route", &record.path);
    attributes.int(b"http.response.status_code", u64::from(record.status));
    attributes.int(b"http.request.body.size", record.bytes_in);
    attributes.int(b"http.response.body.size", record.bytes_out);
    attributes.optional(b"error.type", record.class.map(ErrorClass::label));
    caller(&mut attributes, record);
    // Conventions for servers: what the caller got wrong is not the server's error.
    if record.status >= 500 || (record.class.is_some() && record.status < 400) {
        STATUS.bytes(out, ERROR);
    }
    let is_remote = trace.parent.is_some();
    push_field_16_fixed32(
        out,
        if is_remote {
            FLAGS_REMOTE_PARENT
        } else {
            FLAGS_LOCAL_PARENT
        },
    );
}

fn caller(attributes: &mut Attributes<'_>, record: &Settled) {
    attributes.text(b"tollgate.request_id", record.request_id.hex().as_str());
    attributes.optional(b"tollgate.service", record.service.as_deref());
    attributes.optional(b"tollgate.team", record.team.as_deref());
    attributes.optional(b"tollgate.key_id", record.key_id.as_deref());
    attributes.optional(b"tollgate.route", record.route.as_deref());
    attributes.optional(b"tollgate.model", record.model.as_deref());
    attributes.text(b"tollgate.format", record.format);
    attributes.optional(b"tollgate.revision", record.revision.as_deref());
    attributes.int(b"tollgate.own_time_us", record.steps.total_ns() / 1_000);
    if let Some(ttft_ns) = record.ttft_ns {
        attributes.int(b"tollgate.time_to_first_token_us", ttft_ns / 1_000);
    }
    attributes.positive(b"tollgate.failovers", u64::from(record.failovers));
    attributes.positive(b"tollgate.retries", u64::from(record.retries));
    attributes.texts(b"tollgate.losses", record.losses.iter().map(|loss| &**loss));
    let findings: Vec<String> = record.findings.iter().map(Finding::to_string).collect();
    attributes.texts(b"tollgate.findings", findings.iter().map(String::as_str));
    let unchecked = record.checks.iter().filter(|check| !check.is_complete);
    let unchecked: Vec<String> = unchecked
        .map(|check| format!("{}/{}", check.policy, check.rule))
        .collect();
    attributes.texts(b"tollgate.unchecked", unchecked.iter().map(String::as_str));
}

/// Writes the span of one attempt.
pub(super) fn attempt(out: &mut Vec<u8>, record: &Settled, attempt: &Attempt) {
    TRACE_ID.bytes(out, record.trace.trace_id.bytes());
    SPAN_ID.bytes(out, attempt.span_id.bytes());
    head(out, record, Some(record.trace.span_id));
    let is_model = !attempt.model.is_empty();
    let subject = if is_model {
        &attempt.model
    } else {
        &attempt.target
    };
    NAME.delimited(out, record.operation.len() + 1 + subject.len());
    for part in [record.operation, " ", subject] {
        out.extend_from_slice(part.as_bytes());
    }
    KIND.int(out, KIND_CLIENT);
    times(
        out,
        record.start_unix_ns.saturating_add(attempt.start_offset_ns),
        attempt.duration_ns,
    );
    let mut attributes = Attributes {
        out,
        field: ATTRIBUTES,
    };
    if is_model {
        attributes.text(b"gen_ai.operation.name", record.operation);
        attributes.text(b"gen_ai.provider.name", provider_name(attempt));
        attributes.text(b"gen_ai.request.model", &attempt.model);
        if let Some(ttft_ns) = attempt.ttft_ns.filter(|_| record.is_stream) {
            attributes.number(b"gen_ai.response.time_to_first_chunk", seconds(ttft_ns));
        }
    }
    attributes.text(b"tollgate.provider", &attempt.provider);
    attributes.text(b"tollgate.target", &attempt.target);
    attributes.optional(b"server.address", attempt.host.as_deref());
    if attempt.port > 0 {
        attributes.int(b"server.port", u64::from(attempt.port));
    }
    if attempt.status > 0 {
        attributes.int(b"http.response.status_code", u64::from(attempt.status));
    }
    attributes.optional(b"error.type", attempt.class.map(ErrorClass::label));
    if record
        .served()
        .is_some_and(|served| served.span_id == attempt.span_id)
    {
        answer(&mut attributes, record);
    }
    if attempt.class.is_some() {
        failed(out, attempt.error.as_deref().unwrap_or_default());
    }
    push_field_16_fixed32(out, FLAGS_LOCAL_PARENT);
}

/// The status of a failed attempt, with why it failed where that is known.
fn failed(out: &mut Vec<u8>, why: &str) {
    if why.is_empty() {
        return STATUS.bytes(out, ERROR);
    }
    let why = cut(why);
    STATUS.delimited(out, delimited_len(why.len()) + ERROR.len());
    STATUS_MESSAGE.bytes(out, why.as_bytes());
    out.extend_from_slice(ERROR);
}

fn answer(attributes: &mut Attributes<'_>, record: &Settled) {
    attributes.optional(b"gen_ai.response.model", record.response_model.as_deref());
    attributes.optional(b"gen_ai.response.id", record.response_id.as_deref());
    attributes.texts(
        b"gen_ai.response.finish_reasons",
        record.finish_reason.as_deref().into_iter(),
    );
    let Some(usage) = &record.usage else { return };
    attributes.int(b"gen_ai.usage.input_tokens", usage.input);
    attributes.int(b"gen_ai.usage.output_tokens", usage.output);
    attributes.positive(b"gen_ai.usage.cache_read.input_tokens", usage.cached_input);
    attributes.positive(
        b"gen_ai.usage.cache_creation.input_tokens",
        usage.cache_write_input,
    );
    attributes.positive(b"gen_ai.usage.reasoning.output_tokens", usage.reasoning);
    attributes.positive(b"tollgate.usage.search_units", usage.searches);
    attributes.text(b"tollgate.usage.source", record.usage_source.label());
    attributes.text(b"tollgate.price.source", record.price_source.label());
    if let Some(cost) = record.cost {
        attributes.int(
            b"tollgate.cost_nanodollars",
            u64::try_from(cost.nanodollars()).unwrap_or_default(),
        );
    }
}

/// The name that the conventions list, else the provider's own.
fn provider_name(attempt: &Attempt) -> &str {
    match attempt.provider_kind {
        known @ ("openai" | "anthropic" | "simulator") => known,
        _ => &attempt.provider,
    }
}

fn head(out: &mut Vec<u8>, record: &Settled, parent: Option<SpanId>) {
    if let Some(state) = record.trace.tracestate() {
        TRACE_STATE.bytes(out, state.as_bytes());
    }
    if let Some(parent) = parent {
        PARENT_SPAN_ID.bytes(out, parent.bytes());
    }
}

fn times(out: &mut Vec<u8>, start_unix_ns: u64, duration_ns: u64) {
    START_UNIX_NS.fixed64(out, start_unix_ns);
    END_UNIX_NS.fixed64(out, start_unix_ns.saturating_add(duration_ns));
}

fn seconds(nanoseconds: u64) -> f64 {
    std::time::Duration::from_nanos(nanoseconds).as_secs_f64()
}
