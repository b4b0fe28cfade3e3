//! The answer on its way back: output policies, translation, the caller's headers.

mod body;
mod observed;
pub(crate) mod refusal;
mod stream;
mod timer;
mod whole;

use std::fmt::Write as _;
use std::future::{Ready, ready};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response};
use tollgate_formats::{AnswerOptions, Client, FormatId, Forms};
use tollgate_wire::framing::Framing;

use crate::attempt::{Answered, Served, StreamAnswer};
use crate::headers::{asks, findings, names, own, strip_answer};
use crate::inspect::AnswerGuard;
use crate::mark::Mark;
use crate::route::Routed;
use crate::settle::Settlement;
use crate::snapshot::Snapshot;

pub(crate) use body::without_needless_body;
pub use body::{Aborted, ReplyBody};
pub(crate) use observed::Observed;
pub(crate) use timer::Timer;

/// What a reply keeps of the request it answers.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The caller's wire format.
    pub(crate) format: FormatId,
    /// Whose client asked.
    pub(crate) client: Client,
    /// How a stream is framed for the caller.
    pub(crate) framing: Framing,
    /// The model's name as the caller wrote it.
    pub(crate) model: Arc<str>,
    /// The caller asked for usage in the stream itself.
    pub(crate) usage_asked: bool,
    /// The forms of vectors that the caller asked for.
    pub(crate) forms: Forms,
    /// What the answer passes.
    pub(crate) guard: AnswerGuard,
    /// The caller asked for details in headers.
    pub(crate) detail: bool,
    /// What the ids of the answer are marked with.
    pub(crate) mark: Option<Mark>,
    /// The answer was made earlier: its tokens were counted then.
    pub(crate) is_held: bool,
}

impl Asked {
    /// Keeps of a request what its answer needs; the settlement keeps its place.
    pub(crate) fn new(
        routed: Routed<'_>,
        headers: &HeaderMap,
        mark: Option<Mark>,
        settlement: &mut Settlement,
    ) -> Self {
        let model = Arc::clone(routed.model());
        let guard = routed.answer().clone();
        let (admitted, read) = routed.into_inspected().into_parts();
        settlement.hold(admitted.into_place());
        Self {
            format: read.format,
            client: read.client,
            framing: read.framing,
            model,
            usage_asked: read.view.stream_usage_asked,
            forms: read.view.forms,
            guard,
            detail: asks(headers.get(own::DETAIL)),
            mark,
            is_held: false,
        }
    }
}

/// Makes the response. The settlement goes with its body. To be awaited, as
/// [`inspect::input`](crate::inspect::input) is.
pub(crate) fn reply(
    answered: Answered,
    asked: Asked,
    snapshot: &Arc<Snapshot>,
    mut settlement: Settlement,
) -> Ready<Response<ReplyBody>> {
    let attempt = answered.served().attempt;
    settlement.record().served_by = attempt.and_then(|attempt| u8::try_from(attempt).ok());
    ready(match answered {
        Answered::Whole(answer) => whole::reply(*answer, asked, snapshot, settlement),
        Answered::Stream(answer) => streamed(*answer, asked, snapshot, settlement),
    })
}

fn streamed(
    mut answer: StreamAnswer,
    asked: Asked,
    snapshot: &Arc<Snapshot>,
    mut settlement: Settlement,
) -> Response<ReplyBody> {
    let mut headers = headers(&mut answer.served, &asked, snapshot, &mut settlement);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(media_type(asked.framing)),
    );
    headers.insert("cache-control", HeaderValue::from_static("no-cache"));
    let body = stream::StreamReply::new(answer, asked, snapshot, settlement);
    let mut response = Response::new(ReplyBody::stream(body));
    *response.headers_mut() = headers;
    response
}

/// What a stream calls itself.
const fn media_type(framing: Framing) -> &'static str {
    match framing {
        Framing::ServerSentEvents => "text/event-stream; charset=utf-8",
        other => other.media_type(),
    }
}

/// The provider's headers where the format stays the same, ours in any case.
fn headers(
    served: &mut Served,
    asked: &Asked,
    snapshot: &Snapshot,
    settlement: &mut Settlement,
) -> HeaderMap {
    let mut out = if served.format == asked.format {
        std::mem::take(&mut served.headers)
    } else {
        HeaderMap::with_capacity(8)
    };
    strip_answer(&mut out);
    // The body was read as it is, whatever the provider says of it.
    out.remove(CONTENT_ENCODING);
    let record = settlement.record();
    if !record.losses.is_empty() {
        out.insert(own::LOSS, names(record.losses.iter().map(|loss| &**loss)));
    }
    if let Some(findings) = findings(record) {
        out.insert(own::POLICY, findings);
    }
    if asked.detail {
        details(served, snapshot, settlement, &mut out);
    }
    out
}

fn details(served: &Served, snapshot: &Snapshot, settlement: &mut Settlement, out: &mut HeaderMap) {
    let target = snapshot.plan.target(served.target);
    let provider = snapshot.provider(target.provider);
    let record = settlement.record();
    let attempt = served.attempt.and_then(|at| record.attempts.get(at));
    if let Some(attempt) = attempt {
        out.insert(own::PROVIDER, names([&*provider.name].into_iter()));
        out.insert(own::MODEL, names([&*attempt.model].into_iter()));
    }
    out.insert(own::ATTEMPTS, HeaderValue::from(record.attempts.len()));
    let mut timing = String::new();
    for (step, nanoseconds) in record.steps.iter() {
        let separator = if timing.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(
            timing,
            "{separator}{};dur={}.{:03}",
            step.label(),
            nanoseconds / 1_000_000,
            nanoseconds / 1000 % 1000
        );
    }
    if let Ok(timing) = HeaderValue::from_str(&timing) {
        out.insert(own::TIMING, timing);
    }
}

/// What an encoder needs to know of the exchange.
fn answer_options(asked: &Asked, settlement: &mut Settlement) -> AnswerOptions {
    let record = settlement.record();
    AnswerOptions {
        model: asked.model.as_ref().to_owned(),
        created_unix_s: record.start_unix_ns / 1_000_000_000,
        began_unix_ms: record.start_unix_ns / 1_000_000,
        fallback_id: record.request_id.to_string(),
        forms: asked.forms,
        client: asked.client,
    }
}

/// The bytes of an answer that is sent whole.
fn whole_response(body: Bytes, headers: HeaderMap, settlement: Settlement) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(body, settlement));
    *response.headers_mut() = headers;
    response
}
