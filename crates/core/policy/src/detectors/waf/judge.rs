//! What judges of a value have in common.

/// Where a value stands, as far as the judges mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scene {
    /// In the path, the query or the name of a model: short, and never code.
    Head,
    /// In a header's value.
    Header,
    /// In metadata and what goes into tools: statements, commands and paths may belong
    /// there.
    Body,
    /// In prose.
    Text,
}

/// The surest sign of an attack in a form of a value. Hits order by their score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    /// In hundredths.
    pub(super) score: u8,
    /// First byte in the form.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
}

impl Hit {
    pub(super) const fn new(score: u8, start: usize, end: usize) -> Self {
        Self { score, start, end }
    }

    /// The same, worth no more than `most`.
    pub(super) const fn at_most(self, most: u8) -> Self {
        let score = if self.score > most { most } else { self.score };
        Self { score, ..self }
    }
}
