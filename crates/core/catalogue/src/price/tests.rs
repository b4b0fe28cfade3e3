//! Sums are exact, what is not known stays unknown.

use proptest::prelude::*;
use tollgate_types::Usage;

use super::{Price, Rates};
use crate::words::Unit;

fn rates(pairs: &[(Unit, u64)]) -> Rates {
    let mut rates = Rates::UNKNOWN;
    pairs
        .iter()
        .for_each(|(unit, rate)| rates.set(*unit, *rate));
    rates
}

fn price(pairs: &[(Unit, u64)]) -> Price {
    Price {
        rates: rates(pairs),
        above: None,
    }
}

const USAGE: Usage = Usage {
    input: 100,
    output: 10,
    cached_input: 60,
    cache_write_input: 30,
    reasoning: 4,
    searches: 0,
    tier: tollgate_types::Tier::Unsaid,
};

#[test]
fn each_kind_of_token_has_its_own_price() {
    let price = price(&[
        (Unit::Input, 1_000_000),
        (Unit::CachedInput, 100_000),
        (Unit::CacheWrite, 1_250_000),
        (Unit::Output, 5_000_000),
        (Unit::Reasoning, 6_000_000),
    ]);
    let nano = 10 * 1_000 + 60 * 100 + 30 * 1_250 + 6 * 5_000 + 4 * 6_000;
    assert_eq!(price.cost(&USAGE).unwrap().nanodollars(), nano);
}

#[test]
fn parts_without_a_price_cost_what_the_whole_does() {
    let price = price(&[(Unit::Input, 1_000_000), (Unit::Output, 5_000_000)]);
    let nano = 100 * 1_000 + 10 * 5_000;
    assert_eq!(price.cost(&USAGE).unwrap().nanodollars(), nano);
}

#[test]
fn searches_cost_what_one_does_and_tokens_without_a_price_are_part_of_them() {
    let used = |searches, input| Usage {
        searches,
        input,
        ..Usage::default()
    };
    let searches = price(&[(Unit::Search, 2_000_000_000)]);
    let nano = |price: &Price, usage| price.cost(&usage).map(tollgate_types::Money::nanodollars);
    assert_eq!(nano(&searches, used(3, 0)), Some(6_000_000));
    assert_eq!(nano(&searches, used(3, 900)), Some(6_000_000));
    assert_eq!(nano(&searches, used(0, 900)), None);
    let tokens = price(&[(Unit::Input, 1_000_000)]);
    assert_eq!(nano(&tokens, used(1, 0)), None);
    assert_eq!(nano(&tokens, used(1, 7)), Some(7_000));
    let both = price(&[(Unit::Search, 2_000_000_000), (Unit::Input, 1_000_000)]);
    assert_eq!(nano(&both, used(1, 7)), Some(2_007_000));
}

#[test]
fn what_was_used_and_has_no_price_makes_the_cost_unknown() {
    let input_only = price(&[(Unit::Input, 1_000_000)]);
    assert_eq!(input_only.cost(&USAGE), None);
    let embedding = Usage {
        input: 5,
        ..Usage::default()
    };
    assert_eq!(input_only.cost(&embedding).unwrap().nanodollars(), 5_000);
    assert!(Rates::UNKNOWN.is_unknown() && !input_only.rates.is_unknown());
}

#[test]
fn half_of_the_cheapest_token_is_exact() {
    // 0.005 USD a million, and half of it.
    let price = price(&[(Unit::Input, 2_500)]);
    let usage = Usage {
        input: 2,
        ..Usage::default()
    };
    assert_eq!(price.cost(&usage).unwrap().nanodollars(), 5);
    let usage = Usage {
        input: 1,
        ..Usage::default()
    };
    assert_eq!(price.cost(&usage).unwrap().nanodollars(), 3, "rounded");
}

#[test]
fn a_long_prompt_has_its_own_rates() {
    let long = rates(&[(Unit::Input, 3_000_000)]);
    let price = Price {
        above: Some((100, long)),
        ..price(&[(Unit::Input, 1_000_000)])
    };
    let cost = |input| {
        let usage = Usage {
            input,
            ..Usage::default()
        };
        price.cost(&usage).unwrap().nanodollars()
    };
    assert_eq!((cost(100), cost(101)), (100_000, 303_000));
}

proptest! {
    #[test]
    fn a_cost_is_the_exact_sum_or_saturates(
        input in any::<u64>(), output in any::<u64>(), cached in any::<u64>(), written in any::<u64>(),
        reasoning in any::<u64>(),
    ) {
        let price = price(&[
            (Unit::Input, 3_000), (Unit::CachedInput, 2_000), (Unit::CacheWrite, 4_000),
            (Unit::Output, 5_000), (Unit::Reasoning, 6_000),
        ]);
        let usage = Usage { input, output, cached_input: cached, cache_write_input: written, reasoning, ..Usage::default() };
        let plain = u128::from(input.saturating_sub(cached).saturating_sub(written));
        let thought = u128::from(reasoning.min(output));
        let said = u128::from(output.saturating_sub(reasoning));
        let exact = plain * 3 + u128::from(cached) * 2 + u128::from(written) * 4 + said * 5 + thought * 6;
        let expected = i64::try_from(exact).unwrap_or(i64::MAX);
        prop_assert_eq!(price.cost(&usage).unwrap().nanodollars(), expected);
    }
}
