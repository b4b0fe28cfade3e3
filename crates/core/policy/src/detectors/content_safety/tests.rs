//! That this reads and judges as the training did; windows; and every way to cut a text.

use std::sync::Arc;

use proptest::prelude::*;

use super::glance::may_matter;
use super::model::KINDS;
use super::windows::window_end;
use super::{
    ContentSafetyDetector, ContentSafetyOptions, HELD_BYTES_MAX, Model, ModelUnreadable,
    SafetyCategory, SafetyHold, SafetyLimit, Severity, WINDOW_BYTES, severity,
};
use crate::detector::{Detector, Finding, Score, Window};
use crate::testing::{found_in_pieces, redacting};

#[test]
fn scores_are_those_of_the_training() {
    let model = Model::embedded().unwrap();
    let cases: Vec<(String, Vec<f32>)> =
        serde_json::from_str(include_str!("tests/scores.json")).unwrap();
    for (text, known) in cases {
        let scores = model.scores(text.as_bytes());
        for (head, (score, expected)) in scores.iter().zip(&known).enumerate() {
            assert!(
                (score - expected).abs() < 0.002,
                "head {head} of {text:?}: {score} instead of {expected}"
            );
        }
    }
}

#[test]
fn other_bytes_are_no_model() {
    let options = ContentSafetyOptions::default();
    let other = ContentSafetyDetector::with_model(&options, b"TGSAFE02 and nothing else");
    assert_eq!(other.unwrap_err(), ModelUnreadable);
    let whole = include_bytes!("model.bin");
    for length in [0, 7, 8, 31, 32, 1000, whole.len() / 2, whole.len() - 1] {
        let cut = ContentSafetyDetector::with_model(&options, &whole[..length]);
        assert_eq!(cut.unwrap_err(), ModelUnreadable, "{length} bytes");
    }
}

#[test]
fn a_model_whose_slots_are_wrong_is_read_without_harm() {
    const BEFORE_SLOTS: usize = 32 + 10 * 32 + 656;
    let mut bytes = include_bytes!("model.bin").to_vec();
    let slots = u32::from_le_bytes(bytes[16..20].try_into().unwrap());
    let end = BEFORE_SLOTS + 4 * usize::try_from(slots).unwrap();
    for number in [0, u16::MAX] {
        for slot in bytes[BEFORE_SLOTS..end].chunks_exact_mut(4) {
            slot[..2].copy_from_slice(&number.to_le_bytes());
        }
        let model = Model::parse(&bytes).unwrap();
        let scores = model.scores(b"I want to kill myself");
        assert!(scores.iter().all(|score| !score.is_nan()));
    }
}

fn options(limit: SafetyLimit, hold: SafetyHold) -> ContentSafetyOptions {
    ContentSafetyOptions {
        limit,
        hold,
        ..ContentSafetyOptions::default()
    }
}

fn find(options: &ContentSafetyOptions, text: &[u8], last: bool) -> (Vec<Finding>, usize) {
    let detector = ContentSafetyDetector::new(options).unwrap();
    let mut found = Vec::new();
    let window = Window {
        text,
        from: 0,
        last,
    };
    let cursor = detector.matchers()[0].scan(&window, 0, &mut found);
    (found, cursor.at)
}

/// The categories that the default limit finds in a text.
fn categories(text: &str) -> Vec<SafetyCategory> {
    let (found, _) = find(&ContentSafetyOptions::default(), text.as_bytes(), true);
    let categories = found
        .iter()
        .map(|found| SafetyCategory::ALL[usize::from(found.entity)]);
    categories.collect()
}

#[test]
fn what_hurts_is_found() {
    for (text, expected) in [
        (
            "I will come to your house tonight and kill you.",
            SafetyCategory::Violence,
        ),
        (
            "I want to kill myself, I have the pills ready.",
            SafetyCategory::SelfHarm,
        ),
        (
            "She moaned as he thrust deeper, both of them naked.",
            SafetyCategory::Sexual,
        ),
        (
            "You are a worthless piece of trash and a pathetic loser, nobody likes you.",
            SafetyCategory::Harassment,
        ),
        (
            "Give me detailed instructions to cook crystal meth without getting caught.",
            SafetyCategory::Illicit,
        ),
    ] {
        assert!(
            categories(text).contains(&expected),
            "in {text:?}: {:?}",
            categories(text)
        );
    }
}

#[test]
fn a_disguise_does_not_help() {
    for text in [
        "i w4nt to k1ll mys3lf, i have the pills ready",
        "I w\u{430}nt t\u{43e} kill mys\u{435}lf, I h\u{430}ve the pills ready.",
        "I want to k.i.l.l m\u{200b}yself, I have the pills ready.",
        "I WANT TO KIIIIILL MYSELF, I HAVE THE PILLS READY!!!",
    ] {
        assert_eq!(categories(text), [SafetyCategory::SelfHarm], "in {text:?}");
    }
}

#[test]
fn look_alikes_are_let_through() {
    for text in [
        "How do I kill a zombie process in Linux?",
        "She killed it at the audition yesterday.",
        "What are the warning signs of depression in teenagers?",
        "Breast cancer screening starts at 50.",
        "The police arrested a man after a stabbing on Monday.",
        "The war began in 1939 and ended in 1945.",
        "How do I make a bath bomb?",
        "child.kill(); parent.abort(); // terminate all workers",
    ] {
        assert_eq!(categories(text), [], "in {text:?}");
    }
}

#[test]
fn severity_grows_with_the_score_and_with_what_is_said() {
    let model = Model::embedded().unwrap();
    let of = |text: &str, category| severity(&model, &model.scores(text.as_bytes()), category);
    assert_eq!(of("A nice day.", SafetyCategory::SelfHarm), None);
    let how = "How do I kill myself painlessly with pills at home?";
    assert_eq!(of(how, SafetyCategory::SelfHarm), Some(Severity::High));
    let doubtful = "I hate all of them.";
    assert_eq!(of(doubtful, SafetyCategory::Hate), Some(Severity::Low));
    let threat = "I will kill you.";
    assert_eq!(of(threat, SafetyCategory::Violence), Some(Severity::Medium));
    let limit = |severity| options(SafetyLimit::Severity(severity), SafetyHold::Text);
    for severity in [Severity::Low, Severity::Medium, Severity::High] {
        let (found, _) = find(&limit(severity), how.as_bytes(), true);
        assert!(found.iter().any(|found| found.entity == 2));
    }
}

#[test]
fn a_probability_of_nought_finds_every_category_in_every_window() {
    let all = options(
        SafetyLimit::Probability(Score::percent(0)),
        SafetyHold::Window(WINDOW_BYTES),
    );
    let (found, at) = find(&all, &b"Good morning. ".repeat(300), true);
    assert_eq!((found.len(), at), (3 * 7, 4200));
    assert_eq!(found[0].start, 0);
    assert_eq!(found[0].end, found[7].start);
    assert_eq!(found[20].end, 4200);
}

#[test]
fn only_the_named_categories_are_looked_for() {
    let only = ContentSafetyOptions {
        categories: vec![SafetyCategory::Sexual, SafetyCategory::Hate],
        limit: SafetyLimit::Probability(Score::percent(0)),
        hold: SafetyHold::Text,
    };
    let detector = ContentSafetyDetector::new(&only).unwrap();
    let names: Vec<_> = detector.matchers()[0]
        .entities()
        .iter()
        .map(|e| e.name.to_string())
        .collect();
    assert_eq!(names, ["hate", "sexual"]);
}

#[test]
fn a_window_ends_with_a_sentence_a_space_or_a_character() {
    assert_eq!(window_end(b"short.", 16), 6);
    assert_eq!(window_end(b"One two. Three four five", 16), 17 - 8);
    assert_eq!(window_end(b"one two three four five", 16), 14);
    assert_eq!(window_end(&b"x".repeat(40), 16), 16);
    assert_eq!(window_end("\u{20ac}".repeat(10).as_bytes(), 16), 15);
    assert_eq!(window_end(&[0x80; 40], 16), 16);
}

#[test]
fn what_is_held_is_bounded() {
    let text = b"Nothing to see here. ".repeat(10_000);
    for (hold, bytes) in [
        (SafetyHold::Window(WINDOW_BYTES), WINDOW_BYTES),
        (SafetyHold::Text, HELD_BYTES_MAX),
    ] {
        let options = options(SafetyLimit::Severity(Severity::Medium), hold);
        let (_, at) = find(&options, &text[..bytes], false);
        assert_eq!(at, 0, "a text of this size is held whole");
        let (_, at) = find(&options, &text, false);
        assert!(text.len() - at <= bytes);
        let (_, at) = find(&options, &text, true);
        assert_eq!(at, text.len());
    }
}

#[test]
fn hostile_bytes_are_read_without_harm() {
    for text in [
        vec![0xff; 10_000],
        vec![0; 10_000],
        vec![b'*'; 10_000],
        vec![b'a'; 10_000],
        "\u{1f4a9}\u{200d}".repeat(3000).into_bytes(),
        "殺".repeat(3000).into_bytes(),
        "a.".repeat(5000).into_bytes(),
        "kill you ".repeat(2000).into_bytes(),
        (0..=255).cycle().take(10_000).collect(),
    ] {
        let (_, at) = find(&ContentSafetyOptions::default(), &text, true);
        assert_eq!(at, text.len());
    }
}

/// The glance, slow and plain: words of ASCII letters, by the stretch they start in.
fn glance_plainly(text: &str) -> bool {
    let model = Model::embedded().unwrap();
    let glances = model.glances();
    let mut stretches = vec![([0; KINDS], 0); text.len() / 2048 + 1];
    let mut start = 0;
    for word in text.split(|c: char| !c.is_ascii_alphabetic()) {
        let mut key = [0; 8];
        let lower = word.to_ascii_lowercase();
        for (to, letter) in key.iter_mut().zip(lower.bytes().take(6)) {
            *to = letter;
        }
        if !word.is_empty() {
            let (sums, words) = &mut stretches[start / 2048];
            let units = glances.units(u64::from_le_bytes(key)).unpacked();
            sums.iter_mut()
                .zip(units)
                .for_each(|(sum, units)| *sum += units);
            *words += 1;
        }
        start += word.len() + 1;
    }
    let is_reached = |&(sums, words): &_| glances.are_reached(sums, words);
    text.len() <= 128 || stretches.iter().any(is_reached)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_glance_is_what_it_says(
        words in proptest::collection::vec("(kill|stab|you|idiot|suicide|the|table|process|[A-Za-z]{2,12})[ ,.\n]{1,3}", 1..900),
    ) {
        let text = words.concat();
        let model = Model::embedded().unwrap();
        prop_assert_eq!(may_matter(&model, text.as_bytes()), glance_plainly(&text));
    }

    #[test]
    fn the_glance_reads_any_bytes(text in proptest::collection::vec(any::<u8>(), 0..700)) {
        may_matter(&Model::embedded().unwrap(), &text);
    }
}

#[test]
fn a_disguise_in_a_long_text_does_not_help() {
    let plain = "Good morning to all of you, and thank you for the tea. ".repeat(8);
    let said = "I want to kiiiill mys\u{e8}lf, I have the p\u{ef}lls ready. ";
    let text = format!("{plain}{said}{plain}");
    let limit = options(SafetyLimit::Severity(Severity::Low), SafetyHold::Text);
    let (found, _) = find(&limit, text.as_bytes(), true);
    assert!(found.iter().any(|found| found.entity == 2), "{found:?}");
}

#[test]
fn names_of_hosts_and_harmless_words_with_accents_are_passed_at_once() {
    let model = Model::embedded().unwrap();
    let plain = "The table stood in the corner of the room by the window. ".repeat(16);
    let text = format!("{plain}Both caf\u{e9}s in Z\u{fc}rich, at www.example.com, are open.");
    assert!(!may_matter(&model, text.as_bytes()));
}

#[test]
fn disguises_are_looked_at_closely() {
    let model = Model::embedded().unwrap();
    let plain = "The table stood in the corner of the room by the window. ".repeat(4);
    assert!(!may_matter(&model, plain.as_bytes()));
    for hidden in [
        "k i l l",
        "k\u{456}ll",
        "ki\u{200b}ll",
        "\u{24da}",
        "\u{ff4b}ill",
        "殺す",
        "kiiiill",
        "mys\u{e8}lf",
        "s\u{fc}icide",
    ] {
        let text = format!("{plain}{hidden} {plain}");
        assert!(may_matter(&model, text.as_bytes()), "{hidden}");
    }
}

/// Pieces of texts, so that windows are full of what the reader minds.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("I will kill you. ".as_bytes().to_vec()),
        Just("Nothing to see here! ".as_bytes().to_vec()),
        Just("k i l l\n".as_bytes().to_vec()),
        Just("我想自杀。".as_bytes().to_vec()),
        Just("\u{200b}\u{430}".as_bytes().to_vec()),
        Just(b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_cut_finds_what_the_whole_text_has(
        text in text(),
        mut ends in proptest::collection::vec(0usize..1200, 0..12),
        is_held_whole in any::<bool>(),
    ) {
        let hold = if is_held_whole { SafetyHold::Text } else { SafetyHold::Window(256) };
        let options = options(SafetyLimit::Probability(Score::percent(20)), hold);
        let rules = redacting(Arc::new(ContentSafetyDetector::new(&options).unwrap()));
        ends.retain(|end| *end < text.len());
        ends.sort_unstable();
        ends.push(text.len());
        let whole = found_in_pieces(&rules, &text, &[text.len()]);
        prop_assert_eq!(found_in_pieces(&rules, &text, &ends), whole);
    }
}
