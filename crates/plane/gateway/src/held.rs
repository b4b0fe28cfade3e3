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
use tokio::time::{Instant, timeout_at};
use tollgate_config::{HeldPath, OwnPath};
use tollgate_formats::view::{AnswerView, every_text};
use tollgate_formats::{Client, FormatId, Forms};
use tollgate_net::{AnswerBody, Outgoing};
use tollgate_plan::{ProviderId, ServicePlan, TargetId, Traffic};
use tollgate_policy::RequestFacts;
use tollgate_telemetry::{Name, SpanId};
use tollgate_wire::StrSpan;
use tollgate_wire::framing::StreamReader;
use tollgate_wire::json::Reader;

use crate::access::{allows, permit_all_of};
use crate::admit::take_place;
use crate::aside::aside;
use crate::attempt::{
    Answered, AttemptError, Context, Served, StreamAnswer, WholeAnswer, request_headers,
};
use crate::budget::Share;
use crate::caller::{Authenticated, authenticate};
use crate::clock::{nanoseconds, now_unix_s};
use crate::gateway::Gateway;
use crate::headers::{asks, is_stream, own};
use crate::inspect::{AnswerGuard, Asking, Means, plain_request};
use crate::mark::Mark;
use crate::plain::without_keys;
use crate::reply::{Asked, refusal};
use crate::rescue::Cause;
use crate::route::Routed;
use crate::settle::Settlement;
use crate::snapshot::{Ready, Snapshot};

/// The longest id of an answer, in bytes.
const ID_BYTES_MAX: usize = 256;

/// Asks for what is held; of one provider where the path names it, whose caller is known.
pub(crate) async fn ask(
    gateway: &Gateway,
    snapshot: &Snapshot,
    (held, of_provider): (HeldPath<'_>, Option<(&str, Authenticated<'_>)>),
    head: &Parts,
    settlement: &mut Settlement,
) -> Result<(Answered, Asked), Cause> {
    let record = settlement.record();
    record.operation = "held";
    record.format = held.format.format().label();
    record.path = Name::Static(held.path);
    let (named, caller) = match of_provider {
        Some((provider, caller)) => (Some(provider), caller),
        None => (None, authenticate(head, snapshot, now_unix_s())?),
    };
    settlement.caller(&caller);
    let id = percent_decode_str(held.id).decode_utf8_lossy();
    let unknown = || Cause::NoSuchAnswer(id.chars().take(ID_BYTES_MAX).collect());
    let (raw_id, provider) =
        holder(&caller, snapshot, (held.format, named), &id).ok_or_else(unknown)?;
    let shared = &gateway.shared;
    let requests_max = snapshot.plan.base.gateway.limits.requests_max;
    settlement.hold(take_place(&shared.in_work, requests_max)?);

    let rules = caller.plan().policies.guard(&Traffic {
        facts: RequestFacts {
            service: caller.service(),
            team: caller.team(),
            headers: &head.headers,
            path: head.uri.path(),
            // It was named when the answer was made.
            model: None,
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
        held,
        head,
        id: raw_id,
        wants_texts: !guard.is_empty(),
        ctx: context(gateway, snapshot, (held.format, provider)),
    };
    let answered = match call.run(settlement).await {
        Ok(answered) => answered,
        Err(error) => return Err(refusal::inspected(error, &guard, settlement).await.into()),
    };
    let asked = Asked {
        format: held.format,
        client: Client::Common,
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

/// The id as its provider knows it, and that provider: the one that is named, if one is.
/// What the caller may not reach is as unknown as what does not exist.
fn holder<'i>(
    caller: &Authenticated<'_>,
    snapshot: &Snapshot,
    (format, named): (FormatId, Option<&str>),
    id: &'i str,
) -> Option<(&'i str, ProviderId)> {
    let (raw, mark) = Mark::split(id);
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if raw.len() > ID_BYTES_MAX || !raw.bytes().all(is_id) {
        return None;
    }
    let holders = holders(caller.plan(), snapshot, format);
    let mut holders = holders.filter(|(name, _)| named.is_none_or(|named| named == *name));
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

/// What the one attempt has to go by.
fn context<'a>(
    gateway: &'a Gateway,
    snapshot: &'a Snapshot,
    (format, provider): (FormatId, ProviderId),
) -> Context<'a> {
    let target = snapshot.plan.provider(provider).direct;
    let mut timeouts = snapshot.plan.target(target).timeouts;
    let request = snapshot.plan.base.gateway.caller_timeouts.request;
    timeouts.whole = timeouts.whole.min(request);
    Context {
        shared: &gateway.shared,
        snapshot,
        provider: snapshot.provider(provider),
        format,
        asked_in: format,
        is_native: true,
        target,
        timeouts,
        began: Instant::now(),
        attempt: 0,
        streamed: false,
    }
}

/// One question to one provider.
struct Call<'a> {
    held: HeldPath<'a>,
    head: &'a Parts,
    id: &'a str,
    wants_texts: bool,
    ctx: Context<'a>,
}

impl Call<'_> {
    /// Asks, and notes what came of it.
    async fn run(&self, settlement: &mut Settlement) -> Result<Answered, Box<AttemptError>> {
        let ctx = &self.ctx;
        let span_id = SpanId::random();
        let start = nanoseconds(ctx.began - settlement.started());
        let target = &ctx.snapshot.plan.target(ctx.target).name;
        let attempt = ctx.provider.attempt(span_id, target, Arc::from(""), start);
        settlement.attempt(attempt);
        let asking = self.exchange(span_id, settlement);
        let result = timeout_at(ctx.deadline(), asking).await;
        let result = result.unwrap_or_else(|_elapsed| Err(ctx.timed_out()));
        ctx.came_to(&result, settlement);
        result
    }

    async fn exchange(
        &self,
        span_id: SpanId,
        settlement: &mut Settlement,
    ) -> Result<Answered, Box<AttemptError>> {
        let ctx = &self.ctx;
        let name = &ctx.provider.name;
        let ready = ctx.provider.ready().await;
        let request = self.request(ready, span_id, settlement)?;
        let sent = ctx.provider.upstream.send(request).await;
        let answer = sent.map_err(|error| Box::new(AttemptError::send(name, &error)))?;
        if !answer.status().is_success() {
            return Err(ctx.refused(answer).await);
        }
        let (head, body) = answer.into_parts();
        let served = Served {
            target: ctx.target,
            format: ctx.format,
            is_native: ctx.is_native,
            status: head.status.as_u16(),
            headers: head.headers,
            attempt: Some(ctx.attempt),
        };
        let framing = ctx.format.format().framing();
        if is_stream(&served.headers, framing) {
            let limits = &ctx.snapshot.plan.base.gateway.limits;
            return Ok(Answered::Stream(Box::new(StreamAnswer {
                served,
                body,
                reader: StreamReader::new(framing, limits.event_bytes_max),
                held: Vec::new(),
                began: ctx.began,
                timeouts: ctx.timeouts,
            })));
        }
        // It failed, but it did answer with this.
        let whole = self.whole(body).await;
        let (body, share, view) = whole.map_err(|mut error| {
            error.provider_status = served.status;
            error
        })?;
        Ok(Answered::Whole(Box::new(WholeAnswer {
            served,
            body,
            view,
            decoded: None,
            share,
            counted: None,
        })))
    }

    /// Reads a whole answer with what there is to see of it.
    async fn whole(
        &self,
        body: AnswerBody,
    ) -> Result<(Bytes, Share, AnswerView), Box<AttemptError>> {
        let (body, share) = self.ctx.whole(body).await?;
        let seen = || view(self.held.format, &body, self.id, self.wants_texts);
        let view = aside(body.len(), seen).ok_or_else(|| {
            let what = "a body that is no JSON object";
            Box::new(AttemptError::protocol(&self.ctx.provider.name, what))
        })?;
        Ok((body, share, view))
    }

    /// The request as the provider gets it.
    fn request(
        &self,
        provider: Ready<'_>,
        span_id: SpanId,
        settlement: &mut Settlement,
    ) -> Result<Request<Outgoing>, Box<AttemptError>> {
        let format = self.held.format;
        let created = format.format().endpoints().first();
        let below = created.and_then(|created| self.held.path.strip_prefix(created.path));
        let below = below.unwrap_or_default().replacen("{id}", self.id, 1);
        let at = provider.path(format, "", false);
        let keeps_callers = provider.pass_caller_credential;
        let asked = self.head.uri.query();
        let asked = asked.map(|query| without_keys(query, keeps_callers));
        let asked = asked.map(|query| OwnPath::query_of(&query));
        let asked = asked.as_deref().filter(|query| !query.is_empty());
        let queries = [at.query(), asked].into_iter().flatten();
        let query = queries.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        let uri: Result<Uri, _> = format!("{}{below}{mark}{query}", at.path()).parse();
        let uri = uri.map_err(|_invalid| Box::new(AttemptError::no_target()))?;
        let mut headers = request_headers(&self.head.headers, &provider, (format, format));
        if self.head.method == Method::GET || self.head.method == Method::DELETE {
            headers.remove(CONTENT_TYPE);
        }
        provider
            .authorize(&self.head.method, &uri, &[], &mut headers)
            .map_err(|error| Box::new(AttemptError::no_credential(&provider.name, &error)))?;
        settlement.record().trace.write(span_id, &mut headers);
        let mut request = Request::new(Outgoing::empty());
        *request.method_mut() = self.head.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
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
