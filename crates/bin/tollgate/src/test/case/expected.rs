//! What is to come of a test, as it is written.

use std::collections::BTreeMap;

use serde_json::Value;
use tollgate_config::policy_test::{ExpectSpec, FindingSpec, SaidSpec, VerdictSpec};

use super::Reading;

/// What is to come of it.
#[derive(Debug, Default)]
pub(in crate::test) struct Expected {
    pub(in crate::test) verdict: Option<VerdictSpec>,
    pub(in crate::test) findings: Option<Findings>,
    pub(in crate::test) text: Option<String>,
    pub(in crate::test) target: Option<String>,
    pub(in crate::test) message: Option<String>,
    pub(in crate::test) answer: Option<SaidSpec>,
    pub(in crate::test) answer_verdict: Option<VerdictSpec>,
    pub(in crate::test) answer_findings: Option<Findings>,
}

/// All findings that are expected.
#[derive(Debug)]
pub(in crate::test) enum Findings {
    /// How many of each entity, over all rules.
    Counts(BTreeMap<String, u64>),
    /// Records, each of which is there, and no other.
    Records(Vec<FindingSpec>),
}

impl Reading<'_> {
    pub(super) fn expected(&mut self, spec: ExpectSpec, has_answer: bool) -> Expected {
        let ExpectSpec {
            verdict,
            text,
            target,
            message,
            answer_verdict,
            ..
        } = &spec;
        let of_answer = [
            ("answer", spec.answer.is_some()),
            ("answer_verdict", answer_verdict.is_some()),
            ("answer_findings", spec.answer_findings.is_some()),
        ];
        let is_something = [
            verdict.is_some(),
            spec.findings.is_some(),
            text.is_some(),
            target.is_some(),
            message.is_some(),
        ];
        if !is_something.contains(&true) && !of_answer.iter().any(|(_, written)| *written) {
            let help = "write what is to come of it, for example `verdict: pass`";
            self.fail("expect", "nothing is expected".to_owned(), help);
        }
        for (field, _) in of_answer.iter().filter(|(_, written)| *written) {
            if !has_answer {
                let message = "the test has no answer".to_owned();
                let help = "write `answer:` with what the provider answers";
                self.fail(&format!("expect.{field}"), message, help);
            }
        }
        if *answer_verdict == Some(VerdictSpec::Route) {
            let message = "an answer cannot go to another model".to_owned();
            let help = "write pass, flag, redact or block";
            self.fail("expect.answer_verdict", message, help);
        }
        if target.is_some() && !self.policed.is_whole {
            let message = "no target is known: the configuration has mistakes".to_owned();
            self.fail("expect.target", message, "`tollgate check` shows them");
        }
        Expected {
            findings: self.findings("expect.findings", spec.findings.as_ref()),
            answer: self.said(spec.answer),
            answer_findings: self.findings("expect.answer_findings", spec.answer_findings.as_ref()),
            verdict: spec.verdict,
            text: spec.text,
            target: spec.target,
            message: spec.message,
            answer_verdict: spec.answer_verdict,
        }
    }

    fn findings(&mut self, field: &str, written: Option<&Value>) -> Option<Findings> {
        match written? {
            Value::Array(_) => self.part(field).map(Findings::Records),
            _ => self.part(field).map(Findings::Counts),
        }
    }

    fn said(&mut self, written: Option<Value>) -> Option<SaidSpec> {
        match written? {
            Value::String(text) => Some(SaidSpec {
                text: Some(text),
                reasoning: None,
                refusal: None,
                tool_calls: None,
            }),
            _ => self.part("expect.answer"),
        }
    }
}
