//! The form of the generated table.
//!
//! Texts are places in one text, lists are places in one list: the table has next to no
//! addresses in it, so nothing of it is touched before it is looked at.

mod models;
mod names;
mod prices;
mod texts;

pub(crate) use models::{ALIASES, AS_OF, MODELS, PROVIDERS, SOURCE_LISTS};
pub(crate) use names::NAMES;
pub(crate) use prices::PRICES;
pub(crate) use texts::{SOURCES, TEXT};

/// A piece of [`TEXT`]: where it begins, how long it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text(pub(crate) u32, pub(crate) u16);

impl Text {
    pub(crate) fn text(self) -> &'static str {
        let first = self.0 as usize;
        TEXT.get(first..first + usize::from(self.1))
            .unwrap_or_default()
    }
}

/// A piece of a list: its first place, how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) u16, pub(crate) u8);

/// A model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) provider: u8,
    pub(crate) name: Text,
    pub(crate) family: Text,
    pub(crate) context_tokens: u32,
    pub(crate) output_tokens: u32,
    pub(crate) inputs: u8,
    pub(crate) outputs: u8,
    pub(crate) abilities: u16,
    pub(crate) lacks: u16,
    pub(crate) refuses: u16,
    /// Beyond the list where it is not known.
    pub(crate) vocabulary: u8,
    /// 0 where it is not known.
    pub(crate) deprecated: u16,
    /// 0 where it is not known.
    pub(crate) shutdown: u16,
    pub(crate) aliases: Span,
    pub(crate) prices: Span,
    pub(crate) sources: Span,
}

/// No model, for a place that does not exist.
pub(crate) static NOBODY: Row = Row {
    provider: u8::MAX,
    name: Text(0, 0),
    family: Text(0, 0),
    context_tokens: 0,
    output_tokens: 0,
    inputs: 0,
    outputs: 0,
    abilities: 0,
    lacks: 0,
    refuses: 0,
    vocabulary: u8::MAX,
    deprecated: 0,
    shutdown: 0,
    aliases: Span(0, 0),
    prices: Span(0, 0),
    sources: Span(0, 0),
};

/// A page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceRow {
    pub(crate) address: Text,
    pub(crate) read: u16,
    pub(crate) is_original: bool,
}

/// A price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PriceRow {
    pub(crate) class: u8,
    pub(crate) unit: u8,
    pub(crate) from: u16,
    pub(crate) above_tokens: u32,
    pub(crate) picodollars: u64,
}

/// A name or an alias; sorted by provider and name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameRow {
    pub(crate) provider: u8,
    pub(crate) name: Text,
    pub(crate) model: u16,
}

/// What makes rows short in the generated files.
pub(crate) mod short {
    use super::{NameRow, PriceRow, SourceRow, Span, Text};

    pub(crate) const fn t(at: u32, length: u16) -> Text {
        Text(at, length)
    }

    pub(crate) const fn s(first: u16, count: u8) -> Span {
        Span(first, count)
    }

    pub(crate) const fn p(class: u8, unit: u8, from: u16, above: u32, rate: u64) -> PriceRow {
        PriceRow {
            class,
            unit,
            from,
            above_tokens: above,
            picodollars: rate,
        }
    }

    pub(crate) const fn n(provider: u8, at: u32, length: u16, model: u16) -> NameRow {
        NameRow {
            provider,
            name: Text(at, length),
            model,
        }
    }

    pub(crate) const fn source(at: u32, length: u16, read: u16, is_original: bool) -> SourceRow {
        SourceRow {
            address: Text(at, length),
            read,
            is_original,
        }
    }
}
