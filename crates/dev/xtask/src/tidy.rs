//! The rules of the house that a command can check.
//!
//! Each check is one file below `tidy/` and one line in [`CHECKS`]; it reads the
//! tree and the crates and adds what it finds. Formatting and lints are left to
//! rustfmt and clippy.

mod configurations;
mod dead;
mod floors;
mod formats;
mod headers;
mod length;
mod links;
mod unused;
mod words;

use std::io::{self, Write};

use crate::finding::{Finding, Severity};
use crate::tree::Tree;
use crate::workspace::Package;

type Check = fn(&Tree, &[Package], &mut Vec<Finding>);

/// Every check.
const CHECKS: [Check; 10] = [
    headers::check,
    length::check,
    dead::check,
    floors::check,
    floors::check_table,
    unused::check,
    formats::check,
    links::check,
    words::check,
    configurations::check,
];

/// Runs every check and says what was found; false when something must be mended.
pub(crate) fn run(tree: &Tree, packages: &[Package], out: &mut dyn Write) -> io::Result<bool> {
    let mut findings = Vec::new();
    for check in CHECKS {
        check(tree, packages, &mut findings);
    }
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let warnings = findings.len() - errors;
    writeln!(out, "tidy: {errors} to mend, {warnings} to look at")?;
    Ok(errors == 0)
}
