//! What a simulator can be told at its start.

use serde::{Deserialize, Serialize};
use tollgate_types::Secret;

use crate::distribution::Distribution;
use crate::fault::{FaultRate, Faults};

/// How a simulator behaves. The default answers at once, without faults, to everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Everything random follows from it. Default 0.
    pub seed: u64,
    /// Time from the request to the first token, in milliseconds. Default 0.
    pub ttft_ms: Distribution,
    /// Time from one token to the next, in milliseconds. Default 0.
    pub token_ms: Distribution,
    /// Length of an answer in tokens. Default: as long as the friendly answer happens to be.
    pub answer_tokens: Option<Distribution>,
    /// Credentials that are accepted. Default: none are asked for. Never written out.
    #[serde(skip)]
    pub keys: Vec<Secret>,
    /// What `GET /v1/models` lists. Other names are answered all the same, unless they begin
    /// with `missing-`. Default `sim-small`, `sim-large`.
    pub models: Vec<String>,
    /// Which requests go wrong. Default none.
    pub faults: Faults,
    /// Requests the books remember; older ones leave the list but stay in the totals.
    /// Default 100,000.
    pub books_entries_max: usize,
    /// Largest request body in bytes; larger ones are answered with 413. Default 33,554,432.
    pub request_bytes_max: usize,
    /// Connections at a time; more wait to be accepted. Default 4,096.
    pub connections_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            ttft_ms: Distribution::ZERO,
            token_ms: Distribution::ZERO,
            answer_tokens: None,
            keys: Vec::new(),
            models: vec!["sim-small".into(), "sim-large".into()],
            faults: Faults::default(),
            books_entries_max: 100_000,
            request_bytes_max: 32 * 1024 * 1024,
            connections_max: 4096,
        }
    }
}

impl Options {
    /// Sets the seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the time to first token, in milliseconds.
    #[must_use]
    pub fn ttft_ms(mut self, distribution: Distribution) -> Self {
        self.ttft_ms = distribution;
        self
    }

    /// Sets the time between tokens, in milliseconds.
    #[must_use]
    pub fn token_ms(mut self, distribution: Distribution) -> Self {
        self.token_ms = distribution;
        self
    }

    /// Sets the time between tokens by a rate in tokens per second; zero or less means at once.
    #[must_use]
    pub fn tokens_per_second(self, rate: f64) -> Self {
        let pause = if rate > 0.0 { 1000.0 / rate } else { 0.0 };
        self.token_ms(Distribution::Constant(pause))
    }

    /// Sets the length of answers, in tokens.
    #[must_use]
    pub fn answer_tokens(mut self, distribution: Distribution) -> Self {
        self.answer_tokens = Some(distribution);
        self
    }

    /// Accepts one more credential; from the first on, requests without one get 401.
    #[must_use]
    pub fn key(mut self, key: Secret) -> Self {
        self.keys.push(key);
        self
    }

    /// Adds a fault that strikes a share of the requests.
    #[must_use]
    pub fn fault(mut self, rate: FaultRate) -> Self {
        self.faults.rates.push(rate);
        self
    }

    /// Sets all faults, rates and script.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Are these options possible?
    ///
    /// # Errors
    /// When the fault rates exceed 1 together, or a limit is zero.
    pub fn check(&self) -> Result<(), OptionsError> {
        if self.connections_max == 0 || self.request_bytes_max == 0 {
            return Err(OptionsError::LimitIsZero);
        }
        check_faults(&self.faults)
    }
}

/// Do the rates fit into one request?
pub(crate) fn check_faults(faults: &Faults) -> Result<(), OptionsError> {
    let sum = faults.rate_sum();
    // Ten rates of 0.1 sum to a little more than 1.
    if sum > 1.0 + 1e-9 {
        return Err(OptionsError::RatesExceedOne { sum });
    }
    Ok(())
}

/// Options that contradict themselves.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OptionsError {
    /// One request can go wrong in one way only.
    #[error("the fault rates sum to {sum}: lower them until they sum to at most 1")]
    RatesExceedOne {
        /// The sum of all rates.
        sum: f64,
    },
    /// With it, nothing could be answered.
    #[error("`connections_max` and `request_bytes_max` must be at least 1")]
    LimitIsZero,
}
