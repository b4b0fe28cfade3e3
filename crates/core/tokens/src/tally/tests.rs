//! What is counted, and that nobody can make it anything else.

use proptest::prelude::*;

use super::{Tally, WHOLE_BYTES_MAX};

#[test]
fn words_digits_marks_and_scripts_are_told_apart() {
    let tally = Tally::of_text("Hello wOrld, 12 (345)\n\n  é Ж 漢 か 한 🎉");
    let [words, letters, long, humps, capitals, numbers, digits, ..] = *tally.counts();
    assert_eq!((words, letters, long, humps, capitals), (2, 10, 0, 1, 2));
    assert_eq!((numbers, digits), (2, 5));
    let [.., mark_runs, marks, blanks, line_runs, lines] = tally.counts()[..12] else {
        panic!("twelve")
    };
    assert_eq!(
        (mark_runs, marks, blanks, line_runs, lines),
        (3, 3, 1, 1, 2)
    );
    let wide = &tally.counts()[12..];
    assert_eq!(wide, [6, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
}

#[test]
fn letters_behind_seven_others_are_long() {
    assert_eq!(Tally::of_text("sevenly eightyly ninetieth").counts()[2], 3);
}

#[test]
fn a_word_goes_on_over_the_end_of_a_block_and_not_of_a_piece() {
    let text = "a".repeat(300);
    assert_eq!(Tally::of_text(&text).counts()[..2], [1, 300]);
    let pieces = [(b"ab".as_slice(), false), (b"cd", false)];
    let tally = Tally::of(pieces.into_iter(), 4, 0);
    assert_eq!(tally.counts()[..2], [2, 4]);
}

#[test]
fn what_escapes_stand_for_is_counted() {
    let tally = Tally::of(std::iter::once((br"a\nb\u00e9".as_slice(), true)), 10, 0);
    assert_eq!(
        (tally.counts()[0], tally.counts()[11], tally.counts()[13]),
        (2, 1, 1)
    );
}

/// Long texts: the same words in many pieces, or one.
fn pieces(texts: &[String]) -> (Vec<(&[u8], bool)>, u64) {
    let pieces: Vec<_> = texts.iter().map(|text| (text.as_bytes(), false)).collect();
    let bytes = texts.iter().map(|text| text.len() as u64).sum();
    (pieces, bytes)
}

#[test]
fn a_sample_is_near_the_whole_however_the_text_is_cut() {
    let words = "Nothing here is 12,000 times longer than it ought to be. ".repeat(40);
    let per_text = f64::from(Tally::of_text(&words).counts()[1]);
    for (many, copies) in [(1, 100), (100, 1), (1_000, 1)] {
        let texts = vec![words.repeat(copies); many];
        let (pieces, bytes) = pieces(&texts);
        let whole = per_text * (many * copies) as f64;
        for seed in [1, 77, u64::MAX] {
            let tally = Tally::of(pieces.iter().copied(), bytes, seed);
            let letters = f64::from(tally.counts()[1]);
            assert!(
                (0.93..1.07).contains(&(letters / whole)),
                "{many} {seed}: {letters} {whole}"
            );
        }
    }
}

#[test]
fn nothing_is_hidden_from_every_sample() {
    let mut text = "word ".repeat(20_000).into_bytes();
    text[40_000..60_000].fill(b'%');
    let marks = (0..200_u64).filter(|seed| {
        let tally = Tally::of(
            std::iter::once((text.as_slice(), false)),
            text.len() as u64,
            seed.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        );
        tally.counts()[8] > 10_000
    });
    assert!(marks.count() > 190);
}

proptest! {
    #[test]
    fn any_bytes_are_counted_and_no_class_has_more_than_there_are(
        texts in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..600), any::<bool>()), 0..40),
        seed in any::<u64>(),
    ) {
        let bytes = texts.iter().map(|(text, _)| text.len() as u64).sum();
        let pieces = texts.iter().map(|(text, escaped)| (text.as_slice(), *escaped));
        let tally = Tally::of(pieces, bytes, seed);
        prop_assert_eq!(tally.bytes(), bytes);
        for count in tally.counts() {
            prop_assert!(u64::from(*count) <= bytes + bytes / 4 + 1, "{} of {}", count, bytes);
        }
    }

    #[test]
    fn counting_is_linear(text in "[a-zA-Z0-9 ,.é漢\n]{0,200}", more in "[a-z0-9 ]{0,200}") {
        let both = [(text.as_bytes(), false), (more.as_bytes(), false)];
        let bytes = (text.len() + more.len()) as u64;
        prop_assert!(bytes <= WHOLE_BYTES_MAX);
        let tally = Tally::of(both.into_iter(), bytes, 0);
        let (one, other) = (Tally::of_text(&text), Tally::of_text(&more));
        for (sum, (one, other)) in tally.counts().iter().zip(one.counts().iter().zip(other.counts())) {
            prop_assert_eq!(*sum, one + other);
        }
    }
}
