//! Counts what `pii_detection` finds, misses and finds wrongly in labelled texts.
//!
//! `pii_quality FILE [dev|test]`: a file of JSON lines with `text` and `spans`
//! (`entity_type`, `start_position`, `end_position` in characters). The halves are told
//! apart by a hash of the text and never change; what is missed or wrong is shown for the
//! half `dev` only. All entities compete; those that no label names are counted apart.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tollgate_formats::view::Field;
use tollgate_policy::{
    Mode, OnError, PiiDetector, PiiEntity, PiiOptions, Place, Rule, RuleAction, RuleSet,
    TriedFinding, Vault, try_on,
};

#[derive(Default)]
struct Count {
    exact: usize,
    touched: usize,
    missed: usize,
    wrong: usize,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_default();
    let half = arguments.next().unwrap_or_else(|| "dev".to_owned());
    let options = PiiOptions::of(arguments.next().map_or_else(
        || vec!["all".to_owned()],
        |names| names.split(',').map(str::to_owned).collect(),
    ));
    let (Ok(file), Ok(detector)) = (std::fs::read_to_string(&path), PiiDetector::new(&options))
    else {
        return say("no such file or entity");
    };
    let rules = Arc::new(RuleSet::new(vec![Rule {
        policy: "p".into(),
        name: "r".into(),
        action: RuleAction::Flag,
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: Arc::new(detector),
    }]));
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for line in file.lines() {
        let Ok(row) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let text = row.get("text").and_then(Value::as_str).unwrap_or_default();
        let is_test = Sha256::digest(text)
            .first()
            .is_some_and(|byte| byte % 2 == 1);
        if is_test == (half == "test") {
            compare(&rules, text, &row, half == "dev", &mut counts);
        }
    }
    for (name, count) in &counts {
        let Count {
            exact,
            touched,
            missed,
            wrong,
        } = count;
        let found = (exact + touched) as f64;
        let recall = found / (found + *missed as f64);
        let precision = found / (found + *wrong as f64);
        say(&format!(
            "{name:28} exact {exact:4} touched {touched:3} missed {missed:3} wrong {wrong:3}  R {recall:.3} P {precision:.3}"
        ));
    }
}

/// The entity that a label names; its links are domains too.
fn entity(label: &str) -> Option<&'static str> {
    let name = label.to_lowercase();
    let known = PiiEntity::all()
        .find(|entity| entity.name == name || entity.aliases.contains(&name.as_str()))?;
    Some(if known.name == "domain_name" {
        "url"
    } else {
        known.name
    })
}

/// A labelled part of a text, in bytes.
struct Label {
    start: usize,
    end: usize,
    name: String,
}

impl Label {
    fn touches(&self, found: &TriedFinding) -> bool {
        found.start < self.end && self.start < found.end
    }
}

fn labels(text: &str, row: &Value) -> Vec<Label> {
    let offsets: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let spans = row
        .get("spans")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    spans
        .filter_map(|span| {
            let place = |field| {
                let at = span.get(field).and_then(Value::as_u64)?;
                offsets.get(usize::try_from(at).ok()?).copied()
            };
            let label = span.get("entity_type").and_then(Value::as_str)?;
            Some(Label {
                start: place("start_position")?,
                end: place("end_position")?,
                name: entity(label).unwrap_or(label).to_owned(),
            })
        })
        .collect()
}

/// The name under which a finding counts.
fn name(found: &TriedFinding) -> &str {
    if &*found.entity == "domain_name" {
        "url"
    } else {
        &found.entity
    }
}

fn compare(
    rules: &Arc<RuleSet>,
    text: &str,
    row: &Value,
    shown: bool,
    counts: &mut BTreeMap<String, Count>,
) {
    let labels = labels(text, row);
    let findings = try_on(rules, Vault::default(), Place::Of(Field::Text), [text]).findings;
    for label in &labels {
        let count = counts.entry(label.name.clone()).or_default();
        let hits = || {
            findings
                .iter()
                .filter(|found| name(found) == label.name && label.touches(found))
        };
        let is_known = PiiEntity::all().any(|entity| entity.name == label.name);
        if hits().any(|found| (found.start, found.end) == (label.start, label.end)) {
            count.exact += 1;
        } else if hits().next().is_some() {
            count.touched += 1;
            show(shown, "part of", &label.name, text, label.start..label.end);
        } else {
            count.missed += 1;
            show(
                shown && is_known,
                "missed",
                &label.name,
                text,
                label.start..label.end,
            );
        }
    }
    for found in &findings {
        let is_right = |label: &Label| label.name == name(found) && label.touches(found);
        if !labels.iter().any(is_right) {
            counts.entry(name(found).to_owned()).or_default().wrong += 1;
            show(shown, "wrong", &found.entity, text, found.start..found.end);
        }
    }
}

fn show(shown: bool, what: &str, name: &str, text: &str, range: Range<usize>) {
    if shown {
        let before = text.get(range.start.saturating_sub(30)..range.start);
        say(&format!(
            "  {what} {name}: {:?} after {before:?}",
            text.get(range)
        ));
    }
}

#[expect(clippy::print_stdout, reason = "the result of a measuring program")]
fn say(line: &str) {
    println!("{line}");
}
