//! Patterns, words and schemas that anyone may write, over texts that anyone may send: what
//! is found is the same whole and in pieces. For the tests and the fuzzer.

use std::sync::Arc;

use tollgate_policy::{
    CharacterEntity, Cursor, Detector, DetectorOptions, Extent, InputValidationOptions,
    KeywordList, KeywordsOptions, LEFT_CONTEXT_BYTES, PatternOptions, RegexOptions, Schema, Window,
};

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
        let whole = found(&detector, text, text.len().max(1));
        let pieces = found(&detector, text, length.max(1));
        assert_eq!(whole, pieces, "{} in {text:?}", detector.name());
    }
    let value = serde_json::from_slice(text).unwrap_or_default();
    if let Ok(schema) = serde_json::from_str(written)
        && let Ok(schema) = Schema::new(&schema)
    {
        let _is_valid = schema.is_valid(&value);
    }
}

type Found = (usize, usize, usize, u16, bool);

fn found(detector: &Arc<dyn Detector>, text: &[u8], length: usize) -> Vec<Found> {
    let mut all = Vec::new();
    for (index, matcher) in detector.matchers().iter().enumerate() {
        let mut cursor = Cursor::default();
        let mut end = 0;
        let mut findings = Vec::new();
        loop {
            end = text.len().min(end + length);
            let base = cursor.at.saturating_sub(LEFT_CONTEXT_BYTES);
            let window = Window {
                text: text.get(base..end).unwrap_or_default(),
                from: cursor.at - base,
                last: end == text.len(),
            };
            let next = matcher.scan(&window, cursor.carry, &mut findings);
            assert!((window.from..=window.text.len()).contains(&next.at));
            cursor = Cursor {
                at: base + next.at,
                ..next
            };
            all.extend(findings.drain(..).map(|found| {
                let continues = found.extent == Extent::Continues;
                (
                    index,
                    base + found.start,
                    base + found.end,
                    found.entity,
                    continues,
                )
            }));
            if window.last {
                break;
            }
        }
    }
    all.sort_unstable();
    all
}
