//! What a run of the generator found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::connection::Reply;

/// The answers of one run. Times are in microseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Good answers, those after the end of the window included: what CPU is divided by.
    pub(crate) answers: u64,
    /// `data:` lines of all answers, good or not.
    pub(crate) events: u64,
    /// Good answers per second inside the window.
    pub(crate) answers_per_s: f64,
    /// Events per second until the last answer.
    pub(crate) events_per_s: f64,
    /// Answers by status, where it is not 200.
    pub(crate) refused: BTreeMap<u16, u64>,
    /// Answers that were 200 and did not come to their end.
    pub(crate) incomplete: u64,
    /// Connections that failed, answers that did not come in time.
    pub(crate) errors: u64,
    /// What the first bad answer said.
    pub(crate) first_bad: String,
    /// From the scheduled time to the end of the answer.
    pub(crate) latency_us: Quantiles,
    /// From the scheduled time to the first content of a stream.
    pub(crate) first_content_us: Quantiles,
    #[serde(skip)]
    in_window: u64,
    #[serde(skip)]
    latencies: Vec<f64>,
    #[serde(skip)]
    first_contents: Vec<f64>,
}

/// Quantiles of a time.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Quantiles {
    /// Half are below.
    pub(crate) p50: f64,
    /// One of a hundred is above.
    pub(crate) p99: f64,
    /// The longest.
    pub(crate) max: f64,
}

impl Report {
    /// Notes an answer.
    pub(super) fn reply(&mut self, reply: &Reply, scheduled: Instant, now: Instant, end: Instant) {
        self.events += reply.events;
        if reply.status != 200 {
            *self.refused.entry(reply.status).or_default() += 1;
            return self.bad(&format!("status {}: {}", reply.status, reply.sample));
        }
        if !reply.is_complete {
            self.incomplete += 1;
            return self.bad("a stream without its end");
        }
        self.answers += 1;
        if now <= end {
            self.in_window += 1;
        }
        self.latencies.push(micros(scheduled, now));
        if let Some(first) = reply.first_content {
            self.first_contents.push(micros(scheduled, first));
        }
    }

    /// Notes a request without an answer.
    pub(super) fn error(&mut self, text: &str) {
        self.errors += 1;
        self.bad(text);
    }

    fn bad(&mut self, text: &str) {
        if self.first_bad.is_empty() {
            self.first_bad = text.to_owned();
        }
    }

    /// Closes the run, whose window was so long, and that took so long in all.
    pub(super) fn finish(&mut self, window_s: f64, whole_s: f64) {
        self.answers_per_s = self.in_window as f64 / window_s;
        self.events_per_s = self.events as f64 / whole_s;
        self.latency_us = Quantiles::of(&mut self.latencies);
        self.first_content_us = Quantiles::of(&mut self.first_contents);
    }

    /// Answers that make a row invalid.
    pub(crate) fn bad_answers(&self) -> u64 {
        self.refused.values().sum::<u64>() + self.incomplete + self.errors
    }
}

impl Quantiles {
    fn of(values: &mut [f64]) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let at = |percent: usize| {
            let last = values.len().saturating_sub(1);
            values
                .get((values.len() * percent / 100).min(last))
                .copied()
                .unwrap_or_default()
        };
        Self {
            p50: at(50),
            p99: at(99),
            max: at(100),
        }
    }
}

fn micros(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1e6
}
