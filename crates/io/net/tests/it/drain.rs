//! The orderly end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, Response};
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;
use tollgate_net::{Drained, Incoming};

use crate::support::{
    Feeder, PATIENCE, Server, defaults, fed, post, read_to_end, read_until, soon, start,
    upstream_h2c,
};

/// A server with one answer, fed by the test.
async fn streaming() -> (Server, Feeder) {
    let (feeder, body) = fed();
    let body = Arc::new(Mutex::new(Some(body)));
    let server = Server::with(defaults(), None, move |_: Request<Incoming>, _| {
        let body = body.clone();
        async move { Response::new(body.lock().await.take().unwrap()) }
    })
    .await;
    (server, feeder)
}

#[tokio::test]
async fn a_running_stream_ends_in_peace_and_unused_connections_at_once() {
    let (server, feeder) = streaming().await;
    let mut running = server.connect().await;
    running
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    feeder
        .frames
        .send(Bytes::from_static(b"one"))
        .await
        .unwrap();
    read_until(&mut running, "one").await;
    let mut unused = server.connect().await;
    while server.drain.open_connections() < 2 {
        tokio::task::yield_now().await;
    }

    server.drain.begin();
    assert_eq!(read_to_end(&mut unused).await, "");
    feeder
        .frames
        .send(Bytes::from_static(b"two"))
        .await
        .unwrap();
    read_until(&mut running, "two").await;
    drop(feeder.frames);
    assert!(read_to_end(&mut running).await.ends_with("0\r\n\r\n"));

    assert_eq!(
        soon(server.drain.finish(PATIENCE)).await,
        Drained { cut: 0 }
    );
    soon(server.served).await.unwrap();
    assert!(
        tokio::net::TcpStream::connect(server.address)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_answer_that_begins_during_the_drain_says_that_the_connection_closes() {
    let (begin, wait) = tokio::sync::watch::channel(false);
    let server = Server::with(defaults(), None, move |_: Request<Incoming>, _| {
        let mut wait = wait.clone();
        async move {
            wait.wait_for(|begun| *begun).await.unwrap();
            Response::new(String::from("done"))
        }
    })
    .await;
    let mut tcp = server.connect().await;
    tcp.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    while server.drain.open_connections() == 0 || begin.receiver_count() < 2 {
        tokio::task::yield_now().await;
    }
    server.drain.begin();
    begin.send(true).unwrap();
    let answer = read_to_end(&mut tcp).await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("done"),
        "{answer}"
    );
    soon(server.served).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_does_not_end_is_cut_at_the_limit() {
    let (server, feeder) = streaming().await;
    let mut running = server.connect().await;
    running
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    feeder
        .frames
        .send(Bytes::from_static(b"one"))
        .await
        .unwrap();
    read_until(&mut running, "one").await;
    let drained = soon(server.drain.finish(Duration::from_millis(50))).await;
    assert_eq!(drained, Drained { cut: 1 });
    feeder.body_is_gone().await;
    soon(server.served).await.unwrap();
}

#[tokio::test]
async fn a_stream_over_http2_ends_in_peace_and_the_next_request_is_refused() {
    let (server, feeder) = streaming().await;
    let caller = upstream_h2c(server.address, 100);
    let answer = soon(caller.send(post(Bytes::new()))).await.unwrap();
    server.drain.begin();
    feeder
        .frames
        .send(Bytes::from_static(b"all of it"))
        .await
        .unwrap();
    drop(feeder.frames);
    let body = soon(answer.into_body().collect()).await.unwrap().to_bytes();
    assert_eq!(body, "all of it");
    soon(server.served).await.unwrap();
    assert!(
        !soon(caller.send(post(Bytes::new())))
            .await
            .unwrap_err()
            .sent()
    );
}

#[tokio::test]
async fn a_stream_over_http2_that_does_not_end_is_cut_too() {
    let (server, feeder) = streaming().await;
    let caller = upstream_h2c(server.address, 100);
    let answer = soon(caller.send(post(Bytes::new()))).await.unwrap();
    let collected = start(answer.into_body().collect());
    let drained = soon(server.drain.finish(Duration::from_millis(50))).await;
    assert_eq!(drained.cut, 1);
    assert!(soon(collected).await.unwrap().is_err());
    feeder.body_is_gone().await;
    soon(server.served).await.unwrap();
}
