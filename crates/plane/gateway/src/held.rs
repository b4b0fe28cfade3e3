//! Answers that the provider holds which made them: read, cancelled, deleted.
//!
//! One provider is asked, once: the only one of the caller's plan that holds answers of the
//! format, or the one that the id is marked with. Identity, rules and telemetry apply as to
//! any answer; tokens were counted when it was made.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, Request, Uri};
use percent_encoding::percent_decode_str;
use tokio::time::Instant;
use tollgate_config::HeldPath;
use tollgate_formats::view::{AnswerView, every_text};
use tollgate_formats::{FormatId, Forms};
use tollgate_net::{Answer, Outgoing};
use tollgate_plan::{ProviderId, ServicePlan, TargetId, Traffic};
use tollgate_policy::RequestFacts;
use tollgate_telemetry::{Attempt, Name, SpanId};
use tollgate_wire::StrSpan;
use tollgate_wire::framing::StreamReader;
use tollgate_wire::json::Reader;

use crate::access::{allows, permit_all_of};
use crate::admit::take_place;
use crate::attempt::{Answered, AttemptError, Served, StreamAnswer, WholeAnswer, request_headers};
use crate::caller::{Authenticated, authenticate};
use crate::clock::{nanoseconds, now_unix_s};
use crate::collect::{Bounds, collect};
use crate::gateway::Gateway;
use crate::headers::{asks, is_stream, own};
use crate::inspect::{AnswerGuard, Asking, Means, plain_request};
use crate::mark::Mark;
use crate::plain::without_keys;
use crate::reply::{Asked, refusal};
use crate::rescue::Cause;
use crate::route::Routed;
use crate::settle::Settlement;
use crate::snapshot::{RunningProvider, Snapshot};

/// How much of an error answer is read.
const ERROR_BYTES_MAX: usize = 256 * 1024;
/// The longest id of an answer, in bytes.
const ID_BYTES_MAX: usize = 256;

/// Asks for what is held.
pub(crate) async fn ask(
    gateway: &Gateway,
    snapshot: &Snapshot,
    held: HeldPath<'_>,
    head: &Parts,
    settlement: &mut Settlement,
) -> Result<(Answered, Asked), Cause> {
    let record = settlement.record();
    record.operation = "held";
    record.format = held.format.format().label();
    record.path = Name::Static(held.path);
    let caller = authenticate(head, snapshot, now_unix_s())?;
    settlement.caller(&caller);
    let id = percent_decode_str(held.id).decode_utf8_lossy();
    let unknown = || Cause::NoSuchAnswer(id.chars().take(ID_BYTES_MAX).collect());
    let (raw_id, provider) = holder(&caller, snapshot, held.format, &id).ok_or_else(unknown)?;
    let shared = &gateway.shared;
    let requests_max = snapshot.plan.base.gateway.limits.requests_max;
    settlement.hold(take_place(&shared.in_work, requests_max)?);

    let rules = caller.plan().policies.guard(&Traffic {
        facts: RequestFacts {
            service: caller.service(),
            team: caller.team(),
            headers: &head.headers,
            path: head.uri.path(),
            model: "",
            input_bytes: 0,
            has_image: false,
            tokens: 0,
        },
        format: Some(held.format),
        route: None,
    });
    let means = Means::of(shared, snapshot);
    let asking = Asking {
        service: caller.service(),
        head,
        means: &means,
    };
    let passed = asking.pass(rules.input, settlement, |machine| {
        plain_request(machine, head, &id)
    })?;
    let guard = AnswerGuard::new(rules.output, passed.vault);

    let call = Call {
        gateway,
        snapshot,
        held,
        head,
        id: raw_id,
        provider: snapshot.provider(provider),
        target: snapshot.plan.provider(provider).direct,
    };
    let answered = call.run(&guard, settlement).await;
    let answered = match answered {
        Ok(answered) => answered,
        Err(error) => {
            failed(&error, settlement);
            return Err(refusal::inspected(error, &guard, settlement).await.into());
        }
    };
    let asked = Asked {
        format: held.format,
        framing: held.format.format().framing_asked(head.uri.query()),
        model: Arc::from(""),
        usage_asked: true,
        forms: Forms::default(),
        guard,
        detail: asks(head.headers.get(own::DETAIL)),
        mark: mark(caller.plan(), snapshot, held.format, provider),
        is_held: true,
    };
    Ok((answered, asked))
}

/// The id as its provider knows it, and that provider. What the caller may not reach is as
/// unknown as what does not exist.
fn holder<'i>(
    caller: &Authenticated<'_>,
    snapshot: &Snapshot,
    format: FormatId,
    id: &'i str,
) -> Option<(&'i str, ProviderId)> {
    let (raw, mark) = Mark::split(id);
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if raw.len() > ID_BYTES_MAX || !raw.bytes().all(is_id) {
        return None;
    }
    let mut holders = holders(caller.plan(), snapshot, format);
    let provider = match mark {
        Some(mark) => holders.find(|(name, _)| Mark::of(name) == mark),
        None => {
            let only = holders.next();
            only.filter(|_| holders.next().is_none())
        }
    };
    let (name, provider) = provider?;
    may_reach(caller, snapshot, name, provider).then_some((raw, provider))
}

/// The providers of a plan that hold answers of a format.
fn holders<'p>(
    plan: &'p ServicePlan,
    snapshot: &'p Snapshot,
    format: FormatId,
) -> impl Iterator<Item = (&'p str, ProviderId)> {
    let providers = plan.providers.iter();
    providers
        .filter(move |(_, id)| snapshot.plan.provider(**id).formats.contains(&format))
        .map(|(name, id)| (name.as_ref(), *id))
}

/// Whether a caller may ask for any model at a provider.
fn may_reach(
    caller: &Authenticated<'_>,
    snapshot: &Snapshot,
    name: &str,
    provider: ProviderId,
) -> bool {
    let leads = |target: &TargetId| snapshot.plan.target(*target).provider == provider;
    let mut models = caller.plan().models.values();
    permit_all_of(caller, name).is_ok()
        || models.any(|model| allows(caller, &model.name) && model.targets.iter().any(leads))
}

/// The mark for the ids of an answer that was made just now, by a provider of the caller's
/// own format.
pub(crate) fn mark_of(
    answered: &Answered,
    routed: &Routed<'_>,
    snapshot: &Snapshot,
) -> Option<Mark> {
    let (target, format) = (answered.served().target, answered.served().format);
    let provider = snapshot.plan.target(target).provider;
    let is_own = format == routed.read().format;
    is_own.then(|| mark(routed.plan(), snapshot, format, provider))?
}

/// The mark for the ids of a provider's answers; none where there is no other that they
/// could be of.
fn mark(
    plan: &ServicePlan,
    snapshot: &Snapshot,
    format: FormatId,
    provider: ProviderId,
) -> Option<Mark> {
    if format.format().held().is_empty() || holders(plan, snapshot, format).nth(1).is_none() {
        return None;
    }
    let mut holders = holders(plan, snapshot, format);
    let found = holders.find(|(_, id)| *id == provider);
    found.map(|(name, _)| Mark::of(name))
}

fn failed(error: &AttemptError, settlement: &mut Settlement) {
    if let Some(attempt) = settlement.record().attempts.first_mut() {
        attempt.class = Some(error.class);
        attempt.status = error.provider_status;
        attempt.error.clone_from(&error.cause);
    }
}

/// One question to one provider.
struct Call<'a> {
    gateway: &'a Gateway,
    snapshot: &'a Snapshot,
    held: HeldPath<'a>,
    head: &'a Parts,
    id: &'a str,
    provider: &'a RunningProvider,
    target: TargetId,
}

impl Call<'_> {
    async fn run(
        &self,
        guard: &AnswerGuard,
        settlement: &mut Settlement,
    ) -> Result<Answered, Box<AttemptError>> {
        let began = Instant::now();
        let timeouts = self.snapshot.plan.target(self.target).timeouts;
        let request = self.request(began, settlement)?;
        let name = &self.provider.name;
        let sent = tokio::time::timeout(timeouts.whole, self.provider.upstream.send(request)).await;
        let answer = sent
            .map_err(|_elapsed| {
                Box::new(AttemptError::timed_out(
                    name,
                    "whole answer",
                    timeouts.whole,
                ))
            })?
            .map_err(|error| Box::new(AttemptError::send(name, &error)))?;
        let format = self.held.format.format();
        if !answer.status().is_success() {
            return Err(self.refused(answer).await);
        }
        let (head, body) = answer.into_parts();
        let served = Served {
            target: self.target,
            format: self.held.format,
            status: head.status.as_u16(),
            headers: head.headers,
            attempt: 0,
        };
        if is_stream(&served.headers, format.framing()) {
            let limits = &self.snapshot.plan.base.gateway.limits;
            return Ok(Answered::Stream(Box::new(StreamAnswer {
                served,
                body,
                reader: StreamReader::new(format.framing(), limits.event_bytes_max),
                held: Vec::new(),
                began,
                timeouts,
            })));
        }
        let limits = &self.snapshot.plan.base.gateway.limits;
        let bounds = Bounds {
            bytes_max: limits.answer_bytes_max,
            room: &self.gateway.shared.buffered,
            room_bytes_max: limits.buffered_bytes_max,
            timeout: timeouts.whole.saturating_sub(began.elapsed()),
        };
        let (body, share) = collect(body, bounds)
            .await
            .map_err(|_error| Box::new(AttemptError::broken(name, None)))?;
        let view = view(self.held.format, &body, self.id, !guard.is_empty());
        let view = view.ok_or_else(|| {
            Box::new(AttemptError::protocol(
                name,
                "a body that is no JSON object",
            ))
        })?;
        if let Some(attempt) = settlement.record().attempts.first_mut() {
            attempt.status = served.status;
            attempt.duration_ns = nanoseconds(began.elapsed());
        }
        Ok(Answered::Whole(Box::new(WholeAnswer {
            served,
            body,
            view,
            decoded: None,
            share,
        })))
    }

    /// The request as the provider gets it; it is noted as an attempt.
    fn request(
        &self,
        began: Instant,
        settlement: &mut Settlement,
    ) -> Result<Request<Outgoing>, Box<AttemptError>> {
        let format = self.held.format;
        let created = format.format().endpoints().first();
        let below = created.and_then(|created| self.held.path.strip_prefix(created.path));
        let below = below.unwrap_or_default().replacen("{id}", self.id, 1);
        let at = self.provider.path(format, "", false);
        let asked = self.head.uri.query().map(without_keys);
        let queries = [at.query(), asked.as_deref()].into_iter().flatten();
        let query = queries.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        let uri: Result<Uri, _> = format!("{}{below}{mark}{query}", at.path()).parse();
        let uri = uri.map_err(|_invalid| Box::new(AttemptError::no_target()))?;
        let mut headers = request_headers(&self.head.headers, self.provider, (format, format));
        if self.head.method == Method::GET || self.head.method == Method::DELETE {
            headers.remove(CONTENT_TYPE);
        }
        let name = &self.provider.name;
        self.provider
            .authorize(&self.head.method, &uri, &[], &mut headers)
            .map_err(|error| Box::new(AttemptError::no_credential(name, &error)))?;
        let span_id = SpanId::random();
        settlement.record().trace.write(span_id, &mut headers);
        settlement.attempt(Attempt {
            span_id,
            target: Arc::clone(&self.snapshot.plan.target(self.target).name),
            provider: Arc::clone(&self.provider.name),
            provider_kind: self.provider.kind,
            model: Arc::from(""),
            host: self.provider.host.clone(),
            port: self.provider.port,
            start_offset_ns: nanoseconds(began - settlement.started()),
            duration_ns: 0,
            ttft_ns: None,
            status: 0,
            class: None,
            error: None,
        });
        let mut request = Request::new(Outgoing::empty());
        *request.method_mut() = self.head.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// An error status: what it means, in the provider's words.
    async fn refused(&self, answer: Answer) -> Box<AttemptError> {
        let status = answer.status().as_u16();
        let limits = &self.snapshot.plan.base.gateway.limits;
        let bounds = Bounds {
            bytes_max: ERROR_BYTES_MAX,
            room: &self.gateway.shared.buffered,
            room_bytes_max: limits.buffered_bytes_max,
            timeout: self.snapshot.plan.target(self.target).timeouts.whole,
        };
        let body = collect(answer.into_body(), bounds).await;
        // Without its body an error is still an error.
        let body = body.map_or_else(|_| Bytes::new(), |(body, share)| share.around(body));
        let failure = self.held.format.format().decode_failure(status, &body);
        Box::new(AttemptError::provider(&self.provider.name, failure, status))
    }
}

/// What there is to see of an answer: one of the format, or a note about it, or a list. The
/// id that was asked for is named in notes too.
fn view(format: FormatId, body: &[u8], id: &str, texts: bool) -> Option<AnswerView> {
    if let Ok(view) = format.format().view_answer(body, texts) {
        return Some(view);
    }
    let mut view = every_text(body)?;
    view.id = id_in(body, id);
    Some(view)
}

/// Where the id stands at the top of a JSON object.
fn id_in(body: &[u8], id: &str) -> Option<StrSpan> {
    let mut reader = Reader::new(body).ok()?;
    let mut found = None;
    let read = reader.object::<tollgate_wire::json::Error>(|r, key| {
        if key.as_str() == "id" && r.kind()? == tollgate_wire::json::Kind::String {
            let span = r.string()?;
            found = (r.text(span) == id).then_some(span);
        }
        Ok(())
    });
    read.ok().and(found)
}
