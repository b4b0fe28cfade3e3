//! One HTTP/1.1 connection to a provider, driven by whoever uses it.
//!
//! hyper's connection future is not spawned: the request that uses it polls it, and after
//! that its answer's body. Back-pressure is exact that way (nothing is read that nobody
//! asked for), dropping the future or the body is the same as closing the socket, and what
//! the provider sent in one go leaves in one write: measured against a spawned connection,
//! a stream without pauses costs about a quarter of the CPU per event (2 µs against 7);
//! unary requests and single events cost the same within the noise. While it rests in the
//! pool nobody polls it; that the provider closed it is found by the first poll of the next
//! request, which reads before it writes.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use super::pool::{Pool, Slot};
use super::relay::Relay;
use super::{Refused, SendError};
use crate::body::{Answer, AnswerBody, Outgoing};
use crate::socket::{Socket, Transport};

type Io = TokioIo<Socket<TlsStream<TcpStream>, Arc<Relay>>>;

/// How often a connection is polled again at once because it woke itself; past this the
/// task is scheduled again, so that one busy connection cannot hold a worker.
const POLLS_MAX: usize = 8;

/// Bytes of an answer's head, with all informational answers (1xx) before it. hyper passes
/// over those without a limit of its own.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// An open connection with no request on it.
pub(crate) struct Http1 {
    sender: SendRequest<Outgoing>,
    /// `None` once hyper is done with it; then only what it handed over is left.
    connection: Option<Connection<Io, Outgoing>>,
    relay: Arc<Relay>,
    /// The relay as a waker.
    waker: Waker,
    pub(crate) idle_since: Instant,
    _slot: Slot,
}

impl fmt::Debug for Http1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http1")
            .field("idle_since", &self.idle_since)
            .finish_non_exhaustive()
    }
}

impl Http1 {
    /// Speaks HTTP/1.1 over a connected transport.
    pub(crate) async fn new(
        transport: Transport<TlsStream<TcpStream>>,
        slot: Slot,
    ) -> Result<Box<Self>, hyper::Error> {
        let relay = Arc::new(Relay::default());
        let io = TokioIo::new(Socket::new(transport, relay.clone()));
        let (sender, connection) = Builder::new().handshake(io).await?;
        let waker = Waker::from(relay.clone());
        Ok(Box::new(Self {
            sender,
            connection: Some(connection),
            relay,
            waker,
            idle_since: Instant::now(),
            _slot: slot,
        }))
    }

    /// Lets the connection read and write what it can.
    fn advance(&mut self) {
        if let Some(connection) = &mut self.connection {
            let mut cx = Context::from_waker(&self.waker);
            // An error was already handed to the request or the body it belongs to.
            if Pin::new(connection).poll(&mut cx).is_ready() {
                self.connection = None;
            }
        }
    }

    /// Drives the connection until `poll` is ready or everybody waits for the socket; then
    /// `user` will be woken.
    ///
    /// `poll` gets a context that wakes nobody: what it waits for only ever comes from
    /// the connection, which is polled right here.
    fn poll_with<T>(
        &mut self,
        user: &Waker,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let mut nobody = Context::from_waker(Waker::noop());
        for _ in 0..POLLS_MAX {
            self.relay.silence();
            if let Poll::Ready(ready) = poll(&mut nobody) {
                return Poll::Ready(ready);
            }
            // hyper's server asks for the next frame up to three times for each it gets;
            // only when something happened is the connection worth a poll.
            if self.relay.arm(user) {
                return Poll::Pending;
            }
            self.advance();
        }
        user.wake_by_ref();
        Poll::Pending
    }

    /// True when the provider closed it or said something unasked; drives it to find out.
    pub(crate) fn is_dead(&mut self) -> bool {
        self.relay.silence();
        self.advance();
        self.connection.is_none() || self.sender.is_closed()
    }

    /// True when another request can be sent at once.
    fn is_reusable(&mut self) -> bool {
        if !self.sender.is_ready() {
            self.advance();
        }
        self.connection.is_some() && self.sender.is_ready()
    }
}

/// Sends one request over one connection.
pub(super) fn send(
    mut connection: Box<Http1>,
    mut request: Request<Outgoing>,
    pool: &Arc<Pool>,
) -> impl Future<Output = Result<Answer, Box<Refused>>> {
    let mut bond = request.body_mut().bond();
    connection.relay.begin_request();
    let answer = connection.sender.try_send_request(request);
    async move {
        let mut answer = pin!(answer);
        let result = poll_fn(|cx| {
            let answer = &mut answer;
            let polled = connection.poll_with(cx.waker(), |nobody| answer.as_mut().poll(nobody));
            if polled.is_pending() && connection.relay.bytes_read() > HEAD_BYTES_MAX {
                return Poll::Ready(None);
            }
            polled.map(Some)
        })
        .await;
        match result {
            Some(Ok(answer)) => Ok(answer
                .map(|body| AnswerBody::http1(Http1Answer::new(body, connection, pool), bond))),
            None => {
                let bytes_max = HEAD_BYTES_MAX;
                Err(Refused::new(SendError::HeadTooLarge { bytes_max }, None))
            }
            Some(Err(mut failed)) => {
                let unsent = failed.take_message();
                let written = unsent.is_none() && connection.relay.has_written();
                let error = SendError::from_hyper(failed.into_error(), written, bond.as_mut());
                Err(Refused::new(error, unsent))
            }
        }
    }
}

/// The body of an answer, and the connection it arrives on.
pub(crate) struct Http1Answer {
    body: Incoming,
    /// `None` once the body was read to its end; dropping it closes the socket.
    rest: Option<(Box<Http1>, Arc<Pool>)>,
}

impl fmt::Debug for Http1Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http1Answer")
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl Http1Answer {
    fn new(body: Incoming, connection: Box<Http1>, pool: &Arc<Pool>) -> Self {
        let mut answer = Self {
            body,
            rest: Some((connection, pool.clone())),
        };
        if answer.body.is_end_stream() {
            answer.give_back();
        }
        answer
    }

    pub(crate) const fn body(&self) -> &Incoming {
        &self.body
    }

    pub(crate) fn poll_frame(
        &mut self,
        cx: &Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some((connection, _)) = &mut self.rest else {
            return Poll::Ready(None);
        };
        let body = &mut self.body;
        let frame =
            connection.poll_with(cx.waker(), |nobody| Pin::new(&mut *body).poll_frame(nobody));
        match &frame {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) if frame.is_data() && !self.body.is_end_stream() => {}
            Poll::Ready(Some(Err(_))) => self.rest = None,
            // The end, or trailers, after which nothing comes.
            Poll::Ready(_) => self.give_back(),
        }
        frame
    }

    /// Returns the connection to the pool when it can be used again, else closes it.
    fn give_back(&mut self) {
        if let Some((mut connection, pool)) = self.rest.take()
            && connection.is_reusable()
        {
            connection.relay.rest();
            pool.put(connection);
        }
    }
}
