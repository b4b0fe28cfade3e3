//! Plain model endpoints, for routes that know nothing of chat.
//!
//! `POST /v1/sentiment` judges a text by a few words; `/v1/echo` sends back what comes, as it
//! comes. Rates and scripts strike here too, and a fault can be ordered with `?fault=503`.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::route::{response, retry_after};
use super::state::{Numbered, State, hex, sha256};
use crate::books::{Ending, Ticket};
use crate::echo::Reply;
use crate::fault::Fault;
use crate::play::{Broken, Play, strike_message};

const JSON: &str = "application/json";
const GOOD: &[&str] = &[
    "good",
    "great",
    "love",
    "wonderful",
    "happy",
    "excellent",
    "thanks",
];
const BAD: &[&str] = &["bad", "terrible", "hate", "awful", "sad", "broken", "angry"];

/// `POST /v1/sentiment` with `{"text": "..."}`.
pub(super) async fn sentiment(
    state: &State,
    req: Request<Incoming>,
) -> Result<Response<Reply>, Broken> {
    let (parts, body) = req.into_parts();
    let body = match Limited::new(body, state.options.request_bytes_max)
        .collect()
        .await
    {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let visit = Visit::open(state, &parts, &[]);
            let body = json!({"error": "the body is too long"});
            return Ok(visit.whole(StatusCode::PAYLOAD_TOO_LARGE, body, None));
        }
        Err(_gone) => return Err(Broken),
    };
    let mut visit = Visit::open(state, &parts, &body);
    visit
        .ticket
        .note(|record| record.body_sha256 = hex(&sha256(&body)));
    if let Some(failed) = visit.fail().await? {
        return Ok(visit.whole(failed.status, failed.body(), failed.retry_after));
    }
    if !state.admits(&parts.headers, &parts.uri) {
        let body = json!({"error": "the credential is missing or not known"});
        return Ok(visit.whole(StatusCode::UNAUTHORIZED, body, None));
    }
    let text = serde_json::from_slice::<Value>(&body).ok();
    let text = text.as_ref().and_then(|body| body.get("text")?.as_str());
    Ok(match text {
        None => visit.whole(
            StatusCode::BAD_REQUEST,
            json!({"error": "`text` must be a string"}),
            None,
        ),
        Some(text) => visit.whole(StatusCode::OK, judge(text), None),
    })
}

/// Any method on `/v1/echo`.
pub(super) async fn echo(state: &State, req: Request<Incoming>) -> Result<Response<Reply>, Broken> {
    let (parts, body) = req.into_parts();
    let mut visit = Visit::open(state, &parts, &[]);
    if let Some(failed) = visit.fail().await? {
        return Ok(visit.whole(failed.status, failed.body(), failed.retry_after));
    }
    visit.ticket.note(|record| record.status = Some(200));
    let id = visit.numbered.id();
    let mut response = Response::new(Reply::Echo(body, visit.ticket));
    if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, kind.clone());
    }
    let seen = [
        ("x-sim-method", parts.method.as_str()),
        ("x-sim-path", parts.uri.path()),
        ("x-request-id", &id),
    ];
    for (name, value) in seen {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// A request to a plain endpoint, on record.
struct Visit {
    numbered: Numbered,
    fault: Option<Fault>,
    ticket: Ticket,
}

struct Failed {
    status: StatusCode,
    retry_after: Option<Duration>,
}

impl Failed {
    fn body(&self) -> Value {
        json!({"error": self.status.canonical_reason().unwrap_or("failed")})
    }
}

impl Visit {
    fn open(state: &State, parts: &Parts, body: &[u8]) -> Self {
        let numbered = state.number();
        let ticket = state.record(&numbered, "plain", parts, body);
        let mut pairs = parts.uri.query().unwrap_or_default().split('&');
        let ordered = pairs.find_map(|pair| pair.strip_prefix("fault=")?.parse().ok());
        let fault = ordered.or(numbered.fault);
        if let Some(fault) = fault {
            ticket.struck(fault.to_string());
        }
        Self {
            numbered,
            fault,
            ticket,
        }
    }

    /// Lets a fault strike that comes before the body.
    async fn fail(&mut self) -> Result<Option<Failed>, Broken> {
        match self.fault {
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Reset) => {
                self.ticket.close(Ending::BrokenOff);
                Err(Broken)
            }
            Some(Fault::Slow { delay }) => {
                tokio::time::sleep(delay).await;
                Ok(None)
            }
            Some(Fault::Status { code, retry_after }) => Ok(Some(Failed {
                status: StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                retry_after,
            })),
            Some(Fault::Error { .. }) => Ok(Some(Failed {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                retry_after: None,
            })),
            _ => Ok(None),
        }
    }

    fn whole(self, status: StatusCode, body: Value, wait: Option<Duration>) -> Response<Reply> {
        self.ticket
            .note(|record| record.status = Some(status.as_u16()));
        let fault = self.fault.filter(|_| status == StatusCode::OK);
        let (steps, length) = strike_message(&Bytes::from(body.to_string()), 0, fault);
        let kind = if fault == Some(Fault::WrongType) {
            "text/html"
        } else {
            JSON
        };
        let play = Play::message(steps, length, self.ticket);
        let mut response = response(status, kind, Reply::Play(Box::new(play)));
        if let Ok(id) = HeaderValue::try_from(self.numbered.id()) {
            response.headers_mut().insert("x-request-id", id);
        }
        if let Some(wait) = wait {
            retry_after(response.headers_mut(), wait);
        }
        response
    }
}

fn judge(text: &str) -> Value {
    let count = |list: &[&str]| {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| list.contains(&word.to_lowercase().as_str()))
            .count()
    };
    let (good, bad) = (count(GOOD), count(BAD));
    let (label, score) = match good.cmp(&bad) {
        std::cmp::Ordering::Greater => ("positive", 0.93),
        std::cmp::Ordering::Equal => ("neutral", 0.71),
        std::cmp::Ordering::Less => ("negative", 0.88),
    };
    json!({"label": label, "score": score, "model": "sim-sentiment"})
}
