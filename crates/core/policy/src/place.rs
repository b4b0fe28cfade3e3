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
    /// Nowhere: a text by itself, as `tollgate scan` reads it. Every rule reads it,
    /// whatever places it names, but for the schema of an answer.
    Alone,
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
            Self::Alone => 14,
            Self::Of(Field::Members) => 15,
        }
    }
}

/// A set of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places(u16);

impl Places {
    /// Every text of a message. Not what stands in the head of a request: a matcher that
    /// reads that says so.
    pub const ALL: Self = Self(Self::HEAD.0 ^ u16::MAX);

    /// What stands in the head of a request, its model's name included.
    pub const HEAD: Self = Self::of(&[Place::Path, Place::Query, Place::Header, Place::Model]);

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

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether any of `others` is among them.
    #[must_use]
    pub const fn overlap(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Whether none but `others` is among them, texts by themselves aside.
    #[must_use]
    pub const fn are_within(self, others: Self) -> bool {
        self.0 & !(others.0 | Self::of(&[Place::Alone]).0) == 0
    }

    /// Whether `place` is among them.
    #[must_use]
    pub const fn contains(self, place: Place) -> bool {
        self.0 & place.bit() != 0
    }
}
