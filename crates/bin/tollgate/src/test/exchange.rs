//! Runs a test: the request and its answer through the rules, as the gateway does.
//!
//! Which rules hold is asked of the plan, and the policy machine applies them: there is
//! no second opinion here about what a rule does.

use std::sync::Arc;

use bytes::Bytes;
use tollgate_config::Variables;
use tollgate_config::policy_test::VerdictSpec;
use tollgate_formats::TextPaths;
use tollgate_formats::exchange::{ChatRequest, DocumentContent, Part};
use tollgate_formats::view::TextSpan;
use tollgate_gateway::{
    inspect_name, inspect_plain_request, inspect_request, prompt_of, tokens_of,
};
use tollgate_plan::{Enriching, Guard, Plan, Resolved, Traffic};
use tollgate_policy::{Keys, Machine, Mode, RequestFacts, RuleRecord, Vault, Verdict};
use tollgate_wire::{Document, json};

use super::answer::{self, RanAnswer};
use super::bodies;
use super::case::{Asked, Case};
use crate::policed::Policed;

/// What came of a test.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) verdict: VerdictSpec,
    pub(super) findings: Vec<RuleRecord>,
    /// The text of the last message that goes on; `None` for a blocked request.
    pub(super) text: Option<String>,
    /// The targets of which one is tried first, or why there is none.
    pub(super) targets: Result<Vec<String>, String>,
    /// What the caller of a blocked request reads.
    pub(super) message: Option<String>,
    /// Rules that did not see all of the request, though it goes on.
    pub(super) unchecked: Vec<String>,
    /// What came of the answer; `None` without one, and for a blocked request.
    pub(super) answer: Option<RanAnswer>,
}

/// Runs a test.
///
/// # Errors
/// When no route takes it, or a body that was written for the test cannot be read any more.
pub(super) fn run(policed: &Policed, case: &Case) -> Result<Ran, String> {
    let Policed { plan, keys, .. } = policed;
    match &case.request {
        Asked::Chat(body) => chat(plan, keys, case, body),
        Asked::Plain(body) => plain(plan, keys, case, body),
    }
}

fn chat(plan: &Plan, keys: &Arc<Keys>, case: &Case, body: &Bytes) -> Result<Ran, String> {
    let format = bodies::chat(case.format);
    let unread = |error| format!("the request cannot be read: {error}");
    let service = plan.for_service(&case.service);
    let header = |name: &str| {
        let value = case.head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()))
    };
    let enriched = service.enrich(&Enriching {
        format: case.format,
        body,
        variables: Variables {
            service: &case.service,
            team: facts(case).team,
            model: &case.model,
            header: &header,
        },
    });
    let enriched = enriched.map_err(|error| error.to_string())?;
    let body = enriched.as_ref().unwrap_or(body);
    let view = format.view_request(body, true).map_err(unread)?;
    let facts = RequestFacts {
        input_bytes: body.len() as u64,
        has_image: view.has_image,
        tokens: tokens_of(&view, &prompt_of(&view, body)),
        ..facts(case)
    };
    let Guard { input, output } = service.policies.guard(&Traffic {
        facts,
        format: Some(case.format),
        route: None,
    });
    let mut document = Document::new(body.clone());
    let mut machine = Machine::new(input).with_vault(Vault::new(Arc::clone(keys)));
    let model = case.model.as_str();
    let passed = match inspect_name(&mut machine, service.passed_name(model)) {
        Verdict::Pass => inspect_request(&mut machine, &case.head, model, &mut document, &view),
        blocked @ Verdict::Block(_) => blocked,
    };
    let mut ran = Ran::of(&passed, &machine);
    if ran.message.is_some() {
        return Ok(ran);
    }
    let decoded = format.decode_request(&document.to_bytes());
    ran.text = last_text(&decoded.map_err(unread)?);
    ran.unchecked = unchecked(&machine);
    let wanted = machine.route_to().map_or(case.model.as_str(), |to| &**to);
    ran.targets = if machine.route_to().is_none() || case.scope.allows(wanted) {
        targets(plan, wanted, &facts)
    } else {
        let service = &case.service;
        Err(format!(
            "service `{service}` may not use the model `{wanted}`"
        ))
    };
    if let Some(body) = &case.answer {
        let machine = || Machine::new(Arc::clone(&output)).with_vault(machine.vault());
        ran.answer = Some(answer::run(case, body, &machine)?);
    }
    Ok(ran)
}

/// A plain HTTP route: rules read its head, and the texts that it names.
fn plain(plan: &Plan, keys: &Arc<Keys>, case: &Case, body: &Bytes) -> Result<Ran, String> {
    let service = plan.for_service(&case.service);
    let route = service.route(case.head.uri.path(), case.head.method.as_str());
    let route = route.map_err(|error| error.to_string())?;
    let size = body.len() as u64;
    let Guard { input, output } = service.policies.guard(&Traffic {
        facts: RequestFacts {
            input_bytes: size,
            tokens: tollgate_tokens::of_bytes(size),
            ..facts(case)
        },
        format: None,
        route: Some(&route.config.name),
    });
    let mut document = Document::new(body.clone());
    let mut machine = Machine::new(input).with_vault(Vault::new(Arc::clone(keys)));
    let passed = inspect_plain_request(&mut machine, &case.head, route, &mut document);
    let mut ran = Ran::of(&passed, &machine);
    if ran.message.is_some() {
        return Ok(ran);
    }
    ran.text = Some(route_texts(
        &route.config.request_texts,
        &document.to_bytes(),
    ));
    ran.unchecked = unchecked(&machine);
    let provider = plan.provider(route.provider);
    ran.targets = Ok(vec![provider.config.name.as_ref().to_owned()]);
    if let Some(body) = &case.answer {
        let machine = Machine::new(output).with_vault(machine.vault());
        ran.answer = Some(answer::run_plain(&route.config, body, machine));
    }
    Ok(ran)
}

/// The texts that a route names in a body, path by path, a line each.
pub(super) fn route_texts(paths: &TextPaths, body: &Bytes) -> String {
    let views = paths.as_slice().iter().map(|path| {
        let path = TextPaths::new(vec![path.clone()]);
        path.view_answer(body).unwrap_or_default()
    });
    let texts = views.flat_map(|view| view.texts);
    let texts = texts.filter_map(|TextSpan { text, .. }| {
        let text = json::decode(text.span.of(body), text.escaped).ok()?;
        Some(text.into_owned())
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// What is known of a request before its body is read.
fn facts(case: &Case) -> RequestFacts<'_> {
    RequestFacts {
        service: &case.service,
        team: &case.team,
        headers: &case.head.headers,
        path: case.head.uri.path(),
        model: Some(&case.model),
        input_bytes: 0,
        has_image: false,
        tokens: 0,
    }
}

impl Ran {
    /// What rules made of a request; nothing is known yet of where it goes.
    fn of(passed: &Verdict, machine: &Machine) -> Self {
        Self {
            verdict: verdict(passed, machine.records()),
            findings: machine.records().to_vec(),
            text: None,
            targets: Err("the request was blocked".to_owned()),
            message: match passed {
                Verdict::Pass => None,
                Verdict::Block(blocked) => Some(blocked.told()),
            },
            unchecked: Vec::new(),
            answer: None,
        }
    }
}

/// The strongest of what was done.
pub(super) fn verdict(passed: &Verdict, records: &[RuleRecord]) -> VerdictSpec {
    match passed {
        Verdict::Pass => {}
        Verdict::Block(_) => return VerdictSpec::Block,
    }
    let enforced = records
        .iter()
        .filter(|record| record.mode == Mode::Enforce.label());
    let done = enforced.map(|record| match record.action {
        "flag" => VerdictSpec::Flag,
        "redact" => VerdictSpec::Redact,
        "route" => VerdictSpec::Route,
        _ => VerdictSpec::Pass,
    });
    done.max().unwrap_or(VerdictSpec::Pass)
}

/// The rules that were not applied to all of a message.
pub(super) fn unchecked(machine: &Machine) -> Vec<String> {
    let checks = machine.checks().filter(|check| !check.is_complete);
    checks
        .map(|check| format!("{}/{}", check.rule.policy, check.rule.name))
        .collect()
}

fn targets(plan: &Plan, wanted: &str, facts: &RequestFacts<'_>) -> Result<Vec<String>, String> {
    let name = |id| plan.target(id).name.as_ref().to_owned();
    let service = plan.for_service(facts.service);
    let resolved = service.resolve(plan, wanted);
    let model = match resolved.map_err(|error| error.to_string())? {
        Resolved::Direct { target, .. } => return Ok(vec![name(target)]),
        Resolved::Model(model) => model,
    };
    let candidates = plan.select(model, facts, 0);
    let drawn = |id: &_| model.weighted && plan.target(*id).weight > 0;
    let possible: Vec<String> = candidates.iter().copied().filter(drawn).map(name).collect();
    if !possible.is_empty() {
        return Ok(possible);
    }
    let first = candidates.first().copied().map(name);
    first.map(|first| vec![first]).ok_or_else(|| {
        format!("no target of model `{wanted}` takes this request: its conditions are false")
    })
}

/// The texts of the last message, a line each.
fn last_text(request: &ChatRequest) -> Option<String> {
    let mut texts = Vec::new();
    for part in &request.messages.last()?.parts {
        add_text(part, &mut texts);
    }
    Some(texts.join("\n"))
}

fn add_text<'p>(part: &'p Part, texts: &mut Vec<&'p str>) {
    match part {
        Part::Text(text) | Part::Refusal(text) => texts.push(text),
        Part::Reasoning(thought) => texts.push(&thought.text),
        Part::ToolCall(call) => texts.push(&call.arguments),
        Part::ToolResult(result) => {
            for part in &result.parts {
                add_text(part, texts);
            }
        }
        Part::Document(document) => {
            texts.extend(document.title.as_deref());
            if let DocumentContent::Text(text) = &document.content {
                texts.push(text);
            }
        }
        Part::Image(_)
        | Part::Audio { .. }
        | Part::Video(_)
        | Part::Citation(_)
        | Part::CacheMark(_)
        | Part::Other { .. } => {}
    }
}
