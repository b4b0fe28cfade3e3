//! How far off estimates are, and what they never are.

use proptest::prelude::*;
use tollgate_catalogue::{Vocabulary, Word};

use super::{Prompt, estimate, of_bytes};
use crate::{Calibration, Family, Tally};

/// A text of each kind, and how far off estimates may be there in percent. The fit saw two
/// thirds of each.
const TEXTS: [(&str, &str, i64); 10] = [
    ("english", include_str!("../../tests/texts/english.txt"), 8),
    ("code", include_str!("../../tests/texts/code.txt"), 10),
    ("json", include_str!("../../tests/texts/json.txt"), 10),
    (
        "markdown",
        include_str!("../../tests/texts/markdown.txt"),
        10,
    ),
    ("german", include_str!("../../tests/texts/german.txt"), 25),
    ("spanish", include_str!("../../tests/texts/spanish.txt"), 25),
    ("russian", include_str!("../../tests/texts/russian.txt"), 25),
    ("chinese", include_str!("../../tests/texts/chinese.txt"), 25),
    (
        "japanese",
        include_str!("../../tests/texts/japanese.txt"),
        25,
    ),
    ("korean", include_str!("../../tests/texts/korean.txt"), 25),
];

const PUBLIC: [Vocabulary; 5] = [
    Vocabulary::O200k,
    Vocabulary::Cl100k,
    Vocabulary::Deepseek,
    Vocabulary::Qwen,
    Vocabulary::Mistral,
];

#[test]
fn estimates_are_near_what_vocabularies_count() {
    let mut wrong = Vec::new();
    for (name, text, percent) in TEXTS {
        for vocabulary in PUBLIC {
            let family = Family::listed(vocabulary);
            let (counted, estimated) = (family.count(text).0, estimate(family, text));
            let (counted, estimated) = (counted.cast_signed(), estimated.cast_signed());
            let off = (estimated - counted) * 100 / counted;
            if off.abs() > percent {
                wrong.push(format!("{name} {vocabulary:?}: {off} %"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_stands_around_texts_counts() {
    let family = Family::listed(Vocabulary::O200k);
    let texts = Prompt {
        tally: Tally::of_text("hello world"),
        ..Prompt::default()
    };
    let whole = Prompt {
        messages: 2,
        images: 1,
        has_tools: true,
        ..texts
    };
    assert_eq!(whole.raw(family), texts.raw(family) + 2 * 4 + 3 + 12 + 765);
    assert_eq!(whole.upper_bound(), Some(11 + 3 * 16 + 1_024 + 5_000));
    let filed = Prompt {
        has_files: true,
        ..whole
    };
    assert_eq!(filed.upper_bound(), None);
}

#[test]
fn a_length_alone_rounds_up_and_is_zero_only_for_nothing() {
    assert_eq!([0, 1, 4, 5, 4_000].map(of_bytes), [0, 1, 1, 2, 1_000]);
    assert_eq!(of_bytes(u64::MAX), u64::MAX / 4 + 1);
}

#[test]
fn nothing_is_no_token() {
    assert_eq!(Prompt::default().raw(Family::default()), 0);
    assert_eq!(estimate(Family::default(), ""), 0);
}

proptest! {
    #[test]
    fn any_prompt_has_an_estimate_within_its_bound(
        text in prop::collection::vec(any::<u8>(), 0..3_000),
        escaped in any::<bool>(),
        (messages, images, has_tools) in (0..400_u32, 0..20_u32, any::<bool>()),
        reports in prop::collection::vec(any::<u64>(), 0..20),
    ) {
        let bytes = text.len() as u64;
        let prompt = Prompt {
            tally: Tally::of(std::iter::once((text.as_slice(), escaped)), bytes, 7),
            messages,
            images,
            has_files: false,
            has_tools,
        };
        let bound = prompt.upper_bound().unwrap();
        let calibration = Calibration::default();
        let key = calibration.key("p", "m");
        let families = Vocabulary::ALL.iter().copied().map(Family::listed);
        for family in families.chain([Family::default()]) {
            for reported in reports.iter().copied().chain([0, 1, u64::MAX]) {
                let estimate = prompt.estimate(family, &calibration.correction(key));
                prop_assert!(estimate.raw > 0 || (bytes == 0 && messages == 0 && images == 0 && !has_tools));
                prop_assert!(estimate.raw <= bound, "{:?}", estimate);
                prop_assert!(estimate.low <= estimate.tokens && estimate.tokens <= estimate.high, "{:?}", estimate);
                prop_assert!(estimate.high <= bound);
                prop_assert_eq!(estimate.upper_bound, Some(bound));
                prop_assert!(estimate.tokens > 0 || estimate.raw == 0);
                calibration.learn(key, estimate.raw, reported);
            }
        }
    }
}
