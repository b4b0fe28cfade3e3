//! Where a text stands in an exchange: rules may mind some places and not others.

use tollgate_formats::view::Field;

/// The place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A text of the message, by what its format says of it.
    Of(Field),
    /// The path of the request.
    Path,
    /// A parameter of the request's query.
    Query,
    /// The value of a request header.
    Header,
    /// The name of the model that is asked for.
    Model,
}

impl Place {
    const fn bit(self) -> u16 {
        1 << match self {
            Self::Of(Field::Text) => 0,
            Self::Of(Field::Reasoning) => 1,
            Self::Of(Field::Refusal) => 2,
            Self::Of(Field::ToolName) => 3,
            Self::Of(Field::ToolArguments) => 4,
            Self::Of(Field::ToolInput) => 5,
            Self::Of(Field::ToolDescription) => 6,
            Self::Of(Field::Document) => 7,
            Self::Of(Field::Metadata) => 8,
            Self::Of(Field::Unknown) => 9,
            Self::Path => 10,
            Self::Query => 11,
            Self::Header => 12,
            Self::Model => 13,
        }
    }
}

/// A set of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places(u16);

impl Places {
    /// Every place.
    pub const ALL: Self = Self(u16::MAX);

    /// These places.
    #[must_use]
    pub const fn of(places: &[Place]) -> Self {
        let mut bits = 0;
        let mut rest = places;
        while let [place, others @ ..] = rest {
            bits |= place.bit();
            rest = others;
        }
        Self(bits)
    }

    /// Whether `place` is among them.
    #[must_use]
    pub const fn contains(self, place: Place) -> bool {
        self.0 & place.bit() != 0
    }
}
