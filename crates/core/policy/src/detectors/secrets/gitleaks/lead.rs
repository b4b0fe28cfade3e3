//! Whether a pattern has one of its keywords before the secret, so that the keyword leads
//! to it.

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};

/// The most bytes before a keyword at which a match is looked for.
const LEAD_BYTES_MAX: usize = 8;

/// How far before its keyword a match may begin, in bytes; `None` when the secret may
/// begin before every keyword.
///
/// A part at the beginning that may be missing is left out: `[\w.-]{0,50}?` before a
/// name changes nothing of the secret.
pub(super) fn lead(hir: &Hir, keywords: &[String]) -> Option<usize> {
    if keywords.is_empty() {
        return None;
    }
    let mut parts = flat(hir);
    while parts.first().is_some_and(may_be_missing) {
        parts.remove(0);
    }
    let literals = Extractor::new()
        .kind(ExtractKind::Prefix)
        .extract(&Hir::concat(parts));
    let mut lead = 0;
    for literal in literals.literals()? {
        let literal = literal.as_bytes().to_ascii_lowercase();
        let place = keywords
            .iter()
            .filter_map(|keyword| place(&literal, keyword.as_bytes()));
        lead = lead.max(place.min()?);
    }
    Some(lead)
}

/// Where in a text that begins with `literal` the keyword stands, as far as both are known.
fn place(literal: &[u8], keyword: &[u8]) -> Option<usize> {
    (0..literal.len().min(LEAD_BYTES_MAX)).find(|at| {
        let rest = literal.get(*at..).unwrap_or_default();
        rest.len() >= 2
            && (rest.starts_with(keyword)
                || keyword.starts_with(rest) && rest.len() * 2 >= keyword.len().min(6))
    })
}

/// The parts of a sequence, out of groups too.
fn flat(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flat).collect(),
        HirKind::Capture(capture) => flat(&capture.sub),
        _ => vec![hir.clone()],
    }
}

/// Whether a part matches the empty text: an assertion, or a repetition of none.
fn may_be_missing(hir: &Hir) -> bool {
    hir.properties().minimum_len() == Some(0)
}
