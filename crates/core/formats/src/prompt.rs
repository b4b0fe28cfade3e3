//! What a configuration adds to requests: system text, and parameters.
//!
//! A format says as data where it has them ([`PromptPlaces`]); the edits are made here, for
//! all formats. They are splices of the caller's own bytes: what is not named stays as it
//! was written, and whoever decodes the request afterwards decodes them too.

mod scan;

use bytes::Bytes;
use serde_json::Value;
use tollgate_wire::{Edit, Span, json};

use crate::format::DecodeError;
use scan::{Content, Found, Outer};

/// A parameter by the name that is the same for all formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parameter {
    /// Sampling temperature, a number.
    Temperature,
    /// Nucleus sampling, a number.
    TopP,
    /// Sample from the k likeliest, a whole number.
    TopK,
    /// The most tokens to generate, a whole number.
    MaxTokens,
    /// Texts that end the answer, a list.
    Stop,
    /// Repeatability, a whole number.
    Seed,
    /// Penalty by frequency, a number.
    FrequencyPenalty,
    /// Penalty by presence, a number.
    PresencePenalty,
    /// How much to reason, a word.
    ReasoningEffort,
    /// How wordy the answer is to be, a word.
    Verbosity,
    /// The service tier asked for, a word.
    ServiceTier,
}

impl Parameter {
    /// Every parameter.
    pub const ALL: [Self; 11] = [
        Self::Temperature,
        Self::TopP,
        Self::TopK,
        Self::MaxTokens,
        Self::Stop,
        Self::Seed,
        Self::FrequencyPenalty,
        Self::PresencePenalty,
        Self::ReasoningEffort,
        Self::Verbosity,
        Self::ServiceTier,
    ];

    /// Its name in configurations.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::TopP => "top_p",
            Self::TopK => "top_k",
            Self::MaxTokens => "max_tokens",
            Self::Stop => "stop",
            Self::Seed => "seed",
            Self::FrequencyPenalty => "frequency_penalty",
            Self::PresencePenalty => "presence_penalty",
            Self::ReasoningEffort => "reasoning_effort",
            Self::Verbosity => "verbosity",
            Self::ServiceTier => "service_tier",
        }
    }
}

/// Where a format has system text and parameters. Paths are names of members of a request,
/// or of a member within one: `inferenceConfig.temperature`.
#[derive(Clone, Copy, Debug)]
pub struct PromptPlaces {
    /// Where system text is.
    pub system: SystemPlace,
    /// The parameters that it has, each by the paths that mean it; the first is written where
    /// none is there.
    pub parameters: &'static [(Parameter, &'static [&'static str])],
}

/// Where system text is.
#[derive(Clone, Copy, Debug)]
pub enum SystemPlace {
    /// In the first messages of this list, with the role `system` or `developer`; their
    /// `content` is a string or a list of `{"type":"text","text":…}`.
    Messages(&'static str),
    /// At this path: a string, or a list of `{"type":"text","text":…}`.
    Text(&'static str),
    /// At one of these paths: a list of `{"text":…}`. The first is written where none is there.
    Blocks(&'static [&'static str]),
}

impl SystemPlace {
    /// The paths of a text that is in no message.
    fn paths(self) -> impl Iterator<Item = &'static str> + Clone {
        let (one, more) = match self {
            Self::Messages(_) => (None, &[][..]),
            Self::Text(path) => (Some(path), &[][..]),
            Self::Blocks(paths) => (None, paths),
        };
        one.into_iter().chain(more.iter().copied())
    }
}

/// What is put into a request.
#[derive(Clone, Debug, Default)]
pub struct Enrichment<'p> {
    /// System text before the caller's own; empty for none.
    pub before: String,
    /// System text behind the caller's own; empty for none.
    pub after: String,
    /// Values for parameters that the caller left out.
    pub defaults: &'p [(Parameter, Value)],
    /// Values whatever the caller wrote.
    pub overrides: &'p [(Parameter, Value)],
}

/// Between texts that become one.
const SEPARATOR: &str = "\n\n";

impl PromptPlaces {
    /// The paths that mean a parameter; `None` where the format has none.
    #[must_use]
    pub fn parameter(&self, parameter: Parameter) -> Option<&'static [&'static str]> {
        let mut all = self.parameters.iter();
        all.find(|(own, _)| *own == parameter)
            .map(|(_, paths)| *paths)
    }

    /// The edits that put an enrichment into a request. Parameters without a place are left
    /// out.
    ///
    /// # Errors
    /// When the body is not JSON, or has something else where system text belongs.
    pub fn edits(
        &self,
        body: &[u8],
        enrichment: &Enrichment<'_>,
    ) -> Result<Vec<Edit>, DecodeError> {
        let paths = self
            .parameters
            .iter()
            .flat_map(|(_, paths)| *paths)
            .copied();
        let mut edits = Edits {
            found: scan::scan(body, self.system, paths)?,
            edits: Vec::new(),
        };
        for (parameter, value) in enrichment.overrides {
            edits.parameter(self.parameter(*parameter), value, true);
        }
        let is_set = |parameter| {
            enrichment
                .overrides
                .iter()
                .any(|(set, _)| *set == parameter)
        };
        for (parameter, value) in enrichment.defaults {
            if !is_set(*parameter) {
                edits.parameter(self.parameter(*parameter), value, false);
            }
        }
        let texts = (enrichment.before.as_str(), enrichment.after.as_str());
        if texts != ("", "") {
            edits.system(self.system, texts)?;
        }
        Ok(edits.finish())
    }
}

/// The edits of one request under way.
struct Edits {
    found: Found,
    edits: Vec<Edit>,
}

impl Edits {
    fn push(&mut self, span: Span, with: Vec<u8>) {
        let with = Bytes::from(with);
        self.edits.push(Edit { span, with });
    }

    fn parameter(&mut self, paths: Option<&'static [&'static str]>, value: &Value, always: bool) {
        let Some((first, _)) = paths.and_then(<[_]>::split_first) else {
            return;
        };
        let paths = paths.unwrap_or_default();
        let written = value.to_string().into_bytes();
        let there: Vec<_> = self.found.values_at(paths).collect();
        if !always && there.iter().any(|value| !value.is_null) {
            return;
        }
        for value in &there {
            self.push(value.span, written.clone());
        }
        if there.is_empty() {
            let path = self.found.place_of(paths).unwrap_or(first);
            self.found.insert(path, written);
        }
    }

    fn system(
        &mut self,
        place: SystemPlace,
        (before, after): (&str, &str),
    ) -> Result<(), DecodeError> {
        let both = joined(before, after);
        match place {
            SystemPlace::Messages(_) => self.messages((before, after), &both)?,
            SystemPlace::Text(_) | SystemPlace::Blocks(_) => {
                let typed = matches!(place, SystemPlace::Text(_));
                let paths: Vec<_> = place.paths().collect();
                let first = paths.first().copied().unwrap_or_default();
                let path = self.found.place_of(&paths).unwrap_or(first);
                match self.found.system.first().cloned() {
                    None if typed => self.found.insert(path, string(&both)),
                    None => self
                        .found
                        .insert(path, [b"[", &*block(&both, false), b"]"].concat()),
                    Some(content) => {
                        self.content(&content, (before, after), typed);
                    }
                }
            }
        }
        Ok(())
    }

    fn messages(&mut self, (before, after): (&str, &str), both: &str) -> Result<(), DecodeError> {
        let first = self.found.system.first().cloned();
        let last = self.found.system.last().cloned();
        let (Some(first), Some(last)) = (first, last) else {
            let (inside, is_empty) = self
                .found
                .messages
                .ok_or_else(|| crate::read::shape("messages", "not a list"))?;
            let comma: &[u8] = if is_empty { b"" } else { b"," };
            let message = [
                br#"{"role":"system","content":"#,
                &*string(both),
                b"}",
                comma,
            ];
            self.push(Span::at(inside), message.concat());
            return Ok(());
        };
        if self.found.system.len() == 1 {
            self.content(&first, (before, after), true);
        } else {
            self.content(&first, (before, ""), true);
            self.content(&last, ("", after), true);
        }
        Ok(())
    }

    /// Puts texts around what is there.
    fn content(&mut self, content: &Content, (before, after): (&str, &str), typed: bool) {
        match content {
            Content::Nothing(span) => {
                let text = joined(before, after);
                let with = if typed {
                    string(&text)
                } else {
                    [b"[", &*block(&text, false), b"]"].concat()
                };
                if !text.is_empty() {
                    self.push(*span, with);
                }
            }
            Content::Text(text) => {
                let separator = if text.span.is_empty() { "" } else { SEPARATOR };
                if !before.is_empty() {
                    self.push(Span::at(text.span.start), escaped(&[before, separator]));
                }
                if !after.is_empty() {
                    let separator = if before.is_empty() {
                        separator
                    } else {
                        SEPARATOR
                    };
                    self.push(Span::at(text.span.end), escaped(&[separator, after]));
                }
            }
            Content::List { span, is_empty } => {
                let comma: &[u8] = if *is_empty { b"" } else { b"," };
                if !before.is_empty() {
                    let with = [&*block(before, typed), comma].concat();
                    self.push(Span::at(span.start + 1), with);
                }
                if !after.is_empty() {
                    let comma: &[u8] = if before.is_empty() { comma } else { b"," };
                    let with = [comma, &*block(after, typed)].concat();
                    self.push(Span::at(span.end.saturating_sub(1)), with);
                }
            }
        }
    }

    /// With the members that were not there, those of one object together.
    fn finish(mut self) -> Vec<Edit> {
        let found = std::mem::take(&mut self.found.outers);
        let mut at_root = Vec::new();
        let mut root = None;
        for Outer {
            name,
            place,
            members,
        } in found
        {
            let members = members.join(&b","[..]);
            match place {
                _ if name.is_empty() => {
                    root = place;
                    at_root.extend((!members.is_empty()).then_some(members));
                }
                _ if members.is_empty() => {}
                Some((span, Some(is_empty))) => {
                    let comma: &[u8] = if is_empty { b"" } else { b"," };
                    self.push(Span::at(span.start + 1), [&*members, comma].concat());
                }
                Some((span, None)) => self.push(span, [b"{", &*members, b"}"].concat()),
                None => {
                    let name = string(name);
                    at_root.push([&*name, b":{", &*members, b"}"].concat());
                }
            }
        }
        if let Some((span, is_empty)) = root.filter(|_| !at_root.is_empty()) {
            let comma: &[u8] = if is_empty == Some(true) { b"" } else { b"," };
            let members = at_root.join(&b","[..]);
            self.push(Span::at(span.start + 1), [&*members, comma].concat());
        }
        self.edits
    }
}

fn joined(before: &str, after: &str) -> String {
    let separator = if before.is_empty() || after.is_empty() {
        ""
    } else {
        SEPARATOR
    };
    [before, separator, after].concat()
}

fn escaped(texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    texts
        .iter()
        .for_each(|text| json::escape_into(text, &mut out));
    out
}

fn string(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    crate::write::string_into(&mut out, text);
    out
}

fn block(text: &str, typed: bool) -> Vec<u8> {
    let head: &[u8] = if typed {
        br#"{"type":"text","text":"#
    } else {
        br#"{"text":"#
    };
    [head, &*string(text), b"}"].concat()
}

#[cfg(test)]
mod tests;
