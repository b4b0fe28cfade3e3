//! What counts of a text: letters and digits, small, in their usual width.

use crate::characters::{fold, is_hangul, is_unspaced, is_word};

/// The letter or digit that a character counts as; `None` for others.
#[inline]
pub(super) fn letter(c: char) -> Option<char> {
    if c == '_' || !is_word(c) {
        return None;
    }
    let usual = match c {
        // Full-width forms of ASCII.
        '\u{ff10}'..='\u{ff5a}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    Some(fold(usual))
}

/// The letters and digits of a value.
pub(super) fn letters(value: &str) -> impl Iterator<Item = char> {
    value.chars().filter_map(letter)
}

/// Whether a word may end, and another begin, between two characters.
pub(super) fn is_boundary(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before.and_then(letter), after.and_then(letter)) else {
        return true;
    };
    is_unspaced(before) || is_unspaced(after) || is_hangul(before) != is_hangul(after)
}
