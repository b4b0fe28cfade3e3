//! The way to one provider: its pool of connections, and sending a request over it.
//!
//! [`Upstream::send`] takes the connection used last (HTTP/1.1) or the one with the fewest
//! requests on it (HTTP/2), or opens another. A kept connection that turns out closed
//! before a byte of the request was written is replaced in silence; nothing else is tried
//! twice, because only the caller of this crate knows what may be.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::header::HOST;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::body::{Answer, Outgoing};
use crate::endpoint::{Endpoint, EndpointOptions};
use crate::server::BoxError;
use crate::tls::{ClientTls, TlsError};
use crate::upload::Bond;

mod connect;
mod http1;
mod http2;
mod pool;
mod race;
mod relay;
mod switch;

pub(crate) use http1::Http1Answer;
pub(crate) use http2::Http2Answer;
pub(crate) use pool::Slot;
pub use switch::Switched;

use connect::Opened;
use http1::Http1;
use pool::Pool;

/// The connections to one endpoint. Clones share them; no lock is shared with other endpoints.
#[derive(Clone, Debug)]
pub struct Upstream(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    endpoint: Endpoint,
    options: EndpointOptions,
    tls: Option<ClientTls>,
    pool: Arc<Pool>,
    tasks: TaskTracker,
    _sweeper: DropGuard,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The name has no address, or could not be looked up.
    #[error("{host} cannot be resolved")]
    Resolve {
        /// The name.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Every address refused, or could not be reached.
    #[error("no connection to {host}:{port}")]
    Connect {
        /// The name.
        host: String,
        /// The port.
        port: u16,
        /// What the last address said.
        source: io::Error,
    },
    /// Resolving, connecting and the TLS handshake took longer than allowed.
    #[error("no connection to {host}:{port} within {} ms", limit.as_millis())]
    ConnectTimeout {
        /// The name.
        host: String,
        /// The port.
        port: u16,
        /// How long was allowed.
        limit: Duration,
    },
    /// The certificate is not trusted, or no protocol is shared.
    #[error("no TLS session with {host}")]
    Tls {
        /// The name.
        host: String,
        /// What was wrong.
        source: io::Error,
    },
    /// As many connections as allowed are open and in use.
    #[error("all {connections_max} connections are in use")]
    PoolFull {
        /// The limit that was reached.
        connections_max: usize,
    },
    /// This process, or this machine, has no socket left for a connection.
    #[error("no socket is left for a connection")]
    OutOfSockets(#[source] io::Error),
    /// The connection ended before an answer began.
    #[error("the connection closed before an answer")]
    Closed {
        /// Whether a byte of the request may have reached the provider.
        written: bool,
        /// What hyper saw.
        source: hyper::Error,
    },
    /// What came back is not HTTP.
    #[error("the answer is not valid HTTP")]
    Protocol {
        /// Whether a byte of the request may have reached the provider.
        written: bool,
        /// What hyper saw.
        source: hyper::Error,
    },
    /// The answer's head, with the informational answers before it, is over its limit.
    #[error("the answer's head is over {bytes_max} bytes")]
    HeadTooLarge {
        /// The limit that was reached.
        bytes_max: usize,
    },
    /// The caller's body broke off, so the request could not be completed.
    #[error("the caller's body broke off")]
    Body(#[source] BoxError),
    /// The request cannot be written: its path or a header is not valid here.
    #[error("the request cannot be written")]
    Request(#[source] http::Error),
}

impl SendError {
    /// Whether any byte of the request may have reached the provider; when false, sending
    /// it again cannot make it happen twice.
    #[must_use]
    pub const fn sent(&self) -> bool {
        match self {
            Self::Resolve { .. }
            | Self::Connect { .. }
            | Self::ConnectTimeout { .. }
            | Self::Tls { .. }
            | Self::PoolFull { .. }
            | Self::OutOfSockets(_)
            | Self::Request(_) => false,
            Self::Closed { written, .. } | Self::Protocol { written, .. } => *written,
            Self::HeadTooLarge { .. } | Self::Body(_) => true,
        }
    }

    /// `bond` leads to the caller's body, where the request has one.
    fn from_hyper(source: hyper::Error, written: bool, bond: Option<&mut Bond>) -> Self {
        if let Some(broken) = bond.and_then(Bond::broken) {
            Self::Body(broken)
        } else if source.is_parse() {
            Self::Protocol { written, source }
        } else {
            Self::Closed { written, source }
        }
    }
}

/// A request that came to nothing. Boxed: every answer is moved in a result of its size.
#[derive(Debug)]
struct Refused {
    error: SendError,
    /// The request itself, when none of it was written.
    unsent: Option<Request<Outgoing>>,
}

impl Refused {
    fn new(error: SendError, unsent: Option<Request<Outgoing>>) -> Box<Self> {
        Box::new(Self { error, unsent })
    }
}

impl Upstream {
    /// A pool without a connection; the first request opens one.
    ///
    /// `tasks` tracks what the pool starts: one task that closes unused connections, and
    /// one for each HTTP/2 connection. They end when the last clone is dropped.
    ///
    /// Fails when the extra certificates cannot be read. Must be called inside a runtime.
    pub fn new(
        endpoint: Endpoint,
        options: EndpointOptions,
        tasks: &TaskTracker,
    ) -> Result<Self, TlsError> {
        let tls = ClientTls::new(&endpoint, &options)?;
        let pool = Arc::new(Pool::new(&options));
        let gone = CancellationToken::new();
        tasks.spawn(pool::sweep(pool.clone(), gone.clone()));
        Ok(Self(Arc::new(Shared {
            endpoint,
            options,
            tls,
            pool,
            tasks: tasks.clone(),
            _sweeper: gone.drop_guard(),
        })))
    }

    /// Where it leads.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Connections open now, used or not.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.0.pool.open_connections()
    }

    /// Sends a request and gives the answer once its head is there.
    ///
    /// The URI is a path and query; `host` is set here when missing, and the length of the
    /// body by its kind. Hop-by-hop headers must have been removed. Dropping the future
    /// cancels the call. Without limit of time but for connecting: a deadline is the
    /// caller's.
    pub async fn send(&self, mut request: Request<Outgoing>) -> Result<Answer, SendError> {
        let last = loop {
            let sent = if let Some(lease) = self.0.pool.lease() {
                Box::pin(http2::send(lease, request, &self.0.endpoint)).await
            } else if let Some(connection) = self.0.pool.take() {
                self.over_http1(connection, request).await
            } else {
                break Box::pin(self.over_new_connection(request)).await;
            };
            match sent {
                Ok(answer) => return Ok(answer),
                Err(refused) => match *refused {
                    Refused {
                        unsent: Some(unsent),
                        ..
                    } => request = unsent,
                    Refused { error, .. } => return Err(error),
                },
            }
        };
        last.map_err(|refused| refused.error)
    }

    async fn over_new_connection(
        &self,
        request: Request<Outgoing>,
    ) -> Result<Answer, Box<Refused>> {
        match self.0.open().await {
            Ok(Opened::Http1(connection)) => self.over_http1(connection, request).await,
            Ok(Opened::Http2(lease)) => http2::send(lease, request, &self.0.endpoint).await,
            Err(error) => Err(Refused::new(error, None)),
        }
    }

    /// Not `async`, as [`http1::send`]: each such function moves the request twice.
    fn over_http1(
        &self,
        connection: Box<Http1>,
        mut request: Request<Outgoing>,
    ) -> impl Future<Output = Result<Answer, Box<Refused>>> {
        if !request.headers().contains_key(HOST) {
            request
                .headers_mut()
                .insert(HOST, self.0.endpoint.host_header().clone());
        }
        *request.version_mut() = http::Version::HTTP_11;
        http1::send(connection, request, &self.0.pool)
    }
}
