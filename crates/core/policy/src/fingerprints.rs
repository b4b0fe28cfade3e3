//! `fingerprints`: a customer's own records, known by salted hashes only.
//!
//! A record is a value of one field: a name, a number, an address. What counts of it are
//! its letters and digits, without case: `+49 (151) 234-5678` and `49151 2345678` are one
//! record. It is found where a text has the same letters and digits from the start of a
//! word to the end of one, with at most [`SEPARATORS_MAX`] other characters between two.
//!
//! The list has, for each record, the start of an HMAC-SHA-256 and, sealed with the salt,
//! what lets a scan pass over most words without computing one. Without the salt it tells
//! the number of records, and nothing else.
//! Bounds: [`RECORDS_MAX`] records of [`LETTERS_MIN`] to [`LETTERS_MAX`] letters and
//! digits. What is held back is the text from the first word on that may begin a record.

mod hashes;
mod matcher;
mod normal;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::detector::{Detector, Matcher};
use crate::detectors::DetectorError;
use hashes::{Hashes, Salt};
use matcher::FingerprintMatcher;

/// The most records of one rule.
pub(crate) const RECORDS_MAX: usize = 200_000;

/// The fewest letters and digits of a record: shorter ones are found everywhere.
pub(crate) const LETTERS_MIN: usize = 4;

/// The most letters and digits of a record.
pub(crate) const LETTERS_MAX: usize = 63;

/// How many other characters may stand between two letters of a record.
pub(crate) const SEPARATORS_MAX: usize = 4;

/// What a `fingerprints` rule looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FingerprintsOptions {
    /// The lists, in the order of their priority among findings of equal place.
    pub lists: Vec<FingerprintList>,
}

/// Records that are found as one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FingerprintList {
    /// The entity, as records write it.
    pub name: Arc<str>,
    /// What [`fingerprints`] wrote.
    pub hashes: Arc<str>,
}

/// The detector.
#[derive(Debug)]
pub struct FingerprintsDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl FingerprintsDetector {
    /// Reads the lists.
    ///
    /// # Errors
    /// No list, one that is none, has too many records or was made with another salt.
    pub fn new(options: &FingerprintsOptions, salt: &[u8]) -> Result<Self, DetectorError> {
        let salt = Salt::new(salt);
        if options.lists.is_empty() {
            return Err(wrong("no records to look for", "add a list"));
        }
        let lists = options.lists.iter().map(|list| {
            let hashes = Hashes::read(&list.hashes, &salt)?;
            Ok((Arc::clone(&list.name), hashes))
        });
        let lists: Vec<(Arc<str>, Hashes)> = lists.collect::<Result<_, DetectorError>>()?;
        if lists.iter().map(|(_, hashes)| hashes.len()).sum::<usize>() > RECORDS_MAX {
            let help = format!("keep at most {RECORDS_MAX} in a rule");
            return Err(wrong("too many records", &help));
        }
        Ok(Self {
            matchers: vec![Arc::new(FingerprintMatcher::new(salt, &lists))],
        })
    }
}

impl Detector for FingerprintsDetector {
    fn name(&self) -> &'static str {
        "fingerprints"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}

/// A list of records, and which of them it leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprinted {
    /// The list: a line for each record, without repetitions, in the order of their
    /// hashes, so that it does not tell the order of the records.
    pub hashes: String,
    /// Indices of values with too few or too many letters and digits.
    pub left_out: Vec<usize>,
}

/// Makes a list of the values of records.
#[must_use]
pub fn fingerprints<'v>(values: impl IntoIterator<Item = &'v str>, salt: &[u8]) -> Fingerprinted {
    let salt = Salt::new(salt);
    let mut left_out = Vec::new();
    let mut records = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let letters: Vec<char> = normal::letters(value).collect();
        if (LETTERS_MIN..=LETTERS_MAX).contains(&letters.len()) {
            records.push(salt.record(&letters));
        } else {
            left_out.push(index);
        }
    }
    Fingerprinted {
        hashes: hashes::write(records, &salt),
        left_out,
    }
}

fn wrong(message: &str, help: &str) -> DetectorError {
    DetectorError::Option {
        message: message.to_owned(),
        help: help.to_owned(),
    }
}
