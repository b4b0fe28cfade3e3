//! What becomes of each feature between each pair of formats: carried, emulated or lost.
//!
//! A feature is a small request, answer or stream in canonical form. It is written in the
//! one format, read back, written in the other and read back: what arrives, and what was
//! named as lost, is the cell. A feature that vanishes without a name is a mistake.
//! `docs/reference/translation.md` is made from it
//! (`UPDATE_DOCS=1 cargo test -p tollgate-formats translation`); a format joins by itself.

mod answers;
mod features;
pub(crate) mod prompts;
mod ranks;
pub(crate) mod requests;
mod streams;
pub(crate) mod turns;
mod vectors;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use tollgate_formats::{ChatFormat, Format, FormatId, Losses, Operation, chat_formats};

use crate::load::callers;
use crate::vectors::of;

/// What becomes of a feature on the way from one format to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// The first format has no such thing.
    Unsaid,
    /// It arrives as it was.
    Carried,
    /// It arrives in another form, or in part; with the names of what does not.
    Emulated(Vec<&'static str>),
    /// It does not arrive, which is named so.
    Lost(Vec<&'static str>),
    /// Nor does anything else of the message: it is not sent, for what is named.
    Refused(Vec<&'static str>),
    /// It does not arrive, and nobody says so: a mistake, unless it happens by itself.
    Dropped,
    /// Nor does the first format write it.
    Unwritten,
}

/// A row of the page.
pub(crate) struct Row {
    pub(crate) feature: &'static str,
    /// What it becomes where it arrives in another form.
    pub(crate) note: &'static str,
    pub(crate) cells: Vec<Cell>,
}

/// What a message was, what it became, and what was said on the way.
pub(crate) struct Passage<T> {
    /// As the first format reads it; `None` where that could not say it.
    pub(crate) before: Option<T>,
    /// What the first format wrote.
    pub(crate) said: Vec<u8>,
    pub(crate) after: T,
    /// What the second format wrote.
    pub(crate) written: Vec<u8>,
    pub(crate) losses: Losses,
}

/// Features that need not be written, and what the page says of them.
const BY_ITSELF: &[(&str, &str)] = &[
    ("reasoning as the model decides", "needs nothing"),
    ("usage: read from the cache", "in the total"),
    ("usage: written to the cache", "in the total"),
    ("usage: reasoning", "in the total"),
    ("tool choice: none", "no tools are offered"),
    ("vectors in base64", "made of the decimals"),
    ("inputs too long: refused", "needs nothing"),
];

/// What a format's writer is known to leave out without a word; to be mended there.
const KNOWN: &[(&str, &str)] = &[
    ("openai_chat", "verbosity"),
    ("openai_chat", "probabilities of tokens"),
    ("openai_chat", "probabilities of the likeliest tokens"),
];

fn by_itself(feature: &str) -> Option<&'static str> {
    let mut known = BY_ITSELF.iter();
    known
        .find(|(name, _shown)| *name == feature)
        .map(|(_name, shown)| *shown)
}

/// Looks at what a feature is about; `None` where it is not there.
pub(crate) type Probe<T> = fn(&T) -> Option<String>;

/// The cell of a message with a feature, beside the same without it.
pub(crate) fn cell<T>(with: &Passage<T>, without: &Passage<T>, probe: Probe<T>) -> Cell {
    let Some(said) = with.before.as_ref().and_then(probe) else {
        let is_silent = with.before.is_some() && with.said == without.said;
        return if is_silent {
            Cell::Unwritten
        } else {
            Cell::Unsaid
        };
    };
    let known: BTreeSet<&str> = without
        .losses
        .iter()
        .map(tollgate_formats::Loss::name)
        .collect();
    let names: Vec<&'static str> = with
        .losses
        .iter()
        .map(tollgate_formats::Loss::name)
        .filter(|name| !known.contains(name))
        .collect();
    let arrived = probe(&with.after);
    let is_same = arrived.as_ref() == Some(&said);
    match (names.is_empty(), is_same) {
        (true, true) => Cell::Carried,
        (true, false) if arrived.is_none() && with.written == without.written => Cell::Dropped,
        (true, false) => Cell::Emulated(names),
        (false, _) if arrived.is_some() => Cell::Emulated(names),
        (false, _) => Cell::Lost(names),
    }
}

/// Pairs of different formats, the first before the second.
pub(crate) fn others(
    format: &'static dyn ChatFormat,
) -> impl Iterator<Item = &'static dyn ChatFormat> {
    chat_formats().filter(move |other| other.id() != format.id())
}

/// The formats of those whom a model answers, but for its own format.
pub(crate) fn callers_beside(format: &'static dyn ChatFormat) -> impl Iterator<Item = FormatId> {
    callers().filter(move |other| *other != format.id())
}

/// A table of the page: what `first` says, at each other format.
struct Table {
    title: String,
    label: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
}

fn tables() -> Vec<Table> {
    let mut tables = chats();
    for format in of(Operation::Embed) {
        let rows = [vectors::requests(format), vectors::answers(format)];
        tables.extend(wholes(format, rows));
    }
    for format in of(Operation::Rerank) {
        let rows = [ranks::requests(format), ranks::answers(format)];
        tables.extend(wholes(format, rows));
    }
    tables
}

/// The tables of a format that streams nothing.
fn wholes(format: &'static dyn Format, [requests, answers]: [Vec<Row>; 2]) -> [Table; 2] {
    let label = format.label();
    let columns: Vec<&'static str> = features::others(format).map(Format::label).collect();
    [
        Table {
            title: format!("A request of `{label}`, to a provider of"),
            label,
            columns: columns.clone(),
            rows: requests,
        },
        Table {
            title: format!("An answer of `{label}`, to a caller of"),
            label,
            columns,
            rows: answers,
        },
    ]
}

fn chats() -> Vec<Table> {
    let mut tables = Vec::new();
    for format in chat_formats() {
        let chats: Vec<&'static str> = others(format).map(|other| other.label()).collect();
        let all = callers_beside(format).map(|other| other.format().label());
        let all: Vec<&'static str> = all.collect();
        let mut add = |title: String, columns: &[&'static str], rows: Vec<Row>| {
            tables.push(Table {
                title,
                label: format.label(),
                columns: columns.to_vec(),
                rows,
            });
        };
        let label = format.label();
        add(
            format!("A request of `{label}`, to a provider of"),
            &chats,
            requests::rows(format),
        );
        add(
            format!("A whole answer of `{label}`, to a caller of"),
            &all,
            answers::rows(format),
        );
        add(
            format!("A streamed answer of `{label}`, to a caller of"),
            &all,
            streams::rows(format),
        );
        add(
            format!("Back to a provider of `{label}` what it sent, by a caller of"),
            &chats,
            turns::rows(format),
        );
    }
    let label = FormatId::OpenaiCompletions.format().label();
    tables.push(Table {
        title: format!("A request of `{label}`, to a provider of"),
        label,
        columns: chat_formats().map(|chat| chat.label()).collect(),
        rows: prompts::rows(),
    });
    tables
}

#[test]
fn every_feature_is_carried_or_its_loss_has_a_name() {
    let tables = tables();
    let mut dropped = Vec::new();
    for table in &tables {
        for row in &table.rows {
            for (cell, &column) in row.cells.iter().zip(&table.columns) {
                let writer = match cell {
                    Cell::Dropped => column,
                    Cell::Unwritten => table.label,
                    _ => continue,
                };
                let is_known = KNOWN.contains(&(writer, row.feature));
                if !is_known && by_itself(row.feature).is_none() {
                    dropped.push(format!(
                        "{} {column}: {}, by {writer}",
                        table.title, row.feature
                    ));
                }
            }
        }
        let said = table
            .rows
            .iter()
            .filter(|row| row.cells.iter().any(|cell| *cell != Cell::Unsaid));
        assert!(
            said.count() >= 2,
            "{}: a format says more than that",
            table.title
        );
    }
    assert!(
        dropped.is_empty(),
        "dropped without a name:\n{}",
        dropped.join("\n")
    );
    let page = page(&tables);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/reference/translation.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "UPDATE_DOCS=1 writes {}", path.display());
}

#[test]
fn names_of_losses_fit_a_header_and_a_label() {
    for table in tables() {
        for name in table
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .flat_map(Cell::names)
        {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
            assert!(!name.is_empty() && name.chars().all(is_plain), "{name}");
        }
    }
}

impl Cell {
    fn names(&self) -> &[&'static str] {
        match self {
            Self::Emulated(names) | Self::Lost(names) | Self::Refused(names) => names,
            Self::Unsaid | Self::Carried | Self::Dropped | Self::Unwritten => &[],
        }
    }

    fn shown(&self, feature: &str) -> String {
        let names: Vec<String> = self
            .names()
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let names = names.join(", ");
        match self {
            Self::Unsaid | Self::Unwritten => "–".to_owned(),
            Self::Carried => "carried".to_owned(),
            Self::Dropped => by_itself(feature).unwrap_or("dropped").to_owned(),
            Self::Lost(_) => format!("lost: {names}"),
            Self::Refused(_) => format!("not sent: {names}"),
            Self::Emulated(_) if names.is_empty() => "emulated".to_owned(),
            Self::Emulated(_) => format!("emulated, but for {names}"),
        }
    }
}

fn page(tables: &[Table]) -> String {
    let mut page = String::from(
        "# What translation carries\n\n\
         Made by the test that tries each cell: a small message with the feature is written in the\n\
         one format, read, written in the other and read again.\n\n\
         - **carried**: it arrives as it was.\n\
         - **emulated**: it arrives in another form, which the row says; names behind it are what\n  \
           does not arrive.\n\
         - **lost**: it does not arrive. The names are those of `x-tollgate-loss`, of the metric's\n  \
           label `loss`, and of the refusal under `translation: strict`.\n\
         - **not sent**: without it the answer would be one to something else, so the request does not\n  \
           go to that target; the names are in the refusal.\n\
         - **needs nothing**: what happens anyway. **in the total**: counted, not told apart.\n\
         - **–**: the first format has no such thing.\n\n\
         Between two of one format nothing is translated: bytes pass as they are.\n",
    );
    for (what, operation) in [
        ("conversations", Operation::Chat),
        (
            "texts that go on, asked for as conversations",
            Operation::Complete,
        ),
        ("embeddings", Operation::Embed),
        ("reranking", Operation::Rerank),
        ("counting", Operation::Count),
    ] {
        let labels: Vec<String> = of(operation)
            .map(|format| format!("`{}`", format.label()))
            .collect();
        let _ = write!(page, "\nFormats of {what}: {}.\n", labels.join(", "));
    }
    page.push_str(
        "\nA format of counting carries of a prompt what the format of its conversation does, as far as\n\
         its endpoint takes it; what only steers an answer is neither sent nor lost.\n\n\
         Providers of `cohere_embed` must be told what vectors are for: where the caller's format has\n\
         no word for it, they are to be found (`search_document`).\n",
    );
    for table in tables {
        let _ = write!(page, "\n## {} …\n\n| feature |", table.title);
        for column in &table.columns {
            let _ = write!(page, " `{column}` |");
        }
        let _ = write!(
            page,
            " elsewhere as |\n|---|{}---|",
            "---|".repeat(table.columns.len())
        );
        for row in &table.rows {
            let _ = write!(page, "\n| {} |", row.feature);
            for cell in &row.cells {
                let _ = write!(page, " {} |", cell.shown(row.feature));
            }
            let is_emulated = row
                .cells
                .iter()
                .any(|cell| matches!(cell, Cell::Emulated(_)));
            let _ = write!(page, " {} |", if is_emulated { row.note } else { "" });
        }
        page.push('\n');
    }
    page
}
