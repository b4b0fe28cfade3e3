//! What a detector is, and the agreement that makes streams exact.
//!
//! A [`Detector`] is what a rule names; it consists of [`Matcher`]s, each of which
//! keeps its own place in a text. A matcher sees a [`Window`] of the text and says
//! what it has decided. Because what it decides about an offset depends only on the
//! text around it, and never on how the text was cut, the result for a stream is
//! the result for the whole text.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;

use crate::characters::whole_len;
use crate::check::Check;
use crate::detectors::DetectorError;
use crate::place::Places;
use crate::vault::{KeyId, Keys};

/// How many bytes before its place a matcher is shown at least, where the text has
/// them: as far back as a decision may look.
pub const LEFT_CONTEXT_BYTES: usize = 96;

/// A kind of finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// As configuration, logs and metrics write it: `credit_card`.
    pub name: Arc<str>,
    /// What stands in the text instead of a finding: `[CREDIT_CARD]`. Printable
    /// ASCII without `"` and `\`, so that it needs no escape at any level of JSON; empty
    /// where findings are removed.
    label: Arc<str>,
    /// The label as edits share it.
    shared: Bytes,
    /// The label in quotes, written for a string within a string.
    shared_in_quotes: Bytes,
}

impl Entity {
    /// An entity whose label is its name in capitals and brackets; characters that
    /// would need an escape in JSON become `_`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        let label: String = std::iter::once('[')
            .chain(name.chars().map(plain))
            .chain(std::iter::once(']'))
            .collect();
        Self {
            name: name.into(),
            shared: Bytes::copy_from_slice(label.as_bytes()),
            shared_in_quotes: format!("\\\"{label}\\\"").into(),
            label: label.into(),
        }
    }

    /// An entity whose findings leave nothing behind.
    #[must_use]
    pub fn removed(name: &str) -> Self {
        Self {
            name: name.into(),
            label: Arc::from(""),
            shared: Bytes::new(),
            shared_in_quotes: Bytes::new(),
        }
    }

    /// Whether nothing stands in the text instead of a finding, whatever the style.
    pub(crate) fn leaves_nothing(&self) -> bool {
        self.label.is_empty()
    }

    /// What stands in the text instead of a finding.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The label, without a copy.
    pub(crate) fn shared(&self) -> Bytes {
        self.shared.clone()
    }

    /// The label in escaped quotes, without a copy.
    pub(crate) fn shared_in_quotes(&self) -> Bytes {
        self.shared_in_quotes.clone()
    }
}

/// A part of a text as a matcher sees it.
#[derive(Clone, Copy, Debug)]
pub struct Window<'t> {
    /// The bytes: left context, then what is undecided. UTF-8, unless the sender
    /// broke it.
    pub text: &'t [u8],
    /// Where in `text` the undecided part begins; findings start here or later.
    pub from: usize,
    /// True when the text ends with the window; everything must be decided.
    pub last: bool,
}

impl<'t> Window<'t> {
    /// The text without a character that is cut at its end and goes on.
    pub(crate) fn whole(&self) -> &'t [u8] {
        let end = if self.last {
            self.text.len()
        } else {
            whole_len(self.text).max(self.from)
        };
        self.text.get(..end).unwrap_or_default()
    }
}

/// How sure a detector is of a finding, in hundredths: 100 is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u8);

impl Score {
    /// Nothing else looks like it.
    pub const CERTAIN: Self = Self(100);

    /// So many hundredths; more than 100 count as 100.
    #[must_use]
    pub const fn percent(hundredths: u8) -> Self {
        Self(if hundredths > 100 { 100 } else { hundredths })
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u8 {
        self.0
    }
}

/// A decided finding: bytes of the window's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Index into [`Matcher::entities`].
    pub entity: u16,
    /// How sure the matcher is. A rule's `threshold` is the matcher's own affair: what
    /// is below it is not reported.
    pub score: Score,
    /// Whether these bytes are all of it.
    pub extent: Extent,
}

/// How much of a finding a [`Finding`] reports. Findings without a bound are swallowed
/// piece by piece from their prefix on; the pieces touch each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Its first piece: more may follow, or not.
    Begins,
    /// A further piece. It is removed with the first and gets no label of its own.
    Continues,
}

/// What the findings of a matcher begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Anything: the matcher reads every byte.
    Anything,
    /// An ASCII digit: text before the next one is not shown to the matcher as
    /// undecided. One search serves all such matchers.
    Digit,
}

/// How far a matcher has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The earliest offset at which an undecided finding may start. Everything
    /// before it is decided for good. Never before the window's `from`.
    pub at: usize,
    /// A matcher's own memory, given back with the next window; 0 at the start.
    pub carry: u64,
}

/// Finds one kind of thing, or several that are decided together.
///
/// The agreement, for every text and every way to cut it into windows:
/// - a finding is reported once, with `start >= window.from`;
/// - whether something is a finding depends on the text from
///   [`LEFT_CONTEXT_BYTES`] before its start to the end of what was looked at, and
///   on `carry`, not on where windows begin or end;
/// - when that text reaches beyond the window and `last` is false, it is undecided
///   and the cursor stays at (or before) its start;
/// - what is held back is bounded, by a number the matcher documents.
pub trait Matcher: Debug + Send + Sync {
    /// What it finds.
    fn entities(&self) -> &[Entity];

    /// The places whose texts it reads; texts of others are not shown to it.
    fn places(&self) -> Places {
        Places::ALL
    }

    /// What each of its findings begins with.
    fn begin(&self) -> Begin {
        Begin::Anything
    }

    /// The most text that it may leave undecided, in bytes, where that is more than
    /// 8 KiB: for matchers that look at long stretches as a whole. A stream whose lane
    /// would have to hold more than the largest such bound of its rules is blocked as
    /// unenforceable.
    fn held_bytes_max(&self) -> usize {
        0
    }

    /// Reads the window and appends what is decided to `found`, in any order.
    fn scan(&self, window: &Window<'_>, carry: u64, found: &mut Vec<Finding>) -> Cursor;
}

/// What a rule names: `pii_detection` and the like. Compiled once, shared, stateless.
pub trait Detector: Debug + Send + Sync {
    /// As configuration, logs and metrics write it.
    fn name(&self) -> &'static str;

    /// Its parts, by falling priority among findings of equal place and length.
    fn matchers(&self) -> &[Arc<dyn Matcher>];

    /// The secret that it has to be given before it is used, where it has one.
    fn salt(&self) -> Option<KeyId> {
        None
    }

    /// Gives it the secrets of the configuration, before it is used.
    ///
    /// # Errors
    /// One is missing or wrong.
    fn arm(&self, _keys: &Keys) -> Result<(), DetectorError> {
        Ok(())
    }

    /// What it says of a request as a whole.
    fn checks(&self) -> &[Arc<dyn Check>] {
        &[]
    }
}
