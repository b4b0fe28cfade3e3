//! Where the price of a request comes from.

use std::sync::Arc;

use crate::day::Day;
use crate::model::{Facts, Model};
use crate::price::Price;
use crate::words::ServiceClass;

/// What says how much a request costs. Cheap to copy; the price itself is worked out when
/// the request is over.
#[derive(Clone, Debug, Default)]
pub enum Priced {
    /// Nobody knows.
    #[default]
    Unknown,
    /// The catalogue has the model; whether with a price is another question.
    Catalogue(Model),
    /// The configuration says it.
    Configuration(Arc<Price>),
}

impl Priced {
    /// What the catalogue says of a model at a kind of provider.
    #[must_use]
    pub fn listed(provider_kind: &str, model: &str) -> Self {
        Known::listed(provider_kind, model).priced
    }

    /// The price of a service class on a day; what the configuration says holds for all of
    /// them. `None`: not known, also for a class that nobody knows.
    #[must_use]
    pub fn price(&self, class: Option<ServiceClass>, day: Day) -> Option<Price> {
        match self {
            Self::Unknown => None,
            Self::Catalogue(model) => model.price(class?, day),
            Self::Configuration(price) => Some(**price),
        }
    }
}

/// Who said a price, for logs and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceSource {
    /// Nobody.
    #[default]
    Unknown,
    /// The catalogue.
    Catalogue,
    /// The configuration.
    Configuration,
}

impl PriceSource {
    /// The word for logs: `unknown`, `catalogue` or `configuration`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Catalogue => "catalogue",
            Self::Configuration => "configuration",
        }
    }
}

impl Priced {
    /// Who says the price of a service class on a day.
    #[must_use]
    pub fn source(&self, class: Option<ServiceClass>, day: Day) -> PriceSource {
        match self {
            Self::Unknown => PriceSource::Unknown,
            Self::Catalogue(_) if self.price(class, day).is_none() => PriceSource::Unknown,
            Self::Catalogue(_) => PriceSource::Catalogue,
            Self::Configuration(_) => PriceSource::Configuration,
        }
    }
}

/// What is known of a model where it is served.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Limits, abilities, what it refuses.
    pub facts: Facts,
    /// What says its price.
    pub priced: Priced,
}

impl Known {
    /// What the catalogue knows of a model at a kind of provider. A compatible provider
    /// that serves a maker's model asks a price of its own: it is not known.
    #[must_use]
    pub fn listed(provider_kind: &str, model: &str) -> Self {
        let Some(model) = Model::find(provider_kind, model) else {
            return Self::default();
        };
        let known = Self::of(model);
        if model.provider() == provider_kind {
            known
        } else {
            Self {
                priced: Priced::Unknown,
                ..known
            }
        }
    }

    /// What the catalogue knows of one of its models.
    #[must_use]
    pub fn of(model: Model) -> Self {
        Self {
            facts: model.facts(),
            priced: Priced::Catalogue(model),
        }
    }
}

#[cfg(test)]
mod tests {
    use tollgate_types::Tier;

    use super::{Known, PriceSource, Priced};
    use crate::day::Day;
    use crate::words::ServiceClass;

    #[test]
    fn a_compatible_provider_has_the_makers_abilities_and_not_its_prices() {
        let day = Day::parse("2026-11-22").unwrap();
        let standard = ServiceClass::of(Tier::Standard);
        let own = Known::listed("openai", "gpt-4o");
        assert_eq!(own.priced.source(standard, day), PriceSource::Catalogue);
        for name in ["gpt-4o", "openai/gpt-4o"] {
            let theirs = Known::listed("openai_compatible", name);
            assert_eq!(theirs.facts, own.facts);
            assert_eq!(theirs.priced.price(standard, day), None);
            assert_eq!(theirs.priced.source(standard, day), PriceSource::Unknown);
        }
        assert!(matches!(Priced::listed("groq", "no"), Priced::Unknown));
    }
}
