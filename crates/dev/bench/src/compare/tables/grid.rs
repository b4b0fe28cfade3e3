//! A table with columns as wide as their widest cell.

/// The cells of a line.
pub(super) type Row = Vec<String>;

/// A table below its title; nothing when it has no rows.
pub(super) fn section(title: &str, heads: &[&str], rows: Vec<Row>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heads: Row = heads.iter().map(|head| (*head).to_owned()).collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let cells = rows
                .iter()
                .chain([&heads])
                .filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &Row| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!(" {cell:width$} |"));
        format!("|{}", cells.collect::<String>())
    };
    let rule: String = widths
        .iter()
        .map(|width| format!("{}|", "-".repeat(width + 2)))
        .collect();
    let body: Vec<String> = rows.iter().map(line).collect();
    format!(
        "### {title}\n\n{}\n|{rule}\n{}",
        line(&heads),
        body.join("\n")
    )
}
