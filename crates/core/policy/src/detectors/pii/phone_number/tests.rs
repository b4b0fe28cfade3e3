//! Which texts are phone numbers by themselves, with a word before them, and never.

use crate::detectors::pii::tests::scored;

#[track_caller]
fn is_found(text: &str, number: &str) {
    let found = scored("phone_number", text);
    assert!(
        found
            .iter()
            .any(|(found, score)| found == number && *score >= 50),
        "{number:?} in {text:?}: {found:?}"
    );
}

pub(in crate::detectors::pii) const PHONES: &[&str] = &[
    "+1 415 555 2671",
    "+1-743-438-6774",
    "+1 (415) 555-2671",
    "+44 20 7946 0958",
    "+44 (0)20 7946 0958",
    "+49 30 1234567",
    "+49 (0) 30 / 1234567",
    "+33 1 23 45 67 89",
    "+34 612 345 678",
    "+39 06 1234 5678",
    "+31 6 12345678",
    "+46 70 123 45 67",
    "+358 40 1234567",
    "+14155552671",
    "(+44) 20 7946 0958",
    "+(44) 20 7946 0958",
    "0044 20 7946 0958",
    "001-748-088-2851",
    "011 44 20 7946 0958",
    "(978) 645-9740",
    "(978)645-9740",
    "978-645-9740",
    "978.645.9740",
    "1-800-555-0199",
    "1 (800) 555-0199",
    "415 555 2671",
    "020 7946 0958",
    "(020) 7946 0958",
    "07700 900123",
    "0161 496 0000",
    "030 1234567",
    "030/1234567",
    "0151-23456789",
    "(030) 12 34 56 78",
    "01 23 45 67 89",
    "06.12.34.56.78",
    "06-12345678",
    "010-1234567",
    "070-123 45 67",
    "0487 23 46 71",
    "(85) 5986-8343",
    "415\u{2011}555\u{2011}2671",
];

#[test]
fn numbers_that_stand_by_themselves_are_found() {
    for number in PHONES {
        for text in [
            (*number).to_owned(),
            format!("So, {number}."),
            format!("<{number}>"),
            format!("a:{number}, b"),
        ] {
            is_found(&text, number);
        }
    }
}

#[test]
fn extensions_belong_to_the_number() {
    for number in [
        "(978)645-9740x11144",
        "001-748-088-2851x818",
        "978-645-9740 ext. 12",
        "978-645-9740 ext 12",
        "978-645-9740, extension 12",
        "978-645-9740 x12",
    ] {
        is_found(&format!("it is {number}; yes"), number);
    }
    is_found("978-645-9740 x-ray", "978-645-9740");
}

pub(in crate::detectors::pii) const BARE_PHONES: &[&str] = &[
    "2813882583",
    "785 8949",
    "555-1234",
    "20-32-85-26",
    "96 237271",
    "92 34 70",
    "612 345 678",
    "07700900123",
    "79460958",
];

#[test]
fn other_digits_need_a_word() {
    for number in BARE_PHONES {
        is_found(&format!("Please call {number}."), number);
        is_found(&format!("\"phoneNumber\": \"{number}\""), number);
        is_found(&format!("{number} office"), number);
        is_found(&format!("{number}-Fax"), number);
        assert_eq!(
            scored("phone_number", &format!("We saw {number}.")).len(),
            0,
            "{number}"
        );
    }
}

#[test]
fn dates_addresses_versions_and_counts_are_no_phone_numbers() {
    for text in [
        "2024-01-15",
        "15.01.2024",
        "01/02/2024",
        "2024-01-15 10:20:30",
        "192.168.1.100",
        "1.2.3.4",
        "978-3-16-148410-0",
        "9783161484100",
        "3.14159265358979",
        "1.234.567",
        "10 20 30 40",
        "550e8400-e29b-41d4-a716-446655440000",
        "1700000000",
        "1700000000123",
        "2019-2020",
        "order 415 555 2671",
        "0.123456789",
        "$415 555 2671",
        "12345-6789",
        "02134-1234",
        "10:15:30",
        "100-200-300",
        "1 2 3 4 5 6 7 8 9",
        "+1 is better",
        "+123",
        "x978-645-9740",
        "4111 1111 1111 1111",
    ] {
        assert_eq!(scored("phone_number", text), [], "{text}");
    }
}
