//! The table is whole, names match as promised.

use std::collections::HashSet;

use proptest::prelude::*;

use super::Model;
use crate::day::Day;
use crate::provider::ProviderKind;
use crate::words::{Ability, Modality, ServiceClass, Unit, Vocabulary};

const TODAY: &str = "2026-11-22";

fn today() -> Day {
    Day::parse(TODAY).expect("a day")
}

fn find(kind: &str, name: &str) -> Model {
    Model::find(kind, name).unwrap_or_else(|| panic!("{kind}/{name}"))
}

#[test]
fn there_are_more_than_two_hundred_models_and_each_is_found_by_each_of_its_names() {
    assert!(Model::all().count() > 200);
    for model in Model::all() {
        for name in std::iter::once(model.name()).chain(model.aliases()) {
            assert_eq!(Model::find(model.provider(), name), Some(model), "{name}");
        }
        assert!(
            !model.family().is_empty() && model.sources().count() > 0,
            "{model:?}"
        );
        for source in model.sources() {
            assert!(source.read > Day::parse("2026-01-01").unwrap(), "{model:?}");
        }
    }
}

#[test]
fn no_name_is_there_twice_at_a_provider() {
    let mut seen = HashSet::new();
    for model in Model::all() {
        for name in std::iter::once(model.name()).chain(model.aliases()) {
            assert!(seen.insert((model.provider(), name)), "{model:?}");
        }
    }
}

#[test]
fn limits_are_plausible_or_not_known() {
    for model in Model::all() {
        let facts = model.facts();
        assert!(
            facts.context_tokens == 0 || facts.context_tokens >= 256,
            "{model:?}"
        );
        assert!(facts.context_tokens <= 20_000_000, "{model:?}");
        assert!(facts.context_tokens == 0 || facts.output_tokens <= facts.context_tokens);
    }
}

#[test]
fn no_price_is_free_or_absurd_and_parts_are_not_dearer_than_the_whole() {
    let mut priced = 0;
    for model in Model::all() {
        for row in model.price_rows() {
            assert!(row.picodollars > 0, "{model:?} {row:?}");
            // A thousand dollars for a million tokens.
            assert!(
                !row.unit.is_million() || row.picodollars <= 1_000_000_000,
                "{model:?}"
            );
        }
        let Some(price) = model.price(ServiceClass::Standard, today()) else {
            continue;
        };
        priced += 1;
        let rate = |unit| price.rates.get(unit);
        if let (Some(input), Some(cached)) = (rate(Unit::Input), rate(Unit::CachedInput)) {
            assert!(cached <= input, "{model:?}");
        }
        if let Some((above, long)) = price.above {
            assert!(above >= 100_000, "{model:?}");
            assert!(long.get(Unit::Input) > rate(Unit::Input), "{model:?}");
        }
        if let Some(batch) = model.price(ServiceClass::Batch, today()) {
            assert!(
                batch.rates.get(Unit::Input) < rate(Unit::Input),
                "{model:?}"
            );
        }
    }
    assert!(priced > 100, "{priced}");
}

#[test]
fn a_name_matches_itself_and_its_dated_versions() {
    let listed = find("openai", "gpt-4o");
    for name in [
        "gpt-4o-2024-08-06",
        "gpt-4o-latest",
        "openai/gpt-4o",
        "gpt-4o@20240806",
    ] {
        assert_eq!(Model::find("openai", name), Some(listed), "{name}");
    }
    let sonnet = find("anthropic", "claude-sonnet-4-5");
    for name in ["claude-sonnet-4-5-20250929", "claude-sonnet-4-5@20250929"] {
        assert_eq!(Model::find("anthropic", name), Some(sonnet), "{name}");
    }
    let nova = find("bedrock", "amazon.nova-pro-v1:0");
    assert_eq!(
        Model::find("bedrock", "eu.amazon.nova-pro-v1:0"),
        Some(nova)
    );
    let groq = find("groq", "openai/gpt-oss-120b");
    assert_eq!(groq.name(), "openai/gpt-oss-120b");
    assert_eq!(Model::find("groq", "gpt-oss-120b"), Some(groq));
}

#[test]
fn another_model_with_the_same_beginning_is_another_or_none() {
    assert_ne!(find("openai", "gpt-4o-mini"), find("openai", "gpt-4o"));
    for (kind, name) in [
        ("openai", "gpt-4o-search"),
        ("openai", "gpt-4o-"),
        ("openai", "gpt-3.5-turbo-16k"),
        ("openai", ""),
        ("openai", "my-model"),
        ("anthropic", "claude-sonnet-4-9"),
        ("anthropic", "claude-haiku-4-5-fast"),
        // Months and days: some of these cost another price.
        ("openai", "gpt-4-0314-preview"),
        ("openai", "gpt-3.5-turbo-1106"),
        ("openai", "gpt-4o-2024"),
        ("openai", "gpt-4o-2024-05-1x"),
        ("http", "gpt-4o"),
    ] {
        assert_eq!(Model::find(kind, name), None, "{name}");
    }
}

#[test]
fn a_dated_model_with_a_price_of_its_own_is_listed() {
    let input = |name: &str| {
        let price = find("openai", name).price(ServiceClass::Standard, today());
        price
            .and_then(|price| price.rates.get(Unit::Input))
            .unwrap()
    };
    for (name, dollars) in [
        ("gpt-4", 30),
        ("gpt-4-0613", 30),
        ("gpt-4-1106-preview", 10),
        ("gpt-4-0125-preview", 10),
        ("gpt-4-turbo-2024-04-09", 10),
        ("gpt-4o-2024-05-13", 5),
    ] {
        assert_eq!(input(name), dollars * 1_000_000, "{name}");
    }
    let preview = find("openai", "gpt-4-0125-preview").facts();
    assert_eq!(preview.context_tokens, 128_000);
    assert_ne!(
        find("openai", "gpt-4-1106-preview"),
        find("openai", "gpt-4")
    );
}

#[test]
fn a_compatible_provider_serves_what_makers_serve_but_not_at_others_prices() {
    let flash = find("openai_compatible", "gemini-2.5-flash");
    assert_eq!(flash.provider(), "gemini");
    assert_eq!(
        Model::find("openai_compatible", "llama-3.1-8b-instant"),
        None
    );
    assert_eq!(Model::find("openai_compatible", "*"), None);
}

#[test]
fn every_model_of_the_simulator_has_the_same_price() {
    let simulated = find("simulator", "anything");
    let price = simulated
        .price(ServiceClass::Standard, today())
        .expect("a price");
    assert_eq!(price.rates.get(Unit::Output), Some(4_000_000));
}

#[test]
fn a_price_holds_from_its_day_on() {
    let terra = find("openai", "gpt-5.6-terra");
    let on = |day: &str| {
        let price = terra
            .price(ServiceClass::Standard, Day::parse(day).unwrap())
            .unwrap();
        let long = price.above.unwrap();
        (
            price.rates.get(Unit::Input),
            long.0,
            long.1.get(Unit::Output),
        )
    };
    assert_eq!(
        on("2026-07-29"),
        (Some(2_500_000), 272_000, Some(22_500_000))
    );
    assert_eq!(
        on("2026-07-30"),
        (Some(2_000_000), 272_000, Some(18_000_000))
    );
}

#[test]
fn facts_say_what_a_model_is() {
    let facts = find("openai", "gpt-5-mini").facts();
    assert!(facts.abilities.has(Ability::Vision) && facts.abilities.has(Ability::Reasoning));
    assert_eq!(facts.vocabulary, Some(Vocabulary::O200k));
    assert_eq!(facts.output_tokens, 128_000);
    let embedding = find("cohere", "embed-v4.0").facts();
    assert!(embedding.outputs.has(Modality::Embedding) && embedding.output_tokens == 0);
    let old = find("vertex", "gemini-2.5-pro");
    assert_eq!(old.shutdown().unwrap().to_string(), "2026-10-20");
}

#[test]
fn every_provider_that_is_listed_and_here_serves_models() {
    for model in Model::all() {
        let kind = ProviderKind::find(model.provider());
        assert!(kind.is_none_or(|kind| !kind.is_http()), "{model:?}");
    }
}

proptest! {
    #[test]
    fn no_name_breaks_the_search(name in ".{0,64}") {
        for kind in ["openai", "anthropic", "openai_compatible", "simulator", "bedrock", "other"] {
            let _found = Model::find(kind, &name);
        }
    }
}
