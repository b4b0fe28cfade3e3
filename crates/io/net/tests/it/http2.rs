//! HTTP/2 towards providers: sharing connections, opening more, cancelling one stream.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response};
use tokio::sync::{Mutex, watch};
use tollgate_net::{FixedLimits, Incoming, Peer, ServerOptions};

use crate::support::{Server, defaults, fed, post, send, soon, start, text, upstream_h2c};

type Seen = Arc<Mutex<Vec<SocketAddr>>>;

/// A server that notes from which connection each request comes and holds all answers
/// until it is told to go.
async fn holding(options: ServerOptions) -> (Server, Seen, watch::Sender<bool>) {
    let (go, gone) = watch::channel(false);
    let seen = Seen::default();
    let noted = seen.clone();
    let service = move |_: Request<Incoming>, peer: Arc<Peer>| {
        let (noted, mut gone) = (noted.clone(), gone.clone());
        async move {
            noted.lock().await.push(peer.address);
            gone.wait_for(|gone| *gone).await.unwrap();
            Response::new(Full::new(Bytes::from_static(b"held")))
        }
    };
    (Server::with(options, None, service).await, seen, go)
}

/// Sends `count` requests at once and tells over how many connections they came.
async fn connections_for(count: usize, streams_max: usize, options: ServerOptions) -> usize {
    let (server, seen, go) = holding(options).await;
    let upstream = upstream_h2c(server.address, streams_max);
    let mut asked = Vec::new();
    for _ in 0..count {
        let upstream = upstream.clone();
        asked.push(start(
            async move { text(send(&upstream).await.unwrap()).await },
        ));
    }
    while seen.lock().await.len() < count {
        tokio::task::yield_now().await;
    }
    let connections: BTreeSet<_> = seen.lock().await.iter().copied().collect();
    assert_eq!(connections.len(), upstream.open_connections());
    go.send(true).unwrap();
    for answer in asked {
        assert_eq!(soon(answer).await.unwrap(), "held");
    }
    connections.len()
}

#[tokio::test]
async fn a_burst_shares_one_connection() {
    assert_eq!(connections_for(20, 100, defaults()).await, 1);
}

#[tokio::test]
async fn when_all_connections_are_full_another_is_opened() {
    assert_eq!(connections_for(5, 2, defaults()).await, 3);
}

#[tokio::test]
async fn the_providers_own_limit_counts_too() {
    let (server, seen, go) = holding(ServerOptions {
        fixed: FixedLimits {
            http2_streams_max: 3,
            ..FixedLimits::default()
        },
        ..defaults()
    })
    .await;
    let upstream = upstream_h2c(server.address, 100);
    let first = start({
        let upstream = upstream.clone();
        async move { text(send(&upstream).await.unwrap()).await }
    });
    // Its settings are known once a request is there.
    while seen.lock().await.is_empty() {
        tokio::task::yield_now().await;
    }
    let mut others = Vec::new();
    for _ in 0..3 {
        let upstream = upstream.clone();
        others.push(start(
            async move { text(send(&upstream).await.unwrap()).await },
        ));
    }
    while seen.lock().await.len() < 4 {
        tokio::task::yield_now().await;
    }
    assert_eq!(upstream.open_connections(), 2);
    go.send(true).unwrap();
    assert_eq!(soon(first).await.unwrap(), "held");
    for other in others {
        soon(other).await.unwrap();
    }
}

#[tokio::test]
async fn dropping_an_answer_resets_its_stream_and_leaves_the_connection() {
    let (feeder, body) = fed();
    let body = Arc::new(Mutex::new(Some(body)));
    let service = move |_: Request<Incoming>, _| {
        let body = body.clone();
        async move { Response::new(body.lock().await.take().unwrap_or_else(|| fed().1)) }
    };
    let server = Server::with(defaults(), None, service).await;
    let upstream = upstream_h2c(server.address, 100);
    drop(soon(upstream.send(post(Bytes::new()))).await.unwrap());
    feeder.body_is_gone().await;
    soon(upstream.send(post(Bytes::new()))).await.unwrap();
    assert_eq!(upstream.open_connections(), 1);
}
