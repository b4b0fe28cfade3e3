//! `regex`: patterns that the configuration writes.
//!
//! Patterns are those of Rust's regex crate: no look-around, no back-references, time
//! linear in the text. Of several matches that begin at one place the one counts that
//! such an engine prefers (leftmost-first, as in Perl), as long as it is not longer than
//! the pattern's bound; then the search goes on behind it. Each pattern is searched for
//! by itself, so none hides another's finding.
//!
//! Every pattern has a bound in bytes: its own, or the written `max_len`. With it the
//! result is the same for every way to cut the text, and what is held back begins where a
//! match may have begun, and is never longer than the bound.
//! Bounds: [`PATTERNS_MAX`] patterns, [`PATTERN_BYTES_MAX`] bytes each, matches of
//! [`MATCH_BYTES_MAX`] bytes, [`PROGRAM_BYTES_MAX`] bytes for the program of each.

mod matcher;
mod prefixes;
mod search;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use regex_automata::meta;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use crate::detector::{Detector, Matcher};
use crate::detectors::DetectorError;
use matcher::PatternMatcher;
pub(crate) use prefixes::undecided;
pub(crate) use search::Lazy;

/// The most patterns of one rule.
pub(crate) const PATTERNS_MAX: usize = 256;

/// The most bytes of a pattern as written.
pub(crate) const PATTERN_BYTES_MAX: usize = 4096;

/// The most bytes of a match.
pub(crate) const MATCH_BYTES_MAX: usize = 4096;

/// The most bytes of the program that a pattern becomes, once for each direction in which
/// it is run.
pub(crate) const PROGRAM_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How deep groups may nest.
const NESTING_MAX: u32 = 50;

/// What a `regex` rule looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegexOptions {
    /// The patterns, in the order of their priority among findings of equal place.
    pub patterns: Vec<PatternOptions>,
}

/// One pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternOptions {
    /// The entity, as records write it.
    pub name: Arc<str>,
    /// The pattern.
    pub pattern: Arc<str>,
    /// The most bytes that a match may have; the pattern's own bound where it has one.
    pub max_len: Option<usize>,
    /// The score of each finding, in hundredths.
    pub score: u8,
    /// The capture group that is the finding, by name or number; the whole match when
    /// there is none, or the group took no part.
    pub group: Option<Arc<str>>,
}

impl PatternOptions {
    /// A pattern with the default options: its own bound, certain, the whole match.
    #[must_use]
    pub fn new(name: &str, pattern: &str) -> Self {
        Self {
            name: name.into(),
            pattern: pattern.into(),
            max_len: None,
            score: 100,
            group: None,
        }
    }

    /// Checks the pattern and its bound, not whether it becomes too large.
    ///
    /// # Errors
    /// See [`RegexDetector::new`].
    pub fn check(&self) -> Result<(), DetectorError> {
        parse(self).map(|_| ())
    }
}

/// The detector.
#[derive(Debug)]
pub struct RegexDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl RegexDetector {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// A pattern that is none, matches the empty text, has no bound, is too large, or
    /// lacks its group.
    pub fn new(options: &RegexOptions) -> Result<Self, DetectorError> {
        if options.patterns.is_empty() {
            return Err(wrong(
                "no patterns to look for".to_owned(),
                "add `patterns:`",
            ));
        }
        if options.patterns.len() > PATTERNS_MAX {
            let message = format!("{} patterns in one rule", options.patterns.len());
            return Err(wrong(
                message,
                &format!("write at most {PATTERNS_MAX}, or a second rule"),
            ));
        }
        let matchers = options.patterns.iter().map(|options| {
            let matcher: Arc<dyn Matcher> = Arc::new(PatternMatcher::new(options)?);
            Ok(matcher)
        });
        Ok(Self {
            matchers: matchers.collect::<Result<_, DetectorError>>()?,
        })
    }
}

impl Detector for RegexDetector {
    fn name(&self) -> &'static str {
        "regex"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}

fn wrong(message: String, help: &str) -> DetectorError {
    DetectorError::Option {
        message,
        help: help.to_owned(),
    }
}

/// A pattern that can be looked for, with the most bytes of a match.
struct Parsed {
    hir: Hir,
    /// The most bytes of a finding.
    bytes_max: usize,
    /// Whether the pattern could match more.
    is_longer: bool,
}

fn parse(options: &PatternOptions) -> Result<Parsed, DetectorError> {
    let PatternOptions { name, pattern, .. } = options;
    if pattern.len() > PATTERN_BYTES_MAX {
        let message = format!("the pattern `{name}` has {} bytes", pattern.len());
        return Err(wrong(
            message,
            &format!("write at most {PATTERN_BYTES_MAX}"),
        ));
    }
    let hir = ParserBuilder::new()
        .nest_limit(NESTING_MAX)
        .build()
        .parse(pattern);
    let hir = hir.map_err(|error| syntax(name, &error))?;
    let least = hir.properties().minimum_len();
    if least.is_none_or(|least| least == 0) {
        let what = least.map_or("nothing", |_| "the empty text");
        let message = format!("the pattern `{name}` can match {what}");
        return Err(wrong(
            message,
            "write a pattern that needs at least one character",
        ));
    }
    let own = hir.properties().maximum_len();
    let bound = own.filter(|own| *own <= MATCH_BYTES_MAX);
    let Some(bytes_max) = options.max_len.or(bound) else {
        let message = format!("the pattern `{name}` can match texts of any length");
        let help = format!(
            "add `max_len:`, the most bytes of a match (up to {MATCH_BYTES_MAX}), or write `{{1,64}}` instead of `+`"
        );
        return Err(wrong(message, &help));
    };
    if bytes_max > MATCH_BYTES_MAX || least.is_some_and(|least| least > bytes_max) {
        let message = format!("`max_len: {bytes_max}` does not suit the pattern `{name}`");
        let least = least.unwrap_or(1);
        return Err(wrong(
            message,
            &format!("write {least} to {MATCH_BYTES_MAX}"),
        ));
    }
    Ok(Parsed {
        hir,
        bytes_max,
        is_longer: own.is_none_or(|own| own > bytes_max),
    })
}

pub(crate) fn syntax(name: &str, error: &regex_syntax::Error) -> DetectorError {
    wrong(
        format!("the pattern `{name}` is none{}", fault(error)),
        "write the syntax of Rust's regex crate; quote the pattern in 'single quotes'",
    )
}

/// Where a pattern is wrong, and why: what a message ends with.
pub(crate) fn fault(error: &regex_syntax::Error) -> String {
    let (fact, place) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span()),
        other => return format!(": {other}"),
    };
    format!(", at character {}: {fact}", place.start.column)
}

fn too_large(name: &str) -> DetectorError {
    let message = format!("the pattern `{name}` becomes too large");
    let help = "repeat less, or write `(?-u:\\w)` for ASCII letters and digits only";
    wrong(message, help)
}

/// The number of the group that is the finding.
fn group(options: &PatternOptions, regex: &meta::Regex) -> Result<Option<usize>, DetectorError> {
    let Some(written) = options.group.as_deref() else {
        return Ok(None);
    };
    let info = regex.group_info();
    let pattern = regex_automata::PatternID::ZERO;
    let named = info.to_index(pattern, written);
    let numbered = written
        .parse()
        .ok()
        .filter(|index| *index < info.group_len(pattern));
    match named.or(numbered) {
        Some(index) => Ok(Some(index)),
        None => {
            let message = format!("the pattern `{}` has no group `{written}`", options.name);
            let help = "write `(?<name>…)` around a part of it, and its name here";
            Err(wrong(message, help))
        }
    }
}
