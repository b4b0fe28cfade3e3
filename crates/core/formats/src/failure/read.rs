//! Reads what providers send instead of an answer.
//!
//! One reader serves every format, because servers that speak a format still answer
//! with their framework's errors: `{"error":{…}}`, `{"error":"…"}`, `{"message":…}`,
//! `{"detail":…}`, an array around one of them, plain text, a proxy's HTML page, or
//! nothing. What cannot be read is classed by its status.

use tollgate_types::ErrorClass;
use tollgate_wire::json::{Kind, Reader};

use super::{Failure, MESSAGE_BYTES_MAX};
use crate::format::DecodeError;
use crate::read;

/// A longer error body is not parsed.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// What an error body says of itself.
#[derive(Default)]
struct Report {
    message: Option<String>,
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
    /// The first reason among Google's details.
    reason: Option<String>,
    /// A number where a code or status is expected.
    number: Option<u16>,
}

/// Reads an error answer of a provider, whatever its body is.
pub(crate) fn read(status: u16, body: &[u8]) -> Failure {
    let report = report(body).unwrap_or_default();
    let class = by_kind_that_overrules(&report).unwrap_or_else(|| by_status(status));
    finish(report, class, status, || unreadable(status, body))
}

/// Reads the data of an error event inside a 200 stream.
pub(crate) fn read_in_stream(data: &[u8]) -> Failure {
    in_stream(report(data).unwrap_or_default())
}

/// The same of an event that is named by the type of the error.
pub(crate) fn read_named(kind: &str, data: &[u8]) -> Failure {
    let mut report = report(data).unwrap_or_default();
    report.kind = report.kind.or_else(|| Some(kind.to_owned()));
    in_stream(report)
}

/// The same of an answer, whole or streamed, that ends with this word for an error.
pub(crate) fn read_ended(word: &str, data: &[u8]) -> Failure {
    let mut report = report(data).unwrap_or_default();
    report.kind = report.kind.or_else(|| Some(word.to_owned()));
    report
        .message
        .get_or_insert_with(|| format!("the provider ended its answer with {word}"));
    in_stream(report)
}

fn in_stream(report: Report) -> Failure {
    let class = by_kind(&report)
        .or_else(|| report.number.filter(|number| *number >= 400).map(by_status))
        .unwrap_or(ErrorClass::ProviderFailed);
    let status = report.number.filter(|number| (400..600).contains(number));
    let status = status.unwrap_or_else(|| status_in_stream(class));
    finish(report, class, status, || {
        "the provider reported an error in mid-stream".to_owned()
    })
}

fn finish(
    report: Report,
    class: ErrorClass,
    status: u16,
    fallback: impl FnOnce() -> String,
) -> Failure {
    let message = match class {
        ErrorClass::ProviderCredential => {
            "the provider refused the gateway's credential".to_owned()
        }
        _ => report
            .message
            .filter(|text| !text.trim().is_empty())
            .unwrap_or_else(fallback),
    };
    Failure {
        class,
        status,
        kind: report.kind.map(bounded),
        code: report.code.or(report.reason).map(bounded),
        param: report.param.map(bounded),
        message: bounded(message),
    }
}

/// The status that a class of error has where its provider sends it as an answer.
const fn status_in_stream(class: ErrorClass) -> u16 {
    match class {
        ErrorClass::ProviderRefused => 400,
        ErrorClass::ProviderCredential => 401,
        ErrorClass::ProviderFailed => 500,
        other => other.status(),
    }
}

const fn by_status(status: u16) -> ErrorClass {
    match status {
        429 => ErrorClass::ProviderRateLimited,
        503 | 529 => ErrorClass::ProviderOverloaded,
        408 | 504 => ErrorClass::ProviderTimeout,
        401 | 402 | 403 | 407 => ErrorClass::ProviderCredential,
        400..=499 => ErrorClass::ProviderRefused,
        500..=599 => ErrorClass::ProviderFailed,
        _ => ErrorClass::ProviderProtocol,
    }
}

/// Types that say more than the status they come with.
fn by_kind_that_overrules(report: &Report) -> Option<ErrorClass> {
    // Google answers 400 to a key that it does not know.
    if report.reason.as_deref() == Some("API_KEY_INVALID") {
        return Some(ErrorClass::ProviderCredential);
    }
    by_kind(report).filter(|class| {
        matches!(
            class,
            ErrorClass::ProviderOverloaded | ErrorClass::ProviderRateLimited
        )
    })
}

fn by_kind(report: &Report) -> Option<ErrorClass> {
    [&report.code, &report.kind]
        .into_iter()
        .flatten()
        .find_map(|word| by_word(word))
}

fn by_word(word: &str) -> Option<ErrorClass> {
    Some(match word {
        "overloaded_error"
        | "overloaded"
        | "server_overloaded"
        | "slow_down"
        | "UNAVAILABLE"
        | "serviceUnavailableException" => ErrorClass::ProviderOverloaded,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "insufficient_quota"
        | "RESOURCE_EXHAUSTED"
        | "throttlingException" => ErrorClass::ProviderRateLimited,
        "authentication_error"
        | "invalid_api_key"
        | "permission_error"
        | "billing_error"
        | "UNAUTHENTICATED"
        | "PERMISSION_DENIED" => ErrorClass::ProviderCredential,
        "timeout_error" | "DEADLINE_EXCEEDED" | "TIMEOUT" => ErrorClass::ProviderTimeout,
        "invalid_request_error"
        | "not_found_error"
        | "request_too_large"
        | "context_length_exceeded"
        | "BadRequestError"
        | "INVALID_ARGUMENT"
        | "FAILED_PRECONDITION"
        | "NOT_FOUND"
        | "OUT_OF_RANGE"
        | "validationException" => ErrorClass::ProviderRefused,
        "api_error"
        | "server_error"
        | "internal_error"
        | "InternalServerError"
        | "INTERNAL"
        | "UNKNOWN"
        | "internalServerException"
        | "modelStreamErrorException" => ErrorClass::ProviderFailed,
        _ => return None,
    })
}

fn report(body: &[u8]) -> Option<Report> {
    if body.len() > BODY_BYTES_MAX {
        return None;
    }
    let mut reader = Reader::new(body).ok()?;
    let mut report = Report::default();
    any(&mut reader, &mut report).ok()?;
    reader.finish().ok()?;
    Some(report)
}

/// Reads a body, an `error` member, or the first element of an array of them.
fn any(r: &mut Reader<'_>, report: &mut Report) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Object => r.object(|r, key| member(r, &key, report)).map(|_span| ()),
        Kind::Array => r
            .array(|r, index| if index == 0 { any(r, report) } else { Ok(()) })
            .map(|_span| ()),
        Kind::String => {
            report.message = read::string(r)?;
            Ok(())
        }
        _ => Ok(r.skip().map(|_span| ())?),
    }
}

fn member(r: &mut Reader<'_>, key: &str, report: &mut Report) -> Result<(), DecodeError> {
    let is_text = r.kind()? == Kind::String;
    match key {
        "error" | "detail" => any(r, report)?,
        "message" | "Message" | "msg" if is_text => report.message = read::string(r)?,
        "type" | "__type" | "status" if is_text => {
            let kind = read::string(r)?;
            if kind.as_deref() != Some("error") {
                report.kind = kind;
            }
        }
        "code" if is_text => report.code = read::string(r)?,
        "code" | "status" => {
            report.number = read::whole_if(r)?.and_then(|number| u16::try_from(number).ok());
        }
        "param" if is_text => report.param = read::string(r)?,
        "details" if r.kind()? == Kind::Array => {
            r.array(|r, _index| detail(r, report))?;
        }
        _ => {}
    }
    Ok(())
}

/// One of the details of Google's errors: a reason, if it has one.
fn detail(r: &mut Reader<'_>, report: &mut Report) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(());
    }
    r.object::<DecodeError>(|r, key| {
        if key.as_str() == "reason" && r.kind()? == Kind::String {
            let reason = read::string(r)?;
            report.reason = report.reason.take().or(reason);
        }
        Ok(())
    })?;
    Ok(())
}

/// What can be said of a body that is not an error object.
fn unreadable(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(
        body.get(..MESSAGE_BYTES_MAX.min(body.len()))
            .unwrap_or_default(),
    );
    let text = text.trim();
    if text.is_empty() {
        format!("the provider answered {status} without a body")
    } else if text.starts_with(['<', '{', '[']) {
        format!("the provider answered {status} with a body that is no error object")
    } else {
        text.to_owned()
    }
}

fn bounded(mut text: String) -> String {
    if text.len() > MESSAGE_BYTES_MAX {
        let cut = text.floor_char_boundary(MESSAGE_BYTES_MAX - '…'.len_utf8());
        text.truncate(cut);
        text.push('…');
    }
    text
}
