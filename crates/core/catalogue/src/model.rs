//! A model of the catalogue.
//!
//! The table is generated from `data/*.toml` by `cargo xtask generate`; nothing is parsed
//! when the program starts, and a row holds numbers only, so that nothing of it is written
//! to either.

mod names;

use std::fmt;

use crate::day::Day;
use crate::price::{Price, Rates};
use crate::table::{self, Row, Span};
use crate::words::{Ability, Modality, Parameter, ServiceClass, Unit, Vocabulary, Word, Words};

/// A model at a kind of provider.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Model(u16);

/// What is known of a model. Zero tokens mean: not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Tokens of prompt and answer together.
    pub context_tokens: u32,
    /// Most tokens of an answer.
    pub output_tokens: u32,
    /// What it takes.
    pub inputs: Words<Modality>,
    /// What it gives.
    pub outputs: Words<Modality>,
    /// What it can do for certain.
    pub abilities: Words<Ability>,
    /// What it cannot do for certain.
    pub lacks: Words<Ability>,
    /// The parameters that it refuses.
    pub refuses: Words<Parameter>,
    /// Its vocabulary.
    pub vocabulary: Option<Vocabulary>,
}

/// Where a fact was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address of the page.
    pub address: &'static str,
    /// When it was read.
    pub read: Day,
    /// Whether the page is of the provider or the model's maker itself.
    pub is_original: bool,
}

/// One price, as the data has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// The service class.
    pub class: ServiceClass,
    /// For prompts of more than so many tokens; 0 for all.
    pub above_tokens: u32,
    /// From this day on; [`Day::FIRST`] where no beginning is known.
    pub from: Day,
    /// What is charged.
    pub unit: Unit,
    /// For one, in pico-dollars.
    pub picodollars: u64,
}

impl Model {
    /// Every model, by kind of provider and name.
    pub fn all() -> impl Iterator<Item = Self> {
        let count = u16::try_from(table::MODELS.len()).unwrap_or(u16::MAX);
        (0..count).map(Self)
    }

    /// The model of this name at a kind of provider.
    ///
    /// A name matches itself or an alias, else the longest of them that it continues with
    /// a version or a date (`gpt-4o-2024-08-06`, `claude-sonnet-4-5@20250929`, `…-latest`).
    /// Where the whole name is not listed, a path in front of it (`models/…`) and the
    /// region of a Bedrock profile (`eu.`) are left out. A compatible provider may serve
    /// whatever a maker serves itself. `None`: not known.
    #[must_use]
    pub fn find(provider_kind: &str, name: &str) -> Option<Self> {
        names::find(provider_kind, name).map(Self)
    }

    fn row(self) -> &'static Row {
        table::MODELS
            .get(usize::from(self.0))
            .unwrap_or(&table::NOBODY)
    }

    /// Its name at its provider; `*` stands for every name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name.text()
    }

    /// Its kind of provider.
    #[must_use]
    pub fn provider(self) -> &'static str {
        provider(self.row().provider)
    }

    /// Its family: `gpt`, `claude` …
    #[must_use]
    pub fn family(self) -> &'static str {
        self.row().family.text()
    }

    /// Other names for it.
    pub fn aliases(self) -> impl Iterator<Item = &'static str> {
        table::ALIASES
            .span(self.row().aliases)
            .iter()
            .map(|alias| alias.text())
    }

    /// What is known of it.
    #[must_use]
    pub fn facts(self) -> Facts {
        let row = self.row();
        Facts {
            context_tokens: row.context_tokens,
            output_tokens: row.output_tokens,
            inputs: Words::from_bits(u32::from(row.inputs)),
            outputs: Words::from_bits(u32::from(row.outputs)),
            abilities: Words::from_bits(u32::from(row.abilities)),
            lacks: Words::from_bits(u32::from(row.lacks)),
            refuses: Words::from_bits(u32::from(row.refuses)),
            vocabulary: Vocabulary::ALL.get(usize::from(row.vocabulary)).copied(),
        }
    }

    /// Since when it is deprecated.
    #[must_use]
    pub fn deprecated(self) -> Option<Day> {
        day(self.row().deprecated)
    }

    /// From when on it is not served any more.
    #[must_use]
    pub fn shutdown(self) -> Option<Day> {
        day(self.row().shutdown)
    }

    /// Where it was read.
    pub fn sources(self) -> impl Iterator<Item = Source> {
        let places = table::SOURCE_LISTS.span(self.row().sources);
        places.iter().filter_map(|place| {
            let source = table::SOURCES.get(usize::from(*place))?;
            Some(Source {
                address: source.address.text(),
                read: Day::from_number(source.read),
                is_original: source.is_original,
            })
        })
    }

    /// Its prices, as the data has them.
    pub fn price_rows(self) -> impl Iterator<Item = PriceRow> {
        let rows = table::PRICES.span(self.row().prices);
        rows.iter().filter_map(|row| {
            Some(PriceRow {
                class: *ServiceClass::ALL.get(usize::from(row.class))?,
                above_tokens: row.above_tokens,
                from: Day::from_number(row.from),
                unit: *Unit::ALL.get(usize::from(row.unit))?,
                picodollars: row.picodollars,
            })
        })
    }

    /// What is charged for it on a day. `None`: not known.
    #[must_use]
    pub fn price(self, class: ServiceClass, day: Day) -> Option<Price> {
        let valid = |row: &PriceRow| row.class == class && row.from <= day;
        let newest = self.price_rows().filter(valid).map(|row| row.from).max()?;
        let rows = || {
            self.price_rows()
                .filter(|row| valid(row) && row.from == newest)
        };
        let rates = |above: u32| {
            let mut rates = Rates::UNKNOWN;
            rows()
                .filter(|row| row.above_tokens == above)
                .for_each(|row| rates.set(row.unit, row.picodollars));
            rates
        };
        let above = rows()
            .map(|row| row.above_tokens)
            .filter(|above| *above > 0)
            .max();
        let ordinary = rates(0);
        Some(Price {
            rates: ordinary,
            above: above.map(|above| (above, ordinary.with(&rates(above)))),
        })
    }
}

fn day(number: u16) -> Option<Day> {
    (number > 0).then(|| Day::from_number(number))
}

fn provider(place: u8) -> &'static str {
    table::PROVIDERS
        .get(usize::from(place))
        .map_or("", |label| label.text())
}

/// `openai/gpt-5`.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider(), self.name())
    }
}

/// The part of a list that belongs to a model.
trait Part<T> {
    fn span(&'static self, span: Span) -> &'static [T];
}

impl<T> Part<T> for [T] {
    fn span(&'static self, Span(first, count): Span) -> &'static [T] {
        let first = usize::from(first);
        self.get(first..first + usize::from(count))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
