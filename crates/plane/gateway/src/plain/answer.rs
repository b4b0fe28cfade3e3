//! Output policies over a plain answer: read whole, or event by event.

use std::sync::Arc;

use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;
use tokio::time::Instant;
use tollgate_config::RouteConfig;
use tollgate_formats::TextPaths;
use tollgate_net::AnswerBody;
use tollgate_policy::{Blocked, Machine, Verdict};
use tollgate_wire::Document;

use super::error::Withheld;
use super::events::Events;
use super::reply::Passing;
use super::{Exchange, PlainError, Unread};
use crate::aside::aside;
use crate::attempt::AttemptError;
use crate::collect::{Bounds, CollectError, collect};
use crate::headers::{encoded, is_event_stream, is_json, strip_digests};
use crate::inspect::{self, AnswerGuard, Direction};
use crate::rescue::Cause;
use crate::settle::Settlement;

/// An answer that output rules are over.
pub(super) struct Guarded<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    pub(super) route: &'a RouteConfig,
    pub(super) guard: AnswerGuard,
    /// When the exchange with the service began.
    pub(super) began: Instant,
    pub(super) status: StatusCode,
    pub(super) headers: &'a mut HeaderMap,
}

impl Guarded<'_> {
    /// What the caller gets of the body. What the rules did is recorded, but for that of
    /// a stream, which has yet to come.
    pub(super) async fn pass(
        mut self,
        body: AnswerBody,
        settlement: &mut Settlement,
    ) -> Result<Passing, Cause> {
        if !self.guard.reads_body() || self.is_without(&body) {
            inspect::record(&self.guard.machine(), Direction::Output, settlement);
            return Ok(Passing::AsItComes(body));
        }
        match self.unreadable() {
            None if is_event_stream(self.headers) => {
                strip_digests(self.headers);
                let events = Events::new(self.exchange, self.route, &self.guard);
                Ok(Passing::Events(body, Box::new(events)))
            }
            None => self.whole(body, settlement).await,
            Some(why) => {
                let mut machine = self.guard.machine();
                let verdict = machine.unscannable(self.route.unscannable_allowed);
                inspect::record(&machine, Direction::Output, settlement);
                match verdict {
                    Verdict::Pass => Ok(Passing::AsItComes(body)),
                    Verdict::Block(blocked) => Err(self.withheld(&blocked, Some(why))),
                }
            }
        }
    }

    /// Whether the answer has no body.
    fn is_without(&self, body: &AnswerBody) -> bool {
        self.exchange.head.method == Method::HEAD
            || matches!(
                self.status,
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
            )
            || body.is_end_stream()
            || body.size_hint().exact() == Some(0)
    }

    /// Why there is no point in reading the body, by its head.
    fn unreadable(&self) -> Option<Unread> {
        let is_stream = self.status.is_success() && is_event_stream(self.headers);
        if self.route.response_texts.is_empty() {
            Some(Unread::Unnamed)
        } else if encoded(self.headers).is_some() {
            Some(Unread::Encoded)
        } else if is_stream || is_json(self.headers) {
            None
        } else {
            Some(Unread::Type)
        }
    }

    async fn whole(
        &mut self,
        body: AnswerBody,
        settlement: &mut Settlement,
    ) -> Result<Passing, Cause> {
        let limits = &self.exchange.snapshot.plan.base.gateway.limits;
        let end = self.began + self.route.timeouts.whole;
        let bounds = Bounds {
            bytes_max: limits.answer_bytes_max,
            room: &self.exchange.shared.buffered,
            room_bytes_max: limits.buffered_bytes_max,
            timeout: end.saturating_duration_since(Instant::now()),
        };
        let collected = collect(body, bounds).await;
        let (bytes, mut share) = collected.map_err(|error| self.lost(error, settlement))?;
        // An error has a shape of its own.
        let everything = TextPaths::everything();
        let paths = if self.status.is_success() {
            &self.route.response_texts
        } else {
            &everything
        };
        let mut machine = self.guard.machine();
        let mut document = Document::new(bytes);
        let (verdict, why) = texts(&mut machine, &mut document, paths, self.route);
        inspect::record(&machine, Direction::Output, settlement);
        if let Verdict::Block(blocked) = verdict {
            return Err(self.withheld(&blocked, why));
        }
        if document.is_edited() {
            strip_digests(self.headers);
        }
        let bytes = document.to_bytes();
        share.resize(bytes.len());
        Ok(Passing::Whole(share.around(bytes)))
    }

    /// The answer did not come whole.
    fn lost(&self, error: CollectError, settlement: &mut Settlement) -> Cause {
        let limit = self.route.timeouts.whole;
        let attempt = settlement.record().attempts.first_mut();
        let provider = attempt
            .map(|attempt| Arc::clone(&attempt.provider))
            .unwrap_or_default();
        let error = match error {
            CollectError::TooLarge { max } => AttemptError::protocol(
                &provider,
                &format!("an answer over {max} bytes (limits.answer_bytes_max)"),
            ),
            CollectError::NoRoom => AttemptError::no_room(),
            CollectError::TimedOut => {
                AttemptError::timed_out(&provider, "end of its answer", limit)
            }
            CollectError::Broken => AttemptError::broken(&provider, None),
        };
        if let Some(attempt) = settlement.record().attempts.first_mut() {
            attempt.class = Some(error.class);
            attempt.error.clone_from(&error.cause);
        }
        Cause::Attempt(Box::new(error))
    }

    /// The answer is not to be had; that the service said an error is.
    fn withheld(&self, blocked: &Blocked, why: Option<Unread>) -> Cause {
        let is_error = self.status.is_client_error() || self.status.is_server_error();
        PlainError::Withheld(Withheld {
            blocked: blocked.clone(),
            why,
            status: is_error.then_some(self.status.as_u16()),
        })
        .into()
    }
}

/// Shows the texts of a body to the machine. Gives its verdict, and why the body could not
/// be read.
fn texts(
    machine: &mut Machine,
    document: &mut Document,
    paths: &TextPaths,
    route: &RouteConfig,
) -> (Verdict, Option<Unread>) {
    aside(document.original().len(), || {
        match paths.view_answer(document.original()) {
            Ok(view) => (machine.answer(document, &view), None),
            Err(error) => {
                let verdict = machine.unscannable(route.unscannable_allowed);
                (verdict, Some(Unread::Json(error)))
            }
        }
    })
}

/// Runs output rules over the texts that a route names in a whole JSON answer with status
/// 2xx. Edits go into `document`.
pub fn answer(machine: &mut Machine, route: &RouteConfig, document: &mut Document) -> Verdict {
    let paths = &route.response_texts;
    if paths.is_empty() {
        return machine.unscannable(route.unscannable_allowed);
    }
    texts(machine, document, paths, route).0
}
