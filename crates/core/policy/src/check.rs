//! What is said of a message as a whole, beside what is found in its texts.

use std::fmt::Debug;

use tollgate_formats::view::{Offered, TextSpan};

use crate::detector::{Entity, Score};

/// What there is of a message.
#[derive(Clone, Copy, Debug)]
pub struct MessageFacts<'m> {
    /// The body, as it was sent.
    pub body: &'m [u8],
    /// The model that is asked for.
    pub model: Option<&'m str>,
    /// The texts, where they lie in the body.
    pub texts: &'m [TextSpan],
    /// Turns of the conversation; `u32::MAX` where they cannot be counted.
    pub turns: u32,
    /// The names of the tools that are offered.
    pub offers: &'m [Offered],
}

/// Something that is wrong with a message as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckFinding {
    /// Index into [`Check::entities`].
    pub entity: u16,
    /// How sure the check is.
    pub score: Score,
}

/// Looks at a request as a whole.
///
/// It depends on nothing but the facts. What it finds cannot be redacted: a rule with a
/// check blocks, flags or routes.
pub trait Check: Debug + Send + Sync {
    /// What it finds.
    fn entities(&self) -> &[Entity];

    /// Appends what is wrong with a request, each kind at most once.
    fn request(&self, facts: &MessageFacts<'_>, found: &mut Vec<CheckFinding>);
}
