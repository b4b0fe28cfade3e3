//! The same findings for every cut, little held, hostile values in bounded time.

use proptest::prelude::*;

use super::{ARGUMENTS, LISTS, METADATA, TEXT, matcher, scan};
use crate::detector::{Matcher, Window};
use crate::pieces::in_pieces_of;
use crate::place::Place;

/// Every second piece of a text is one of these.
const PIECES: [&str; 40] = [
    "{\"a\":\"",
    "\",\"",
    "\"}",
    "\"",
    " \" , \" ",
    "'",
    "' or 1=1--",
    " union select null",
    "--",
    "1 or 1=1",
    "or ",
    "and true",
    " order by ",
    "O'Brien",
    "<script>",
    "alert(1)",
    "\" onload=x(",
    "javascript:",
    "../",
    "..",
    ".",
    "/etc/",
    "passwd",
    "; cat /etc/x",
    "|id",
    "{{7*7}}",
    "${jndi:",
    "http://127.0.0.1/",
    "169.254.",
    "169.254",
    "%27%20or%201%3D1",
    "\\x3cscript",
    "\u{ff1c}",
    "\u{3002}",
    "plain text of some length that shows nothing at all and goes on for a while, longer than a look back",
    "[1, 2.5, -3e7, null]",
    "\n",
    " ",
    "\u{e9}",
    "{}",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
        1 => (1_usize..3000, "[a-z ]").prop_map(|(length, letter)| letter.repeat(length)),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn cuts_change_nothing(text in texts(), mut ends in prop::collection::vec(0.0..1.0_f64, 0..6)) {
        ends.sort_by(f64::total_cmp);
        let text = text.as_bytes();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a part of a short text's length")]
        let mut ends: Vec<usize> = ends.iter().map(|part| (part * text.len() as f64) as usize).collect();
        ends.push(text.len());
        for place in [ARGUMENTS, METADATA, TEXT] {
            let matcher = matcher(place);
            prop_assert_eq!(in_pieces_of(&*matcher, text, &ends), scan(&*matcher, text));
        }
    }

    #[test]
    fn any_bytes_are_read(text in prop::collection::vec(any::<u8>(), 0..600)) {
        for place in [ARGUMENTS, METADATA, TEXT, Place::Query, Place::Header] {
            scan(&*matcher(place), &text);
        }
    }
}

/// Asserts that a text has the same findings whole, in two pieces and byte by byte.
fn is_alike_cut_anywhere(matcher: &dyn Matcher, text: &str) {
    let bytes = text.as_bytes();
    let whole = scan(matcher, bytes);
    let mut begins = Vec::new();
    for cut in 0..bytes.len() {
        assert_eq!(
            in_pieces_of(matcher, bytes, &[cut, bytes.len()]),
            whole,
            "{text:?} at {cut}"
        );
        begins.push(cut + 1);
    }
    if !begins.is_empty() {
        assert_eq!(in_pieces_of(matcher, bytes, &begins), whole, "{text:?}");
    }
}

#[test]
fn every_value_is_the_same_cut_at_every_byte() {
    let places = [Place::Query, Place::Header, METADATA, ARGUMENTS, TEXT];
    let matchers = places.map(matcher);
    for value in LISTS.iter().flat_map(|list| list.lines()) {
        for matcher in &matchers {
            is_alike_cut_anywhere(&**matcher, value);
        }
    }
}

#[test]
fn texts_with_values_are_the_same_cut_at_every_byte() {
    let texts = [
        r#"{"id":"1' or '1'='1","x":[1,2],"name":"O'Brien"}"#,
        r#"{"url" : "http://169.254.169.254/latest" , "b" : "x"}"#,
        "some words first, then rather more of them, so that the start is far away 1 or 1=1 -- and 'x",
        "see ../../../../etc/passwd and ' UNION SELECT a, b FROM c-- now",
        "\u{ff1c}script\u{ff1e}alert(1)\u{3002}",
        "1\u{a0}union\u{a0}select\u{a0}null,null",
    ];
    for matcher in [ARGUMENTS, METADATA, TEXT].map(matcher) {
        for text in texts {
            is_alike_cut_anywhere(&*matcher, text);
        }
    }
}

#[test]
fn hostile_values_are_read_without_harm() {
    let pieces: [&[u8]; 18] = [
        &[0],
        &[0xff],
        &[0xc2],
        &[0xe2, 0x80],
        b"a",
        b"%",
        b"%25",
        b"&#",
        b"\\",
        b"'",
        b"\"",
        b"<",
        b"((",
        b"{{",
        b"../",
        b"/*",
        b";ls|",
        b"union select ",
    ];
    for piece in pieces {
        let text: Vec<u8> = piece.iter().copied().cycle().take(10_000).collect();
        for place in [ARGUMENTS, METADATA, TEXT, Place::Query, Place::Header] {
            let matcher = matcher(place);
            let whole = scan(&*matcher, &text);
            let ends: Vec<usize> = (0..text.len()).step_by(97).chain([text.len()]).collect();
            assert_eq!(in_pieces_of(&*matcher, &text, &ends), whole, "{piece:?}");
        }
    }
}

/// How much a matcher leaves undecided at the end of a text that goes on.
fn held(place: Place, text: &str) -> usize {
    let window = Window {
        text: text.as_bytes(),
        from: 0,
        last: false,
    };
    text.len() - matcher(place).scan(&window, 0, &mut Vec::new()).at
}

#[test]
fn little_is_held_back() {
    let words = " plain words that go on and on, in one sentence".repeat(4);
    assert_eq!(held(TEXT, &words), 0);
    assert_eq!(held(TEXT, "how to leave a uni"), 3);
    assert_eq!(held(ARGUMENTS, &format!(r#"{{"a":"{words}"#)), 0);
    assert_eq!(held(ARGUMENTS, r#"{"a":"Paris","b":"#), 1, "the colon");
    assert_eq!(held(ARGUMENTS, r#"{"a":"Pa"#), 2, "a value's beginning");
    assert!(held(ARGUMENTS, &format!(r#"{{"a":"{}"#, "'x".repeat(10_000))) <= 4096);
    assert!(held(TEXT, &"union ".repeat(10_000)) <= 1024);
}

#[test]
fn an_attack_is_found_wherever_it_stands() {
    let attack = "' union select a, b from users--";
    for place in [ARGUMENTS, METADATA, TEXT] {
        for before in [0, 1, 63, 64, 65, 900, 3583, 3584, 4000, 4090, 4096, 9000] {
            for filler in ["x", "x "] {
                let before = filler
                    .repeat(before)
                    .chars()
                    .take(before)
                    .collect::<String>();
                let text = format!("{before}{attack}");
                assert!(
                    !scan(&*matcher(place), text.as_bytes()).is_empty(),
                    "{place:?} {}",
                    before.len()
                );
            }
        }
    }
}
