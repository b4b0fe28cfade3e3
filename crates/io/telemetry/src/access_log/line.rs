//! One record as one line of JSON.
//!
//! Built by hand into a buffer that is reused: no tree, no allocation. Fields that do
//! not apply are left out; those that are there come in a fixed order.

use tollgate_types::{ErrorClass, Tier, Usage};

use crate::record::{Attempt, Check, Finding, Name, Settled};
use crate::text::{cut, push_int, push_json, push_nano, push_time};

/// Appends the line of a record, with its newline.
pub(super) fn push(out: &mut Vec<u8>, record: &Settled) {
    out.extend_from_slice(b"{\"time\":\"");
    push_time(out, record.start_unix_ns);
    out.extend_from_slice(b"\",\"request_id\":\"");
    out.extend_from_slice(record.request_id.hex().as_bytes());
    out.extend_from_slice(b"\",\"trace_id\":\"");
    out.extend_from_slice(record.trace.trace_id.hex().as_bytes());
    out.push(b'"');
    let mut line = Object { out };
    caller(&mut line, record);
    outcome(&mut line, record);
    answer(&mut line, record);
    lists(&mut line, record);
    line.optional(b",\"revision\":", record.revision.as_deref());
    out.extend_from_slice(b"}\n");
}

fn caller(line: &mut Object<'_>, record: &Settled) {
    line.optional(b",\"service\":", record.service.as_deref());
    line.optional(b",\"team\":", record.team.as_deref());
    line.optional(b",\"key_id\":", record.key_id.as_deref());
    line.text(b",\"method\":", record.method.as_str());
    line.text(b",\"path\":", &record.path);
    line.text(b",\"operation\":", record.operation);
    line.text(b",\"format\":", record.format);
    line.optional(b",\"route\":", record.route.as_deref());
    line.optional(b",\"model\":", record.model.as_deref());
    line.flag(b",\"stream\":", record.is_stream);
}

fn outcome(line: &mut Object<'_>, record: &Settled) {
    line.int(b",\"status\":", u64::from(record.status));
    line.optional(b",\"error_class\":", record.class.map(ErrorClass::label));
    line.micros(b",\"duration_us\":", Some(record.duration_ns));
    line.micros(b",\"ttft_us\":", record.ttft_ns);
    line.micros(b",\"own_us\":", Some(record.steps.total_ns()));
    line.int(b",\"bytes_in\":", record.bytes_in);
    line.int(b",\"bytes_out\":", record.bytes_out);
    line.flag(b",\"caller_gone\":", record.is_caller_gone);
}

fn answer(line: &mut Object<'_>, record: &Settled) {
    if let Some(served) = record.served() {
        line.text(b",\"provider\":", &served.provider);
        line.text(b",\"target\":", &served.target);
    }
    line.optional(b",\"response_model\":", record.response_model.as_deref());
    line.optional(b",\"response_id\":", record.response_id.as_deref());
    line.optional(b",\"finish_reason\":", record.finish_reason.as_deref());
    line.positive(
        b",\"expected_input_tokens\":",
        u64::from(record.expected.tokens),
    );
    if let Some(usage) = &record.usage {
        tokens(line, usage);
    }
    let tier = record.tier();
    if !matches!(tier, Tier::Unsaid | Tier::Standard) {
        line.text(b",\"service_class\":", tier.label());
    }
    if record.tells_source() {
        line.text(b",\"usage_source\":", record.usage_source.label());
        line.text(b",\"price_source\":", record.price_source.label());
    }
    if let Some(cost) = record.cost {
        line.key(b",\"cost_usd\":");
        push_nano(line.out, cost.nanodollars());
    }
}

fn tokens(line: &mut Object<'_>, usage: &Usage) {
    line.int(b",\"input_tokens\":", usage.input);
    line.int(b",\"output_tokens\":", usage.output);
    line.positive(b",\"cached_input_tokens\":", usage.cached_input);
    line.positive(b",\"cache_write_input_tokens\":", usage.cache_write_input);
    line.positive(b",\"reasoning_tokens\":", usage.reasoning);
    line.positive(b",\"search_units\":", usage.searches);
}

fn lists(line: &mut Object<'_>, record: &Settled) {
    line.list(b",\"attempts\":", &record.attempts, attempt);
    line.int(b",\"retries\":", u64::from(record.retries));
    line.int(b",\"failovers\":", u64::from(record.failovers));
    if !record.losses.is_empty() {
        line.list(b",\"losses\":", &record.losses, |item, loss: &Name| {
            push_json(item.out, cut(loss));
        });
    }
    if !record.findings.is_empty() {
        line.list(b",\"findings\":", &record.findings, finding);
    }
    if !record.checks.is_empty() {
        line.list(b",\"checks\":", &record.checks, check);
    }
    let mut steps = record.steps.iter();
    if let Some(first) = steps.next() {
        line.key(b",\"steps_us\":");
        for (index, (step, nanoseconds)) in std::iter::once(first).chain(steps).enumerate() {
            line.key(if index == 0 { b"{\"" } else { b",\"" });
            line.out.extend_from_slice(step.label().as_bytes());
            line.key(b"\":");
            push_int(line.out, nanoseconds / 1_000);
        }
        line.key(b"}");
    }
}

fn attempt(item: &mut Object<'_>, attempt: &Attempt) {
    item.text(b"{\"target\":", &attempt.target);
    item.text(b",\"provider\":", &attempt.provider);
    item.text(b",\"model\":", &attempt.model);
    item.int(b",\"status\":", u64::from(attempt.status));
    item.optional(b",\"error_class\":", attempt.class.map(ErrorClass::label));
    item.optional(b",\"error\":", attempt.error.as_deref());
    item.micros(b",\"start_us\":", Some(attempt.start_offset_ns));
    item.micros(b",\"duration_us\":", Some(attempt.duration_ns));
    item.micros(b",\"ttft_us\":", attempt.ttft_ns);
    item.key(b"}");
}

fn finding(item: &mut Object<'_>, finding: &Finding) {
    item.text(b"{\"policy\":", &finding.policy);
    item.text(b",\"rule\":", &finding.rule);
    item.text(b",\"detector\":", finding.detector);
    item.text(b",\"entity\":", &finding.entity);
    item.text(b",\"action\":", finding.action);
    item.text(b",\"mode\":", finding.mode);
    item.int(b",\"count\":", u64::from(finding.count));
    item.micros(b",\"us\":", Some(finding.spent_ns));
    item.key(b"}");
}

fn check(item: &mut Object<'_>, check: &Check) {
    item.text(b"{\"policy\":", &check.policy);
    item.text(b",\"rule\":", &check.rule);
    item.text(b",\"direction\":", check.direction);
    item.text(b",\"state\":", check.state());
    item.micros(b",\"us\":", Some(check.spent_ns));
    item.key(b"}");
}

/// An object that is being written. Keys are given as they stand in the output, with
/// their comma, quotes and colon; their length is part of their type, so that each is a
/// copy of known size.
struct Object<'a> {
    out: &'a mut Vec<u8>,
}

impl Object<'_> {
    fn key<const N: usize>(&mut self, key: &[u8; N]) {
        self.out.extend_from_slice(key);
    }

    fn text<const N: usize>(&mut self, key: &[u8; N], value: &str) {
        self.key(key);
        push_json(self.out, cut(value));
    }

    fn optional<const N: usize>(&mut self, key: &[u8; N], value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn int<const N: usize>(&mut self, key: &[u8; N], value: u64) {
        self.key(key);
        push_int(self.out, value);
    }

    /// A count that is left out when nothing was counted.
    fn positive<const N: usize>(&mut self, key: &[u8; N], value: u64) {
        if value > 0 {
            self.int(key, value);
        }
    }

    /// A duration, given in nanoseconds, in whole microseconds.
    fn micros<const N: usize>(&mut self, key: &[u8; N], nanoseconds: Option<u64>) {
        if let Some(nanoseconds) = nanoseconds {
            self.int(key, nanoseconds / 1_000);
        }
    }

    fn flag<const N: usize>(&mut self, key: &[u8; N], value: bool) {
        self.key(key);
        self.out
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn list<const N: usize, T>(
        &mut self,
        key: &[u8; N],
        items: &[T],
        write: impl Fn(&mut Object<'_>, &T),
    ) {
        self.key(key);
        self.key(b"[");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.key(b",");
            }
            write(self, item);
        }
        self.key(b"]");
    }
}
