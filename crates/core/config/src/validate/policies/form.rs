//! The options of `input_validation`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use tollgate_policy::{
    AnswerForm, CharacterEntity, DetectorOptions, InputValidationOptions, Names, RequestLimits,
    Schema,
};

use super::Direction;
use crate::spec::{ActionSpec, CharacterEntitySpec, InputValidationSpec, NamesSpec};
use crate::tree::child;
use crate::validate::Check;

/// The longest text of an answer, unless another is written.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

impl Check<'_> {
    pub(super) fn input_validation(
        &mut self,
        path: &str,
        spec: &InputValidationSpec,
        direction: Direction,
        action: ActionSpec,
    ) -> DetectorOptions {
        let limits = self.request_limits(path, spec);
        let has_limits = limits != RequestLimits::default();
        let answer = spec.answer.as_ref().map(|form| {
            let path = child(&child(path, "answer"), "schema");
            let schema = form.schema.clone().unwrap_or(serde_json::Value::Bool(true));
            self.schema(&path, &schema);
            let bytes_max = form.bytes_max.and_then(|bytes| usize::try_from(bytes).ok());
            AnswerForm {
                schema,
                bytes_max: bytes_max.unwrap_or(ANSWER_BYTES_MAX),
            }
        });
        let misplaced = match direction {
            Direction::Input if answer.is_some() => Some(("answer", "output")),
            Direction::Output if has_limits => Some(("limits", "input")),
            _ => None,
        };
        if let Some((what, list)) = misplaced {
            let fact = format!("the {what} of a message that does not pass here");
            self.error(path, fact, format!("move the rule to `{list}`"));
        }
        let whole = has_limits || answer.is_some();
        self.checks_nothing(path, spec, whole);
        if whole && action == ActionSpec::Redact {
            let fact = "what is wrong with a whole message cannot be redacted";
            let help =
                "write `action: block`, `flag` or `route`; characters may have a rule of their own";
            self.error(&child(path, "action"), fact, help);
        }
        DetectorOptions::InputValidation(Box::new(InputValidationOptions {
            characters: characters(spec.characters.as_deref(), whole),
            threshold: self.score(&child(path, "threshold"), spec.threshold, 0),
            limits,
            answer,
        }))
    }

    fn request_limits(&mut self, path: &str, spec: &InputValidationSpec) -> RequestLimits {
        let ranges = spec.ranges.iter().flatten().map(|(name, range)| {
            let least = range.min.unwrap_or(f64::NEG_INFINITY);
            let most = range.max.unwrap_or(f64::INFINITY);
            if range.min.is_none() && range.max.is_none() || least > most {
                let path = child(&child(path, "ranges"), name);
                let fact = "this range limits nothing, or allows nothing";
                self.error(&path, fact, "write `{min: 0, max: 1}`, or one of the two");
            }
            (Arc::from(name.as_str()), least..=most)
        });
        let ranges: Vec<(Arc<str>, RangeInclusive<f64>)> = ranges.collect();
        if let Some(schema) = &spec.schema {
            self.schema(&child(path, "schema"), schema);
        }
        RequestLimits {
            body_bytes_max: spec.body_bytes_max,
            turns_max: spec.turns_max,
            text_chars_max: spec.text_chars_max,
            all_chars_max: spec.all_chars_max,
            models: names(spec.models.as_ref()),
            tools: names(spec.tools.as_ref()),
            parameters: names(spec.parameters.as_ref()),
            ranges,
            schema: spec.schema.clone(),
        }
    }

    /// What is written and empty was meant to say something.
    fn checks_nothing(&mut self, path: &str, spec: &InputValidationSpec, whole: bool) {
        let lists = [
            ("models", spec.models.as_ref()),
            ("tools", spec.tools.as_ref()),
            ("parameters", spec.parameters.as_ref()),
        ];
        for (field, list) in lists {
            if list.is_some_and(|list| list.allow.is_empty() && list.deny.is_empty()) {
                let help = "write names under `allow` or `deny`, or remove the line";
                self.error(&child(path, field), "this limits nothing", help);
            }
        }
        if spec.ranges.as_ref().is_some_and(BTreeMap::is_empty) {
            let help = "write `max_tokens: {max: 4096}` and so on, or remove the line";
            self.error(&child(path, "ranges"), "this limits nothing", help);
        }
        if spec.characters.as_ref().is_some_and(Vec::is_empty) && !whole {
            let help = "name kinds of characters, or remove the line to look for all of them";
            self.error(&child(path, "characters"), "this rule checks nothing", help);
        }
    }

    fn schema(&mut self, path: &str, schema: &serde_json::Value) {
        if let Err(error) = Schema::new(schema) {
            let fact = format!("this schema cannot be checked, {error}");
            let help = "write the words that `docs/detectors/input_validation.md` lists";
            self.error(path, fact, help);
        }
    }
}

fn characters(written: Option<&[CharacterEntitySpec]>, has_other: bool) -> Vec<CharacterEntity> {
    let Some(written) = written else {
        let usual = CharacterEntity::ALL.into_iter();
        return usual
            .filter(|entity| !has_other && *entity != CharacterEntity::PrivateUseCharacter)
            .collect();
    };
    let entity = |written: &CharacterEntitySpec| match written {
        CharacterEntitySpec::InvisibleCharacter => CharacterEntity::InvisibleCharacter,
        CharacterEntitySpec::TagCharacter => CharacterEntity::TagCharacter,
        CharacterEntitySpec::BidiControl => CharacterEntity::BidiControl,
        CharacterEntitySpec::VariationSelector => CharacterEntity::VariationSelector,
        CharacterEntitySpec::ControlCharacter => CharacterEntity::ControlCharacter,
        CharacterEntitySpec::PrivateUseCharacter => CharacterEntity::PrivateUseCharacter,
        CharacterEntitySpec::InvalidUtf8 => CharacterEntity::InvalidUtf8,
    };
    written.iter().map(entity).collect()
}

fn names(written: Option<&NamesSpec>) -> Names {
    let list = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
    written.map_or_else(Names::default, |names| Names {
        allow: list(&names.allow),
        deny: list(&names.deny),
    })
}
