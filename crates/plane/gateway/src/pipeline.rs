//! The life of a request, in order.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, Method, Response};
use percent_encoding::percent_decode_str;
use tollgate_config::{AtProvider, Called};
use tollgate_formats::{FORMATS, FormatId};
use tollgate_net::Incoming;
use tollgate_telemetry::{RequestId, Step, TraceContext};

use crate::access::{permit, redirect};
use crate::admit::admit;
use crate::attempt::{Answered, Attempts};
use crate::caller::{Authenticated, authenticate};
use crate::clock::now_unix_s;
use crate::document::{BodyBounds, Read, read};
use crate::enrich::enrich;
use crate::gateway::Gateway;
use crate::headers::{asks, own};
use crate::inspect::Means;
use crate::models::Listing;
use crate::operation::{self, MethodNotAllowed, Operation, Work};
use crate::plain::{PlainAnswer, SocketAnswer};
use crate::reply::{Asked, ReplyBody, refusal, reply};
use crate::rescue::{self, Cause, rescue};
use crate::settle::Settlement;
use crate::snapshot::Snapshot;
use crate::{held, inspect, models, plain, probe, route};

/// What a request came to, before it is written for the caller.
enum Answer {
    Exchange(Answered, Asked),
    Models(Listing),
    Plain(Box<PlainAnswer>),
    Socket(SocketAnswer),
}

impl Answer {
    async fn respond(
        self,
        snapshot: &Arc<Snapshot>,
        settlement: Settlement,
    ) -> Response<ReplyBody> {
        match self {
            Self::Exchange(answered, asked) => reply(answered, asked, snapshot, settlement).await,
            Self::Models(listing) => listing.respond(settlement),
            Self::Plain(answer) => answer.respond(settlement),
            Self::Socket(answer) => answer.respond(settlement),
        }
    }
}

/// What is known of a request from its head alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Greeting {
    /// What the request is called from now on.
    pub(crate) id: RequestId,
    /// The format in which the caller expects an answer, whatever becomes of it.
    pub(crate) format: FormatId,
}

/// Serves one request, whatever it is.
pub(crate) async fn run(
    gateway: &Gateway,
    greeting: &Greeting,
    head: Parts,
    body: Incoming,
) -> Response<ReplyBody> {
    let work = match operation::find(&head.method, &head.uri) {
        Ok(Operation::Probe(probe)) => return probe::answer(gateway, probe),
        Ok(Operation::Work(work)) => Ok(work),
        Err(method) => Err(Cause::Method(method)),
    };
    let snapshot = gateway.snapshot();
    let plan = snapshot.as_ref().map(|snapshot| &snapshot.plan);
    let mut settlement = Settlement::begin(
        &gateway.shared.settler,
        greeting.id,
        head.method.clone(),
        TraceContext::from_headers(&head.headers, gateway.shared.sampler),
        plan.map(|plan| Arc::clone(&plan.revision)),
    );
    let Some(snapshot) = &snapshot else {
        return refuse(&Cause::NotServing, greeting, settlement);
    };
    if asks(head.headers.get(own::DETAIL)) {
        settlement.time_every_step();
    }
    let answer = match work {
        Ok(Work::Called(called)) => {
            settlement.step(Step::Operation);
            exchange(
                gateway,
                snapshot,
                Call::of(called),
                (&head, body),
                &mut settlement,
            )
            .await
        }
        Ok(Work::Held(held)) => {
            let asked = held::ask(gateway, snapshot, (held, None), &head, &mut settlement);
            let answered = Box::pin(asked).await;
            answered.map(|(answered, asked)| Answer::Exchange(answered, asked))
        }
        Ok(Work::Models) => {
            models::list(snapshot, greeting.format, &head, &mut settlement).map(Answer::Models)
        }
        Ok(Work::Model(name)) => {
            models::one(snapshot, greeting.format, (&head, name), &mut settlement)
                .map(Answer::Models)
        }
        // What few requests need is boxed: each carries the size of the largest future here.
        Ok(Work::Plain) => Box::pin(plain(gateway, snapshot, &head, body, &mut settlement)).await,
        Err(cause) => Err(cause),
    };
    match answer {
        Ok(answer) => identified(answer.respond(snapshot, settlement).await, greeting.id),
        Err(cause) => refuse(&cause, greeting, settlement),
    }
}

/// An exchange with a model that is asked for.
struct Call<'a> {
    called: Called<'a>,
    /// The one provider that is asked, where the path names it, and who asks.
    of_provider: Option<(&'a str, Authenticated<'a>)>,
}

impl<'a> Call<'a> {
    const fn of(called: Called<'a>) -> Self {
        Self {
            called,
            of_provider: None,
        }
    }
}

/// An exchange with a model, step by step; each takes the proof that the one before it ran.
async fn exchange<'s>(
    gateway: &Gateway,
    snapshot: &'s Snapshot,
    call: Call<'s>,
    (head, body): (&Parts, Incoming),
    settlement: &mut Settlement,
) -> Result<Answer, Cause> {
    let shared = &gateway.shared;
    let limits = &snapshot.plan.base.gateway.limits;
    let called = call.called;
    settlement.called(called);

    let (provider, caller) = match call.of_provider {
        Some((provider, caller)) => (Some(provider), caller),
        None => (None, authenticate(head, snapshot, now_unix_s())?),
    };
    settlement.caller(&caller);
    settlement.step(Step::Caller);

    let timeout = snapshot.plan.base.gateway.caller_timeouts.body;
    let bounds = BodyBounds {
        limits,
        room: &shared.buffered,
        timeout,
    };
    let read = read(
        body,
        head,
        called,
        !caller.plan().policies.all().input.is_empty(),
        bounds,
    )
    .await?;
    settlement.body(&read);
    settlement.step(Step::Document);

    let permitted = permit(caller, asked_of(provider, model(&read, called)?))?;
    let plan = permitted.caller().plan();
    if plan.check_name(permitted.model()).is_ok() {
        settlement.record().model = Some(Arc::clone(permitted.model()));
    }
    settlement.step(Step::Access);

    let admitted = admit(permitted, &shared.in_work, limits.requests_max)?;
    settlement.step(Step::Admit);

    let (read, is_enriched) = enrich(admitted.permitted(), read, head, (limits, &shared.buffered))?;
    if is_enriched {
        settlement.enriched(&read);
    }

    let means = Means::of(shared, snapshot);
    let inspected = inspect::input(admitted, read, head, &means, settlement).await?;
    if let Some(model) = inspected.route_to() {
        redirect(inspected.permitted(), model)?;
    }
    settlement.step(Step::Inspect);

    let routed = route::order(inspected, &snapshot.plan, head)?;
    settlement.record().route = routed.name().cloned();
    settlement.step(Step::Route);

    let attempts = Attempts {
        shared,
        snapshot,
        routed: &routed,
        headers: &head.headers,
    };
    let answered = match attempts.run(settlement).await {
        Ok(answered) => answered,
        Err(error) => {
            let guard = routed.answer();
            return Err(refusal::inspected(error, guard, settlement).await.into());
        }
    };
    let mark = held::mark_of(&answered, &routed, snapshot);
    let asked = Asked::new(routed, &head.headers, mark, settlement);
    Ok(Answer::Exchange(answered, asked))
}

/// A plain exchange, step by step.
async fn plain(
    gateway: &Gateway,
    snapshot: &Snapshot,
    head: &Parts,
    body: Incoming,
    settlement: &mut Settlement,
) -> Result<Answer, Cause> {
    let caller = authenticate(head, snapshot, now_unix_s())?;
    settlement.caller(&caller);
    let routed = plain::route(caller, head, settlement)?;
    let passed = routed.passed(head, snapshot);
    let wants_socket = plain::wants_socket(head);
    if let Some(passed) = &passed
        && let Some(asked) = passed.asks(&head.method, wants_socket)?
    {
        let of_provider = Some((&*passed.provider, routed.into_caller()));
        return match asked {
            AtProvider::Called(_) if head.method != Method::POST => {
                let allow = "POST".into();
                Err(MethodNotAllowed { allow }.into())
            }
            AtProvider::Called(called) => {
                let call = Call {
                    called,
                    of_provider,
                };
                exchange(gateway, snapshot, call, (head, body), settlement).await
            }
            AtProvider::Held(held) => {
                let asked = held::ask(gateway, snapshot, (held, of_provider), head, settlement);
                let (answered, asked) = asked.await?;
                Ok(Answer::Exchange(answered, asked))
            }
        };
    }
    let requests_max = snapshot.plan.base.gateway.limits.requests_max;
    let admitted = plain::admit(routed, &gateway.shared.in_work, requests_max, settlement)?;
    let exchange = plain::Exchange {
        shared: &gateway.shared,
        snapshot,
        head,
    };
    if wants_socket && admitted.passes_sockets() {
        let socket = plain::connect(admitted, &exchange, settlement).await?;
        return Ok(Answer::Socket(socket));
    }
    let inspected = plain::inspect(admitted, &exchange, body, settlement).await?;
    let answer = plain::forward(inspected, &exchange, settlement).await?;
    Ok(Answer::Plain(answer))
}

/// A model's name as callers write it who ask one provider for it.
fn asked_of(provider: Option<&str>, model: Arc<str>) -> Arc<str> {
    match provider {
        Some(provider) => Arc::from(format!("{provider}/{model}")),
        None => model,
    }
}

/// The model a request names, in its path or in its body.
fn model(read: &Read, called: Called<'_>) -> Result<Arc<str>, Cause> {
    if let Some(name) = called.model {
        let name = percent_decode_str(name).decode_utf8();
        return name.map(Arc::from).map_err(|_undecodable| Cause::NoModel);
    }
    let name = read.view.model.ok_or(Cause::NoModel)?;
    let text = tollgate_wire::json::decode(name.span.of(read.document.original()), name.escaped);
    match text {
        Ok(text) if !text.is_empty() => Ok(Arc::from(text.as_ref())),
        _ => Err(Cause::NoModel),
    }
}

fn refuse(cause: &Cause, greeting: &Greeting, mut settlement: Settlement) -> Response<ReplyBody> {
    settlement.step(Step::Reply);
    // What was asked of one provider by its own path is known only behind its name.
    let known = settlement.record().format;
    let known = FORMATS.iter().find(|format| format.label() == known);
    let format = known.map_or(greeting.format, |format| format.id());
    let refusal = rescue(cause, format, &mut settlement);
    let response = refusal.map(|body| ReplyBody::whole(body, settlement));
    identified(response, greeting.id)
}

/// The answer to a request whose run ended in a panic. Its record was settled, as an
/// internal error, when the run unwound.
pub(crate) fn defect(greeting: &Greeting) -> Response<ReplyBody> {
    let refusal = rescue::answer(&Cause::Defect, greeting.format, greeting.id);
    identified(refusal.map(ReplyBody::unrecorded), greeting.id)
}

fn identified(mut response: Response<ReplyBody>, id: RequestId) -> Response<ReplyBody> {
    if let Ok(id) = HeaderValue::from_str(id.hex().as_str()) {
        response.headers_mut().insert(own::REQUEST_ID, id);
    }
    response
}
