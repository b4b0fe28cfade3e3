//! What models add to requests: texts, and values of parameters.

use std::sync::Arc;

use serde_json::{Value, json};
use tollgate_catalogue::{Parameter, Word};
use tollgate_formats::{Dialect, FORMATS, Format, place_of};

use super::Check;
use crate::problem::quote;
use crate::spec::{ParametersSpec, PromptSpec};
use crate::suggest::list;
use crate::template::{TEMPLATE_BYTES_MAX, Template};
use crate::tree::{child, item};
use crate::valid::PromptConfig;

const STOPS_MAX: usize = 16;
const STOP_BYTES_MAX: usize = 256;
const WORD_BYTES_MAX: usize = 32;

impl Check<'_> {
    /// The prompt of a model; `None` where it changes nothing.
    pub(super) fn prompt(&mut self, path: &str, spec: &PromptSpec) -> Option<Arc<PromptConfig>> {
        let prompt = PromptConfig {
            before: self.template(&child(path, "system_before"), spec.system_before.as_deref()),
            after: self.template(&child(path, "system_after"), spec.system_after.as_deref()),
            defaults: self.parameters(&child(path, "defaults"), &spec.defaults),
            overrides: self.parameters(&child(path, "overrides"), &spec.overrides),
        };
        if prompt == PromptConfig::default() {
            return None;
        }
        self.twice_set(path, &prompt);
        self.places(path, &prompt);
        Some(Arc::new(prompt))
    }

    fn template(&mut self, path: &str, text: Option<&str>) -> Template {
        let text = text.unwrap_or_default();
        if text.len() > TEMPLATE_BYTES_MAX {
            let help = format!("write {TEMPLATE_BYTES_MAX} bytes at most");
            self.error(path, "the text is too long", help);
        }
        match Template::parse(text) {
            Ok(template) => template,
            Err(error) => {
                self.error(path, error.to_string(), error.help());
                Template::default()
            }
        }
    }

    fn parameters(&mut self, path: &str, spec: &ParametersSpec) -> Vec<(Parameter, Value)> {
        let mut all = Vec::new();
        let numbers = [
            (Parameter::Temperature, spec.temperature, 0.0, 2.0),
            (Parameter::TopP, spec.top_p, 0.0, 1.0),
            (
                Parameter::FrequencyPenalty,
                spec.frequency_penalty,
                -2.0,
                2.0,
            ),
            (Parameter::PresencePenalty, spec.presence_penalty, -2.0, 2.0),
        ];
        for (parameter, value, least, most) in numbers {
            let Some(value) = value else { continue };
            if !(least..=most).contains(&value) {
                let message = format!("{value} is no value of `{}`", parameter.label());
                let help = format!("write a number from {least} to {most}");
                self.error(&child(path, parameter.label()), message, help);
            }
            all.push((parameter, number(value)));
        }
        for (parameter, value) in [
            (Parameter::TopK, spec.top_k),
            (Parameter::MaxTokens, spec.max_tokens),
        ] {
            if value == Some(0) {
                let message = format!("0 is no value of `{}`", parameter.label());
                self.error(&child(path, parameter.label()), message, "write 1 or more");
            }
            all.extend(value.map(|value| (parameter, json!(value))));
        }
        all.extend(spec.seed.map(|seed| (Parameter::Seed, json!(seed))));
        for (parameter, word) in [
            (Parameter::ReasoningEffort, &spec.reasoning_effort),
            (Parameter::Verbosity, &spec.verbosity),
            (Parameter::ServiceTier, &spec.service_tier),
        ] {
            let Some(word) = word else { continue };
            self.provider_word(&child(path, parameter.label()), word);
            all.push((parameter, json!(word)));
        }
        if !spec.stop.is_empty() {
            self.stops(&child(path, "stop"), &spec.stop);
            all.push((Parameter::Stop, json!(spec.stop)));
        }
        all
    }

    fn provider_word(&mut self, path: &str, word: &str) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if word.is_empty() || word.len() > WORD_BYTES_MAX || !word.chars().all(fits) {
            let message = format!("{} is not a word that providers read here", quote(word));
            self.error(path, message, "write a word such as `low` or `medium`");
        }
    }

    fn stops(&mut self, path: &str, stops: &[String]) {
        if stops.len() > STOPS_MAX {
            let help = format!("write {STOPS_MAX} at most; most providers take 4");
            self.error(path, "too many texts", help);
        }
        for (index, stop) in stops.iter().enumerate() {
            if stop.is_empty() || stop.len() > STOP_BYTES_MAX {
                let message = format!("{} ends no answer", quote(stop));
                let help = format!("write 1 to {STOP_BYTES_MAX} bytes");
                self.error(&item(path, index), message, help);
            }
        }
    }

    fn twice_set(&mut self, path: &str, prompt: &PromptConfig) {
        for (parameter, _) in &prompt.defaults {
            let label = parameter.label();
            if prompt.overrides.iter().any(|(other, _)| other == parameter) {
                let message =
                    format!("the default of `{label}` has no effect: `overrides` sets it");
                let path = child(&child(path, "defaults"), label);
                self.warning(&path, message, "remove one of them");
            }
        }
    }

    /// Warns of formats whose requests have no place for something.
    fn places(&mut self, path: &str, prompt: &PromptConfig) {
        for (field, values) in [
            ("defaults", &prompt.defaults),
            ("overrides", &prompt.overrides),
        ] {
            for (parameter, _) in values {
                let lacks = |format: &&&dyn Format| {
                    let places = format.codec().places(Dialect::Original);
                    places.is_some_and(|places| {
                        let place = place_of(places.parameters, *parameter);
                        !place.is_some_and(|place| place.is_offered)
                    })
                };
                let lacking = FORMATS.iter().filter(lacks);
                let labels: Vec<_> = lacking.map(|format| format.label()).collect();
                if labels.is_empty() {
                    continue;
                }
                let label = parameter.label();
                let formats = list(labels.into_iter());
                let message =
                    format!("`{label}` is not offered by {formats}: requests in it go on without");
                let path = child(&child(path, field), label);
                self.warning(&path, message, "remove it, if callers speak that");
            }
        }
    }
}

/// Whole numbers are written as such.
fn number(value: f64) -> Value {
    serde_json::from_str(&value.to_string()).unwrap_or_default()
}
