//! The server's certificate, read again when its files change.
//!
//! The files are read every few seconds and compared with what was read last: contents,
//! not times, so that an edit, a rename and the swap of a symlink above the file (how
//! Kubernetes updates a mounted secret) are all seen. A new pair is checked completely
//! before it replaces the old; a broken one is reported once and the old one stays.
//! Expiry is told and not judged here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::{ALPN, TlsError, expiry, provider};

/// Where the server's certificate lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTlsFiles {
    /// The certificate and what leads to its root, in PEM, its own first.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
    /// Certificates, in PEM, one of which must have signed a caller's; `None` asks callers
    /// for none.
    pub client_roots: Option<PathBuf>,
}

/// A certificate that can change while connections are open; clones share it.
#[derive(Clone, Debug)]
pub struct TlsReload(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    files: ServerTlsFiles,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    config: Arc<ServerConfig>,
    /// What was read last, used or refused.
    seen: Contents,
    status: TlsStatus,
}

/// What became of the certificate files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsStatus {
    /// Times a new certificate replaced an old one.
    pub reloads: u64,
    /// Since when the certificate is in use, in seconds since the epoch.
    pub since_unix_s: u64,
    /// When it ends, in seconds since the epoch; `None` when that cannot be read.
    pub expires_unix_s: Option<u64>,
    /// Why the files as they are now are not in use; `None` when they are.
    pub rejected: Option<String>,
}

#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: zeroize::Zeroizing<Vec<u8>>,
    client_roots: Option<Vec<u8>>,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contents")
    }
}

impl TlsReload {
    /// Reads the files for the first time; here a broken pair is an error.
    pub fn load(files: ServerTlsFiles) -> Result<Self, TlsError> {
        let seen = Contents::read(&files)?;
        let config = seen.parse(&files)?;
        let status = TlsStatus {
            since_unix_s: now_unix_s(),
            expires_unix_s: seen.expires_unix_s(),
            ..TlsStatus::default()
        };
        let state = Mutex::new(State {
            config,
            seen,
            status,
        });
        Ok(Self(Arc::new(Shared { files, state })))
    }

    /// Reads the files again. True when a new certificate is in use now, false when the
    /// files are as before; an error leaves the old certificate in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let read = Contents::read(&self.0.files);
        let mut state = self.state();
        let parsed = match read {
            Ok(contents) if contents == state.seen && state.status.rejected.is_none() => {
                return Ok(false);
            }
            Ok(contents) => {
                let parsed = contents.parse(&self.0.files);
                state.seen = contents;
                parsed
            }
            Err(error) => Err(error),
        };
        match parsed {
            Ok(config) => {
                state.config = config;
                state.status = TlsStatus {
                    reloads: state.status.reloads + 1,
                    since_unix_s: now_unix_s(),
                    expires_unix_s: state.seen.expires_unix_s(),
                    rejected: None,
                };
                Ok(true)
            }
            Err(error) => {
                state.status.rejected = Some(describe(&error));
                Err(error)
            }
        }
    }

    /// How the last reading ended.
    #[must_use]
    pub fn status(&self) -> TlsStatus {
        self.state().status.clone()
    }

    /// Reads the files again and logs what changed; the outcome is in [`Self::status`].
    pub fn refresh(&self) {
        let before = self.status().rejected;
        let outcome = self.reload();
        let TlsStatus {
            rejected,
            expires_unix_s,
            ..
        } = self.status();
        match outcome {
            Ok(true) => tracing::info!(expires_unix_s, "a new TLS certificate is in use"),
            Ok(false) => {}
            Err(_) if rejected == before => {}
            Err(_) => {
                let reason = rejected.unwrap_or_default();
                tracing::error!(
                    reason,
                    "the new TLS certificate is refused, the old one stays"
                );
            }
        }
    }

    /// Reads the files every `period`, for as long as it is polled; logs what changes.
    pub async fn watch(&self, period: Duration) {
        loop {
            tokio::time::sleep(period).await;
            let this = self.clone();
            // A panic in there leaves the certificate as it was; the next look is due anyway.
            drop(tokio::task::spawn_blocking(move || this.refresh()).await);
        }
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.state().config.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now_unix_s() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

/// The error and what caused it, in one line.
fn describe(error: &TlsError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl Contents {
    fn read(files: &ServerTlsFiles) -> Result<Self, TlsError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| TlsError::Read {
                path: path.to_owned(),
                source,
            })
        };
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: zeroize::Zeroizing::new(read(&files.key)?),
            client_roots: files.client_roots.as_deref().map(read).transpose()?,
        })
    }

    /// When the server's own certificate ends.
    fn expires_unix_s(&self) -> Option<u64> {
        let own = CertificateDer::pem_slice_iter(&self.certificate).next()?;
        expiry::not_after(&own.ok()?)
    }

    fn parse(&self, files: &ServerTlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
        let chain = certificates(&self.certificate, &files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_invalid| TlsError::Pem {
            path: files.key.clone(),
            expected: "private key",
        })?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Refused)?;
        let builder = match (&self.client_roots, &files.client_roots) {
            (Some(pem), Some(path)) => {
                let mut roots = RootCertStore::empty();
                for root in certificates(pem, path)? {
                    roots.add(root).map_err(TlsError::Refused)?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
                        .build()
                        .map_err(TlsError::ClientRoots)?;
                builder.with_client_cert_verifier(verifier)
            }
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(TlsError::Refused)?;
        config.alpn_protocols = ALPN.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Arc::new(config))
    }
}

fn certificates(pem: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let none = || TlsError::Pem {
        path: path.to_owned(),
        expected: "certificate",
    };
    let found = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_invalid| none())?;
    if found.is_empty() {
        Err(none())
    } else {
        Ok(found)
    }
}
