//! Why a plain exchange failed.

use std::sync::Arc;
use std::time::Duration;

use tollgate_net::SendError;
use tollgate_types::ErrorClass;

use crate::attempt::{causes, not_sent};

/// Why a plain exchange failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlainError {
    /// The routes at this path take other methods.
    #[error("this route takes {allowed}")]
    Method {
        /// Those, as `Allow` lists them.
        allowed: String,
    },
    /// The path or query cannot be written as a URI at the provider, or servers could
    /// read the path in different ways.
    #[error(
        "the path cannot be passed on: it has `.`, `..`, `//`, `\\\\` or an encoded slash in it"
    )]
    Path,
    /// The caller stopped sending its body.
    #[error("the request body stalled for longer than gateway.timeouts.body_ms allows")]
    Stalled,
    /// Not sent, or no answer came.
    #[error("{}", not_sent(provider, source))]
    Send {
        /// Who.
        provider: Arc<str>,
        /// Why.
        source: SendError,
    },
    /// No answer in time.
    #[error("provider `{provider}` sent no answer within {} ms", limit.as_millis())]
    TimedOut {
        /// Who.
        provider: Arc<str>,
        /// How long it had.
        limit: Duration,
    },
}

impl PlainError {
    /// The class.
    pub(crate) const fn class(&self) -> ErrorClass {
        match self {
            Self::Method { .. } => ErrorClass::MethodNotAllowed,
            Self::Path => ErrorClass::BadRequest,
            Self::Stalled => ErrorClass::BodyTimeout,
            Self::Send {
                source: SendError::ConnectTimeout { .. },
                ..
            }
            | Self::TimedOut { .. } => ErrorClass::ProviderTimeout,
            Self::Send {
                source: SendError::Body(_),
                ..
            } => ErrorClass::CallerGone,
            Self::Send {
                source: SendError::PoolFull { .. } | SendError::OutOfSockets(_),
                ..
            } => ErrorClass::Overloaded,
            Self::Send {
                source: SendError::Protocol { .. } | SendError::HeadTooLarge { .. },
                ..
            } => ErrorClass::ProviderProtocol,
            Self::Send { .. } => ErrorClass::ProviderUnreachable,
        }
    }

    /// What the operator reads of a failed attempt.
    pub(super) fn cause(&self) -> Option<String> {
        match self {
            Self::Method { .. } | Self::Path => None,
            Self::Send { source, .. } => Some(causes(source)),
            Self::TimedOut { .. } | Self::Stalled => Some(self.to_string()),
        }
    }
}
