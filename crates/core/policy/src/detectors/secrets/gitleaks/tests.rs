//! The meaning of a `gitleaks.toml`: what its rules find, and the same at every cut.

use crate::detectors::secrets::{SecretsDetector, SecretsOptions};
use crate::pieces::{found_and_held, in_pieces, values};

fn detector(text: &str) -> SecretsDetector {
    SecretsDetector::new(&SecretsOptions {
        gitleaks: Some(text.to_owned()),
        threshold: 50,
        ..SecretsOptions::default()
    })
    .unwrap()
}

/// What is found in a text; the same cut anywhere.
fn found(detector: &SecretsDetector, text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let whole = in_pieces(detector, bytes, &[bytes.len()]);
    for cut in 0..bytes.len() {
        assert_eq!(
            in_pieces(detector, bytes, &[cut, bytes.len()]),
            whole,
            "{text:?} cut at {cut}"
        );
    }
    let each: Vec<usize> = (1..=bytes.len()).collect();
    assert_eq!(
        in_pieces(detector, bytes, &each),
        whole,
        "{text:?} byte by byte"
    );
    values(detector, bytes)
}

const RULES: &str = r#"
title = "ours"

[[rules]]
id = "acme-token"
description = "Acme"
regex = '''\b(acme_(?i)[a-z0-9]{8})(?:['"\s;]|$)'''
keywords = ["acme_"]

[[rules]]
id = "named"
regex = '''(?i)[\w.-]{0,50}?(?:zebra)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|:)[\x60'"\s=]{0,5}([a-z0-9]{10,})(?:[\x60'"\s;]|\\[nr]|$)'''
entropy = 2.5
keywords = ["zebra"]
    [[rules.allowlists]]
    regexes = ['''^aaa''']
    stopwords = ["sample"]

[[rules]]
id = "second-group"
regex = '''(left|right)-([0-9]{6})'''
secretGroup = 2
keywords = ["left", "right"]

[[rules]]
id = "before-its-keyword"
regex = '''[0-9a-f]{12}\.badger'''
keywords = ["badger"]

[[rules]]
id = "everywhere"
regex = '''Q[0-9]{7}'''

[[rules]]
id = "of-files"
path = '''\.p12$'''

[[allowlists]]
condition = "AND"
regexTarget = "line"
regexes = ['''ignore me''']
stopwords = ["q"]
"#;

#[test]
fn rules_find_what_gitleaks_finds() {
    let detector = detector(RULES);
    for (text, expected) in [
        ("x acme_Ab12Cd34 y", vec!["acme_Ab12Cd34"]),
        ("xacme_Ab12Cd34 y", vec![]),
        ("x ACME_Ab12Cd34", vec![]),
        ("my.zebra_key = 'k3j2h1g4f5d6' ", vec!["k3j2h1g4f5d6"]),
        ("ZEBRA: k3j2h1g4f5d6\n", vec!["k3j2h1g4f5d6"]),
        ("zebra = aaab2c3d4e5f ", vec![]),
        ("zebra = sample12c3d4e5f ", vec![]),
        ("zebra = aabbaabbaabb ", vec![]),
        ("left-123456 right-654321", vec!["123456", "654321"]),
        ("id 0123456789ab.badger!", vec!["0123456789ab.badger"]),
        ("see Q1234567.", vec!["Q1234567"]),
        ("ignore me Q1234567.", vec![]),
        ("key.p12", vec![]),
    ] {
        assert_eq!(found(&detector, text), expected, "{text}");
    }
}

#[test]
fn nothing_is_held_where_no_rule_begins() {
    let detector = detector(RULES);
    for (text, held) in [
        ("some words", 0),
        ("some a", 1),
        ("some acme", 4),
        ("zebra = k3", 10),
        ("0123", 4),
    ] {
        assert_eq!(
            crate::pieces::held(&detector, text.as_bytes()),
            held,
            "{text}"
        );
    }
}

#[test]
fn rules_of_our_own_are_on_when_the_file_says_so() {
    let key = ["h", "f_"].concat() + &"aBdEfGhJkL".repeat(3) + "mNpQ";
    let key = key.replacen("aBdE", "zQxW", 2);
    let own = format!("{RULES}\n[extend]\nuseDefault = true\n");
    assert_eq!(
        values(&detector(RULES), key.as_bytes()),
        Vec::<String>::new()
    );
    assert_eq!(values(&detector(&own), key.as_bytes()), vec![key.clone()]);
    let without = format!("{own}disabledRules = [\"huggingface-access-token\"]\n");
    assert_eq!(
        values(&detector(&without), key.as_bytes()),
        Vec::<String>::new()
    );
}

#[test]
fn what_cannot_be_applied_is_said_with_its_place() {
    for (text, message) in [
        ("rules = 1", "the gitleaks configuration, line 1: "),
        (
            "[[rules]]\nid = \"a\"\nregex = '''(?=a)b'''\n",
            "the gitleaks rule `a`, line 2: a pattern is none",
        ),
        (
            "[[rules]]\nid = \"a\"\nregex = 'b*'\n",
            "the gitleaks rule `a`, line 2: the pattern can match the empty text",
        ),
        (
            "[[rules]]\nid = \"a\"\nregex = 'b'\nsecretGroup = 1\n",
            "the gitleaks rule `a`, line 2: the pattern has no group 1",
        ),
        (
            "[[rules]]\nid = \"a\"\nentropy = 3\n",
            "the gitleaks rule `a`, line 2: it has no pattern",
        ),
        (
            "[extend]\npath = \"other.toml\"\n",
            "the gitleaks configuration extends the file `other.toml`",
        ),
        (
            "[[allowlists]]\ncondition = \"XOR\"\n",
            "the gitleaks configuration: the condition `XOR` is none",
        ),
    ] {
        let error = SecretsOptions::check_gitleaks(text)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn findings_that_overlap_are_not_held_without_end() {
    for (pattern, keywords, count) in [
        ("key.{4}([a-z0-9]{8})", "\"key\"", 4_996),
        ("(?:key|ey).{4}([a-z0-9]{8})", "\"key\", \"ey\"", 4_996),
    ] {
        let file = format!("[[rules]]\nid = \"a\"\nregex = '{pattern}'\nkeywords = [{keywords}]\n");
        let detector = detector(&file);
        let text = "key".repeat(5_000);
        let whole = in_pieces(&detector, text.as_bytes(), &[text.len()]);
        assert_eq!(whole.len(), count);
        for size in [7, 61] {
            let ends = (0..text.len()).step_by(size).skip(1).chain([text.len()]);
            let ends: Vec<usize> = ends.collect();
            let (mut found, held) = found_and_held(&*detector.matchers[0], text.as_bytes(), &ends);
            found.sort_by_key(|found| found.start);
            assert_eq!(found, whole);
            assert!(held < 8 * 1024, "{held}");
        }
    }
}
