//! Accepting connections and serving HTTP/1.1 and HTTP/2 on them, on one port.
//!
//! Over TLS the protocol is agreed by ALPN; over plain TCP HTTP/2 is recognised by its
//! preface (prior knowledge, RFC 9113, 3.3). Every wait for a caller has a limit. A caller
//! that hangs up drops the service's future or the answer's body at once. Limits of bodies
//! and deadlines of requests belong to the service.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use rustls::pki_types::CertificateDer;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::drain::Drain;
use crate::tls::TlsReload;

mod accept;
mod connection;
mod listener;
mod preface;
mod stream;
mod watch;

pub use listener::{BindError, Listener};
pub(crate) use watch::Watch;

use connection::Connections;

/// How often the certificate files are looked at.
const TLS_WATCH_PERIOD: Duration = Duration::from_secs(5);

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The limits of a listener. Those that a configuration sets have no default here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// Bytes of a request's head; more is answered with 431.
    pub header_bytes_max: usize,
    /// Headers of a request; more is answered with 431. Any value but 100 costs an
    /// allocation for each HTTP/1.1 request.
    pub headers_max: usize,
    /// From the first byte of a request, or from the connection's begin, to the end of the
    /// request's head; the TLS handshake has as long.
    pub header_timeout: Duration,
    /// How long a connection may be without a request.
    pub idle_timeout: Duration,
    /// Connections open at once; above it nothing is accepted.
    pub connections_max: usize,
    /// What no configuration sets.
    pub fixed: FixedLimits,
}

/// The limits of a listener that no configuration sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedLimits {
    /// How long a caller may take nothing of its answer: no byte of a connection, no frame
    /// of at most 16 KiB of an HTTP/2 stream. Default 120 s.
    pub send_timeout: Duration,
    /// HTTP/2 requests at once on one connection. Default 256.
    pub http2_streams_max: u32,
    /// HTTP/2 streams that a caller may have reset before they were served; more ends the
    /// connection (CVE-2023-44487). Default 64.
    pub http2_resets_max: usize,
    /// After this long without a sign of life an HTTP/2 caller is asked for one. Default 30 s.
    pub http2_ping_after: Duration,
    /// How long that sign may take. Default 15 s.
    pub http2_ping_timeout: Duration,
}

impl Default for FixedLimits {
    fn default() -> Self {
        Self {
            send_timeout: Duration::from_secs(120),
            http2_streams_max: 256,
            http2_resets_max: 64,
            http2_ping_after: Duration::from_secs(30),
            http2_ping_timeout: Duration::from_secs(15),
        }
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// What the TLS handshake told; `None` over plain TCP.
    pub tls: Option<PeerTls>,
}

/// What the TLS handshake told of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerTls {
    /// The name it asked for.
    pub server_name: Option<String>,
    /// Its own certificate, verified against the roots of allowed callers; `None` when it
    /// was not asked for one.
    pub certificate: Option<CertificateDer<'static>>,
}

/// Serves `service` on every listener until `drain` has begun and the last connection is
/// done (see [`Drain::finish`] for the limit on that). With `tls`, only TLS is spoken.
///
/// The service's future is dropped when its caller hangs up. Tasks live in `serve`'s own
/// tracker and end before it returns; dropping the returned future leaves the connections
/// to `drain`.
pub async fn serve<S, F, B>(
    listeners: Vec<Listener>,
    tls: Option<TlsReload>,
    options: ServerOptions,
    service: S,
    drain: Drain,
) where
    S: Fn(Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let tasks = TaskTracker::new();
    let room = Arc::new(Semaphore::new(
        options.connections_max.min(Semaphore::MAX_PERMITS),
    ));
    let connections = Arc::new(Connections::new(
        options,
        service,
        tls.clone(),
        drain.clone(),
        tasks.clone(),
    ));
    for listener in listeners {
        tasks.spawn(accept::run(listener, connections.clone(), room.clone()));
    }
    drop(connections);
    tasks.close();
    match tls {
        Some(tls) => tokio::select! {
            () = tls.watch(TLS_WATCH_PERIOD) => {}
            () = tasks.wait() => {}
        },
        None => tasks.wait().await,
    }
}

/// Lets hyper start tasks that are waited for.
#[derive(Clone, Debug)]
pub(crate) struct Tracked(pub(crate) TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}
