//! The page that Prometheus scrapes. `docs/reference/metrics.md` describes it.

use std::sync::atomic::Ordering;

use tollgate_tokens::Source;
use tollgate_types::ErrorClass;

use super::page::{Page, Value};
use super::{CheckKey, Metrics, RequestKey, RequestSums, process};
use crate::live::{Live, OwnCounts};
use crate::record::Step;

const TOKEN_KINDS: [&str; 5] = [
    "input",
    "output",
    "cached_input",
    "cache_write_input",
    "reasoning",
];
const SOURCES: [Source; 4] = [
    Source::Reported,
    Source::Counted,
    Source::Estimated,
    Source::Unknown,
];

/// What the page shows beside the records.
pub(crate) struct Surroundings<'a> {
    pub(crate) live: &'a Live,
    pub(crate) own: &'a OwnCounts,
    pub(crate) queue_records: usize,
    pub(crate) uncounted_records: usize,
    pub(crate) version: &'static str,
    pub(crate) start_unix_ns: u64,
}

type Row<'a> = (&'a RequestKey, &'a RequestSums);

impl Metrics {
    /// The whole page.
    pub(crate) fn render(&self, around: &Surroundings<'_>) -> String {
        let mut page = Page::default();
        let mut rows: Vec<Row<'_>> = self.requests.iter().collect();
        rows.sort_unstable_by_key(|(key, _)| **key);
        self.requests(&mut page, &rows);
        self.tokens(&mut page, &rows);
        self.troubles(&mut page, &rows);
        self.attempts(&mut page);
        self.rare(&mut page);
        now(&mut page, around);
        configuration(&mut page, around.live);
        own(&mut page, around);
        process::render(&mut page, around.start_unix_ns);
        page.finish()
    }

    /// The labels that all families of requests share, handed to `write`.
    fn labelled(&self, key: &RequestKey, write: impl FnOnce(&[(&'static str, &str); 4])) {
        write(&[
            ("service", self.services.text(key.service)),
            ("model", self.models.text(key.model)),
            ("format", self.names.text(key.format)),
            ("stream", if key.is_stream { "true" } else { "false" }),
        ]);
    }

    fn requests(&self, page: &mut Page, rows: &[Row<'_>]) {
        page.family(
            "tollgate_requests_total",
            "counter",
            "Finished requests by status and error class.",
        );
        for (key, sums) in rows {
            for (outcome, count) in &sums.outcomes {
                let mut buffer = itoa::Buffer::new();
                let status = if outcome.status == 0 {
                    "other"
                } else {
                    buffer.format(outcome.status)
                };
                let class = outcome.class.map_or("", ErrorClass::label);
                self.labelled(key, |[service, model, format, stream]| {
                    let labels = [
                        *service,
                        *model,
                        *format,
                        *stream,
                        ("status", status),
                        ("error_class", class),
                    ];
                    page.sample(&labels, Value::Count(*count));
                });
            }
        }
        let help = "From the request's head to the last byte of its answer, seconds.";
        page.family("tollgate_request_duration_seconds", "histogram", help);
        for (key, sums) in rows {
            self.labelled(key, |labels| page.histogram(labels, &sums.duration));
        }
        let help = "From the request's head to the first token handed to the caller, seconds.";
        page.family("tollgate_time_to_first_token_seconds", "histogram", help);
        for (key, sums) in rows {
            self.labelled(key, |labels| page.histogram(labels, &sums.first_token));
        }
    }

    fn tokens(&self, page: &mut Page, rows: &[Row<'_>]) {
        page.family(
            "tollgate_tokens_total",
            "counter",
            "Tokens by kind; the cached kinds are part of input, reasoning is part of output.",
        );
        for (key, sums) in rows {
            for (kind, count) in TOKEN_KINDS
                .into_iter()
                .zip(sums.tokens)
                .filter(|(_, count)| *count > 0)
            {
                self.labelled(key, |[service, model, format, stream]| {
                    page.sample(
                        &[*service, *model, *format, *stream, ("kind", kind)],
                        Value::Count(count),
                    );
                });
            }
        }
        page.family(
            "tollgate_searches_total",
            "counter",
            "Searches that providers billed: what rerankers did.",
        );
        for (key, sums) in rows.iter().filter(|(_, sums)| sums.searches > 0) {
            self.labelled(key, |labels| {
                page.sample(labels, Value::Count(sums.searches));
            });
        }
        page.family(
            "tollgate_cost_usd_total",
            "counter",
            "Cost by list price, US dollars; models without a known price are not in it.",
        );
        for (key, sums) in rows.iter().filter(|(_, sums)| sums.cost.nanodollars() > 0) {
            self.labelled(key, |labels| {
                page.sample(labels, Value::Nano(sums.cost.nanodollars()));
            });
        }
        self.sum(
            page,
            rows,
            "tollgate_unpriced_requests_total",
            "Requests with usage whose price is not known.",
            |sums| sums.unpriced,
        );
        page.family(
            "tollgate_usage_source_total",
            "counter",
            "Requests with usage, by where the token numbers come from.",
        );
        for (source, count) in SOURCES
            .into_iter()
            .zip(self.sources)
            .filter(|(_, count)| *count > 0)
        {
            page.sample(&[("source", source.label())], Value::Count(count));
        }
    }

    fn troubles(&self, page: &mut Page, rows: &[Row<'_>]) {
        self.sum(
            page,
            rows,
            "tollgate_retries_total",
            "Attempts beyond the first at the same target.",
            |sums| sums.retries,
        );
        self.sum(
            page,
            rows,
            "tollgate_failovers_total",
            "Changes to another target.",
            |sums| sums.failovers,
        );
        self.sum(
            page,
            rows,
            "tollgate_request_body_bytes_total",
            "Bytes of request bodies.",
            |sums| sums.bytes_in,
        );
        self.sum(
            page,
            rows,
            "tollgate_answer_body_bytes_total",
            "Bytes of answers handed to callers.",
            |sums| sums.bytes_out,
        );
    }

    /// A counter with a sample for each row that is not zero.
    fn sum(
        &self,
        page: &mut Page,
        rows: &[Row<'_>],
        name: &'static str,
        help: &str,
        of: impl Fn(&RequestSums) -> u64,
    ) {
        page.family(name, "counter", help);
        for (key, sums) in rows.iter().filter(|(_, sums)| of(sums) > 0) {
            self.labelled(key, |labels| page.sample(labels, Value::Count(of(sums))));
        }
    }

    fn attempts(&self, page: &mut Page) {
        let mut rows: Vec<_> = self.attempts.iter().collect();
        rows.sort_unstable_by_key(|(key, _)| **key);
        let labels = |provider, model| {
            [
                ("provider", self.names.text(provider)),
                ("model", self.models.text(model)),
            ]
        };
        page.family(
            "tollgate_attempts_total",
            "counter",
            "Attempts at targets; outcome is `ok` or an error class.",
        );
        for (key, sums) in &rows {
            let [provider, model] = labels(key.provider, key.model);
            let outcomes = ErrorClass::ALL
                .iter()
                .map(|class| class.label())
                .chain(["ok"]);
            for (outcome, count) in outcomes.zip(sums.outcomes).filter(|(_, count)| *count > 0) {
                page.sample(
                    &[provider, model, ("outcome", outcome)],
                    Value::Count(count),
                );
            }
        }
        page.family(
            "tollgate_attempt_duration_seconds",
            "histogram",
            "Duration of attempts, seconds.",
        );
        for (key, sums) in &rows {
            page.histogram(&labels(key.provider, key.model), &sums.duration);
        }
        let help = "From an attempt's begin to the provider's first content, seconds.";
        page.family(
            "tollgate_attempt_time_to_first_token_seconds",
            "histogram",
            help,
        );
        for (key, sums) in &rows {
            page.histogram(&labels(key.provider, key.model), &sums.first_token);
        }
        let help = "Estimated prompt tokens by those that the provider reported.";
        page.family("tollgate_input_estimate_ratio", "histogram", help);
        rows.retain(|(_, sums)| sums.expected.ratios.count() > 0);
        for (key, sums) in &rows {
            page.histogram(&labels(key.provider, key.model), &sums.expected.ratios);
        }
        let help = "Prompts with more tokens than one in a hundred was expected to have.";
        page.family("tollgate_input_estimate_exceeded_total", "counter", help);
        for (key, sums) in &rows {
            let labels = labels(key.provider, key.model);
            page.sample(&labels, Value::Count(sums.expected.exceeded));
        }
    }

    fn checks(&self, page: &mut Page) {
        let mut checks: Vec<_> = self.checks.iter().collect();
        checks.sort_unstable();
        let labels = |key: &CheckKey| {
            let names = [key.policy, key.rule, key.direction, key.state];
            let [policy, rule, direction, state] = names.map(|name| self.names.text(name));
            [
                ("policy", policy),
                ("rule", rule),
                ("direction", direction),
                ("state", state),
            ]
        };
        page.family(
            "tollgate_policy_checks_total",
            "counter",
            "Messages that rules checked; `incomplete` where a part could not be.",
        );
        for (key, checked) in &checks {
            page.sample(&labels(key), Value::Count(checked.count));
        }
        page.family(
            "tollgate_policy_check_seconds_total",
            "counter",
            "The time that rules took, seconds.",
        );
        for (key, checked) in &checks {
            let nanoseconds = i64::try_from(checked.nanoseconds).unwrap_or(i64::MAX);
            page.sample(&labels(key), Value::Nano(nanoseconds));
        }
    }

    fn rare(&self, page: &mut Page) {
        page.family(
            "tollgate_losses_total",
            "counter",
            "Parts of requests and answers that a translation could not carry.",
        );
        let mut losses: Vec<_> = self.losses.iter().collect();
        losses.sort_unstable();
        for (loss, count) in losses {
            page.sample(&[("loss", self.names.text(*loss))], Value::Count(*count));
        }
        page.family(
            "tollgate_policy_findings_total",
            "counter",
            "What policies found.",
        );
        let mut findings: Vec<_> = self.findings.iter().collect();
        findings.sort_unstable();
        for (key, count) in findings {
            let names = [key.policy, key.rule, key.entity, key.action, key.mode];
            let [policy, rule, entity, action, mode] = names.map(|name| self.names.text(name));
            let labels = [
                ("policy", policy),
                ("rule", rule),
                ("entity", entity),
                ("action", action),
                ("mode", mode),
            ];
            page.sample(&labels, Value::Count(*count));
        }
        self.checks(page);
        page.family(
            "tollgate_step_seconds_total",
            "counter",
            "The gateway's own time by step of a request, seconds.",
        );
        for (step, nanoseconds) in Step::ALL.into_iter().zip(self.steps_ns) {
            page.sample(
                &[("step", step.label())],
                Value::Nano(i64::try_from(nanoseconds).unwrap_or(i64::MAX)),
            );
        }
    }
}

fn now(page: &mut Page, around: &Surroundings<'_>) {
    let live = around.live;
    page.single(
        "tollgate_requests_in_flight",
        "gauge",
        "Requests that run now.",
        Value::Int(live.requests()),
    );
    page.single(
        "tollgate_connections_open",
        "gauge",
        "Open connections of callers.",
        Value::Int(live.connections()),
    );
    page.single(
        "tollgate_heads_unreadable_total",
        "counter",
        "HTTP/1.1 requests whose head could not be read.",
        Value::Count(live.unreadable_heads()),
    );
    page.family("tollgate_build_info", "gauge", "The running version.");
    page.sample(&[("version", around.version)], Value::Count(1));
}

fn configuration(page: &mut Page, live: &Live) {
    let reloads = live.reloads();
    page.family(
        "tollgate_config_revision_info",
        "gauge",
        "The revision that is in effect.",
    );
    if let Some(revision) = &reloads.revision {
        page.sample(&[("revision", revision)], Value::Count(1));
    }
    page.family(
        "tollgate_config_reload_total",
        "counter",
        "Configurations that were read, the first included.",
    );
    page.sample(&[("outcome", "applied")], Value::Count(reloads.applied));
    page.sample(&[("outcome", "rejected")], Value::Count(reloads.rejected));
    let help = "When the configuration in effect was taken, seconds since the Unix epoch.";
    page.single(
        "tollgate_config_applied_timestamp_seconds",
        "gauge",
        help,
        Value::Count(reloads.applied_unix_s),
    );
    let help = "1 when the latest configuration was rejected and an older one runs.";
    page.single(
        "tollgate_config_rejected",
        "gauge",
        help,
        Value::Count(u64::from(reloads.is_rejected)),
    );
}

/// How telemetry itself fares.
fn own(page: &mut Page, around: &Surroundings<'_>) {
    let queue = Value::Count(around.queue_records as u64);
    page.single(
        "tollgate_settle_queue_records",
        "gauge",
        "Finished requests that wait to be written.",
        queue,
    );
    let uncounted = Value::Count(around.uncounted_records as u64);
    page.single(
        "tollgate_settle_uncounted_records",
        "gauge",
        "Finished requests whose tokens are still to be counted.",
        uncounted,
    );
    let counters = [
        (
            "tollgate_settle_queue_full_total",
            "Times a request found the queue full and wrote it out itself.",
            &around.own.queue_full,
        ),
        (
            "tollgate_access_log_lost_total",
            "Access-log lines that could not be written.",
            &around.own.lines_lost,
        ),
        (
            "tollgate_spans_sent_total",
            "Spans that a collector took.",
            &around.own.spans_sent,
        ),
        (
            "tollgate_spans_dropped_total",
            "Spans dropped for want of room or because no collector took them.",
            &around.own.spans_dropped,
        ),
        (
            "tollgate_span_exports_failed_total",
            "Tries to deliver spans that failed.",
            &around.own.exports_failed,
        ),
    ];
    for (name, help, counter) in counters {
        page.single(
            name,
            "counter",
            help,
            Value::Count(counter.load(Ordering::Relaxed)),
        );
    }
}
