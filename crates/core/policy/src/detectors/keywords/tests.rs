//! What is found in which spelling, and every text cut at every byte.

use proptest::prelude::*;

use super::{KeywordList, KeywordsDetector, KeywordsOptions, WORDS_MAX};
use crate::detector::Detector;
use crate::detectors::DetectorError;
use crate::pieces::{held, in_pieces, values};

fn detector(lists: Vec<KeywordList>) -> KeywordsDetector {
    KeywordsDetector::new(&KeywordsOptions { lists }).unwrap()
}

fn words(words: &[&str]) -> KeywordsDetector {
    detector(vec![KeywordList::new("words", words)])
}

fn anywhere(words: &[&str]) -> KeywordsDetector {
    let list = KeywordList::new("words", words);
    detector(vec![KeywordList {
        whole_words: false,
        ..list
    }])
}

const LIST: [&str; 14] = [
    "secret",
    "project x",
    "project x ray",
    "AI",
    "a b",
    "C++",
    "#internal",
    "straße",
    "機密",
    "비밀번호",
    "секрет",
    "σίγμα",
    "naïve",
    ".env",
];

const FOUND: [(&str, &[&str]); 32] = [
    ("secret", &["secret"]),
    ("A SECRET.", &["SECRET"]),
    ("\"Secret\"", &["Secret"]),
    ("secret-service", &["secret"]),
    ("secret's", &["secret"]),
    ("(secret)", &["secret"]),
    ("ſecret", &["ſecret"]),
    ("se\u{200b}cret", &["se\u{200b}cret"]),
    (
        "s\u{ad}e\u{2060}\u{2060}cret",
        &["s\u{ad}e\u{2060}\u{2060}cret"],
    ),
    ("s\u{e0041}ecret", &["s\u{e0041}ecret"]),
    ("secret secret", &["secret", "secret"]),
    ("project x", &["project x"]),
    ("Project\n   X", &["Project\n   X"]),
    ("project\u{a0}\u{200b} x", &["project\u{a0}\u{200b} x"]),
    ("project  x ray", &["project  x ray", "project  x"]),
    ("project x rays", &["project x"]),
    ("an AI model", &["AI"]),
    ("a b", &["a b"]),
    ("a  b c", &["a  b"]),
    ("C++", &["C++"]),
    ("in C++17", &["C++"]),
    ("x#internal", &["#internal"]),
    ("my .env file", &[".env"]),
    ("die Straße", &["Straße"]),
    ("STRAẞE", &["STRAẞE"]),
    ("這是機密文件", &["機密"]),
    ("비밀번호를 바꾸다", &["비밀번호"]),
    ("СЕКРЕТ!", &["СЕКРЕТ"]),
    ("ΣΊΓΜΑ", &["ΣΊΓΜΑ"]),
    ("Naïve", &["Naïve"]),
    ("是secret嗎", &["secret"]),
    ("\u{ff}secret\u{301} secret", &["secret"]),
];

const NOT_FOUND: [&str; 16] = [
    "secrets",
    "mysecret",
    "my_secret",
    "secre",
    "ésecret",
    "secretà",
    "secret\u{301}",
    "se cret",
    "projectx",
    "project, x",
    "project          x",
    "xab",
    "maid",
    "내비밀번호",
    "секреты",
    "strasse",
];

#[test]
fn words_are_found_in_any_case_and_spacing() {
    let detector = words(&LIST);
    for (text, expected) in FOUND {
        let mut found = values(&detector, text.as_bytes());
        found.sort_by_key(|found| expected.iter().position(|value| value == found));
        assert_eq!(found, expected, "in {text:?}");
    }
}

#[test]
fn other_words_are_not_found() {
    let detector = words(&LIST);
    for text in NOT_FOUND {
        assert_eq!(
            values(&detector, text.as_bytes()),
            Vec::<String>::new(),
            "in {text:?}"
        );
    }
}

#[test]
fn case_counts_where_a_list_says_so() {
    let list = KeywordList {
        case_sensitive: true,
        ..KeywordList::new("words", &["Apple"])
    };
    let detector = detector(vec![list]);
    assert_eq!(values(&detector, b"apple Apple APPLE"), ["Apple"]);
}

#[test]
fn parts_of_words_are_found_where_a_list_says_so() {
    let detector = anywhere(&["cat", "ab"]);
    assert_eq!(
        values(&detector, b"concatenate CAT ababab"),
        ["cat", "CAT", "ab", "ab", "ab"]
    );
}

#[test]
fn a_finding_has_the_entity_and_score_of_its_list() {
    let one = KeywordList::new("codenames", &["falcon"]);
    let other = KeywordList {
        score: 40,
        ..KeywordList::new("rivals", &["acme"])
    };
    let detector = detector(vec![one, other]);
    let found = in_pieces(&detector, b"acme falcon", &[11]);
    let found: Vec<(usize, u8)> = found
        .iter()
        .map(|found| (usize::from(found.entity), found.score.hundredths()))
        .collect();
    assert_eq!(found, [(1, 40), (0, 100)]);
    let names = detector.matchers()[0].entities().iter();
    let names: Vec<&str> = names.map(|entity| &*entity.name).collect();
    assert_eq!(names, ["codenames", "rivals"]);
}

#[test]
fn every_cut_gives_the_findings_of_the_whole() {
    for detector in [words(&LIST), anywhere(&LIST)] {
        let texts = FOUND.iter().map(|(text, _)| *text).chain(NOT_FOUND);
        for text in texts {
            for around in ["", "x", " ", "是", "project ", "\u{200b}"] {
                let text = format!("{around}{text}{around}");
                let text = text.as_bytes();
                let whole = in_pieces(&detector, text, &[text.len()]);
                for cut in 0..text.len() {
                    let cut = in_pieces(&detector, text, &[cut, text.len()]);
                    assert_eq!(cut, whole, "{text:?}");
                }
                let bytes: Vec<usize> = (1..=text.len()).collect();
                assert_eq!(in_pieces(&detector, text, &bytes), whole, "{text:?}");
            }
        }
    }
}

#[test]
fn only_the_beginning_of_a_word_is_held_back() {
    let detector = words(&LIST);
    for (text, expected) in [
        ("Hello, ", 0),
        ("Hello", 0),
        ("the sec", 3),
        ("the secret", 6),
        ("the secret!", 0),
        ("mysec", 0),
        ("a project", 7),
        ("a project   ", 10),
        ("a project y", 0),
        ("a project x", 9),
        ("這是機", 3),
        ("這是", 0),
    ] {
        assert_eq!(held(&detector, text.as_bytes()), expected, "{text:?}");
    }
    let spaces = format!("project{}", " ".repeat(1000));
    assert_eq!(held(&detector, spaces.as_bytes()), 0);
}

#[test]
fn a_list_that_cannot_be_looked_for_is_refused() {
    let error = |lists| KeywordsDetector::new(&KeywordsOptions { lists }).unwrap_err();
    let many: Vec<String> = (0..=WORDS_MAX).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for lists in [
        vec![],
        vec![KeywordList::new("x", &[])],
        vec![KeywordList::new("x", &[" "])],
        vec![KeywordList::new("x", &["\u{200b}"])],
        vec![KeywordList::new("x", &[&"x".repeat(200)])],
        vec![KeywordList::new("x", &many)],
    ] {
        assert!(matches!(error(lists), DetectorError::Option { .. }));
    }
}

proptest! {
    #[test]
    fn pieces_give_the_findings_of_the_whole(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "ab", "a", "b", "c", " ", "  ", "\u{200b}", "é", "機", "密", "A", "_", "-", "k", "\u{212a}",
                "        ", "\u{fe0f}", "\n",
            ]),
            0..40,
        ),
        bytes in prop::collection::vec(any::<u8>(), 0..4),
        ends in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        whole_words: bool,
    ) {
        let words = ["ab", "ab c", "a b", "b ab", "機密", "密a", "ka", "éa", "-a", "c"];
        let detector = detector(vec![KeywordList { whole_words, ..KeywordList::new("x", &words) }]);
        let mut text = parts.concat().into_bytes();
        text.extend_from_slice(&bytes);
        text.extend_from_slice(parts.concat().as_bytes());
        let mut ends: Vec<usize> = ends.iter().map(|end| end.index(text.len() + 1)).collect();
        ends.push(text.len());
        ends.sort_unstable();
        let whole = in_pieces(&detector, &text, &[text.len()]);
        prop_assert_eq!(in_pieces(&detector, &text, &ends), whole);
    }

    #[test]
    fn what_is_found_is_what_stands_there(
        parts in prop::collection::vec(prop::sample::select(vec!["secret", " ", "x", "SEcret", "_", "project", "ſecret"]), 0..30),
    ) {
        let text = parts.concat();
        let slow = slow_words(&text, "secret");
        prop_assert_eq!(values(&words(&["secret"]), text.as_bytes()).len(), slow);
    }
}

/// How often an ASCII word stands in a text as a whole word.
fn slow_words(text: &str, word: &str) -> usize {
    let folded: Vec<char> = text.chars().map(crate::characters::fold).collect();
    let word: Vec<char> = word.chars().collect();
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    (0..folded.len())
        .filter(|at| {
            folded[*at..].starts_with(&word)
                && !is_word(at.checked_sub(1).and_then(|before| folded.get(before)))
                && !is_word(folded.get(at + word.len()))
        })
        .count()
}
