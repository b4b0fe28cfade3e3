//! What stands in a text instead of a finding.
//!
//! Whatever a style makes up is printable ASCII without `"` and `\`, so that it needs no
//! escape at any level of JSON; an original that comes back is written for its place.

use bytes::Bytes;
use tollgate_wire::json;

use crate::detector::{Entity, Extent};
use crate::rule::{RuleAction, RuleSet, Style};
use crate::scanner::Found;
use crate::text_lane::Quoted;
use crate::vault::Vault;

/// The longest mask, in characters: a mask says that something was there, not how much.
const MASK_CHARS_MAX: usize = 64;

/// Where a replacement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// In a JSON string.
    String,
    /// In JSON text, outside of its strings: the replacement becomes one.
    Bare,
    /// In a string within a string.
    Nested,
    /// In JSON text within a string, outside of its strings: the replacement becomes one.
    NestedBare,
}

/// How a replacement has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) level: Level,
    /// Where it stands in what the text holds; `None` when that cannot be told.
    pub(crate) quoted: Option<Quoted>,
}

impl Site {
    /// In a text without escapes, which has no quotes either.
    pub(crate) const PLAIN: Self = Self {
        level: Level::String,
        quoted: Some(Quoted {
            depth: 0,
            is_bare: false,
        }),
    };
}

/// What stands instead of a finding, whose text is `text`. `None` when the finding stays
/// as it is: an original comes back only where it is known how it is written there.
pub(crate) fn replacement(
    rules: &RuleSet,
    vault: &mut Vault,
    found: &Found,
    text: &[u8],
    site: Site,
) -> Option<Bytes> {
    let (rule, entity) = rules.source(found.matcher, found.entity)?;
    let RuleAction::Redact(style) = &rule.action else {
        return None;
    };
    let is_further = found.extent == Extent::Continues;
    if is_further && matches!(site.level, Level::Bare | Level::NestedBare) {
        return Some(Bytes::from_static(b"null"));
    }
    if is_further || entity.leaves_nothing() {
        return Some(Bytes::new());
    }
    let made_up = match style {
        _ if found.extent == Extent::Begins => None,
        Style::Label => None,
        Style::Mask { keep_last } => Some(mask(text, usize::from(*keep_last))),
        Style::Hash { key } => vault
            .keys()
            .hash(*key, text)
            .map(|hash| tagged(entity, &hash)),
        Style::Encrypt { key } => {
            let sealed = vault.keys().encrypt(*key, text);
            sealed.map(|sealed| tagged(entity, &sealed))
        }
        Style::Restore => vault.placeholder(entity.label(), text),
        Style::Original => return written(vault.original(text)?, site),
    };
    Some(match (made_up, site.level) {
        (None, Level::NestedBare) => entity.shared_in_quotes(),
        (None, Level::Bare) => format!("\"{}\"", entity.label()).into(),
        (None, Level::String | Level::Nested) => entity.shared(),
        (Some(text), Level::NestedBare) => format!("\\\"{text}\\\"").into(),
        (Some(text), Level::Bare) => format!("\"{text}\"").into(),
        (Some(text), Level::String | Level::Nested) => text.into(),
    })
}

/// A label that tells more: `[SSN:1a2b3c]`.
fn tagged(entity: &Entity, tag: &str) -> String {
    let label = entity.label();
    format!("{}:{tag}]", label.strip_suffix(']').unwrap_or(label))
}

/// A text as it is written at its place: escaped for each string around it.
fn written(text: &[u8], site: Site) -> Option<Bytes> {
    let Site { level, quoted } = site;
    let text = std::str::from_utf8(text).ok()?;
    let mut once = Vec::with_capacity(text.len());
    json::escape_into(text, &mut once);
    let is_plain = once == text.as_bytes();
    let Quoted { depth, is_bare } = match quoted {
        None if is_plain => Quoted::default(),
        quoted => quoted?,
    };
    let (strings, is_value) = match level {
        Level::String => (depth + 1, is_bare),
        Level::Nested => (depth + 2, is_bare),
        Level::Bare => (0, true),
        Level::NestedBare => (1, true),
    };
    let mut written = text.as_bytes().to_vec();
    if is_value {
        written = [b"\"", once.as_slice(), b"\""].concat();
    }
    for _ in 0..strings {
        let mut escaped = Vec::with_capacity(written.len());
        json::escape_into(std::str::from_utf8(&written).ok()?, &mut escaped);
        written = escaped;
    }
    Some(written.into())
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
    use super::{Level, Site, mask, written};
    use crate::text_lane::Quoted;

    #[test]
    fn a_mask_keeps_the_last_characters_but_never_more_than_half() {
        assert_eq!(mask(b"4111 1111 1111 1111", 4), "***************1111");
        assert_eq!(mask(b"1234", 4), "**34");
        assert_eq!(mask("Ü\"x".as_bytes(), 1), "**x");
        assert_eq!(mask(b"", 4), "");
        assert_eq!(mask(&[b'a'; 1000], 0).len(), 64);
    }

    #[test]
    fn an_original_is_written_for_its_place() {
        let plain = Some(Quoted::default());
        let quoted = |depth, is_bare| Some(Quoted { depth, is_bare });
        let text = "a\"b\n".as_bytes();
        for (level, quoted, expected) in [
            (Level::String, plain, r#"a\"b\n"#),
            (Level::String, quoted(1, false), r#"a\\\"b\\n"#),
            (Level::String, quoted(0, true), r#"\"a\\\"b\\n\""#),
            (Level::Nested, plain, r#"a\\\"b\\n"#),
            (Level::Nested, quoted(1, false), r#"a\\\\\\\"b\\\\n"#),
            (Level::Bare, plain, r#""a\"b\n""#),
            (Level::NestedBare, plain, r#"\"a\\\"b\\n\""#),
        ] {
            let site = Site { level, quoted };
            assert_eq!(written(text, site).unwrap(), expected, "{site:?}");
        }
        let anywhere = Site {
            level: Level::Nested,
            quoted: None,
        };
        assert_eq!(written(text, anywhere), None);
        assert_eq!(written(b"a", anywhere).unwrap(), "a");
        assert_eq!(written(b"\xff", anywhere), None);
    }
}
