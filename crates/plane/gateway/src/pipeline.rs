//! The life of a request, in order.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, Response};
use tollgate_formats::FormatId;
use tollgate_net::Incoming;
use tollgate_telemetry::{Name, RequestId, Step, TraceContext};

use crate::access::permit;
use crate::admit::admit;
use crate::attempt::{Answered, Attempts};
use crate::caller::{asks, authenticate};
use crate::document::{BodyBounds, Read, read};
use crate::gateway::Gateway;
use crate::headers::own;
use crate::models::Listing;
use crate::opaque::OpaqueAnswer;
use crate::operation::{self, Operation};
use crate::reply::{Asked, ReplyBody, reply};
use crate::rescue::{Cause, rescue};
use crate::settle::Settlement;
use crate::snapshot::Snapshot;
use crate::status::now_unix_s;
use crate::{inspect, models, opaque, probe, route};

/// What a request came to, before it is written for the caller.
enum Answer {
    Chat(Answered, Asked),
    Models(Listing),
    Opaque(Box<OpaqueAnswer>),
}

/// Serves one request, whatever it is.
pub(crate) async fn run(gateway: &Gateway, head: Parts, body: Incoming) -> Response<ReplyBody> {
    let operation = operation::find(&head.method, head.uri.path());
    if let Ok(probe @ (Operation::Health | Operation::Ready | Operation::Root)) = operation {
        return probe::answer(gateway, probe);
    }
    let snapshot = gateway.snapshot();
    let revision = snapshot.as_ref().map_or_else(
        || Arc::from("none"),
        |snapshot| Arc::clone(&snapshot.plan.revision),
    );
    let trace = TraceContext::from_headers(&head.headers, gateway.shared.sampler);
    let mut settlement = Settlement::begin(
        &gateway.shared.settler,
        head.method.clone(),
        trace,
        revision,
    );
    let request_id = settlement.record().request_id;
    if asks(head.headers.get(own::DETAIL)) {
        settlement.time_every_step();
    }
    let answer = match (&operation, &snapshot) {
        (Err(method), _) => Err(Cause::Method(*method)),
        (Ok(_), None) => Err(Cause::NotServing),
        (Ok(Operation::Chat(format)), Some(snapshot)) => {
            chat(gateway, snapshot, *format, &head, body, &mut settlement).await
        }
        (Ok(Operation::Models), Some(snapshot)) => {
            models::list(snapshot, &head, &mut settlement).map(Answer::Models)
        }
        (Ok(_), Some(snapshot)) => Box::pin(opaque::forward(
            gateway,
            snapshot,
            &head,
            body,
            &mut settlement,
        ))
        .await
        .map(Answer::Opaque),
    };
    let response = match (answer, &snapshot) {
        (Ok(Answer::Chat(answered, asked)), Some(snapshot)) => {
            reply(answered, asked, snapshot, settlement)
        }
        (Ok(Answer::Models(listing)), _) => listing.respond(settlement),
        (Ok(Answer::Opaque(answer)), _) => answer.respond(settlement),
        (Ok(Answer::Chat(..)), None) => refuse(&Cause::NotServing, &head, settlement),
        (Err(cause), _) => refuse(&cause, &head, settlement),
    };
    identified(response, request_id)
}

/// A chat, step by step; each takes the proof that the one before it ran.
async fn chat(
    gateway: &Gateway,
    snapshot: &Snapshot,
    format: FormatId,
    head: &Parts,
    body: Incoming,
    settlement: &mut Settlement,
) -> Result<Answer, Cause> {
    let shared = &gateway.shared;
    let limits = &snapshot.plan.base.gateway.limits;
    let record = settlement.record();
    record.operation = "chat";
    record.format = format.format().label();
    record.path = Name::Static(format.format().public_path());
    settlement.step(Step::Operation);

    let caller = authenticate(&head.headers, snapshot, now_unix_s())?;
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
        &head.headers,
        format,
        !caller.plan.input.is_empty(),
        bounds,
    )
    .await?;
    settlement.body(&read);
    settlement.step(Step::Document);

    let permitted = permit(caller, model(&read)?)?;
    settlement.record().model = Some(Arc::clone(&permitted.model));
    settlement.step(Step::Access);

    let (admitted, place) = admit(permitted, &shared.in_work, limits.requests_max)?;
    settlement.hold(place);
    settlement.step(Step::Admit);

    let inspected = inspect::input(admitted, read, settlement)?;
    settlement.step(Step::Inspect);

    let routed = route::order(inspected, &snapshot.plan, &head.headers, head.uri.path())?;
    settlement.record().route = routed.name().cloned();
    settlement.step(Step::Route);

    let attempts = Attempts {
        shared,
        snapshot,
        routed: &routed,
        headers: &head.headers,
    };
    let answered = attempts.run(settlement).await?;
    Ok(Answer::Chat(answered, Asked::new(routed, &head.headers)))
}

/// The model a request names.
fn model(read: &Read) -> Result<Arc<str>, Cause> {
    let name = read.view.model.ok_or(Cause::NoModel)?;
    let text = tollgate_wire::json::decode(name.span.of(read.document.original()), name.escaped);
    match text {
        Ok(text) if !text.is_empty() => Ok(Arc::from(text.as_ref())),
        _ => Err(Cause::NoModel),
    }
}

fn refuse(cause: &Cause, head: &Parts, mut settlement: Settlement) -> Response<ReplyBody> {
    settlement.step(Step::Reply);
    rescue(cause, operation::spoken(head), &mut settlement)
        .map(|body| ReplyBody::whole(body, settlement))
}

fn identified(mut response: Response<ReplyBody>, id: RequestId) -> Response<ReplyBody> {
    if let Ok(id) = HeaderValue::from_str(id.hex().as_str()) {
        response.headers_mut().insert(own::REQUEST_ID, id);
    }
    response
}
