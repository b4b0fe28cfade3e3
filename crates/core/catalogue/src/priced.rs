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
        Model::find(provider_kind, model).map_or(Self::Unknown, Self::Catalogue)
    }

    /// The price on a day, at standard service. `None`: not known.
    #[must_use]
    pub fn price(&self, day: Day) -> Option<Price> {
        match self {
            Self::Unknown => None,
            Self::Catalogue(model) => model.price(ServiceClass::Standard, day),
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
    /// Who says the price of a day.
    #[must_use]
    pub fn source(&self, day: Day) -> PriceSource {
        match self {
            Self::Unknown => PriceSource::Unknown,
            Self::Catalogue(_) if self.price(day).is_none() => PriceSource::Unknown,
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
    /// What the catalogue knows of a model at a kind of provider.
    #[must_use]
    pub fn listed(provider_kind: &str, model: &str) -> Self {
        Model::find(provider_kind, model).map_or_else(Self::default, Self::of)
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
