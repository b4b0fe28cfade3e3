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
use crate::vault::{KeyId, Keys};
use hashes::{Hashes, Salt};
use matcher::{FingerprintMatcher, Opened, Salted};

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
    /// The salt of all lists.
    pub salt: KeyId,
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

impl FingerprintList {
    /// Checks the form of the list.
    ///
    /// # Errors
    /// It is none.
    pub fn check(&self) -> Result<(), DetectorError> {
        Hashes::read(&self.hashes).map(|_| ())
    }
}

/// The detector. Before it is given its salt all that it reads is a finding.
#[derive(Debug)]
pub struct FingerprintsDetector {
    salt: KeyId,
    lists: Vec<(Arc<str>, Hashes)>,
    salted: Arc<Salted>,
    matchers: [Arc<dyn Matcher>; 1],
}

impl FingerprintsDetector {
    /// Reads the lists.
    ///
    /// # Errors
    /// No list, one that is none, or too many records.
    pub fn new(options: &FingerprintsOptions) -> Result<Self, DetectorError> {
        if options.lists.is_empty() {
            return Err(wrong("no records to look for", "add a list"));
        }
        let lists = options.lists.iter().map(|list| {
            let hashes = Hashes::read(&list.hashes)?;
            Ok((Arc::clone(&list.name), hashes))
        });
        let lists: Vec<(Arc<str>, Hashes)> = lists.collect::<Result<_, DetectorError>>()?;
        if lists.iter().map(|(_, hashes)| hashes.len()).sum::<usize>() > RECORDS_MAX {
            let help = format!("keep at most {RECORDS_MAX} in a rule");
            return Err(wrong("too many records", &help));
        }
        let salted = Arc::new(Salted::new(lists.iter().map(|(name, _)| &**name)));
        Ok(Self {
            salt: options.salt,
            lists,
            matchers: [Arc::clone(&salted) as Arc<dyn Matcher>],
            salted,
        })
    }

    /// Gives it the salt.
    fn open(&self, salt: Salt) -> Result<(), DetectorError> {
        let lists = self.lists.iter().map(|(name, hashes)| {
            let records = hashes.opened(&salt)?;
            Ok((Arc::clone(name), records))
        });
        let lists: Vec<Opened> = lists.collect::<Result<_, DetectorError>>()?;
        self.salted.open(FingerprintMatcher::new(salt, &lists));
        Ok(())
    }
}

impl Detector for FingerprintsDetector {
    fn name(&self) -> &'static str {
        "fingerprints"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }

    fn salt(&self) -> Option<KeyId> {
        Some(self.salt)
    }

    fn arm(&self, keys: &Keys) -> Result<(), DetectorError> {
        match keys.bytes(self.salt) {
            Some(key) => self.open(Salt::of_key(key)),
            None => Err(wrong("the salt is missing", "write `salt_ref:`")),
        }
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

/// Makes a list of the values of records. The salt is any secret text.
#[must_use]
pub fn fingerprints<'v>(values: impl IntoIterator<Item = &'v str>, salt: &[u8]) -> Fingerprinted {
    let salt = Salt::of_secret(salt);
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
