//! One caller's connection from handshake to close.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use pin_project_lite::pin_project;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::task::TaskTracker;

use super::preface::{self, Spoken};
use super::stream::{Pace, Streams};
use super::watch::{InFlight, Verdict, Watch};
use super::{BoxError, Peer, PeerTls, ServerOptions};
use crate::drain::Drain;
use crate::due::poll_due;
use crate::socket::{Socket, Transport};
use crate::tls::TlsReload;
use crate::tunnel::Tunnel;

/// What hyper allows when nothing is said, and holds without an allocation.
const HYPER_HEADERS_MAX: usize = 100;

/// What all connections of a server share.
pub(crate) struct Connections<S> {
    options: ServerOptions,
    service: S,
    tls: Option<TlsReload>,
    pub(crate) drain: Drain,
    tasks: TaskTracker,
    http1: http1::Builder,
    http2: http2::Builder<Streams>,
}

/// A transport whose protocol is known.
struct Greeted {
    transport: Transport<TlsStream<TcpStream>>,
    http2: bool,
    tls: Option<PeerTls>,
}

impl<S, F, B> Connections<S>
where
    S: Fn(Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    pub(crate) fn new(
        options: ServerOptions,
        service: S,
        tls: Option<TlsReload>,
        drain: Drain,
        tasks: TaskTracker,
    ) -> Self {
        let http1 = http1_builder(&options);
        let http2 = http2_builder(&options, &tasks);
        Self {
            options,
            service,
            tls,
            drain,
            tasks,
            http1,
            http2,
        }
    }

    /// Serves one accepted socket in a task of its own.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        tcp: TcpStream,
        address: SocketAddr,
        place: OwnedSemaphorePermit,
    ) {
        let this = self.clone();
        self.tasks.spawn(async move {
            let _place = place;
            let watch = Arc::new(Watch::new(&this.options));
            let _entered = this.drain.enter(&watch);
            // Without this each answer after the first waits 40 ms for an acknowledgement.
            if tcp.set_nodelay(true).is_err() {
                return;
            }
            if let Some(greeted) = this.greet(tcp, &watch).await {
                this.serve(greeted, address, watch).await;
            }
        });
    }

    /// Finds out what is spoken, within the header timeout; `None` when nothing is, or the
    /// server is asked to end first.
    async fn greet(&self, tcp: TcpStream, watch: &Arc<Watch>) -> Option<Greeted> {
        let greeting = async {
            match &self.tls {
                Some(tls) => handshake(tls, tcp).await,
                None => match preface::detect(&tcp).await.ok()? {
                    Spoken::Nothing => None,
                    spoken => {
                        let http2 = spoken == Spoken::Http2;
                        Some(Greeted {
                            transport: Transport::Plain(tcp),
                            http2,
                            tls: None,
                        })
                    }
                },
            }
        };
        let mut greeting = pin!(tokio::time::timeout(self.options.header_timeout, greeting));
        let mut registered = false;
        poll_fn(|cx| {
            if !registered {
                registered = true;
                watch.register(cx.waker());
            }
            // Nothing was asked for yet, so nothing is lost.
            if watch.is_draining() || watch.is_killed() {
                return Poll::Ready(None);
            }
            greeting
                .as_mut()
                .poll(cx)
                .map(|greeted| greeted.ok().flatten())
        })
        .await
    }

    async fn serve(&self, greeted: Greeted, address: SocketAddr, watch: Arc<Watch>) {
        let Greeted {
            transport,
            http2,
            tls,
        } = greeted;
        let service = Bound {
            service: self.service.clone(),
            peer: Arc::new(Peer { address, tls }),
            http2,
            watch: watch.clone(),
        };
        let io = TokioIo::new(Socket::new(transport, watch.clone()));
        let ended = if http2 {
            watch.multiplex();
            supervise(pin!(self.http2.serve_connection(io, service)), &watch).await
        } else {
            let connection = self.http1.serve_connection(io, service).with_upgrades();
            supervise(pin!(connection), &watch).await
        };
        if let Some(tunnel) = watch.tunnel().filter(|_| ended.is_ok()) {
            tunnel.run(&watch).await;
        }
        if let Err(error) = ended {
            if error.is_parse() {
                self.drain.note_unreadable_head();
            }
            tracing::debug!(%error, "connection of a caller ended");
        }
    }
}

fn http1_builder(options: &ServerOptions) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // The watch times heads and idle connections; hyper's own timer would be made anew
    // for each request.
    builder.header_read_timeout(None);
    builder.max_header_size(options.header_bytes_max);
    if options.headers_max != HYPER_HEADERS_MAX {
        builder.max_headers(options.headers_max);
    }
    builder
}

fn http2_builder(options: &ServerOptions, tasks: &TaskTracker) -> http2::Builder<Streams> {
    let fixed = &options.fixed;
    let mut builder = http2::Builder::new(Streams::new(tasks.clone(), fixed.send_timeout));
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(fixed.http2_streams_max)
        .max_header_list_size(u32::try_from(options.header_bytes_max).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(fixed.http2_resets_max)
        .max_local_error_reset_streams(fixed.http2_resets_max)
        .keep_alive_interval(fixed.http2_ping_after)
        .keep_alive_timeout(fixed.http2_ping_timeout);
    builder
}

async fn handshake(tls: &TlsReload, tcp: TcpStream) -> Option<Greeted> {
    let stream = match TlsAcceptor::from(tls.config()).accept(tcp).await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(%error, "TLS handshake with a caller failed");
            return None;
        }
    };
    let session = stream.get_ref().1;
    let http2 = session.alpn_protocol() == Some(b"h2");
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    let tls = PeerTls {
        server_name: session.server_name().map(str::to_owned),
        certificate: certificate
            .cloned()
            .map(rustls::pki_types::CertificateDer::into_owned),
    };
    Some(Greeted {
        transport: Transport::Tls(Box::new(stream)),
        http2,
        tls: Some(tls),
    })
}

/// A connection of hyper's that can be asked to end.
trait Graceful: Future<Output = hyper::Result<()>> {
    fn end(self: Pin<&mut Self>);
}

impl<S, B, I> Graceful for http1::UpgradeableConnection<I, S>
where
    Self: Future<Output = hyper::Result<()>>,
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<S, B, I> Graceful for http2::Connection<I, S, Streams>
where
    Self: Future<Output = hyper::Result<()>>,
    S: Service<Request<Incoming>, Response = Response<B>> + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Drives a connection to its end, its limits or its drain, whichever is first.
async fn supervise<C: Graceful>(mut connection: Pin<&mut C>, watch: &Watch) -> hyper::Result<()> {
    let mut timer = pin!(tokio::time::sleep_until(Instant::now()));
    let mut told = false;
    let mut first = true;
    poll_fn(|cx| {
        if first {
            watch.register(cx.waker());
        }
        if watch.is_killed() {
            return Poll::Ready(Ok(()));
        }
        if watch.is_draining() && !told {
            told = true;
            connection.as_mut().end();
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
            return Poll::Ready(ended);
        }
        // The task's waker does not change, so the timer is polled only once it fired.
        while first || timer.is_elapsed() {
            first = false;
            match watch.judge(Instant::now()) {
                Verdict::LookAgain(then) => timer.as_mut().reset(then),
                verdict => {
                    tracing::debug!(?verdict, "connection of a caller closed");
                    return Poll::Ready(Ok(()));
                }
            }
            if poll_due(timer.as_mut(), cx).is_pending() {
                break;
            }
        }
        Poll::Pending
    })
    .await
}

/// The service for one connection: knows its peer and tells its watch.
struct Bound<S> {
    service: S,
    peer: Arc<Peer>,
    watch: Arc<Watch>,
    http2: bool,
}

impl<S, F, B> Service<Request<Incoming>> for Bound<S>
where
    S: Fn(Request<Incoming>, Arc<Peer>) -> F,
    F: Future<Output = Response<B>>,
    B: Body<Data = Bytes>,
{
    type Response = Response<Served<B>>;
    type Error = std::convert::Infallible;
    type Future = Serving<F>;

    fn call(&self, request: Request<Incoming>) -> Serving<F> {
        let in_flight = Some(self.watch.serve());
        Serving {
            future: (self.service)(request, self.peer.clone()),
            in_flight,
            http2: self.http2,
        }
    }
}

pin_project! {
    /// A request on its way to an answer.
    struct Serving<F> {
        #[pin]
        future: F,
        in_flight: Option<InFlight>,
        http2: bool,
    }
}

impl<F, B> Future for Serving<F>
where
    F: Future<Output = Response<B>>,
{
    type Output = Result<Response<Served<B>>, std::convert::Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut answer = ready!(this.future.poll(cx));
        let in_flight = this.in_flight.take();
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS
            && let Some(in_flight) = &in_flight
        {
            in_flight.leaves(answer.extensions_mut().remove::<Tunnel>());
        }
        let pace = this.http2.then(Pace::default);
        Poll::Ready(Ok(answer.map(|body| Served {
            body,
            pace,
            _in_flight: in_flight,
        })))
    }
}

pin_project! {
    /// An answer's body, which counts as a request until it is gone.
    struct Served<B> {
        #[pin]
        body: B,
        // Over HTTP/2, where one stream can stand while the connection flows.
        pace: Option<Pace>,
        _in_flight: Option<InFlight>,
    }
}

impl<B: Body<Data = Bytes>> Body for Served<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        match this.pace {
            Some(pace) => pace.poll_frame(this.body, cx),
            None => this.body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.pace {
            Some(pace) => pace.is_end_stream(&self.body),
            None => self.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.pace {
            Some(pace) => pace.size_hint(&self.body),
            None => self.body.size_hint(),
        }
    }
}
