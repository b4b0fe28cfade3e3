//! Known counts, and that long texts cost and count no more than their pieces.

use proptest::prelude::*;
use tollgate_catalogue::{Vocabulary, Word};

use super::{CHUNK_BYTES_MAX, Chunks};
use crate::{Family, Source};

fn count(vocabulary: Vocabulary, text: &str) -> u64 {
    Family::listed(vocabulary).count(text).0
}

#[test]
fn known_texts_have_their_known_counts() {
    for (text, o200k, cl100k) in [
        ("", 0, 0),
        ("hello world", 2, 2),
        ("The quick brown fox jumps over the lazy dog.", 10, 10),
        ("お誕生日おめでとう", 8, 9),
    ] {
        assert_eq!(count(Vocabulary::O200k, text), o200k, "{text}");
        assert_eq!(count(Vocabulary::Cl100k, text), cl100k, "{text}");
    }
    assert_eq!(count(Vocabulary::Qwen, "12345"), 5);
    assert_eq!(count(Vocabulary::Mistral, "12345"), 5);
    assert_eq!(count(Vocabulary::Deepseek, "12345"), 2);
}

#[test]
fn only_a_vocabulary_that_is_the_models_own_counts() {
    for vocabulary in Vocabulary::ALL {
        let (tokens, source) = Family::listed(*vocabulary).count("hello world");
        let is_public = !matches!(
            vocabulary,
            Vocabulary::Llama3 | Vocabulary::Claude | Vocabulary::Gemini | Vocabulary::Cohere
        );
        let expected = if is_public {
            Source::Counted
        } else {
            Source::Estimated
        };
        assert_eq!((tokens, source), (2, expected), "{vocabulary:?}");
    }
    assert_eq!(Family::default().count("hello world").1, Source::Estimated);
}

#[test]
fn prose_is_cut_where_the_vocabularies_cut() {
    let prose = "Nobody complained; the island had waited, and (said they) it's 300 years. ";
    let han = "清晨的胡同里，卖豆浆的老人推着小车慢慢走过，车铃声一响。";
    for (text, times) in [(prose, 200), (han, 150)] {
        let text = text.repeat(times);
        assert!(text.len() > 2 * CHUNK_BYTES_MAX);
        for (vocabulary, name) in [
            (Vocabulary::O200k, "o200k_base"),
            (Vocabulary::Cl100k, "cl100k_base"),
            (Vocabulary::Deepseek, "deepseek_v3"),
            (Vocabulary::Qwen, "qwen2"),
            (Vocabulary::Mistral, "mistral_v3"),
        ] {
            let whole = tiktoken::get_encoding(name).unwrap().count(&text) as u64;
            assert_eq!(count(vocabulary, &text), whole, "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_text_has_more_tokens_than_bytes_or_none(text in "\\PC{1,60}|[\\s\\S]{1,60}") {
        for vocabulary in Vocabulary::ALL {
            // Families without a public vocabulary are multiples of another.
            let tokens = count(*vocabulary, &text);
            prop_assert!(tokens > 0 && tokens <= text.len() as u64 * 6 / 5 + 1);
        }
    }

    #[test]
    fn pieces_are_the_whole_text(parts in prop::collection::vec("[a-z]{1,40}|[a-z漢。é]{1,40}| ", 0..400)) {
        let text = parts.concat();
        let pieces: Vec<&str> = Chunks(&text).collect();
        prop_assert_eq!(&pieces.concat(), &text);
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= CHUNK_BYTES_MAX));
    }
}
