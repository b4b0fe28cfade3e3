//! Input policies over a plain request: its body is read only where a rule wants to.

use std::sync::Arc;

use http::request::Parts;
use http_body::Body as _;
use tollgate_config::RouteConfig;
use tollgate_net::Incoming;
use tollgate_plan::{Guard, Route, Traffic};
use tollgate_policy::{Machine, RequestFacts, Verdict};
use tollgate_wire::Document;

use super::{Exchange, PlainAdmitted, PlainError, Unread};
use crate::aside::aside;
use crate::caller::Authenticated;
use crate::document::{BodyBounds, collected};
use crate::headers::{encoded, is_json};
use crate::inspect::{self, AnswerGuard, Asking, InputBlocked, Means};
use crate::rescue::Cause;
use crate::settle::Settlement;

/// A request that the input policies let pass, with what its answer passes.
#[derive(Debug)]
pub(crate) struct PlainInspected<'s> {
    pub(super) route: &'s Route,
    pub(super) body: Sent,
    pub(super) answer: AnswerGuard,
}

/// The caller's body.
#[derive(Debug)]
pub(super) enum Sent {
    /// As it comes.
    Passing(Incoming),
    /// In memory, with the edits to it.
    Read(Document),
}

/// Runs the input rules that hold for a request.
pub(crate) async fn inspect<'s>(
    admitted: PlainAdmitted<'s>,
    exchange: &Exchange<'_>,
    body: Incoming,
    settlement: &mut Settlement,
) -> Result<PlainInspected<'s>, Cause> {
    let PlainAdmitted {
        caller,
        route,
        place,
    } = admitted;
    settlement.hold(place);
    let Exchange { head, .. } = *exchange;
    let config = &route.config;
    let policies = &caller.plan().policies;
    let mut length = body.size_hint().exact();
    let mut body = Sent::Passing(body);
    // A condition may be about the length, and a caller need not say it.
    if length.is_none() && policies.asks_about(&config.name) {
        body = body.read(exchange, settlement).await?;
        length = body.known();
    }
    let Guard { input, output } = policies.guard(&Traffic {
        facts: facts(&caller, head, length.unwrap_or_default()),
        format: None,
        route: Some(&config.name),
    });
    let mut unread = None;
    if input.reads_body() && length != Some(0) {
        unread = unreadable(head, config);
        if unread.is_none() {
            body = body.read(exchange, settlement).await?;
        }
    }
    let means = Means::of(exchange.shared, exchange.snapshot);
    let asking = Asking {
        service: caller.service(),
        head,
        means: &means,
    };
    let chosen = route.chosen(head.uri.path());
    let passed = asking.pass(input, settlement, |machine| {
        if let blocked @ Verdict::Block(_) = inspect::plain_request(machine, head, chosen) {
            unread = None;
            return blocked;
        }
        let looked = look(machine, &mut body, config, unread.take());
        unread = looked.1;
        looked.0
    });
    let passed = passed.map_err(|InputBlocked(blocked)| match unread {
        Some(why) => PlainError::Unread {
            policy: Arc::clone(&blocked.policy),
            why,
        }
        .into(),
        None => Cause::Blocked(InputBlocked(blocked)),
    })?;
    Ok(PlainInspected {
        route,
        body,
        answer: AnswerGuard::new(output, passed.vault),
    })
}

/// Runs the rules that hold for a WebSocket: over the head of its request, and none over its
/// messages, which nobody here reads.
pub(super) fn inspect_socket<'s>(
    admitted: PlainAdmitted<'s>,
    exchange: &Exchange<'_>,
    settlement: &mut Settlement,
) -> Result<&'s Route, Cause> {
    let PlainAdmitted {
        caller,
        route,
        place,
    } = admitted;
    settlement.hold(place);
    let Exchange { head, .. } = *exchange;
    let Guard { input, output } = caller.plan().policies.guard(&Traffic {
        facts: facts(&caller, head, 0),
        format: None,
        route: Some(&route.config.name),
    });
    let is_allowed = route.config.unscannable_allowed;
    let means = Means::of(exchange.shared, exchange.snapshot);
    let asking = Asking {
        service: caller.service(),
        head,
        means: &means,
    };
    let mut unread = false;
    let reads_body = input.reads_body();
    let passed = asking.pass(input, settlement, |machine| {
        let chosen = route.chosen(head.uri.path());
        let verdict = inspect::plain_request(machine, head, chosen);
        if verdict != Verdict::Pass || !reads_body {
            return verdict;
        }
        unread = true;
        machine.unscannable(is_allowed)
    });
    let not_read = |policy| PlainError::Unread {
        policy,
        why: Unread::Socket,
    };
    let passed = passed.map_err(|InputBlocked(blocked)| match unread {
        true => not_read(blocked.policy).into(),
        false => Cause::Blocked(InputBlocked(blocked)),
    })?;
    let answer = AnswerGuard::new(output, passed.vault);
    if answer.reads_body() {
        let mut machine = answer.machine();
        let verdict = machine.unscannable(is_allowed);
        inspect::record(&machine, inspect::Direction::Output, settlement);
        if let Verdict::Block(blocked) = verdict {
            return Err(not_read(blocked.policy).into());
        }
    }
    Ok(route)
}

/// What conditions may read of a plain request: the whole body counts as text.
fn facts<'r>(caller: &'r Authenticated<'_>, head: &'r Parts, bytes: u64) -> RequestFacts<'r> {
    RequestFacts {
        service: caller.service(),
        team: caller.team(),
        headers: &head.headers,
        path: head.uri.path(),
        model: Some(""),
        input_bytes: bytes,
        has_image: false,
        tokens: tollgate_tokens::of_bytes(bytes),
    }
}

/// Why there is no point in reading a body, by its head.
fn unreadable(head: &Parts, route: &RouteConfig) -> Option<Unread> {
    if route.request_texts.is_empty() {
        Some(Unread::Unnamed)
    } else if encoded(&head.headers).is_some() {
        Some(Unread::Encoded)
    } else if is_json(&head.headers) {
        None
    } else {
        Some(Unread::Type)
    }
}

/// Shows a body to the machine. Gives its verdict, and why the body could not be read.
fn look(
    machine: &mut Machine,
    body: &mut Sent,
    route: &RouteConfig,
    unread: Option<Unread>,
) -> (Verdict, Option<Unread>) {
    if body.is_empty() {
        return (Verdict::Pass, None);
    }
    let why = match (unread, body) {
        (None, Sent::Read(document)) => return texts(machine, document, route),
        (Some(why), _) => why,
        (None, Sent::Passing(_)) => Unread::Unnamed,
    };
    (machine.unscannable(route.unscannable_allowed), Some(why))
}

/// Shows the texts of a body to the machine.
fn texts(
    machine: &mut Machine,
    document: &mut Document,
    route: &RouteConfig,
) -> (Verdict, Option<Unread>) {
    let verdict = aside(document.original().len(), || {
        let view = route.request_texts.view_request(document.original())?;
        Ok(machine.request(document, &view))
    });
    match verdict {
        Ok(verdict) => (verdict, None),
        Err(error) => {
            let verdict = machine.unscannable(route.unscannable_allowed);
            (verdict, Some(Unread::Json(error)))
        }
    }
}

/// Runs input rules over all of a plain request that is in memory: its head, then the texts
/// that the route names in its body. Edits go into `document`.
pub fn request(
    machine: &mut Machine,
    head: &Parts,
    route: &Route,
    document: &mut Document,
) -> Verdict {
    let config = &route.config;
    let verdict = inspect::plain_request(machine, head, route.chosen(head.uri.path()));
    if verdict != Verdict::Pass || document.original().is_empty() {
        return verdict;
    }
    match unreadable(head, config) {
        None => texts(machine, document, config).0,
        Some(_) => machine.unscannable(config.unscannable_allowed),
    }
}

impl Sent {
    fn is_empty(&self) -> bool {
        match self {
            Self::Passing(body) => body.is_end_stream() || body.size_hint().exact() == Some(0),
            Self::Read(document) => document.original().is_empty(),
        }
    }

    /// Whether a rule changed it.
    pub(super) fn is_edited(&self) -> bool {
        match self {
            Self::Passing(_) => false,
            Self::Read(document) => document.is_edited(),
        }
    }

    /// The length of a body in memory.
    fn known(&self) -> Option<u64> {
        match self {
            Self::Passing(_) => None,
            Self::Read(document) => Some(document.original().len() as u64),
        }
    }

    /// Takes the body into memory.
    async fn read(
        self,
        exchange: &Exchange<'_>,
        settlement: &mut Settlement,
    ) -> Result<Self, Cause> {
        let Self::Passing(body) = self else {
            return Ok(self);
        };
        let gateway = &exchange.snapshot.plan.base.gateway;
        let bounds = BodyBounds {
            limits: &gateway.limits,
            room: &exchange.shared.buffered,
            timeout: gateway.caller_timeouts.body,
        };
        let (bytes, share) = collected(body, bounds).await?;
        settlement.record().bytes_in = bytes.len() as u64;
        Ok(Self::Read(Document::new(share.around(bytes))))
    }
}
