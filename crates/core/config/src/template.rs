//! Texts with places for what is known of a request: `{{service}}`.
//!
//! There are variables and nothing else: no conditions, no loops, no expressions. What a
//! caller chose stands in a text like any other; whoever writes the text into JSON escapes it.

use std::borrow::Cow;

use tollgate_types::is_credential_header;

use crate::suggest::list;

/// How long a text may be, in bytes.
pub(crate) const TEMPLATE_BYTES_MAX: usize = 64 * 1024;

/// A text with variables in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(Variable),
}

/// What can stand between `{{` and `}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Variable {
    Service,
    Team,
    Model,
    /// Its name in lower case.
    Header(String),
}

/// What the variables of one request are.
#[derive(Clone, Copy)]
pub struct Variables<'r> {
    /// The calling service.
    pub service: &'r str,
    /// Its team; empty for none.
    pub team: &'r str,
    /// The model as the caller named it.
    pub model: &'r str,
    /// A header's value, by its name in lower case; `None` where the request has none.
    pub header: &'r dyn Fn(&str) -> Option<Cow<'r, str>>,
}

/// A text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("`{{{{` has no `}}}}` behind it")]
    Open,
    #[error("there is no variable `{0}`")]
    Unknown(String),
    #[error("`{0}` is not the name of a header")]
    Header(String),
    #[error("the header `{0}` holds a credential, which goes into no text")]
    Credential(String),
}

impl TemplateError {
    /// What to write instead.
    pub(crate) fn help(&self) -> String {
        let all = ["service", "team", "model", "headers.NAME"];
        format!(
            "variables are {}, each in `{{{{` and `}}}}`",
            list(all.into_iter())
        )
    }
}

impl Template {
    /// Reads a text.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            let (name, behind) = behind.split_once("}}").ok_or(TemplateError::Open)?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Variable(variable(name.trim())?));
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(Self(parts))
    }

    /// True for a text that says nothing, whatever the request.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text for one request. A header that is not there is an empty text.
    #[must_use]
    pub fn render(&self, variables: &Variables<'_>) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable(Variable::Service) => out.push_str(variables.service),
                Part::Variable(Variable::Team) => out.push_str(variables.team),
                Part::Variable(Variable::Model) => out.push_str(variables.model),
                Part::Variable(Variable::Header(name)) => {
                    out.push_str(&(variables.header)(name).unwrap_or_default());
                }
            }
        }
        out
    }
}

fn variable(name: &str) -> Result<Variable, TemplateError> {
    Ok(match name {
        "service" => Variable::Service,
        "team" => Variable::Team,
        "model" => Variable::Model,
        _ => {
            let unknown = || TemplateError::Unknown(name.chars().take(64).collect());
            let header = name.strip_prefix("headers.").ok_or_else(unknown)?;
            Variable::Header(header_name(header)?)
        }
    })
}

fn header_name(name: &str) -> Result<String, TemplateError> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || !name.chars().all(token) {
        return Err(TemplateError::Header(name.chars().take(64).collect()));
    }
    if is_credential_header(&lower) || lower == "x-tollgate-key" {
        return Err(TemplateError::Credential(lower));
    }
    Ok(lower)
}

#[cfg(test)]
mod tests {
    use super::{Template, TemplateError, Variables};

    #[test]
    fn variables_become_what_they_stand_for_once() {
        let header = |name: &str| (name == "x-city").then_some("{{team}} \"Bern\"".into());
        let variables = Variables {
            service: "shop",
            team: "",
            model: "fast",
            header: &header,
        };
        for (text, expected) in [
            ("", ""),
            ("plain } { text", "plain } { text"),
            ("{{service}} asks {{ model }}.", "shop asks fast."),
            ("[{{team}}] {{headers.X-City}}", "[] {{team}} \"Bern\""),
            ("{{headers.x-none}}", ""),
        ] {
            let template = Template::parse(text).unwrap();
            assert_eq!(template.render(&variables), expected, "{text}");
            assert_eq!(template.is_empty(), text.is_empty());
        }
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        for (text, expected) in [
            ("{{user}}", TemplateError::Unknown("user".to_owned())),
            ("{{", TemplateError::Open),
            ("a {{service} b", TemplateError::Open),
            ("{{headers.}}", TemplateError::Header(String::new())),
            ("{{headers.a b}}", TemplateError::Header("a b".to_owned())),
            (
                "{{headers.Authorization}}",
                TemplateError::Credential("authorization".to_owned()),
            ),
            (
                "{{headers.x-tollgate-key}}",
                TemplateError::Credential("x-tollgate-key".to_owned()),
            ),
        ] {
            assert_eq!(Template::parse(text), Err(expected), "{text}");
        }
    }
}
