//! That corrections go where reports are, and nowhere else.

use proptest::prelude::*;

use super::ratio::{LEAST, MOST, ONE};
use super::{Calibration, Correction, SLOTS};

/// A number below `below`, another one each time.
fn random(state: &mut u64, below: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) % below
}

#[test]
fn before_a_report_an_estimate_is_what_it_is() {
    let nothing = Correction::default();
    assert_eq!(
        (
            nothing.low(1_000),
            nothing.tokens(1_000),
            nothing.high(1_000)
        ),
        (500, 1_000, 2_000)
    );
    assert_eq!((nothing.low(1), nothing.low(0)), (1, 0));
}

#[test]
fn a_few_reports_correct_a_factor() {
    let calibration = Calibration::default();
    let key = calibration.key("anthropic", "claude");
    for _ in 0..4 {
        calibration.learn(key, 1_000, 1_300);
    }
    let tokens = calibration.correction(key).tokens(1_000);
    assert!((1_295..=1_300).contains(&tokens), "{tokens}");
    let other = calibration.key("anthropic", "other");
    assert_eq!(calibration.correction(other), Correction::default());
}

#[test]
fn one_report_in_a_hundred_lies_beyond_a_bound() {
    let calibration = Calibration::default();
    let key = calibration.key("p", "m");
    let mut state = 4_711;
    let (mut above, mut below) = (0, 0);
    for index in 0..40_000 {
        let reported = 900 + random(&mut state, 300);
        let correction = calibration.correction(key);
        if index >= 4_000 {
            above += u64::from(correction.high(1_000) < reported);
            below += u64::from(correction.low(1_000) > reported);
        }
        calibration.learn(key, 1_000, reported);
    }
    assert!(
        (180..720).contains(&above) && (180..720).contains(&below),
        "{above} {below}"
    );
    let correction = calibration.correction(key);
    assert!((1_000..1_100).contains(&correction.tokens(1_000)));
    assert!(
        correction.high(1_000) < 1_600 && correction.low(1_000) > 600,
        "{correction:?}"
    );
}

#[test]
fn one_wild_report_does_not_move_the_mean_far() {
    let calibration = Calibration::default();
    let key = calibration.key("p", "m");
    for _ in 0..100 {
        calibration.learn(key, 1_000, 1_000);
    }
    calibration.learn(key, 1_000, 90_000);
    let tokens = calibration.correction(key).tokens(1_000);
    assert!((1_000..1_050).contains(&tokens), "{tokens}");
}

#[test]
fn short_prompts_teach_little() {
    let calibration = Calibration::default();
    let key = calibration.key("p", "m");
    for _ in 0..4 {
        calibration.learn(key, 1_000, 1_000);
    }
    calibration.learn(key, 8, 16);
    let tokens = calibration.correction(key).tokens(1_000);
    assert!(tokens < 1_020, "{tokens}");
}

#[test]
fn a_model_that_is_asked_often_keeps_its_place_among_any_number_of_names() {
    let calibration = Calibration::default();
    let own = calibration.key("p", "m");
    for _ in 0..9 {
        calibration.learn(own, 1_000, 2_000);
    }
    let known = calibration.correction(own);
    for index in 0..SLOTS * 4 {
        calibration.learn(calibration.key("p", &index.to_string()), 1_000, 500);
    }
    assert_eq!(calibration.correction(own), known);
    let late = calibration.key("p", "late");
    calibration.learn(late, 1_000, 2_000);
    assert_ne!(calibration.correction(late), Correction::default());
}

#[test]
fn of_more_models_than_there_is_room_for_some_are_corrected() {
    let calibration = Calibration::default();
    let keys: Vec<_> = (0..SLOTS * 4)
        .map(|index| calibration.key("p", &format!("model-{index}")))
        .collect();
    for key in &keys {
        calibration.learn(*key, 1_000, 2_000);
    }
    let corrected = keys
        .iter()
        .filter(|key| calibration.correction(**key) != Correction::default())
        .count();
    assert!((SLOTS / 2..=SLOTS).contains(&corrected), "{corrected}");
}

proptest! {
    #[test]
    fn whatever_is_reported_ratios_stay_within_their_bounds(
        reports in prop::collection::vec((any::<u64>(), any::<u64>()), 1..200),
    ) {
        let calibration = Calibration::default();
        let key = calibration.key("p", "m");
        for (raw, reported) in reports {
            calibration.learn(key, raw, reported);
            let correction = calibration.correction(key);
            let (low, mean, high) = (correction.low(ONE), correction.tokens(ONE), correction.high(ONE));
            prop_assert!(u64::from(LEAST) <= low && low <= mean && mean <= high && high <= u64::from(MOST));
        }
    }
}
