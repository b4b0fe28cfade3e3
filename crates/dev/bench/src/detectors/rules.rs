//! The rows: each detector with its defaults, and all of them together.

use std::sync::Arc;
use std::time::Duration;

use tollgate_config::{Sources, load};
use tollgate_plan::{Options, compile};
use tollgate_policy::RuleSet;

use super::{processor_time, resident_bytes};
use crate::Failure;

/// Each type of rule, as a configuration writes it.
const RULES: [(&str, &str); 7] = [
    ("pii_detection", "action: redact"),
    ("secrets", "action: redact"),
    (
        "keywords",
        "action: redact, words: [project nightingale, internal only, acme falcon, do not distribute]",
    ),
    (
        "regex",
        "action: redact, patterns: [{name: ticket, pattern: '\\b[A-Z]{2,5}-[0-9]{4,8}\\b'}, {name: case, pattern: 'case no\\. [0-9]{6}'}]",
    ),
    ("input_validation", "action: redact"),
    ("waf", "action: block"),
    ("content_safety", "action: block, stream: window(512)"),
];

/// Rules to be measured.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) rules: Arc<RuleSet>,
    /// How long their compilation took.
    pub(super) compiled: Duration,
    /// By how much the process grew meanwhile.
    pub(super) bytes: usize,
}

/// All rows, by name and the rules in them.
pub(super) fn rows() -> impl Iterator<Item = (&'static str, &'static [(&'static str, &'static str)])>
{
    let each = RULES
        .iter()
        .map(|rule| (rule.0, std::slice::from_ref(rule)));
    each.chain([("all together", &RULES[..])])
}

/// Compiles the rules of a row.
pub(super) fn row(name: &'static str, rules: &[(&str, &str)]) -> Result<Row, Failure> {
    let rules: Vec<String> = rules
        .iter()
        .map(|(kind, options)| format!("{{type: {kind}, {options}}}"))
        .collect();
    let yaml = format!(
        "providers: [{{name: simulator}}]\npolicies: [{{name: p, output: [{}]}}]\n",
        rules.join(", ")
    );
    let loaded = load(&Sources::from_text("rules.yaml", &yaml))
        .map_err(|report| format!("{name}: {}", report.render(false)))?;
    let (began, before) = (processor_time(), resident_bytes());
    let plan = compile(&loaded.set, &Options::default())
        .map_err(|problems| format!("{name}: {problems:?}"))?;
    Ok(Row {
        name,
        rules: Arc::clone(&plan.default.policies.all().output),
        compiled: processor_time().saturating_sub(began),
        bytes: resident_bytes().saturating_sub(before),
    })
}
