//! The rows: each detector with its defaults, lists of some sizes, and all detectors
//! together.

use std::sync::Arc;
use std::time::Duration;

use tollgate_config::{Sources, load};
use tollgate_plan::{Options, compile};
use tollgate_policy::{
    Detector, FingerprintList, FingerprintsDetector, FingerprintsOptions, KeyId, Keys, Mode,
    OnError, Rule, RuleAction, RuleSet, Style, fingerprints,
};

use super::{processor_time, resident_bytes};
use crate::Failure;

/// Each type of rule, as a configuration writes it. `waf` reads the texts that are
/// measured only where it is told to.
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
    ("waf", "action: block, places: [text, tool_arguments]"),
    ("content_safety", "action: block, stream: window(2048)"),
];

/// `waf` by its default places, as it is beside the others: it reads no prose.
const WAF: (&str, &str) = ("waf", "action: block");

/// A pattern without an end of its own.
const LONG: (&str, &str) = (
    "regex",
    "action: redact, patterns: [{name: host, pattern: '[a-z0-9-]+\\.corp\\.example', max_len: 100}]",
);

/// Rules to be measured.
pub(super) struct Row {
    pub(super) rules: Arc<RuleSet>,
    /// How long their compilation took.
    pub(super) compiled: Duration,
    /// By how much the process grew meanwhile.
    pub(super) bytes: usize,
}

/// The names of all rows.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let each = RULES.iter().map(|rule| rule.0);
    each.chain([
        "keywords, 1000",
        "keywords, 8000",
        "regex, max_len",
        "fingerprints, 1000",
        "fingerprints, 100000",
        "all but content_safety",
        "all together",
    ])
}

/// Compiles the rules of a row.
pub(super) fn row(name: &str) -> Result<Row, Failure> {
    let (kind, size) = name.split_once(", ").unwrap_or((name, ""));
    match (kind, size.parse()) {
        ("keywords", Ok(size)) => {
            let words: Vec<String> = (0..size).map(word).collect();
            let rule = format!("action: redact, words: [{}]", words.join(", "));
            compiled(name, &[("keywords", &rule)])
        }
        ("fingerprints", Ok(size)) => records(size),
        ("regex", Err(_)) if size == "max_len" => compiled(name, &[LONG]),
        ("all together" | "all but content_safety", Err(_)) => {
            let mut beside = RULES
                .map(|rule| if rule.0 == WAF.0 { WAF } else { rule })
                .to_vec();
            beside.retain(|rule| !name.ends_with(rule.0));
            compiled(name, &beside)
        }
        _ => {
            let rule = RULES.iter().find(|rule| rule.0 == name);
            compiled(name, &[*rule.ok_or("no row has this name")?])
        }
    }
}

/// As the gateway compiles them.
fn compiled(name: &str, rules: &[(&str, &str)]) -> Result<Row, Failure> {
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
        rules: Arc::clone(&plan.default.policies.all().output),
        compiled: processor_time().saturating_sub(began),
        bytes: resident_bytes().saturating_sub(before),
    })
}

/// Words of syllables, as names have: many begin like ordinary ones.
fn word(number: usize) -> String {
    const PARTS: [&str; 20] = [
        "ba", "co", "di", "fer", "gal", "hol", "in", "jor", "ka", "lem", "mon", "nor", "pre", "ro",
        "sta", "ter", "un", "vi", "wes", "xen",
    ];
    let part = |number: usize| PARTS.get(number % 20).copied().unwrap_or_default();
    format!(
        "{}{}{}",
        part(number),
        part(number / 20),
        part(number / 400)
    )
}

/// A rule that knows so many records: names, numbers of customers, phone numbers.
fn records(size: usize) -> Result<Row, Failure> {
    let records = (0..size).map(|number| match number % 3 {
        0 => format!("{} {}", word(number), word(number * 7)),
        1 => format!("C-{}", 100_000 + number),
        _ => format!("+49 151 {}", 1_000_000 + number),
    });
    let records: Vec<String> = records.collect();
    // Never freed: what is measured next would be given their memory.
    let records = records.leak();
    let made = fingerprints(records.iter().map(String::as_str), b"salt");
    let options = FingerprintsOptions {
        salt: KeyId(0),
        lists: vec![FingerprintList {
            name: "customer".into(),
            hashes: made.hashes.into(),
        }],
    };
    let (began, before) = (processor_time(), resident_bytes());
    let detector = FingerprintsDetector::new(&options)?;
    detector.arm(&Keys::new([b"salt".as_slice()]))?;
    let rules = RuleSet::new(vec![Rule {
        policy: "p".into(),
        name: "r".into(),
        action: RuleAction::Redact(Style::Label),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: Arc::new(detector),
    }]);
    Ok(Row {
        rules: Arc::new(rules),
        compiled: processor_time().saturating_sub(began),
        bytes: resident_bytes().saturating_sub(before),
    })
}
