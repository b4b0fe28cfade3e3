//! The same findings for every way to cut a text.

use super::generate::{Dice, secret};
use super::{Seen, find, in_pieces, matcher, seen_and_held};
use crate::detector::Window;
use crate::detectors::secrets::SecretsOptions;
use crate::detectors::secrets::catalogue::rules;
use crate::detectors::secrets::reader::ByteSet;

#[test]
fn every_rule_is_the_same_cut_at_every_byte() {
    let matcher = matcher(&SecretsOptions::default());
    let mut dice = Dice::new(3);
    for rule in rules().unwrap() {
        // One form in three; the seed below changes when the list does.
        for form in rule.forms.iter().step_by(3) {
            let secret = secret(form, &mut dice);
            let word = form.words.first().map_or("api", |word| word.text);
            let text = format!("The {word} key={secret} is.\n");
            let text = text.as_bytes();
            let whole = find(matcher.as_ref(), text);
            for cut in 0..text.len() {
                let pieces = in_pieces(matcher.as_ref(), text, &[cut, text.len()]);
                assert_eq!(pieces, whole, "{} cut at {cut}", rule.name);
            }
            let bytes: Vec<usize> = (1..=text.len()).collect();
            assert_eq!(
                in_pieces(matcher.as_ref(), text, &bytes),
                whole,
                "{}",
                rule.name
            );
        }
    }
}

/// What texts of keys are made of.
const FRAGMENTS: [&str; 51] = [
    "Basic YTpiYmJiYg",
    ",",
    "Bot ",
    "ApiKey ",
    "x: ",
    "....",
    "is ",
    "password",
    "api_key",
    "Token",
    "secret: ",
    "=",
    ": ",
    "\"",
    "'",
    "\\\"",
    "`",
    " ",
    "\n",
    "\\n",
    "-",
    "--",
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "-----END ",
    "RSA ",
    "sk-",
    "sk-ant-api03-",
    "ghp_",
    "eyJ",
    ".eyJ",
    ".",
    "AKIA",
    "https://",
    "u:",
    "@",
    "/",
    "Bearer ",
    "Basic ",
    "my key is ",
    "--token ",
    "-u a:",
    "mistral ",
    "postgres://",
    "%3D",
    "&",
    "\u{e9}",
    "\u{1f600}",
    "=>",
    "<password>",
    "MII",
];

/// A text out of fragments and random runs.
fn made_up(dice: &mut Dice) -> String {
    let letters = ByteSet::of(b"09AZaz");
    (0..3 + dice.below(24))
        .map(|_| match dice.below(4) {
            0 => {
                let most = [70, 70, 70, 70, 300][dice.below(5)];
                let length = 1 + dice.below(most);
                dice.text(letters, length)
            }
            1 => {
                let length = 1 + dice.below(70);
                dice.text(ByteSet::of(b"!~"), length)
            }
            _ => dice.of(&FRAGMENTS).to_owned(),
        })
        .collect()
}

/// The findings of a text, in pieces of random lengths.
fn in_random_pieces(
    matcher: &dyn crate::Matcher,
    text: &[u8],
    dice: &mut Dice,
    longest: usize,
) -> Vec<Seen> {
    let mut ends = Vec::new();
    let mut end = 0;
    while end < text.len() {
        end = text.len().min(end + 1 + dice.below(longest));
        ends.push(end);
    }
    in_pieces(matcher, text, &ends)
}

#[test]
fn made_up_texts_are_the_same_for_random_cuts() {
    let options = SecretsOptions {
        allow: vec!["sk-ant-api03-A*".to_owned(), "ghp_".repeat(12)],
        threshold: 50,
        ..SecretsOptions::default()
    };
    let matcher = matcher(&options);
    let mut dice = Dice::new(21);
    for round in 0..3_000 {
        let text = made_up(&mut dice);
        let text = text.as_bytes();
        let whole = find(matcher.as_ref(), text);
        for longest in [1, 4, 40] {
            let pieces = in_random_pieces(matcher.as_ref(), text, &mut dice, longest);
            assert_eq!(
                pieces,
                whole,
                "round {round}: {:?}",
                String::from_utf8_lossy(text)
            );
        }
    }
}

#[test]
fn any_bytes_are_read() {
    let matcher = matcher(&SecretsOptions::default());
    let mut dice = Dice::new(22);
    for _ in 0..2_000 {
        let length = dice.below(300);
        let text: Vec<u8> = (0..length)
            .map(|_| u8::try_from(dice.below(256)).unwrap())
            .collect();
        let whole = find(matcher.as_ref(), &text);
        assert_eq!(
            in_random_pieces(matcher.as_ref(), &text, &mut dice, 9),
            whole,
            "{text:?}"
        );
    }
}

/// Texts that make the same place be read again and again.
#[test]
fn hostile_texts_are_read_to_their_end() {
    let matcher = matcher(&SecretsOptions::default());
    for unit in [
        "sk-",
        "eyJ-",
        "eyJaaaaaaaaaaaaaaaaaaaaa.",
        "password=",
        "key: ",
        "--token ",
        "http://a:",
        "-----BEGIN PRIVATE KEY-----\na: b\n",
        "abcdef01:",
        "A",
        "=",
        ":",
        "-",
        "\"",
        "\\",
        "%3D",
        "0x",
        "AKIA",
        "a.b@",
    ] {
        let text = unit.repeat(20_000 / unit.len());
        let whole = find(matcher.as_ref(), text.as_bytes());
        let mut dice = Dice::new(23);
        assert_eq!(
            in_random_pieces(matcher.as_ref(), text.as_bytes(), &mut dice, 900),
            whole,
            "{unit}"
        );
    }
}

#[test]
fn what_goes_on_without_end_is_not_held() {
    let matcher = matcher(&SecretsOptions::default());
    let run = "aB3dE5fG7h".repeat(20);
    for text in [
        format!("Authorization: Bearer {run}{}", ".".repeat(5_000)),
        format!("password={run}{}", ".".repeat(5_000)),
        format!("x: Bot {}", "a.".repeat(2_000)),
        format!("Authorization: Bearer {run}-{}{run}", ["gh", "p_"].concat()),
    ] {
        let whole = find(matcher.as_ref(), text.as_bytes());
        for longest in [1, 7, 64] {
            let ends: Vec<usize> = (0..text.len())
                .step_by(longest)
                .skip(1)
                .chain([text.len()])
                .collect();
            let (seen, held) = seen_and_held(matcher.as_ref(), text.as_bytes(), &ends);
            assert_eq!(seen, whole, "{text}");
            assert!(held <= 2200, "{held} bytes of {text}");
        }
    }
}

#[test]
fn little_is_held_back() {
    let matcher = matcher(&SecretsOptions::default());
    let held = |text: &str| {
        let window = Window {
            text: text.as_bytes(),
            from: 0,
            last: false,
        };
        text.len() - matcher.scan(&window, 0, &mut Vec::new()).at
    };
    for text in [
        "Hello",
        "Hello, ",
        "The next word is",
        "fn main() {",
        "see https://example.com/ax",
    ] {
        assert_eq!(held(text), 0, "{text}");
    }
    assert_eq!(held("the sk"), 2);
    assert_eq!(held("well-"), 1);
    assert_eq!(held("password: "), 2);
    assert_eq!(held("password: abc"), 5);
    assert!(
        held(&format!("sk-ant-api03-{}", "aB3dE5fG7h".repeat(50))) == 0,
        "swallowed"
    );
}
