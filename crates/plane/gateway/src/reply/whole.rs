//! A whole answer: policies, translation, accounting.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use tollgate_formats::Losses;
use tollgate_formats::view::{AnswerView, every_text, is_answer_id, is_model_name};
use tollgate_policy::Verdict;
use tollgate_telemetry::{Name, Source, Step, Text, Uncounted};
use tollgate_types::{ErrorClass, Usage};
use tollgate_wire::{Document, StrSpan, json};

use super::{Asked, ReplyBody, answer_options, headers, whole_response};
use crate::aside::aside;
use crate::attempt::WholeAnswer;
use crate::headers::own;
use crate::inspect::{self, Direction};
use crate::settle::Settlement;
use crate::snapshot::Snapshot;

/// Who counted, where the gateway did not.
const PROVIDER: &str = "provider";

/// Makes the response of a whole answer.
pub(super) fn reply(
    mut answer: WholeAnswer,
    asked: Asked,
    snapshot: &Arc<Snapshot>,
    mut settlement: Settlement,
) -> Response<ReplyBody> {
    let body = aside(answer.body.len(), || {
        if !asked.is_held {
            account(&answer, &mut settlement);
        }
        mark(&mut answer, &asked);
        let (body, view) = translated(&answer, &asked, &mut settlement);
        let usage = answer.view.usage.unwrap_or_default();
        inspected(body, view.as_deref(), usage, &asked, &mut settlement)
    });
    // Charged until it is sent, in the size in which it is sent.
    answer.share.resize(body.len());
    let body = answer.share.around(body);
    settlement.step(Step::Reply);
    settlement.first_token();
    let mut headers = headers(&mut answer.served, &asked, snapshot, &mut settlement);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if !asked.format.format().codec().operation().is_booked() {
        let by = answer.counted.map_or(PROVIDER, Source::label);
        headers.insert(own::COUNT, HeaderValue::from_static(by));
    }
    whole_response(body, headers, settlement)
}

/// Puts the mark of their provider into the ids of an answer.
fn mark(answer: &mut WholeAnswer, asked: &Asked) {
    let marked = asked
        .mark
        .and_then(|mark| mark.answer(&answer.body, &answer.view));
    let Some(body) = marked else {
        return;
    };
    let format = answer.served.format.format();
    let texts = !asked.guard.is_empty();
    let view = format.view_answer(&body, texts).ok();
    if let Some(view) = view.or_else(|| every_text(&body)) {
        (answer.body, answer.view) = (body, view);
    }
}

/// Notes tokens and what else the answer says of itself.
fn account(answer: &WholeAnswer, settlement: &mut Settlement) {
    let WholeAnswer { body, view, .. } = answer;
    let format = answer.served.format.format();
    let record = settlement.record();
    if let Some(finish) = view.read_finish(format, body) {
        record.finish_reason = Some(Name::Static(finish.name()));
    }
    let word = |span: Option<StrSpan>| {
        let word = span.and_then(|span| json::decode(span.span.of(body), span.escaped).ok());
        word.unwrap_or_default()
    };
    let model = word(view.model);
    let model = Some(model.as_ref()).filter(|model| is_model_name(model));
    record.response_model = model.map(|model| Name::Shared(Arc::from(model)));
    let id = word(view.id);
    let id = Some(id.as_ref()).filter(|id| is_answer_id(id));
    record.response_id = id.map(Box::from);
    if !format.codec().operation().is_booked() {
        return;
    }
    record.usage = view.usage;
    record.usage_source = Source::Reported;
    if view.usage.is_none() {
        let input = settlement.prompt();
        settlement.record().uncounted = Some(Box::new(Uncounted {
            input: Some(input),
            output: Some(generated(answer)),
        }));
    }
}

/// All texts of an answer, for counting.
fn generated(answer: &WholeAnswer) -> Text {
    let mut text = Text::default();
    if let Ok(view) = answer
        .served
        .format
        .format()
        .view_answer(&answer.body, true)
    {
        for span in view.texts.iter().filter(|span| span.field.is_said()) {
            if let Ok(part) = json::decode(span.text.span.of(&answer.body), span.text.escaped) {
                text.push(&part);
            }
        }
    }
    text
}

/// The answer in the caller's format, with its places there; `None` where it cannot be
/// read: what was one string to its provider may be nested deep in it.
fn translated<'a>(
    answer: &'a WholeAnswer,
    asked: &Asked,
    settlement: &mut Settlement,
) -> (Bytes, Option<Cow<'a, AnswerView>>) {
    let Some(decoded) = &answer.decoded else {
        return (answer.body.clone(), Some(Cow::Borrowed(&answer.view)));
    };
    let format = asked.format.format();
    let options = answer_options(asked, settlement);
    let mut losses = Losses::default();
    let encoded = format.codec().encode_answer(decoded, &options, &mut losses);
    // Only formats that one request can be written in are ever paired.
    let body = encoded.unwrap_or_default();
    settlement
        .record()
        .losses
        .extend(losses.iter().map(crate::attempt::loss_name));
    let has_rules = !asked.guard.is_empty();
    let view = has_rules.then(|| format.view_answer(&body, true).ok());
    (body, view.flatten().map(Cow::Owned))
}

/// Applies the output rules to what the caller would receive.
fn inspected(
    body: Bytes,
    view: Option<&AnswerView>,
    usage: Usage,
    asked: &Asked,
    settlement: &mut Settlement,
) -> Bytes {
    if asked.guard.is_empty() {
        return body;
    }
    let mut machine = asked.guard.machine();
    let mut document = Document::new(body);
    let verdict = match view {
        Some(view) => machine.answer(&mut document, view),
        None => machine.unreadable(),
    };
    inspect::record(&machine, Direction::Output, settlement);
    match verdict {
        Verdict::Pass => document.to_bytes(),
        Verdict::Block(_) => {
            settlement.failed(ErrorClass::PolicyBlocked);
            let options = answer_options(asked, settlement);
            asked.format.format().filtered_answer(&options, usage)
        }
    }
}
