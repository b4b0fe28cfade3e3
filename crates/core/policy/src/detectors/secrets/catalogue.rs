//! The list of rules, read from `rules.txt`.

use super::pattern::{Pattern, PatternError};

/// The list as it is written.
const RULES: &str = include_str!("rules.txt");

/// The tag of rules that are off unless they are asked for.
pub(super) const NOISY: &str = "noisy";

/// How sure a token and a value with a name are, in hundredths, unless a rule says.
const TOKEN_SCORE: u8 = 98;
const VALUE_SCORE: u8 = 85;

/// A kind of secret.
#[derive(Debug)]
pub(super) struct Rule {
    /// As findings, configuration and documents write it.
    pub(super) name: &'static str,
    /// What it is, for people.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the documents have it, which the tests compare")
    )]
    pub(super) what: &'static str,
    /// Groups it belongs to.
    pub(super) tags: Vec<&'static str>,
    pub(super) forms: Vec<Form>,
}

/// What bytes a secret must have, beyond its pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Needs {
    #[default]
    Nothing,
    /// A digit, or letters as no word has them.
    Digit,
    /// A digit and letters of both cases.
    Mixed,
    /// Not even that it differs from what stands in examples.
    Free,
}

/// One form of a secret.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) pattern: Pattern,
    pub(super) needs: Needs,
    pub(super) score: u8,
    /// Words of names it is given to; empty for a token that tells by itself.
    pub(super) words: Vec<Word>,
}

/// A word of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// In small letters; `*` for any name of a secret.
    pub(super) text: &'static str,
    /// The name must also say that it names a secret: the word says other things too.
    pub(super) common: bool,
}

/// A line that cannot be read; the tests read them all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the list of rules: {cause}")]
pub(super) struct CatalogueError {
    line: usize,
    cause: LineError,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum LineError {
    #[error("a rule is `@name [tags] what it is`")]
    Rule,
    #[error("a form without a rule")]
    NoRule,
    #[error("a flag that does not exist")]
    Flag,
    #[error("{0}")]
    Pattern(#[from] PatternError),
}

/// Every rule there is, in the order of the list.
pub(super) fn rules() -> Result<Vec<Rule>, CatalogueError> {
    let mut rules: Vec<Rule> = Vec::new();
    for (index, line) in RULES.lines().enumerate() {
        let at = |cause| CatalogueError {
            line: index + 1,
            cause,
        };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix('@') {
            rules.push(rule(head).ok_or(LineError::Rule).map_err(at)?);
        } else {
            let rule = rules.last_mut().ok_or(LineError::NoRule).map_err(at)?;
            rule.forms.extend(forms(line).map_err(at)?);
        }
    }
    Ok(rules)
}

fn rule(head: &'static str) -> Option<Rule> {
    let (name, rest) = head.split_once(" [")?;
    let (tags, what) = rest.split_once("] ")?;
    Some(Rule {
        name,
        what,
        tags: tags.split(',').collect(),
        forms: Vec::new(),
    })
}

fn forms(line: &'static str) -> Result<Vec<Form>, LineError> {
    let (line, flags) = line.split_once("  ").unwrap_or((line, ""));
    let (words, source): (Vec<Word>, _) = match line.split_once(" = ") {
        Some((words, source)) => (words.split(',').map(word).collect(), source),
        None => (Vec::new(), line),
    };
    let mut needs = Needs::Nothing;
    let mut score = if words.is_empty() {
        TOKEN_SCORE
    } else {
        VALUE_SCORE
    };
    for flag in flags.split_whitespace() {
        match flag {
            "!digit" => needs = Needs::Digit,
            "!mixed" => needs = Needs::Mixed,
            "!free" => needs = Needs::Free,
            _ => {
                let written = flag.strip_prefix('~').and_then(|score| score.parse().ok());
                score = written.ok_or(LineError::Flag)?;
            }
        }
    }
    let patterns = Pattern::parse(source)?;
    let form = |pattern| Form {
        pattern,
        needs,
        score,
        words: words.clone(),
    };
    Ok(patterns.into_iter().map(form).collect())
}

fn word(text: &'static str) -> Word {
    let plain = text.strip_suffix('?');
    Word {
        text: plain.unwrap_or(text),
        common: plain.is_some(),
    }
}
