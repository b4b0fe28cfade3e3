//! What only its maker can read: signatures and encrypted reasoning.
//!
//! A provider gives them with an answer and wants them back with the next request. On the
//! way they may pass a caller of another format, whose client keeps them as an opaque
//! string in its own place for such, or in the id of a tool call where it has none. There
//! they are marked with their maker's format; where they come back the mark says who may
//! have them, and nobody else gets them.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::FORMATS;
use crate::format::FormatId;

/// Begins what is kept for another format's provider.
const MARK: &str = "tollgate.";

/// Stands between the id of a tool call and the seal that travels in it.
const IN_ID: &str = "__seal_";

/// An opaque text of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    maker: FormatId,
    text: String,
}

impl Seal {
    /// What a provider of this format said.
    #[must_use]
    pub const fn new(maker: FormatId, text: String) -> Self {
        Self { maker, text }
    }

    /// What stands in a message of `format`: its own, or another's that is marked.
    #[must_use]
    pub fn read(format: FormatId, written: String) -> Self {
        match marked(&written) {
            Some((maker, text)) => Self::new(maker, text.to_owned()),
            None => Self::new(format, written),
        }
    }

    /// As it is written for a caller of `format`, who keeps it.
    #[must_use]
    pub fn kept_by(&self, format: FormatId) -> Cow<'_, str> {
        if self.maker == format {
            return Cow::Borrowed(&self.text);
        }
        let maker = self.maker.format().label();
        Cow::Owned(format!("{MARK}{maker}.{}", self.text))
    }

    /// The text, for a provider of `format`: only its maker's format can use it.
    #[must_use]
    pub fn known_to(&self, format: FormatId) -> Option<&str> {
        (self.maker == format).then_some(self.text.as_str())
    }

    /// Whose it is.
    #[must_use]
    pub const fn maker(&self) -> FormatId {
        self.maker
    }

    /// The text itself, whoever may have it.
    pub(super) const fn text(&self) -> &str {
        self.text.as_str()
    }

    /// The id of a tool call with this in it, in letters, digits, `_` and `-` only.
    #[must_use]
    pub fn in_id(&self, id: &str) -> String {
        let mut out = format!("{id}{IN_ID}");
        for byte in self.kept_by_nobody().bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
                // Two digits behind a mark that no plain character is. Writing to a string
                // cannot fail.
                other => {
                    let _ = write!(out, "-{other:02x}");
                }
            }
        }
        out
    }

    /// The id of a tool call, and the seal that it was sent with.
    #[must_use]
    pub fn from_id(written: &str) -> (&str, Option<Self>) {
        let Some((id, sealed)) = written.rsplit_once(IN_ID) else {
            return (written, None);
        };
        let seal = unescaped(sealed)
            .as_deref()
            .and_then(marked)
            .map(|(maker, text)| Self::new(maker, text.to_owned()));
        match seal {
            Some(seal) => (id, Some(seal)),
            None => (written, None),
        }
    }

    /// As [`Self::from_id`], for an id that is kept.
    pub(crate) fn out_of_id(written: String) -> (String, Option<Self>) {
        match Self::from_id(&written) {
            (id, Some(seal)) => (id.to_owned(), Some(seal)),
            (_, None) => (written, None),
        }
    }

    /// Whether the string of a member of this name is kept for another format's provider,
    /// or is an id that has a seal in it.
    pub(crate) fn is_in(key: &str, written: &str) -> bool {
        let is_id = || key == "id" || key.ends_with("_id");
        written.starts_with(MARK) || (is_id() && written.contains(IN_ID))
    }

    fn kept_by_nobody(&self) -> String {
        format!("{MARK}{}.{}", self.maker.format().label(), self.text)
    }
}

/// The maker and the text of what is marked.
fn marked(written: &str) -> Option<(FormatId, &str)> {
    let (label, text) = written.strip_prefix(MARK)?.split_once('.')?;
    let maker = FORMATS.iter().find(|format| format.label() == label)?;
    Some((maker.id(), text))
}

fn unescaped(sealed: &str) -> Option<String> {
    let mut out = Vec::with_capacity(sealed.len());
    let mut rest = sealed.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'-' {
            out.push(*byte);
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        out.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Seal;
    use crate::format::FormatId;

    const ONE: FormatId = FormatId::OpenaiChat;
    const OTHER: FormatId = FormatId::AnthropicMessages;

    #[test]
    fn only_the_maker_gets_a_seal_back() {
        let seal = Seal::new(ONE, "c2ln+/==".to_owned());
        assert_eq!(seal.kept_by(ONE), "c2ln+/==");
        let kept = seal.kept_by(OTHER).into_owned();
        let back = Seal::read(OTHER, kept);
        assert_eq!(
            (back.known_to(ONE), back.known_to(OTHER)),
            (Some("c2ln+/=="), None)
        );
    }

    #[test]
    fn an_id_without_a_seal_is_left_alone() {
        for id in ["call_1", "a__seal_", "a__seal_-4", "a__seal_xyz", ""] {
            assert_eq!(Seal::from_id(id), (id, None));
        }
    }

    proptest! {
        #[test]
        fn any_seal_comes_back_from_an_id(id in "[a-zA-Z0-9_-]{0,12}", text in ".{0,40}") {
            let seal = Seal::new(OTHER, text);
            let written = seal.in_id(&id);
            prop_assert!(written.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
            prop_assert_eq!(Seal::from_id(&written), (id.as_str(), Some(seal)));
        }
    }
}
