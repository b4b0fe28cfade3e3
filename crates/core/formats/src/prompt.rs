//! What a configuration adds to requests: system text, and parameters.
//!
//! A format says as data where it has them; the edits are made here, for all formats. They
//! are splices of the caller's own bytes: what is not named stays as it was written, and
//! whoever decodes the request afterwards decodes them too.

mod scan;

use bytes::Bytes;
use serde_json::Value;
use smallvec::SmallVec;
use tollgate_catalogue::Parameter;
use tollgate_wire::{Edit, Span, json};

use crate::format::{ChatFormat, DecodeError, Dialect};
use crate::members::Members;
use crate::parameters::{ParameterPlace, place_of};
use crate::spelling::Spelling;
use scan::Content;

/// Where a format has system text. Paths are as [`Members`](crate::Members) has them.
#[derive(Clone, Copy, Debug)]
pub enum SystemPlace {
    /// In the first messages of this list, with the role `system` or `developer`; their
    /// `content` is a string or a list of `{"type":"text","text":…}`.
    Messages(&'static str),
    /// At this path: a string, or a list of `{"type":"text","text":…}`.
    Text(&'static str),
    /// At this path: a list of `{"text":…}`.
    Blocks(&'static str),
    /// Nowhere: all of it goes before the prompt at this path, a string or a list of them.
    Prompt(&'static str),
}

impl SystemPlace {
    /// The path of the texts, or of the list that they are in.
    const fn path(self) -> &'static str {
        match self {
            Self::Messages(path) | Self::Text(path) | Self::Blocks(path) | Self::Prompt(path) => {
                path
            }
        }
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

/// Where a format has what is put in.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Where it has system text.
    pub system: SystemPlace,
    /// Where it has parameters.
    pub parameters: &'static [ParameterPlace],
    /// How it takes the names of members.
    pub spelling: Spelling,
}

impl Places {
    /// Those of a format of conversations, in requests for servers of a dialect.
    #[must_use]
    pub fn of(format: &dyn ChatFormat, dialect: Dialect) -> Self {
        Self {
            system: format.system_place(),
            parameters: format.parameters(dialect),
            spelling: format.spelling(),
        }
    }

    /// The parameters of a request.
    ///
    /// # Errors
    /// When the body is not one JSON object.
    pub fn members<'b>(&self, body: &'b [u8]) -> Result<Members<'b>, DecodeError> {
        let paths = self.parameters.iter().flat_map(|place| place.paths);
        let paths: SmallVec<[_; 24]> = paths.copied().collect();
        Members::read(body, &paths, self.spelling)
    }

    /// The edits that put an enrichment into a request. Parameters that the format does not
    /// offer are put in only where the caller wrote them.
    ///
    /// # Errors
    /// When the body is not one JSON object, or has something else where system text or
    /// parameters belong.
    pub fn edits(
        &self,
        body: &[u8],
        enrichment: &Enrichment<'_>,
    ) -> Result<Vec<Edit>, DecodeError> {
        let paths = self.parameters.iter().flat_map(|place| place.paths);
        let paths = paths.copied().chain([self.system.path()]);
        let paths: SmallVec<[_; 24]> = paths.collect();
        let mut edits = Edits {
            members: Members::read(body, &paths, self.spelling)?,
        };
        let put = |edits: &mut Edits<'_>, (parameter, value): &(Parameter, Value), always| {
            match place_of(self.parameters, *parameter) {
                Some(place) => edits.parameter(place, value, always),
                None => Ok(()),
            }
        };
        for set in enrichment.overrides {
            put(&mut edits, set, true)?;
        }
        for set in enrichment.defaults {
            let mut overrides = enrichment.overrides.iter();
            if !overrides.any(|(parameter, _)| *parameter == set.0) {
                put(&mut edits, set, false)?;
            }
        }
        let texts = (enrichment.before.as_str(), enrichment.after.as_str());
        if texts != ("", "") {
            edits.system(self.system, texts)?;
        }
        Ok(edits.members.finish())
    }
}

/// The edits of one request under way.
struct Edits<'b> {
    members: Members<'b>,
}

impl Edits<'_> {
    fn push(&mut self, span: Span, with: Vec<u8>) {
        self.members.edit(span, with);
    }

    fn parameter(
        &mut self,
        place: &ParameterPlace,
        value: &Value,
        always: bool,
    ) -> Result<(), DecodeError> {
        let paths = place.paths;
        if !always && paths.iter().any(|path| self.members.value(path).is_some()) {
            return Ok(());
        }
        let written = Bytes::from(value.to_string());
        let mut is_there = false;
        for path in paths {
            is_there |= self.members.replace(path, |_| Some(written.clone()));
        }
        match paths.first() {
            Some(path) if !is_there && place.is_offered => self.members.insert(path, &written),
            _ => Ok(()),
        }
    }

    fn system(
        &mut self,
        place: SystemPlace,
        (before, after): (&str, &str),
    ) -> Result<(), DecodeError> {
        let path = place.path();
        match place {
            SystemPlace::Messages(_) => return self.messages(path, (before, after)),
            SystemPlace::Prompt(_) => return self.prompts(path, &joined(before, after)),
            SystemPlace::Text(_) | SystemPlace::Blocks(_) => {}
        }
        let typed = matches!(place, SystemPlace::Text(_));
        if let Some(value) = self.members.value(path) {
            self.content(scan::content(value, path)?, (before, after), typed);
            return Ok(());
        }
        let written = whole(&joined(before, after), typed);
        let json = Bytes::from(written.clone());
        if self.members.replace(path, |_null| Some(json.clone())) {
            return Ok(());
        }
        self.members.insert(path, &written)
    }

    fn messages(
        &mut self,
        path: &'static str,
        (before, after): (&str, &str),
    ) -> Result<(), DecodeError> {
        let found = scan::messages(self.members.value(path), path)?;
        match found.leading {
            Some((only, None)) => self.content(only, (before, after), true),
            Some((first, Some(last))) => {
                self.content(first, (before, ""), true);
                self.content(last, ("", after), true);
            }
            None => {
                let comma: &[u8] = if found.is_empty { b"" } else { b"," };
                let text = string(&joined(before, after));
                let message = [br#"{"role":"system","content":"#, &*text, b"}", comma];
                self.push(Span::at(found.inside), message.concat());
            }
        }
        Ok(())
    }

    /// Puts a text before each prompt. Without one there is nothing it could stand before,
    /// and before ids of tokens there is no place for it.
    fn prompts(&mut self, path: &'static str, text: &str) -> Result<(), DecodeError> {
        let value = self.members.value(path);
        let prompts = scan::prompts(value, path)?;
        let text = escaped(&[text, SEPARATOR]);
        for prompt in prompts {
            self.push(Span::at(prompt.span.start), text.clone());
        }
        Ok(())
    }

    /// Puts texts around what is there.
    fn content(&mut self, content: Content, (before, after): (&str, &str), typed: bool) {
        match content {
            Content::Nothing(span) => {
                let text = joined(before, after);
                if !text.is_empty() {
                    self.push(span, whole(&text, typed));
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
                let comma: &[u8] = if is_empty { b"" } else { b"," };
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

/// A text where none is: a string, or the one block of a list.
fn whole(text: &str, typed: bool) -> Vec<u8> {
    if typed {
        string(text)
    } else {
        [b"[", &*block(text, false), b"]"].concat()
    }
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
