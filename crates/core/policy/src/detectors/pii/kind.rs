//! Kinds of personal data: their names, groups and what finds them.

use super::checks::Check;
use super::form::Form;
use super::numbers::ASKED_FOR;
use super::reading::{Lengths, Read};
use super::{bank_code, web};

/// A kind of personal data, as the catalogue lists it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// As configuration and records write it.
    pub(super) name: &'static str,
    /// What it is, for the reference.
    pub(super) about: &'static str,
    /// Other names that configuration may use, in small letters.
    pub(super) aliases: &'static [&'static str],
    /// The groups it belongs to, besides its country's.
    pub(super) groups: &'static [Group],
    /// Words before a number that say it is one, see [`super::context`].
    pub(super) words: &'static [&'static str],
    /// What finds it.
    pub(super) finder: Finder,
    /// Whether it is looked for when a rule names nothing: what tells it apart is
    /// strong enough, and it is not in every other text.
    pub(super) usual: bool,
}

/// What finds the data of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Finder {
    /// Pictures of its numbers, and their rules.
    Forms(&'static [Form], Check),
    /// The same, also where nobody asks for the kind: what others are looks like it.
    GuardForms(&'static [Form], Check),
    /// A reader of its own, at words with digits that have one of these lengths.
    Reader(Lengths, Read),
    /// The same, also where nobody asks for the kind: its numbers are long, their check
    /// is hardly ever right by chance, and their parts look like what others are.
    Guard(Lengths, Read),
    /// The same, and names of weekdays.
    Dates(Lengths, Read),
    /// `@` and what stands around it.
    Address,
    /// Links, and names of domains when asked for by themselves.
    Link,
    /// Names of domains.
    Domain,
    /// Capitals behind a word that announces them.
    BankCode,
}

impl Finder {
    /// The surest that it ever is of data that no word announces, in hundredths; 100 where
    /// that depends on the data.
    pub(super) fn score_max(&self) -> u8 {
        match self {
            Self::Forms(forms, _) | Self::GuardForms(forms, _) => {
                let scores = forms.iter().map(|form| form.score);
                scores.max().unwrap_or_default().max(ASKED_FOR)
            }
            Self::Link | Self::Domain => web::SCORE_MAX,
            Self::BankCode => bank_code::SCORE,
            Self::Reader(..) | Self::Guard(..) | Self::Dates(..) | Self::Address => 100,
        }
    }

    /// Whether it is looked for where nobody asks for the kind.
    pub(super) const fn is_guard(&self) -> bool {
        matches!(self, Self::Guard(..) | Self::GuardForms(..))
    }

    /// Whether it is one of those that begin at words with digits.
    pub(super) const fn is_of_numbers(&self) -> bool {
        match self {
            Self::Forms(..)
            | Self::GuardForms(..)
            | Self::Reader(..)
            | Self::Guard(..)
            | Self::Dates(..) => true,
            Self::Address | Self::Link | Self::Domain | Self::BankCode => false,
        }
    }
}

/// Kinds that are asked for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Global,
    Financial,
    Health,
    GovernmentId,
    Tax,
    Contact,
    Network,
    Device,
    Vehicle,
    Business,
    Us,
    Uk,
    Eu,
    Apac,
    Americas,
    MiddleEastAfrica,
}

impl Group {
    /// Every group.
    pub(super) const ALL: [Self; 16] = [
        Self::Global,
        Self::Financial,
        Self::Health,
        Self::GovernmentId,
        Self::Tax,
        Self::Contact,
        Self::Network,
        Self::Device,
        Self::Vehicle,
        Self::Business,
        Self::Us,
        Self::Uk,
        Self::Eu,
        Self::Apac,
        Self::Americas,
        Self::MiddleEastAfrica,
    ];

    /// As configuration writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Financial => "financial",
            Self::Health => "health",
            Self::GovernmentId => "government_id",
            Self::Tax => "tax",
            Self::Contact => "contact",
            Self::Network => "network",
            Self::Device => "device",
            Self::Vehicle => "vehicle",
            Self::Business => "business",
            Self::Us => "us",
            Self::Uk => "uk",
            Self::Eu => "eu",
            Self::Apac => "apac",
            Self::Americas => "americas",
            Self::MiddleEastAfrica => "middle_east_africa",
        }
    }
}

impl Kind {
    /// Whether `group` is one of its groups, or the country its name begins with.
    pub(super) fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|known| known.name() == group)
            || group == "all"
            || self.country() == Some(group)
    }

    /// The country its name begins with: `de`.
    pub(super) fn country(&self) -> Option<&'static str> {
        let (country, _) = self.name.split_once('_')?;
        (country.len() == 2 && country != "ip").then_some(country)
    }

    /// Whether it goes by this name, in small letters.
    pub(super) fn goes_by(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}
