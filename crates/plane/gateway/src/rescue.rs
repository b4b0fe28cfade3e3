//! One list from cause to answer: status, wording, headers, and what the record says.
//!
//! Errors live next to the code that can fail; here they meet. The caller reads its
//! own wire format whatever went wrong; operators read the class.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use tollgate_formats::{FailureAnswer, FormatId};
use tollgate_telemetry::RequestId;
use tollgate_types::ErrorClass;

use crate::access::ModelForbidden;
use crate::admit::Full;
use crate::attempt::AttemptError;
use crate::caller::CallerError;
use crate::document::ReadError;
use crate::enrich::Unenriched;
use crate::headers::{findings, own};
use crate::inspect::InputBlocked;
use crate::operation::MethodNotAllowed;
use crate::plain::PlainError;
use crate::route::RouteError;
use crate::settle::Settlement;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// The request ran into a defect of ours, which is in the log of the process.
    #[error("the gateway failed at this request")]
    Defect,
    /// No snapshot serves yet.
    #[error("the gateway has no valid configuration yet")]
    NotServing,
    /// Nothing is at this path.
    #[error(
        "nothing is served at {method} {path}; chat is at /v1/chat/completions, /v1/messages and /model/MODEL/converse, the models at /v1/models"
    )]
    NoRoute {
        /// The method.
        method: http::Method,
        /// The path, shortened.
        path: String,
    },
    /// The method does not fit the path.
    #[error(transparent)]
    Method(#[from] MethodNotAllowed),
    /// Not authenticated.
    #[error(transparent)]
    Caller(#[from] CallerError),
    /// The body could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The request names no model.
    #[error("the request names no `model`")]
    NoModel,
    /// No model of this name, shortened, that the caller may use.
    #[error("there is no model `{0}` that this key may use")]
    NoSuchModel(String),
    /// No answer of this id, shortened, that the caller may reach.
    #[error(
        "no provider that this key may reach, and whose `formats` have held answers, holds one of id `{0}`"
    )]
    NoSuchAnswer(String),
    /// The model is out of the caller's scope.
    #[error(transparent)]
    Access(#[from] ModelForbidden),
    /// No room for one more request.
    #[error(transparent)]
    Admit(#[from] Full),
    /// The prompt of its model cannot be put in.
    #[error(transparent)]
    Enrich(#[from] Unenriched),
    /// A policy blocked the request.
    #[error(transparent)]
    Blocked(#[from] InputBlocked),
    /// No target fits.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The attempts failed.
    #[error(transparent)]
    Attempt(#[from] Box<AttemptError>),
    /// A plain HTTP exchange failed.
    #[error(transparent)]
    Plain(#[from] PlainError),
}

impl Cause {
    /// The class: it decides what the rest of the system does.
    pub(crate) fn class(&self) -> ErrorClass {
        match self {
            Self::Defect => ErrorClass::Internal,
            Self::NotServing | Self::Admit(_) | Self::Read(ReadError::NoRoom) => {
                ErrorClass::Overloaded
            }
            Self::NoRoute { .. }
            | Self::NoSuchModel(_)
            | Self::NoSuchAnswer(_)
            | Self::Route(RouteError::Unknown(_) | RouteError::HeldElsewhere) => {
                ErrorClass::NotFound
            }
            Self::Method(_) => ErrorClass::MethodNotAllowed,
            Self::Caller(_) => ErrorClass::Unauthenticated,
            Self::Read(ReadError::TooLarge { .. }) => ErrorClass::BodyTooLarge,
            Self::Read(ReadError::TimedOut(_)) => ErrorClass::BodyTimeout,
            Self::Read(ReadError::Broken) => ErrorClass::CallerGone,
            Self::Read(ReadError::Encoded(_) | ReadError::Empty | ReadError::Shape(_))
            | Self::NoModel
            | Self::Enrich(_) => ErrorClass::BadRequest,
            Self::Access(_) => ErrorClass::Forbidden,
            Self::Blocked(_) => ErrorClass::PolicyBlocked,
            Self::Route(RouteError::NoneFits { .. } | RouteError::NotOffered { .. }) => {
                ErrorClass::NoTarget
            }
            Self::Attempt(error) => error.class,
            Self::Plain(error) => error.class(),
        }
    }

    /// A stable code for programs.
    fn code(&self) -> Option<Cow<'static, str>> {
        let code = match self {
            Self::NoRoute { .. } => "unknown_path",
            Self::Caller(CallerError::Missing { .. }) => "missing_api_key",
            Self::Caller(CallerError::Expired) => "expired_api_key",
            Self::Caller(_) => "invalid_api_key",
            Self::Access(_) => "model_not_allowed",
            Self::Blocked(_) | Self::Plain(PlainError::Unread { .. } | PlainError::Withheld(_)) => {
                "policy_violation"
            }
            Self::NoSuchModel(_) | Self::Route(RouteError::Unknown(_)) => "model_not_found",
            Self::Attempt(error) => return error.code.clone().map(Cow::Owned),
            _ => return None,
        };
        Some(Cow::Borrowed(code))
    }

    fn param(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::NoModel
            | Self::NoSuchModel(_)
            | Self::Access(_)
            | Self::Route(RouteError::Unknown(_)) => Some(Cow::Borrowed("model")),
            Self::Attempt(error) => error.param.clone().map(Cow::Owned),
            _ => None,
        }
    }

    /// The status: the provider's own where its answer is passed on.
    fn status(&self) -> u16 {
        match self {
            Self::Attempt(error) => error.status,
            Self::Plain(error) => error.status(),
            _ => self.class().status(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Attempt(error) => error.retry_after,
            // There may be room again soon.
            _ => (self.class() == ErrorClass::Overloaded).then_some(Duration::from_secs(1)),
        }
    }
}

/// Makes the answer to a cause in the caller's format and notes it in the record.
pub(crate) fn rescue(
    cause: &Cause,
    format: FormatId,
    settlement: &mut Settlement,
) -> Response<Bytes> {
    let class = cause.class();
    settlement.failed(class);
    let record = settlement.record();
    record.status = cause.status();
    record.is_caller_gone |= class == ErrorClass::CallerGone;
    let mut answer = answer(cause, format, record.request_id);
    if let Some(findings) = findings(record) {
        answer.headers_mut().insert(own::POLICY, findings);
    }
    answer
}

/// The answer to a cause in the caller's format.
pub(crate) fn answer(cause: &Cause, format: FormatId, id: RequestId) -> Response<Bytes> {
    let status = cause.status();
    let failure = FailureAnswer {
        class: cause.class(),
        status,
        message: Cow::Owned(cause.to_string()),
        code: cause.code(),
        param: cause.param(),
        request_id: Some(id.to_string()),
    };
    let format = format.format();
    let body = match cause {
        // The provider's own words, in the caller's own format: not one byte of it is changed.
        Cause::Attempt(error) if error.passed_on.is_some() => {
            error.passed_on.clone().unwrap_or_default()
        }
        _ => format.encode_failure(&failure),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    if let Some((name, value)) = format.failure_header(&failure) {
        let headers = response.headers_mut();
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers(cause, response.headers_mut());
    response
}

fn headers(cause: &Cause, headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    match cause {
        Cause::Caller(_) => {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"tollgate\""),
            );
        }
        Cause::Method(error) => {
            headers.extend(
                HeaderValue::from_str(&error.allow)
                    .ok()
                    .map(|allow| (ALLOW, allow)),
            );
        }
        Cause::Plain(PlainError::Method { allowed }) => {
            if let Ok(allowed) = HeaderValue::from_str(allowed) {
                headers.insert(ALLOW, allowed);
            }
        }
        _ => {}
    }
    if let Some(wait) = cause.retry_after() {
        // Rounded up: a caller that waits exactly this long must not come too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}
