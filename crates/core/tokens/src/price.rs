//! List prices per model, embedded as data (`prices.json`).
//!
//! They are what providers publish for a request of ordinary size at ordinary speed, as
//! known in [`PRICES_AS_OF`]; later changes and models are not in the table. Surcharges
//! for very long prompts or long-lived cache entries and rebates for batches, off-peak
//! hours or contracts are left out. A provider without a price of its own for cached
//! tokens has the input price there.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use tollgate_types::{Money, Usage};

/// The month up to which the list prices in the table are known.
pub const PRICES_AS_OF: &str = "2025-11";

/// The name that stands for every model of its family: the simulator invents models.
const ANY_MODEL: &str = "*";

const TABLE: &str = include_str!("../prices.json");

/// What one token of each kind costs, in nano-dollars (a list price of 1 USD per
/// million tokens is 1000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// A prompt token that is neither read from nor written to the prompt cache.
    pub input: u64,
    /// A prompt token read from the cache.
    pub cached_input: u64,
    /// A prompt token written to the cache.
    pub cache_write: u64,
    /// A generated token, reasoning included.
    pub output: u64,
}

/// Models of one family by name.
type Family = BTreeMap<String, Price>;

fn families() -> &'static BTreeMap<String, Family> {
    static FAMILIES: OnceLock<BTreeMap<String, Family>> = OnceLock::new();
    // A table that does not parse knows no price; a test proves that ours does.
    FAMILIES.get_or_init(|| serde_json::from_str(TABLE).unwrap_or_default())
}

/// The list price of a model at a kind of provider (`openai`, `anthropic`,
/// `openai_compatible`, `simulator`).
///
/// A name matches itself, else the longest listed name that it continues with a
/// version or date suffix (`gpt-4o-2024-08-06`, `claude-sonnet-4-5@20250929`,
/// `…-latest`, `…-preview`). A path in front (`models/…`, `anthropic/…`) is
/// ignored. A compatible provider may serve any family. `None`: not known.
#[must_use]
pub fn price(provider_kind: &str, model: &str) -> Option<&'static Price> {
    let model = model.rsplit_once('/').map_or(model, |(_, name)| name);
    let families = families();
    if let Some(family) = families.get(provider_kind) {
        return find(family, model);
    }
    if provider_kind != "openai_compatible" {
        return None;
    }
    families
        .iter()
        .filter(|(name, _)| *name != "simulator")
        .find_map(|(_, family)| find(family, model))
}

fn find(family: &'static Family, model: &str) -> Option<&'static Price> {
    if let Some(price) = family.get(model).or_else(|| family.get(ANY_MODEL)) {
        return Some(price);
    }
    let cuts = model
        .char_indices()
        .rev()
        .filter(|(_, c)| matches!(c, '-' | '@' | ':'));
    for (at, _) in cuts {
        let (name, suffix) = model.split_at(at);
        if let Some(price) = family.get(name).filter(|_| is_version(suffix)) {
            return Some(price);
        }
    }
    None
}

/// Whether what follows a listed name only names a version of it: `latest`, `preview`,
/// `exp`, `vN` or a number, and the first number has three digits or more. A shorter
/// one is the next generation (`claude-sonnet-4` is not `claude-sonnet-4-5`), and any
/// other word is another model (`-mini`, `-audio`).
fn is_version(suffix: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &str| {
        matches!(part, "latest" | "preview" | "exp")
            || part.strip_prefix('v').is_some_and(is_number)
    };
    // The suffix begins with a separator, so the part before it is empty.
    let mut parts = suffix.split(['-', '@', ':']).skip(1);
    parts
        .next()
        .is_some_and(|first| is_word(first) || (first.len() >= 3 && is_number(first)))
        && parts.all(|part| is_word(part) || is_number(part))
}

/// What an answer costs; integers only, saturating.
///
/// Cached and cache-writing tokens are parts of `input`; where a provider reports
/// more of them than of `input`, the rest of `input` is zero.
#[must_use]
pub fn cost(usage: &Usage, price: &Price) -> Money {
    let plain = usage
        .input
        .saturating_sub(usage.cached_input)
        .saturating_sub(usage.cache_write_input);
    let mut sum = Money::ZERO;
    for (tokens, nanodollars) in [
        (plain, price.input),
        (usage.cached_input, price.cached_input),
        (usage.cache_write_input, price.cache_write),
        (usage.output, price.output),
    ] {
        sum +=
            Money::from_nanodollars(i64::try_from(nanodollars).unwrap_or(i64::MAX)).times(tokens);
    }
    sum
}

#[cfg(test)]
mod tests;
