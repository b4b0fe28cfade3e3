//! `pii_detection`: personal data with a known form.
//!
//! Each entity is one matcher in one file. Digits are the ASCII digits; full-width
//! and other scripts' digits are not read as numbers. The hyphens and spaces that
//! word processors and models write (U+2010 to U+2015, U+2212, no-break spaces)
//! count as hyphen and space.

mod credit_card;
mod digits;
mod email_address;
mod ssn;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::detector::{Detector, Matcher};

/// Kinds of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PiiEntity {
    /// US social security number.
    Ssn,
    /// Payment card number.
    CreditCard,
    /// E-mail address.
    EmailAddress,
}

impl PiiEntity {
    /// Every entity.
    pub const ALL: [Self; 3] = [Self::Ssn, Self::CreditCard, Self::EmailAddress];

    /// As configuration and records write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssn => "ssn",
            Self::CreditCard => "credit_card",
            Self::EmailAddress => "email_address",
        }
    }

    fn matcher(self) -> Arc<dyn Matcher> {
        match self {
            Self::Ssn => Arc::new(ssn::Ssn::new()),
            Self::CreditCard => Arc::new(credit_card::CreditCard::new()),
            Self::EmailAddress => Arc::new(email_address::EmailAddress::new()),
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PiiOptions {
    /// The entities; all when none is named. Repetitions count once.
    pub entities: Vec<PiiEntity>,
}

/// The detector.
#[derive(Debug)]
pub struct PiiDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl PiiDetector {
    /// A detector of what `options` name.
    #[must_use]
    pub fn new(options: &PiiOptions) -> Self {
        let mut wanted = options.entities.clone();
        if wanted.is_empty() {
            wanted.extend(PiiEntity::ALL);
        }
        wanted.sort_unstable();
        wanted.dedup();
        Self {
            matchers: wanted.into_iter().map(PiiEntity::matcher).collect(),
        }
    }
}

impl Detector for PiiDetector {
    fn name(&self) -> &'static str {
        "pii_detection"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}
