//! Which texts are dates and times.

use crate::detectors::pii::tests::scored;

pub(in crate::detectors::pii) const DATES: &[&str] = &[
    "2007-03-23",
    "2007-03-23 18:43:36",
    "2007-03-23T18:43:36Z",
    "2007-03-23T18:43:36.123+02:00",
    "2007/3/23",
    "3/23/1940",
    "23/3/1940",
    "23.03.1940",
    "23-03-1940",
    "3/23/40",
    "January 5, 2024",
    "January 5",
    "Jan. 5, 2024",
    "Jan 5th 2024",
    "5 January 2024",
    "5th of January 2024",
    "5 January",
    "05-Jan-2024",
    "March 2024",
    "5. M\u{e4}rz 2024",
    "M\u{e4}rz 2024",
    "d\u{e9}cembre 2024",
    "5 de enero de 2024",
    "12 janvier 2024",
    "2024\u{5e74}1\u{6708}5\u{65e5}",
    "10:30",
    "10:30:59",
    "10:30 am",
    "5 p.m.",
    "5pm",
    "1/5/2024, 5:30 PM",
    "January 5, 2024 at 10:30",
];

#[test]
fn usual_forms_are_found_whole() {
    for date in DATES {
        for text in [
            (*date).to_owned(),
            format!("It was {date}, then"),
            format!("\"{date}\""),
        ] {
            let found = scored("date_time", &text);
            assert!(
                found
                    .iter()
                    .any(|(found, score)| found == date && *score >= 50),
                "{date:?} in {text:?}: {found:?}"
            );
        }
    }
}

#[test]
fn other_numbers_are_no_dates() {
    for text in [
        "2024",
        "13/13/2024",
        "1.2.3",
        "1.2.3.4",
        "192.168.1.1",
        "5 may be",
        "3 march on",
        "25:10",
        "10:75",
        "12-34-56",
        "1/2",
        "0.5",
        "3:1",
        "5 apples",
        "1234-56-78",
        "555-12-2024-1",
        "chapter 5",
        "5 amps",
    ] {
        let found = scored("date_time", text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}
