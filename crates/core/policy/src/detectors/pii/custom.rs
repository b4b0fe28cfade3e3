//! Kinds of data that a rule brings along, and values that are never findings.
//!
//! A custom entity is found by a pattern or by words, as the detectors `regex` and
//! `keywords` find them; then it is weighed like the others: a check makes it certain or
//! drops it, a word before it raises its score.

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::Arc;

use regex_automata::Input;
use regex_automata::meta::{BuildError, Regex};

use super::checks::{icao9303, luhn, mod11_10, mod97_turned, verhoeff};
use super::context::{FAR, Words, pattern};
use super::numbers::{WITH_WORD_MIN, WORD};
use crate::detector::{Begin, Cursor, Detector, Entity, Extent, Finding, Matcher, Score, Window};
use crate::detectors::DetectorError;
use crate::detectors::keywords::{KeywordList, KeywordsDetector, KeywordsOptions};
use crate::detectors::patterns::{PatternOptions, RegexDetector, RegexOptions, syntax};

/// The longest value of a custom entity that has a check, in letters and digits.
const CHECKED_CHARS_MAX: usize = 64;

/// The program that all allowed patterns of a rule may become, in bytes.
const ALLOWED_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A kind of data that a rule brings along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiiCustom {
    /// The entity, as records write it.
    pub name: Arc<str>,
    /// The form of its values: a pattern as `regex` takes it.
    pub pattern: Option<Arc<str>>,
    /// The longest value in bytes, for a pattern without a bound of its own.
    pub max_len: Option<usize>,
    /// Its values, one by one: words and phrases as `keywords` takes them.
    pub values: Vec<Arc<str>>,
    /// What a value's letters and digits must obey.
    pub check: Option<PiiCheck>,
    /// Words before a value that say what it is.
    pub context: Vec<Arc<str>>,
    /// How sure a value is by its form alone, in hundredths.
    pub score: u8,
}

/// A rule that the letters and digits of a value obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PiiCheck {
    /// Luhn's: cards, device numbers.
    Luhn,
    /// ISO/IEC 7064 MOD 97-10 with the first four characters behind the others: account
    /// numbers.
    Mod97,
    /// Verhoeff's.
    Verhoeff,
    /// ISO/IEC 7064 MOD 11,10: tax numbers.
    Mod11And10,
    /// ICAO 9303, weights 7, 3, 1: passports.
    Icao9303,
}

impl PiiCheck {
    /// Whether letters count, not digits only.
    const fn reads_letters(self) -> bool {
        matches!(self, Self::Mod97 | Self::Icao9303)
    }

    fn passes(self, number: &[u8]) -> bool {
        match self {
            Self::Luhn => luhn(number),
            Self::Verhoeff => verhoeff(number),
            Self::Mod11And10 => mod11_10(number),
            Self::Icao9303 => icao9303(number),
            Self::Mod97 => mod97_turned(number),
        }
    }
}

impl PiiCustom {
    /// Checks what it is found by, not whether that becomes too large.
    ///
    /// # Errors
    /// Neither pattern nor values, or both; a pattern that `regex`, or a value that
    /// `keywords` would not take.
    pub fn check(&self) -> Result<(), DetectorError> {
        match self.found_by()? {
            FoundBy::Pattern(pattern) => pattern.check(),
            FoundBy::Values(list) => list.check(),
        }
    }

    /// Checks one of the words before a value.
    ///
    /// # Errors
    /// When no text can have it: it has no letter or digit, or is longer than what is
    /// read before a value.
    pub fn check_context(word: &str) -> Result<(), DetectorError> {
        pattern(word).map(|_| ())
    }

    fn found_by(&self) -> Result<FoundBy, DetectorError> {
        match (&self.pattern, self.values.is_empty()) {
            (Some(pattern), true) => Ok(FoundBy::Pattern(PatternOptions {
                max_len: self.max_len,
                ..PatternOptions::new(&self.name, pattern)
            })),
            (None, false) => {
                let mut list = KeywordList::new(&self.name, &[]);
                list.words.clone_from(&self.values);
                Ok(FoundBy::Values(list))
            }
            _ => Err(DetectorError::Option {
                message: format!("the entity `{}` needs a pattern or values", self.name),
                help: "write either `pattern:` or `values:`".to_owned(),
            }),
        }
    }

    /// The matchers that find it.
    pub(super) fn matchers(
        &self,
        threshold: Score,
    ) -> Result<Vec<Arc<dyn Matcher>>, DetectorError> {
        let found: Arc<dyn Detector> = match self.found_by()? {
            FoundBy::Pattern(pattern) => Arc::new(RegexDetector::new(&RegexOptions {
                patterns: vec![pattern],
            })?),
            FoundBy::Values(list) => Arc::new(KeywordsDetector::new(&KeywordsOptions {
                lists: vec![list],
            })?),
        };
        let context = self.context.iter().map(|word| (0, &**word));
        let words = Arc::new(Words::new(1, context)?);
        let weighed = found.matchers().iter().map(|matcher| {
            let change = Weighing {
                check: self.check,
                words: Arc::clone(&words),
                score: self.score,
                threshold,
            };
            let matcher = Arc::clone(matcher);
            Arc::new(Changed { matcher, change }) as Arc<dyn Matcher>
        });
        Ok(weighed.collect())
    }
}

/// What a custom entity is found by.
enum FoundBy {
    Pattern(PatternOptions),
    Values(KeywordList),
}

/// How findings are weighed.
#[derive(Debug)]
struct Weighing {
    check: Option<PiiCheck>,
    words: Arc<Words>,
    score: u8,
    threshold: Score,
}

impl Weighing {
    /// The score of a value; `None` when its check fails.
    fn weigh(&self, text: &[u8], found: &Finding) -> Option<Score> {
        let value = text.get(found.start..found.end).unwrap_or_default();
        if let Some(check) = self.check {
            let letters = check.reads_letters();
            let number: Vec<u8> = value
                .iter()
                .filter(|byte| byte.is_ascii_digit() || letters && byte.is_ascii_alphabetic())
                .map(u8::to_ascii_uppercase)
                .take(CHECKED_CHARS_MAX + 1)
                .collect();
            let passes = number.len() <= CHECKED_CHARS_MAX && check.passes(&number);
            return passes.then_some(Score::CERTAIN);
        }
        let announced = self.words.before(text, found.start).distance(0) < FAR;
        let score = if announced {
            self.score.saturating_add(WORD).max(WITH_WORD_MIN)
        } else {
            self.score
        };
        Some(Score::percent(score))
    }
}

impl Change for Weighing {
    fn change(&self, text: &[u8], found: &Finding) -> Option<Finding> {
        let score = self.weigh(text, found)?;
        (score >= self.threshold).then_some(Finding { score, ..*found })
    }
}

/// Values that are never findings.
#[derive(Debug)]
pub(super) struct Allowed {
    values: Vec<Vec<u8>>,
    patterns: Option<Regex>,
}

impl Allowed {
    /// These values, and what these patterns match as a whole.
    pub(super) fn new(values: &[Arc<str>], patterns: &[Arc<str>]) -> Result<Self, DetectorError> {
        let mut values: Vec<Vec<u8>> = values.iter().map(|value| plain(value.as_bytes())).collect();
        values.sort_unstable();
        for pattern in patterns {
            check_allowed(pattern)?;
        }
        let config = Regex::config().nfa_size_limit(Some(ALLOWED_BYTES_MAX));
        let whole: Vec<String> = patterns
            .iter()
            .map(|pattern| format!(r"\A(?:{pattern})\z"))
            .collect();
        let patterns = Regex::builder().configure(config).build_many(&whole);
        Ok(Self {
            values,
            patterns: Some(patterns.map_err(|error| too_large(&error))?)
                .filter(|_| !whole.is_empty()),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.patterns.is_none()
    }

    fn contains(&self, value: &[u8]) -> bool {
        let listed = !self.values.is_empty() && self.values.binary_search(&plain(value)).is_ok();
        let matched = |patterns: &Regex| patterns.is_match(Input::new(value));
        listed || self.patterns.as_ref().is_some_and(matched)
    }
}

/// Checks a pattern of allowed values.
pub(super) fn check_allowed(pattern: &str) -> Result<(), DetectorError> {
    let parsed = regex_syntax::parse(pattern);
    parsed.map(|_| ()).map_err(|error| syntax(pattern, &error))
}

fn too_large(error: &BuildError) -> DetectorError {
    DetectorError::Option {
        message: format!("the allowed patterns cannot be used: {error}"),
        help: "repeat less, or write fewer".to_owned(),
    }
}

/// A value in small letters.
fn plain(value: &[u8]) -> Vec<u8> {
    value.to_ascii_lowercase()
}

impl Change for Arc<Allowed> {
    fn change(&self, text: &[u8], found: &Finding) -> Option<Finding> {
        let value = text.get(found.start..found.end).unwrap_or_default();
        let allowed = found.extent == Extent::Whole && self.contains(value);
        (!allowed).then_some(*found)
    }
}

/// What becomes of a finding: another one, or none.
pub(super) trait Change: Debug + Send + Sync {
    fn change(&self, text: &[u8], found: &Finding) -> Option<Finding>;
}

/// A matcher whose findings are changed.
#[derive(Debug)]
pub(super) struct Changed<C> {
    pub(super) matcher: Arc<dyn Matcher>,
    pub(super) change: C,
}

impl<C: Change> Matcher for Changed<C> {
    fn entities(&self) -> &[Entity] {
        self.matcher.entities()
    }

    fn begin(&self) -> Begin {
        self.matcher.begin()
    }

    fn held_bytes_max(&self) -> usize {
        self.matcher.held_bytes_max()
    }

    fn scan(&self, window: &Window<'_>, carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let before = found.len();
        let cursor = self.matcher.scan(window, carry, found);
        keep(found, before, |found| {
            self.change.change(window.text, found)
        });
        cursor
    }
}

/// Changes the findings from `from` on, or drops them.
fn keep(found: &mut Vec<Finding>, from: usize, change: impl Fn(&Finding) -> Option<Finding>) {
    let mut kept = from;
    for index in from..found.len() {
        let changed = found.get(index).and_then(&change);
        if let (Some(changed), Some(slot)) = (changed, found.get_mut(kept)) {
            *slot = changed;
            kept += 1;
        }
    }
    found.truncate(kept);
}
