//! What becomes of a connection that leaves HTTP (RFC 9110, section 7.8), on both sides.
//!
//! A caller's connection stays in its task, counted and drained like any other: the answer
//! 101 carries a [`Tunnel`], which runs there once the answer is written.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::Extensions;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::Watch;
use crate::upstream::Slot;

/// A connection that has left HTTP.
pub struct Line {
    io: TokioIo<Upgraded>,
    /// Its place among the connections to a provider.
    _slot: Option<Slot>,
}

impl Line {
    pub(crate) const fn new(io: TokioIo<Upgraded>, slot: Option<Slot>) -> Self {
        Self { io, _slot: slot }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// A caller's wish to leave HTTP, in a request over HTTP/1.1.
#[derive(Clone, Debug)]
pub struct Offer(OnUpgrade);

impl Offer {
    /// The wish that a request came with, by its extensions.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<OnUpgrade>().cloned().map(Self)
    }

    /// The caller's connection, once the answer 101 is written; `None` when it broke before.
    pub async fn line(self) -> Option<Line> {
        let upgraded = self.0.await.ok()?;
        Some(Line::new(TokioIo::new(upgraded), None))
    }
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;
type Run = Box<dyn FnOnce(Ending) -> Running + Send>;

/// What goes on over a caller's connection: an extension of the answer 101.
#[derive(Clone)]
pub struct Tunnel(Arc<Mutex<Option<Run>>>);

impl Tunnel {
    /// Runs this in the connection's task; it is dropped when the connection must close.
    #[must_use]
    pub fn new<F>(run: impl FnOnce(Ending) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let run: Run = Box::new(|ending| Box::pin(run(ending)));
        Self(Arc::new(Mutex::new(Some(run))))
    }

    /// Runs it until it ends or the server cuts what is left of its connections.
    pub(crate) async fn run(self, watch: &Arc<Watch>) {
        let run = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(run) = run else { return };
        let mut running = run(Ending(watch.clone()));
        poll_fn(|cx| {
            watch.register(cx.waker());
            if watch.is_killed() {
                return Poll::Ready(());
            }
            running.as_mut().poll(cx)
        })
        .await;
    }
}

impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel").finish_non_exhaustive()
    }
}

/// Whether the server of a tunnel is on its way out.
#[derive(Clone, Debug)]
pub struct Ending(Arc<Watch>);

impl Ending {
    /// Completes when the connection is asked to end. To be awaited within the tunnel.
    pub async fn begun(&self) {
        // The tunnel's task is woken when it is asked.
        poll_fn(|_cx| {
            if self.0.is_draining() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
