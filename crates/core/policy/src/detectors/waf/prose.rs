//! The first test where values stand in prose: the words that attacks are recognised by.

use aho_corasick::AhoCorasick;

use super::literals::Literals;

/// The longest of the signs.
const SIGN_BYTES_MAX: usize = 18;

const SIGNS: [&str; 27] = [
    "union",
    "information_schema",
    "waitfor delay",
    "benchmark(",
    "pg_sleep(",
    "xp_cmdshell",
    "' or ",
    "\" or ",
    "' and ",
    "\" and ",
    "'; ",
    "<script",
    "<iframe",
    "<svg",
    "onerror",
    "onload",
    "javascript:",
    "document.cookie",
    "../",
    "..\\",
    "..%2f",
    "${",
    "/dev/tcp/",
    "() {",
    "sleep(",
    "<!--#",
    "%3cscript",
];

pub(super) static SEARCH: Literals = Literals::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(SIGNS)
        .ok()
});

/// The first place at or behind `from` where an attack may begin to show. With `complete`
/// false the text goes on: a sign that is cut off counts.
pub(super) fn first(text: &[u8], from: usize, complete: bool) -> Option<usize> {
    let rest = text.get(from..)?;
    let search = SEARCH.as_ref()?;
    if let Some(found) = search.find(rest) {
        return Some(from + found.start());
    }
    if complete {
        return None;
    }
    let near = rest.len().saturating_sub(SIGN_BYTES_MAX - 1);
    (near..rest.len())
        .find(|at| is_cut_off(rest.get(*at..).unwrap_or_default()))
        .map(|at| from + at)
}

/// Whether one of the signs begins with all of `text`.
fn is_cut_off(text: &[u8]) -> bool {
    SIGNS.iter().any(|sign| {
        sign.as_bytes()
            .get(..text.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(text))
    })
}
