//! Prices, as integers.
//!
//! A price is kept in pico-dollars (10⁻¹² USD) for one token, picture, request …: half of
//! the cheapest token's price, as batches have it, is still exact. A list price of 1 USD per
//! million tokens is 1 000 000.

mod dollars;

use tollgate_types::{Money, Usage};

pub use dollars::{Dollars, per_million, per_one};

use crate::words::{Unit, Word};

/// Not known.
const UNKNOWN: u64 = u64::MAX;
const UNITS: usize = Unit::ALL.len();

/// What one of each unit costs, in pico-dollars.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rates([u64; UNITS]);

impl Rates {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self([UNKNOWN; UNITS]);

    /// What is charged for one of a unit, as it was said. `None`: not known.
    #[must_use]
    pub fn get(&self, unit: Unit) -> Option<u64> {
        let rate = self.0.get(unit as usize).copied()?;
        (rate != UNKNOWN).then_some(rate)
    }

    /// Says what is charged for one of a unit.
    pub fn set(&mut self, unit: Unit, picodollars: u64) {
        if let Some(rate) = self.0.get_mut(unit as usize) {
            *rate = picodollars;
        }
    }

    /// What is charged for one of a unit. Cached tokens and those that are written to a
    /// cache cost what other prompt tokens do where nobody says otherwise, and reasoning
    /// what other generated tokens do.
    #[must_use]
    pub fn charged(&self, unit: Unit) -> Option<u64> {
        let plain = match unit {
            Unit::CachedInput | Unit::CacheWrite => Some(Unit::Input),
            Unit::Reasoning => Some(Unit::Output),
            _ => None,
        };
        self.get(unit).or_else(|| self.get(plain?))
    }

    /// True where nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.0.iter().all(|rate| *rate == UNKNOWN)
    }

    /// These rates, with those of `other` where it says some.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            if theirs != UNKNOWN {
                *mine = theirs;
            }
        }
        self
    }

    /// The units with a price, each with it.
    pub fn iter(&self) -> impl Iterator<Item = (Unit, u64)> {
        let units = Unit::ALL.iter().copied();
        units.filter_map(|unit| Some((unit, self.get(unit)?)))
    }
}

impl std::fmt::Debug for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rates = self.iter().map(|(unit, rate)| (unit.label(), rate));
        f.debug_map().entries(rates).finish()
    }
}

/// What is charged for a request of one service class on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// For prompts of ordinary length.
    pub rates: Rates,
    /// For prompts of more than so many tokens, the whole request.
    pub above: Option<(u32, Rates)>,
}

impl Price {
    /// The rates for a prompt of so many tokens.
    #[must_use]
    pub fn at(&self, prompt_tokens: u64) -> &Rates {
        match &self.above {
            Some((tokens, rates)) if prompt_tokens > u64::from(*tokens) => rates,
            _ => &self.rates,
        }
    }

    /// What an answer costs; integers only, saturating. `None` where the price of
    /// something that was used is not known.
    ///
    /// Cached and cache-writing tokens are parts of `input`, reasoning is part of
    /// `output`; where a provider reports more of a part than of the whole, the rest of
    /// the whole is zero. Searches are charged where they have a price; tokens without one
    /// are then part of them.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<Money> {
        let rates = self.at(usage.input);
        let input = usage
            .input
            .saturating_sub(usage.cached_input)
            .saturating_sub(usage.cache_write_input);
        let output = usage.output.saturating_sub(usage.reasoning);
        let reasoning = usage.reasoning.min(usage.output);
        let searches = rates.charged(Unit::Search).filter(|_| usage.searches > 0);
        let by_search = u128::from(searches.unwrap_or_default());
        let mut sum = by_search.saturating_mul(u128::from(usage.searches));
        for (tokens, unit) in [
            (input, Unit::Input),
            (usage.cached_input, Unit::CachedInput),
            (usage.cache_write_input, Unit::CacheWrite),
            (output, Unit::Output),
            (reasoning, Unit::Reasoning),
        ] {
            if tokens > 0 {
                let rate = match (rates.charged(unit), searches) {
                    (Some(rate), _) => u128::from(rate),
                    (None, Some(_)) => continue,
                    (None, None) => return None,
                };
                sum = sum.saturating_add(rate.saturating_mul(u128::from(tokens)));
            }
        }
        let is_priced = usage.searches == 0 || searches.is_some() || usage.total() > 0;
        is_priced.then(|| money(sum))
    }
}

/// Pico-dollars as money, to the nearest nano-dollar.
fn money(picodollars: u128) -> Money {
    let nanodollars = picodollars.saturating_add(500) / 1_000;
    Money::from_nanodollars(i64::try_from(nanodollars).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
