//! Providers that say exactly what a test wants, callers that see every byte, and servers.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use tollgate_net::{
    Answer, Drain, Endpoint, EndpointOptions, FixedLimits, Http2Use, Incoming, Listener, Outgoing,
    Peer, SendError, ServerOptions, TlsReload, Upstream, serve,
};

/// Long enough for anything that will happen, short enough for a test that waits in vain.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Starts a task that ends with the runtime of the test.
pub(crate) fn start<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    TaskTracker::new().spawn(future)
}

pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("did not happen")
}

/// The limits of a server, with room for whatever a test does.
pub(crate) fn defaults() -> ServerOptions {
    ServerOptions {
        header_bytes_max: 64 * 1024,
        headers_max: 100,
        header_timeout: PATIENCE,
        idle_timeout: Duration::from_secs(75),
        connections_max: 16 * 1024,
        fixed: FixedLimits::default(),
    }
}

/// A provider made of one function per connection; connections are numbered from 0.
pub(crate) async fn provider<H, F>(handle: H) -> SocketAddr
where
    H: Fn(TcpStream, usize) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    start(async move {
        let mut number = 0;
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            tcp.set_nodelay(true).unwrap();
            start(handle(tcp, number));
            number += 1;
        }
    });
    address
}

/// Reads one request with a `content-length` or none; gives its head and body, or `None` at the end.
pub(crate) async fn read_request(tcp: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut seen = Vec::new();
    let head = loop {
        if let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if tcp.read_buf(&mut seen).await.unwrap_or(0) == 0 {
            return None;
        }
    };
    let mut body = seen.split_off(head);
    let head = String::from_utf8(seen).unwrap();
    let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        if tcp.read_buf(&mut body).await.unwrap_or(0) == 0 {
            return None;
        }
    }
    Some((head, body))
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub(crate) async fn write_answer(tcp: &mut TcpStream, body: &str) {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tcp.write_all(answer.as_bytes()).await.unwrap();
}

/// Answers every request with the number of its connection.
pub(crate) async fn numbering(mut tcp: TcpStream, number: usize) {
    while read_request(&mut tcp).await.is_some() {
        write_answer(&mut tcp, &number.to_string()).await;
    }
}

pub(crate) fn upstream_with(url: &str, options: EndpointOptions) -> Upstream {
    Upstream::new(Endpoint::parse(url).unwrap(), options, &TaskTracker::new()).unwrap()
}

pub(crate) fn upstream(address: SocketAddr) -> Upstream {
    upstream_with(&format!("http://{address}"), EndpointOptions::default())
}

pub(crate) fn upstream_h2c(address: SocketAddr, streams_max: usize) -> Upstream {
    let options = EndpointOptions {
        http2: Http2Use::PriorKnowledge,
        http2_streams_max: streams_max,
        ..EndpointOptions::default()
    };
    upstream_with(&format!("http://{address}"), options)
}

pub(crate) fn post(body: impl Into<Outgoing>) -> Request<Outgoing> {
    Request::post("/v1/chat").body(body.into()).unwrap()
}

pub(crate) async fn send(upstream: &Upstream) -> Result<Answer, SendError> {
    soon(upstream.send(post(Bytes::from_static(b"question")))).await
}

/// Sends a request and gives the whole answer as text.
pub(crate) async fn ask(upstream: &Upstream) -> String {
    text(send(upstream).await.unwrap()).await
}

pub(crate) async fn text(answer: Answer) -> String {
    let body = soon(answer.into_body().collect()).await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// A server of ours and the means to end it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) drain: Drain,
    pub(crate) served: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn with<S, F, B>(
        options: ServerOptions,
        tls: Option<TlsReload>,
        service: S,
    ) -> Self
    where
        S: Fn(Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let listener = Listener::bind("127.0.0.1", 0).await.unwrap();
        let address = listener.address().unwrap();
        let drain = Drain::new();
        let served = start(serve(vec![listener], tls, options, service, drain.clone()));
        Self {
            address,
            drain,
            served,
        }
    }

    /// Answers every request with its HTTP version.
    pub(crate) async fn versions(options: ServerOptions, tls: Option<TlsReload>) -> Self {
        Self::with(options, tls, |request: Request<Incoming>, _| async move {
            Response::new(Full::new(Bytes::from(format!("{:?}", request.version()))))
        })
        .await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Reads until the other side closes.
pub(crate) async fn read_to_end(tcp: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    // A reset is an end too.
    while soon(tcp.read_buf(&mut seen)).await.unwrap_or(0) > 0 {}
    String::from_utf8_lossy(&seen).into_owned()
}

/// Reads until `end` was seen.
pub(crate) async fn read_until(tcp: &mut TcpStream, end: &str) -> String {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(end) {
        assert_ne!(
            soon(tcp.read_buf(&mut seen)).await.unwrap(),
            0,
            "closed before {end:?}"
        );
    }
    String::from_utf8(seen).unwrap()
}

/// A body fed by a test; tells when it is dropped.
pub(crate) struct Fed {
    pub(crate) frames: mpsc::Receiver<Bytes>,
    pub(crate) _gone: oneshot::Sender<Infallible>,
}

/// What feeds a [`Fed`].
pub(crate) struct Feeder {
    pub(crate) frames: mpsc::Sender<Bytes>,
    gone: oneshot::Receiver<Infallible>,
}

impl Feeder {
    /// Waits until the body was dropped.
    pub(crate) async fn body_is_gone(self) {
        assert!(soon(self.gone).await.is_err());
    }
}

pub(crate) fn fed() -> (Feeder, Fed) {
    let (frames, received) = mpsc::channel(1);
    let (tell, gone) = oneshot::channel();
    (
        Feeder { frames, gone },
        Fed {
            frames: received,
            _gone: tell,
        },
    )
}

impl http_body::Body for Fed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        self.frames
            .poll_recv(cx)
            .map(|frame| frame.map(|frame| Ok(http_body::Frame::data(frame))))
    }
}
