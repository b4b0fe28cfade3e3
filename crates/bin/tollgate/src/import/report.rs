//! What became of every part of the input, for people and for scripts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::input::{Fate, Note};
use super::secrets::{Held, Needed};

/// Rows of one kind that are shown on standard error; a file gets all of them.
const SHOWN_MAX: usize = 50;

/// The report of one import.
#[derive(Debug)]
pub(super) struct Report {
    /// The gateway that was left.
    pub(super) source: &'static str,
    pub(super) notes: Vec<Note>,
    pub(super) secrets: Vec<Needed>,
    /// What `tollgate check` warns of.
    pub(super) warnings: Vec<String>,
}

impl Report {
    /// Whether something was lost.
    pub(super) fn loses(&self) -> bool {
        self.of(Fate::Lost).next().is_some()
    }

    fn of(&self, fate: Fate) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |note| note.fate == fate)
    }

    /// One line.
    pub(super) fn summary(&self) -> String {
        let count = |fate| self.of(fate).count();
        format!(
            "from {}: {} carried, {} not needed, {} lost",
            self.source,
            count(Fate::Carried),
            count(Fate::NotNeeded),
            count(Fate::Lost)
        )
    }

    /// For people at a terminal: what they have to do first, and not what went well.
    pub(super) fn to_text(&self) -> String {
        let mut out = self.summary();
        let variables = self.variables();
        section(
            &mut out,
            "set these variables",
            variables
                .iter()
                .map(|(variable, told)| format!("{variable}: {told}")),
        );
        let told = |note: &Note| format!("{}: {}", place(note), note.text);
        section(&mut out, "lost", self.of(Fate::Lost).map(told));
        section(
            &mut out,
            "`tollgate check` warns",
            self.warnings.iter().cloned(),
        );
        out.push_str("\n(--report FILE writes all of it)");
        out
    }

    /// For people, whole.
    pub(super) fn to_markdown(&self) -> String {
        let mut out = format!("# Import from {}\n\n{}.\n", self.source, self.summary());
        let rows = self.variables();
        table(
            &mut out,
            "Variables to set",
            ["variable", "holds"],
            rows.into_iter(),
        );
        for (fate, title, second) in [
            (Fate::Lost, "Lost", "what to do"),
            (Fate::Carried, "Carried", "where it is now"),
            (Fate::NotNeeded, "Not needed", "why"),
        ] {
            let rows = self
                .of(fate)
                .map(|note| (place(note).to_owned(), note.text.clone()));
            table(&mut out, title, ["input", second], rows);
        }
        if !self.warnings.is_empty() {
            out.push_str("\n## What `tollgate check` warns of\n\n");
            for warning in &self.warnings {
                let _ = writeln!(out, "- {}", cell(warning));
            }
        }
        out
    }

    /// For scripts.
    pub(super) fn to_json(&self) -> String {
        let rows = |fate, second: &str| -> Vec<Value> {
            let notes = self.of(fate);
            notes
                .map(|note| json!({"input": note.path, second: note.text}))
                .collect()
        };
        let secrets: Vec<Value> = self
            .secrets
            .iter()
            .map(|needed| json!({"variable": needed.variable, "input": needed.from, "written_out": needed.held == Held::Written}))
            .collect();
        let whole = json!({
            "source": self.source,
            "variables": secrets,
            "lost": rows(Fate::Lost, "instead"),
            "carried": rows(Fate::Carried, "to"),
            "not_needed": rows(Fate::NotNeeded, "why"),
            "warnings": self.warnings,
        });
        let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Each variable once, with where its value comes from.
    fn variables(&self) -> Vec<(String, String)> {
        let mut others: BTreeMap<&str, usize> = BTreeMap::new();
        let mut firsts: Vec<&Needed> = Vec::new();
        for needed in &self.secrets {
            let count = others.entry(&needed.variable).or_insert_with(|| {
                firsts.push(needed);
                0
            });
            *count = count.saturating_add(1);
        }
        let told = |needed: &&Needed| {
            let mut told = match needed.held {
                Held::Written => {
                    format!(
                        "the value that stands at {}; it was not copied",
                        needed.from
                    )
                }
                Held::Named => format!("as {} says", needed.from),
                Held::Nowhere => format!("the key of {}, which says none", needed.from),
            };
            let count = others.get(needed.variable.as_str());
            if let Some(more) = count.filter(|count| **count > 1) {
                let _ = write!(told, " ({more} places want it)");
            }
            (needed.variable.clone(), told)
        };
        firsts.iter().map(told).collect()
    }
}

/// Where a note is about; the whole has no path.
fn place(note: &Note) -> &str {
    if note.path.is_empty() {
        "(the whole)"
    } else {
        &note.path
    }
}

fn section(out: &mut String, title: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let _ = write!(out, "\n{title}:");
    for row in rows.iter().take(SHOWN_MAX) {
        let _ = write!(out, "\n  {}", printable(row));
    }
    if let Some(more) = rows.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        let _ = write!(out, "\n  and {more} more");
    }
}

fn table(
    out: &mut String,
    title: &str,
    head: [&str; 2],
    rows: impl Iterator<Item = (String, String)>,
) {
    let rows: Vec<(String, String)> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let [first, second] = head;
    let _ = write!(out, "\n## {title}\n\n| {first} | {second} |\n|---|---|\n");
    for (path, text) in &rows {
        let _ = writeln!(
            out,
            "| `{}` | {} |",
            cell(path).replace('`', "'"),
            cell(text)
        );
    }
}

/// A text that cannot end its cell.
fn cell(text: &str) -> String {
    printable(text).replace('|', "\\|")
}

/// Without characters that act on a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
