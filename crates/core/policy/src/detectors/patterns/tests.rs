//! What patterns find, against a slow reference, and every text cut at every byte.

use std::ops::Range;

use proptest::prelude::*;
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};

use super::{PatternOptions, RegexDetector, RegexOptions};
use crate::detectors::DetectorError;
use crate::pieces::{held, in_pieces, values};

fn build(patterns: Vec<PatternOptions>) -> Result<RegexDetector, DetectorError> {
    RegexDetector::new(&RegexOptions { patterns })
}

fn pattern(pattern: &str, max_len: Option<usize>) -> PatternOptions {
    PatternOptions {
        max_len,
        ..PatternOptions::new("name", pattern)
    }
}

fn detector(text: &str, max_len: Option<usize>) -> RegexDetector {
    build(vec![pattern(text, max_len)]).unwrap()
}

/// What is found, by trying every place.
fn slow(pattern: &str, bytes_max: usize, text: &[u8]) -> Vec<Range<usize>> {
    let regex = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let span = at..text.len().min(at + bytes_max);
        let input = Input::new(text).span(span).anchored(Anchored::Yes);
        match regex.search(&input) {
            Some(next) => {
                found.push(next.range());
                at = next.end();
            }
            None => at += 1,
        }
    }
    found
}

#[test]
fn a_pattern_finds_what_it_matches() {
    let detector = detector(r"\bEMP-\d{6}\b", None);
    let text = "EMP-123456, xEMP-123456 EMP-1234567 (EMP-654321) EMP-000000";
    assert_eq!(
        values(&detector, text.as_bytes()),
        ["EMP-123456", "EMP-654321", "EMP-000000"]
    );
}

#[test]
fn a_bound_cuts_what_could_be_longer() {
    let digits = detector(r"\d+", Some(4));
    assert_eq!(values(&digits, b"123456789 1"), ["1234", "5678", "9", "1"]);
    let host = detector(r"[a-z0-9-]+\.corp\.example", Some(24));
    assert_eq!(
        values(&host, b"build-7.corp.example"),
        ["build-7.corp.example"]
    );
    let long = format!("{}.corp.example", "x".repeat(100));
    assert_eq!(values(&host, long.as_bytes()), [&long[long.len() - 24..]]);
    let own = detector("a{1,20}", Some(4));
    assert_eq!(values(&own, b"aaaaaa"), ["aaaa", "aa"]);
}

#[test]
fn a_group_is_the_finding_when_it_is_named() {
    let with = |group: &str| PatternOptions {
        group: Some(group.into()),
        ..pattern(r"(?i)token[=:] ?(?<value>[a-z0-9]{8})(!)?", None)
    };
    let detector = build(vec![with("value")]).unwrap();
    assert_eq!(values(&detector, b"TOKEN=abcd1234!"), ["abcd1234"]);
    let detector = build(vec![with("1")]).unwrap();
    assert_eq!(values(&detector, b"token: abcd1234"), ["abcd1234"]);
    let detector = build(vec![with("2")]).unwrap();
    assert_eq!(
        values(&detector, b"token=abcd1234"),
        ["token=abcd1234"],
        "no part"
    );
    assert!(build(vec![with("other")]).is_err());
    assert!(build(vec![with("3")]).is_err());
}

#[test]
fn patterns_hide_nothing_from_each_other() {
    let patterns = vec![pattern("foo bar", None), pattern("bar baz", None)];
    let detector = build(patterns).unwrap();
    assert_eq!(values(&detector, b"foo bar baz"), ["foo bar", "bar baz"]);
}

#[test]
fn anchors_mean_the_text() {
    let start = detector(r"\Aab", None);
    assert_eq!(values(&start, b"abab"), ["ab"]);
    let end = detector(r"ab$", None);
    assert_eq!(values(&end, b"abab").len(), 1);
    assert_eq!(
        in_pieces(&end, b"abab", &[2, 4]),
        in_pieces(&end, b"abab", &[4])
    );
    let line = detector(r"(?m)^ab$", None);
    assert_eq!(values(&line, b"ab\nab\nxab").len(), 2);
}

#[test]
fn little_is_held_back() {
    let detector = detector(r"(?i)\bproject[- ](alpha|beta)\b", None);
    for (text, expected) in [
        ("Hello, ", 0),
        ("Hello wor", 0),
        ("the pro", 3),
        ("the project ", 8),
        ("the project alpha", 13),
        ("the project alpha.", 0),
        ("the project gamma", 0),
    ] {
        assert_eq!(held(&detector, text.as_bytes()), expected, "{text:?}");
    }
}

#[test]
fn what_is_held_back_has_a_bound() {
    let detector = detector("[a-z ]+@x", Some(40));
    let text = "a ".repeat(1000);
    assert_eq!(held(&detector, text.as_bytes()), 40);
}

#[test]
fn a_pattern_that_cannot_be_looked_for_says_what_to_write() {
    let refused = [
        ("a+", None, "any length"),
        ("a{1,9000}", None, "any length"),
        ("a*", None, "empty text"),
        ("a|", None, "empty text"),
        (r"\b", None, "empty text"),
        (r"[^\s\S]", None, "nothing"),
        ("(", None, "at character 1"),
        ("(?=a)b", None, "look-around"),
        (r"(a)\1", None, "backreferences"),
        ("a", Some(0), "does not suit"),
        ("aaa", Some(2), "does not suit"),
        ("a+", Some(5000), "does not suit"),
        (r"(\w{1,60}){60}", Some(4000), "too large"),
    ];
    for (text, max_len, expected) in refused {
        let error = build(vec![pattern(text, max_len)]).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
    assert!(build(vec![]).is_err());
}

/// Patterns with their bounds, and pieces of texts that come near them.
const PATTERNS: [(&str, Option<usize>); 16] = [
    (r"\bab\b", None),
    (r"a{2,4}", None),
    (r"a+b", Some(5)),
    (r"a+?b?", Some(3)),
    (r"(a|ab)(c|bcd)?", None),
    (r"b.*a", Some(6)),
    (r"(?s)b.{0,3}c", None),
    (r"\b\w+é\b", Some(8)),
    (r"(?i)É1", None),
    (r"(?m)^a.$", None),
    (r"\Aa+", Some(2)),
    (r"[a-c]+1|a", Some(6)),
    (r"\w\B\w", None),
    (r"é{1,2}\b", None),
    (r"(ab){1,3}c?$", None),
    (r"a*1", Some(3)),
];

const PARTS: [&str; 13] = [
    "a", "b", "ab", "aa", "c", "cd", " ", "é", "É", "1", "\n", "機", "aaaaaa",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn pieces_give_the_findings_of_the_reference(
        parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..24),
        byte: Option<u8>,
        ends in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        which in 0..PATTERNS.len(),
    ) {
        let (text, max_len) = PATTERNS[which];
        let detector = detector(text, max_len);
        let mut bytes = parts.concat().into_bytes();
        if let Some(byte) = byte {
            bytes.insert(bytes.len() / 2, byte);
        }
        let mut ends: Vec<usize> = ends.iter().map(|end| end.index(bytes.len() + 1)).collect();
        ends.push(bytes.len());
        ends.sort_unstable();
        let bytes_max = max_len.unwrap_or(64);
        let expected = slow(text, bytes_max, &bytes);
        let whole = in_pieces(&detector, &bytes, &[bytes.len()]);
        let whole: Vec<Range<usize>> = whole.iter().map(|found| found.start..found.end).collect();
        prop_assert_eq!(&whole, &expected, "{} in {:?}", text, String::from_utf8_lossy(&bytes));
        let cut = in_pieces(&detector, &bytes, &ends);
        let cut: Vec<Range<usize>> = cut.iter().map(|found| found.start..found.end).collect();
        prop_assert_eq!(&cut, &expected, "{} in {:?} at {:?}", text, String::from_utf8_lossy(&bytes), ends);
    }
}

#[test]
fn long_texts_are_read_in_stretches() {
    let detector = detector("[a-z]+@x", Some(16));
    let text = format!("{}@x {}@x abc@x", "a".repeat(5000), "b".repeat(700));
    let found = values(&detector, text.as_bytes());
    assert_eq!(found, ["aaaaaaaaaaaaaa@x", "bbbbbbbbbbbbbb@x", "abc@x"]);
}
