//! Every detector there is: a later one is a folder, its options, and its lines here.

use std::sync::Arc;

use crate::detector::Detector;
use crate::pii::{PiiDetector, PiiOptions};

/// Which detector a rule asks for, and with which options. Plain data: compared when a
/// configuration is compiled, so that equal ones are built once.
#[derive(Clone, Debug, PartialEq)]
pub enum DetectorOptions {
    /// Personal data with a known form.
    PiiDetection(PiiOptions),
    /// Hate, violence, self-harm, sexual content.
    ContentSafety,
}

/// Why a detector cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectorError {
    /// This version has none of this kind.
    #[error("there is no detector `{0}`")]
    Missing(&'static str),
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
            Self::ContentSafety => "content_safety",
        }
    }

    /// Builds the detector.
    ///
    /// # Errors
    /// See [`DetectorError`].
    pub fn build(&self) -> Result<Arc<dyn Detector>, DetectorError> {
        match self {
            Self::PiiDetection(options) => Ok(Arc::new(PiiDetector::new(options))),
            Self::ContentSafety => Err(DetectorError::Missing(self.kind())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DetectorError, DetectorOptions};
    use crate::pii::PiiOptions;

    #[test]
    fn a_detector_goes_by_the_name_of_its_options() {
        let options = DetectorOptions::PiiDetection(PiiOptions::default());
        assert_eq!(options.build().unwrap().name(), options.kind());
    }

    #[test]
    fn what_does_not_exist_is_said_not_to() {
        assert_eq!(
            DetectorOptions::ContentSafety.build().unwrap_err(),
            DetectorError::Missing("content_safety")
        );
    }
}
