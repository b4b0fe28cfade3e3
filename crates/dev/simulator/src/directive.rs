//! Steering by the prompt: `[[sim: key=value, flag, text="..."]]` at the start of the last message,
//! or of a line of it: agents put what they know before what they are asked.
//!
//! Entries are separated by commas or spaces. A value is a bare word or a quoted text with
//! `\"`, `\\`, `\n` and `\t`. Unknown keys are refused, so that a test with a typing error
//! does not pass by chance.

use std::time::Duration;

use crate::ask::Finish;
use crate::fault::{Fault, parse_duration};

const OPEN: &str = "[[sim:";
const CLOSE: &str = "]]";
/// Choices and parallel calls are cheap to write and dear to answer.
const PARALLEL_MAX: usize = 64;

/// What the prompt orders. Everything not said is decided as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directive {
    /// `text="..."`: the answer, word for word.
    pub(crate) text: Option<String>,
    /// `echo`: the answer is the rest of the prompt.
    pub(crate) echo: bool,
    /// `tokens=200`: length of the answer.
    pub(crate) tokens: Option<usize>,
    /// `piece=1`: characters in one piece of a streamed text; each piece counts as a token.
    pub(crate) piece: Option<usize>,
    /// `reasoning=20`: tokens of reasoning before the answer.
    pub(crate) reasoning: Option<usize>,
    /// `tool=get_weather`, more than once if need be: tools to call.
    pub(crate) tools: Vec<String>,
    /// `parallel=2`: calls of each tool.
    pub(crate) parallel: Option<usize>,
    /// `arguments="{...}"`: what the tools are called with, not checked to be JSON.
    pub(crate) arguments: Option<String>,
    /// `finish=length`: why the answer ends.
    pub(crate) finish: Option<Finish>,
    /// `refuse`: a refusal in the format's own way.
    pub(crate) refuse: bool,
    /// `cached=100`: input tokens read from the cache.
    pub(crate) cached: u64,
    /// `cache-write=100`: input tokens written to the cache.
    pub(crate) cache_write: u64,
    /// `fault=cut@3`: what goes wrong.
    pub(crate) fault: Option<Fault>,
    /// `ttft=200ms`: time to first token.
    pub(crate) ttft: Option<Duration>,
    /// `pace=10ms`: time between tokens.
    pub(crate) pace: Option<Duration>,
}

/// A directive that cannot be obeyed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadDirective {
    #[error("simulator directive: `{OPEN}` is never closed by `{CLOSE}`")]
    Open,
    #[error("simulator directive: a quoted value is never closed")]
    OpenQuote,
    #[error(
        "simulator directive: unknown entry `{0}`; known are text, echo, tokens, piece, reasoning, \
         tool, parallel, arguments, finish, refuse, cached, cache-write, fault, ttft, pace"
    )]
    Unknown(String),
    #[error("simulator directive: `{key}` cannot be `{value}`")]
    Value { key: String, value: String },
}

impl Directive {
    /// Splits a message into its directive (the empty one if there is none) and the rest.
    pub(crate) fn read(message: &str) -> Result<(Self, &str), BadDirective> {
        let mut directive = Self::default();
        let Some(mut rest) = begun(message) else {
            return Ok((directive, message));
        };
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if let Some(after) = rest.strip_prefix(CLOSE) {
                return Ok((directive, after.trim_start()));
            }
            let (key, after) = split_word(rest).ok_or(BadDirective::Open)?;
            let (value, after) = match after.strip_prefix('=') {
                None => (String::new(), after),
                Some(after) => read_value(after)?,
            };
            directive.set(key, value)?;
            rest = after;
        }
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), BadDirective> {
        let bad = |value: &str| BadDirective::Value {
            key: key.to_owned(),
            value: value.chars().take(80).collect(),
        };
        let count = |value: &str| value.parse::<usize>().map_err(|_unread| bad(value));
        let flag = |value: &str| {
            if value.is_empty() {
                Ok(true)
            } else {
                Err(bad(value))
            }
        };
        let time = |value: &str| parse_duration(value).ok_or_else(|| bad(value)).map(Some);
        match key {
            "text" => self.text = Some(value),
            "echo" => self.echo = flag(&value)?,
            "tokens" => self.tokens = Some(count(&value)?),
            "piece" => self.piece = Some(count(&value)?.max(1)),
            "reasoning" => self.reasoning = Some(count(&value)?),
            "tool" if !value.is_empty() => self.tools.push(value),
            "tool" => return Err(bad(&value)),
            "parallel" => self.parallel = Some(count(&value)?.clamp(1, PARALLEL_MAX)),
            "arguments" => self.arguments = Some(value),
            "finish" => self.finish = Some(Finish::from_word(&value).ok_or_else(|| bad(&value))?),
            "refuse" => self.refuse = flag(&value)?,
            "cached" => self.cached = count(&value)? as u64,
            "cache-write" => self.cache_write = count(&value)? as u64,
            "fault" => self.fault = Some(value.parse().map_err(|_listed| bad(&value))?),
            "ttft" => self.ttft = time(&value)?,
            "pace" => self.pace = time(&value)?,
            _ => return Err(BadDirective::Unknown(key.chars().take(80).collect())),
        }
        Ok(())
    }
}

/// What follows the opening of the last directive that begins a line.
fn begun(message: &str) -> Option<&str> {
    let mut found = message.rmatch_indices(OPEN).filter_map(|(at, _)| {
        let (before, rest) = message.split_at_checked(at)?;
        let before = before.trim_end_matches([' ', '\t']);
        (before.is_empty() || before.ends_with('\n')).then_some(rest)
    });
    found.next()?.strip_prefix(OPEN)
}

/// A bare word: up to a comma, white space, `=` or the closing brackets.
fn split_word(text: &str) -> Option<(&str, &str)> {
    let ends = |c: char| c == ',' || c == '=' || c == ']' || c.is_whitespace();
    text.split_at_checked(text.find(ends)?)
        .filter(|(word, _)| !word.is_empty())
}

fn read_value(text: &str) -> Result<(String, &str), BadDirective> {
    let Some(quoted) = text.strip_prefix('"') else {
        let ends = |c: char| c == ',' || c == ']' || c.is_whitespace();
        let end = text.find(ends).ok_or(BadDirective::Open)?;
        let (word, rest) = text.split_at_checked(end).ok_or(BadDirective::Open)?;
        return Ok((word.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok((value, chars.as_str())),
            '\\' => match chars.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(other) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err(BadDirective::OpenQuote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_and_the_rest_is_left() {
        let (directive, rest) = Directive::read(
            r#" [[sim: text="a \"b\", ]]\n", tokens=3 tool=get_weather, parallel=2 refuse, fault=stall@5:200ms]] Hello"#,
        )
        .unwrap();
        assert_eq!(rest, "Hello");
        assert_eq!(directive.text.as_deref(), Some("a \"b\", ]]\n"));
        assert_eq!(directive.tokens, Some(3));
        assert_eq!(directive.tools, ["get_weather"]);
        assert_eq!(directive.parallel, Some(2));
        assert!(directive.refuse);
        assert_eq!(directive.fault, "stall@5:200ms".parse().ok());
    }

    #[test]
    fn the_last_line_that_begins_with_a_directive_counts() {
        let message = "<files>a</files>\n[[sim: tokens=1]] One\n [[sim: tokens=2]] Two\nlines";
        let (directive, rest) = Directive::read(message).unwrap();
        assert_eq!(directive.tokens, Some(2));
        assert_eq!(rest, "Two\nlines");
    }

    #[test]
    fn a_message_without_directive_is_left_alone() {
        assert_eq!(
            Directive::read(" Hi [[sim: echo]]"),
            Ok((Directive::default(), " Hi [[sim: echo]]"))
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (message, says) in [
            ("[[sim: tokns=3]]", "unknown entry `tokns`"),
            ("[[sim: tokens=many]]", "`tokens` cannot be `many`"),
            ("[[sim: echo", "never closed"),
            ("[[sim: text=\"abc]]", "quoted value is never closed"),
            ("[[sim: =3]]", "never closed"),
        ] {
            let error = Directive::read(message).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
