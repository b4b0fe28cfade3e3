//! Every detector there is: a later one is a folder, its options, and its lines here.

pub(crate) mod content_safety;
pub(crate) mod fingerprints;
pub(crate) mod input_validation;
pub(crate) mod keywords;
pub(crate) mod patterns;
pub(crate) mod pii;
pub(crate) mod secrets;
pub(crate) mod waf;

use std::sync::Arc;

use crate::detector::Detector;
use crate::detectors::content_safety::{ContentSafetyDetector, ContentSafetyOptions};
use crate::detectors::fingerprints::{FingerprintsDetector, FingerprintsOptions};
use crate::detectors::input_validation::{InputValidationDetector, InputValidationOptions};
use crate::detectors::keywords::{KeywordsDetector, KeywordsOptions};
use crate::detectors::patterns::{RegexDetector, RegexOptions};
use crate::detectors::pii::{PiiDetector, PiiOptions};
use crate::detectors::secrets::{SecretsDetector, SecretsOptions};
use crate::detectors::waf::{WafDetector, WafOptions};
use crate::place::Places;
use crate::vault::KeyId;

/// Which detector a rule asks for, and with which options. Plain data: compared when a
/// configuration is compiled, so that equal ones are built once.
#[derive(Clone, Debug, PartialEq)]
pub enum DetectorOptions {
    /// Personal data with a known form.
    PiiDetection(PiiOptions),
    /// Attacks on what stands behind the model.
    Waf(WafOptions),
    /// Hate, violence, self-harm, sexual content.
    ContentSafety(ContentSafetyOptions),
    /// Words and phrases from lists.
    Keywords(KeywordsOptions),
    /// Patterns.
    Regex(RegexOptions),
    /// A customer's own records.
    Fingerprints(FingerprintsOptions),
    /// What a message may consist of.
    InputValidation(Box<InputValidationOptions>),
    /// Keys, tokens, passwords and private keys.
    Secrets(SecretsOptions),
}

/// Why a detector cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectorError {
    /// An option is wrong.
    #[error("{message}")]
    Option {
        /// What is wrong, in one line.
        message: String,
        /// What to write instead.
        help: String,
    },
}

impl DetectorOptions {
    /// The `type` of the rules that ask for it; the name of the detector.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PiiDetection(_) => "pii_detection",
            Self::Waf(_) => "waf",
            Self::ContentSafety(_) => "content_safety",
            Self::Keywords(_) => "keywords",
            Self::Regex(_) => "regex",
            Self::Fingerprints(_) => "fingerprints",
            Self::InputValidation(_) => "input_validation",
            Self::Secrets(_) => "secrets",
        }
    }

    /// Whether all that the detector reads stands in the head of a request, so that it
    /// needs no body.
    #[must_use]
    pub const fn reads_only_head(&self) -> bool {
        match self {
            Self::Waf(options) => options.places.are_within(Places::HEAD),
            _ => false,
        }
    }

    /// Which secret it is salted with, where it is.
    pub const fn salt_mut(&mut self) -> Option<&mut KeyId> {
        match self {
            Self::Fingerprints(options) => Some(&mut options.salt),
            _ => None,
        }
    }

    /// Builds the detector.
    ///
    /// # Errors
    /// See [`DetectorError`].
    pub fn build(&self) -> Result<Arc<dyn Detector>, DetectorError> {
        match self {
            Self::PiiDetection(options) => Ok(Arc::new(PiiDetector::new(options)?)),
            Self::Waf(options) => {
                let detector = WafDetector::new(options);
                Ok(Arc::new(detector.map_err(|error| broken(&error))?))
            }
            Self::ContentSafety(options) => {
                let detector = ContentSafetyDetector::new(options);
                Ok(Arc::new(detector.map_err(|error| broken(&error))?))
            }
            Self::Keywords(options) => Ok(Arc::new(KeywordsDetector::new(options)?)),
            Self::Regex(options) => Ok(Arc::new(RegexDetector::new(options)?)),
            Self::Fingerprints(options) => Ok(Arc::new(FingerprintsDetector::new(options)?)),
            Self::InputValidation(options) => Ok(Arc::new(InputValidationDetector::new(options)?)),
            Self::Secrets(options) => Ok(Arc::new(SecretsDetector::new(options)?)),
        }
    }
}

/// What is wrong with the binary and not with an option.
fn broken(error: &dyn std::error::Error) -> DetectorError {
    DetectorError::Option {
        message: error.to_string(),
        help: "run a binary that was built from a whole source tree".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ContentSafetyOptions, DetectorOptions, KeywordsOptions, RegexOptions};
    use crate::detectors::fingerprints::{FingerprintList, FingerprintsOptions, fingerprints};
    use crate::detectors::keywords::KeywordList;
    use crate::detectors::patterns::PatternOptions;
    use crate::detectors::pii::PiiOptions;
    use crate::detectors::secrets::SecretsOptions;
    use crate::detectors::waf::WafOptions;

    #[test]
    fn a_detector_goes_by_the_name_of_its_options() {
        for options in [
            DetectorOptions::PiiDetection(PiiOptions::default()),
            DetectorOptions::ContentSafety(ContentSafetyOptions::default()),
            DetectorOptions::Keywords(KeywordsOptions {
                lists: vec![KeywordList::new("list", &["word"])],
            }),
            DetectorOptions::Regex(RegexOptions {
                patterns: vec![PatternOptions::new("name", "word")],
            }),
            DetectorOptions::Fingerprints(FingerprintsOptions {
                lists: vec![FingerprintList {
                    name: "list".into(),
                    hashes: fingerprints(["record"], b"salt").hashes.into(),
                }],
                ..FingerprintsOptions::default()
            }),
            DetectorOptions::InputValidation(Box::default()),
            DetectorOptions::Waf(WafOptions::default()),
            DetectorOptions::Secrets(SecretsOptions::default()),
        ] {
            assert_eq!(options.build().unwrap().name(), options.kind());
        }
    }
}
