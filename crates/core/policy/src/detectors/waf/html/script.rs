//! What tells a script from other text.

use crate::detectors::waf::literals::{Literals, literals, signs};

/// Functions that attacks call.
const CALLS: [&str; 15] = [
    "alert",
    "confirm",
    "prompt",
    "eval",
    "settimeout",
    "setinterval",
    "fetch",
    "atob",
    "msgbox",
    "execscript",
    "write",
    "importscripts",
    "expression",
    "fromcharcode",
    "import",
];

/// Objects that attacks read or change.
const OBJECTS: [&str; 14] = [
    "document.",
    "document[",
    "window.",
    "window[",
    "self[",
    "top[",
    "parent[",
    "this[",
    "location=",
    "location.",
    "xmlhttprequest",
    "innerhtml",
    "string.fromcharcode",
    "sessionstorage",
];

/// How many of [`CALLS`] count where they stand alone; the rest are names that other code
/// has too.
const SHOWN: usize = 11;

pub(in crate::detectors::waf) static SEARCH: Literals =
    Literals::new(|| literals(CALLS.iter().chain(&OBJECTS)));

/// Whether `text` does what scripts of attacks do.
pub(super) fn is_active(text: &[u8]) -> bool {
    signs(&SEARCH, text)
        .any(|(index, place)| index >= CALLS.len() || is_call(text, place.start, place.end))
}

/// Whether a call is one of those that attackers try things with: `alert(1)`,
/// `confirm('xss')`, `eval(document.cookie)`.
pub(super) fn is_trial(call: &[u8]) -> bool {
    const ARGUMENTS: [&[u8]; 14] = [
        b"1",
        b"0",
        b"2",
        b"/",
        b"'",
        b"\"",
        b"`",
        b"xss",
        b"document",
        b"window",
        b"string",
        b"location",
        b"this",
        b")",
    ];
    let Some(bracket) = memchr::memchr2(b'(', b'`', call) else {
        return false;
    };
    let (name, argument) = call.split_at(bracket);
    let argument = argument.get(1..).unwrap_or_default().trim_ascii_start();
    let shown = matches!(
        name,
        b"alert" | b"confirm" | b"prompt" | b"msgbox" | b"eval"
    );
    shown && ARGUMENTS.iter().any(|begin| argument.starts_with(begin))
}

/// The first call of an attack's function: from its name to behind its bracket.
pub(super) fn call(text: &[u8]) -> Option<(usize, usize)> {
    let (_, place) = signs(&SEARCH, text)
        .find(|(index, place)| *index < SHOWN && is_call(text, place.start, place.end))?;
    let rest = text.get(place.end..).unwrap_or_default();
    let close = memchr::memchr(b')', rest).map_or(rest.len(), |at| at + 1);
    Some((place.start, place.end + close))
}

/// Whether the name at this place is called. `alert(s)` is a plural.
fn is_call(text: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        return false;
    }
    let rest = text.get(end..).unwrap_or_default();
    if rest.starts_with(b"(s)") {
        return false;
    }
    matches!(rest.first(), Some(b'(' | b'`' | b'['))
        || rest.starts_with(b"'](")
        || rest.starts_with(b"\"](")
        || rest.starts_with(b"/*")
}

/// Schemes whose addresses are scripts.
const SCHEMES: [&[u8]; 4] = [b"javascript", b"vbscript", b"livescript", b"mocha"];

/// Where a script's scheme begins that ends with the colon at `colon`. Browsers skip
/// blanks and control characters in it.
pub(super) fn is_scheme_before(text: &[u8], colon: usize) -> Option<usize> {
    SCHEMES.iter().find_map(|scheme| {
        let mut at = colon;
        let mut letters = scheme.iter().rev();
        let mut wanted = letters.next()?;
        // Up to two skipped characters for each letter.
        for _ in 0..scheme.len() * 3 {
            at = at.checked_sub(1)?;
            let byte = *text.get(at)?;
            if byte <= b' ' {
                continue;
            }
            if byte != *wanted {
                return None;
            }
            match letters.next() {
                Some(next) => wanted = next,
                None => return Some(at),
            }
        }
        None
    })
}
