//! What stands in a text instead of a finding.
//!
//! Every replacement is printable ASCII without `"` and `\`, so that it needs no escape
//! at any level of JSON.

use bytes::Bytes;

use crate::detector::{Entity, Extent};
use crate::rule::{RuleAction, RuleSet, Style};
use crate::scanner::Found;

/// The longest mask, in characters: a mask says that something was there, not how much.
const MASK_CHARS_MAX: usize = 64;

/// What stands instead of a finding, whose text is `text`.
pub(crate) fn replacement(rules: &RuleSet, found: &Found, text: &[u8]) -> Bytes {
    let Some((rule, entity)) = rules.source(found.matcher, found.entity) else {
        return Bytes::new();
    };
    match (&rule.action, found.extent) {
        (_, Extent::Continues) => Bytes::new(),
        (RuleAction::Redact(Style::Mask { keep_last }), Extent::Whole) => {
            mask(text, usize::from(*keep_last)).into()
        }
        _ => entity.shared(),
    }
}

/// The same in quotes, written for a string within a string.
pub(crate) fn in_quotes(rules: &RuleSet, found: &Found, text: &[u8]) -> Bytes {
    let bare = replacement(rules, found, text);
    let label = rules
        .source(found.matcher, found.entity)
        .map(|(_, entity)| entity)
        .filter(|entity| entity.label().as_bytes() == bare);
    match label.map(Entity::shared_in_quotes) {
        _ if bare.is_empty() => bare,
        Some(shared) => shared,
        None => [b"\\\"", bare.as_ref(), b"\\\""].concat().into(),
    }
}

/// Stars for all characters but the last letters and digits, of which no more stay than
/// half of all characters.
fn mask(text: &[u8], keep_last: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let all = text.chars().count();
    let hidden = all.saturating_sub(keep_last.min(all / 2));
    let kept = text.chars().skip(hidden);
    let stars = hidden.min(MASK_CHARS_MAX);
    std::iter::repeat_n('*', stars)
        .chain(kept.map(|c| if c.is_ascii_alphanumeric() { c } else { '*' }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn a_mask_keeps_the_last_characters_but_never_more_than_half() {
        assert_eq!(mask(b"4111 1111 1111 1111", 4), "***************1111");
        assert_eq!(mask(b"1234", 4), "**34");
        assert_eq!(mask("Ü\"x".as_bytes(), 1), "**x");
        assert_eq!(mask(b"", 4), "");
        assert_eq!(mask(&[b'a'; 1000], 0).len(), 64);
    }
}
