//! One stream of an HTTP/2 connection whose caller takes nothing of it, and its neighbours.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use http_body_util::combinators::BoxBody;
use hyper::{Request, Response};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tollgate_net::{FixedLimits, Incoming, ServerOptions};

use crate::support::{Feeder, PATIENCE, Server, defaults, fed, soon, start};

/// What a caller takes of each stream before it grants more.
const WINDOW: u32 = 1000;
const SHORT: Duration = Duration::from_millis(60);
const LARGE: usize = 1 << 20;

/// Serves `/fed`, an answer that a test feeds, once; `/large` and `/small`.
async fn server(send_timeout: Duration) -> (Server, Feeder) {
    let options = ServerOptions {
        fixed: FixedLimits {
            send_timeout,
            ..FixedLimits::default()
        },
        ..defaults()
    };
    let (feeder, body) = fed();
    let body = Arc::new(Mutex::new(Some(body)));
    let service = move |request: Request<Incoming>, _| {
        let body = body.clone();
        async move {
            let whole = |bytes: usize| BoxBody::new(Full::new(Bytes::from(vec![b'x'; bytes])));
            Response::new(match request.uri().path() {
                "/fed" => BoxBody::new(body.lock().await.take().unwrap()),
                "/large" => whole(LARGE),
                _ => whole(10),
            })
        }
    };
    (Server::with(options, None, service).await, feeder)
}

/// A caller that grants nothing beyond the window on its own.
struct Caller(h2::client::SendRequest<Bytes>);

impl Caller {
    async fn to(server: &Server) -> Self {
        let tcp = TcpStream::connect(server.address).await.unwrap();
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(WINDOW);
        let (sender, connection) = builder.handshake(tcp).await.unwrap();
        start(connection);
        Self(sender.ready().await.unwrap())
    }

    async fn ask(&mut self, path: &str) -> h2::RecvStream {
        let request = Request::get(format!("http://x{path}")).body(()).unwrap();
        let (answer, _) = self.0.send_request(request, true).unwrap();
        soon(answer).await.unwrap().into_body()
    }
}

/// Bytes that come while nothing more is granted, and why no more do.
async fn taken(mut body: h2::RecvStream) -> (usize, Option<h2::Reason>) {
    let mut bytes = 0;
    while let Some(data) = soon(body.data()).await {
        match data {
            Ok(data) => bytes += data.len(),
            Err(error) => return (bytes, error.reason()),
        }
    }
    (bytes, None)
}

#[tokio::test]
async fn a_stream_whose_caller_grants_no_window_is_reset_and_its_neighbours_are_not() {
    let (server, feeder) = server(SHORT).await;
    let mut caller = Caller::to(&server).await;
    let waiting = caller.ask("/fed").await;
    let standing = caller.ask("/large").await;
    let window = WINDOW as usize;
    assert_eq!(taken(standing).await, (window, Some(h2::Reason::CANCEL)));
    assert_eq!(taken(caller.ask("/small").await).await, (10, None));
    // For this one the caller waits, as long as it was for the other.
    let said = Bytes::from_static(b"said late");
    soon(feeder.frames.send(said)).await.unwrap();
    drop(feeder);
    assert_eq!(taken(waiting).await, (9, None));
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_dropped() {
    let (server, feeder) = server(SHORT).await;
    let mut caller = Caller::to(&server).await;
    let standing = caller.ask("/fed").await;
    let block = Bytes::from(vec![b'x'; 100_000]);
    soon(feeder.frames.send(block)).await.unwrap();
    feeder.body_is_gone().await;
    drop(standing);
}

#[tokio::test]
async fn what_is_sent_in_pieces_arrives_whole() {
    let (server, _feeder) = server(PATIENCE).await;
    let mut caller = Caller::to(&server).await;
    let mut body = caller.ask("/large").await;
    let mut bytes = 0;
    while let Some(data) = soon(body.data()).await {
        bytes += data.as_ref().unwrap().len();
        body.flow_control()
            .release_capacity(data.unwrap().len())
            .unwrap();
    }
    assert_eq!(bytes, LARGE);
}
