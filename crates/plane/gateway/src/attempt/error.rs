//! Why an attempt failed.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::RETRY_AFTER;
use tollgate_formats::{DecodeError, Failure, Loss, Losses};
use tollgate_identity::NoCredential;
use tollgate_net::{BodyError, SendError};
use tollgate_types::ErrorClass;

/// When there may be room here again.
const OWN_ROOM_AFTER: Duration = Duration::from_secs(1);

/// A failed attempt, with what the caller may read of it, and what the operator reads.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct AttemptError {
    /// What it means for us.
    pub(crate) class: ErrorClass,
    /// The status for the caller.
    pub(crate) status: u16,
    /// The provider's status; 0 when there was none.
    pub(crate) provider_status: u16,
    /// What the caller reads: it names the provider and no address.
    pub(crate) message: String,
    /// What the operator reads; `None` where the words are a provider's or a caller's.
    pub(crate) cause: Option<Box<str>>,
    /// The provider's code, where its error is passed on.
    pub(crate) code: Option<String>,
    /// The provider's parameter, likewise.
    pub(crate) param: Option<String>,
    /// How long the provider asked to wait.
    pub(crate) retry_after: Option<Duration>,
    /// The provider's own error body, when it is in the caller's format.
    pub(crate) passed_on: Option<Bytes>,
}

impl AttemptError {
    fn new(class: ErrorClass, message: String) -> Self {
        Self {
            class,
            status: class.status(),
            provider_status: 0,
            cause: Some(message.as_str().into()),
            message,
            code: None,
            param: None,
            retry_after: None,
            passed_on: None,
        }
    }

    /// Every candidate was out before any was asked.
    pub(crate) fn no_target() -> Self {
        Self::new(
            ErrorClass::NoTarget,
            "no target is left to try for this model".to_owned(),
        )
    }

    /// The request was not sent, or the answer's head never came.
    pub(crate) fn send(provider: &str, error: &SendError) -> Self {
        let class = match error {
            SendError::ConnectTimeout { .. } => ErrorClass::ProviderTimeout,
            SendError::Protocol { .. } | SendError::HeadTooLarge { .. } => {
                ErrorClass::ProviderProtocol
            }
            // Our own limit: nothing was asked of the provider.
            SendError::PoolFull { .. } | SendError::OutOfSockets(_) => ErrorClass::Overloaded,
            _ => ErrorClass::ProviderUnreachable,
        };
        Self {
            retry_after: (class == ErrorClass::Overloaded).then_some(OWN_ROOM_AFTER),
            cause: Some(causes(error).into()),
            ..Self::new(class, not_sent(provider, error))
        }
    }

    /// No time is left for an attempt.
    pub(super) fn out_of_time(limit: Duration) -> Self {
        let message = format!(
            "the request was not answered within {} ms (gateway.timeouts.request_ms)",
            limit.as_millis()
        );
        Self::new(ErrorClass::ProviderTimeout, message)
    }

    /// What the gateway would prove itself by is not there, or has expired.
    pub(crate) fn no_credential(provider: &str, error: &NoCredential) -> Self {
        let what = match error {
            NoCredential::Missing { .. } => "has not been fetched",
            NoCredential::Expired { .. } => "has expired",
        };
        let message =
            format!("provider `{provider}` was not asked: the gateway's credential {what}");
        Self {
            cause: Some(format!("provider `{provider}`: {error}").into()),
            ..Self::new(ErrorClass::ProviderCredential, message)
        }
    }

    /// Out of time.
    pub(crate) fn timed_out(provider: &str, waited_for: &str, limit: Duration) -> Self {
        let message = format!(
            "provider `{provider}` sent no {waited_for} within {} ms",
            limit.as_millis()
        );
        Self::new(ErrorClass::ProviderTimeout, message)
    }

    /// The answer broke off; without an error where its end came too early.
    pub(crate) fn broken(provider: &str, error: Option<&BodyError>) -> Self {
        let message = format!("provider `{provider}` broke off its answer");
        let cause = error.map(|error| format!("{message}: {}", causes(error)).into());
        let broken = Self::new(ErrorClass::ProviderBroken, message);
        Self {
            cause: cause.or(broken.cause),
            ..broken
        }
    }

    /// What we wrote for the caller cannot be read.
    pub(crate) fn defect(provider: &str) -> Self {
        let message = format!("the answer of provider `{provider}` could not be translated");
        Self::new(ErrorClass::Internal, message)
    }

    /// All bodies in memory together are at their limit.
    pub(crate) fn no_room() -> Self {
        let message =
            "the gateway is out of memory for bodies (limits.buffered_bytes_max); try again";
        Self {
            retry_after: Some(OWN_ROOM_AFTER),
            ..Self::new(ErrorClass::Overloaded, message.to_owned())
        }
    }

    /// As many counts are made here as may be.
    pub(super) fn counting(max: usize) -> Self {
        let message = format!(
            "the gateway counts the tokens of {max} requests already (gateway.limits.counts_max); try again"
        );
        Self {
            retry_after: Some(OWN_ROOM_AFTER),
            ..Self::new(ErrorClass::Overloaded, message)
        }
    }

    /// The answer is not what its format says.
    pub(crate) fn protocol(provider: &str, what: &str) -> Self {
        Self::new(
            ErrorClass::ProviderProtocol,
            format!("provider `{provider}` sent {what}"),
        )
    }

    /// The request cannot be read as its own format says, or not by another.
    pub(super) fn undecodable(error: &DecodeError) -> Self {
        let class = match error {
            // A target of the caller's own format can take it.
            DecodeError::HeldByProvider(_) | DecodeError::NativeOnly(_) => {
                ErrorClass::Untranslatable
            }
            DecodeError::Json(_) | DecodeError::Shape { .. } => ErrorClass::BadRequest,
        };
        Self {
            code: error.code().map(str::to_owned),
            cause: None,
            ..Self::new(class, format!("the request cannot be translated: {error}"))
        }
    }

    /// What the request is about has no place in the target's format, strict or not.
    pub(super) fn unwritable(losses: &Losses) -> Self {
        let names: Vec<String> = losses.iter().map(Loss::to_string).collect();
        let message = format!(
            "the request cannot be translated: the provider's format has no place for {}",
            names.join(", ")
        );
        Self::new(ErrorClass::Untranslatable, message)
    }

    /// The target's format cannot carry the request, and the configuration is strict.
    pub(super) fn untranslatable(provider: &str, losses: &Losses) -> Self {
        let names: Vec<String> = losses.iter().map(Loss::to_string).collect();
        let message = format!(
            "provider `{provider}` speaks a format that cannot carry: {}; leave it out, or set `translation: best_effort`",
            names.join(", ")
        );
        Self::new(ErrorClass::Untranslatable, message)
    }

    /// The model is known to refuse a part of the request, and the configuration says not
    /// to ask it then, or not to lose anything.
    pub(super) fn refused_parameters(
        (provider, model): (&str, &str),
        names: &[&str],
        is_strict: bool,
    ) -> Self {
        let and = if is_strict {
            " and `translation: best_effort`"
        } else {
            ""
        };
        let message = format!(
            "model `{model}` of provider `{provider}` does not take this: {}; leave it out, lower it (prompt and answer share the model's window), or set `parameters: adjust`{and}",
            names.join(", ")
        );
        Self::new(ErrorClass::Untranslatable, message)
    }

    /// The provider's own error.
    ///
    /// Its status and words are passed on, with one exception: when it refuses the
    /// gateway's credential, that is no fault of the caller's, who would only look for
    /// one in its own key.
    pub(crate) fn provider(provider: &str, failure: Failure, provider_status: u16) -> Self {
        let Failure {
            class,
            status,
            message,
            code,
            param,
            ..
        } = failure;
        if class == ErrorClass::ProviderCredential {
            let message =
                format!("provider `{provider}` refused the gateway's credential (status {status})");
            return Self {
                provider_status,
                ..Self::new(class, message)
            };
        }
        // An error that came with a good status has none of its own.
        let is_error = (400..600).contains(&status);
        Self {
            status: if is_error { status } else { class.status() },
            provider_status,
            code,
            param,
            cause: None,
            ..Self::new(class, message)
        }
    }
}

/// What a caller reads of a request that could not be sent: who, never where.
pub(crate) fn not_sent(provider: &str, error: &SendError) -> String {
    let what = match error {
        SendError::Resolve { .. } | SendError::Connect { .. } | SendError::Tls { .. } => {
            "cannot be reached".to_owned()
        }
        SendError::ConnectTimeout { limit, .. } => {
            format!("took no connection within {} ms", limit.as_millis())
        }
        SendError::Closed { .. } => "closed the connection before an answer".to_owned(),
        SendError::Protocol { .. } => "sent an answer that is not valid HTTP".to_owned(),
        SendError::HeadTooLarge { bytes_max } => {
            format!("sent more than {bytes_max} bytes before its answer")
        }
        // These name no place.
        other => format!("was not asked: {other}"),
    };
    format!("provider `{provider}` {what}")
}

/// An error with everything that led to it, for the operator.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

/// What a provider asks callers to wait: `retry-after-ms`, or `Retry-After` in seconds
/// or as a date (RFC 9110, section 10.2.3). `now_unix_s` makes the date a duration.
pub(super) fn retry_after(headers: &HeaderMap, now_unix_s: u64) -> Option<Duration> {
    asked_wait(headers, now_unix_s).map(|wait| wait.min(RETRY_AFTER_MAX))
}

/// No provider means a longer wait than this, whatever it says.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

fn asked_wait(headers: &HeaderMap, now_unix_s: u64) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    if let Some(milliseconds) = text("retry-after-ms").and_then(|value| value.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let date_unix_s = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(date_unix_s.saturating_sub(now_unix_s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn an_error_that_came_with_a_good_status_is_no_good_answer() {
        let body = br#"{"error":{"message":"slow down","type":"rate_limit_exceeded","code":429}}"#;
        let format = tollgate_formats::FormatId::OpenaiChat.format();
        let failure = format.decode_failure(200, body);
        let error = AttemptError::provider("p", failure, 200);
        assert_eq!(
            (error.class, error.status),
            (ErrorClass::ProviderRateLimited, 429)
        );
        assert_eq!(error.provider_status, 200);
    }

    #[test]
    fn a_full_pool_is_no_fault_of_the_providers() {
        let full = SendError::PoolFull { connections_max: 7 };
        let error = AttemptError::send("p", &full);
        assert_eq!((error.class, error.status), (ErrorClass::Overloaded, 503));
        assert_eq!(error.retry_after, Some(OWN_ROOM_AFTER));
    }

    #[test]
    fn retry_after_is_read_in_its_three_forms() {
        assert_eq!(
            retry_after(&header("retry-after", "7"), 0),
            Some(Duration::from_secs(7))
        );
        assert_eq!(
            retry_after(&header("retry-after-ms", "250"), 0),
            Some(Duration::from_millis(250))
        );
        let date = header("retry-after", "Thu, 01 Jan 1970 00:01:40 GMT");
        assert_eq!(retry_after(&date, 90), Some(Duration::from_secs(10)));
        assert_eq!(
            retry_after(&date, 500),
            Some(Duration::ZERO),
            "a date that has passed"
        );
    }

    #[test]
    fn a_wait_beyond_all_measure_is_cut() {
        for name in ["retry-after", "retry-after-ms"] {
            for value in ["1e19", "1e300", "18446744073709551615"] {
                let wait = retry_after(&header(name, value), 0);
                assert!(
                    wait.is_none_or(|wait| wait <= RETRY_AFTER_MAX),
                    "{name}: {value}"
                );
            }
        }
    }

    #[test]
    fn nonsense_is_no_wait_at_all() {
        for value in ["soon", "-5", "nan", "inf", ""] {
            assert_eq!(
                retry_after(&header("retry-after", value), 0),
                None,
                "{value}"
            );
        }
    }
}
