//! Entities that rules bring along, and values that are never findings.

use std::sync::Arc;

use super::{PiiCheck, PiiCustom};
use crate::detectors::pii::{PiiDetector, PiiOptions};
use crate::pieces::{in_pieces, values};

fn custom(pattern: Option<&str>, list: &[&str]) -> PiiCustom {
    PiiCustom {
        name: "member".into(),
        pattern: pattern.map(Arc::from),
        max_len: None,
        values: list.iter().copied().map(Arc::from).collect(),
        check: None,
        context: Vec::new(),
        score: 100,
    }
}

fn detector(custom: PiiCustom) -> PiiDetector {
    let options = PiiOptions {
        custom: vec![custom],
        ..PiiOptions::of(["none"])
    };
    PiiDetector::new(&options).unwrap()
}

#[test]
fn patterns_and_values_are_found() {
    let pattern = detector(custom(Some("M-[0-9]{4}"), &[]));
    assert_eq!(values(&pattern, b"M-1234 and 457-55-5462"), ["M-1234"]);
    let list = detector(custom(None, &["falcon", "project x"]));
    assert_eq!(
        values(&list, b"Falcon is Project X"),
        ["Falcon", "Project X"]
    );
}

#[test]
fn a_check_drops_what_is_wrong() {
    let checked = detector(PiiCustom {
        check: Some(PiiCheck::Luhn),
        score: 10,
        ..custom(Some("M-[0-9]{10}"), &[])
    });
    assert_eq!(
        values(&checked, b"M-1234567897 M-1234567890"),
        ["M-1234567897"]
    );
}

#[test]
fn words_before_a_value_raise_its_score() {
    let weak = |word: &str| {
        detector(PiiCustom {
            context: vec![word.into()],
            score: 30,
            ..custom(Some("[0-9]{4}"), &[])
        })
    };
    for word in [
        "member",
        "Member",
        "MEMBER",
        "member-id",
        "memberId",
        "member_id:",
    ] {
        let text = b"1234; memberId: 5678";
        assert_eq!(values(&weak(word), text), ["5678"], "{word}");
    }
    let weak = weak("member");
    let text = b"1234; member 5678 ";
    for cut in 0..text.len() {
        let pieces = in_pieces(&weak, text, &[cut, text.len()]);
        assert_eq!(
            pieces,
            in_pieces(&weak, text, &[text.len()]),
            "cut at {cut}"
        );
    }
}

#[test]
fn what_is_allowed_is_never_a_finding() {
    let options = PiiOptions {
        allow: vec!["Support@example.com".into(), "4111 1111 1111 1111".into()],
        allow_patterns: vec![r"555-\d{2}-\d{4}".into()],
        ..PiiOptions::of(["email", "card", "ssn"])
    };
    let detector = PiiDetector::new(&options).unwrap();
    let text = b"support@example.com x@example.com 4111 1111 1111 1111 555-12-3456 457-55-5462";
    assert_eq!(values(&detector, text), ["x@example.com", "457-55-5462"]);
}

#[test]
fn what_cannot_be_looked_for_is_an_error() {
    for wrong in [
        custom(None, &[]),
        custom(Some("a"), &["b"]),
        custom(Some("a+"), &[]),
        custom(Some("("), &[]),
    ] {
        assert!(wrong.check().is_err(), "{wrong:?}");
    }
    for word in ["-", &"x".repeat(65)] {
        assert!(PiiCustom::check_context(word).is_err(), "{word}");
        let options = PiiOptions {
            custom: vec![PiiCustom {
                context: vec![word.into()],
                ..custom(Some("a"), &[])
            }],
            ..PiiOptions::default()
        };
        assert!(PiiDetector::new(&options).is_err(), "{word}");
    }
    let error = PiiOptions::check_allowed("ab(").unwrap_err().to_string();
    assert!(error.contains("at character 3: unclosed group"), "{error}");
}
