//! Callers: protocols, limits, hang-ups, and a whole proxy.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tollgate_net::{BindError, FixedLimits, Incoming, Listener, Outgoing, ServerOptions};

use crate::support::{
    Server, ask, defaults, fed, numbering, provider, read_to_end, read_until, soon, text, upstream,
    upstream_h2c,
};

/// The end of the answer to a request over HTTP/1.1.
const ANSWER: &str = "\r\n\r\nHTTP/1.1";
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const SHORT: Duration = Duration::from_millis(60);

fn hurried() -> FixedLimits {
    FixedLimits {
        send_timeout: SHORT,
        ..FixedLimits::default()
    }
}

#[tokio::test]
async fn both_protocols_are_spoken_on_one_port() {
    let server = Server::versions(defaults(), None).await;
    assert_eq!(ask(&upstream(server.address)).await, "HTTP/1.1");
    assert_eq!(ask(&upstream_h2c(server.address, 100)).await, "HTTP/2.0");
}

#[tokio::test]
async fn a_preface_in_pieces_is_still_a_preface() {
    let server = Server::versions(defaults(), None).await;
    let mut tcp = server.connect().await;
    for piece in ["P", "RI * HTTP/2.0\r\n", "\r\nSM\r\n", "\r\n"] {
        tcp.write_all(piece.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
    }
    // An empty SETTINGS frame, as the caller's first; the server's own comes back.
    tcp.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    let mut frame = [0; 9];
    soon(tcp.read_exact(&mut frame)).await.unwrap();
    assert_eq!(frame[3], 4, "a SETTINGS frame, not {frame:?}");
}

#[tokio::test]
async fn a_method_that_begins_like_the_preface_is_http1() {
    let server = Server::versions(defaults(), None).await;
    let mut tcp = server.connect().await;
    tcp.write_all(b"PR").await.unwrap();
    tokio::task::yield_now().await;
    tcp.write_all(b"OPFIND / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(
        read_until(&mut tcp, ANSWER)
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn half_a_preface_half_a_head_and_silence_are_cut_by_the_header_timeout() {
    let options = ServerOptions {
        header_timeout: SHORT,
        ..defaults()
    };
    let server = Server::versions(options, None).await;
    for beginning in ["", "PRI * HTTP", "GET / HTTP/1.1\r\nhost: x\r\nslow: "] {
        let mut tcp = server.connect().await;
        tcp.write_all(beginning.as_bytes()).await.unwrap();
        read_to_end(&mut tcp).await;
    }
    soon(server.drain.finish(Duration::from_secs(5))).await;
}

#[tokio::test]
async fn the_second_head_is_timed_like_the_first() {
    let options = ServerOptions {
        header_timeout: SHORT,
        ..defaults()
    };
    let server = Server::versions(options, None).await;
    let mut tcp = server.connect().await;
    tcp.write_all(GET).await.unwrap();
    read_until(&mut tcp, ANSWER).await;
    tcp.write_all(b"GET / HT").await.unwrap();
    read_to_end(&mut tcp).await;
}

#[tokio::test]
async fn a_connection_without_requests_is_closed_after_the_idle_timeout() {
    let options = ServerOptions {
        idle_timeout: SHORT,
        ..defaults()
    };
    let server = Server::versions(options, None).await;
    let mut tcp = server.connect().await;
    tcp.write_all(GET).await.unwrap();
    read_until(&mut tcp, ANSWER).await;
    assert_eq!(read_to_end(&mut tcp).await, "");
}

#[tokio::test]
async fn too_many_and_too_large_headers_are_431() {
    let options = ServerOptions {
        header_bytes_max: 16 * 1024,
        ..defaults()
    };
    let server = Server::versions(options, None).await;
    let many = "a: b\r\n".repeat(101);
    let large = format!("a: {}\r\n", "x".repeat(17 * 1024));
    for headers in [many, large] {
        let mut tcp = server.connect().await;
        let request = format!("GET / HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        tcp.write_all(request.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut tcp).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert_eq!(server.drain.unreadable_heads(), 2);
}

#[tokio::test]
async fn heads_that_cannot_be_read_are_counted_and_others_are_not() {
    let server = Server::versions(defaults(), None).await;
    for (head, counted) in [
        ("GET / HTTP/1.1\r\nho st: x\r\n\r\n", 1),
        ("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 1),
        ("GET / HT", 1),
        ("\0\0\r\n\r\n", 2),
    ] {
        let mut tcp = server.connect().await;
        tcp.write_all(head.as_bytes()).await.unwrap();
        tcp.shutdown().await.unwrap();
        read_to_end(&mut tcp).await;
        while server.drain.open_connections() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.drain.unreadable_heads(), counted, "{head:?}");
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_drops_the_service() {
    let (feeder, body) = fed();
    let held = Arc::new(Mutex::new(Some(body)));
    let server = Server::with(defaults(), None, move |_: Request<Incoming>, _| {
        let held = held.clone();
        async move {
            let _held = held.lock().await.take();
            std::future::pending::<Response<Full<Bytes>>>().await
        }
    })
    .await;
    let mut tcp = server.connect().await;
    tcp.write_all(GET).await.unwrap();
    while server.drain.open_connections() == 0 {
        tokio::task::yield_now().await;
    }
    drop(tcp);
    feeder.body_is_gone().await;
}

#[tokio::test]
async fn a_caller_that_takes_nothing_of_its_answer_is_cut_by_the_send_timeout() {
    let (feeder, body) = fed();
    let body = Arc::new(Mutex::new(Some(body)));
    let options = ServerOptions {
        header_timeout: SHORT,
        fixed: hurried(),
        ..defaults()
    };
    let server = Server::with(options, None, move |_: Request<Incoming>, _| {
        let body = body.clone();
        async move { Response::new(body.lock().await.take().unwrap()) }
    })
    .await;
    let mut tcp = server.connect().await;
    tcp.write_all(GET).await.unwrap();
    let block = Bytes::from(vec![b'x'; 1 << 20]);
    while soon(feeder.frames.send(block.clone())).await.is_ok() {}
    feeder.body_is_gone().await;
}

#[tokio::test]
async fn above_the_limit_a_caller_waits_until_another_leaves() {
    let options = ServerOptions {
        connections_max: 1,
        ..defaults()
    };
    let server = Server::versions(options, None).await;
    let mut first = server.connect().await;
    first.write_all(GET).await.unwrap();
    read_until(&mut first, ANSWER).await;
    let mut second = server.connect().await;
    second.write_all(GET).await.unwrap();
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.drain.open_connections(), 1);
    drop(first);
    read_until(&mut second, ANSWER).await;
}

#[tokio::test]
async fn a_port_in_use_is_told_with_what_to_do() {
    let first = Listener::bind("127.0.0.1", 0).await.unwrap();
    let port = first.address().unwrap().port();
    let error = Listener::bind("127.0.0.1", port).await.unwrap_err();
    assert!(matches!(error, BindError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains("choose another port"));
    let error = Listener::bind("192.0.2.77", 0).await.unwrap_err();
    assert!(
        matches!(error, BindError::NoSuchAddress { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_wildcard_of_version_six_takes_callers_of_version_four() {
    let Ok(listener) = Listener::bind("::", 0).await else {
        return; // No IPv6 on this machine.
    };
    let port = listener.address().unwrap().port();
    tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .unwrap();
}

/// A proxy: the caller's body streamed to the provider, the answer streamed back.
async fn proxy(to: std::net::SocketAddr) -> Server {
    let upstream = upstream(to);
    Server::with(defaults(), None, move |request: Request<Incoming>, _| {
        let upstream = upstream.clone();
        async move { upstream.send(request.map(Outgoing::from)).await.unwrap() }
    })
    .await
}

#[tokio::test]
async fn requests_back_to_back_on_one_connection_do_not_stall() {
    let proxy = proxy(provider(numbering).await).await;
    let caller = upstream(proxy.address);
    ask(&caller).await;
    let started = Instant::now();
    for _ in 0..50 {
        assert_eq!(ask(&caller).await, "0");
    }
    // With Nagle's algorithm each takes 40 ms.
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn bodies_stream_through_both_ways() {
    let echo = Server::with(
        defaults(),
        None,
        |request: Request<Incoming>, _| async move { Response::new(request.into_body()) },
    )
    .await;
    let proxy = proxy(echo.address).await;
    let body = Bytes::from(vec![b'y'; 3 << 20]);
    for caller in [upstream(proxy.address), upstream_h2c(proxy.address, 100)] {
        let request = Request::post("/")
            .body(Outgoing::from(body.clone()))
            .unwrap();
        let answer = soon(caller.send(request)).await.unwrap();
        assert_eq!(text(answer).await.len(), body.len());
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_in_a_stream_cancels_the_provider() {
    let (feeder, body) = fed();
    let body = Arc::new(Mutex::new(Some(body)));
    let source = Server::with(defaults(), None, move |_: Request<Incoming>, _| {
        let body = body.clone();
        async move { Response::new(body.lock().await.take().unwrap()) }
    })
    .await;
    let proxy = proxy(source.address).await;
    let mut tcp = proxy.connect().await;
    tcp.write_all(GET).await.unwrap();
    feeder
        .frames
        .send(Bytes::from_static(b"data: 1\n\n"))
        .await
        .unwrap();
    read_until(&mut tcp, "data: 1").await;
    drop(tcp);
    feeder.body_is_gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_at_once_on_many_threads_all_get_their_own_answer() {
    let echo = Server::with(
        defaults(),
        None,
        |request: Request<Incoming>, _| async move {
            Response::new(Full::new(
                request.into_body().collect().await.unwrap().to_bytes(),
            ))
        },
    )
    .await;
    let proxy = proxy(echo.address).await;
    let caller = upstream(proxy.address);
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..32 {
        let caller = caller.clone();
        callers.spawn(async move {
            for turn in 0..50 {
                let text = format!("{number} {turn} {}", "z".repeat(turn * 97));
                let request = Request::post("/")
                    .body(Outgoing::from(Bytes::from(text.clone())))
                    .unwrap();
                assert_eq!(
                    crate::support::text(caller.send(request).await.unwrap()).await,
                    text
                );
            }
        });
    }
    while let Some(ended) = soon(callers.join_next()).await {
        ended.unwrap();
    }
}
