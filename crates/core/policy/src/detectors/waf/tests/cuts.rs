//! The same findings for every cut, little held, hostile values in bounded time.

use proptest::prelude::*;

use super::{ARGUMENTS, METADATA, TEXT, matcher, scan};
use crate::detector::{Cursor, Finding, LEFT_CONTEXT_BYTES, Matcher, Window};
use crate::place::Place;

/// What a matcher finds in a text that comes in pieces, which end at the given places;
/// what is before the left context is taken from it.
fn in_pieces(matcher: &dyn Matcher, text: &[u8], ends: &[usize]) -> Vec<Finding> {
    let mut cursor = Cursor::default();
    let mut found = Vec::new();
    for end in ends {
        let base = cursor.at.saturating_sub(LEFT_CONTEXT_BYTES);
        let window = Window {
            text: &text[base..*end],
            from: cursor.at - base,
            last: *end == text.len(),
        };
        let mut fresh = Vec::new();
        let next = matcher.scan(&window, cursor.carry, &mut fresh);
        assert!(next.at >= window.from && next.at <= window.text.len());
        for finding in fresh {
            assert!(finding.start >= window.from && finding.end <= window.text.len());
            found.push(Finding {
                start: base + finding.start,
                end: base + finding.end,
                ..finding
            });
        }
        cursor = Cursor {
            at: base + next.at,
            ..next
        };
    }
    found
}

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
            prop_assert_eq!(in_pieces(&*matcher, text, &ends), scan(&*matcher, text));
        }
    }

    #[test]
    fn any_bytes_are_read(text in prop::collection::vec(any::<u8>(), 0..600)) {
        for place in [ARGUMENTS, METADATA, TEXT, Place::Query, Place::Header] {
            scan(&*matcher(place), &text);
        }
    }
}

#[test]
fn short_texts_are_the_same_cut_at_every_byte() {
    let texts = [
        r#"{"id":"1' or '1'='1","x":[1,2],"name":"O'Brien"}"#,
        r#"{"url" : "http://169.254.169.254/latest" , "b" : "x"}"#,
        "some words first, then rather more of them, so that the start is far away 1 or 1=1 -- and 'x",
        "see ../../../../etc/passwd and ' UNION SELECT a, b FROM c-- now",
        "\u{ff1c}script\u{ff1e}alert(1)\u{3002}",
    ];
    for place in [ARGUMENTS, METADATA, TEXT] {
        let matcher = matcher(place);
        for text in texts {
            let text = text.as_bytes();
            let whole = scan(&*matcher, text);
            for cut in 0..text.len() {
                assert_eq!(
                    in_pieces(&*matcher, text, &[cut, text.len()]),
                    whole,
                    "at {cut}"
                );
            }
            let bytes: Vec<usize> = (1..=text.len()).collect();
            assert_eq!(in_pieces(&*matcher, text, &bytes), whole, "byte by byte");
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
