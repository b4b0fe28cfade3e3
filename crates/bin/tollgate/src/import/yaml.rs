//! Writes a configuration: maps keep their order, texts are quoted where they must be.

use std::fmt::Write as _;

/// A value to write.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    Number(u64),
    Real(f64),
    Flag(bool),
    List(Vec<Self>),
    /// A list without elements that is written all the same.
    Nothing,
    Map(Vec<(&'static str, Self)>),
    /// A map whose keys came from elsewhere.
    Named(Vec<(String, Self)>),
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn texts<'t>(texts: impl IntoIterator<Item = &'t String>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// A reference to a secret.
    pub(super) fn secret(variable: &str) -> Self {
        Self::Map(vec![("env", Self::text(variable))])
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(members) => members.is_empty(),
            Self::Named(members) => members.is_empty(),
            Self::Text(_) | Self::Number(_) | Self::Real(_) | Self::Flag(_) | Self::Nothing => {
                false
            }
        }
    }
}

/// The text of a map; empty lists and maps are left out.
pub(super) fn write(members: &[(&'static str, Node)]) -> String {
    let mut out = String::new();
    map(&mut out, members.iter().map(|(key, node)| (*key, node)), 0);
    out
}

fn map<'n>(out: &mut String, members: impl Iterator<Item = (&'n str, &'n Node)>, depth: usize) {
    for (key, node) in members.filter(|(_key, node)| !node.is_empty()) {
        indent(out, depth);
        out.push_str(&scalar(key));
        out.push(':');
        value(out, node, depth);
    }
}

/// What stands behind a key: on its line, or on the lines below it.
fn value(out: &mut String, node: &Node, depth: usize) {
    match node {
        Node::Text(text) => line(out, &scalar(text)),
        Node::Number(number) => line(out, &number.to_string()),
        Node::Real(number) => line(out, &number.to_string()),
        Node::Flag(flag) => line(out, &flag.to_string()),
        Node::Nothing => line(out, "[]"),
        Node::List(items) if items.iter().all(|item| matches!(item, Node::Text(_))) => {
            let words: Vec<String> = items.iter().map(word).collect();
            line(out, &format!("[{}]", words.join(", ")));
        }
        Node::List(items) => {
            out.push('\n');
            for item in items {
                list_item(out, item, depth.saturating_add(1));
            }
        }
        Node::Map(members) => {
            out.push('\n');
            map(
                out,
                members.iter().map(|(key, node)| (*key, node)),
                depth.saturating_add(1),
            );
        }
        Node::Named(members) => {
            out.push('\n');
            let members = members.iter().map(|(key, node)| (key.as_str(), node));
            map(out, members, depth.saturating_add(1));
        }
    }
}

/// An element of a list: its first line begins with a dash in place of two blanks.
fn list_item(out: &mut String, node: &Node, depth: usize) {
    let mut inner = String::new();
    match node {
        Node::Map(members) => {
            let members = members.iter().map(|(key, node)| (*key, node));
            map(&mut inner, members, depth.saturating_add(1));
        }
        other => {
            indent(&mut inner, depth);
            inner.push_str("  ");
            inner.push_str(&word(other));
            inner.push('\n');
        }
    }
    indent(out, depth);
    out.push_str("- ");
    out.push_str(inner.trim_start());
}

fn line(out: &mut String, text: &str) {
    out.push(' ');
    out.push_str(text);
    out.push('\n');
}

fn word(node: &Node) -> String {
    match node {
        Node::Text(text) => scalar(text),
        Node::Number(number) => number.to_string(),
        Node::Real(number) => number.to_string(),
        Node::Flag(flag) => flag.to_string(),
        Node::Nothing => "[]".to_owned(),
        Node::List(_) | Node::Map(_) | Node::Named(_) => "\"\"".to_owned(),
    }
}

fn indent(out: &mut String, depth: usize) {
    (0..depth).for_each(|_| out.push_str("  "));
}

/// A word as it is where nobody could take it for something else, else in quotes.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    let url = |c: char| plain(c) || ":%~=".contains(c);
    let is_plain = starts && text.chars().all(plain) || is_url && text.chars().all(url);
    if is_plain && !words.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' | '\u{a1}'..='\u{2027}' | '\u{3000}'..='\u{d7ff}' => out.push(c),
            other => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\U{:08X}", u32::from(other));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tollgate_config::YamlFile;

    use super::{Node, write};

    #[test]
    fn what_is_written_is_read_back() {
        let texts = [
            "a",
            "7",
            "yes",
            "x: y",
            "- a",
            "é\u{7f}\n\t\"\\",
            "\u{1f600}",
            "",
            " a ",
            "#",
            "null",
            "a#b",
            "https://h:1/v1",
        ];
        let list = texts.iter().map(|text| Node::text(*text)).collect();
        let item = Node::Map(vec![
            ("name", Node::text("a b")),
            ("weight", Node::Number(3)),
            ("deep", Node::Map(vec![("flag", Node::Flag(true))])),
        ]);
        let named = Node::Named(vec![("x-a: b".to_owned(), Node::text("1"))]);
        let written = write(&[
            ("texts", Node::List(list)),
            ("items", Node::List(vec![item.clone(), item])),
            ("named", named),
            ("empty", Node::List(Vec::new())),
            ("nothing", Node::Nothing),
            (
                "reals",
                Node::Map(vec![("a", Node::Real(0.2)), ("b", Node::Real(1.0))]),
            ),
        ]);
        let read: Value = YamlFile::from_text("a.yaml", &written)
            .unwrap()
            .decode("")
            .unwrap();
        let item = json!({"name": "a b", "weight": 3, "deep": {"flag": true}});
        assert_eq!(
            read,
            json!({"texts": texts, "items": [item, item], "named": {"x-a: b": "1"}, "nothing": [], "reals": {"a": 0.2, "b": 1}}),
            "{written}"
        );
    }
}
