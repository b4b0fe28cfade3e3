//! Hides what looks like a credential before a line of a configuration is shown.
//!
//! Configurations hold references, not secrets; this is for the day somebody
//! pastes a key where a reference belongs, and the error message goes to a log.
//! It errs on the side of hiding.

use crate::schema;

const MASK: &str = "********";

/// How keys of well-known issuers begin.
const KEY_PREFIXES: [&str; 10] = [
    "sk-", "sk_", "tg_", "AIza", "gsk_", "xai-", "hf_", "ghp_", "AKIA", "eyJ",
];

/// Parts of a field's name that announce a secret.
const SECRET_WORDS: [&str; 8] = [
    "secret",
    "password",
    "passwd",
    "token",
    "key",
    "credential",
    "auth",
    "cookie",
];

/// Longest echo of a value in a message, in characters.
const QUOTE_CHARS_MAX: usize = 80;

/// A value for a message: in backticks, masked, cut, without control characters.
pub(crate) fn quote(value: &str) -> String {
    let masked = mask_words(value);
    let mut text: String = masked.chars().take(QUOTE_CHARS_MAX).collect();
    if masked.chars().nth(QUOTE_CHARS_MAX).is_some() {
        text.push('…');
    }
    format!("`{text}`")
}

/// A source line with what looks like a credential replaced. After a field whose
/// name announces one, the rest of the line goes; the header of a secret may have any
/// name, so there `path` tells.
pub(super) fn mask_line(line: &str, path: &str) -> String {
    if path.contains(".secret_headers.")
        && let Some((field, _)) = line.split_once(':')
    {
        return format!("{}: {MASK}", mask_words(field));
    }
    let mut start = 0;
    for piece in line.split_inclusive(['{', ',']) {
        if let Some((field, value)) = piece.split_once(':') {
            let is_mark = |c: char| c.is_whitespace() || "-\"'{?".contains(c);
            if announces_secret(field.trim_matches(is_mark), value.trim()) {
                let shown = line.get(..start + field.len()).unwrap_or_default();
                return format!("{}: {MASK}", mask_words(shown));
            }
        }
        start += piece.len();
    }
    mask_words(line)
}

fn announces_secret(name: &str, value: &str) -> bool {
    if value.is_empty() || value.starts_with(['#', '{', '&', '*', '[']) {
        return false;
    }
    match name {
        "secret_key_ref" => true,
        "env" => {
            let is_mark = |c: char| "\"'${}%,".contains(c) || c.is_whitespace();
            !is_environment_name(value.trim_matches(is_mark))
        }
        _ if schema::is_field(name) => false,
        _ => {
            let name = name.to_lowercase();
            SECRET_WORDS.iter().any(|word| name.contains(word))
        }
    }
}

/// Whether it looks like the name of an environment variable (and not like a key).
pub(crate) fn is_environment_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !(looks_secret(text) && (text.len() >= 32 || has_key_prefix(text)))
}

/// A text with every word that looks like a credential replaced, without control characters.
pub(crate) fn mask_words(text: &str) -> String {
    let is_break = |c: char| c.is_whitespace() || "\"',{}[]()".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_break).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        out.extend(mask_word(word).chars().map(printable));
        let mut chars = after.chars();
        out.extend(chars.next().map(printable));
        rest = chars.as_str();
    }
    out
}

const fn printable(c: char) -> char {
    if c.is_ascii_control() || matches!(c, '\u{80}'..='\u{9f}') {
        ' '
    } else {
        c
    }
}

fn mask_word(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://")
        && let Some((_, host)) = rest.rsplit_once('@')
    {
        return format!("{scheme}://{MASK}@{host}");
    }
    if looks_secret(word) {
        MASK.to_owned()
    } else {
        word.to_owned()
    }
}

fn looks_secret(word: &str) -> bool {
    if word.starts_with("sha256:") || word.contains('/') {
        return false;
    }
    has_key_prefix(word) || word.split(['-', '_', '.', '=']).any(looks_random)
}

fn has_key_prefix(word: &str) -> bool {
    word.len() > 8 && KEY_PREFIXES.iter().any(|p| word.starts_with(p))
}

/// A long run of mixed letters and digits; names of models have separators.
fn looks_random(run: &str) -> bool {
    let has = |test: fn(&char) -> bool| run.chars().any(|c| test(&c));
    let mixed =
        has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    let hexadecimal = run.chars().all(|c| c.is_ascii_hexdigit());
    (run.len() >= 20 && mixed) || (run.len() >= 32 && hexadecimal)
}
