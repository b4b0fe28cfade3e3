//! One record as one line of JSON.
//!
//! Built by hand into a buffer that is reused: no tree, no allocation. Fields that do
//! not apply are left out; those that are there come in a fixed order.

use tollgate_types::{ErrorClass, Usage};

use crate::record::{Attempt, Finding, Name, Settled};
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
    line.text(",\"revision\":", &record.revision);
    out.extend_from_slice(b"}\n");
}

fn caller(line: &mut Object<'_>, record: &Settled) {
    line.optional(",\"service\":", record.service.as_deref());
    line.optional(",\"team\":", record.team.as_deref());
    line.optional(",\"key_id\":", record.key_id.as_deref());
    line.text(",\"method\":", record.method.as_str());
    line.text(",\"path\":", &record.path);
    line.text(",\"operation\":", record.operation);
    line.text(",\"format\":", record.format);
    line.optional(",\"route\":", record.route.as_deref());
    line.optional(",\"model\":", record.model.as_deref());
    line.flag(",\"stream\":", record.is_stream);
}

fn outcome(line: &mut Object<'_>, record: &Settled) {
    line.int(",\"status\":", u64::from(record.status));
    line.optional(",\"error_class\":", record.class.map(ErrorClass::label));
    line.micros(",\"duration_us\":", Some(record.duration_ns));
    line.micros(",\"ttft_us\":", record.ttft_ns);
    line.micros(",\"own_us\":", Some(record.steps.total_ns()));
    line.int(",\"bytes_in\":", record.bytes_in);
    line.int(",\"bytes_out\":", record.bytes_out);
    line.flag(",\"caller_gone\":", record.is_caller_gone);
}

fn answer(line: &mut Object<'_>, record: &Settled) {
    if let Some(served) = record.served() {
        line.text(",\"provider\":", &served.provider);
        line.text(",\"target\":", &served.target);
    }
    line.optional(",\"response_model\":", record.response_model.as_deref());
    line.optional(",\"response_id\":", record.response_id.as_deref());
    line.optional(",\"finish_reason\":", record.finish_reason.as_deref());
    if let Some(usage) = &record.usage {
        tokens(line, usage);
        line.text(",\"usage_source\":", record.usage_source.label());
    }
    if let Some(cost) = record.cost {
        line.key(",\"cost_usd\":");
        push_nano(line.out, cost.nanodollars());
    }
}

fn tokens(line: &mut Object<'_>, usage: &Usage) {
    line.int(",\"input_tokens\":", usage.input);
    line.int(",\"output_tokens\":", usage.output);
    for (key, count) in [
        (",\"cached_input_tokens\":", usage.cached_input),
        (",\"cache_write_input_tokens\":", usage.cache_write_input),
        (",\"reasoning_tokens\":", usage.reasoning),
    ] {
        if count > 0 {
            line.int(key, count);
        }
    }
}

fn lists(line: &mut Object<'_>, record: &Settled) {
    line.list(",\"attempts\":", &record.attempts, attempt);
    line.int(",\"retries\":", u64::from(record.retries));
    line.int(",\"failovers\":", u64::from(record.failovers));
    if !record.losses.is_empty() {
        line.list(",\"losses\":", &record.losses, |item, loss: &Name| {
            push_json(item.out, cut(loss));
        });
    }
    if !record.findings.is_empty() {
        line.list(",\"findings\":", &record.findings, finding);
    }
    let mut steps = record.steps.iter();
    if let Some(first) = steps.next() {
        line.key(",\"steps_us\":");
        for (index, (step, nanoseconds)) in std::iter::once(first).chain(steps).enumerate() {
            line.key(if index == 0 { "{\"" } else { ",\"" });
            line.key(step.label());
            line.key("\":");
            push_int(line.out, nanoseconds / 1_000);
        }
        line.key("}");
    }
}

fn attempt(item: &mut Object<'_>, attempt: &Attempt) {
    item.text("{\"target\":", &attempt.target);
    item.text(",\"provider\":", &attempt.provider);
    item.text(",\"model\":", &attempt.model);
    item.int(",\"status\":", u64::from(attempt.status));
    item.optional(",\"error_class\":", attempt.class.map(ErrorClass::label));
    item.optional(",\"error\":", attempt.error.as_deref());
    item.micros(",\"start_us\":", Some(attempt.start_offset_ns));
    item.micros(",\"duration_us\":", Some(attempt.duration_ns));
    item.micros(",\"ttft_us\":", attempt.ttft_ns);
    item.key("}");
}

fn finding(item: &mut Object<'_>, finding: &Finding) {
    item.text("{\"policy\":", &finding.policy);
    item.text(",\"rule\":", &finding.rule);
    item.text(",\"detector\":", finding.detector);
    item.text(",\"entity\":", &finding.entity);
    item.text(",\"action\":", finding.action);
    item.int(",\"count\":", u64::from(finding.count));
    item.key("}");
}

/// An object that is being written. Keys are given as they stand in the output, with
/// their comma, quotes and colon, so that each is one copy.
struct Object<'a> {
    out: &'a mut Vec<u8>,
}

impl Object<'_> {
    fn key(&mut self, key: &'static str) {
        self.out.extend_from_slice(key.as_bytes());
    }

    fn text(&mut self, key: &'static str, value: &str) {
        self.key(key);
        push_json(self.out, cut(value));
    }

    fn optional(&mut self, key: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn int(&mut self, key: &'static str, value: u64) {
        self.key(key);
        push_int(self.out, value);
    }

    /// A duration, given in nanoseconds, in whole microseconds.
    fn micros(&mut self, key: &'static str, nanoseconds: Option<u64>) {
        if let Some(nanoseconds) = nanoseconds {
            self.int(key, nanoseconds / 1_000);
        }
    }

    fn flag(&mut self, key: &'static str, value: bool) {
        self.key(key);
        self.key(if value { "true" } else { "false" });
    }

    fn list<T>(&mut self, key: &'static str, items: &[T], write: impl Fn(&mut Object<'_>, &T)) {
        self.key(key);
        self.key("[");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.key(",");
            }
            write(self, item);
        }
        self.key("]");
    }
}
