//! Every Rust file opens with a header that says what it is.

use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::Package;

/// Fewer words than this say nothing.
const WORDS_MIN: usize = 2;

pub(super) fn check(tree: &Tree, _: &[Package], findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts(&[".rs"]) {
        let header = text.lines().map_while(|line| line.strip_prefix("//!"));
        if header
            .flat_map(str::split_whitespace)
            .take(WORDS_MIN)
            .count()
            < WORDS_MIN
        {
            findings.push(Finding::error(
                path,
                1,
                "the file does not open with a header",
                "open it with `//!`: what it is, what it promises, what it leaves out",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_file_without_a_telling_header_is_named() {
        let tree = Tree::from([
            ("a/good.rs", "//! The good one.\n\nfn a() {}\n"),
            ("a/none.rs", "fn a() {}\n"),
            ("a/late.rs", "use b;\n//! Too late.\n"),
            ("a/mute.rs", "//! .\n"),
        ]);
        let mut findings = Vec::new();
        check(&tree, &[], &mut findings);
        let paths: Vec<_> = findings
            .iter()
            .map(|finding| finding.path.as_str())
            .collect();
        assert_eq!(paths, ["a/late.rs", "a/mute.rs", "a/none.rs"]);
    }
}
