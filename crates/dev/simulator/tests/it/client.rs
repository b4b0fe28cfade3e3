//! A small client, and a simulator to point it at.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;
use tollgate_simulator::{Handle, Options, Simulator};

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const COMPLETIONS: &str = "/v1/completions";
pub(crate) const MESSAGES: &str = "/v1/messages";

pub(crate) async fn start(options: Options) -> Handle {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Simulator::start(listener, options).unwrap()
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Did the body end as HTTP wants it?
    pub(crate) whole: bool,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The data of all events, as it stands.
    pub(crate) fn data(&self) -> Vec<String> {
        let text = String::from_utf8(self.body.to_vec()).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
        lines.map(str::to_owned).collect()
    }

    /// The data of all events that are JSON.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.data()
            .iter()
            .filter_map(|data| serde_json::from_str(data).ok())
            .collect()
    }
}

/// Sends a request on its own connection and gives the response as it begins.
pub(crate) async fn open(
    handle: &Handle,
    req: Request<Full<Bytes>>,
) -> Result<http::Response<Incoming>, hyper::Error> {
    open_at(handle.addr(), req).await
}

pub(crate) async fn open_at(
    addr: SocketAddr,
    req: Request<Full<Bytes>>,
) -> Result<http::Response<Incoming>, hyper::Error> {
    let stream = TcpStream::connect(addr).await.unwrap();
    let tasks = TaskTracker::new();
    if req.version() == Version::HTTP_2 {
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await?;
        tasks.spawn(connection);
        return sender.send_request(req).await;
    }
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tasks.spawn(connection);
    sender.send_request(req).await
}

pub(crate) async fn whole(response: http::Response<Incoming>) -> Reply {
    let (head, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    let whole = loop {
        match body.frame().await {
            None => break true,
            Some(Err(_)) => break false,
            Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
        }
    };
    Reply {
        status: head.status,
        headers: head.headers,
        body: bytes.into(),
        whole,
    }
}

pub(crate) async fn send(handle: &Handle, req: Request<Full<Bytes>>) -> Reply {
    whole(open(handle, req).await.unwrap()).await
}

pub(crate) fn post(path: &str, body: &Value) -> Request<Full<Bytes>> {
    let mut req = Request::post(path)
        .header("host", "simulator")
        .header("content-type", "application/json");
    if path.starts_with(MESSAGES) {
        req = req.header("anthropic-version", "2023-06-01");
    }
    req.body(Full::new(Bytes::from(body.to_string()))).unwrap()
}

pub(crate) fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path)
        .header("host", "simulator")
        .body(Full::default())
        .unwrap()
}

pub(crate) async fn call(handle: &Handle, path: &str, body: &Value) -> Reply {
    send(handle, post(path, body)).await
}
