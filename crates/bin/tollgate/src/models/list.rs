//! Models in rows: a table for people, CSV for programs.

use std::fmt::Write as _;

use tollgate_catalogue::{Day, Unit};

use super::entry::Entry;

const HEAD: [&str; 10] = [
    "provider",
    "model",
    "family",
    "context",
    "output",
    "input $/M",
    "cached $/M",
    "output $/M",
    "abilities",
    "state",
];

/// Columns of equal width, the last ones as they come.
pub(super) fn table(entries: &[Entry], day: Day, prompt_tokens: u64) -> String {
    let rows = rows(entries, day, prompt_tokens);
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let head = HEAD.map(str::to_owned);
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _infallible = if (3..8).contains(&index) {
                write!(line, "{cell:>width$}  ")
            } else {
                write!(line, "{cell:<width$}  ")
            };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let _infallible = writeln!(out, "\n{} models", rows.len());
    out
}

/// One line for each model, after one with the names of the columns.
pub(super) fn csv(entries: &[Entry], day: Day, prompt_tokens: u64) -> String {
    let mut out = String::from(
        "provider,model,family,context_tokens,output_tokens,input_usd_per_million,\
         cached_input_usd_per_million,output_usd_per_million,abilities,state\n",
    );
    for row in rows(entries, day, prompt_tokens) {
        let cells = row
            .iter()
            .map(|cell| quoted(if cell == "-" { "" } else { cell }));
        out.push_str(&cells.collect::<Vec<_>>().join(","));
        out.push('\n');
    }
    out
}

fn rows(entries: &[Entry], day: Day, prompt_tokens: u64) -> Vec<[String; 10]> {
    let row = |entry: &Entry| {
        let facts = entry.facts();
        let dollars = |unit| entry.dollars(unit, day, prompt_tokens);
        [
            entry.provider.clone(),
            entry.name.clone(),
            entry.family.clone(),
            tokens(facts.context_tokens),
            tokens(facts.output_tokens),
            dollars(Unit::Input),
            dollars(Unit::CachedInput),
            dollars(Unit::Output),
            facts.abilities.labels().join(" "),
            entry.state(day).to_owned(),
        ]
    };
    entries.iter().map(row).collect()
}

/// `-` where it is not known.
pub(super) fn tokens(tokens: u32) -> String {
    match tokens {
        0 => "-".to_owned(),
        tokens => tokens.to_string(),
    }
}

/// As RFC 4180 has it.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
