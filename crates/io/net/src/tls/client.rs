//! TLS towards providers: whom to trust, and the handshake.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{ALPN, TlsError, provider};
use crate::endpoint::{Endpoint, EndpointOptions, Http2Use, Scheme};

/// TLS to one endpoint. The configuration is made at the first connection, because reading
/// the system's certificates takes milliseconds that a start should not pay.
#[derive(Debug)]
pub(crate) struct ClientTls {
    name: ServerName<'static>,
    extra: Vec<CertificateDer<'static>>,
    alpn: Vec<Vec<u8>>,
    config: OnceCell<Arc<ClientConfig>>,
    /// The same for HTTP/1.1 alone.
    http1: OnceCell<Arc<ClientConfig>>,
}

impl ClientTls {
    /// `None` for an endpoint without TLS.
    pub(crate) fn new(
        endpoint: &Endpoint,
        options: &EndpointOptions,
    ) -> Result<Option<Self>, TlsError> {
        if endpoint.scheme() == Scheme::Http {
            return Ok(None);
        }
        let host = endpoint.host().to_owned();
        let name =
            ServerName::try_from(host.clone()).map_err(|_invalid| TlsError::ServerName { host })?;
        let extra = CertificateDer::pem_slice_iter(&options.extra_roots_pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_invalid| TlsError::ExtraRoots)?;
        if extra.is_empty() && !options.extra_roots_pem.is_empty() {
            return Err(TlsError::ExtraRoots);
        }
        let offered = match options.http2 {
            Http2Use::Auto => &ALPN[..],
            Http2Use::Never => &ALPN[1..],
            Http2Use::PriorKnowledge => &ALPN[..1],
        };
        let alpn = offered.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Some(Self {
            name,
            extra,
            alpn,
            config: OnceCell::new(),
            http1: OnceCell::new(),
        }))
    }

    pub(crate) async fn connect(&self, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = self.config.get_or_try_init(|| self.configure()).await?;
        TlsConnector::from(config.clone())
            .connect(self.name.clone(), tcp)
            .await
    }

    /// As [`Self::connect`], for a connection over which HTTP/1.1 is spoken.
    pub(crate) async fn connect_http1(&self, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = self.config.get_or_try_init(|| self.configure()).await?;
        let only_http1 = || async {
            let mut config = ClientConfig::clone(config);
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Arc::new(config)
        };
        let config = self.http1.get_or_init(only_http1).await;
        TlsConnector::from(config.clone())
            .connect(self.name.clone(), tcp)
            .await
    }

    async fn configure(&self) -> io::Result<Arc<ClientConfig>> {
        // Reads files, so not on a worker of the runtime.
        let mut roots = tokio::task::spawn_blocking(native_roots)
            .await?
            .as_ref()
            .clone();
        for certificate in &self.extra {
            roots.add(certificate.clone()).map_err(io::Error::other)?;
        }
        if roots.is_empty() {
            return Err(io::Error::other(
                "no trusted certificates: install ca-certificates, or name extra ones",
            ));
        }
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols.clone_from(&self.alpn);
        Ok(Arc::new(config))
    }
}

/// The certificates that the system trusts, read once for the process.
fn native_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    ROOTS
        .get_or_init(|| {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::warn!(%error, "some of the system's certificates cannot be read");
            }
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(found.certs);
            Arc::new(roots)
        })
        .clone()
}
