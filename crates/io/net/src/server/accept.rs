//! The accept loop of one listener.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::sync::Semaphore;

use super::connection::Connections;
use super::listener::Listener;
use super::{BoxError, Peer};

/// How long nothing is accepted after the system refused (no file descriptors, no memory).
const BACK_OFF: Duration = Duration::from_millis(200);

/// Accepts until the drain begins. While `room` is empty callers wait in the backlog.
pub(crate) async fn run<S, F, B>(
    listener: Listener,
    connections: Arc<Connections<S>>,
    room: Arc<Semaphore>,
) where
    S: Fn(Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let begun = connections.drain.clone();
    let mut begun = std::pin::pin!(begun.begun());
    let mut refused = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut begun => return,
            accepted = async {
                // The semaphore is never closed.
                let place = room.clone().acquire_owned().await.ok()?;
                Some((listener.tcp.accept().await, place))
            } => accepted,
        };
        match accepted {
            Some((Ok((tcp, address)), place)) => {
                connections.spawn(tcp, address, place);
                if std::mem::take(&mut refused) {
                    tracing::info!("accepting connections again");
                }
            }
            Some((Err(error), _)) if concerns_one_caller(&error) => {}
            Some((Err(error), _)) => {
                if !std::mem::replace(&mut refused, true) {
                    tracing::warn!(%error, "cannot accept connections, trying again");
                }
                tokio::time::sleep(BACK_OFF).await;
            }
            None => return,
        }
    }
}

/// True when the caller was gone before it was accepted; the next one may be fine.
fn concerns_one_caller(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
