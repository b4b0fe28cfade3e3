//! Providers and models as data.
//!
//! A kind of provider is one entry of [`PROVIDERS`]: where it is, which wire formats it
//! speaks, how it wants its credential. A model is one entry of `data/*.toml`, read with
//! [`Model`]: limits, abilities, prices, and where each was read. What is not known is
//! left out of the data, and is a state of its own everywhere: never zero.

mod day;
mod model;
mod price;
mod priced;
mod provider;
mod table;
mod vocabulary;
mod words;

pub use day::Day;
pub use model::{Facts, Model, PriceRow, Source};
pub use price::{Dollars, Price, Rates, per_million, per_one};
pub use priced::{Known, PriceSource, Priced};
pub use provider::{
    Auth, Cloud, Nature, PROVIDERS, Paths, Provider, ProviderKind, Quirk, Quirks, Site,
};
pub use words::{Ability, Modality, Parameter, ServiceClass, Unit, Vocabulary, Word, Words};

/// The day up to which the catalogue was read.
pub const CATALOGUE_AS_OF: &str = table::AS_OF;
