//! The table parses, names match as promised, sums are exact.

use proptest::prelude::*;
use tollgate_types::Usage;

use super::{Price, cost, families, price};

#[test]
fn the_table_parses_and_no_price_is_free_or_absurd() {
    let count: usize = families()
        .values()
        .map(std::collections::BTreeMap::len)
        .sum();
    assert!(count >= 40, "{count}");
    for (name, price) in families().values().flatten() {
        assert!(price.input > 0 && price.output >= price.input, "{name}");
        assert!(
            price.cached_input > 0 && price.cached_input <= price.input,
            "{name}"
        );
        assert!(
            price.cache_write >= price.input && price.output <= 1_000_000,
            "{name}"
        );
    }
}

#[test]
fn a_name_matches_itself_and_its_dated_versions() {
    let listed = price("openai", "gpt-4o").expect("listed");
    for name in [
        "gpt-4o-2024-08-06",
        "gpt-4o-latest",
        "openai/gpt-4o",
        "gpt-4o@20240806",
    ] {
        assert_eq!(price("openai", name), Some(listed), "{name}");
    }
    let sonnet = price("anthropic", "claude-sonnet-4-5").expect("listed");
    for name in [
        "claude-sonnet-4-5-20250929",
        "claude-sonnet-4-5@20250929",
        "claude-sonnet-4-5-latest",
    ] {
        assert_eq!(price("anthropic", name), Some(sonnet), "{name}");
    }
}

#[test]
fn another_model_with_the_same_beginning_has_its_own_price_or_none() {
    assert_ne!(price("openai", "gpt-4o-mini"), price("openai", "gpt-4o"));
    for name in [
        "gpt-4o-audio-preview",
        "gpt-4o-",
        "gpt-4-turbo-vision",
        "o3-deep-research",
        "gpt-3.5-turbo-16k",
    ] {
        assert_eq!(price("openai", name), None, "{name}");
    }
    for name in [
        "claude-sonnet-4-9",
        "claude-sonnet-4-9-20270101",
        "claude-haiku-4-5-fast",
    ] {
        assert_eq!(price("anthropic", name), None, "{name}");
    }
}

#[test]
fn an_unknown_model_or_provider_has_no_price() {
    assert_eq!(price("openai", "my-model"), None);
    assert_eq!(price("http", "gpt-4o"), None);
    assert_eq!(price("openai", ""), None);
}

#[test]
fn a_compatible_provider_serves_any_family_but_the_simulator() {
    assert_eq!(
        price("openai_compatible", "gemini-2.5-flash"),
        price("gemini", "gemini-2.5-flash")
    );
    assert_eq!(price("openai_compatible", "*"), None);
    assert_eq!(price("openai_compatible", "llama-unlisted"), None);
}

#[test]
fn every_model_of_the_simulator_has_the_demo_price() {
    assert!(price("simulator", "anything").is_some());
}

#[test]
fn each_kind_of_token_has_its_own_price() {
    let price = Price {
        input: 1_000,
        cached_input: 100,
        cache_write: 1_250,
        output: 5_000,
    };
    let usage = Usage {
        input: 100,
        output: 10,
        cached_input: 60,
        cache_write_input: 30,
        reasoning: 5,
    };
    assert_eq!(
        cost(&usage, &price).nanodollars(),
        10 * 1_000 + 60 * 100 + 30 * 1_250 + 10 * 5_000
    );
}

proptest! {
    #[test]
    fn a_cost_is_the_exact_sum_or_saturates(
        input in any::<u64>(), output in any::<u64>(), cached in any::<u64>(), written in any::<u64>(),
    ) {
        let price = Price { input: 3, cached_input: 2, cache_write: 4, output: 5 };
        let usage = Usage { input, output, cached_input: cached, cache_write_input: written, reasoning: 0 };
        let plain = u128::from(input.saturating_sub(cached).saturating_sub(written));
        let exact = plain * 3 + u128::from(cached) * 2 + u128::from(written) * 4 + u128::from(output) * 5;
        let expected = i64::try_from(exact).unwrap_or(i64::MAX);
        prop_assert_eq!(cost(&usage, &price).nanodollars(), expected);
    }

    #[test]
    fn no_name_breaks_the_search(name in ".{0,64}") {
        for kind in ["openai", "anthropic", "openai_compatible", "simulator", "other"] {
            let _found = price(kind, &name);
        }
    }
}
