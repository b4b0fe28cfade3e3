//! HTTP/1.1 towards providers: reuse, replacement, cancellation, limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tollgate_net::{EndpointOptions, Outgoing, SendError, Whole};

use crate::support::{
    ask, header, numbering, post, provider, read_request, send, soon, start, text, upstream,
    upstream_with, write_answer,
};

#[tokio::test]
async fn a_connection_is_kept_and_used_again() {
    let upstream = upstream(provider(numbering).await);
    for _ in 0..3 {
        assert_eq!(ask(&upstream).await, "0");
    }
    assert_eq!(upstream.open_connections(), 1);
}

#[tokio::test]
async fn the_connection_used_last_is_used_next() {
    let upstream = upstream(provider(numbering).await);
    let (one, two) = tokio::join!(send(&upstream), send(&upstream));
    let first = text(one.unwrap()).await;
    let last = text(two.unwrap()).await;
    assert_ne!(first, last);
    assert_eq!(ask(&upstream).await, last);
    assert_eq!(ask(&upstream).await, last);
}

#[tokio::test]
async fn an_answer_without_a_body_frees_its_connection_at_once() {
    let address = provider(async |mut tcp, number| {
        while read_request(&mut tcp).await.is_some() {
            let answer = format!("HTTP/1.1 204 No Content\r\nnumber: {number}\r\n\r\n");
            tcp.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await;
    let upstream = upstream(address);
    let first = send(&upstream).await.unwrap();
    let second = send(&upstream).await.unwrap();
    assert_eq!(first.headers()["number"], "0");
    assert_eq!(second.headers()["number"], "0");
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced_in_silence() {
    let (closed, mut is_closed) = mpsc::channel(4);
    let address = provider(move |mut tcp, number| {
        let closed = closed.clone();
        async move {
            read_request(&mut tcp).await;
            write_answer(&mut tcp, &number.to_string()).await;
            if number < 2 {
                drop(tcp);
                closed.send(()).await.unwrap();
            } else {
                numbering(tcp, number).await;
            }
        }
    })
    .await;
    let upstream = upstream(address);
    for number in ["0", "1", "2", "2"] {
        assert_eq!(ask(&upstream).await, number);
        if number != "2" {
            soon(is_closed.recv()).await.unwrap();
            // The runtime looks at its sockets whenever every task has yielded.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_request_was_written_is_told_as_sent() {
    let address = provider(async |mut tcp, _| {
        read_request(&mut tcp).await;
    })
    .await;
    let error = send(&upstream(address)).await.unwrap_err();
    assert!(
        matches!(error, SendError::Closed { written: true, .. }),
        "{error:?}"
    );
    assert!(error.sent());
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_a_protocol_error() {
    let address = provider(async |mut tcp, _| {
        read_request(&mut tcp).await;
        tcp.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await.unwrap();
    })
    .await;
    let error = send(&upstream(address)).await.unwrap_err();
    assert!(
        matches!(error, SendError::Protocol { written: true, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn dropping_the_request_closes_the_connection() {
    let (seen, mut events) = mpsc::channel(2);
    let address = provider(move |mut tcp, _| {
        let seen = seen.clone();
        async move {
            read_request(&mut tcp).await;
            seen.send("request").await.unwrap();
            assert_eq!(tcp.read(&mut [0]).await.unwrap_or(0), 0);
            seen.send("closed").await.unwrap();
        }
    })
    .await;
    let upstream = upstream(address);
    let waiting = start({
        let upstream = upstream.clone();
        async move { upstream.send(post(Outgoing::empty())).await.map(drop) }
    });
    assert_eq!(soon(events.recv()).await, Some("request"));
    waiting.abort();
    assert_eq!(soon(events.recv()).await, Some("closed"));
    assert_eq!(upstream.open_connections(), 0);
}

#[tokio::test]
async fn dropping_an_answer_in_its_middle_closes_the_connection() {
    let closed = Arc::new(Notify::new());
    let tell = closed.clone();
    let address = provider(move |mut tcp, _| {
        let tell = tell.clone();
        async move {
            read_request(&mut tcp).await;
            let begun = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
            tcp.write_all(begun).await.unwrap();
            assert_eq!(tcp.read(&mut [0]).await.unwrap_or(0), 0);
            tell.notify_one();
        }
    })
    .await;
    let upstream = upstream(address);
    let mut answer = send(&upstream).await.unwrap();
    let frame = soon(answer.body_mut().frame()).await.unwrap().unwrap();
    assert_eq!(frame.into_data().unwrap(), "hello");
    drop(answer);
    soon(closed.notified()).await;
    assert_eq!(upstream.open_connections(), 0);
}

#[tokio::test]
async fn an_answer_cut_off_by_the_provider_is_an_error_not_an_end() {
    let address = provider(async |mut tcp, _| {
        read_request(&mut tcp).await;
        let begun = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
        tcp.write_all(begun).await.unwrap();
    })
    .await;
    let upstream = upstream(address);
    let answer = send(&upstream).await.unwrap();
    assert!(soon(answer.into_body().collect()).await.is_err());
    assert_eq!(upstream.open_connections(), 0);
}

#[tokio::test]
async fn pieces_arrive_as_one_body_of_known_length() {
    let (seen, mut requests) = mpsc::channel(1);
    let address = provider(move |mut tcp, _| {
        let seen = seen.clone();
        async move {
            seen.send(read_request(&mut tcp).await.unwrap())
                .await
                .unwrap();
            write_answer(&mut tcp, "").await;
        }
    })
    .await;
    let pieces = ["{\"model\":", "", "\"m\"", "}"].map(Bytes::from);
    let body: Whole = pieces.into_iter().collect();
    soon(upstream(address).send(post(Outgoing::Whole(body))))
        .await
        .unwrap();
    let (head, body) = soon(requests.recv()).await.unwrap();
    assert_eq!(body, b"{\"model\":\"m\"}");
    assert_eq!(header(&head, "content-length"), Some("13"));
    assert_eq!(header(&head, "transfer-encoding"), None);
    assert_eq!(header(&head, "host"), Some(address.to_string().as_str()));
}

#[tokio::test]
async fn one_connection_more_than_allowed_is_refused_before_anything_is_sent() {
    let options = EndpointOptions {
        connections_max: 1,
        ..EndpointOptions::default()
    };
    let upstream = upstream_with(&format!("http://{}", provider(numbering).await), options);
    let held = send(&upstream).await.unwrap();
    let error = send(&upstream).await.unwrap_err();
    assert!(
        matches!(error, SendError::PoolFull { connections_max: 1 }),
        "{error:?}"
    );
    assert!(!error.sent());
    text(held).await;
    assert_eq!(ask(&upstream).await, "0");
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_told_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = send(&upstream(address)).await.unwrap_err();
    assert!(matches!(error, SendError::Connect { .. }), "{error:?}");
    assert!(!error.sent());
}

#[tokio::test]
async fn a_name_without_an_address_is_told() {
    let upstream = upstream_with("http://nowhere.invalid", EndpointOptions::default());
    let error = send(&upstream).await.unwrap_err();
    assert!(matches!(error, SendError::Resolve { .. }), "{error:?}");
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_cut_by_the_connect_timeout() {
    let address = provider(async |tcp, _| {
        std::future::pending::<()>().await;
        drop(tcp);
    })
    .await;
    let limit = Duration::from_millis(50);
    let options = EndpointOptions {
        connect_timeout: limit,
        ..EndpointOptions::default()
    };
    let upstream = upstream_with(&format!("https://{address}"), options);
    let error = send(&upstream).await.unwrap_err();
    assert!(
        matches!(error, SendError::ConnectTimeout { .. }),
        "{error:?}"
    );
    assert!(!error.sent());
    assert_eq!(upstream.open_connections(), 0);
}

#[tokio::test]
async fn an_unused_connection_is_closed_after_its_time() {
    let closed = Arc::new(Notify::new());
    let tell = closed.clone();
    let address = provider(move |tcp, number| {
        let tell = tell.clone();
        async move {
            numbering(tcp, number).await;
            tell.notify_one();
        }
    })
    .await;
    let idle_timeout = Duration::from_millis(40);
    let options = EndpointOptions {
        idle_timeout,
        ..EndpointOptions::default()
    };
    let upstream = upstream_with(&format!("http://{address}"), options);
    ask(&upstream).await;
    soon(closed.notified()).await;
    assert_eq!(upstream.open_connections(), 0);
}

#[tokio::test]
async fn nothing_is_read_from_the_provider_that_nobody_asked_for() {
    const BLOCK: usize = 64 * 1024;
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let address = provider(move |mut tcp, _| {
        let count = count.clone();
        async move {
            read_request(&mut tcp).await;
            tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
                .await
                .unwrap();
            while tcp.write_all(&[b'x'; BLOCK]).await.is_ok() {
                count.fetch_add(BLOCK, Ordering::Relaxed);
            }
        }
    })
    .await;
    let answer = send(&upstream(address)).await.unwrap();
    let mut before = usize::MAX;
    while written.load(Ordering::Relaxed) != before {
        before = written.load(Ordering::Relaxed);
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
    }
    // Only what the buffers of the system hold.
    assert!(before < 32 * 1024 * 1024, "{before}");
    drop(answer);
}

#[tokio::test]
async fn informational_answers_without_end_are_cut_by_their_size() {
    let address = provider(async |mut tcp, _| {
        read_request(&mut tcp).await;
        let hint = b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
        while tcp.write_all(hint).await.is_ok() {}
    })
    .await;
    let upstream = upstream(address);
    let error = send(&upstream).await.unwrap_err();
    assert!(
        matches!(error, SendError::HeadTooLarge { bytes_max: 65_536 }),
        "{error:?}"
    );
    assert!(error.sent());
    assert_eq!(upstream.open_connections(), 0);
}

#[tokio::test]
async fn a_few_informational_answers_are_passed_over() {
    let address = provider(async |mut tcp, _| {
        while read_request(&mut tcp).await.is_some() {
            let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20);
            tcp.write_all(hints.as_bytes()).await.unwrap();
            write_answer(&mut tcp, "said").await;
        }
    })
    .await;
    let upstream = upstream(address);
    for _ in 0..200 {
        assert_eq!(ask(&upstream).await, "said", "each request counts anew");
    }
    assert_eq!(upstream.open_connections(), 1);
}
