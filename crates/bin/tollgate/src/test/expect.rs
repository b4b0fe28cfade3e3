//! Compares what came of a test with what was expected.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use tollgate_config::policy_test::{CallSpec, FindingSpec, SaidSpec};
use tollgate_policy::{Mode, RuleRecord};

use super::answer::RanAnswer;
use super::case::{Case, Findings};
use super::exchange::Ran;
use super::said::{Said, plain};

/// An expectation that was not met.
#[derive(Debug)]
pub(super) struct Failure {
    /// Where it is written, within the test: `expect.text`.
    pub(super) field: &'static str,
    pub(super) expected: String,
    pub(super) actual: String,
}

/// Everything that is not as expected.
pub(super) fn failures(case: &Case, ran: &Ran) -> Vec<Failure> {
    let mut check = Check(Vec::new());
    check.request(case, ran);
    match &ran.answer {
        Some(answer) => check.answer(case, answer),
        None => check.no_answer(case),
    }
    check.0
}

struct Check(Vec<Failure>);

impl Check {
    fn request(&mut self, case: &Case, ran: &Ran) {
        let expected = &case.expected;
        if let Some(verdict) = expected.verdict {
            self.same("expect.verdict", verdict.label(), ran.verdict.label());
        }
        if let Some(findings) = &expected.findings {
            self.findings("expect.findings", findings, &ran.findings);
        }
        if let Some(text) = &expected.text {
            let actual = ran.text.as_deref().map(quoted);
            let none = "nothing goes on".to_owned();
            self.same("expect.text", quoted(text), actual.unwrap_or(none));
        }
        if let Some(message) = &expected.message {
            let actual = ran.message.as_deref().map(quoted);
            let none = "the request was not blocked".to_owned();
            self.same("expect.message", quoted(message), actual.unwrap_or(none));
        }
        if let Some(target) = &expected.target {
            match &ran.targets {
                Ok(targets) if targets.contains(target) => {}
                Ok(targets) => self.add("expect.target", target, targets.join(" or ")),
                Err(why) => self.add("expect.target", target, why),
            }
        }
        self.unchecked(&ran.unchecked);
    }

    fn answer(&mut self, case: &Case, ran: &RanAnswer) {
        let expected = &case.expected;
        if let Some(verdict) = expected.answer_verdict {
            let actual = ran.verdict.label();
            self.same("expect.answer_verdict", verdict.label(), actual);
        }
        if let Some(findings) = &expected.answer_findings {
            self.findings("expect.answer_findings", findings, &ran.findings);
        }
        if let Some(said) = &expected.answer {
            self.said(said, &ran.said.first().cloned().unwrap_or_default());
        }
        if let Some(differs) = &ran.differs {
            self.add("answer", "the same whole and streamed", differs);
        }
        self.unchecked(&ran.unchecked);
    }

    /// A blocked request has no answer, so nothing can be said of it.
    fn no_answer(&mut self, case: &Case) {
        let expected = &case.expected;
        let wanted = [
            ("expect.answer", expected.answer.is_some()),
            ("expect.answer_verdict", expected.answer_verdict.is_some()),
            ("expect.answer_findings", expected.answer_findings.is_some()),
        ];
        for (field, _) in wanted.iter().filter(|(_, is_wanted)| *is_wanted) {
            self.add(field, "an answer", "the request was blocked");
        }
    }

    /// What was not checked is no success, whatever its verdict.
    fn unchecked(&mut self, rules: &[String]) {
        if !rules.is_empty() {
            let actual = format!("not checked by {}", rules.join(", "));
            self.add("", "every rule sees the whole message", actual);
        }
    }

    fn findings(&mut self, field: &'static str, expected: &Findings, records: &[RuleRecord]) {
        let fits = match expected {
            Findings::Counts(counts) => {
                let mut found: BTreeMap<&str, u64> = BTreeMap::new();
                for record in records {
                    *found.entry(&record.entity).or_default() += record.count;
                }
                let wanted = counts.iter().filter(|(_, count)| **count > 0);
                wanted
                    .map(|(entity, count)| (entity.as_str(), *count))
                    .eq(found)
            }
            Findings::Records(specs) => {
                let is_listed = |record| specs.iter().any(|spec| fits(spec, record));
                specs.iter().all(|spec| is_there(spec, records)) && records.iter().all(is_listed)
            }
        };
        if !fits {
            self.add(field, wanted(expected), found(records));
        }
    }

    fn said(&mut self, expected: &SaidSpec, said: &Said) {
        let texts = [
            (&expected.text, &said.text),
            (&expected.reasoning, &said.reasoning),
            (&expected.refusal, &said.refusal),
        ];
        for (expected, actual) in texts {
            if let Some(expected) = expected {
                self.same("expect.answer", quoted(expected), quoted(actual));
            }
        }
        let Some(calls) = &expected.tool_calls else {
            return;
        };
        let pairs = calls.iter().zip(&said.calls);
        let fit = |(spec, call): (&CallSpec, &super::said::Call)| {
            let arguments = spec.arguments.as_ref().map(written);
            spec.name == call.name && arguments.is_none_or(|text| text == call.arguments)
        };
        if calls.len() != said.calls.len() || !pairs.into_iter().all(fit) {
            let call = |spec: &CallSpec| {
                let arguments = spec.arguments.as_ref().map(written);
                format!("{}({})", spec.name, arguments.as_deref().unwrap_or("..."))
            };
            let expected: Vec<String> = calls.iter().map(call).collect();
            self.add("expect.answer", expected.join(", "), said.shown());
        }
    }

    fn same<T: AsRef<str>>(&mut self, field: &'static str, expected: T, actual: T) {
        if expected.as_ref() != actual.as_ref() {
            self.add(field, expected.as_ref(), actual.as_ref());
        }
    }

    fn add(&mut self, field: &'static str, expected: impl Into<String>, actual: impl Into<String>) {
        self.0.push(Failure {
            field,
            expected: expected.into(),
            actual: actual.into(),
        });
    }
}

/// In quotes, control characters escaped; other characters stay readable.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Arguments in one way of writing them.
fn written(arguments: &Value) -> String {
    match arguments {
        Value::String(text) => plain(text),
        fields => fields.to_string(),
    }
}

fn fits(spec: &FindingSpec, record: &RuleRecord) -> bool {
    let is = |wanted: &Option<String>, actual: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted == actual)
    };
    is(&spec.policy, &record.policy)
        && is(&spec.rule, &record.rule)
        && is(&spec.entity, &record.entity)
        && is(&spec.action, record.action)
        && is(&spec.mode, record.mode)
}

/// Whether there are records that fit, and as many findings as it says.
fn is_there(spec: &FindingSpec, records: &[RuleRecord]) -> bool {
    let fitting = records.iter().filter(|record| fits(spec, record));
    let count: u64 = fitting.map(|record| record.count).sum();
    count > 0 && spec.count.is_none_or(|wanted| wanted == count)
}

fn wanted(expected: &Findings) -> String {
    let none = || "nothing".to_owned();
    let list: Vec<String> = match expected {
        Findings::Counts(counts) => counts
            .iter()
            .map(|(entity, count)| format!("{entity} {count}"))
            .collect(),
        Findings::Records(specs) => specs.iter().map(wanted_record).collect(),
    };
    if list.is_empty() {
        none()
    } else {
        list.join(", ")
    }
}

fn wanted_record(spec: &FindingSpec) -> String {
    let any = |name: &Option<String>| name.clone().unwrap_or_else(|| "*".to_owned());
    let mut text = any(&spec.entity);
    if let Some(count) = spec.count {
        // Writing to a string cannot fail.
        let _ = write!(text, " {count}");
    }
    let _ = write!(text, " ({}/{}", any(&spec.policy), any(&spec.rule));
    for word in [&spec.action, &spec.mode].into_iter().flatten() {
        let _ = write!(text, ", {word}");
    }
    text.push(')');
    text
}

/// Records as a line.
fn found(records: &[RuleRecord]) -> String {
    let record = |record: &RuleRecord| {
        let RuleRecord {
            policy,
            rule,
            entity,
            action,
            mode,
            count,
            ..
        } = record;
        let mode = Some(*mode).filter(|mode| *mode != Mode::Enforce.label());
        let mode = mode.map(|mode| format!(", {mode}")).unwrap_or_default();
        format!("{entity} {count} ({policy}/{rule}, {action}{mode})")
    };
    let list: Vec<String> = records.iter().map(record).collect();
    if list.is_empty() {
        return "nothing".to_owned();
    }
    list.join(", ")
}
