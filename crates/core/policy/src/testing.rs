//! For the tests of detectors: what one finds in a text, whole and in pieces.

use std::sync::Arc;

use tollgate_formats::view::Field;

use crate::detector::{Detector, LEFT_CONTEXT_BYTES};
use crate::place::Place;
use crate::rule::{Mode, OnError, Rule, RuleAction, RuleSet, Style};
use crate::scanner::{Found, Part, Scanned, Scanner, Settled};
use crate::session::{Meter, no_clock};

/// A rule set of one rule that redacts what the detector finds.
pub(crate) fn redacting(detector: Arc<dyn Detector>) -> RuleSet {
    RuleSet::new(vec![Rule {
        policy: Arc::from("p"),
        name: Arc::from("r"),
        action: RuleAction::Redact(Style::Label),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector,
    }])
}

/// What rules find in a message text that comes in pieces which end at the given places,
/// the last one at its end.
pub(crate) fn found_in_pieces(rules: &RuleSet, text: &[u8], ends: &[usize]) -> Vec<Found> {
    found_at(rules, Place::Of(Field::Text), text, ends)
}

/// The same for a text that stands somewhere else.
pub(crate) fn found_at(rules: &RuleSet, place: Place, text: &[u8], ends: &[usize]) -> Vec<Found> {
    let mut scanner = Scanner::default();
    let mut meter = Meter::new(no_clock, rules);
    let mut found = Settled::default();
    for end in ends {
        let base = scanner.needed_from().saturating_sub(LEFT_CONTEXT_BYTES);
        let part = Part {
            text: &text[base..*end],
            base,
            last: *end == text.len(),
            place,
        };
        let scanned = scanner.scan(rules, &part, &mut meter, &mut found);
        assert!(matches!(scanned, Scanned::Until(_)));
    }
    found.acting
}
