//! Which spellings of a record are found, and every text cut at every byte.

use proptest::prelude::*;

use super::{FingerprintList, FingerprintsDetector, FingerprintsOptions, fingerprints};
use crate::detector::Detector;
use crate::pieces::{held, in_pieces, values};
use crate::vault::{KeyId, Keys};

const SALT: &[u8] = b"a salt for tests";

const RECORDS: [&str; 9] = [
    "Erika Mustermann",
    "+49 (151) 234-5678",
    "C-10442",
    "O'Neill-Smith",
    "erika@example.org",
    "山田太郎",
    "Ćwikła",
    "12 Main Street",
    "12 Main Street West",
];

fn options(lists: Vec<FingerprintList>) -> FingerprintsOptions {
    FingerprintsOptions {
        salt: KeyId(0),
        lists,
    }
}

fn detector(records: &[&str]) -> FingerprintsDetector {
    let made = fingerprints(records.iter().copied(), SALT);
    assert!(made.left_out.is_empty());
    let list = FingerprintList {
        name: "customer".into(),
        hashes: made.hashes.into(),
    };
    let detector = FingerprintsDetector::new(&options(vec![list])).unwrap();
    detector.arm(&Keys::new([SALT])).unwrap();
    detector
}

const FOUND: [(&str, &[&str]); 16] = [
    ("Erika Mustermann", &["Erika Mustermann"]),
    ("to ERIKA  MUSTERMANN,", &["ERIKA  MUSTERMANN"]),
    ("erika_mustermann.pdf", &["erika_mustermann"]),
    ("Erika\nMustermann", &["Erika\nMustermann"]),
    ("call 49151 2345678 now", &["49151 2345678"]),
    ("+49 151 2345678", &["49 151 2345678"]),
    ("tel:+49-151-234-5678.", &["49-151-234-5678"]),
    ("id=c10442;", &["c10442"]),
    ("\"C 10442\"", &["C 10442"]),
    ("Ｃ－１０４４２", &["Ｃ－１０４４２"]),
    ("oneill smith", &["oneill smith"]),
    ("<Erika@Example.org>", &["Erika@Example.org"]),
    ("我是山田太郎。", &["山田太郎"]),
    ("ĆWIKŁA", &["ĆWIKŁA"]),
    ("12 Main Street", &["12 Main Street"]),
    ("at 12 main street west.", &["12 main street west"]),
];

const NOT_FOUND: [&str; 10] = [
    "Erika",
    "Mustermann",
    "Erika Mustermanns",
    "Mustermann, Erika",
    "Erika      Mustermann",
    "xC10442",
    "C104421",
    "C1044",
    "Cwikla",
    "112 Main Street",
];

#[test]
fn a_record_is_found_however_it_is_written() {
    let detector = detector(&RECORDS);
    for (text, expected) in FOUND {
        assert_eq!(values(&detector, text.as_bytes()), expected, "{text:?}");
    }
    for text in NOT_FOUND {
        assert_eq!(
            values(&detector, text.as_bytes()),
            Vec::<String>::new(),
            "{text:?}"
        );
    }
}

#[test]
fn every_cut_gives_the_findings_of_the_whole() {
    let detector = detector(&RECORDS);
    for text in FOUND.iter().map(|(text, _)| *text).chain(NOT_FOUND) {
        let text = format!("é {text} x{text}");
        let text = text.as_bytes();
        let whole = in_pieces(&detector, text, &[text.len()]);
        for cut in 0..text.len() {
            assert_eq!(in_pieces(&detector, text, &[cut, text.len()]), whole);
        }
        let bytes: Vec<usize> = (1..=text.len()).collect();
        assert_eq!(in_pieces(&detector, text, &bytes), whole);
    }
}

#[test]
fn a_list_tells_nothing_without_its_salt() {
    let one = fingerprints(["Erika Mustermann", "C-10442"], SALT).hashes;
    let same = fingerprints(["C10442", "erika mustermann", "ERIKA MUSTERMANN"], SALT).hashes;
    assert_eq!(one, same, "order, spelling and repetition do not show");
    let other = fingerprints(["Erika Mustermann", "C-10442"], b"other").hashes;
    let lines: Vec<&str> = one.lines().collect();
    assert!(other.lines().all(|line| !lines.contains(&line)));
    // A list that anyone made must be readable by any later version.
    assert_eq!(
        one,
        "tollgate-fingerprints 1 e1e5ec100f0772ad\n\
        ab13cc1e992a045c00edffd6149e6529059e9d79\n\
        fdaaaad2d5c5ff2da2ec14ed1dcb1d79b47e1887\n"
    );
}

#[test]
fn values_that_would_be_found_everywhere_are_left_out() {
    let long = "x".repeat(64);
    let made = fingerprints(["Ann", "Anne", "--", &long, "x y z 1"], SALT);
    assert_eq!(made.left_out, [0, 2, 3]);
    assert_eq!(made.hashes.lines().count(), 3);
}

#[test]
fn a_list_that_is_none_is_refused() {
    let good = fingerprints(["Erika Mustermann"], SALT).hashes;
    let read = |hashes: &str, salt: &[u8]| {
        let list = FingerprintList {
            name: "customer".into(),
            hashes: hashes.into(),
        };
        let detector = FingerprintsDetector::new(&options(vec![list]))?;
        detector.arm(&Keys::new([salt])).map(|()| detector)
    };
    assert!(read(&good, SALT).is_ok());
    assert!(read(&good.replace('\n', "\r\n"), SALT).is_ok());
    for (hashes, expected) in [
        (String::new(), "no list"),
        ("name,number\n".to_owned(), "no list"),
        (format!("{good}12\n"), "line 3"),
        (format!("{good}{}\n", "é".repeat(20)), "line 3"),
    ] {
        let error = read(&hashes, SALT).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let error = read(&good, b"other").unwrap_err();
    assert!(error.to_string().contains("another salt"));
    assert!(FingerprintsDetector::new(&FingerprintsOptions::default()).is_err());
}

#[test]
fn without_its_salt_nothing_passes() {
    let made = fingerprints(["Erika Mustermann"], SALT);
    let list = FingerprintList {
        name: "customer".into(),
        hashes: made.hashes.into(),
    };
    let detector = FingerprintsDetector::new(&options(vec![list])).unwrap();
    assert!(detector.arm(&Keys::default()).is_err());
    assert_eq!(values(&detector, b"any text"), ["any text"]);
    assert_eq!(in_pieces(&detector, b"any text", &[3, 8]).len(), 2);
}

#[test]
fn only_what_may_begin_a_record_is_held_back() {
    let detector = detector(&RECORDS);
    for (text, expected) in [
        ("Hello", 0),
        ("Hello the", 3),
        ("Hello there ", 0),
        ("Hello Erik", 4),
        ("Hello Erika ", 6),
        ("Hello Erika Muster", 12),
        ("Hello Eric ", 0),
    ] {
        assert_eq!(held(&detector, text.as_bytes()), expected, "{text:?}");
    }
    let text = "12 Main Street ".repeat(100);
    assert!(held(&detector, text.as_bytes()) < 64);
    let separators = format!("ab{}", ".".repeat(1000));
    assert_eq!(held(&detector, separators.as_bytes()), 0);
}

proptest! {
    #[test]
    fn pieces_give_the_findings_of_the_whole(
        parts in prop::collection::vec(
            prop::sample::select(vec!["ab", "12", "a", "é", " ", "-", "_", "山", "太", "  ", "AB", "\u{301}", "......"]),
            0..40,
        ),
        bytes in prop::collection::vec(any::<u8>(), 0..4),
        ends in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let detector = detector(&["ab12", "abab", "12ab12", "山太a1", "aéab", "ab ab ab ab"]);
        let mut text = parts.concat().into_bytes();
        text.splice(text.len() / 2..text.len() / 2, bytes);
        let mut ends: Vec<usize> = ends.iter().map(|end| end.index(text.len() + 1)).collect();
        ends.push(text.len());
        ends.sort_unstable();
        let whole = in_pieces(&detector, &text, &[text.len()]);
        prop_assert_eq!(in_pieces(&detector, &text, &ends), whole);
        assert!(detector.matchers().len() == 1);
    }
}
