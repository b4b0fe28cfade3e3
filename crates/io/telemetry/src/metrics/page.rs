//! Prometheus's text format, version 0.0.4.

use crate::metrics::histogram::Histogram;
use crate::text::{push_int, push_nano};

/// Names and values of a sample's labels.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

/// A value of a sample.
#[derive(Clone, Copy)]
pub(super) enum Value {
    /// A whole number.
    Int(i64),
    /// A whole number that is never negative.
    Count(u64),
    /// Billionths: seconds of nanoseconds, dollars of nano-dollars.
    Nano(i64),
}

/// A page of metrics that is being written.
#[derive(Default)]
pub(super) struct Page {
    out: Vec<u8>,
    name: &'static str,
}

impl Page {
    /// Begins a family; its samples follow. `kind` is `counter`, `gauge` or `histogram`.
    pub(super) fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        for part in [
            "# HELP ",
            name,
            " ",
            help,
            "\n# TYPE ",
            name,
            " ",
            kind,
            "\n",
        ] {
            self.push(part);
        }
    }

    /// Writes a sample of the family.
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: Value) {
        self.sample_named("", labels, None, value);
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &'static str, kind: &str, help: &str, value: Value) {
        self.family(name, kind, help);
        self.sample(&[], value);
    }

    /// Writes a histogram of the family, unless it is empty.
    pub(super) fn histogram(&mut self, labels: Labels<'_>, histogram: &Histogram) {
        if histogram.count() == 0 {
            return;
        }
        for (bound, count) in histogram.buckets() {
            self.sample_named("_bucket", labels, Some(bound), Value::Count(count));
        }
        let sum = i64::try_from(histogram.sum()).unwrap_or(i64::MAX);
        self.sample_named("_sum", labels, None, Value::Nano(sum));
        self.sample_named("_count", labels, None, Value::Count(histogram.count()));
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        // Only texts and ASCII were pushed.
        String::from_utf8(self.out).unwrap_or_default()
    }

    fn sample_named(
        &mut self,
        suffix: &str,
        labels: Labels<'_>,
        bound: Option<&str>,
        value: Value,
    ) {
        self.push(self.name);
        self.push(suffix);
        let bound = bound.map(|bound| ("le", bound));
        for (index, (name, text)) in labels.iter().copied().chain(bound).enumerate() {
            self.push(if index == 0 { "{" } else { "," });
            self.push(name);
            self.push("=\"");
            self.push_escaped(text);
            self.push("\"");
        }
        if !labels.is_empty() || bound.is_some() {
            self.push("}");
        }
        self.push(" ");
        match value {
            Value::Int(value) => push_int(&mut self.out, value),
            Value::Count(value) => push_int(&mut self.out, value),
            Value::Nano(value) => push_nano(&mut self.out, value),
        }
        self.push("\n");
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn push_escaped(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'\\' => self.push("\\\\"),
                b'"' => self.push("\\\""),
                b'\n' => self.push("\\n"),
                _ => self.out.push(byte),
            }
        }
    }
}
