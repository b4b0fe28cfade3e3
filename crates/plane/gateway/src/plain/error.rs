//! Why a plain exchange failed.

use std::sync::Arc;
use std::time::Duration;

use tollgate_formats::DecodeError;
use tollgate_identity::NoCredential;
use tollgate_net::SendError;
use tollgate_policy::Blocked;
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
    /// A server may take the path for an endpoint of a wire format, which is not passed on
    /// unread.
    #[error(
        "the path cannot be passed on: a server may read an endpoint of a wire format in it; write it as that is documented"
    )]
    Disguised,
    /// A policy is over the request, and its body cannot be read.
    #[error("policy `{policy}` reads the requests of this route, and cannot read this one: {why}")]
    Unread {
        /// Whose rule does not let it pass.
        policy: Arc<str>,
        /// Why.
        why: Unread,
    },
    /// A policy does not let the answer pass.
    #[error(transparent)]
    Withheld(Withheld),
    /// The provider refuses the gateway's own credential.
    #[error("provider `{provider}` refused the gateway's credential (status 401)")]
    Credential {
        /// Who.
        provider: Arc<str>,
    },
    /// The request for a WebSocket is none.
    #[error("this is no WebSocket handshake that can be passed on: {0}")]
    Handshake(&'static str),
    /// The caller stopped sending its body.
    #[error("the request body stalled for longer than gateway.timeouts.body_ms allows")]
    Stalled,
    /// What the gateway would prove itself by is not there, or has expired.
    #[error(
        "provider `{provider}` was not asked: the gateway's credential is missing or has expired"
    )]
    NoCredential {
        /// Who.
        provider: Arc<str>,
        /// Why.
        source: NoCredential,
    },
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
            Self::Path | Self::Disguised | Self::Handshake(_) => ErrorClass::BadRequest,
            Self::Unread { .. } | Self::Withheld(_) => ErrorClass::PolicyBlocked,
            Self::Stalled => ErrorClass::BodyTimeout,
            Self::Credential { .. } | Self::NoCredential { .. } => ErrorClass::ProviderCredential,
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

    /// The status: the service's own where it said an error that is withheld.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Withheld(Withheld {
                status: Some(status),
                ..
            }) => *status,
            _ => self.class().status(),
        }
    }

    /// What the operator reads of a failed attempt.
    pub(super) fn cause(&self) -> Option<String> {
        match self {
            Self::Method { .. }
            | Self::Path
            | Self::Disguised
            | Self::Handshake(_)
            | Self::Unread { .. }
            | Self::Withheld(_) => None,
            Self::Send { source, .. } => Some(causes(source)),
            Self::NoCredential { source, .. } => Some(format!("{self}: {source}")),
            Self::TimedOut { .. } | Self::Stalled | Self::Credential { .. } => {
                Some(self.to_string())
            }
        }
    }
}

/// Why nobody finds the texts of a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    /// The route does not say where they are.
    #[error("the route names no texts in it")]
    Unnamed,
    /// It is compressed.
    #[error("it is compressed (`content-encoding`)")]
    Encoded,
    /// It is something else than JSON.
    #[error("its `content-type` is not JSON")]
    Type,
    /// It is a WebSocket.
    #[error("the messages of WebSockets are not read")]
    Socket,
    /// It is no JSON, or can be read in two ways.
    #[error("it is not JSON that can be read in one way only: {0}")]
    Json(DecodeError),
    /// A stream goes on behind its end mark.
    #[error("it goes on behind its end mark")]
    Ended,
}

/// An answer that the caller does not get.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", withheld(.blocked, .why.as_ref()))]
pub(crate) struct Withheld {
    /// By whom.
    pub(crate) blocked: Blocked,
    /// Why it could not be read, if that is the reason.
    pub(crate) why: Option<Unread>,
    /// The status, where the service said an error: that much is known.
    pub(crate) status: Option<u16>,
}

fn withheld(blocked: &Blocked, why: Option<&Unread>) -> String {
    let Blocked { policy, entity, .. } = blocked;
    match (why, &blocked.message) {
        (Some(why), _) => {
            format!("policy `{policy}` withholds the answer, which it cannot read: {why}")
        }
        (None, Some(message)) => message.as_ref().to_owned(),
        (None, None) => format!("policy `{policy}` withholds the answer: it contains {entity}"),
    }
}
