//! `pii_detection`: personal data with a known form.
//!
//! What there is to find is a table (`catalogue`): names, groups, words, and how the
//! data is written. Everything that has digits is found in one pass (`numbers`); e-mail
//! addresses, links and a few names have searches of their own.
//! Digits are the ASCII digits; full-width and other scripts' digits are not read as
//! numbers. The hyphens and spaces that word processors and models write (U+2010 to
//! U+2015, U+2212, no-break spaces) count as hyphen and space.
//! It leaves out what only a language model can tell: names of persons, places and
//! organisations.

mod age;
mod bank_code;
mod catalogue;
mod checks;
mod context;
mod credit_card;
mod crypto;
mod custom;
mod date_time;
mod email_address;
mod form;
mod iban_code;
mod ip_address;
mod kind;
mod names;
mod numbers;
mod phone_number;
mod reading;
mod selection;
mod shape;
#[cfg(test)]
mod tests;
mod web;
mod weekday;

use std::sync::Arc;

use crate::detector::{Detector, Entity, Matcher, Score};
use crate::detectors::DetectorError;
use context::Words;
use custom::{Allowed, Changed};
pub use custom::{PiiCheck, PiiCustom};
use form::Pattern;
use kind::{Finder, Kind};
use numbers::{Numbers, Parts, Wanted};
pub use selection::PiiEntity;
use selection::{Selected, select};

/// How sure a finding must be that is reported.
pub const PII_THRESHOLD: Score = Score::percent(50);

/// What a rule of this detector says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiiOptions {
    /// What to look for: names of entities (`credit_card`), their short forms (`iban`),
    /// names that Presidio gives them (`US_SSN`), or groups (`financial`, `de`, `all`).
    /// When empty, the entities that are precise enough for every text.
    pub entities: Vec<String>,
    /// The least score that is reported; default [`PII_THRESHOLD`].
    pub threshold: Score,
    /// Entities of the rule's own.
    pub custom: Vec<PiiCustom>,
    /// Values that are never findings; capitals and small letters are alike.
    pub allow: Vec<Arc<str>>,
    /// Patterns whose matches are never findings, where they are the whole value.
    pub allow_patterns: Vec<Arc<str>>,
}

impl Default for PiiOptions {
    fn default() -> Self {
        Self {
            entities: Vec::new(),
            threshold: PII_THRESHOLD,
            custom: Vec::new(),
            allow: Vec::new(),
            allow_patterns: Vec::new(),
        }
    }
}

impl PiiOptions {
    /// Checks one of the names.
    ///
    /// # Errors
    /// See [`PiiDetector::new`].
    pub fn check(name: &str) -> Result<(), DetectorError> {
        select(&[name.to_owned()]).map(|_| ())
    }

    /// Checks one of the allowed patterns.
    ///
    /// # Errors
    /// When it is none.
    pub fn check_allowed(pattern: &str) -> Result<(), DetectorError> {
        custom::check_allowed(pattern)
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.custom.is_empty() && select(&self.entities).is_ok_and(|kinds| kinds.is_empty())
    }

    /// The entities that the rule names and that reach its threshold only where a word
    /// announces them, or never; with the highest score they have without, in hundredths.
    #[must_use]
    pub fn below_threshold(&self) -> Vec<(Arc<str>, u8)> {
        // The usual threshold is known to the catalogue: what is below it wants a word.
        if self.threshold <= PII_THRESHOLD {
            return Vec::new();
        }
        let selected = select(&self.entities).unwrap_or_default().into_iter();
        let named = selected.filter(|one| one.named);
        let scores = named.map(|one| (one.kind.name.into(), one.kind.finder.score_max()));
        let below = scores.filter(|(_, most)| *most < self.threshold.hundredths());
        below.collect()
    }

    /// The options of a rule that only names entities.
    pub fn of<N: Into<String>>(entities: impl IntoIterator<Item = N>) -> Self {
        Self {
            entities: entities.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// The detector.
#[derive(Debug)]
pub struct PiiDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl PiiDetector {
    /// A detector of what the options ask for.
    ///
    /// # Errors
    /// When a name is that of no entity or group, or of one that needs a model; when a
    /// custom entity, a word or an allowed pattern cannot be looked for.
    pub fn new(options: &PiiOptions) -> Result<Self, DetectorError> {
        let selected = select(&options.entities)?;
        let threshold = options.threshold;
        let mut matchers: Vec<Arc<dyn Matcher>> = Vec::new();
        let has = |wanted: fn(&Finder) -> bool| selected.iter().any(|one| wanted(&one.kind.finder));
        if has(Finder::is_of_numbers) {
            matchers.push(Arc::new(numbers(&selected, threshold)?));
        }
        if has(|finder| matches!(finder, Finder::Address)) {
            matchers.push(Arc::new(email_address::EmailAddress::new()));
        }
        let link = has(|finder| matches!(finder, Finder::Link));
        let domain = has(|finder| matches!(finder, Finder::Domain));
        if link || domain {
            matchers.push(Arc::new(web::Web::new(link, domain, threshold)));
        }
        if has(|finder| matches!(finder, Finder::BankCode)) {
            matchers.push(Arc::new(bank_code::BankCode::new()?));
        }
        if has(|finder| matches!(finder, Finder::Dates(..))) && threshold <= weekday::SCORE {
            matchers.push(Arc::new(weekday::Weekday::new()));
        }
        for custom in &options.custom {
            matchers.extend(custom.matchers(threshold)?);
        }
        let allowed = Arc::new(Allowed::new(&options.allow, &options.allow_patterns)?);
        if !allowed.is_empty() {
            for matcher in &mut matchers {
                *matcher = Arc::new(Changed {
                    matcher: Arc::clone(matcher),
                    change: Arc::clone(&allowed),
                });
            }
        }
        Ok(Self { matchers })
    }
}

/// The kinds that are looked for though nobody asked, and not told of.
fn guards(selected: &[Selected]) -> impl Iterator<Item = Selected> {
    let is_selected = |kind: &Kind| selected.iter().any(|one| one.kind.name == kind.name);
    catalogue::kinds()
        .filter(move |kind| kind.finder.is_guard() && !is_selected(kind))
        .map(|kind| Selected { kind, named: false })
}

/// The matcher of everything with digits.
fn numbers(selected: &[Selected], threshold: Score) -> Result<Numbers, DetectorError> {
    let mut parts = Parts::default();
    let mut words: Vec<(usize, &str)> = Vec::new();
    let told = selected.iter().map(|one| (*one, true));
    let guards = guards(selected).map(|one| (one, false));
    for (one, is_told) in told.chain(guards) {
        let index = parts.entities.len();
        let check = match one.kind.finder {
            Finder::Forms(forms, check) | Finder::GuardForms(forms, check) => {
                let patterns = forms.iter().flat_map(|form| Pattern::compile(form, index));
                parts.patterns.extend(patterns);
                check
            }
            Finder::Reader(lengths, read)
            | Finder::Guard(lengths, read)
            | Finder::Dates(lengths, read) => {
                parts.readers.push((index, lengths, read));
                checks::any
            }
            Finder::Address | Finder::Link | Finder::Domain | Finder::BankCode => continue,
        };
        parts.entities.push(Entity::new(one.kind.name));
        parts.wanted.push(Wanted {
            check,
            named: one.named,
            is_told,
        });
        words.extend(one.kind.words.iter().map(|word| (index, *word)));
    }
    let count = parts.entities.len();
    words.extend(catalogue::OTHER_WORDS.iter().map(|word| (count, *word)));
    let words = Words::new(count + 1, words.into_iter())?;
    Ok(Numbers::new(parts, words, threshold))
}

impl Detector for PiiDetector {
    fn name(&self) -> &'static str {
        "pii_detection"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}
