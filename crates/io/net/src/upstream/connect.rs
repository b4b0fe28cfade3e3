//! Opening a connection: name, address, TLS, protocol, all within the connect timeout.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::http1::Http1;
use super::http2::{Http2, Lease};
use super::pool::Slot;
use super::{SendError, Shared, race};
use crate::endpoint::Http2Use;
use crate::socket::Transport;

/// The system's numbers for "too many open files", of the machine and of the process.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

/// A connection with room for one request.
pub(crate) enum Opened {
    Http1(Box<Http1>),
    Http2(Lease),
}

enum Spoken {
    Http1(Box<Http1>),
    Http2(Arc<Http2>),
}

impl Shared {
    /// Opens a connection.
    ///
    /// Where HTTP/2 is spoken, or nobody knows yet, openers go one at a time and look
    /// again first: a burst of requests then shares one connection instead of opening
    /// one for each.
    pub(crate) async fn open(&self) -> Result<Opened, SendError> {
        let timeout = self.options.connect_timeout;
        tokio::time::timeout(timeout, self.open_without_limit())
            .await
            .unwrap_or_else(|_elapsed| {
                Err(SendError::ConnectTimeout {
                    host: self.endpoint.host().to_owned(),
                    port: self.endpoint.port(),
                    limit: timeout,
                })
            })
    }

    async fn open_without_limit(&self) -> Result<Opened, SendError> {
        let _alone = if self.may_share() {
            let alone = self.pool.opener().await;
            if let Some(lease) = self.pool.lease() {
                return Ok(Opened::Http2(lease));
            }
            // Whoever was first may have found that it cannot be shared.
            self.may_share().then_some(alone)
        } else {
            None
        };
        let slot = self.pool.reserve().ok_or(SendError::PoolFull {
            connections_max: self.options.connections_max,
        })?;
        let spoken = Box::pin(self.connect(slot)).await?;
        Ok(match spoken {
            Spoken::Http1(connection) => {
                self.pool.learn(false);
                Opened::Http1(connection)
            }
            Spoken::Http2(connection) => {
                self.pool.learn(true);
                Opened::Http2(self.pool.share(connection))
            }
        })
    }

    /// Whether the next connection may turn out to be HTTP/2.
    fn may_share(&self) -> bool {
        match self.options.http2 {
            Http2Use::Never => false,
            Http2Use::PriorKnowledge => true,
            Http2Use::Auto => self.tls.is_some() && self.pool.shares() != Some(false),
        }
    }

    /// Opens a connection that nobody shares and HTTP/1.1 is spoken over.
    pub(crate) async fn open_alone(
        &self,
    ) -> Result<(Transport<TlsStream<TcpStream>>, Slot), SendError> {
        let slot = self.pool.reserve().ok_or(SendError::PoolFull {
            connections_max: self.options.connections_max,
        })?;
        let limit = self.options.connect_timeout;
        let opened = async {
            let tcp = self.dial().await?;
            let Some(tls) = &self.tls else {
                return Ok(Transport::Plain(tcp));
            };
            let stream = tls
                .connect_http1(tcp)
                .await
                .map_err(|source| self.no_tls(source))?;
            Ok(Transport::Tls(Box::new(stream)))
        };
        let opened = tokio::time::timeout(limit, opened).await;
        let transport = opened.map_err(|_elapsed| SendError::ConnectTimeout {
            host: self.endpoint.host().to_owned(),
            port: self.endpoint.port(),
            limit,
        })??;
        Ok((transport, slot))
    }

    fn no_tls(&self, source: std::io::Error) -> SendError {
        SendError::Tls {
            host: self.endpoint.host().to_owned(),
            source,
        }
    }

    async fn dial(&self) -> Result<TcpStream, SendError> {
        let (host, port) = (self.endpoint.host(), self.endpoint.port());
        let addresses = race::resolve(host, port)
            .await
            .map_err(|source| SendError::Resolve {
                host: host.to_owned(),
                source,
            })?;
        race::connect(addresses)
            .await
            .map_err(|source| match source.raw_os_error() {
                Some(EMFILE | ENFILE) => SendError::OutOfSockets(source),
                _ => SendError::Connect {
                    host: host.to_owned(),
                    port,
                    source,
                },
            })
    }

    async fn connect(&self, slot: Slot) -> Result<Spoken, SendError> {
        let tcp = self.dial().await?;
        let (transport, http2) = self.secure(tcp).await?;
        let handshake = |source| SendError::Closed {
            written: false,
            source,
        };
        if http2 {
            let connection = Http2::new(transport, slot, &self.tasks)
                .await
                .map_err(handshake)?;
            Ok(Spoken::Http2(connection))
        } else {
            Ok(Spoken::Http1(
                Http1::new(transport, slot).await.map_err(handshake)?,
            ))
        }
    }

    /// The transport, and whether HTTP/2 is spoken over it.
    async fn secure(
        &self,
        tcp: TcpStream,
    ) -> Result<(Transport<TlsStream<TcpStream>>, bool), SendError> {
        let Some(tls) = &self.tls else {
            let http2 = self.options.http2 == Http2Use::PriorKnowledge;
            return Ok((Transport::Plain(tcp), http2));
        };
        let stream = tls
            .connect(tcp)
            .await
            .map_err(|source| self.no_tls(source))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Transport::Tls(Box::new(stream)), http2))
    }
}
