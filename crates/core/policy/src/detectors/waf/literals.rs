//! Searches for lists of literal signs: one pass for all of a list.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// A list that is searched for. [`ready`] builds it before the first value comes.
pub(super) type Literals = LazyLock<Option<AhoCorasick>>;

/// A list of signs for which no search can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a list of signs is too large to be searched for")]
pub struct SearchUnbuildable;

/// Builds these searches, so that no value waits for them, and none is searched in vain.
pub(super) fn ready(searches: &[&Literals]) -> Result<(), SearchUnbuildable> {
    let are_built = searches.iter().all(|search| search.is_some());
    are_built.then_some(()).ok_or(SearchUnbuildable)
}

/// The search for these signs, of those that begin at one place the longest. `None` only
/// if the list were too large, which a constant one is not.
pub(super) fn literals(signs: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(signs)
        .ok()
}

/// The search for all of these names, also those that share letters.
pub(super) fn overlapping(
    names: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Option<AhoCorasick> {
    AhoCorasick::new(names).ok()
}

/// All names in a text, by where they end: the index of each and where it stands.
pub(super) fn names<'l>(
    literals: &'l Literals,
    text: &'l [u8],
) -> impl Iterator<Item = (usize, Range<usize>)> {
    let search = literals.as_ref().into_iter();
    search.flat_map(move |search| {
        let found = search.find_overlapping_iter(text);
        found.map(|found| (found.pattern().as_usize(), found.range()))
    })
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
