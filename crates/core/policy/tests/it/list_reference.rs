//! Patterns, words and schemas that anyone may write, over texts that anyone may send: what
//! is found is the same whole and in pieces. For the tests and the fuzzer.

use tollgate_policy::{
    CharacterEntity, DetectorOptions, InputValidationOptions, KeywordList, KeywordsOptions,
    PatternOptions, RegexOptions, Schema,
};

use crate::matcher_reference;

/// Detectors made of `written`, over `text` in pieces of `length` bytes.
pub(crate) fn check(written: &str, text: &[u8], length: usize) {
    let pattern = PatternOptions {
        max_len: Some(32),
        ..PatternOptions::new("name", written)
    };
    let words: Vec<&str> = written.split(',').collect();
    let parts = KeywordList {
        whole_words: false,
        ..KeywordList::new("parts", &words)
    };
    let all = [
        DetectorOptions::Regex(RegexOptions {
            patterns: vec![pattern],
        }),
        DetectorOptions::Keywords(KeywordsOptions {
            lists: vec![KeywordList::new("words", &words), parts],
        }),
        DetectorOptions::InputValidation(Box::new(InputValidationOptions {
            characters: CharacterEntity::ALL.to_vec(),
            ..InputValidationOptions::default()
        })),
    ];
    for detector in all.iter().filter_map(|options| options.build().ok()) {
        matcher_reference::check(&*detector, text, length);
    }
    let value = serde_json::from_slice(text).unwrap_or_default();
    if let Ok(schema) = serde_json::from_str(written)
        && let Ok(schema) = Schema::new(&schema)
    {
        let _is_valid = schema.is_valid(&value);
    }
}
