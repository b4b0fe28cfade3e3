//! Files stay short; the README stays one screen or two.
//!
//! Tests do not count: neither files of tests nor the test module at the end of a
//! file. What a long file hides is a second thing.

use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::Package;

/// Above this a file is looked at.
const LINES_WARN: usize = 400;
/// Above this it is split.
const LINES_MAX: usize = 600;
/// The README is an entrance, not a manual.
const README_LINES_MAX: usize = 150;

pub(super) fn check(tree: &Tree, _: &[Package], findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts(&[".rs"]) {
        if is_test(path) {
            continue;
        }
        let lines = code_lines(text);
        let what = format!("{lines} lines without tests; {LINES_MAX} is the limit, 250 the aim");
        let mend = "find the second thing in it and give it a file of its own";
        if lines > LINES_MAX {
            findings.push(Finding::error(path, lines, what, mend));
        } else if lines > LINES_WARN {
            findings.push(Finding::warning(path, lines, what, mend));
        }
    }
    let readme_lines = tree
        .text("README.md")
        .map_or(0, |text| text.lines().count());
    if readme_lines >= README_LINES_MAX {
        findings.push(Finding::error(
            "README.md",
            readme_lines,
            format!("{readme_lines} lines; it stays under {README_LINES_MAX}"),
            "move the detail to a page below docs/ and link it",
        ));
    }
}

/// True for files that hold nothing but tests.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/benches/")
}

/// Lines up to the test module, which stands last.
fn code_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| matches!(pair, ["#[cfg(test)]", module] if module.starts_with("mod ")))
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::{Tree, check, code_lines};

    #[test]
    fn the_test_module_does_not_count() {
        assert_eq!(code_lines("a\nb\n#[cfg(test)]\nmod tests {\nc\n}\n"), 2);
        assert_eq!(code_lines("a\n#[cfg(test)]\nimpl A {}\n"), 3);
    }

    #[test]
    fn long_files_and_a_long_readme_are_named() {
        let readme = "x\n".repeat(150);
        let long = "x\n".repeat(601);
        let tree = Tree::from([
            ("README.md", readme.as_str()),
            ("crates/a/src/long.rs", long.as_str()),
            ("crates/a/src/long/tests.rs", long.as_str()),
            ("crates/a/tests/it/main.rs", long.as_str()),
        ]);
        let mut findings = Vec::new();
        check(&tree, &[], &mut findings);
        let paths: Vec<_> = findings
            .iter()
            .map(|finding| finding.path.as_str())
            .collect();
        assert_eq!(paths, ["crates/a/src/long.rs", "README.md"]);
    }
}
