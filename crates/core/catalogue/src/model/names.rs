//! From a name to a model: two searches in sorted lists, no allocation.

use crate::table;

/// The kind of provider that may serve anybody's models.
const COMPATIBLE: &str = "openai_compatible";

/// The name that stands for every model of its kind of provider.
const ANY: &str = "*";

/// The kinds of provider that serve what they make, in the order in which a compatible
/// provider's models are looked for. Those who serve others' models name their own prices.
const MAKERS: [&str; 10] = [
    "openai",
    "anthropic",
    "gemini",
    "mistral",
    "deepseek",
    "xai",
    "cohere",
    "moonshot",
    "qwen",
    "zhipu",
];

/// Where Bedrock's profiles say that they serve from.
const REGIONS: [&str; 8] = ["us", "eu", "apac", "global", "jp", "au", "ca", "us-gov"];

pub(super) fn find(kind: &str, name: &str) -> Option<u16> {
    if let Some(place) = place(kind) {
        return of(place, name).or_else(|| exact(place, ANY));
    }
    if kind != COMPATIBLE {
        return None;
    }
    MAKERS.iter().find_map(|maker| of(place(maker)?, name))
}

/// The place of a kind of provider that has models.
fn place(kind: &str) -> Option<u8> {
    let found = table::PROVIDERS
        .iter()
        .position(|label| label.text() == kind);
    u8::try_from(found?).ok()
}

fn of(provider: u8, name: &str) -> Option<u16> {
    if let Some(found) = versioned(provider, name) {
        return Some(found);
    }
    let last = name.rsplit_once('/').map(|(_, last)| last);
    let unplaced = last.unwrap_or(name).split_once('.');
    let unplaced = unplaced.filter(|(region, _)| REGIONS.contains(region));
    last.and_then(|last| versioned(provider, last))
        .or_else(|| versioned(provider, unplaced?.1))
}

fn versioned(provider: u8, name: &str) -> Option<u16> {
    if let Some(found) = exact(provider, name) {
        return Some(found);
    }
    let cuts = name
        .char_indices()
        .rev()
        .filter(|(_, c)| matches!(c, '-' | '@' | ':'));
    for (at, _) in cuts {
        let (begin, suffix) = name.split_at(at);
        if is_version(suffix)
            && let Some(found) = exact(provider, begin)
        {
            return Some(found);
        }
    }
    None
}

fn exact(provider: u8, name: &str) -> Option<u16> {
    let found = table::NAMES.binary_search_by(|entry| {
        entry
            .provider
            .cmp(&provider)
            .then_with(|| entry.name.text().cmp(name))
    });
    table::NAMES.get(found.ok()?).map(|entry| entry.model)
}

/// Whether what follows a listed name only names a version of it: `latest`, `preview`,
/// `exp`, `vN` or a number, and the first number has three digits or is a whole date. A
/// shorter one is the next generation (`claude-sonnet-4` is not `claude-sonnet-4-5`), one
/// of four digits a month or day whose model is often another (`gpt-4-1106-preview`), so
/// that those are listed by name; any other word is another model (`-mini`, `-audio`).
fn is_version(suffix: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &str| {
        matches!(part, "latest" | "preview" | "exp")
            || part.strip_prefix('v').is_some_and(is_number)
    };
    // The suffix begins with a separator, so the part before it is empty.
    let mut parts = suffix.split(['-', '@', ':']).skip(1);
    let Some(first) = parts.next() else {
        return false;
    };
    let begins = match first.len() {
        _ if !is_number(first) => is_word(first),
        3 | 6 | 8 => true,
        // A year, with month and day behind it.
        4 => {
            first.starts_with("20")
                && [parts.next(), parts.next()]
                    .iter()
                    .all(|part| part.is_some_and(|part| part.len() == 2 && is_number(part)))
        }
        _ => false,
    };
    begins && parts.all(|part| is_word(part) || is_number(part))
}
