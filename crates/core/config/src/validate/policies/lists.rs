//! The options of the detectors whose lists the configuration writes: `keywords`, `regex`
//! and `input_validation`.

use tollgate_policy::{
    CharacterEntity, DetectorError, DetectorOptions, InputValidationOptions, KeywordList,
    KeywordsOptions, PatternOptions, RegexOptions,
};

use crate::spec::{
    CaseSpec, CharacterEntitySpec, InputValidationSpec, KeywordsSpec, PatternSpec, RegexSpec,
};
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
            words: spec.words.iter().map(|word| word.as_str().into()).collect(),
            case_sensitive: spec.case == Some(CaseSpec::Sensitive),
            whole_words: spec.whole_words.unwrap_or(true),
            score: hundredths(spec.score, 100),
        };
        let written = spec.lists.iter().enumerate().map(|(index, list)| {
            let path = item(&child(path, "lists"), index);
            self.name(&child(&path, "name"), &list.name);
            let case = list.case.map(|case| case == CaseSpec::Sensitive);
            let list = KeywordList {
                name: list.name.as_str().into(),
                words: list.words.iter().map(|word| word.as_str().into()).collect(),
                case_sensitive: case.unwrap_or(own.case_sensitive),
                whole_words: list.whole_words.unwrap_or(own.whole_words),
                score: hundredths(list.score, own.score),
            };
            self.option(&child(&path, "words"), list.check());
            list
        });
        lists.extend(written);
        if !own.words.is_empty() || lists.is_empty() {
            let words = child(path, "words");
            let at = if own.words.is_empty() { path } else { &words };
            self.option(at, own.check());
            lists.insert(0, own);
        }
        DetectorOptions::Keywords(KeywordsOptions { lists })
    }

    pub(super) fn regex(&mut self, path: &str, spec: &RegexSpec) -> DetectorOptions {
        let patterns = spec.patterns.iter().enumerate().map(|(index, written)| {
            let path = item(&child(path, "patterns"), index);
            self.name(&child(&path, "name"), &written.name);
            let options = pattern(written);
            self.option(&child(&path, "pattern"), options.check());
            options
        });
        DetectorOptions::Regex(RegexOptions {
            patterns: patterns.collect(),
        })
    }

    /// What is wrong with an option, at its line.
    fn option(&mut self, path: &str, checked: Result<(), DetectorError>) {
        if let Err(DetectorError::Option { message, help }) = checked {
            self.error(path, message, help);
        }
    }
}

fn pattern(spec: &PatternSpec) -> PatternOptions {
    PatternOptions {
        name: spec.name.as_str().into(),
        pattern: spec.pattern.as_str().into(),
        max_len: spec.max_len.map(usize::from),
        score: hundredths(spec.score, 100),
        group: spec.group.as_deref().map(Into::into),
    }
}

pub(super) fn input_validation(spec: &InputValidationSpec) -> DetectorOptions {
    let entity = |written: &CharacterEntitySpec| match written {
        CharacterEntitySpec::InvisibleCharacter => CharacterEntity::InvisibleCharacter,
        CharacterEntitySpec::TagCharacter => CharacterEntity::TagCharacter,
        CharacterEntitySpec::BidiControl => CharacterEntity::BidiControl,
        CharacterEntitySpec::VariationSelector => CharacterEntity::VariationSelector,
        CharacterEntitySpec::ControlCharacter => CharacterEntity::ControlCharacter,
        CharacterEntitySpec::PrivateUseCharacter => CharacterEntity::PrivateUseCharacter,
        CharacterEntitySpec::InvalidUtf8 => CharacterEntity::InvalidUtf8,
    };
    let usual = CharacterEntity::ALL.into_iter();
    let usual = usual.filter(|entity| *entity != CharacterEntity::PrivateUseCharacter);
    let written = spec.characters.as_ref();
    DetectorOptions::InputValidation(InputValidationOptions {
        characters: written.map_or_else(
            || usual.collect(),
            |written| written.iter().map(entity).collect(),
        ),
        threshold: hundredths(spec.threshold, 0),
        ..InputValidationOptions::default()
    })
}

/// A score as detectors count it. The schema has seen to its range.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is between 0 and 100 after the clamp, and whole after rounding"
)]
pub(super) fn hundredths(score: Option<f64>, default: u8) -> u8 {
    score.map_or(default, |score| {
        (score.clamp(0.0, 1.0) * 100.0).round() as u8
    })
}
