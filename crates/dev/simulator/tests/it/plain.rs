//! Plain model endpoints.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;
use tollgate_simulator::Options;

use crate::client::{call, get, send, start};

#[tokio::test]
async fn sentiment_is_judged_and_faults_strike() {
    let simulator = start(Options::default()).await;
    let good = call(
        &simulator,
        "/v1/sentiment",
        &json!({"text": "What a wonderful day"}),
    )
    .await;
    assert_eq!(good.json()["label"], "positive");
    assert_eq!(
        call(&simulator, "/v1/sentiment", &json!({"txt": ""}))
            .await
            .status,
        400
    );
    let failed = call(
        &simulator,
        "/v1/sentiment?fault=503:2s",
        &json!({"text": "x"}),
    )
    .await;
    assert_eq!(
        (failed.status.as_u16(), failed.header("retry-after")),
        (503, "2")
    );
    let cut = call(&simulator, "/v1/sentiment?fault=cut", &json!({"text": "x"})).await;
    assert!(!cut.whole);
}

#[tokio::test]
async fn an_echo_comes_back_as_it_arrives_with_its_type() {
    let simulator = start(Options::default()).await;
    let (tx, rx) = tokio::sync::mpsc::channel::<Bytes>(1);
    let stream = TcpStream::connect(simulator.addr()).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    TaskTracker::new().spawn(connection);
    let req = Request::builder()
        .method(Method::PUT)
        .uri("/v1/echo")
        .header("content-type", "audio/wav");
    tx.send(Bytes::from_static(b"first")).await.unwrap();
    let mut response = sender
        .send_request(req.body(Brought(rx)).unwrap())
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "audio/wav");
    assert_eq!(response.headers()["x-sim-method"], "PUT");
    let first = response
        .body_mut()
        .frame()
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap();
    assert_eq!(first, "first");
    tx.send(Bytes::from_static(b"second")).await.unwrap();
    let second = response
        .body_mut()
        .frame()
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap();
    assert_eq!(second, "second");
    drop(tx);
    assert!(response.body_mut().frame().await.is_none());
    simulator.books().settled().await;
    let record = simulator.books().all().remove(0);
    assert_eq!((record.body_bytes, record.finished), (11, true));
}

#[tokio::test]
async fn an_echo_without_a_body_is_empty() {
    let simulator = start(Options::default()).await;
    let reply = send(&simulator, get("/v1/echo")).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 0));
}

/// A body of what the channel brings.
struct Brought(tokio::sync::mpsc::Receiver<Bytes>);

impl Body for Brought {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0
            .poll_recv(cx)
            .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
