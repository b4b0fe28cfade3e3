//! Names that say nothing, and left-overs of unfinished work.

use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::Package;

/// A module's name says what is in it; these say only that something is.
const EMPTY_NAMES: [&str; 8] = [
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "misc",
    "shared_utils",
];

/// Written apart, so that this file does not find itself.
const LEFT_OVERS: [&str; 3] = [
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("TO", "DO"),
];
const LEFT_OVER_MACROS: [&str; 3] = [
    concat!("to", "do!("),
    concat!("db", "g!("),
    concat!("unimple", "mented!("),
];

const SOURCES: [&str; 9] = [
    ".rs",
    ".py",
    ".sh",
    ".js",
    ".ts",
    ".toml",
    ".yaml",
    "Makefile",
    "Dockerfile",
];

pub(super) fn check(tree: &Tree, _: &[Package], findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts(&SOURCES) {
        if let Some(name) = empty_name(path) {
            let what = format!("`{name}` says nothing about what is in it");
            findings.push(Finding::error(
                path,
                1,
                what,
                "name it after what it does, or move its parts to their users",
            ));
        }
        for (index, line) in text.lines().enumerate() {
            if let Some(word) = left_over(path, line) {
                let what = format!("`{word}` is left over");
                findings.push(Finding::error(
                    path,
                    index + 1,
                    what,
                    "finish it, or write down what is open where it is planned",
                ));
            }
        }
    }
}

/// The first part of the path that is an empty name.
fn empty_name(path: &str) -> Option<&str> {
    path.split('/')
        .map(|part| part.split('.').next().unwrap_or(part))
        .find(|part| EMPTY_NAMES.contains(part))
}

/// The left-over in this line: a macro in Rust code, a word in a comment.
fn left_over(path: &str, line: &str) -> Option<&'static str> {
    let mark = if [".rs", ".js", ".ts"]
        .iter()
        .any(|ending| path.ends_with(ending))
    {
        "//"
    } else {
        "#"
    };
    let (code, comment) = line.split_once(mark).unwrap_or((line, ""));
    let in_code = || {
        LEFT_OVER_MACROS
            .into_iter()
            .find(|name| path.ends_with(".rs") && code.contains(name))
    };
    let is_word = |name: &&str| {
        comment
            .split(|letter: char| !letter.is_alphanumeric())
            .any(|word| word == *name)
    };
    LEFT_OVERS.into_iter().find(is_word).or_else(in_code)
}

#[cfg(test)]
mod tests {
    use super::{LEFT_OVER_MACROS, LEFT_OVERS, empty_name, left_over};

    #[test]
    fn empty_names_are_found_in_any_part_of_a_path() {
        assert_eq!(empty_name("crates/a/src/utils.rs"), Some("utils"));
        assert_eq!(empty_name("crates/common/src/lib.rs"), Some("common"));
        assert_eq!(empty_name("crates/a/src/common_name.rs"), None);
    }

    #[test]
    fn left_overs_are_words_in_comments_or_macros_in_code() {
        let [word, ..] = LEFT_OVERS;
        let [name, ..] = LEFT_OVER_MACROS;
        assert_eq!(
            left_over("a.rs", &format!("let a = 1; // {word}: later")),
            Some(word)
        );
        assert_eq!(left_over("a.py", &format!("a = 1  # {word}")), Some(word));
        assert_eq!(left_over("a.rs", &format!("    {name})")), Some(name));
        assert_eq!(left_over("a.rs", &format!("let a = \"{word}\";")), None);
        assert_eq!(left_over("a.rs", &format!("// a{word}b")), None);
    }
}
