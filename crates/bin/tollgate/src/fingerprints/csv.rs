//! One column of a text of comma-separated values (RFC 4180).

/// The values of a column: by the name in the first line, or by number from 1 where there
/// is no line of names.
pub(super) fn column(text: &str, column: &str, delimiter: char) -> Result<Vec<String>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Rows {
        rest: text,
        delimiter,
    };
    let index = if let Ok(number) = column.parse::<usize>() {
        number.checked_sub(1).ok_or("columns are counted from 1")?
    } else {
        let names = rows.next().unwrap_or_default();
        let place = names.iter().position(|name| name.trim() == column);
        place.ok_or_else(|| format!("no column `{column}`; there are: {}", names.join(", ")))?
    };
    let values: Vec<String> = rows
        .filter_map(|mut row| (index < row.len()).then(|| row.swap_remove(index)))
        .collect();
    if values.is_empty() {
        return Err(format!("no row has a column `{column}`"));
    }
    Ok(values)
}

/// The rows of a text.
struct Rows<'t> {
    rest: &'t str,
    delimiter: char,
}

impl Iterator for Rows<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        if self.rest.is_empty() {
            return None;
        }
        let mut row = Vec::new();
        loop {
            let (field, ends_row) = self.field();
            row.push(field);
            if ends_row {
                return Some(row);
            }
        }
    }
}

impl Rows<'_> {
    /// Reads a field, and whether the row ends with it.
    fn field(&mut self) -> (String, bool) {
        let mut field = String::new();
        let mut is_quoted = false;
        let mut characters = self.rest.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' if is_quoted => {
                    // Two quotes stand for one.
                    if characters.next_if(|(_, next)| *next == '"').is_some() {
                        field.push('"');
                    } else {
                        is_quoted = false;
                    }
                }
                '"' if field.is_empty() => is_quoted = true,
                _ if is_quoted => field.push(c),
                '\n' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    if field.ends_with('\r') {
                        field.pop();
                    }
                    return (field, true);
                }
                _ if c == self.delimiter => {
                    self.rest = self.rest.get(at + c.len_utf8()..).unwrap_or_default();
                    return (field, false);
                }
                _ => field.push(c),
            }
        }
        self.rest = "";
        (field, true)
    }
}

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn a_column_is_found_by_name_or_number() {
        let text =
            "\u{feff}id,\"full name\",city\r\n1,\"Doe, \"\"J\"\"\",Bonn\r\n2,Ann,\"a\nb\"\n3\n";
        assert_eq!(
            column(text, "full name", ',').unwrap(),
            ["Doe, \"J\"", "Ann"]
        );
        assert_eq!(column(text, "city", ',').unwrap(), ["Bonn", "a\nb"]);
        assert_eq!(column("a;b\nc;d", "2", ';').unwrap(), ["b", "d"]);
        assert!(column(text, "name", ',').unwrap_err().contains("full name"));
        assert!(column(text, "0", ',').is_err());
        assert!(column("", "1", ',').is_err());
        assert!(column("a\n", "2", ',').is_err());
    }
}
