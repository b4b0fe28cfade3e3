//! Values that words announce: `my API key is …`, `Bearer …`.
//!
//! Only long ones: text with short words is skipped.

use super::assigned::{Given, QUOTED, Quote, read};
use super::matcher::{Builtin, Step};
use super::name::NAME_BYTES_MAX;
use super::reader::Reader;
use super::{scheme, skim};

/// Words that stand before a secret.
const NAMES: [&[u8]; 7] = [
    b"key",
    b"token",
    b"secret",
    b"password",
    b"passwd",
    b"credential",
    b"credentials",
];

/// Words that stand between a name and its value.
const LINKS: [&[u8]; 4] = [b"is", b"as", b"to", b"with"];

/// Reads at the first byte of a word.
pub(super) fn at_word(rules: &Builtin, reader: &mut Reader<'_>, at: usize) -> Step {
    let Some((near, quote)) = before(reader, at) else {
        return Step::Nothing;
    };
    let letters = near
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic());
    let word = near.get(near.len() - letters.count()..).unwrap_or_default();
    let is = |words: &[&[u8]]| words.iter().any(|own| own.eq_ignore_ascii_case(word));
    let is_scheme = is(&[b"bearer", b"basic"]);
    let is_link = is(&LINKS);
    if !is_scheme && !is_link && !is(&NAMES) {
        return Step::Nothing;
    }
    // Such are skipped where the text is skimmed.
    let run = reader.run_end(QUOTED, at);
    if run - at < skim::RUN_BYTES && (run < reader.text.len() || reader.last) {
        return Step::Nothing;
    }
    if is_scheme && run - at < skim::RUN_BYTES {
        return Step::Hold(at);
    }
    if is_scheme {
        return scheme::behind(rules, reader, at, at, is(&[b"basic"]));
    }
    let end = at.saturating_sub(NAME_BYTES_MAX) + near.len();
    let sentence = |byte: &u8| {
        matches!(
            byte,
            b'.' | b'\n' | b';' | b',' | b'=' | b':' | b'"' | b'!' | b'?'
        )
    };
    let from = near.iter().rposition(sentence).map_or(0, |place| place + 1);
    let start = end - (near.len() - from);
    let end = if is_link { end - word.len() } else { end };
    let given = Given {
        hold: at,
        name: (start, end),
        start: at,
        quote,
        least: skim::RUN_BYTES,
    };
    read(rules, reader, &given)
}

/// The words before a word and the quote around it; `None` when it follows no space.
fn before<'t>(reader: &Reader<'t>, at: usize) -> Option<(&'t [u8], Quote)> {
    let quotes = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b'*' | b'(' | b'<');
    let last = reader.before(at)?;
    if !last.is_ascii_whitespace() && !quotes(&last) {
        return None;
    }
    let near = reader.slice(at.saturating_sub(NAME_BYTES_MAX), at);
    let inner = near.iter().rposition(|byte| !quotes(byte))? + 1;
    let quote = match near.get(inner..) {
        Some([quote @ (b'"' | b'\'' | b'`'), ..]) => Quote::Byte(*quote),
        _ => Quote::Nothing,
    };
    let near = near.get(..inner)?;
    let after_space = matches!(near.last(), Some(b' ' | b'\n' | b'\t'));
    after_space.then(|| (near.trim_ascii_end(), quote))
}
