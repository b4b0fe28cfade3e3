//! The list of decision records, from their file names and headings.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Failed;

const HEAD: &str = "\
<!-- Made by `cargo xtask generate`. -->
# Decisions

Why things are as they are. A record is at most a page: context, decision,
consequences, what would change our mind. One is written for a new edge between
floors, a heavy dependency, a stored or wire format, or a default that touches
safety or money.

";

/// The text of `docs/decisions/README.md`.
pub(super) fn index(root: &Path) -> Result<String, Failed> {
    let folder = root.join("docs/decisions");
    let mut records = BTreeMap::new();
    let failed = |source| Failed::File(folder.clone(), source);
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") && name.starts_with(|first: char| first.is_ascii_digit()) {
            let text = fs::read_to_string(entry.path())
                .map_err(|source| Failed::File(entry.path(), source))?;
            records.insert(name, title(&text).to_owned());
        }
    }
    Ok(list(&records))
}

/// The first heading.
fn title(text: &str) -> &str {
    text.lines()
        .find_map(|line| line.strip_prefix("# "))
        .unwrap_or("(no heading)")
        .trim()
}

fn list(records: &BTreeMap<String, String>) -> String {
    let lines = records
        .iter()
        .map(|(name, title)| format!("- [{title}]({name})\n"));
    std::iter::once(HEAD.to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, HEAD, list, title};

    #[test]
    fn records_are_listed_by_number_with_their_heading() {
        let records = BTreeMap::from([
            ("0002-b.md".to_owned(), title("# 2. B\n\ntext").to_owned()),
            ("0001-a.md".to_owned(), title("\n# 1. A\n").to_owned()),
        ]);
        assert_eq!(
            list(&records),
            format!("{HEAD}- [1. A](0001-a.md)\n- [2. B](0002-b.md)\n")
        );
    }
}
