//! TLS on both sides: certificates that are read again when they change, and trust in
//! providers. rustls with aws-lc-rs; TLS 1.2 and 1.3.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;

mod client;
mod expiry;
mod reload;

pub(crate) use client::ClientTls;
pub use reload::{ServerTlsFiles, TlsReload, TlsStatus};

/// What this server and this client say they speak, best first (RFC 7301).
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Why TLS cannot be set up from what was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds something else, or nothing.
    #[error("{} holds no {expected} in PEM form", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        expected: &'static str,
    },
    /// The extra certificates of an endpoint cannot be read.
    #[error("the extra certificates to trust are not certificates in PEM form")]
    ExtraRoots,
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("certificate and key cannot be used")]
    Refused(#[source] rustls::Error),
    /// The name of an endpoint cannot be the name in a certificate.
    #[error("{host} is neither a host name nor an address")]
    ServerName {
        /// The name.
        host: String,
    },
    /// The certificates of allowed callers cannot be used.
    #[error("the certificates of allowed callers cannot be used")]
    ClientRoots(#[source] rustls::server::VerifierBuilderError),
}

/// Makes aws-lc-rs the process's crypto provider, for other users of rustls; harmless when
/// one is installed already. This crate does not depend on it.
pub fn install_crypto_provider() {
    // An error means that somebody was first, which is as good.
    drop(CryptoProvider::install_default(provider().as_ref().clone()));
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .clone()
}
