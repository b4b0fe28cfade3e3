//! The lane against itself in one piece, and against texts whose findings are known.

mod restored;
mod structure;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use proptest::prelude::{Strategy, any, prop};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{HELD_BYTES_MAX, Passed, TextLane};
use crate::detector::{Cursor, Detector, Entity, Finding, Matcher, Window};
use crate::rule::{Mode, OnError, Rule, RuleAction, RuleSet, Style};
use crate::session::Session;
use crate::testing::redacting;
use crate::{PiiDetector, PiiOptions};
use tollgate_formats::view::Field;

fn rules(action: &RuleAction) -> Arc<RuleSet> {
    Arc::new(RuleSet::new(vec![Rule {
        policy: Arc::from("p"),
        name: Arc::from("r"),
        action: action.clone(),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: Arc::new(
            PiiDetector::new(&PiiOptions::of(["ssn", "credit_card", "email_address"])).unwrap(),
        ),
    }]))
}

fn session(rules: &Arc<RuleSet>) -> Session {
    Session::new(Arc::clone(rules))
}

/// What went out, and whether it ended in a block.
fn run(rules: &Arc<RuleSet>, field: Field, pieces: &[Vec<u8>]) -> (Vec<u8>, Option<usize>) {
    let mut lane = TextLane::new(field);
    let mut out = Vec::new();
    let mut session = session(rules);
    let end: &[u8] = b"";
    let all = pieces
        .iter()
        .map(|piece| (piece.as_slice(), false))
        .chain([(end, true)]);
    for (piece, last) in all {
        match lane.push(&mut session, piece, last) {
            Passed::Same => out.extend_from_slice(piece),
            Passed::Instead(text) => out.extend_from_slice(text),
            Passed::Blocked(found) => return (out, Some(found.start)),
            Passed::Overfull => panic!("overfull"),
        }
    }
    assert!(lane.is_empty());
    (out, None)
}

fn redact(field: Field, pieces: &[Vec<u8>]) -> Vec<u8> {
    run(&rules(&RuleAction::Redact(Style::Label)), field, pieces).0
}

/// How characters are written in JSON.
#[derive(Clone, Copy, Debug)]
enum Spelling {
    Short,
    Units,
    Mixed,
}

/// The UTF-16 units of a text as a JSON string writes them, each on its own so that
/// pairs can be cut.
fn written(text: &str, style: Spelling) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for (place, c) in text.chars().enumerate() {
        let units = match style {
            Spelling::Short => false,
            Spelling::Units => true,
            Spelling::Mixed => place % 3 == 0,
        };
        if units {
            let mut utf16 = [0; 2];
            out.extend(
                c.encode_utf16(&mut utf16)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}").into_bytes()),
            );
        } else {
            let quoted = serde_json::to_string(&c.to_string()).unwrap();
            out.push(quoted.as_bytes()[1..quoted.len() - 1].to_vec());
        }
    }
    out
}

fn cut(units: &[Vec<u8>], places: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut ends: Vec<usize> = places
        .iter()
        .map(|place| place.index(units.len() + 1))
        .collect();
    ends.push(units.len());
    ends.sort_unstable();
    let mut start = 0;
    let mut pieces = Vec::new();
    for end in ends {
        pieces.push(units[start..end].concat());
        start = end;
    }
    pieces
}

const FINDINGS: [(&str, &str); 14] = [
    ("123-45-6789", "[SSN]"),
    ("123 45 6789", "[SSN]"),
    ("123.45.6789", "[SSN]"),
    ("123\u{2011}45\u{2011}6789", "[SSN]"),
    ("4111111111111111", "[CREDIT_CARD]"),
    ("4111 1111 1111 1111", "[CREDIT_CARD]"),
    ("4111-1111-1111-1111", "[CREDIT_CARD]"),
    ("3782 822463 10005", "[CREDIT_CARD]"),
    ("378282246310005", "[CREDIT_CARD]"),
    ("6304000000000000", "[CREDIT_CARD]"),
    ("a@b.co", "[EMAIL_ADDRESS]"),
    ("john.doe+tag@mail.example.com", "[EMAIL_ADDRESS]"),
    ("jos\u{e9}@ex\u{e4}mple.org", "[EMAIL_ADDRESS]"),
    (
        "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.\u{516c}\u{53f8}",
        "[EMAIL_ADDRESS]",
    ),
];

const PROSE: [&str; 34] = [
    "Hello there,",
    "the answer is 42",
    "on 2024-05-17",
    "\n",
    "\t",
    " ",
    "\"quoted\"",
    "back\\slash",
    "\u{1f600}",
    "\u{4f60}\u{597d}",
    "caf\u{e9}",
    "4111",
    "1111",
    "411111111111111",
    "4111 1111 1111 1112",
    "123-45",
    "123-45-678",
    "000-12-3456",
    "987-65-4321",
    "@",
    "a@",
    "@b.com",
    "x@y",
    "user@host",
    "...",
    "-",
    "/",
    "{\"a\": 1}",
    "1,234.56",
    "78051120",
    "0.4111111111111111",
    "12345678901234567890123",
    "\u{0}",
    "no-reply",
];

fn near() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(&PROSE[..]).prop_map(str::to_owned),
        3 => prop::sample::select(&FINDINGS[..]).prop_map(|(text, _)| text.to_owned()),
        2 => "[0-9 .@a-c-]{0,12}",
        1 => "[a-z0-9._%+@-]{0,80}",
        1 => any::<String>(),
    ]
}

fn style() -> impl Strategy<Value = Spelling> {
    prop_oneof![4 => proptest::strategy::Just(Spelling::Short), 1 => proptest::strategy::Just(Spelling::Units), 1 => proptest::strategy::Just(Spelling::Mixed)]
}

fn cuts() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop_oneof![
        prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        prop::collection::vec(any::<prop::sample::Index>(), 20..200),
    ]
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_cut_gives_the_same_text(parts in prop::collection::vec(near(), 0..12), style in style(), cuts in cuts()) {
        let units = written(&parts.concat(), style);
        let whole = redact(Field::Text, &[units.concat()]);
        prop_assert_eq!(redact(Field::Text, &cut(&units, &cuts)), whole);
    }

    #[test]
    fn every_cut_gives_the_same_json_in_a_string(
        parts in prop::collection::vec(near(), 0..8), inner in style(), outer in style(), cuts in cuts(), number in any::<bool>(),
    ) {
        let text = String::from_utf8(written(&parts.concat(), inner).concat()).unwrap();
        let value = if number { "4111111111111111".to_owned() } else { "12".to_owned() };
        let json = format!("{{\"a\": {value}, \"b\":[\"{text}\",-{value}.5 , 123456789012345678], \"ssn\":  457555462}}");
        let units = written(&json, outer);
        let whole = redact(Field::ToolArguments, &[units.concat()]);
        prop_assert_eq!(&redact(Field::ToolArguments, &cut(&units, &cuts)), &whole);
        let arguments: String = serde_json::from_slice(&[b"\"", whole.as_slice(), b"\""].concat()).unwrap();
        let arguments: serde_json::Value = serde_json::from_str(&arguments).unwrap();
        prop_assert_eq!(&arguments["a"] == "[CREDIT_CARD]", number);
        prop_assert_eq!(&arguments["ssn"], "[SSN]");
    }

    #[test]
    fn every_cut_gives_the_same_text_where_arguments_are_not_json(
        parts in prop::collection::vec(near(), 0..12), style in style(), cuts in cuts(),
    ) {
        let units = written(&parts.concat(), style);
        let whole = redact(Field::ToolArguments, &[units.concat()]);
        prop_assert_eq!(redact(Field::ToolArguments, &cut(&units, &cuts)), whole);
    }

    #[test]
    fn known_findings_are_replaced_and_nothing_else(
        parts in prop::collection::vec((prop::sample::select(&FINDINGS[..]), "[ ,;:!?()\n\u{1f600}\u{3002}]{1,3}(so|and|then|with)?[ ,;:!?()\n]{1,3}"), 0..8),
        style in style(), cuts in cuts(),
    ) {
        let text: String = parts.iter().map(|((finding, _), between)| format!("{finding}{between}")).collect();
        let expected: String = parts.iter().map(|((_, label), between)| format!("{label}{between}")).collect();
        let out = redact(Field::Text, &cut(&written(&text, style), &cuts));
        let out: String = serde_json::from_slice(&[b"\"", out.as_slice(), b"\""].concat()).unwrap();
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn a_block_is_the_same_for_every_cut_and_leaves_a_safe_prefix(
        parts in prop::collection::vec(near(), 0..12), cuts in cuts(),
    ) {
        let block = rules(&RuleAction::Block { message: None });
        let units = written(&parts.concat(), Spelling::Short);
        let (_, whole) = run(&block, Field::Text, &[units.concat()]);
        let (sent, blocked) = run(&block, Field::Text, &cut(&units, &cuts));
        prop_assert_eq!(blocked, whole);
        prop_assert!(units.concat().starts_with(&sent));
        if blocked.is_some() {
            prop_assert!(redact(Field::Text, &[units.concat()]).starts_with(&sent));
        }
    }

    #[test]
    fn hostile_bytes_never_break_the_lane(bytes in prop::collection::vec(any::<u8>(), 0..300), json in any::<bool>(), size in 1_usize..9) {
        let field = if json { Field::ToolArguments } else { Field::Text };
        let pieces: Vec<Vec<u8>> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        let whole = redact(field, &[bytes]);
        prop_assert_eq!(redact(field, &pieces), whole);
    }
}

fn one(field: Field, text: &str) -> String {
    String::from_utf8(redact(field, &[text.as_bytes().to_vec()])).unwrap()
}

#[test]
fn untouched_bytes_keep_the_way_they_were_written() {
    assert_eq!(
        one(Field::Text, r"A \u00e9\/ a@b.co \u0041"),
        r"A \u00e9\/ [EMAIL_ADDRESS] \u0041"
    );
    assert_eq!(one(Field::Text, r"\u0061@b.co\n"), r"[EMAIL_ADDRESS]\n");
}

#[test]
fn arguments_stay_json() {
    let cases = [
        (
            r#"{\"card\":4111111111111111}"#,
            r#"{\"card\":\"[CREDIT_CARD]\"}"#,
        ),
        (
            r#"{\"card\":-4111111111111111, \"n\":1}"#,
            r#"{\"card\":\"[CREDIT_CARD]\", \"n\":1}"#,
        ),
        (
            r#"{\"card\":\"4111111111111111\"}"#,
            r#"{\"card\":\"[CREDIT_CARD]\"}"#,
        ),
        (
            r#"{\"to\":\"a@b.co\\nand \\u0061@b.co\"}"#,
            r#"{\"to\":\"[EMAIL_ADDRESS]\\nand [EMAIL_ADDRESS]\"}"#,
        ),
        (
            r#"[4111111111111111,4111111111111111]"#,
            r#"[\"[CREDIT_CARD]\",\"[CREDIT_CARD]\"]"#,
        ),
        (
            r#"{\"a\":\"4111\",\"b\":\"1111\"}"#,
            r#"{\"a\":\"4111\",\"b\":\"1111\"}"#,
        ),
        ("4111111111111111", r#"\"[CREDIT_CARD]\""#),
        (
            "pay 4111 1111 1111 1111",
            r#"pay \"[CREDIT_CARD]\" null null null"#,
        ),
        ("mail a@b.co", r#"mail \"[EMAIL_ADDRESS]\""#),
    ];
    for (raw, expected) in cases {
        assert_eq!(one(Field::ToolArguments, raw), expected);
    }
}

#[test]
fn benign_pieces_that_hold_nothing_pass_as_they_are() {
    let mut session = session(&rules(&RuleAction::Redact(Style::Label)));
    let mut lane = TextLane::new(Field::Text);
    for piece in ["One, two; ", "see: (that)", "\\n", " "] {
        assert_eq!(
            lane.push(&mut session, piece.as_bytes(), false),
            Passed::Same
        );
    }
}

#[test]
fn a_pair_of_surrogates_is_not_split() {
    let mut session = session(&rules(&RuleAction::Redact(Style::Label)));
    let mut lane = TextLane::new(Field::Text);
    assert_eq!(
        lane.push(&mut session, br"! \ud83d", false),
        Passed::Instead(b"! ")
    );
    assert_eq!(
        lane.push(&mut session, br"\ude00!", false),
        Passed::Instead(br"\ud83d\ude00!")
    );
}

#[test]
fn very_many_findings_and_escapes_take_linear_time() {
    let text =
        r#"\u0061@b.co\n {\"a\": 4111111111111111, \"b\\\\n\": \"c\u0040d.eu\"} "#.repeat(20_000);
    for field in [Field::Text, Field::ToolArguments] {
        let out = one(field, &text);
        assert_eq!(out.matches("[EMAIL_ADDRESS]").count(), 40_000);
        assert_eq!(out.matches("[CREDIT_CARD]").count(), 20_000);
    }
}

/// Finds nothing and cannot decide.
#[derive(Debug)]
struct Undecided;

impl Matcher for Undecided {
    fn entities(&self) -> &[Entity] {
        &[]
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, _found: &mut Vec<Finding>) -> Cursor {
        Cursor {
            at: window.from,
            carry: 0,
        }
    }
}

#[derive(Debug)]
struct OneMatcher([Arc<dyn Matcher>; 1]);

impl Detector for OneMatcher {
    fn name(&self) -> &'static str {
        "one"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.0
    }
}

#[test]
fn a_text_that_is_too_much_is_stopped_or_passes_unchecked_as_its_rules_say() {
    for (on_error, passes) in [(OnError::Block, false), (OnError::Allow, true)] {
        let rules = redacting(Arc::new(OneMatcher([Arc::new(Undecided)])));
        let rule = Rule {
            on_error,
            ..rules.rules()[0].clone()
        };
        let rules = Arc::new(RuleSet::new(vec![rule]));
        let mut session = session(&rules);
        let mut lane = TextLane::new(Field::Text);
        let held = [b'x'; HELD_BYTES_MAX];
        assert_eq!(lane.push(&mut session, &held, false), Passed::Instead(b""));
        let passed = lane.push(&mut session, b"y", false);
        if passes {
            assert_eq!(
                passed,
                Passed::Instead([&held[..], b"y"].concat().as_slice())
            );
            assert_eq!(lane.push(&mut session, b"z", false), Passed::Same);
        } else {
            assert_eq!(passed, Passed::Overfull);
        }
        assert_eq!(session.is_unchecked, passes);
    }
}

/// Counts the bytes that it reads, and decides about 4 KiB at a time.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Matcher for Counting {
    fn entities(&self) -> &[Entity] {
        &[]
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, _found: &mut Vec<Finding>) -> Cursor {
        let read = window.text.len() - window.from;
        self.0.fetch_add(read, Relaxed);
        let decides = window.last || read >= 4096;
        let at = if decides {
            window.text.len()
        } else {
            window.from
        };
        Cursor { at, carry: 0 }
    }
}

#[test]
fn what_is_held_long_is_not_looked_at_for_every_piece() {
    let counting = Arc::new(Counting::default());
    let matcher: Arc<dyn Matcher> = Arc::clone(&counting) as Arc<dyn Matcher>;
    let rules = Arc::new(redacting(Arc::new(OneMatcher([matcher]))));
    let text = vec![b'a'; 40_000];
    let (out, _) = run(
        &rules,
        Field::Text,
        &text.chunks(1).map(<[u8]>::to_vec).collect::<Vec<_>>(),
    );
    assert_eq!(out, text);
    let read = counting.0.load(Relaxed);
    assert!(read < 100 * text.len(), "{read} bytes read");
}
