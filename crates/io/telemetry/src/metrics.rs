//! Metrics: sums over settled records, in Prometheus's text format.
//!
//! There is one writer, so these are plain maps. Label values are interned: a record
//! whose labels were seen before allocates nothing. Every map has a limit; what is
//! beyond it is counted under the label value `other`, so the sums stay right while a
//! caller that invents names cannot grow the process.

mod histogram;
mod names;
mod page;
mod process;
mod render;

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;
use smallvec::SmallVec;
use tollgate_types::{ErrorClass, Money};

use self::histogram::Histogram;
use self::names::{Names, Symbol};
use crate::record::{Attempt, Expected, Name, Settled, Step};

pub(crate) use self::render::Surroundings;

/// Distinct names of models.
const MODELS_MAX: usize = 1_000;
/// Distinct names of services.
const SERVICES_MAX: usize = 1_000;
/// Distinct other names: from our own lists and the configuration.
const NAMES_MAX: usize = 4_096;
/// Series of one table. Beyond it the model is folded, beyond twice it everything is.
const SERIES_MAX: usize = 2_000;
/// Distinct outcomes of one series.
const OUTCOMES_MAX: usize = 64;

type Table<K, V> = HashMap<K, V, RandomState>;

/// All metrics that come from records.
#[derive(Default)]
pub(crate) struct Metrics {
    services: Names<SERVICES_MAX>,
    models: Names<MODELS_MAX>,
    names: Names<NAMES_MAX>,
    requests: Table<RequestKey, RequestSums>,
    attempts: Table<AttemptKey, AttemptSums>,
    findings: Table<FindingKey, u64>,
    checks: Table<CheckKey, Checked>,
    losses: Table<Symbol, u64>,
    steps_ns: [u64; Step::ALL.len()],
    /// Records with usage, by source.
    sources: [u64; 4],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct RequestKey {
    service: Symbol,
    model: Symbol,
    format: Symbol,
    is_stream: bool,
}

#[derive(Default)]
struct RequestSums {
    outcomes: SmallVec<[(Outcome, u64); 2]>,
    duration: Histogram,
    first_token: Histogram,
    /// Input, output, cached input, cache write input, reasoning.
    tokens: [u64; 5],
    searches: u64,
    cost: Money,
    unpriced: u64,
    retries: u64,
    failovers: u64,
    bytes_in: u64,
    bytes_out: u64,
}

/// How a request ended. Status 0 stands for outcomes beyond the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Outcome {
    status: u16,
    class: Option<ErrorClass>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct AttemptKey {
    provider: Symbol,
    model: Symbol,
}

#[derive(Default)]
struct AttemptSums {
    /// By error class; the last is success.
    outcomes: [u64; ErrorClass::ALL.len() + 1],
    duration: Histogram,
    first_token: Histogram,
    /// Estimated prompt tokens by reported ones.
    expected: Expectations,
}

/// How good estimates were.
struct Expectations {
    ratios: Histogram,
    /// Reports beyond what one prompt in a hundred should have.
    exceeded: u64,
}

impl Default for Expectations {
    fn default() -> Self {
        Self {
            ratios: Histogram::of_ratios(),
            exceeded: 0,
        }
    }
}

impl Expectations {
    fn add(&mut self, expected: &Expected, reported: u64) {
        let billionths = u128::from(expected.tokens) * 1_000_000_000 / u128::from(reported.max(1));
        self.ratios
            .observe(u64::try_from(billionths).unwrap_or(u64::MAX));
        self.exceeded += u64::from(u64::from(expected.high) < reported);
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct CheckKey {
    policy: Symbol,
    rule: Symbol,
    direction: Symbol,
    state: Symbol,
}

/// What checks of one kind came to.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Checked {
    count: u64,
    nanoseconds: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct FindingKey {
    policy: Symbol,
    rule: Symbol,
    entity: Symbol,
    action: Symbol,
    mode: Symbol,
}

impl Metrics {
    /// Adds one record.
    pub(crate) fn add(&mut self, record: &Settled) {
        let key = RequestKey {
            service: self
                .services
                .symbol(record.service.as_deref().unwrap_or_default()),
            model: self.model(record),
            format: self.names.symbol(record.format),
            is_stream: record.is_stream,
        };
        let folded = [
            RequestKey {
                model: Symbol::OTHER,
                ..key
            },
            RequestKey {
                service: Symbol::OTHER,
                model: Symbol::OTHER,
                ..key
            },
        ];
        bounded(&mut self.requests, key, folded).add(record);
        for (index, attempt) in record.attempts.iter().enumerate() {
            let is_served = record.served_by.map(usize::from) == Some(index);
            self.add_attempt(attempt, is_served, record);
        }
        for (step, nanoseconds) in record.steps.iter() {
            if let Some(sum) = self.steps_ns.get_mut(step as usize) {
                *sum = sum.saturating_add(nanoseconds);
            }
        }
        if record.tells_source()
            && let Some(count) = self.sources.get_mut(record.usage_source as usize)
        {
            *count += 1;
        }
        self.add_rare(record);
    }

    /// The model's label: what the caller asked for, once something took the request.
    /// Before that the name is anybody's, and could be chosen to fill the table.
    fn model(&mut self, record: &Settled) -> Symbol {
        match &record.model {
            None => self.models.symbol(""),
            Some(model) if record.route.is_some() => self.models.symbol(model),
            Some(_) if record.attempts.is_empty() => self.models.symbol("unrouted"),
            Some(model) => self.models.guest(model, is_answered(record)),
        }
    }

    fn add_attempt(&mut self, attempt: &Attempt, is_served: bool, record: &Settled) {
        let key = AttemptKey {
            provider: self.names.symbol(&attempt.provider),
            model: if record.route.is_some() {
                self.models.symbol(&attempt.model)
            } else {
                self.models.guest(&attempt.model, is_answered(record))
            },
        };
        let folded = [
            AttemptKey {
                model: Symbol::OTHER,
                ..key
            },
            AttemptKey {
                provider: Symbol::OTHER,
                model: Symbol::OTHER,
            },
        ];
        let sums = bounded(&mut self.attempts, key, folded);
        let outcome = attempt
            .class
            .map_or(ErrorClass::ALL.len(), |class| class as usize);
        if let Some(count) = sums.outcomes.get_mut(outcome) {
            *count += 1;
        }
        sums.duration.observe(attempt.duration_ns);
        if let Some(first_token) = attempt.ttft_ns {
            sums.first_token.observe(first_token);
        }
        if let Some(reported) = record.reported_input().filter(|_| is_served) {
            sums.expected.add(&record.expected, reported);
        }
    }

    /// What most records do not have.
    fn add_rare(&mut self, record: &Settled) {
        for loss in &record.losses {
            let name = match loss {
                Name::Static(name) => name,
                // The caller's invention: a label would let callers make series.
                Name::Shared(_) => "unknown_field",
            };
            *self.losses.entry(self.names.symbol(name)).or_default() += 1;
        }
        for finding in &record.findings {
            let key = FindingKey {
                policy: self.names.symbol(&finding.policy),
                rule: self.names.symbol(&finding.rule),
                entity: self.names.symbol(&finding.entity),
                action: self.names.symbol(finding.action),
                mode: self.names.symbol(finding.mode),
            };
            let all = FindingKey {
                policy: Symbol::OTHER,
                rule: Symbol::OTHER,
                ..key
            };
            *bounded(&mut self.findings, key, [all, all]) += u64::from(finding.count);
        }
        for check in &record.checks {
            let key = CheckKey {
                policy: self.names.symbol(&check.policy),
                rule: self.names.symbol(&check.rule),
                direction: self.names.symbol(check.direction),
                state: self.names.symbol(check.state()),
            };
            let all = CheckKey {
                policy: Symbol::OTHER,
                rule: Symbol::OTHER,
                ..key
            };
            let checked = bounded(&mut self.checks, key, [all, all]);
            checked.count += 1;
            checked.nanoseconds = checked.nanoseconds.saturating_add(check.spent_ns);
        }
    }
}

impl RequestSums {
    fn add(&mut self, record: &Settled) {
        self.count(Outcome {
            status: record.status,
            class: record.class,
        });
        self.duration.observe(record.duration_ns);
        if let Some(first_token) = record.ttft_ns {
            self.first_token.observe(first_token);
        }
        if let Some(usage) = &record.usage {
            let parts = [
                usage.input,
                usage.output,
                usage.cached_input,
                usage.cache_write_input,
                usage.reasoning,
            ];
            for (sum, part) in self.tokens.iter_mut().zip(parts) {
                *sum = sum.saturating_add(part);
            }
            self.searches = self.searches.saturating_add(usage.searches);
            self.unpriced += u64::from(record.cost.is_none());
        }
        self.cost += record.cost.unwrap_or_default();
        self.retries += u64::from(record.retries);
        self.failovers += u64::from(record.failovers);
        self.bytes_in = self.bytes_in.saturating_add(record.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(record.bytes_out);
    }

    fn count(&mut self, outcome: Outcome) {
        let rest = Outcome {
            status: 0,
            class: None,
        };
        let outcome = if self.outcomes.len() < OUTCOMES_MAX {
            outcome
        } else {
            rest
        };
        match self
            .outcomes
            .iter_mut()
            .find(|(known, _)| *known == outcome)
        {
            Some((_, count)) => *count += 1,
            None => self.outcomes.push((outcome, 1)),
        }
    }
}

/// Whether a provider showed that it knows the model, whose name was passed on to it.
fn is_answered(record: &Settled) -> bool {
    (200..300).contains(&record.status) && record.served().is_some()
}

/// The entry of a key; of a folded key where the table is full and has not this one.
fn bounded<K: Eq + Hash + Copy, V: Default>(
    table: &mut Table<K, V>,
    key: K,
    folded: [K; 2],
) -> &mut V {
    let [some, all] = folded;
    let key = if table.len() < SERIES_MAX || table.contains_key(&key) {
        key
    } else if table.len() < SERIES_MAX * 2 || table.contains_key(&some) {
        some
    } else {
        all
    };
    table.entry(key).or_default()
}

#[cfg(test)]
mod tests;
