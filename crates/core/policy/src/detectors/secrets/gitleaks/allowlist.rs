//! What a `gitleaks.toml` allows.
//!
//! A text has no path and no commit, so conditions on them never hold: among
//! alternatives they are left out, and where all must hold the list allows nothing. The
//! line of a finding is read as far as it lies within [`LINE_BYTES_MAX`] before the match,
//! and to the end of the match, so that it is the same for every way to cut the text.

use regex_automata::meta::Regex;

use super::file::AllowlistSpec;
use super::{Problem, compile, parse};

/// How much of a line before a match is read, in bytes.
const LINE_BYTES_MAX: usize = 64;

/// What the patterns of a list are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Secret,
    Match,
    Line,
}

#[derive(Debug)]
pub(super) struct Allowlist {
    target: Target,
    regexes: Vec<Regex>,
    stopwords: Vec<String>,
    /// Whether the patterns and the stop words must both allow.
    all: bool,
    /// There is a condition that no text meets, and all must hold.
    never: bool,
    pub(super) rules: Vec<String>,
}

impl Allowlist {
    pub(super) fn new(spec: AllowlistSpec) -> Result<Self, Problem> {
        let all = match spec.condition.to_ascii_uppercase().as_str() {
            "" | "OR" | "||" => false,
            "AND" | "&&" => true,
            other => {
                return Err(Problem::new(
                    format!("the condition `{other}` is none"),
                    "write `AND` or `OR`",
                ));
            }
        };
        let target = match spec.regex_target.as_str() {
            "" | "secret" => Target::Secret,
            "match" => Target::Match,
            "line" => Target::Line,
            other => {
                let message = format!("the target `{other}` is none");
                return Err(Problem::new(message, "write `secret`, `match` or `line`"));
            }
        };
        let elsewhere = !spec.paths.is_empty() || !spec.commits.is_empty();
        if !elsewhere && spec.regexes.is_empty() && spec.stopwords.is_empty() {
            let help = "add `regexes`, `stopwords`, `paths` or `commits`";
            return Err(Problem::new(
                "an allow-list allows nothing".to_owned(),
                help,
            ));
        }
        let regexes = spec.regexes.iter().map(|pattern| compile(&parse(pattern)?));
        Ok(Self {
            target,
            regexes: regexes.collect::<Result<_, _>>()?,
            stopwords: spec
                .stopwords
                .iter()
                .map(|word| word.to_ascii_lowercase())
                .collect(),
            all,
            never: all && elsewhere,
            rules: spec.target_rules,
        })
    }

    /// Whether it allows a finding.
    pub(super) fn allows(
        &self,
        text: &[u8],
        found: (usize, usize),
        secret: (usize, usize),
    ) -> bool {
        if self.never {
            return false;
        }
        let slice = |(start, end): (usize, usize)| text.get(start..end).unwrap_or_default();
        let target = match self.target {
            Target::Secret => slice(secret),
            Target::Match => slice(found),
            Target::Line => {
                let from = found.0.saturating_sub(LINE_BYTES_MAX);
                let before = slice((from, found.0));
                let line = memchr::memrchr(b'\n', before).map_or(from, |at| from + at + 1);
                slice((line, found.1))
            }
        };
        let by_regex =
            !self.regexes.is_empty() && self.regexes.iter().any(|regex| regex.is_match(target));
        let lower = slice(secret).to_ascii_lowercase();
        let by_word = self
            .stopwords
            .iter()
            .any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some());
        if self.all {
            (self.regexes.is_empty() || by_regex) && (self.stopwords.is_empty() || by_word)
        } else {
            by_regex || by_word
        }
    }
}
