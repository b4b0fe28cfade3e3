//! Who calls.

use std::sync::Arc;

use http::header::{AUTHORIZATION, UPGRADE};
use http::request::Parts;
use tollgate_identity::{AuthError, CredentialError, KeyEntry, KeyError};
use tollgate_plan::ServicePlan;

use crate::headers::own;
use crate::snapshot::Snapshot;

/// A caller whose identity is established; the proof that the later steps ask for.
#[derive(Debug)]
pub(crate) struct Authenticated<'s> {
    service: Arc<str>,
    key: Option<&'s KeyEntry>,
    plan: &'s ServicePlan,
}

impl<'s> Authenticated<'s> {
    /// The service.
    pub(crate) const fn service(&self) -> &Arc<str> {
        &self.service
    }

    /// The service's team; empty when it has none.
    pub(crate) fn team(&self) -> &str {
        let team = self.key.and_then(|key| key.team.as_deref());
        team.unwrap_or_default()
    }

    /// The key it used; `None` for anonymous callers.
    pub(crate) const fn key(&self) -> Option<&'s KeyEntry> {
        self.key
    }

    /// What holds for the service.
    pub(crate) const fn plan(&self) -> &'s ServicePlan {
        self.plan
    }
}

/// Why a caller was turned away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallerError {
    /// No credential at all.
    #[error(
        "no gateway key was sent: put it into `Authorization: Bearer`, `x-api-key`, `api-key` or `x-goog-api-key`, or give it to an AWS SDK as its access key id{}{}",
        if *.no_bearer { "; `Authorization` came without `Bearer` before it" } else { "" },
        if *.no_keys { "; this gateway has no keys yet, `tollgate keys new` makes one" } else { "" }
    )]
    Missing {
        /// No key is configured at all.
        no_keys: bool,
        /// `Authorization` is there, with another scheme or none.
        no_bearer: bool,
    },
    /// Two headers with different credentials.
    #[error("two different credentials were sent; send one, or the gateway's in `x-tollgate-key`")]
    Ambiguous,
    /// A credential with characters that no key has.
    #[error(
        "the credential has characters that no key has: `x-api-key` and its like hold nothing but the key"
    )]
    Unreadable,
    /// A credential that is not a gateway key, for example a provider's own.
    #[error("the credential is not a gateway key (they begin with `tg_`); providers' keys stay with the gateway{}",
        if *.no_keys { ", which has no keys of its own yet: `tollgate keys new` makes one" } else { "" }
    )]
    NotAKey {
        /// No key is configured at all.
        no_keys: bool,
    },
    /// Mistyped or cut off.
    #[error("the gateway key is mistyped or cut off: its checksum does not fit")]
    Mistyped,
    /// Well-formed and not known here.
    #[error("the gateway key is not known here")]
    Unknown,
    /// Past its date.
    #[error("the gateway key has expired")]
    Expired,
}

/// Establishes who calls. `now_unix_s` is compared with the keys' dates.
pub(crate) fn authenticate<'s>(
    head: &Parts,
    snapshot: &'s Snapshot,
    now_unix_s: u64,
) -> Result<Authenticated<'s>, CallerError> {
    let presented = presented(head)?;
    let no_keys = snapshot.keyring.is_empty();
    let Some(presented) = presented else {
        return if snapshot.anonymous {
            Ok(anonymous(snapshot))
        } else {
            Err(CallerError::Missing {
                no_keys,
                no_bearer: head.headers.contains_key(AUTHORIZATION),
            })
        };
    };
    match snapshot.keyring.authenticate(presented, now_unix_s) {
        Ok(entry) => Ok(Authenticated {
            service: Arc::clone(&entry.service),
            key: Some(entry),
            plan: snapshot.plan.for_service(&entry.service),
        }),
        // SDKs insist on sending some key; where none is needed, any will do.
        Err(AuthError::Form(KeyError::NotAKey)) if snapshot.anonymous => Ok(anonymous(snapshot)),
        Err(AuthError::Form(KeyError::NotAKey)) => Err(CallerError::NotAKey { no_keys }),
        Err(AuthError::Form(_)) => Err(CallerError::Mistyped),
        Err(AuthError::Unknown) => Err(CallerError::Unknown),
        Err(AuthError::Expired) => Err(CallerError::Expired),
    }
}

/// The gateway's own header first; where it is used, the other headers are the provider's.
fn presented(head: &Parts) -> Result<Option<&str>, CallerError> {
    let mut own = head.headers.get_all(own::KEY).iter();
    if let Some(key) = own.next() {
        if own.any(|other| other != key) {
            return Err(CallerError::Ambiguous);
        }
        return key.to_str().map(Some).or(Err(CallerError::Mistyped));
    }
    let of_socket = if head.headers.contains_key(UPGRADE) {
        tollgate_identity::socket_credential(&head.headers)
    } else {
        None
    };
    match tollgate_identity::credential_of(&head.headers, head.uri.query()) {
        Ok(Some(found)) if of_socket.is_some_and(|other| other != found) => {
            Err(CallerError::Ambiguous)
        }
        Ok(found) => Ok(found.or(of_socket)),
        Err(CredentialError::Ambiguous) => Err(CallerError::Ambiguous),
        Err(CredentialError::Unreadable) => Err(CallerError::Unreadable),
    }
}

fn anonymous(snapshot: &Snapshot) -> Authenticated<'_> {
    let service = &snapshot.anonymous_service;
    Authenticated {
        service: Arc::clone(service),
        key: None,
        plan: snapshot.plan.for_service(service),
    }
}
