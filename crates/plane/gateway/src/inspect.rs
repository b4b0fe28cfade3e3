//! Input policies over the texts of a request.

use std::future::{Ready, ready};
use std::sync::Arc;

use http::request::Parts;

use tollgate_plan::{Guard, Traffic};
use tollgate_policy::{Blocked, Machine, RuleSet, Verdict};
use tollgate_telemetry::Finding;

use crate::access::Permitted;
use crate::admit::Admitted;
use crate::aside::aside;
use crate::document::Read;
use crate::route::facts;
use crate::settle::Settlement;

/// A request whose texts passed the input policies, edits included.
#[derive(Debug)]
pub(crate) struct Inspected<'s> {
    admitted: Admitted<'s>,
    read: Read,
    output: Arc<RuleSet>,
    route_to: Option<Arc<str>>,
}

impl<'s> Inspected<'s> {
    /// Who asks for what.
    pub(crate) const fn permitted(&self) -> &Permitted<'s> {
        self.admitted.permitted()
    }

    /// The body with its edits.
    pub(crate) const fn read(&self) -> &Read {
        &self.read
    }

    /// Rules over the answer.
    pub(crate) const fn output(&self) -> &Arc<RuleSet> {
        &self.output
    }

    /// The model that a rule sends the request to.
    pub(crate) const fn route_to(&self) -> Option<&Arc<str>> {
        self.route_to.as_ref()
    }

    /// The proof of admission and the body, for the reply.
    pub(crate) fn into_parts(self) -> (Admitted<'s>, Read) {
        (self.admitted, self.read)
    }
}

/// A policy blocked the request.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", text(.0))]
pub(crate) struct InputBlocked(pub(crate) Blocked);

/// What the caller reads: the rule's own message, else who blocked and for what.
fn text(blocked: &Blocked) -> String {
    match &blocked.message {
        Some(message) => message.as_ref().to_owned(),
        None => format!(
            "policy `{}` blocked the request: it contains {}",
            blocked.policy, blocked.entity
        ),
    }
}

/// Runs the input rules. Findings are recorded also where the request is blocked.
///
/// To be awaited: a rule may come to ask someone else. Those there are decide at once.
pub(crate) fn input<'s>(
    admitted: Admitted<'s>,
    read: Read,
    head: &Parts,
    settlement: &mut Settlement,
) -> Ready<Result<Inspected<'s>, InputBlocked>> {
    ready(decide(admitted, read, head, settlement))
}

fn decide<'s>(
    admitted: Admitted<'s>,
    mut read: Read,
    head: &Parts,
    settlement: &mut Settlement,
) -> Result<Inspected<'s>, InputBlocked> {
    let permitted = admitted.permitted();
    let Guard { input, output } = permitted.caller().plan().policies.guard(&Traffic {
        facts: facts(permitted, &read, head),
        format: Some(read.format),
        route: None,
    });
    let mut route_to = None;
    if !input.is_empty() {
        let mut machine = Machine::new(input);
        let verdict = aside(read.document.original().len(), || {
            machine.request(&mut read.document, &read.view)
        });
        // Nobody asks for the places again, and there may be many.
        read.view.texts = Vec::new();
        record(&machine, settlement);
        if let Verdict::Block(blocked) = verdict {
            return Err(InputBlocked(blocked));
        }
        route_to = machine.route_to().cloned();
    }
    Ok(Inspected {
        admitted,
        read,
        output,
        route_to,
    })
}

/// Moves what a machine found into the record.
pub(crate) fn record(machine: &Machine, settlement: &mut Settlement) {
    let findings = machine.records().iter().map(|record| Finding {
        policy: Arc::clone(&record.policy),
        rule: Arc::clone(&record.rule),
        detector: record.detector,
        entity: Arc::clone(&record.entity),
        action: record.action,
        mode: record.mode,
        count: u32::try_from(record.count).unwrap_or(u32::MAX),
    });
    settlement.record().findings.extend(findings);
}
