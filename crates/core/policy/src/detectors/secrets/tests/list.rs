//! The list of rules itself.

use crate::detectors::secrets::catalogue::{Rule, rules};
use crate::detectors::secrets::skim::RUN_BYTES;

#[test]
fn the_list_is_sound() {
    let rules = rules().unwrap();
    let mut names: Vec<&str> = rules.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "names are unique");
    assert!(count >= 150, "{count} rules");
    for rule in &rules {
        for form in &rule.forms {
            let least = form.pattern.bytes_min();
            assert!(
                !form.words.is_empty() || least >= RUN_BYTES,
                "{} has {least} bytes: shorter than what is looked at",
                rule.name
            );
            assert!(least <= 1024, "{} holds {least} bytes", rule.name);
        }
    }
}

/// The page about the detector.
const PAGE: &str = include_str!("../../../../../../../docs/detectors/secrets.md");

#[test]
fn the_page_lists_the_rules() {
    let rules = rules().unwrap();
    let row = |rule: &Rule| {
        format!(
            "| `{}` | {} | {} |\n",
            rule.name,
            rule.tags.join(", "),
            rule.what
        )
    };
    let table: String = rules.iter().map(row).collect();
    let (_, written) = PAGE
        .split_once("|---|---|---|\n| `openai_api_key`")
        .unwrap();
    let written = format!("| `openai_api_key`{written}");
    assert_eq!(written, table, "docs/detectors/secrets.md");
}
