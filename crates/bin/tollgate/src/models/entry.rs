//! A model as it is shown: of the catalogue, or with what the configuration says.

use std::collections::BTreeSet;

use tollgate_catalogue::{
    Day, Dollars, Facts, Known, Model, Price, PriceSource, Priced, ServiceClass, Unit,
};
use tollgate_config::Config;

/// A model at a provider.
pub(super) struct Entry {
    /// The provider's name in the configuration, else its kind.
    pub(super) provider: String,
    /// The kind of provider.
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) family: String,
    /// Its place in the catalogue; none for what only the configuration knows.
    pub(super) model: Option<Model>,
    known: Known,
    /// Whether the configuration says something of it.
    pub(super) is_configured: bool,
}

/// Every model of the catalogue.
pub(super) fn listed() -> Vec<Entry> {
    let all = Model::all();
    all.map(|model| Entry {
        provider: model.provider().to_owned(),
        kind: model.provider(),
        name: model.name().to_owned(),
        family: model.family().to_owned(),
        model: Some(model),
        known: Known::of(model),
        is_configured: false,
    })
    .collect()
}

/// Puts what a configuration knows in front.
pub(super) fn overlay(entries: &mut Vec<Entry>, config: &Config) {
    let configured = config.catalogue.iter().filter_map(|entry| {
        let provider = config.providers.get(entry.provider)?;
        let model = Model::find(provider.kind.label, &entry.model);
        Some(Entry {
            provider: provider.name.as_ref().to_owned(),
            kind: provider.kind.label,
            name: entry.model.as_ref().to_owned(),
            family: model.map_or("-", Model::family).to_owned(),
            model,
            known: entry.known.clone(),
            is_configured: true,
        })
    });
    let configured: Vec<Entry> = configured.collect();
    entries.splice(0..0, configured);
}

impl Entry {
    pub(super) fn facts(&self) -> Facts {
        self.known.facts
    }

    /// Whether a name with `*` means it.
    pub(super) fn is_called(&self, pattern: &str) -> bool {
        let own: &str = &self.name;
        let aliases = self.model.filter(|_| !self.is_configured).into_iter();
        let mut names = aliases.flat_map(|model| model.aliases().collect::<Vec<&str>>());
        let mut names = std::iter::once(own).chain(names.by_ref());
        let of_provider = pattern
            .split_once('/')
            .filter(|(provider, _)| *provider == self.provider || *provider == self.kind);
        names.any(|name| {
            matches(pattern, name) || of_provider.is_some_and(|(_, rest)| matches(rest, name))
        })
    }

    pub(super) fn price(&self, class: ServiceClass, day: Day) -> Option<Price> {
        match &self.known.priced {
            Priced::Catalogue(model) => model.price(class, day),
            priced if class == ServiceClass::Standard => priced.price(Some(class), day),
            _ => None,
        }
    }

    /// The prices that the catalogue has for days to come.
    pub(super) fn later_prices(&self, day: Day) -> Vec<(Day, ServiceClass, Price)> {
        let Priced::Catalogue(model) = &self.known.priced else {
            return Vec::new();
        };
        let later = model.price_rows().filter(|row| row.from > day);
        let later: BTreeSet<(Day, ServiceClass)> = later.map(|row| (row.from, row.class)).collect();
        let price = |(from, class)| Some((from, class, model.price(class, from)?));
        later.into_iter().filter_map(price).collect()
    }

    pub(super) fn price_source(&self, day: Day) -> PriceSource {
        self.known.priced.source(Some(ServiceClass::Standard), day)
    }

    /// What is charged for one at standard service, in pico-dollars.
    pub(super) fn rate(&self, unit: Unit, day: Day, prompt_tokens: u64) -> Option<u64> {
        let price = self.price(ServiceClass::Standard, day)?;
        price.at(prompt_tokens).get(unit)
    }

    /// The same in dollars, `-` where it is not known.
    pub(super) fn dollars(&self, unit: Unit, day: Day, prompt_tokens: u64) -> String {
        let rate = self.rate(unit, day, prompt_tokens);
        rate.map_or_else(
            || "-".to_owned(),
            |picodollars| Dollars { unit, picodollars }.to_string(),
        )
    }

    /// `deprecated`, `shut down`, or nothing.
    pub(super) fn state(&self, day: Day) -> &'static str {
        let since = |date: Option<Day>| date.is_some_and(|date| date <= day);
        match self.model {
            Some(model) if since(model.shutdown()) => "shut down",
            Some(model) if since(model.deprecated()) => "deprecated",
            _ => "",
        }
    }
}

/// Whether a text is as a pattern with `*` says.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut rest = rest;
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            let Some((_, behind)) = rest.split_once(before) else {
                return false;
            };
            rest = behind;
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use tollgate_catalogue::{Day, ServiceClass, Unit};

    use super::{listed, matches};

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, is_match) in [
            ("gpt-5", "gpt-5", true),
            ("gpt-5", "gpt-5-mini", false),
            ("gpt-5*", "gpt-5-mini", true),
            ("*mini", "gpt-5-mini", true),
            ("*5*", "gpt-5-mini", true),
            ("g*5*i", "gpt-5-mini", true),
            ("g*7*i", "gpt-5-mini", false),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, text), is_match, "{pattern} {text}");
        }
    }

    #[test]
    fn a_price_of_a_day_to_come_is_there_with_its_day() {
        let entries = listed();
        let terra = entries.iter().find(|entry| entry.name == "gpt-5.6-terra");
        let later = |day: &str| terra.unwrap().later_prices(Day::parse(day).unwrap());
        let prices = later("2026-07-29");
        let (from, class, price) = prices.first().unwrap();
        assert_eq!(
            (from.to_string().as_str(), *class),
            ("2026-07-30", ServiceClass::Standard)
        );
        assert_eq!(price.rates.get(Unit::Input), Some(2_000_000));
        assert!(later("2026-07-30").is_empty());
    }
}
