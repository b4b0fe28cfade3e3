//! Every detector there is: a later one is a folder and a line here.

use std::sync::Arc;

use crate::detector::Detector;
use crate::pii::{PiiDetector, PiiEntity};

/// Makes a detector of what is wanted of it: all that it knows when nothing is named,
/// `None` when it does not know what is named.
type Make = fn(&[&str]) -> Option<Arc<dyn Detector>>;

/// By the `type` of a rule.
const DETECTORS: [(&str, Make); 1] = [("pii_detection", pii)];

/// The detector that a rule of this `type` asks for; `None` when there is none that
/// finds all of what is wanted.
#[must_use]
pub fn detector(kind: &str, wanted: &[&str]) -> Option<Arc<dyn Detector>> {
    let (_, make) = DETECTORS.iter().find(|(name, _)| *name == kind)?;
    make(wanted)
}

fn pii(wanted: &[&str]) -> Option<Arc<dyn Detector>> {
    let entities: Option<Vec<PiiEntity>> =
        wanted.iter().map(|name| PiiEntity::named(name)).collect();
    Some(Arc::new(PiiDetector::new(entities?)))
}

#[cfg(test)]
mod tests {
    use super::{DETECTORS, detector};

    #[test]
    fn a_detector_goes_by_the_name_it_has_in_the_list() {
        for (name, _) in DETECTORS {
            assert_eq!(detector(name, &[]).unwrap().name(), name);
        }
    }

    #[test]
    fn what_cannot_be_found_is_not_half_looked_for() {
        assert!(detector("pii_detection", &["ssn"]).is_some());
        assert!(detector("pii_detection", &["ssn", "shoe_size"]).is_none());
        assert!(detector("content_safety", &[]).is_none());
    }
}
