//! Sides that never stop and sides that do not read: nothing grows, nothing waits for ever.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::ask::Ask;
use crate::bench::{Bench, Parts, soon, start, until};
use crate::speech::Speech;

/// The buffers of the sockets on both sides of the gateway, which grow to some megabytes,
/// and little more.
const IN_BETWEEN_BYTES_MAX: usize = 24 << 20;

/// How long an answer may stand.
const SHORT: Option<Duration> = Some(Duration::from_millis(100));

/// Providers that say `head` and then `again` without end, as fast as it is read or in
/// these steps; the bytes that they got rid of.
async fn endless(
    head: &'static str,
    again: &'static str,
    step: Option<Duration>,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let taken = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&taken);
    start(async move {
        loop {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let count = Arc::clone(&count);
            start(async move {
                let _request = tcp.read(&mut [0; 16 * 1024]).await;
                let _gone = tcp.write_all(head.as_bytes()).await;
                let mut steps = step.map(tokio::time::interval);
                while tcp.write_all(again.as_bytes()).await.is_ok() {
                    count.fetch_add(again.len(), Ordering::Relaxed);
                    if let Some(steps) = &mut steps {
                        steps.tick().await;
                    }
                }
            });
        }
    });
    (address, taken)
}

/// A gateway before one provider, for chats and for plain requests.
async fn before(provider: SocketAddr, gateway: &str, send_timeout: Option<Duration>) -> Bench {
    let names = [("$ENDLESS", format!("http://{provider}"))];
    let parts = Parts {
        names: &names,
        send_timeout,
        ..Parts::default()
    };
    let config = format!(
        "gateway: {{anonymous: allow{gateway}}}\n\
         providers: [{{name: p, kind: openai_compatible, base_url: $ENDLESS}}]\n\
         routes: [{{name: plain, path: /plain, provider: p}}]\n"
    );
    Bench::with(&config, parts).await
}

/// How many bytes were taken once no more are.
async fn at_rest(taken: &AtomicUsize) -> usize {
    let (mut before, mut looks) = (0, 0);
    until(|| {
        let now = taken.load(Ordering::Relaxed);
        looks = if now == before { looks + 1 } else { 0 };
        before = now;
        now > 0 && looks > 200
    })
    .await;
    before
}

/// A caller over HTTP/2 that has room for 64 KiB of its answer.
async fn over_http2(address: SocketAddr, path: &str, body: &str) -> http::Response<Incoming> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(65_535)
        .handshake(TokioIo::new(tcp))
        .await
        .unwrap();
    start(connection);
    let request = Request::post(format!("http://gateway.test{path}"))
        .body(Full::new(Bytes::from(body.to_owned())))
        .unwrap();
    soon(sender.send_request(request)).await.unwrap()
}

/// A caller in the midst of an upload over HTTP/2, with the head of its answer.
async fn uploading(address: SocketAddr) -> (h2::RecvStream, h2::SendStream<Bytes>) {
    let tcp = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = h2::client::handshake(tcp).await.unwrap();
    start(connection);
    let mut sender = sender.ready().await.unwrap();
    let request = Request::post("http://gateway.test/plain").body(()).unwrap();
    let (answer, mut upload) = sender.send_request(request, false).unwrap();
    let part = Bytes::from_static(b"a part");
    upload.send_data(part, false).unwrap();
    let answer = soon(answer).await.unwrap();
    assert_eq!(answer.status(), 200);
    (answer.into_body(), upload)
}

const EVENT: &str = concat!(
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",",
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one more and another and one more and\"},",
    "\"finish_reason\":null}]}\n\n"
);

#[tokio::test]
async fn no_more_is_taken_from_a_provider_than_its_caller_reads() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let paths = ["/v1/chat/completions", "/v1/messages", "/plain"];
    for path in paths {
        let body = Speech::OpenAi.body("m", "Go on.", true).to_string();
        for http2 in [false, true] {
            let (provider, taken) = endless(head, EVENT, None).await;
            let bench = before(provider, "", None).await;
            if http2 {
                let mut answer = over_http2(bench.address, path, &body).await;
                let first = soon(answer.body_mut().frame()).await;
                assert!(first.unwrap().unwrap().is_data());
                let taken = at_rest(&taken).await;
                assert!(taken < IN_BETWEEN_BYTES_MAX, "{path}: {taken}");
            } else {
                let mut open = bench.open(Ask::post(path, body.clone())).await;
                open.next().await;
                let taken = at_rest(&taken).await;
                assert!(taken < IN_BETWEEN_BYTES_MAX, "{path}: {taken}");
            }
            assert_eq!(bench.settled().await["caller_gone"], true, "{path}");
        }
    }
}

#[tokio::test]
async fn an_answer_over_http2_that_is_not_taken_is_given_up_and_settled() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let paths = ["/v1/chat/completions", "/v1/messages", "/plain"];
    for path in paths {
        let (provider, taken) = endless(head, EVENT, None).await;
        let bench = before(provider, "", SHORT).await;
        let body = Speech::OpenAi.body("m", "Go on.", true).to_string();
        let untouched = over_http2(bench.address, path, &body).await;
        let record = bench.settled().await;
        assert_eq!(record["caller_gone"], true, "{path}: {record}");
        assert_eq!(record["error_class"], "caller_gone", "{path}: {record}");
        // The provider is let go too.
        let before = at_rest(&taken).await;
        assert_eq!(before, taken.load(Ordering::Relaxed), "{path}");
        drop(untouched);
    }
}

#[tokio::test]
async fn an_upload_whose_answer_is_not_taken_is_given_up_and_settled() {
    let (provider, _) = endless("HTTP/1.1 200 OK\r\n\r\n", EVENT, None).await;
    let bench = before(provider, "", SHORT).await;
    let (answer, upload) = uploading(bench.address).await;
    let record = bench.settled().await;
    assert_eq!(record["caller_gone"], true, "{record}");
    assert_eq!(record["error_class"], "caller_gone", "{record}");
    drop((answer, upload));
}

#[tokio::test]
async fn a_provider_that_never_gets_to_its_answer_is_given_up() {
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
    let slow = Some(Duration::from_millis(20));
    let timeouts = ", timeouts: {first_token_ms: 200}, failover: {attempts_max: 1}";
    for (step, status, class) in [
        (slow, 504, "provider_timeout"),
        (None, 502, "provider_protocol"),
    ] {
        let (provider, _) = endless(hint, hint, step).await;
        let bench = before(provider, timeouts, None).await;
        let (told, record) = bench.ask(Speech::OpenAi.ask("m", "Go on.", true)).await;
        assert_eq!(told.status, status, "{}", told.text());
        assert_eq!(record["error_class"], class, "{record}");
    }
}

/// Many events in one write, so that the gateway never has to wait for the next.
static EVENTS: LazyLock<String> = LazyLock::new(|| EVENT.repeat(1000));
static COMMENTS: LazyLock<String> = LazyLock::new(|| ": still here\n\n".repeat(5000));

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_provider_that_never_pauses_is_given_up_in_time() {
    let timeouts = ", timeouts: {first_token_ms: 200, whole_ms: 400}, failover: {attempts_max: 1}";
    let stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let chat = &*Speech::OpenAi.path();
    // The caller hears of it in the stream, or by an aborted connection where bytes pass.
    for (path, again, status) in [
        (chat, COMMENTS.as_str(), 200),
        (chat, EVENTS.as_str(), 200),
        ("/plain", EVENTS.as_str(), 200),
    ] {
        let (provider, _) = endless(stream, again, None).await;
        let bench = before(provider, timeouts, None).await;
        let body = Speech::OpenAi.body("m", "Go on.", true).to_string();
        soon(bench.open(Ask::post(path, body)).await.waste()).await;
        let record = bench.settled().await;
        assert_eq!(record["status"], status, "{path}: {record}");
        assert_eq!(
            record["error_class"], "provider_timeout",
            "{path}: {record}"
        );
    }
}

#[tokio::test]
async fn an_upload_over_http2_that_breaks_off_is_its_callers_doing() {
    let (provider, _) = endless(
        "HTTP/1.1 200 OK\r\n\r\n",
        "more",
        Some(Duration::from_millis(5)),
    )
    .await;
    let bench = before(provider, "", None).await;
    let (_answer, mut upload) = uploading(bench.address).await;
    upload.send_reset(h2::Reason::CANCEL);
    let record = bench.settled().await;
    assert_eq!(record["error_class"], "caller_gone", "{record}");
    assert_eq!(record["caller_gone"], true, "{record}");
}
