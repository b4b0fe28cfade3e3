//! Searches for lists of literal signs: one pass for all of a list.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// A list that is searched for. Built when it is first used.
pub(super) type Literals = LazyLock<Option<AhoCorasick>>;

/// The search for these signs, of those that begin at one place the longest. `None` only
/// if the list were too large, which a constant one is not.
pub(super) fn literals(signs: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(signs)
        .ok()
}

/// The signs in a text, from left to right, that do not overlap: the index of each in the
/// list and where it stands.
pub(super) fn signs<'l>(
    literals: &'l Literals,
    text: &'l [u8],
) -> impl Iterator<Item = (usize, Range<usize>)> {
    let search = literals.as_ref().into_iter();
    search.flat_map(move |search| {
        let found = search.find_iter(text);
        found.map(|found| (found.pattern().as_usize(), found.range()))
    })
}
