//! The closed list of ways a request can fail.

use std::fmt;

/// Why a request or an attempt failed.
///
/// One class decides the HTTP status, whether another attempt may help, the
/// metric label and who has to act. Causes live next to the code that fails;
/// they are mapped to a class once, where the answer is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The request is malformed or asks for something that cannot be.
    BadRequest,
    /// No credential, or one that is not valid here.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// No such path, model or provider.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The caller took too long to send its body.
    BodyTimeout,
    /// The body is over its limit.
    BodyTooLarge,
    /// The target's format cannot carry the request, and the route is strict.
    Untranslatable,
    /// A policy blocked the request or the answer.
    PolicyBlocked,
    /// The gateway itself is out of room.
    Overloaded,
    /// No target is configured or left for this model.
    NoTarget,
    /// The caller hung up.
    CallerGone,
    /// No connection to the provider.
    ProviderUnreachable,
    /// The provider did not answer in time.
    ProviderTimeout,
    /// The provider answered 429.
    ProviderRateLimited,
    /// The provider answered that it is overloaded (503, 529, `overloaded_error`).
    ProviderOverloaded,
    /// The provider answered with another 5xx or an internal error event.
    ProviderFailed,
    /// The provider refused the request as such (4xx).
    ProviderRefused,
    /// The provider refused the gateway's own credential (401, 403).
    ProviderCredential,
    /// The provider's answer is not what its format says.
    ProviderProtocol,
    /// The provider died in the middle of its answer.
    ProviderBroken,
    /// A defect of ours.
    Internal,
}

/// Whether another attempt may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request would fail again, on every target.
    Never,
    /// Another target may answer; the same one will not.
    Elsewhere,
    /// The same target may answer later, another one now.
    Anywhere,
}

impl ErrorClass {
    /// Every class, for tables and tests.
    pub const ALL: [Self; 22] = [
        Self::BadRequest,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::BodyTimeout,
        Self::BodyTooLarge,
        Self::Untranslatable,
        Self::PolicyBlocked,
        Self::Overloaded,
        Self::NoTarget,
        Self::CallerGone,
        Self::ProviderUnreachable,
        Self::ProviderTimeout,
        Self::ProviderRateLimited,
        Self::ProviderOverloaded,
        Self::ProviderFailed,
        Self::ProviderRefused,
        Self::ProviderCredential,
        Self::ProviderProtocol,
        Self::ProviderBroken,
        Self::Internal,
    ];

    /// The status the caller sees, unless the provider's own status is passed on.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest
            | Self::Untranslatable
            | Self::PolicyBlocked
            | Self::ProviderRefused => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTimeout => 408,
            Self::BodyTooLarge => 413,
            Self::ProviderRateLimited => 429,
            Self::CallerGone => 499,
            Self::Internal => 500,
            Self::ProviderUnreachable
            | Self::ProviderFailed
            | Self::ProviderCredential
            | Self::ProviderProtocol
            | Self::ProviderBroken => 502,
            Self::Overloaded | Self::NoTarget | Self::ProviderOverloaded => 503,
            Self::ProviderTimeout => 504,
        }
    }

    /// The value of the `error_class` label and of `error.type` in traces.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTimeout => "body_timeout",
            Self::BodyTooLarge => "body_too_large",
            Self::Untranslatable => "untranslatable",
            Self::PolicyBlocked => "policy_blocked",
            Self::Overloaded => "overloaded",
            Self::NoTarget => "no_target",
            Self::CallerGone => "caller_gone",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderTimeout => "provider_timeout",
            Self::ProviderRateLimited => "provider_rate_limited",
            Self::ProviderOverloaded => "provider_overloaded",
            Self::ProviderFailed => "provider_failed",
            Self::ProviderRefused => "provider_refused",
            Self::ProviderCredential => "provider_credential",
            Self::ProviderProtocol => "provider_protocol",
            Self::ProviderBroken => "provider_broken",
            Self::Internal => "internal",
        }
    }

    /// Whether another attempt may help.
    #[must_use]
    pub const fn retry(self) -> Retry {
        match self {
            Self::ProviderUnreachable
            | Self::ProviderTimeout
            | Self::ProviderRateLimited
            | Self::ProviderOverloaded
            | Self::ProviderFailed
            | Self::ProviderBroken => Retry::Anywhere,
            Self::ProviderProtocol | Self::ProviderCredential | Self::Untranslatable => {
                Retry::Elsewhere
            }
            _ => Retry::Never,
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ErrorClass;

    #[test]
    fn labels_are_unique() {
        let labels: BTreeSet<_> = ErrorClass::ALL.iter().map(|class| class.label()).collect();
        assert_eq!(labels.len(), ErrorClass::ALL.len());
    }
}
