//! The listener, the connections, and the handle by which a simulator is held.

mod admin;
mod chat;
mod held;
mod models;
mod plain;
mod route;
mod state;

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::books::Books;
use crate::fault::Faults;
use crate::options::{Options, OptionsError};
use state::State;

/// A connection may be idle, or take for one request head, this long.
const IDLE_MAX: Duration = Duration::from_secs(300);
/// Streams at a time on one HTTP/2 connection.
const STREAMS_MAX: u32 = 1000;

/// The simulated provider.
#[derive(Debug)]
pub struct Simulator;

impl Simulator {
    /// Serves on `listener` until the handle is stopped or dropped. Needs a Tokio runtime.
    ///
    /// # Errors
    /// When the options contradict themselves or the listener has no address.
    pub fn start(listener: TcpListener, options: Options) -> Result<Handle, StartError> {
        options.check()?;
        let addr = listener.local_addr().map_err(StartError::Address)?;
        let connections_max = options.connections_max;
        let state = Arc::new(State::new(options));
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let accept = Accept {
            state: Arc::clone(&state),
            stop: stop.clone(),
            tasks: tasks.clone(),
            slots: Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS))),
        };
        tasks.spawn(accept.run(listener));
        Ok(Handle {
            addr,
            state,
            tasks,
            stop: stop.drop_guard(),
        })
    }
}

/// A simulator that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The options contradict themselves.
    #[error("the simulator's options cannot be")]
    Options(#[from] OptionsError),
    /// The listener has no address.
    #[error("the simulator's listener has no address")]
    Address(#[source] io::Error),
}

/// A running simulator. Dropping it stops the simulator too, without waiting.
#[derive(Debug)]
pub struct Handle {
    addr: SocketAddr,
    state: Arc<State>,
    tasks: TaskTracker,
    stop: DropGuard,
}

impl Handle {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What it served.
    #[must_use]
    pub fn books(&self) -> &Books {
        &self.state.books
    }

    /// Replaces all faults from the next request on; their script starts at its beginning.
    ///
    /// # Errors
    /// When the rates exceed 1 together.
    pub fn set_faults(&self, faults: Faults) -> Result<(), OptionsError> {
        self.state.set_faults(faults)
    }

    /// Back to the faults of the start, with empty books and the next request as the first.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Stops at once: the listener closes, answers under way are broken off.
    pub async fn stop(self) {
        drop(self.stop);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

struct Accept {
    state: Arc<State>,
    stop: CancellationToken,
    tasks: TaskTracker,
    slots: Arc<Semaphore>,
}

impl Accept {
    async fn run(self, listener: TcpListener) {
        while let Some(Ok(slot)) = self
            .stop
            .run_until_cancelled(Arc::clone(&self.slots).acquire_owned())
            .await
        {
            let stream = match self.stop.run_until_cancelled(listener.accept()).await {
                None => return,
                Some(Ok((stream, _peer))) => stream,
                Some(Err(error)) => {
                    // Out of file descriptors, or the peer is gone already: the next may do better.
                    tracing::warn!(%error, "the simulator could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            let connection = serve(stream, Arc::clone(&self.state), self.tasks.clone());
            let stop = self.stop.clone();
            self.tasks.spawn(async move {
                let _served_or_stopped = stop.run_until_cancelled(connection).await;
                drop(slot);
            });
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>, tasks: TaskTracker) {
    // A delayed answer is a measured answer: small writes must leave at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the simulator could not set TCP_NODELAY");
    }
    let reset = Arc::new(AtomicBool::new(false));
    let io = Wire {
        stream,
        reset: Arc::clone(&reset),
    };
    let mut builder = auto::Builder::new(Tracked(tasks));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX);
    let service = service_fn(move |req| {
        let (state, reset) = (Arc::clone(&state), Arc::clone(&reset));
        async move {
            let answer = route::answer(&state, req).await;
            if answer.is_err() {
                reset.store(true, Ordering::Relaxed);
            }
            answer
        }
    });
    if let Err(error) = builder.serve_connection(TokioIo::new(io), service).await {
        tracing::debug!(%error, "a connection to the simulator ended early");
    }
}

/// Spawns what an HTTP/2 connection needs where the stop can wait for it.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}

/// A socket that can end with a reset instead of an orderly close.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Where the option is not to be had, the caller sees an orderly close.
            let _unset = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
