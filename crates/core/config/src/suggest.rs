//! "Did you mean": the known name closest to the one that was written, and what people
//! who come from other gateways write.

use crate::problem::PROBLEMS_MAX;

/// Names that are listed in a message.
const LISTED_MAX: usize = 16;
/// Names that are compared.
const COMPARED_MAX: usize = 1000;
/// Characters that are compared.
const CHARS_MAX: usize = 64;

/// What other gateways call a field, and what it is called here.
const ELSEWHERE: [(&str, &str); 16] = [
    ("model_list", "models"),
    ("model_name", "name"),
    ("deployments", "targets"),
    ("fallbacks", "targets"),
    ("upstream", "provider"),
    ("backends", "providers"),
    ("upstreams", "providers"),
    ("guardrails", "policies"),
    ("api_base", "base_url"),
    ("endpoint", "base_url"),
    ("url", "base_url"),
    ("api_key", "secret_key_ref"),
    ("apikey", "secret_key_ref"),
    ("key", "secret_key_ref"),
    ("bind", "host"),
    ("listen", "host"),
];

/// Our name of a field that goes by another one in other gateways.
pub(crate) fn elsewhere(written: &str) -> Option<&'static str> {
    let written = written.to_ascii_lowercase();
    let mut known = ELSEWHERE.iter();
    known.find_map(|(theirs, ours)| (*theirs == written).then_some(*ours))
}

/// What to say to somebody who expects `${NAME}` to be filled in.
pub(crate) fn literal_variable(text: &str) -> Option<&'static str> {
    (text.contains("${") || text.contains("{{")).then_some(
        "variables are not filled in here: write the value itself; secrets are named by `env` or `file`",
    )
}

/// The closest known name, if it is close enough to be a slip.
pub(crate) fn similar<'n>(
    written: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let wanted = normal(written);
    let allowed = (wanted.len() / 3).clamp(1, 3);
    let scored = known.into_iter().take(COMPARED_MAX).map(|name| {
        let candidate = normal(name);
        let contained = wanted.len() >= 3
            && candidate.len() >= 3
            && (starts_with(&candidate, &wanted) || starts_with(&wanted, &candidate));
        let slip = contained || same_letters(&wanted, &candidate);
        let too_far = wanted.len().abs_diff(candidate.len()) > allowed;
        let distance = match (slip, too_far) {
            (true, true) => allowed,
            (true, false) => distance(&wanted, &candidate).min(allowed),
            (false, true) => usize::MAX,
            (false, false) => distance(&wanted, &candidate),
        };
        (distance, name)
    });
    let best = scored.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= allowed).then_some(best.1)
}

/// Help text: the closest name, or the list of all; `None` when nothing is known, or
/// when more problems were found before this one than a report lists.
pub(crate) fn known_or_similar<'n>(
    written: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    what: &str,
    found_before: usize,
) -> Option<String> {
    if found_before >= PROBLEMS_MAX {
        return None;
    }
    if let Some(name) = similar(written, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let listed = list(known);
    (!listed.is_empty()).then(|| format!("{what}: {listed}"))
}

/// Names as a list for a message.
pub(crate) fn list<'n>(names: impl Iterator<Item = &'n str> + Clone) -> String {
    let count = names.clone().count();
    let mut shown: Vec<String> = names.take(LISTED_MAX).map(crate::problem::quote).collect();
    if count > LISTED_MAX {
        shown.push(format!("{} more", count - LISTED_MAX));
    }
    shown.join(", ")
}

/// Lower case, and every separator the same: `Base-URL` and `base_url` differ by nothing.
fn normal(name: &str) -> Vec<char> {
    name.chars()
        .take(CHARS_MAX)
        .map(|c| match c {
            '-' | ' ' | '.' => '_',
            c => c.to_ascii_lowercase(),
        })
        .filter(|c| *c != '_')
        .collect()
}

/// Letters in another order: `prot` for `port`.
fn same_letters(a: &[char], b: &[char]) -> bool {
    let sorted = |text: &[char]| {
        let mut text = text.to_vec();
        text.sort_unstable();
        text
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}

fn starts_with(text: &[char], start: &[char]) -> bool {
    text.get(..start.len()) == Some(start)
}

/// Edits (insert, delete, replace) from one to the other: Levenshtein, one row at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (slot, right) in row.iter_mut().skip(1).zip(b) {
            let replaced = diagonal + usize::from(left != right);
            diagonal = *slot;
            before = replaced.min(before + 1).min(diagonal + 1);
            *slot = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(a.len())
}
