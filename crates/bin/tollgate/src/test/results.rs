//! What came of all tests, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tollgate_config::{Origin, Problem, Report};
use tollgate_policy::RuleRecord;

use super::exchange::Ran;
use super::expect::Failure;
use super::rules::Written;
use super::said::Said;

/// The results of all files.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) suites: Vec<Suite>,
    /// Rules that no test exercised; `None` where not all tests ran.
    pub(super) untested: Option<Vec<Written>>,
}

/// The tests of one file.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) file: String,
    /// Why none of them ran.
    pub(super) broken: Option<Report>,
    pub(super) tests: Vec<Tested>,
}

/// A test that ran.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) name: String,
    pub(super) origin: Origin,
    pub(super) ran: Option<Ran>,
    /// What was not as expected, and where that is written.
    pub(super) failures: Vec<(Failure, Origin)>,
    pub(super) seconds: f64,
}

impl Tested {
    pub(super) const fn is_passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl Results {
    pub(super) fn tests(&self) -> impl Iterator<Item = &Tested> {
        self.suites.iter().flat_map(|suite| &suite.tests)
    }

    pub(super) fn failed(&self) -> usize {
        self.tests().filter(|test| !test.is_passed()).count()
    }

    /// Whether every file could be read, there were tests, and all of them passed.
    pub(super) fn is_good(&self) -> bool {
        self.suites.iter().all(|suite| suite.broken.is_none())
            && self.tests().count() > 0
            && self.failed() == 0
    }

    /// For people: a line for each test, what failed, and the sums.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for suite in self.suites.iter().filter(|suite| !suite.tests.is_empty()) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", suite.file);
            for test in &suite.tests {
                add_test(test, &mut text);
            }
            text.push('\n');
        }
        let failed = self.failed();
        let _ = writeln!(
            text,
            "{} passed, {failed} failed",
            self.tests().count() - failed
        );
        let untested = self.untested.as_deref().unwrap_or_default();
        if !untested.is_empty() {
            text.push_str("\nrules that no test exercises:\n");
        }
        for rule in untested {
            let Written {
                origin,
                direction,
                policy,
                rule,
            } = rule;
            let _ = writeln!(text, "  {policy}/{rule} ({direction}) {origin}");
        }
        text
    }

    /// For scripts.
    pub(super) fn to_json(&self) -> Value {
        let failed = self.failed();
        let suites: Vec<Value> = self.suites.iter().map(suite).collect();
        let rule = |rule: &Written| {
            json!({
                "policy": rule.policy,
                "rule": rule.rule,
                "direction": rule.direction,
                "file": &*rule.origin.file,
                "line": rule.origin.line,
            })
        };
        let untested = self.untested.as_deref();
        let untested = untested.map(|rules| rules.iter().map(rule).collect::<Vec<Value>>());
        json!({
            "passed": self.tests().count() - failed,
            "failed": failed,
            "files": suites,
            "untested": untested,
        })
    }
}

fn add_test(test: &Tested, text: &mut String) {
    let mark = if test.is_passed() { "ok  " } else { "FAIL" };
    let _ = writeln!(text, "  {mark}  {}", test.name);
    for (failure, place) in &test.failures {
        let field = failure.field;
        let _ = writeln!(text, "        {place} {field}");
        let _ = writeln!(text, "          expected  {}", failure.expected);
        let _ = writeln!(text, "          actual    {}", failure.actual);
    }
}

fn suite(suite: &Suite) -> Value {
    let problems = suite.broken.iter().flat_map(|report| &report.problems);
    let problems: Vec<Value> = problems.map(Problem::to_json).collect();
    let tests: Vec<Value> = suite.tests.iter().map(tested).collect();
    json!({"file": suite.file, "problems": problems, "tests": tests})
}

fn tested(test: &Tested) -> Value {
    let failure = |(failure, place): &(Failure, Origin)| {
        json!({
            "field": failure.field,
            "expected": failure.expected,
            "actual": failure.actual,
            "line": place.line,
            "column": place.column,
        })
    };
    let failures: Vec<Value> = test.failures.iter().map(failure).collect();
    json!({
        "name": test.name,
        "line": test.origin.line,
        "passed": test.is_passed(),
        "failures": failures,
        "actual": test.ran.as_ref().map(actual),
    })
}

/// What came of a test, in the words of `expect`.
fn actual(ran: &Ran) -> Value {
    let mut actual = Map::new();
    let mut put = |name: &str, value: Value| actual.insert(name.to_owned(), value);
    put("verdict", ran.verdict.label().into());
    put("findings", findings(&ran.findings));
    put("text", ran.text.as_deref().into());
    put("targets", ran.targets.as_deref().unwrap_or_default().into());
    put("message", ran.message.as_deref().into());
    if let Some(answer) = &ran.answer {
        put("answer_verdict", answer.verdict.label().into());
        put("answer_findings", findings(&answer.findings));
        put("answer", answer.said.first().map(Said::to_json).into());
    }
    Value::Object(actual)
}

fn findings(records: &[RuleRecord]) -> Value {
    let record = |record: &RuleRecord| {
        json!({
            "policy": &*record.policy,
            "rule": &*record.rule,
            "detector": record.detector,
            "entity": &*record.entity,
            "action": record.action,
            "mode": record.mode,
            "count": record.count,
        })
    };
    records.iter().map(record).collect()
}
