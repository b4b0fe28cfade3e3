//! From a file to a tree of values: YAML, JSON or TOML, bounded.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;
use tollgate_config::{FILE_BYTES_MAX, Problem, Report, YamlFile};

use super::From;

/// What the file holds, in the language of its gateway.
pub(super) fn value(from: From, path: &Path) -> Result<Value, String> {
    let text = if path.as_os_str() == "-" {
        whole(io::stdin().lock())
    } else {
        File::open(path).and_then(whole)
    };
    let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
    let name = path.display().to_string();
    match from {
        From::Litellm => yaml(YamlFile::from_text(&name, &text)),
        From::EnvoyAiGateway => yaml(YamlFile::documents_from_text(&name, &text)),
        From::Portkey | From::Bifrost => serde_json::from_str(&text).map_err(|error| {
            format!(
                "{name}:{}:{}: not valid JSON: {}",
                error.line(),
                error.column(),
                plain(&error)
            )
        }),
        From::Tensorzero => toml::from_str(&text).map_err(|error| {
            let (line, column) = place(&text, error.span().map_or(0, |span| span.start));
            format!(
                "{name}:{line}:{column}: not valid TOML: {}",
                error.message()
            )
        }),
    }
}

/// All of the input, as long as it is no larger than a configuration may be.
fn whole(input: impl Read) -> io::Result<String> {
    let bytes_max = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    input
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(io::Error::other(format!(
            "larger than {FILE_BYTES_MAX} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|_error| io::Error::other("not UTF-8"))
}

/// Messages and places only: a line of the source may hold a secret.
fn yaml(read: Result<YamlFile, Report>) -> Result<Value, String> {
    let told = |problems: &[Problem]| {
        let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
        told.join("\n")
    };
    let file = read.map_err(|report| told(&report.problems))?;
    file.decode("").map_err(|problems| told(&problems))
}

/// The parser's words without the place, which stands before them.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((words, _place)) => words.to_owned(),
        None => text,
    }
}

/// Line and column of a byte, both from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (
        before.matches('\n').count().saturating_add(1),
        line.chars().count().saturating_add(1),
    )
}
