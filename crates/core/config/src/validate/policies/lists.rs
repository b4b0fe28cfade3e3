//! The options of the detectors whose lists the configuration writes: `keywords` and
//! `regex`.

use std::sync::Arc;

use tollgate_policy::{
    DetectorError, DetectorOptions, KeywordList, KeywordsOptions, PatternOptions, RegexOptions,
};

use crate::spec::{CaseSpec, KeywordsSpec, RegexSpec};
use crate::tree::{child, item};
use crate::validate::Check;

/// What findings of a rule's own words are called.
const KEYWORD: &str = "keyword";

impl Check<'_> {
    pub(super) fn keywords(&mut self, path: &str, spec: &KeywordsSpec) -> DetectorOptions {
        let mut lists = Vec::with_capacity(spec.lists.len() + 1);
        if let Some(entity) = &spec.entity {
            self.name(&child(path, "entity"), entity);
        }
        let own = KeywordList {
            name: spec.entity.as_deref().unwrap_or(KEYWORD).into(),
            words: self.words(path, &spec.words, spec.words_file.as_deref()),
            case_sensitive: spec.case == Some(CaseSpec::Sensitive),
            whole_words: spec.whole_words.unwrap_or(true),
            score: self.score(&child(path, "score"), spec.score, 100),
        };
        let written = spec.lists.iter().enumerate().map(|(index, list_spec)| {
            let path = item(&child(path, "lists"), index);
            self.name(&child(&path, "name"), &list_spec.name);
            let case = list_spec.case.map(|case| case == CaseSpec::Sensitive);
            let list = KeywordList {
                name: list_spec.name.as_str().into(),
                words: self.words(&path, &list_spec.words, list_spec.words_file.as_deref()),
                case_sensitive: case.unwrap_or(own.case_sensitive),
                whole_words: list_spec.whole_words.unwrap_or(own.whole_words),
                score: self.score(&child(&path, "score"), list_spec.score, own.score),
            };
            // Why a file has none is said already.
            if !list.words.is_empty() || list_spec.words_file.is_none() {
                self.option(&child(&path, "words"), list.check());
            }
            list
        });
        lists.extend(written);
        if !own.words.is_empty() || lists.is_empty() {
            let words = child(path, "words");
            let at = if own.words.is_empty() { path } else { &words };
            if !own.words.is_empty() || spec.words_file.is_none() {
                self.option(at, own.check());
            }
            lists.insert(0, own);
        }
        DetectorOptions::Keywords(KeywordsOptions { lists })
    }

    /// The words that are written, and those of a file.
    fn words(&mut self, path: &str, written: &[String], file: Option<&str>) -> Vec<Arc<str>> {
        let mut words: Vec<Arc<str>> = written.iter().map(|word| word.as_str().into()).collect();
        if let Some(file) = file {
            let text = self.attached(&child(path, "words_file"), file);
            let lines = text.unwrap_or_default().lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            words.extend(lines.map(Arc::from));
        }
        words
    }

    pub(super) fn regex(&mut self, path: &str, spec: &RegexSpec) -> DetectorOptions {
        let patterns = spec.patterns.iter().enumerate().map(|(index, written)| {
            let path = item(&child(path, "patterns"), index);
            self.name(&child(&path, "name"), &written.name);
            let options = PatternOptions {
                name: written.name.as_str().into(),
                pattern: written.pattern.as_str().into(),
                max_len: written.max_len.map(usize::from),
                score: self.score(&child(&path, "score"), written.score, 100),
                group: written.group.as_deref().map(Into::into),
            };
            self.option(&child(&path, "pattern"), options.check());
            options
        });
        DetectorOptions::Regex(RegexOptions {
            patterns: patterns.collect(),
        })
    }

    /// What is wrong with an option, at its line.
    pub(super) fn option(&mut self, path: &str, checked: Result<(), DetectorError>) {
        if let Err(DetectorError::Option { message, help }) = checked {
            self.error(path, message, help);
        }
    }

    /// A score in hundredths, as detectors count it; `default` where none is written.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the value is between 0 and 100 after the clamp, and whole after rounding"
    )]
    pub(super) fn score(&mut self, path: &str, score: Option<f64>, default: u8) -> u8 {
        let Some(score) = score else { return default };
        if !(0.0..=1.0).contains(&score) {
            self.error(path, format!("{score} is no score"), "write 0 to 1");
        }
        (score.clamp(0.0, 1.0) * 100.0).round() as u8
    }
}
