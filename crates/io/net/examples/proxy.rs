//! The least a proxy over this crate can do: forward a request with its body in memory,
//! stream the answer. Beside nginx and a bare hyper proxy it shows what this floor costs.
//!
//! `proxy [--port 9200] [--upstream 127.0.0.1:9100]`

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Either, Empty};
use hyper::header::HOST;
use hyper::{Request, Response, StatusCode};
use tollgate_net::{
    AnswerBody, BodyError, Drain, Endpoint, EndpointOptions, FixedLimits, Incoming, Listener,
    Outgoing, Peer, ServerOptions, TaskTracker, Upstream, serve,
};

type Body = Either<
    AnswerBody,
    http_body_util::combinators::MapErr<
        Empty<bytes::Bytes>,
        fn(std::convert::Infallible) -> BodyError,
    >,
>;

async fn forward(
    request: Request<Incoming>,
    _peer: Arc<Peer>,
    upstream: Upstream,
) -> Response<Body> {
    match attempt(request, &upstream).await {
        Ok(answer) => answer.map(Either::Left),
        Err(error) => {
            tracing::debug!(%error, "not forwarded");
            let empty = Empty::new()
                .map_err((|never| match never {}) as fn(std::convert::Infallible) -> BodyError);
            let mut answer = Response::new(Either::Right(empty));
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        }
    }
}

async fn attempt(
    request: Request<Incoming>,
    upstream: &Upstream,
) -> Result<Response<AnswerBody>, Box<dyn std::error::Error + Send + Sync>> {
    let (mut head, body) = request.into_parts();
    head.headers.remove(HOST);
    let body = body.collect().await?.to_bytes();
    Ok(upstream
        .send(Request::from_parts(head, Outgoing::from(body)))
        .await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let (mut port, mut to) = (9200, String::from("127.0.0.1:9100"));
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--port", Some(value)) => port = value.parse()?,
            ("--upstream", Some(value)) => to = value,
            _ => return Err("usage: proxy [--port N] [--upstream HOST:PORT]".into()),
        }
    }
    let tasks = TaskTracker::new();
    let options = EndpointOptions {
        idle_max: 512,
        ..EndpointOptions::default()
    };
    let upstream = Upstream::new(Endpoint::parse(&format!("http://{to}"))?, options, &tasks)?;
    let listener = Listener::bind("127.0.0.1", port).await?;
    let drain = Drain::new();
    let service = move |request, peer| forward(request, peer, upstream.clone());
    let server = ServerOptions {
        header_bytes_max: 64 * 1024,
        headers_max: 100,
        header_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(75),
        connections_max: 16 * 1024,
        fixed: FixedLimits::default(),
    };
    let serving = serve(vec![listener], None, server, service, drain.clone());
    tokio::select! {
        () = serving => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    drain.finish(Duration::from_secs(5)).await;
    Ok(())
}
