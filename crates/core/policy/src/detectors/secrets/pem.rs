//! Private key blocks: from `-----BEGIN … PRIVATE KEY-----` to the end of the key.
//!
//! The first line alone is no key: texts about keys have it. It is one when a run of
//! [`RUN_BYTES_MIN`] bytes of base64 follows, after lines of the form `Name: value`. From
//! there on everything is swallowed, run by run, until the last line: the one that says
//! `END`, or a run that is shorter than the lines of a key are. Between runs may stand
//! what joins lines in files, in strings of programs and in quoted mail.

use super::reader::{ByteSet, Reader};

/// The least length of a line of a key but the last one, in bytes.
pub(super) const RUN_BYTES_MIN: usize = 24;

/// The most that may stand between two runs, in bytes.
const GAP_BYTES_MAX: usize = 32;

/// The longest first or last line, in bytes.
const LINE_BYTES_MAX: usize = 80;

/// The most that may stand between the first line and the key, in bytes.
const HEAD_BYTES_MAX: usize = 512;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing of a key.
    No,
    /// The text must go on before that can be said.
    Undecided,
    /// The key, from here on.
    At(usize),
}

/// How much of a key there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swallowed {
    /// It ends here.
    Ends(usize),
    /// It is a key up to here; the run there has so many bytes.
    Open(usize, usize),
}

/// Whether a block begins at `at`, and where its first run does.
pub(super) fn begins(reader: &mut Reader<'_>, at: usize) -> Next {
    let Some(after) = ["-----BEGIN ", "---- BEGIN "]
        .iter()
        .find_map(|begin| literal(reader, at, begin))
    else {
        return Next::No;
    };
    let Next::At(label) = after else {
        return after;
    };
    let line = reader.slice(label, (label + LINE_BYTES_MAX).min(reader.text.len()));
    let Some(length) = line.iter().position(|byte| *byte == b'-') else {
        let cut = line.len() < LINE_BYTES_MAX && line.iter().all(|byte| is_label(*byte));
        return if cut && !reader.last {
            Next::Undecided
        } else {
            Next::No
        };
    };
    let name = line.get(..length).unwrap_or_default();
    let is_key = name
        .windows(b"PRIVATE KEY".len())
        .any(|part| part == b"PRIVATE KEY");
    if !is_key || !name.iter().all(|byte| is_label(*byte)) {
        return Next::No;
    }
    let hyphens = reader.run_end(ByteSet::of(b"--"), label + length);
    if hyphens == reader.text.len() && !reader.last {
        return Next::Undecided;
    }
    body(reader, hyphens)
}

const fn is_label(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' ')
}

/// Whether `text` stands at `at`, and where it ends; `None` when it does not.
fn literal(reader: &Reader<'_>, at: usize, text: &str) -> Option<Next> {
    let rest = reader.text.get(at..)?;
    if rest.starts_with(text.as_bytes()) {
        return Some(Next::At(at + text.len()));
    }
    (!reader.last && text.as_bytes().starts_with(rest)).then_some(Next::Undecided)
}

/// Where the key begins behind the first line that ends at `from`.
pub(super) fn body(reader: &mut Reader<'_>, from: usize) -> Next {
    let mut at = from;
    while at - from < HEAD_BYTES_MAX {
        at = match gap(reader, at) {
            Next::At(after) => after,
            other => return other,
        };
        let end = reader.run_end(ByteSet::BASE64, at);
        if end - at >= RUN_BYTES_MIN {
            return Next::At(at);
        }
        if end == reader.text.len() {
            return if reader.last {
                Next::No
            } else {
                Next::Undecided
            };
        }
        // A line that names something: `Proc-Type: 4,ENCRYPTED`.
        let name = reader.run_end(ByteSet::ALPHANUMERIC.with(b'-', b'-'), at);
        match reader.byte(name) {
            None if !reader.last => return Next::Undecided,
            Some(b':') if name > at => {}
            _ => return Next::No,
        }
        let rest = reader.slice(name, (from + HEAD_BYTES_MAX).min(reader.text.len()));
        match rest
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'\r' | b'\\'))
        {
            Some(length) => at = name + length,
            None if reader.last || rest.len() + name >= from + HEAD_BYTES_MAX => return Next::No,
            None => return Next::Undecided,
        }
    }
    Next::No
}

/// The end of what may stand between two runs.
fn gap(reader: &Reader<'_>, from: usize) -> Next {
    let mut at = from;
    loop {
        if at - from > GAP_BYTES_MAX {
            return Next::No;
        }
        match reader.byte(at) {
            None => {
                return if reader.last {
                    Next::No
                } else {
                    Next::Undecided
                };
            }
            Some(b'\\') => match reader.byte(at + 1) {
                None => {
                    return if reader.last {
                        Next::No
                    } else {
                        Next::Undecided
                    };
                }
                Some(b'n' | b'r' | b't') => at += 2,
                Some(_) => at += 1,
            },
            Some(
                b' ' | b'\n' | b'\r' | b'\t' | b'"' | b'\'' | b',' | b'>' | b'|' | b'#' | b'*'
                | b'`' | b'&' | b'.',
            ) => at += 1,
            // Strings that a program joins: base64 has the sign too.
            Some(b'+')
                if reader
                    .byte(at + 1)
                    .is_none_or(|next| matches!(next, b' ' | b'\n' | b'\r')) =>
            {
                at += 1;
            }
            Some(_) => return Next::At(at),
        }
    }
}

/// Swallows from `from`, where the run has `length` bytes already.
pub(super) fn swallow(reader: &mut Reader<'_>, from: usize, length: usize) -> Swallowed {
    let (mut end, mut length) = (from, length);
    loop {
        let run = reader.run_end(ByteSet::BASE64, end);
        length += run - end;
        end = run;
        if end == reader.text.len() {
            let length = length.min(RUN_BYTES_MIN);
            return if reader.last {
                Swallowed::Ends(end)
            } else {
                Swallowed::Open(end, length)
            };
        }
        let after = match gap(reader, end) {
            Next::At(after) => after,
            Next::Undecided => return Swallowed::Open(end, length.min(RUN_BYTES_MIN)),
            Next::No => return Swallowed::Ends(end),
        };
        match last_line(reader, after) {
            Next::At(done) => return Swallowed::Ends(done),
            Next::Undecided => return Swallowed::Open(end, length.min(RUN_BYTES_MIN)),
            Next::No => {}
        }
        let goes_on = reader
            .byte(after)
            .is_some_and(|byte| ByteSet::BASE64.contains(byte));
        if length < RUN_BYTES_MIN || !goes_on || after == end {
            return Swallowed::Ends(end);
        }
        (end, length) = (after, 0);
    }
}

/// Whether the last line of a block stands at `at`, and where it ends.
fn last_line(reader: &Reader<'_>, at: usize) -> Next {
    let found = ["-----END ", "---- END ", "Private-MAC: "]
        .iter()
        .find_map(|end| literal(reader, at, end));
    let Some(Next::At(label)) = found else {
        return found.unwrap_or(Next::No);
    };
    let mut end = label;
    let mut hyphens = false;
    while end - label <= LINE_BYTES_MAX {
        match reader.byte(end) {
            None if !reader.last => return Next::Undecided,
            Some(b'-') => hyphens = true,
            Some(byte) if !hyphens && (is_label(byte) || byte.is_ascii_hexdigit()) => {}
            _ => break,
        }
        end += 1;
    }
    Next::At(end)
}
