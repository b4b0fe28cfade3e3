//! E-mail addresses.
//!
//! Around an `@`: a local part of 1 to 64 bytes out of letters, digits and
//! `. _ % + - & ' ~`, and a domain of labels with a top level of two letters or more
//! (or `xn--`). Letters of every script count, but those of scripts written without
//! spaces only together, so that an address in the middle of such a text has an end.
//! A dot or hyphen behind the domain is not part of it. An address is the longest
//! that the text allows: what follows decides, one byte beyond its end.
//! Holds back at most 64 bytes before and 254 after an `@`.

use memchr::memchr;

use super::web::{DOMAIN_BYTES_MAX, LABEL_BYTES_MAX};
use crate::characters::{char_before, is_hangul, is_unspaced, whole_len};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

const LOCAL_BYTES_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct EmailAddress {
    entities: [Entity; 1],
}

impl EmailAddress {
    pub(super) fn new() -> Self {
        Self {
            entities: [Entity::new("email_address")],
        }
    }
}

impl Matcher for EmailAddress {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut at = from;
        while let Some(sign) =
            memchr(b'@', text.get(at..).unwrap_or_default()).map(|place| at + place)
        {
            at = sign + 1;
            let Some(start) = local_start(text, sign).filter(|start| *start >= from) else {
                continue;
            };
            match domain_end(text, sign + 1, last) {
                Domain::Until(end) => {
                    found.push(Finding {
                        start,
                        end,
                        entity: 0,
                        score: Score::CERTAIN,
                        extent: Extent::Whole,
                    });
                }
                Domain::None => {}
                Domain::Undecided => {
                    return Cursor {
                        at: start,
                        carry: 0,
                    };
                }
            }
        }
        let undecided = if last {
            text.len()
        } else {
            tail_start(text).max(from)
        };
        Cursor {
            at: undecided,
            carry: 0,
        }
    }
}

/// What an address is made of. A character belongs to the kinds that may hold it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Letters of scripts with spaces, ASCII included.
    Spaced,
    /// Letters of scripts without.
    Unspaced,
    /// Digits and marks, which go with both.
    Both,
}

/// The script of a character that a local part may hold.
fn local_script(c: char) -> Option<Script> {
    match c {
        '0'..='9' | '.' | '_' | '-' | '+' | '%' | '&' | '\'' | '~' => Some(Script::Both),
        _ => letter_script(c),
    }
}

fn letter_script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' => Some(Script::Spaced),
        _ if c.is_ascii() || !c.is_alphanumeric() => None,
        // Korean particles are written onto an address.
        _ if is_unspaced(c) || is_hangul(c) => Some(Script::Unspaced),
        _ => Some(Script::Spaced),
    }
}

/// The longest run of characters before `end` that a local part of this script may
/// hold. `None` when it is longer than a local part.
fn run_before(text: &[u8], end: usize, script: Script) -> Option<usize> {
    let mut start = end;
    while let Some((Some(c), before)) = char_before(text, start) {
        if !local_script(c).is_some_and(|found| found == script || found == Script::Both) {
            break;
        }
        start = before;
        if end - start > LOCAL_BYTES_MAX {
            return None;
        }
    }
    Some(start)
}

/// Where the local part before the `@` at `sign` begins.
fn local_start(text: &[u8], sign: usize) -> Option<usize> {
    let start = match ascii_run_before(text, sign) {
        Some(start) => start,
        None => script_run_before(text, sign)?,
    };
    let local = text.get(start..sign)?;
    if sign - start > LOCAL_BYTES_MAX || local.last() == Some(&b'.') {
        return None;
    }
    let start = start + memchr::memmem::rfind(local, b"..").map_or(0, |dots| dots + 2);
    let marks = text
        .get(start..sign)?
        .iter()
        .take_while(|byte| is_mark(**byte))
        .count();
    Some(start + marks).filter(|start| *start < sign)
}

/// The run of bytes before `end` that a local part may hold, when all of them and the
/// one before are ASCII; cut off once it is longer than a local part.
fn ascii_run_before(text: &[u8], end: usize) -> Option<usize> {
    let first = end.saturating_sub(LOCAL_BYTES_MAX + 1);
    let near = text.get(first..end)?;
    let other = near.iter().rposition(|byte| !is_local_ascii(*byte));
    if other.is_some_and(|at| near.get(at).is_some_and(|byte| !byte.is_ascii())) {
        return None;
    }
    Some(other.map_or(first, |at| first + at + 1))
}

/// The run of characters before `sign` that a local part of its script may hold.
fn script_run_before(text: &[u8], sign: usize) -> Option<usize> {
    let mut c = char_before(text, sign)?.0?;
    let mut at = sign;
    // Marks and digits take the script of the nearest letter.
    let script = loop {
        match local_script(c)? {
            Script::Both if sign - at <= LOCAL_BYTES_MAX => at = char_before(text, at)?.1,
            Script::Both => break Script::Spaced,
            script => break script,
        }
        match char_before(text, at) {
            Some((Some(before), _)) if local_script(before).is_some() => c = before,
            _ => break Script::Spaced,
        }
    };
    run_before(text, sign, script)
}

/// True for the ASCII bytes that [`local_script`] knows.
const fn is_local_ascii(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || is_mark(byte)
}

/// True for what a local part may hold but not begin with.
const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'+' | b'%' | b'&' | b'\'' | b'~')
}

/// Where a local part may begin that an `@` after the end of the text would complete.
fn tail_start(text: &[u8]) -> usize {
    let end = whole_len(text);
    let spaced = match ascii_run_before(text, end) {
        Some(start) if end - start <= LOCAL_BYTES_MAX => return start,
        Some(_too_long) => None,
        None => run_before(text, end, Script::Spaced),
    };
    let unspaced = run_before(text, end, Script::Unspaced);
    spaced.into_iter().chain(unspaced).min().unwrap_or(end)
}

/// What stands behind an `@`.
enum Domain {
    /// A domain that ends before this offset.
    Until(usize),
    /// No domain.
    None,
    /// Not to be told yet.
    Undecided,
}

/// Reads the domain that begins at `start`.
fn domain_end(text: &[u8], start: usize, last: bool) -> Domain {
    let limit = text.len().min(start + DOMAIN_BYTES_MAX + 1);
    let rest = text.get(start..limit).unwrap_or_default();
    if rest
        .first()
        .is_some_and(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric())
    {
        return Domain::None;
    }
    let mut end = start;
    let mut at = start;
    let mut label = Label::default();
    let mut labels = 0;
    // What follows the domain is not looked at: the first byte that it cannot hold ends it.
    let stop = rest.iter().position(|byte| {
        byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'-')
    });
    let run = rest
        .get(..stop.map_or(rest.len(), |at| at + 1))
        .unwrap_or_default();
    for chunk in run.utf8_chunks() {
        for c in chunk.valid().chars() {
            let after = at + c.len_utf8();
            if c == '.' {
                if label.length == 0 || label.length > LABEL_BYTES_MAX || label.hyphen_last {
                    return decided(end, start);
                }
                labels += 1;
                label = Label::default();
            } else if !label.push(c) || label.length > LABEL_BYTES_MAX {
                return decided(end, start);
            } else if labels > 0 && label.is_top_level() {
                end = after;
            }
            at = after;
        }
        if !chunk.invalid().is_empty() {
            let cut = at + chunk.invalid().len() == text.len() && !last && whole_len(text) == at;
            return if cut {
                Domain::Undecided
            } else {
                decided(end, start)
            };
        }
    }
    if at == text.len() && !last && at - start <= DOMAIN_BYTES_MAX {
        return Domain::Undecided;
    }
    decided(end, start)
}

const fn decided(end: usize, start: usize) -> Domain {
    if end > start {
        Domain::Until(end)
    } else {
        Domain::None
    }
}

/// One label of a domain, read character by character.
#[derive(Default)]
struct Label {
    length: usize,
    script: Option<Script>,
    letters_only: bool,
    letters: usize,
    hyphen_last: bool,
    /// How much of `xn--` stands at its start.
    encoded: usize,
}

impl Label {
    /// Takes a character; false when it cannot stand here.
    fn push(&mut self, c: char) -> bool {
        let first = self.length == 0;
        let script = match c {
            '0'..='9' => Script::Both,
            '-' if first => return false,
            '-' => Script::Both,
            _ => match letter_script(c) {
                Some(script) => script,
                None => return false,
            },
        };
        if script != Script::Both {
            if self.script.is_some_and(|known| known != script) {
                return false;
            }
            self.script = Some(script);
            self.letters += 1;
        }
        self.letters_only = (first || self.letters_only) && script != Script::Both;
        self.hyphen_last = c == '-';
        if self.encoded == self.length
            && "xn--".chars().nth(self.encoded) == Some(c.to_ascii_lowercase())
        {
            self.encoded += 1;
        }
        self.length += c.len_utf8();
        true
    }

    /// Whether it can be the last label.
    const fn is_top_level(&self) -> bool {
        let letters = self.letters_only && self.letters >= 2;
        letters || (self.encoded == 4 && self.length > 4 && !self.hyphen_last)
    }
}
