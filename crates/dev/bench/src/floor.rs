//! The least that a proxy on hyper can do: forward, streaming both ways, over the
//! pooled client of hyper-util. The yardstick for what the HTTP library costs.

use std::convert::Infallible;
use std::process::ExitCode;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::Failure;

/// Arguments of `floor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Port to listen on
    #[arg(long)]
    port: u16,
    /// Port of the provider
    #[arg(long)]
    upstream: u16,
}

type Answer = Response<BoxBody<Bytes, hyper::Error>>;

#[derive(Clone)]
struct Proxy {
    client: Client<HttpConnector, Incoming>,
    upstream: Authority,
}

/// Serves until it is killed.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let proxy = Proxy {
        client: Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(512)
            .build(connector),
        upstream: format!("127.0.0.1:{}", arguments.upstream).parse()?,
    };
    let port = arguments.port;
    runtime.block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        loop {
            let Ok((socket, _)) = listener.accept().await else {
                continue;
            };
            tokio::runtime::Handle::current().spawn(serve(proxy.clone(), socket));
        }
    })
}

async fn serve(proxy: Proxy, socket: TcpStream) {
    let _unset = socket.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| forward(proxy.clone(), request));
    // A caller that goes away ends its own connection only.
    let _gone = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

async fn forward(proxy: Proxy, mut request: Request<Incoming>) -> Result<Answer, Infallible> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(proxy.upstream.clone());
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    Ok(match proxy.client.request(request).await {
        Ok(answer) => answer.map(BodyExt::boxed),
        Err(_) => {
            let nothing = Empty::new().map_err(|never| match never {}).boxed();
            let mut answer = Response::new(nothing);
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        }
    })
}
