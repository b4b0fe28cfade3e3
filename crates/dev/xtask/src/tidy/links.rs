//! Relative links in the documentation lead somewhere.
//!
//! Checks `[text](path#heading)` in every Markdown file: the file or folder must
//! exist, and the heading too when the target is Markdown. Addresses with a scheme
//! are not followed. A page below `docs/` that nothing links is worth a look.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::Package;

pub(super) fn check(tree: &Tree, _: &[Package], findings: &mut Vec<Finding>) {
    let mut linked = BTreeSet::new();
    for (path, text) in tree.texts(&[".md"]) {
        for (line, target) in links(text) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let resolved = if file.is_empty() {
                path.to_owned()
            } else {
                resolve(path, file)
            };
            if !tree.has(&resolved) {
                let what = format!("the link to {target} leads nowhere");
                findings.push(Finding::error(
                    path,
                    line,
                    what,
                    "mend the path, or write the page",
                ));
            } else if !heading.is_empty() && !has_heading(tree.text(&resolved), heading) {
                let what = format!("{resolved} has no heading #{heading}");
                findings.push(Finding::error(path, line, what, "mend the part after #"));
            }
            if resolved != path {
                linked.insert(resolved);
            }
        }
    }
    for (path, _) in tree
        .texts(&[".md"])
        .filter(|(path, _)| path.starts_with("docs/"))
    {
        if !is_reachable(path, &linked) {
            let mend = "link it where its reader comes from";
            findings.push(Finding::warning(path, 1, "no page links to this one", mend));
        }
    }
}

/// A page is reached by a link to it, or to its folder.
fn is_reachable(path: &str, linked: &BTreeSet<String>) -> bool {
    linked.contains(path)
        || path
            .rsplit_once('/')
            .is_some_and(|(folder, _)| linked.contains(folder))
}

/// Relative link targets with their lines; code is skipped.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut is_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code {
            continue;
        }
        // Parts at odd positions stand between backticks.
        for prose in line.split('`').step_by(2) {
            links.extend(prose_links(prose).map(|target| (index + 1, target)));
        }
    }
    links
}

/// The targets of `](target)` in a piece of prose.
fn prose_links(prose: &str) -> impl Iterator<Item = &str> {
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
        .filter(|t| is_relative(t))
}

fn is_relative(target: &str) -> bool {
    !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")
}

/// `target` as seen from the folder of `path`; a leading `/` means the root.
fn resolve(path: &str, target: &str) -> String {
    let folder = if target.starts_with('/') {
        ""
    } else {
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a Markdown text has the heading; other files are taken at their word.
fn has_heading(text: Option<&str>, wanted: &str) -> bool {
    let Some(text) = text else { return true };
    text.lines()
        .filter_map(|line| line.strip_prefix('#'))
        .any(|rest| slug(rest.trim_start_matches('#')) == wanted)
}

/// A heading as its link names it: lower case, hyphens for spaces, no punctuation.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            letter if letter.is_alphanumeric() || matches!(letter, '-' | '_') => {
                Some(letter.to_ascii_lowercase())
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Tree, check, links, resolve, slug};

    #[test]
    fn links_in_code_are_not_links() {
        let text = "[a](b.md) and `[c](d.md)` [e](https://f)\n```\n[g](h.md)\n```\n[`i`](j.md)\n";
        assert_eq!(links(text), [(1, "b.md"), (5, "j.md")]);
    }

    #[test]
    fn paths_resolve_from_the_page() {
        assert_eq!(resolve("docs/a/b.md", "../c.md"), "docs/c.md");
        assert_eq!(resolve("docs/a/b.md", "/LICENSE"), "LICENSE");
        assert_eq!(resolve("README.md", "docs/"), "docs");
    }

    #[test]
    fn a_heading_becomes_its_anchor() {
        assert_eq!(
            slug(" Add a provider, quickly: `x_y`"),
            "add-a-provider-quickly-x_y"
        );
    }

    #[test]
    fn dead_links_and_unlinked_pages_are_named() {
        let tree = Tree::from([
            (
                "README.md",
                "[a](docs/a.md#one) [b](docs/none.md)\n[c](docs/a.md#two)\n",
            ),
            ("docs/a.md", "# One\n[self](#one)\n"),
            ("docs/b.md", "# B\n[self](b.md)\n"),
        ]);
        let mut findings = Vec::new();
        check(&tree, &[], &mut findings);
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (finding.path.as_str(), finding.line, finding.what.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("README.md", 1, "the link to docs/none.md leads nowhere"),
                ("README.md", 2, "docs/a.md has no heading #two"),
                ("docs/b.md", 1, "no page links to this one"),
            ]
        );
    }
}
