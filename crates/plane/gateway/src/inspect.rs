//! Input policies over the head and the texts of a request.

mod head;

use std::future::{Ready, ready};
use std::sync::Arc;

use http::request::Parts;

use tollgate_config::ConversationsConfig;
use tollgate_formats::view::RequestView;
use tollgate_plan::{Guard, Traffic};
use tollgate_policy::{Blocked, Keys, Machine, RuleSet, Vault, Verdict};
use tollgate_telemetry::{Check, Finding};
use tollgate_wire::Document;

use crate::access::Permitted;
use crate::admit::Admitted;
use crate::aside::aside;
use crate::clock::monotonic_ns;
use crate::conversations::{Conversations, Id};
use crate::document::Read;
use crate::gateway::Shared;
use crate::route::facts;
use crate::settle::Settlement;
use crate::snapshot::Snapshot;

/// A request whose texts passed the input policies, edits included.
#[derive(Debug)]
pub(crate) struct Inspected<'s> {
    admitted: Admitted<'s>,
    read: Read,
    answer: AnswerGuard,
    route_to: Option<Arc<str>>,
}

/// What an answer passes: the rules over it, and what their replacements need.
#[derive(Clone, Debug)]
pub(crate) struct AnswerGuard {
    rules: Arc<RuleSet>,
    vault: Vault,
}

impl AnswerGuard {
    /// What an answer passes whose request left this behind.
    pub(crate) const fn new(rules: Arc<RuleSet>, vault: Vault) -> Self {
        Self { rules, vault }
    }

    /// Whether the body of an answer matters to any rule.
    pub(crate) fn reads_body(&self) -> bool {
        self.rules.reads_body()
    }

    /// True when there is nothing to enforce.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// A machine for one answer.
    pub(crate) fn machine(&self) -> Machine {
        Machine::new(Arc::clone(&self.rules))
            .with_vault(self.vault.clone())
            .with_clock(monotonic_ns)
    }
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

    /// What the answer passes.
    pub(crate) const fn answer(&self) -> &AnswerGuard {
        &self.answer
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
#[error("{}", .0.told())]
pub(crate) struct InputBlocked(pub(crate) Blocked);

/// Runs the input rules. Findings are recorded also where the request is blocked.
///
/// To be awaited: a rule may come to ask someone else. Those there are decide at once.
pub(crate) fn input<'s>(
    admitted: Admitted<'s>,
    read: Read,
    head: &Parts,
    means: &Means<'_>,
    settlement: &mut Settlement,
) -> Ready<Result<Inspected<'s>, InputBlocked>> {
    ready(decide(admitted, read, head, means, settlement))
}

fn decide<'s>(
    admitted: Admitted<'s>,
    mut read: Read,
    head: &Parts,
    means: &Means<'_>,
    settlement: &mut Settlement,
) -> Result<Inspected<'s>, InputBlocked> {
    let permitted = admitted.permitted();
    let Guard { input, output } = permitted.caller().plan().policies.guard(&Traffic {
        facts: facts(permitted, &read, head),
        format: Some(read.format),
        route: None,
    });
    let asking = Asking {
        service: permitted.caller().service(),
        head,
        means,
    };
    let model = permitted.model();
    let passed_name = permitted.caller().plan().passed_name(model);
    let mut is_name_blocked = false;
    let passed = asking.pass(input, settlement, |machine| {
        aside(read.document.original().len(), || {
            if let blocked @ Verdict::Block(_) = name(machine, passed_name) {
                is_name_blocked = true;
                return blocked;
            }
            let Read { document, view, .. } = &mut read;
            request(machine, head, model, document, view)
        })
    });
    if is_name_blocked {
        settlement.record().model = None;
    }
    let passed = passed?;
    // Nobody asks for the places again, and there may be many.
    read.view.texts = Vec::new();
    Ok(Inspected {
        admitted,
        read,
        answer: AnswerGuard::new(output, passed.vault),
        route_to: passed.route_to,
    })
}

/// Runs input rules over all of a chat: its head, then the texts of its body, whose places
/// in the original bytes of `document` are in `view`. Edits go into `document`. What is
/// passed on of the model's name is shown before, with [`name`].
pub fn request(
    machine: &mut Machine,
    head: &Parts,
    model: &str,
    document: &mut Document,
    view: &RequestView,
) -> Verdict {
    match head::read(machine, head, Some(model), "") {
        Verdict::Pass => machine.request_for(model, document, view),
        blocked @ Verdict::Block(_) => blocked,
    }
}

/// Runs input rules over the part of a model's name that is passed on as the caller wrote
/// it, which is a text that cannot be edited.
pub fn name(machine: &mut Machine, passed: Option<&str>) -> Verdict {
    let parts = passed.map(head::without_date).into_iter().flatten();
    let mut verdicts = parts.map(|part| head::name(machine, part));
    let blocked = verdicts.find(|verdict| *verdict != Verdict::Pass);
    blocked.unwrap_or(Verdict::Pass)
}

/// Runs input rules over the head of a plain request. `path` is the part of the path that
/// the caller chose.
pub(crate) fn plain_request(machine: &mut Machine, head: &Parts, path: &str) -> Verdict {
    head::read(machine, head, None, path)
}

/// Who asks, and how: what input rules need besides what they read.
pub(crate) struct Asking<'a> {
    /// The service that calls.
    pub(crate) service: &'a str,
    /// The head of its request.
    pub(crate) head: &'a Parts,
    /// Where replacements come from.
    pub(crate) means: &'a Means<'a>,
}

/// What input rules leave behind for what follows.
pub(crate) struct Passed {
    /// The model that a rule sends the request to.
    pub(crate) route_to: Option<Arc<str>>,
    /// What the placeholders stand for.
    pub(crate) vault: Vault,
}

impl Asking<'_> {
    /// Runs the input rules over one request, which `read` shows the machine. What the
    /// rules did is recorded, whatever comes of it.
    pub(crate) fn pass(
        &self,
        rules: Arc<RuleSet>,
        settlement: &mut Settlement,
        read: impl FnOnce(&mut Machine) -> Verdict,
    ) -> Result<Passed, InputBlocked> {
        let mut vault = Vault::new(Arc::clone(self.means.keys));
        if rules.is_empty() {
            let route_to = None;
            return Ok(Passed { route_to, vault });
        }
        let conversations = self.means.conversations.filter(|_| rules.restores());
        let conversation = conversations.and_then(|(all, limits)| {
            let id = Id::of(self.service, &self.head.headers, &limits.header)?;
            all.recall(&id, limits, &mut vault);
            Some((all, limits, id))
        });
        let mut machine = Machine::new(rules)
            .with_vault(vault)
            .with_clock(monotonic_ns);
        let verdict = read(&mut machine);
        record(&machine, Direction::Input, settlement);
        if let Verdict::Block(blocked) = verdict {
            return Err(InputBlocked(blocked));
        }
        let vault = machine.vault();
        if let Some((all, limits, id)) = conversation.filter(|_| !vault.is_empty()) {
            all.keep(id, limits, &vault);
        }
        let route_to = machine.route_to().cloned();
        Ok(Passed { route_to, vault })
    }
}

/// What rules need besides the message.
pub(crate) struct Means<'s> {
    /// The keys of redaction styles.
    pub(crate) keys: &'s Arc<Keys>,
    /// What placeholders stood for in earlier exchanges, where that is kept.
    pub(crate) conversations: Option<(&'s Conversations, &'s ConversationsConfig)>,
}

impl<'s> Means<'s> {
    /// Those of a snapshot.
    pub(crate) fn of(shared: &'s Shared, snapshot: &'s Snapshot) -> Self {
        let limits = snapshot.plan.base.gateway.conversations.as_ref();
        Self {
            keys: snapshot.redaction_keys(),
            conversations: limits.map(|limits| (&shared.conversations, limits)),
        }
    }
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Direction {
    Input,
    Output,
}

impl Direction {
    const fn label(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

/// Moves what a machine did and found into the record.
pub(crate) fn record(machine: &Machine, direction: Direction, settlement: &mut Settlement) {
    let spent_ns = |policy: &Arc<str>, rule: &Arc<str>| {
        let mut checks = machine.checks();
        let own = checks.find(|check| check.rule.policy == *policy && check.rule.name == *rule);
        own.map_or(0, |check| check.spent_ns)
    };
    let findings = machine.records().iter().map(|record| Finding {
        policy: Arc::clone(&record.policy),
        rule: Arc::clone(&record.rule),
        detector: record.detector,
        entity: Arc::clone(&record.entity),
        action: record.action,
        mode: record.mode,
        count: u32::try_from(record.count).unwrap_or(u32::MAX),
        spent_ns: spent_ns(&record.policy, &record.rule),
    });
    let checks = machine.checks().map(|check| Check {
        policy: Arc::clone(&check.rule.policy),
        rule: Arc::clone(&check.rule.name),
        direction: direction.label(),
        is_complete: check.is_complete,
        spent_ns: check.spent_ns,
    });
    let record = settlement.record();
    record.findings.extend(findings);
    record.checks.extend(checks);
}
