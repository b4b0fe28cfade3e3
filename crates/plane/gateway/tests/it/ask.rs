//! A caller that sees every byte.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::bench::{soon, start};

/// A request that is about to be sent.
pub(crate) struct Ask {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Sent,
    is_http2: bool,
}

impl Ask {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Sent::Whole(Bytes::new()),
            is_http2: false,
        }
    }

    /// Over HTTP/2, by prior knowledge.
    pub(crate) const fn over_http2(mut self, is_http2: bool) -> Self {
        self.is_http2 = is_http2;
        self
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A JSON request.
    pub(crate) fn post(path: impl AsRef<str>, body: impl Into<Bytes>) -> Self {
        Self::new("POST", path.as_ref())
            .header("content-type", "application/json")
            .body(body)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn headers(self, headers: &[(&str, &str)]) -> Self {
        let all = headers.iter();
        all.fold(self, |ask, (name, value)| ask.header(name, value))
    }

    /// `Authorization: Bearer`.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Sent::Whole(body.into());
        self
    }

    /// The body is sent piece by piece, as the returned sender is given them.
    pub(crate) fn fed(mut self) -> (Self, mpsc::Sender<Bytes>) {
        let (pieces, body) = mpsc::channel(1);
        self.body = Sent::Fed(body);
        (self, pieces)
    }

    /// Sends it on a connection of its own and waits for the head of the answer.
    pub(crate) async fn open(self, address: SocketAddr) -> Open {
        let tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let io = TokioIo::new(tcp);
        let mut request = Request::builder().method(self.method);
        request = if self.is_http2 {
            request.uri(format!("http://gateway.test{}", self.path))
        } else {
            request.uri(self.path).header("host", "gateway.test")
        };
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(self.body).unwrap();
        // How a connection ends shows in the body.
        let (answer, connection) = if self.is_http2 {
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), io).await.unwrap();
            let connection = start(async move { drop(connection.await) });
            (sender.send_request(request).await, connection)
        } else {
            let (mut sender, connection) = http1::handshake(io).await.unwrap();
            let connection = start(async move { drop(connection.await) });
            (sender.send_request(request).await, connection)
        };
        let connection = Connection(connection);
        let (head, body) = answer.unwrap().into_parts();
        Open {
            status: head.status,
            headers: head.headers,
            read: Vec::new(),
            body,
            _connection: connection,
        }
    }
}

/// What is sent.
enum Sent {
    Whole(Bytes),
    Fed(mpsc::Receiver<Bytes>),
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Fed(pieces) => pieces
                .poll_recv(cx)
                .map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Fed(_) => SizeHint::default(),
        }
    }
}

/// Closes the socket when dropped.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An answer whose body is being read. Dropping it hangs up.
pub(crate) struct Open {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    read: Vec<u8>,
    body: Incoming,
    _connection: Connection,
}

impl Open {
    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        let frame = soon(self.body.frame()).await?.unwrap();
        let bytes = frame.into_data().unwrap_or_default();
        self.read.extend_from_slice(&bytes);
        Some(bytes)
    }

    /// Reads until a text has come; everything read so far.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        while !self.so_far().contains(text) {
            assert!(
                self.next().await.is_some(),
                "no {text} in {}",
                self.so_far()
            );
        }
        self.so_far()
    }

    pub(crate) fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// Reads to the end, or until it is broken off, and keeps nothing.
    pub(crate) async fn waste(mut self) {
        while let Some(Ok(_)) = self.body.frame().await {}
    }

    /// Reads to the end.
    pub(crate) async fn rest(mut self) -> Told {
        let mut is_broken = false;
        while let Some(frame) = soon(self.body.frame()).await {
            match frame {
                Ok(frame) => self
                    .read
                    .extend_from_slice(&frame.into_data().unwrap_or_default()),
                Err(_) => is_broken = true,
            }
        }
        Told {
            status: self.status.as_u16(),
            headers: self.headers,
            body: self.read,
            is_broken,
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The connection broke before the body's end.
    pub(crate) is_broken: bool,
}

impl Told {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?;
        Some(value.to_str().unwrap())
    }
}
