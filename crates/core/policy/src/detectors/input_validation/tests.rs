//! What has no business in a text and what has, and every text cut at every byte.

use proptest::prelude::*;

use super::{AnswerForm, CharacterEntity, InputValidationDetector, InputValidationOptions};
use crate::detector::{Detector, Extent};
use crate::pieces::{held, in_pieces};

fn detector(threshold: u8) -> InputValidationDetector {
    InputValidationDetector::new(&InputValidationOptions {
        characters: CharacterEntity::ALL.to_vec(),
        threshold,
        ..InputValidationOptions::default()
    })
    .unwrap()
}

/// The kinds of what is found, pieces joined.
fn kinds(text: &[u8]) -> Vec<String> {
    let detector = detector(0);
    let entities = detector.matchers()[0].entities();
    let found = in_pieces(&detector, text, &[text.len()]);
    let begun = found.iter().filter(|found| found.extent == Extent::Begins);
    begun
        .map(|found| entities[usize::from(found.entity)].name.to_string())
        .collect()
}

const FOUND: [(&str, &str); 37] = [
    ("a\u{200b}b", "invisible_character"),
    ("a\u{200b}\u{200b}\u{200b}b", "invisible_character"),
    ("a\u{200c}b", "invisible_character"),
    ("a\u{200d}b", "invisible_character"),
    ("\u{1f600}\u{200d}a", "invisible_character"),
    ("\u{1f468}\u{200d}\u{200d}\u{1f469}", "invisible_character"),
    ("می\u{200c}\u{200c}خواهم", "invisible_character"),
    ("a\u{2060}b", "invisible_character"),
    ("a\u{feff}b", "invisible_character"),
    ("soft\u{ad}hyphen", "invisible_character"),
    ("a\u{34f}b", "invisible_character"),
    ("a\u{3164}b", "invisible_character"),
    ("a\u{2062}b", "invisible_character"),
    ("a\u{180e}b", "invisible_character"),
    ("a\u{1d173}b", "invisible_character"),
    ("pay\u{200f}pal", "invisible_character"),
    ("\u{e0041}\u{e0042}\u{e0043}", "tag_character"),
    ("hi\u{e0001}", "tag_character"),
    ("\u{1f600}\u{e0068}\u{e0069}", "tag_character"),
    ("\u{1f3f4}\u{e0067}\u{e0062}", "tag_character"),
    (
        "\u{1f3f4}\u{e0041}\u{e0042}\u{e0043}\u{e007f}",
        "tag_character",
    ),
    (
        "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e0061}\u{e0061}\u{e007f}",
        "tag_character",
    ),
    ("\u{202e}txt.exe", "bidi_control"),
    ("a\u{2066}b\u{2069}", "bidi_control bidi_control"),
    ("a\u{fe0f}", "variation_selector"),
    ("\u{1f600}\u{fe0f}\u{fe0f}\u{fe0f}", "variation_selector"),
    ("\u{1f600}\u{fe01}", "variation_selector"),
    ("\u{1f600}\u{e0101}\u{e0120}", "variation_selector"),
    ("葛\u{e0100}\u{e0101}", "variation_selector"),
    ("a\u{fe05}", "variation_selector"),
    ("a\0b", "control_character"),
    ("\u{1b}[31m", "control_character"),
    ("a\u{8}\u{8}b", "control_character"),
    ("a\u{7f}", "control_character"),
    ("a\u{9b}31m", "control_character"),
    ("\u{e000}", "private_use_character"),
    (
        "\u{10fffd}x\u{f8ff}",
        "private_use_character private_use_character",
    ),
];

const FINE: [&str; 41] = [
    "",
    "Plain text,\twith tabs\r\nand lines.\u{c}",
    "Größe, naïve, “quotes” – dash… 5 €\u{a0}%",
    "一段中文文字。全角，标点！",
    "日本語の文章です。カタカナ、ひらがな。",
    "한국어 문장입니다. ㄱㄴㄷ",
    "Русский текст, ещё немного.",
    "Ελληνικό κείμενο, α²",
    "نص عربي مع \u{200f}علامات",
    "עברית \u{200e}123\u{200f}!",
    "می\u{200c}خواهم",
    "می\u{200c} ",
    "ه\u{200d} ",
    "\u{200d}ه",
    "क\u{94d}\u{200d}ष",
    "ක\u{dca}\u{200d}ර",
    "র\u{200d}\u{9cd}য",
    "ภาษา\u{200b}ไทย",
    "ខ្មែរ\u{200b}abc",
    "မြန်မာ\u{200b}စာ",
    "\u{1f600}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
    "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
    "\u{1f44d}\u{1f3fd}",
    "\u{1f469}\u{1f3fd}\u{200d}\u{1f4bb}",
    "\u{1f9d1}\u{200d}\u{2695}\u{fe0f}",
    "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
    "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3}",
    "\u{1f1e9}\u{1f1ea}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{1f3f4}\u{e0075}\u{e0073}\u{e0074}\u{e0078}\u{e007f}\u{200d}\u{2620}",
    "\u{a9}\u{fe0f} \u{2122}\u{fe0e} \u{2194}\u{fe0f} \u{203c}\u{fe0f}",
    "葛\u{e0100}飾区",
    "≨\u{fe00} ∩\u{fe00}",
    "\u{feff}text",
    "⠓⠑⠀⠇",
    "ᠮᠣᠩ\u{180b}ᠭᠣᠯ",
    "cafe\u{301}",
    "\u{2028}\u{2029}\u{3000}",
    "ᄀ\u{1160}",
    "x\u{85}y",
];

#[test]
fn what_has_no_business_in_a_text_is_found() {
    for (text, expected) in FOUND {
        assert_eq!(kinds(text.as_bytes()).join(" "), expected, "{text:?}");
        let within = format!("some text {text} and more");
        assert_eq!(
            kinds(within.as_bytes()).join(" "),
            expected,
            "{text:?} within"
        );
    }
}

#[test]
fn what_languages_and_emoji_need_is_fine() {
    for text in FINE {
        assert_eq!(kinds(text.as_bytes()), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn broken_utf_8_is_found() {
    for text in [
        &b"a\xff"[..],
        b"a\xc3",
        b"\x80",
        b"\xe2\x80",
        b"\xed\xa0\x80",
        b"\xf5\x80\x80\x80",
        b"\xc0\x80",
        b"\xe4\xb8",
    ] {
        assert_eq!(kinds(text).join(" "), "invalid_utf8", "{text:x?}");
    }
}

#[test]
fn what_is_below_the_threshold_is_not_reported() {
    let text = "soft\u{ad}hyphen \u{200b}".as_bytes();
    assert_eq!(in_pieces(&detector(50), text, &[text.len()]).len(), 1);
}

#[test]
fn every_cut_gives_the_findings_of_the_whole() {
    let detector = detector(0);
    for text in FOUND.iter().map(|(text, _)| *text).chain(FINE) {
        for around in ["", "x", "\u{200d}", "ه", "\u{1f600}"] {
            let text = format!("{around}{text}{around}");
            let text = text.as_bytes();
            let whole = in_pieces(&detector, text, &[text.len()]);
            for cut in 0..text.len() {
                assert_eq!(
                    in_pieces(&detector, text, &[cut, text.len()]),
                    whole,
                    "{text:?}"
                );
            }
            let bytes: Vec<usize> = (1..=text.len()).collect();
            assert_eq!(in_pieces(&detector, text, &bytes), whole, "{text:?}");
        }
    }
}

#[test]
fn hardly_anything_is_held_back() {
    let detector = detector(0);
    for (text, expected) in [
        ("Hello", 0),
        ("Grüße", 0),
        ("\u{1f600}", 0),
        ("\u{1f600}\u{200d}", 3),
        ("می\u{200c}", 0),
        ("a\u{200b}", 3),
        ("a\u{202e}", 0),
        ("\u{1f3f4}\u{e0067}\u{e0062}", 8),
    ] {
        assert_eq!(held(&detector, text.as_bytes()), expected, "{text:?}");
    }
}

proptest! {
    #[test]
    fn pieces_give_the_findings_of_the_whole(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "\u{200d}", "\u{200c}", "\u{200b}", "ه", "\u{1f600}", "\u{fe0f}", "\u{1f3f4}",
                "\u{e0067}", "\u{e0062}", "\u{e007f}", "\u{200e}", "葛", "\u{e0100}", "\u{ad}", "\0",
                "ไ", "\u{feff}", "\u{e000}", "long ascii text that is passed over in one go, more or less or more",
            ]),
            0..40,
        ),
        bytes in prop::collection::vec(any::<u8>(), 0..4),
        ends in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let detector = detector(0);
        let mut text = parts.concat().into_bytes();
        text.splice(text.len() / 2..text.len() / 2, bytes);
        let mut ends: Vec<usize> = ends.iter().map(|end| end.index(text.len() + 1)).collect();
        ends.push(text.len());
        ends.sort_unstable();
        let whole = in_pieces(&detector, &text, &[text.len()]);
        prop_assert_eq!(in_pieces(&detector, &text, &ends), whole);
    }
}

#[test]
fn a_text_of_an_answer_must_be_what_its_schema_says() {
    let detector = InputValidationDetector::new(&InputValidationOptions {
        answer: Some(AnswerForm {
            schema: serde_json::json!({"type": "object", "required": ["city"]}),
            bytes_max: 40,
        }),
        ..InputValidationOptions::default()
    })
    .unwrap();
    let long = format!("{{\"city\": \"{}\"}}", "x".repeat(40));
    for (text, is_fine) in [
        (r#"{"city": "Bonn"}"#, true),
        ("", true),
        (" {\"city\": 1}\n", true),
        (r#"{"town": "Bonn"}"#, false),
        (r#"Sure: {"city": "Bonn"}"#, false),
        ("```json\n{\"city\": 1}\n```", false),
        (r#"{"city": "Bo"#, false),
        (&long, false),
    ] {
        let text = text.as_bytes();
        let whole = in_pieces(&detector, text, &[text.len()]);
        assert_eq!(whole.is_empty(), is_fine, "{text:?}");
        let bytes: Vec<usize> = (0..=text.len()).collect();
        assert_eq!(in_pieces(&detector, text, &bytes), whole);
    }
    assert_eq!(held(&detector, b"{}"), 2, "until the end");
}
