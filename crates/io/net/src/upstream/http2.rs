//! HTTP/2 connections to a provider: each driven by a task of its own, each shared by
//! the requests that hold a [`Lease`] on it.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::{self, PathAndQuery, Uri};
use http::{HeaderValue, Request};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;
use tokio_util::task::TaskTracker;

use super::pool::Slot;
use super::{Refused, SendError};
use crate::body::{Answer, AnswerBody, Outgoing};
use crate::endpoint::{Endpoint, Scheme};
use crate::server::Tracked;
use crate::socket::{Observer, Socket, Transport};

/// A connection that is silent for this long while requests wait is asked for a sign of life.
const PING_AFTER: Duration = Duration::from_secs(20);
/// How long the sign of life may take before the connection counts as dead.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that may be in flight to us on one stream, and on the connection as a whole.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;

type Io = TokioIo<Socket<TlsStream<TcpStream>, Nobody>>;

/// A connection that a task drives and others may ask; `None` once it ended.
type Driven = Arc<Mutex<Option<Pin<Box<Connection<Io, Outgoing, Tracked>>>>>>;

/// Nothing needs to be known about the socket of an HTTP/2 connection.
struct Nobody;

impl Observer for Nobody {}

/// One open connection.
pub(crate) struct Http2 {
    sender: SendRequest<Outgoing>,
    /// Driven by a task; kept here only to ask it what the provider allows.
    connection: Driven,
    in_flight: AtomicUsize,
    idle_since: Mutex<Instant>,
    _slot: Slot,
}

impl fmt::Debug for Http2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http2")
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}

impl Http2 {
    /// Speaks HTTP/2 over a connected transport; the connection's task is tracked by `tasks`.
    pub(crate) async fn new(
        transport: Transport<TlsStream<TcpStream>>,
        slot: Slot,
        tasks: &TaskTracker,
    ) -> Result<Arc<Self>, hyper::Error> {
        let io = TokioIo::new(Socket::new(transport, Nobody));
        let (sender, connection) = Builder::new(Tracked(tasks.clone()))
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_AFTER)
            .keep_alive_timeout(PING_TIMEOUT)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .handshake(io)
            .await?;
        let connection: Driven = Arc::new(Mutex::new(Some(Box::pin(connection))));
        let driver = connection.clone();
        let driven = poll_fn(move |cx| {
            let mut place = driver.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(connection) = place.as_mut() else {
                return Poll::Ready(Ok(()));
            };
            let ended = ready!(connection.as_mut().poll(cx));
            // The socket closes only when this is gone too.
            *place = None;
            Poll::Ready(ended)
        });
        tasks.spawn(async move {
            if let Err(error) = driven.await {
                tracing::debug!(%error, "HTTP/2 connection to a provider ended");
            }
        });
        Ok(Arc::new(Self {
            sender,
            connection,
            in_flight: AtomicUsize::new(0),
            idle_since: Mutex::new(Instant::now()),
            _slot: slot,
        }))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Requests on it now.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Requests it may carry at once: our limit or the provider's.
    pub(crate) fn streams_max(&self, ours: usize) -> usize {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connection.as_ref().map_or(0, |connection| {
            connection.current_max_send_streams().min(ours)
        })
    }

    /// Since when nothing is on it; `None` while something is.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let since = *self
            .idle_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (self.in_flight() == 0).then_some(since)
    }
}

/// The right to one stream of a connection; counted for as long as it is held.
#[derive(Debug)]
pub(crate) struct Lease(Arc<Http2>);

impl Lease {
    pub(crate) fn new(connection: &Arc<Http2>) -> Self {
        connection.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(connection.clone())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        *self
            .0
            .idle_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Sends one request as a stream of one connection.
pub(super) async fn send(
    lease: Lease,
    mut request: Request<Outgoing>,
    endpoint: &Endpoint,
) -> Result<Answer, Box<Refused>> {
    if let Err(error) = address(&mut request, endpoint) {
        return Err(Refused::new(SendError::Request(error), None));
    }
    let mut bond = request.body_mut().bond();
    let mut sender = lease.0.sender.clone();
    match sender.try_send_request(request).await {
        Ok(answer) => Ok(answer.map(|body| {
            let lease = Some(lease);
            AnswerBody::http2(Http2Answer { body, lease }, bond)
        })),
        Err(mut failed) => {
            let unsent = failed.take_message();
            let error = failed.into_error();
            let written = unsent.is_none() && !was_refused(&error);
            let error = SendError::from_hyper(error, written, bond.as_mut());
            Err(Refused::new(error, unsent))
        }
    }
}

/// Makes the URI absolute and leaves out what HTTP/2 forbids (RFC 9113, 8.2.2 and 8.3.1).
fn address(request: &mut Request<Outgoing>, endpoint: &Endpoint) -> Result<(), http::Error> {
    const FORBIDDEN: [HeaderName; 4] = [CONNECTION, HOST, TRANSFER_ENCODING, UPGRADE];
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::builder()
        .scheme(match endpoint.scheme() {
            Scheme::Http => uri::Scheme::HTTP,
            Scheme::Https => uri::Scheme::HTTPS,
        })
        .authority(endpoint.authority().clone())
        .path_and_query(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
        .build()?;
    *request.version_mut() = http::Version::HTTP_2;
    let headers = request.headers_mut();
    for name in &FORBIDDEN {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    if headers
        .get(TE)
        .is_some_and(|te| te != HeaderValue::from_static("trailers"))
    {
        headers.remove(TE);
    }
    Ok(())
}

/// True when the provider says that it did nothing with the stream (RFC 9113, 8.7).
fn was_refused(error: &hyper::Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<h2::Error>())
        .is_some_and(|error| error.reason() == Some(h2::Reason::REFUSED_STREAM))
}

/// The body of an answer; dropped before its end it resets the stream.
#[derive(Debug)]
pub(crate) struct Http2Answer {
    body: Incoming,
    /// `None` once the body was read to its end.
    lease: Option<Lease>,
}

impl Http2Answer {
    pub(crate) const fn body(&self) -> &Incoming {
        &self.body
    }

    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(None | Some(Err(_))) = &frame {
            self.lease = None;
        }
        frame
    }
}
