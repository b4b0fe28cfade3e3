//! Nobody but the formats knows which formats there are.
//!
//! Code elsewhere asks a format what it can do. A variant named outside would be a
//! place that the next format has to be added to. Tests, examples and development
//! tools may pick one.

use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::Package;

const HOME: &str = "crates/core/formats/";

pub(super) fn check(tree: &Tree, _packages: &[Package], findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts(&[".rs"]) {
        let is_product = path.starts_with("crates/")
            && !path.starts_with(HOME)
            && !path.starts_with("crates/dev/")
            && path.contains("/src/")
            && !path.ends_with("/tests.rs");
        if !is_product {
            continue;
        }
        let product = text
            .lines()
            .take_while(|line| line.trim() != "#[cfg(test)]");
        for (index, _) in product.enumerate().filter(|(_, line)| names_one(line)) {
            findings.push(Finding::error(
                path,
                index + 1,
                "names a wire format",
                "ask the `Format` for what differs, so that the next one is a folder and a line",
            ));
        }
    }
}

/// True for `FormatId::SomeVariant`; associated functions are in small letters.
fn names_one(line: &str) -> bool {
    line.split("FormatId::")
        .skip(1)
        .any(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_variant_outside_of_the_formats_is_named() {
        let one = "use F;\nlet a = FormatId::OpenaiChat;\n";
        let tree = Tree::from([
            ("crates/core/formats/src/lib.rs", one),
            ("crates/plane/gateway/src/a.rs", one),
            ("crates/plane/gateway/src/a/tests.rs", one),
            ("crates/plane/gateway/tests/it/a.rs", one),
            (
                "crates/plane/gateway/src/b.rs",
                "FormatId::recognised(x)\n#[cfg(test)]\nFormatId::A\n",
            ),
            ("crates/dev/bench/src/main.rs", one),
        ]);
        let mut findings = Vec::new();
        check(&tree, &[], &mut findings);
        let places: Vec<_> = findings
            .iter()
            .map(|found| (found.path.as_str(), found.line))
            .collect();
        assert_eq!(places, [("crates/plane/gateway/src/a.rs", 2)]);
    }
}
