//! A caller's body on its way to a provider: who broke it off, and that it ends with its answer.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tollgate_net::{BodyError, Incoming, Outgoing, SendError, Upstream};

use crate::support::{Server, defaults, fed, soon, start, upstream, upstream_h2c};

/// What becomes of an upload, told by the proxy and by the provider.
#[derive(Debug)]
enum Told {
    /// The head of the provider's answer is here.
    Answered,
    /// No answer came.
    Unsent(SendError),
    /// The answer broke off.
    Cut(BodyError),
    /// The provider's end of the upload is over; false when it broke off.
    Over(bool),
}

type Tell = mpsc::Sender<Told>;

/// A provider that reads every upload and, where it answers at all, never ends its answer.
async fn endless(answers: bool, tell: Tell) -> Server {
    Server::with(defaults(), None, move |request: Request<Incoming>, _| {
        let tell = tell.clone();
        start(async move {
            let read = request.into_body().collect().await;
            tell.send(Told::Over(read.is_ok())).await.unwrap();
        });
        async move {
            if !answers {
                std::future::pending::<()>().await;
            }
            let (feeder, body) = fed();
            start(async move {
                feeder
                    .frames
                    .send(Bytes::from_static(b"begun"))
                    .await
                    .unwrap();
                feeder.body_is_gone().await;
            });
            Response::new(body)
        }
    })
    .await
}

/// A proxy that goes on when its caller has left, and tells what it sees.
async fn proxy(upstream: Upstream, tell: Tell, reads: bool) -> Server {
    Server::with(defaults(), None, move |request: Request<Incoming>, _| {
        let (tell, upstream) = (tell.clone(), upstream.clone());
        let upload = Request::post("/").body(Outgoing::from(request.into_body()));
        // Not in the service's own future: that is dropped with its caller.
        start(async move {
            let told = match upstream.send(upload.unwrap()).await {
                Err(error) => Told::Unsent(error),
                Ok(answer) => {
                    tell.send(Told::Answered).await.unwrap();
                    if !reads {
                        return;
                    }
                    Told::Cut(answer.into_body().collect().await.map(drop).unwrap_err())
                }
            };
            tell.send(told).await.unwrap();
        });
        std::future::pending::<Response<Full<Bytes>>>()
    })
    .await
}

/// A caller in the midst of its upload.
enum Caller {
    Http1(TcpStream),
    Http2(h2::SendStream<Bytes>),
}

impl Caller {
    async fn begin(address: SocketAddr, http2: bool) -> Self {
        let mut tcp = TcpStream::connect(address).await.unwrap();
        if !http2 {
            let head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhello";
            tcp.write_all(head).await.unwrap();
            return Self::Http1(tcp);
        }
        let (mut sender, connection) = h2::client::handshake(tcp).await.unwrap();
        start(connection);
        let request = Request::post("http://x/").body(()).unwrap();
        let (_answer, mut upload) = sender.send_request(request, false).unwrap();
        upload
            .send_data(Bytes::from_static(b"hello"), false)
            .unwrap();
        Self::Http2(upload)
    }

    fn break_off(self) {
        match self {
            Self::Http1(tcp) => drop(tcp),
            Self::Http2(mut upload) => upload.send_reset(h2::Reason::CANCEL),
        }
    }
}

fn towards(provider: SocketAddr, http2: bool) -> Upstream {
    if http2 {
        upstream_h2c(provider, 100)
    } else {
        upstream(provider)
    }
}

#[tokio::test]
async fn a_callers_body_that_breaks_off_is_told_apart_from_a_provider_that_does() {
    for (from_http2, to_http2) in [(false, false), (false, true), (true, false), (true, true)] {
        for answers in [false, true] {
            let (tell, mut told) = mpsc::channel(4);
            let provider = endless(answers, tell.clone()).await;
            let proxy = proxy(towards(provider.address, to_http2), tell, true).await;
            let caller = Caller::begin(proxy.address, from_http2).await;
            if answers {
                assert!(matches!(soon(told.recv()).await, Some(Told::Answered)));
            } else {
                while provider.drain.open_connections() == 0 {
                    tokio::task::yield_now().await;
                }
            }
            caller.break_off();
            let (mut blamed, mut over) = (false, false);
            while !(blamed && over) {
                match soon(told.recv()).await.unwrap() {
                    Told::Unsent(SendError::Body(_)) if !answers => blamed = true,
                    Told::Cut(BodyError::Caller(_)) if answers => blamed = true,
                    Told::Over(false) => over = true,
                    told => panic!("{from_http2} to {to_http2}, {answers}: {told:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn an_upload_ends_with_the_answer_that_nobody_reads() {
    for to_http2 in [false, true] {
        let (tell, mut told) = mpsc::channel(4);
        let provider = endless(true, tell.clone()).await;
        let proxy = proxy(towards(provider.address, to_http2), tell, false).await;
        let caller = Caller::begin(proxy.address, true).await;
        assert!(matches!(soon(told.recv()).await, Some(Told::Answered)));
        assert!(matches!(soon(told.recv()).await, Some(Told::Over(false))));
        drop(caller);
    }
}
