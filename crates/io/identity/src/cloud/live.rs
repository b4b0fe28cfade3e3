//! A credential that is renewed while it is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method, Uri};
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tollgate_net::TaskTracker;
use tollgate_types::Secret;

use super::aws::{self, AwsSettings};
use super::fetch::Client;
use super::lease::{Lease, backoff};
use super::surroundings::CloudEnvironment;
use super::{CloudSettings, CredentialError, Proof};

/// For one round through all places. Each question has a shorter limit of its own.
const ROUND_LIMIT: Duration = Duration::from_secs(20);
/// A credential that a provider refused is renewed at once, but not more often than this.
const REFUSED_PERIOD_S: u64 = 30;

/// A credential for a provider, shared by all who ask it. The task that renews it ends
/// when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct CloudCredential(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    _gone: DropGuard,
}

#[derive(Debug)]
struct Shared {
    settings: CloudSettings,
    env: CloudEnvironment,
    now: watch::Sender<Known>,
    refused: Notify,
    refused_at_unix_s: AtomicU64,
}

/// What is known of the credential.
#[derive(Clone, Debug, Default)]
struct Known {
    lease: Option<Arc<Lease>>,
    /// Why the last round brought none.
    failure: Option<Arc<str>>,
}

/// The parts of a request that a signature covers.
#[derive(Clone, Copy, Debug)]
pub struct ToSign<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its `host`, with the port where the address names one.
    pub host: &'a str,
    /// Its path and query as they are sent.
    pub uri: &'a Uri,
    /// Its body.
    pub body: &'a [Bytes],
}

/// A request cannot be authorized now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCredential {
    /// None was ever there.
    #[error("no credential: {reason}")]
    Missing {
        /// Why, without secrets.
        reason: Arc<str>,
    },
    /// The last one has ended, and the next has not come.
    #[error("the credential expired {expired_s} s ago and was not renewed: {reason}")]
    Expired {
        /// How long ago, in seconds.
        expired_s: u64,
        /// Why there is no other, without secrets.
        reason: Arc<str>,
    },
}

/// The state of a credential, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialState {
    /// Where it is from: `environment`, `instance` …; `None` while there is none.
    pub source: Option<&'static str>,
    /// Seconds since the epoch; `None` where it does not end.
    pub expires_unix_s: Option<u64>,
    /// Why it could not be renewed at last.
    pub failure: Option<Arc<str>>,
}

impl CloudCredential {
    /// Begins to fetch. Must be called inside a runtime; `tasks` tracks the task that
    /// renews.
    #[must_use]
    pub fn start(settings: CloudSettings, env: CloudEnvironment, tasks: &TaskTracker) -> Self {
        let shared = Arc::new(Shared {
            settings,
            env,
            now: watch::Sender::default(),
            refused: Notify::new(),
            refused_at_unix_s: AtomicU64::new(0),
        });
        let gone = CancellationToken::new();
        let renewing = renew(Arc::clone(&shared), Client::new(tasks.clone()));
        let ended = gone.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = ended.cancelled() => {}
                () = renewing => {}
            }
        });
        let handle = Handle {
            shared,
            _gone: gone.drop_guard(),
        };
        Self(Arc::new(handle))
    }

    /// Whether it is what such settings would start.
    #[must_use]
    pub fn is(&self, settings: &CloudSettings, env: &CloudEnvironment) -> bool {
        let shared = &self.0.shared;
        shared.settings == *settings && shared.env == *env
    }

    /// Waits until the first round is over, well or badly. Without limit of time: that is
    /// the caller's.
    pub async fn first(&self) {
        let mut now = self.0.shared.now.subscribe();
        let is_over = |known: &Known| known.lease.is_some() || known.failure.is_some();
        // The sender is ours, so it cannot be gone.
        let _ = now.wait_for(is_over).await;
    }

    /// Whether the first round goes on.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        let known = self.0.shared.now.borrow();
        known.lease.is_none() && known.failure.is_none()
    }

    /// Puts what authorizes a request into its headers.
    ///
    /// # Errors
    /// When there is no credential, or only one that has ended; then another is asked for.
    pub fn authorize(
        &self,
        request: &ToSign<'_>,
        now_unix_s: u64,
        headers: &mut HeaderMap,
    ) -> Result<(), NoCredential> {
        let shared = &self.0.shared;
        let Known { lease, failure } = shared.now.borrow().clone();
        let reason = || {
            failure
                .clone()
                .unwrap_or_else(|| Arc::from("not yet fetched"))
        };
        let Some(lease) = lease else {
            return Err(NoCredential::Missing { reason: reason() });
        };
        if !lease.is_good(now_unix_s) {
            // The machine slept, or its clock was set: whoever renews still waits by another.
            self.refused(now_unix_s);
            let end = lease.expires_unix_s().unwrap_or(now_unix_s);
            return Err(NoCredential::Expired {
                expired_s: now_unix_s.saturating_sub(end),
                reason: reason(),
            });
        }
        match (&lease.proof, &shared.settings) {
            (
                Proof::Aws(keys),
                CloudSettings::Aws(AwsSettings {
                    region, service, ..
                }),
            ) => {
                let scope = aws::Scope { region, service };
                aws::sign(request, keys, scope, now_unix_s, headers);
            }
            (Proof::Aws(_), _) => {}
            (Proof::Bearer(token), _) => {
                let value = Secret::new(["Bearer ", token.expose()].concat());
                // Where it was read it was made sure that a header can carry it.
                if let Ok(mut value) = HeaderValue::from_str(value.expose()) {
                    value.set_sensitive(true);
                    headers.insert(AUTHORIZATION, value);
                }
            }
        }
        Ok(())
    }

    /// The provider refused it, or it has ended unnoticed: another one is asked for now, but
    /// not more often than every 30 s.
    pub fn refused(&self, now_unix_s: u64) {
        let shared = &self.0.shared;
        let before = shared.refused_at_unix_s.load(Ordering::Relaxed);
        // A clock that was set back is no reason to wait for it.
        if now_unix_s.abs_diff(before) >= REFUSED_PERIOD_S {
            shared
                .refused_at_unix_s
                .store(now_unix_s, Ordering::Relaxed);
            shared.refused.notify_one();
        }
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> CredentialState {
        let Known { lease, failure } = self.0.shared.now.borrow().clone();
        CredentialState {
            source: lease.as_ref().map(|lease| lease.source),
            expires_unix_s: lease.and_then(|lease| lease.expires_unix_s()),
            failure,
        }
    }
}

/// Fetches, waits until a while before the end, fetches again; never ends.
async fn renew(shared: Arc<Shared>, client: Client) {
    let mut failures = 0_u32;
    loop {
        let round = shared.settings.fetch(&shared.env, &client);
        let round = tokio::time::timeout(ROUND_LIMIT, Box::pin(round)).await;
        let pause = match round.map(|fetched| fetched.and_then(sendable)) {
            Ok(Ok(lease)) => {
                if failures > 0 {
                    tracing::info!(
                        source = lease.source,
                        "the provider's credential is renewed"
                    );
                }
                failures = 0;
                let pause = lease.pause(now_unix_s(), jitter());
                shared.now.send_replace(Known {
                    lease: Some(Arc::new(lease)),
                    failure: None,
                });
                pause
            }
            Ok(Err(error)) => shared.failed(&with_cause(&error), &mut failures),
            Err(_elapsed) => shared.failed("no place answered in time", &mut failures),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.refused.notified() => {}
        }
    }
}

impl Shared {
    /// Notes a round that brought nothing; what was there stays. Gives the pause.
    fn failed(&self, reason: &str, failures: &mut u32) -> Duration {
        if *failures == 0 {
            tracing::warn!(
                reason,
                "a provider's credential could not be fetched; trying again"
            );
        }
        *failures = failures.saturating_add(1);
        self.now
            .send_modify(|known| known.failure = Some(Arc::from(reason)));
        backoff(*failures)
    }
}

/// A token that no header can carry is none.
fn sendable(lease: Lease) -> Result<Lease, CredentialError> {
    let is_sendable = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    let fits = match &lease.proof {
        Proof::Bearer(token) => is_sendable(token.expose()),
        Proof::Aws(keys) => {
            let token = keys.session_token.as_ref();
            is_sendable(&keys.id) && token.is_none_or(|token| is_sendable(token.expose()))
        }
    };
    if fits {
        return Ok(lease);
    }
    let source = lease.source;
    let reason = format!("the credential from `{source}` has characters that no header can carry");
    Err(CredentialError::Unusable(reason))
}

fn with_cause(error: &CredentialError) -> String {
    match error {
        CredentialError::File { source, .. } => format!("{error}: {source}"),
        other => other.to_string(),
    }
}

fn jitter() -> u8 {
    let mut byte = [0];
    // Without random bits all renew at the same time, and that is no harm.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

/// Seconds since the epoch; 0 for a clock before it.
pub(crate) fn now_unix_s() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}
