//! What is found and what is not, entity by entity; and every matcher cut at every byte.

use std::sync::{Arc, LazyLock};

use proptest::prelude::{ProptestConfig, any, prop, proptest};

use super::checks::tests::CASES;
use super::date_time::tests::DATES;
use super::phone_number::tests::{BARE_PHONES, PHONES};
use super::web::tests::{DOMAINS, LINKS};
use super::{PiiDetector, PiiOptions};
use crate::detector::Extent;
use crate::pieces;
use crate::rule::RuleSet;
use crate::scanner::Found;
use crate::testing::{found_in_pieces, redacting};

fn detector(entity: &str) -> PiiDetector {
    PiiDetector::new(&PiiOptions::of([entity])).unwrap()
}

/// What one entity finds in a text.
fn find(entity: &str, text: &str) -> Vec<String> {
    pieces::values(&detector(entity), text.as_bytes())
}

/// The same, and how sure it is.
pub(super) fn scored(entity: &str, text: &str) -> Vec<(String, u8)> {
    pieces::scored(&detector(entity), text.as_bytes())
}

fn finds(entity: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(find(entity, text), [*expected], "in {text:?}");
    }
}

fn finds_nothing(entity: &str, cases: &[&str]) {
    for text in cases {
        assert_eq!(find(entity, text), [""; 0], "in {text:?}");
    }
}

const SSN_TRUE: [(&str, &str); 17] = [
    ("123-45-6789", "123-45-6789"),
    ("My SSN is 457-55-5462.", "457-55-5462"),
    ("(457-55-5462)", "457-55-5462"),
    ("ssn:457-55-5462,", "457-55-5462"),
    ("SSN-457-55-5462", "457-55-5462"),
    ("ssn_457-55-5462_", "457-55-5462"),
    ("ssn 457 55 5462 is mine", "457 55 5462"),
    ("457.55.5462", "457.55.5462"),
    ("457.55.5462. Then", "457.55.5462"),
    ("457-55-5462-", "457-55-5462"),
    ("457\u{2011}55\u{2011}5462", "457\u{2011}55\u{2011}5462"),
    ("ssn 457\u{a0}55\u{a0}5462", "457\u{a0}55\u{a0}5462"),
    ("SSN 457555462", "457555462"),
    ("Social Security Number: 457555462.", "457555462"),
    ("his SS# is 457555462", "457555462"),
    ("\u{53f7}457-55-5462\u{53f7}", "457-55-5462"),
    ("12 457-55-5462", "457-55-5462"),
];

const SSN_FALSE: [&str; 20] = [
    "000-12-3456",
    "666-12-3456",
    "900-12-3456",
    "987-65-4321",
    "123-00-4567",
    "123-45-0000",
    "078-05-1120",
    "219-09-9999",
    "123-45 6789",
    "123-45.6789",
    "123-456-789",
    "123-45-67890",
    "1123-45-6789",
    "1-123-45-6789",
    "123-45-6789-1",
    "123-45-6789x",
    "x123-45-6789",
    "457555462",
    "order 457555462 shipped",
    "lessn 457555462",
];

#[test]
fn social_security_numbers_are_found() {
    finds("ssn", &SSN_TRUE);
}

#[test]
fn other_numbers_are_no_social_security_numbers() {
    finds_nothing("ssn", &SSN_FALSE);
}

const CARD_TRUE: [(&str, &str); 26] = [
    ("4111  1111  1111  1111", "4111  1111  1111  1111"),
    ("4111.1111.1111.1111", "4111.1111.1111.1111"),
    ("4111111111111111", "4111111111111111"),
    ("card 4111111111111111.", "4111111111111111"),
    ("4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("4111-1111-1111-1111", "4111-1111-1111-1111"),
    (
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
    ),
    (
        "4111\u{2013}1111\u{2013}1111\u{2013}1111",
        "4111\u{2013}1111\u{2013}1111\u{2013}1111",
    ),
    ("4222222222222", "4222222222222"),
    ("5555555555554444", "5555555555554444"),
    ("2223003122003222", "2223003122003222"),
    ("378282246310005", "378282246310005"),
    ("3782 822463 10005", "3782 822463 10005"),
    ("30569309025904", "30569309025904"),
    ("3056 930902 5904", "3056 930902 5904"),
    ("3530111333300000", "3530111333300000"),
    ("6011111111111117", "6011111111111117"),
    ("6011 0009 9013 9424", "6011 0009 9013 9424"),
    ("6205500000000000004", "6205500000000000004"),
    ("6304000000000000", "6304000000000000"),
    ("4111 1111 1111 1111 12/27", "4111 1111 1111 1111"),
    ("4111-1111-1111-1111-123", "4111-1111-1111-1111"),
    ("12 4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("1234 4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("cc=4111111111111111&x=1", "4111111111111111"),
    ("\u{5361}4111111111111111\u{5361}", "4111111111111111"),
];

const CARD_FALSE: [&str; 18] = [
    "4111111111111112",
    "4111 1111 1111 1112",
    "4111 1111-1111 1111",
    "411 1111 1111 1111 1",
    "0000000000000000",
    "4444444444444444",
    "1111111111111111",
    "1234567812345670",
    "0.4111111111111111",
    "4111111111111111.5",
    "x4111111111111111",
    "4111111111111111x",
    "41111111111111111111",
    "1700000000000",
    "2019 2020 2021 2022",
    "12345678901234567890123456789012345678901234567890",
    "550e8400-e29b-41d4-a716-446655440000",
    "4111",
];

#[test]
fn card_numbers_are_found() {
    finds("credit_card", &CARD_TRUE);
}

#[test]
fn other_numbers_are_no_card_numbers() {
    finds_nothing("credit_card", &CARD_FALSE);
}

const EMAIL_TRUE: [(&str, &str); 27] = [
    ("a@b.co", "a@b.co"),
    ("Write to john.doe@example.com.", "john.doe@example.com"),
    (
        "john.doe+tag@mail.example.co.uk, please",
        "john.doe+tag@mail.example.co.uk",
    ),
    ("<john@example.com>", "john@example.com"),
    ("mailto:john@example.com?subject=x", "john@example.com"),
    ("'john@example.com'", "john@example.com"),
    ("o'brien@example.com", "o'brien@example.com"),
    ("see...john@example.com...", "john@example.com"),
    ("-john@example.com-", "john@example.com"),
    ("_x@example.com", "_x@example.com"),
    ("1@23.example.info", "1@23.example.info"),
    ("john@ex-ample.com", "john@ex-ample.com"),
    ("john@example.com/path", "john@example.com"),
    ("john@example.com_x", "john@example.com"),
    ("john@example.com: hi", "john@example.com"),
    ("a%b@example.com", "a%b@example.com"),
    ("jos\u{e9}@example.com", "jos\u{e9}@example.com"),
    (
        "\u{438}\u{432}\u{430}\u{43d}@\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.\u{440}\u{444}",
        "\u{438}\u{432}\u{430}\u{43d}@\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.\u{440}\u{444}",
    ),
    (
        "\u{8bf7}\u{8054}\u{7cfb}john@example.com\u{8c22}\u{8c22}",
        "john@example.com",
    ),
    (
        "\u{8bf7}\u{8054}\u{7cfb}john@example.com\u{ff0c}\u{8c22}",
        "john@example.com",
    ),
    (
        "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.\u{516c}\u{53f8}",
        "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.\u{516c}\u{53f8}",
    ),
    ("john@xn--fsq.xn--55qx5d", "john@xn--fsq.xn--55qx5d"),
    ("john@example.com.", "john@example.com"),
    ("john@example.com.123", "john@example.com"),
    ("john@example.com@", "john@example.com"),
    ("JOHN@EXAMPLE.COM", "JOHN@EXAMPLE.COM"),
    ("john@example.com5", "john@example.com"),
];

const EMAIL_FALSE: [&str; 18] = [
    "@",
    "a@",
    "@b.com",
    "a@b",
    "a@b.c",
    "a@b.1",
    "a@.com",
    "a@-b.com",
    "a@b-.com",
    "a@b..com",
    "a.@b.com",
    "a @b.com",
    "a@ b.com",
    "user@localhost",
    "react@18.2.0",
    "foo @app.route",
    "a@192.168.1.1",
    "..@b.com",
];

#[test]
fn addresses_are_found() {
    finds("email_address", &EMAIL_TRUE);
}

#[test]
fn other_texts_are_no_addresses() {
    finds_nothing("email_address", &EMAIL_FALSE);
}

#[test]
fn a_local_part_has_64_bytes_at_most() {
    let local = "a".repeat(64);
    let text = format!("{local}@b.com");
    assert_eq!(find("email_address", &text), vec![text.clone()]);
    finds_nothing("email_address", &[&format!("a{text}")]);
}

#[test]
fn a_domain_has_253_bytes_at_most() {
    let long = format!("a@{}com", "b.".repeat(200));
    let found = find("email_address", &long);
    assert!(found.iter().all(|found| found.len() <= 256), "{found:?}");
    let label = format!("a@{}.com", "b".repeat(64));
    finds_nothing("email_address", &[&label]);
}

#[test]
fn overlapping_addresses_are_all_removed() {
    assert_eq!(
        find("email_address", "a@b.com@c.com"),
        vec!["a@b.com", "b.com@c.com"]
    );
}

#[test]
fn where_a_name_begins_does_not_depend_on_the_cuts() {
    for text in [
        "\u{201c}Jan 2\u{201d}",
        "x f\u{e9}vrier 12, 2024",
        "Dec. 24",
        "KA:aa::0",
        "x:2001:db8::1",
        "a+%-%%%0+a0-a+--%%+aaa%0a__-a-000-12-34564111111111111111123-45-6789\u{7528}@\u{4f8b}\u{5b50}.\u{516c}\u{53f8}",
    ] {
        let ends: Vec<usize> = (1..=text.len()).collect();
        is_alike_in_pieces(&ALL, text.as_bytes(), &ends);
    }
    assert_eq!(find("date_time", "\u{201c}Jan 2\u{201d}"), ["Jan 2"]);
}

#[test]
fn a_sure_number_gives_way_to_none() {
    let text = "123-45-6789  4111 1111 1111 1111";
    let found: Vec<(usize, usize)> = found_in_pieces(
        &rules(&["ssn", "credit_card"]),
        text.as_bytes(),
        &[text.len()],
    )
    .iter()
    .map(|found| (found.start, found.end))
    .collect();
    assert_eq!(found, [(0, 11), (13, 32)]);
}

fn rules(entities: &[&str]) -> RuleSet {
    let options = PiiOptions::of(entities.iter().copied());
    redacting(Arc::new(PiiDetector::new(&options).unwrap()))
}

/// The findings, those that touch as one: links are swallowed in pieces.
fn joined(found: Vec<Found>) -> Vec<(usize, usize, usize, u16)> {
    let mut joined: Vec<(usize, usize, usize, u16)> = Vec::new();
    for found in found {
        match joined.last_mut() {
            Some(last) if found.extent == Extent::Continues => last.1 = found.end,
            _ => joined.push((found.start, found.end, found.matcher, found.entity)),
        }
    }
    joined
}

#[track_caller]
fn is_alike_in_pieces(rules: &RuleSet, text: &[u8], ends: &[usize]) {
    let whole = joined(found_in_pieces(rules, text, &[text.len()]));
    let pieces = joined(found_in_pieces(rules, text, ends));
    assert_eq!(
        pieces,
        whole,
        "{:?} cut at {ends:?}",
        String::from_utf8_lossy(text)
    );
}

/// Cuts a text at every byte, and into bytes.
fn is_alike_at_every_cut(rules: &RuleSet, text: &str) {
    let text = text.as_bytes();
    for cut in 0..text.len() {
        is_alike_in_pieces(rules, text, &[cut, text.len()]);
    }
    let bytes: Vec<usize> = (1..=text.len()).collect();
    is_alike_in_pieces(rules, text, &bytes);
}

#[test]
fn every_case_is_the_same_cut_at_every_byte() {
    let sets = [rules(&[]), rules(&["all"])];
    let found = SSN_TRUE
        .iter()
        .chain(&CARD_TRUE)
        .chain(&EMAIL_TRUE)
        .map(|(text, _)| *text);
    for text in found.chain(SSN_FALSE).chain(CARD_FALSE).chain(EMAIL_FALSE) {
        for around in ["", "x ", "1-", "\u{8c22}"] {
            let text = format!("{around}{text}{}", around.chars().rev().collect::<String>());
            for rules in &sets {
                is_alike_at_every_cut(rules, &text);
            }
        }
    }
}

#[test]
fn every_number_date_phone_and_link_is_the_same_cut_at_every_byte() {
    let numbers = CASES
        .iter()
        .flat_map(|(_, right, wrong)| right.iter().chain(*wrong));
    let others = [DATES, PHONES, BARE_PHONES, LINKS, DOMAINS]
        .into_iter()
        .flatten();
    for text in numbers.chain(others) {
        is_alike_at_every_cut(&ALL, text);
        is_alike_at_every_cut(&ALL, &format!("id {text}, x"));
    }
}

/// Pieces that numbers, dates, addresses and links are made of.
const PIECES: [&str; 75] = [
    " ",
    " ",
    " ",
    "-",
    "-",
    ".",
    ".",
    "/",
    ":",
    "::",
    ",",
    "(",
    ")",
    "+",
    "@",
    "#",
    "$",
    "\n",
    "\"",
    "_",
    "\u{a0}",
    "\u{2011}",
    "\u{8c22}",
    "\u{e9}",
    "0",
    "1",
    "2",
    "12",
    "34",
    "56",
    "78",
    "123",
    "457",
    "555",
    "2024",
    "4111",
    "1111",
    "6789",
    "55",
    "001",
    "457-55-5462",
    "4111 1111 1111 1111",
    "943 476 5919",
    "192.168.1",
    "fe80",
    "aa",
    "bb",
    "cc",
    "A",
    "AB",
    "KA",
    "GB",
    "GB82",
    "WEST",
    "x",
    "X",
    "ext",
    "office",
    "Jan",
    "January",
    "May",
    "f\u{e9}vrier",
    "Dec.",
    "\u{201c}",
    "Monday",
    "am",
    "years",
    "old",
    "ssn",
    "phone",
    "https://",
    "www.",
    "example",
    "com",
    "SWIFT DEUTDEFF",
];

static ALL: LazyLock<RuleSet> = LazyLock::new(|| rules(&["all"]));

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_does_not_depend_on_the_cuts(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let text = pieces.concat();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        ends.push(text.len());
        ends.sort_unstable();
        is_alike_in_pieces(&ALL, text.as_bytes(), &ends);
        let bytes: Vec<usize> = (1..=text.len()).collect();
        is_alike_in_pieces(&ALL, text.as_bytes(), &bytes);
    }

    #[test]
    fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in any::<prop::sample::Index>()) {
        is_alike_in_pieces(&ALL, &bytes, &[cut.index(bytes.len() + 1), bytes.len()]);
    }
}

#[test]
fn little_is_held_back() {
    let detector = PiiDetector::new(&PiiOptions::default()).unwrap();
    let held = |text: &str| pieces::held(&detector, text.as_bytes());
    assert_eq!(held("Hello, "), 0);
    assert_eq!(held("Hello"), 5);
    assert_eq!(held("4111 1111 1111 1111 "), 20);
    assert_eq!(held("12345678901234567890"), 20, "a local part");
    assert_eq!(held(&"a".repeat(100)), 0);
    assert_eq!(held(&"1".repeat(100)), 0);
}

#[test]
fn parts_of_an_iban_are_nothing_else_also_where_nobody_asks_for_it() {
    for iban in [
        "DE56 1212 0712 7426 5461 45",
        "DE89 3704 0044 0532 0130 00",
        "GB82 WEST 1234 5698 7654 32",
    ] {
        let text = format!("Please send it to {iban} by Friday.");
        for entity in ["phone_number", "credit_card"] {
            finds_nothing(entity, &[&text]);
        }
    }
}

#[test]
fn words_count_within_64_bytes_also_where_those_begin() {
    let options = PiiOptions {
        threshold: crate::Score::percent(30),
        ..PiiOptions::of(["ssn"])
    };
    let detector = PiiDetector::new(&options).unwrap();
    for (word, found) in [("ssn", 1), ("lessn", 0)] {
        let text = format!("{word}{} 457555462", ".".repeat(60));
        let values = pieces::values(&detector, text.as_bytes());
        assert_eq!(values.len(), found, "{word}");
    }
}

#[test]
fn bank_codes_need_a_word_before_them() {
    let found = [
        "SWIFT DEUTDEFF",
        "BIC: DEUTDEFF500",
        "bic swift,DEUTDEFF",
        "swift bicDEUTDEFF",
    ];
    for text in found {
        assert_eq!(find("swift_code", text).len(), 1, "{text}");
        is_alike_at_every_cut(&rules(&["swift_code"]), text);
    }
    let far = format!("SWIFT{}DEUTDEFF", " ".repeat(65));
    finds_nothing(
        "swift_code",
        &[
            "DEUTDEFF",
            "1bic DEUTDEFF",
            "cubic DEUTDEFF",
            "SWIFT DEUTDEFF5",
            "SWIFT DEUTXXFF",
            &far,
        ],
    );
}
