//! What a check found: where, what, and how to mend it.

use std::fmt;

/// Whether a finding stops the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Worth a look.
    Warning,
    /// Must be mended.
    Error,
}

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whether it stops the check.
    pub(crate) severity: Severity,
    /// Path from the root of the repository.
    pub(crate) path: String,
    /// Line, from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) mend: String,
}

impl Finding {
    /// A finding that must be mended.
    pub(crate) fn error(
        path: &str,
        line: usize,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            path: path.to_owned(),
            line,
            what: what.into(),
            mend: mend.into(),
        }
    }

    /// A finding worth a look.
    pub(crate) fn warning(
        path: &str,
        line: usize,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(path, line, what, mend)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let Self {
            path,
            line,
            what,
            mend,
            ..
        } = self;
        write!(f, "{path}:{line}: {word}: {what}\n    mend: {mend}")
    }
}
