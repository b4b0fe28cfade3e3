//! What is wrong with a configuration, and how a tired person reads it.
//!
//! A [`Problem`] names the place, the fact and what to write instead. It carries
//! its source line with anything that looks like a credential masked, so that a
//! report can go to a log. Colour is the only thing a terminal adds.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Value, json};

use crate::sources::Sources;
use crate::valid::Origin;

mod mask;
mod render;

pub(crate) use mask::{is_environment_name, mask_words, quote};

/// Problems that one report lists; further ones are counted.
pub const PROBLEMS_MAX: usize = 200;

/// Problems after which looking for more is pointless.
pub(crate) const COLLECTED_MAX: usize = 1000;

/// Whether a problem stops the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The configuration is not taken.
    Error,
    /// It is taken, but somebody should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong or suspicious.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it stops the configuration.
    pub severity: Severity,
    /// Where it stands. Line 0: in no file, for example a file that cannot be read.
    pub origin: Origin,
    /// Which field of the effective configuration: `models[2].targets[0].when`; empty for the whole.
    pub path: String,
    /// The fact.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The source line, credentials masked; filled by [`Report::new`].
    pub source_line: Option<String>,
}

impl Problem {
    /// A problem that stops the configuration.
    #[must_use]
    pub fn error(origin: Origin, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, origin, path.into(), message.into())
    }

    /// A problem that does not stop the configuration.
    #[must_use]
    pub fn warning(origin: Origin, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, origin, path.into(), message.into())
    }

    fn new(severity: Severity, origin: Origin, path: String, message: String) -> Self {
        Self {
            severity,
            origin,
            path,
            message,
            help: None,
            source_line: None,
        }
    }

    /// The same problem with what to write instead.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Takes the source line from the text it was read from, masked.
    pub fn locate(&mut self, sources: &Sources) {
        if self.source_line.is_none() && self.origin.line > 0 {
            self.source_line = sources
                .line(&self.origin.file, self.origin.line)
                .map(|line| mask::mask_line(line, &self.path));
        }
    }

    /// For machines: `severity`, `file`, `line`, `column`, `layer`, `path`, `message`, `help`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "severity": self.severity.as_str(),
            "file": &*self.origin.file,
            "line": self.origin.line,
            "column": self.origin.column,
            "layer": &*self.origin.layer,
            "path": self.path,
            "message": self.message,
            "help": self.help,
        })
    }
}

/// Every problem of a configuration, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The problems; at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How many more there were.
    pub left_out: usize,
}

impl Report {
    /// Sorts the problems by place, takes their source lines and drops repeats.
    #[must_use]
    pub fn new(mut problems: Vec<Problem>, sources: &Sources) -> Self {
        problems.sort_by_cached_key(|problem| {
            let origin = &problem.origin;
            let file = sources.position(&origin.file);
            (problem.severity, file, origin.line, origin.column)
        });
        problems.dedup();
        let left_out = problems.len().saturating_sub(PROBLEMS_MAX);
        problems.truncate(PROBLEMS_MAX);
        for problem in &mut problems {
            problem.locate(sources);
        }
        Self { problems, left_out }
    }

    /// The same report with further problems of the same sources. What it says already, at
    /// a closer place, is not said again.
    #[must_use]
    pub fn with(self, more: Vec<Problem>, sources: &Sources) -> Self {
        let mut problems = self.problems;
        let said: HashSet<String> = problems.iter().map(|p| p.message.clone()).collect();
        let new = |problem: &Problem| !said.contains(&problem.message);
        problems.extend(more.into_iter().filter(new));
        let mut report = Self::new(problems, sources);
        report.left_out += self.left_out;
        report
    }

    /// Whether something stops the configuration.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|p| p.severity == Severity::Error)
    }

    /// For machines: `{"problems": [...], "left_out": 0}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let problems: Vec<Value> = self.problems.iter().map(Problem::to_json).collect();
        json!({ "problems": problems, "left_out": self.left_out })
    }

    /// For people; with `colour` the marks are coloured for a terminal.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        render::report(self, colour)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render::problem(self, false))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}
