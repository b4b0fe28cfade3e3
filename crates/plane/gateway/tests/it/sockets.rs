//! WebSockets through a gateway, frame by frame.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::bench::{Bench, PROVIDER_KEY, Parts, soon, start};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// `hi` of a client, masked.
const HI: &[u8] = &[0x81, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2];
const CLOSE_OF_CLIENT: &[u8] = &[0x88, 0x82, 0, 0, 0, 0, 3, 0xe8];
const CLOSE_OF_SERVER: &[u8] = &[0x88, 2, 3, 0xe8];

/// A frame of a server.
fn text(payload: &str) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[0x81, 126][..], &length, payload.as_bytes()].concat()
}

/// A provider that agrees to one WebSocket, waits for `HI`, says this and reads to the end.
struct Server {
    address: String,
    seen: JoinHandle<(String, Vec<u8>)>,
}

async fn server(answer: &'static str, said: Vec<u8>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = start(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let (head, mut rest) = head_of(&mut tcp).await;
        tcp.write_all(answer.as_bytes()).await.unwrap();
        while rest.len() < HI.len() {
            if tcp.read_buf(&mut rest).await.unwrap_or(0) == 0 {
                return (head, rest);
            }
        }
        tcp.write_all(&said).await.unwrap();
        while tcp.read_buf(&mut rest).await.unwrap_or(0) > 0 {}
        (head, rest)
    });
    Server { address, seen }
}

const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\
     connection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
     sec-websocket-protocol: realtime\r\nset-cookie: a=b\r\n\r\n";

async fn head_of(tcp: &mut TcpStream) -> (String, Vec<u8>) {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return (String::from_utf8(read).unwrap().to_lowercase(), rest);
        }
        assert!(tcp.read_buf(&mut read).await.unwrap() > 0, "{read:?}");
    }
}

async fn bench(server: &Server, more: &str) -> Bench {
    let provider = format!(
        "base_url: $STUB/v1, secret_key_ref: {{env: PROVIDER_KEY}}, pass_through: {{enabled: true{more}}}"
    );
    bench_of(server, &provider, ("$KEY", String::new())).await
}

async fn bench_of(server: &Server, provider: &str, name: (&str, String)) -> Bench {
    let names = [("$STUB", server.address.clone()), name];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let config = format!(
        "services: [{{name: s, keys: [{{id: $ID, hash: \"$HASH\"}}]}}]\nproviders:\n  - {{name: acme, {provider}}}\n"
    );
    Bench::with(&config, parts).await
}

/// A caller that asks as a browser does.
async fn caller(bench: &Bench, path: &str) -> (TcpStream, String, Vec<u8>) {
    caller_with(bench, path, "").await
}

/// With further subprotocols.
async fn caller_with(bench: &Bench, path: &str, more: &str) -> (TcpStream, String, Vec<u8>) {
    let mut tcp = TcpStream::connect(bench.address).await.unwrap();
    let ask = format!(
        "GET {path} HTTP/1.1\r\nhost: gateway\r\nconnection: keep-alive, Upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n\
         sec-websocket-extensions: permessage-deflate\r\n\
         sec-websocket-protocol: realtime, openai-insecure-api-key.{}{more}\r\n\r\n",
        bench.key
    );
    tcp.write_all(ask.as_bytes()).await.unwrap();
    let (head, rest) = soon(head_of(&mut tcp)).await;
    (tcp, head, rest)
}

/// Says `HI` and reads until the other side closes.
async fn talk(tcp: &mut TcpStream, mut read: Vec<u8>) -> Vec<u8> {
    tcp.write_all(HI).await.unwrap();
    let close = |read: &[u8]| read.windows(2).any(|two| two[0] == 0x88 && two[1] < 126);
    soon(async {
        while !close(&read) {
            assert!(tcp.read_buf(&mut read).await.unwrap() > 0, "{read:?}");
        }
        tcp.write_all(CLOSE_OF_CLIENT).await.unwrap();
        while tcp.read_buf(&mut read).await.unwrap_or(0) > 0 {}
    })
    .await;
    read
}

#[tokio::test]
async fn frames_pass_as_they_are_with_the_providers_key_and_usage_adds_up() {
    let turn = r#"{"type":"response.done","response":{"usage":{"total_tokens":12,"input_tokens":7,"output_tokens":5,"input_token_details":{"cached_tokens":3}}}}"#;
    let other = r#"{"type":"response.created","response":{"usage":{"input_tokens":100,"output_tokens":1}}, "x":"0123456789012345678901234567890123456789"}"#;
    let said = [&text(turn)[..], &text(other), &text(turn), CLOSE_OF_SERVER].concat();
    let server = server(AGREED, said.clone()).await;
    let bench = bench(&server, "").await;
    let (mut tcp, head, rest) = caller(&bench, "/acme/v1/realtime?model=gpt-realtime").await;
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    for line in [
        "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=",
        "sec-websocket-protocol: realtime",
        "x-tollgate-request-id: ",
    ] {
        assert!(head.contains(line), "{head}");
    }
    assert!(!head.contains("set-cookie"), "{head}");
    assert_eq!(talk(&mut tcp, rest).await, said);
    drop(tcp);

    let (head, read) = soon(server.seen).await.unwrap();
    assert!(
        head.starts_with("get /v1/realtime?model=gpt-realtime http/1.1"),
        "{head}"
    );
    assert!(
        head.contains(&format!("authorization: bearer {PROVIDER_KEY}")),
        "{head}"
    );
    assert!(
        head.contains("sec-websocket-protocol: realtime\r\n"),
        "{head}"
    );
    assert!(!head.contains("deflate") && !head.contains("tg_"), "{head}");
    assert_eq!(read, [HI, CLOSE_OF_CLIENT].concat());

    let record = bench.settled().await;
    let expected = serde_json::json!({
        "operation": "web_socket", "status": 101, "service": "s", "provider": "acme", "stream": true,
        "bytes_in": HI.len() + CLOSE_OF_CLIENT.len(), "bytes_out": said.len(), "caller_gone": false,
        "input_tokens": 14, "output_tokens": 10, "cached_input_tokens": 6, "usage_source": "reported",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&record[name], value, "{name} in {record}");
    }
    assert_eq!(record.get("error_class"), None, "{record}");
}

#[tokio::test]
async fn what_is_no_frame_too_much_or_too_silent_is_closed() {
    for (said, more, code, class) in [
        (HI.to_vec(), "", 1002, Value::from("provider_protocol")),
        (
            text(&"x".repeat(300)),
            ", web_sockets: {message_bytes_max: 200}",
            1009,
            "provider_protocol".into(),
        ),
        (
            Vec::new(),
            ", web_sockets: {silent_ms: 30}",
            1001,
            "provider_timeout".into(),
        ),
        (
            Vec::new(),
            ", web_sockets: {open_ms: 30}",
            1001,
            Value::Null,
        ),
    ] {
        let server = server(AGREED, said).await;
        let bench = bench(&server, more).await;
        let (mut tcp, _, rest) = caller(&bench, "/acme/v1/realtime").await;
        let read = talk(&mut tcp, rest).await;
        assert_eq!(read[0], 0x88, "{read:?}");
        assert_eq!(u16::from_be_bytes([read[2], read[3]]), code, "{more}");
        drop(tcp);
        let (_, read) = soon(server.seen).await.unwrap();
        // On a busy machine what is too silent ends before anything was said.
        let told = read.strip_prefix(HI).unwrap_or(&read);
        assert_eq!(told[0], 0x88, "the provider is told too: {read:?}");
        let record = bench.settled().await;
        assert_eq!(record["error_class"], class, "{record}");
        assert_eq!(record["usage_source"], "unknown", "{record}");
    }
}

#[tokio::test]
async fn a_refused_handshake_is_the_callers_answer() {
    let refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno";
    let server = server(refusal, Vec::new()).await;
    let bench = bench(&server, "").await;
    let (_tcp, head, rest) = caller(&bench, "/acme/v1/realtime").await;
    assert!(head.starts_with("http/1.1 403 "), "{head}");
    assert_eq!(rest, b"no");
    let record = bench.settled().await;
    assert_eq!(
        (&record["status"], &record["operation"]),
        (&403.into(), &"web_socket".into())
    );
    let (_tcp, head, _) = caller(&bench, "/acme/v1/chat/completions").await;
    assert!(head.starts_with("http/1.1 405 "), "{head}");
}

#[tokio::test]
async fn frames_before_a_fault_arrive_and_a_close_stands_between_frames() {
    let good = text(&"x".repeat(300));
    let server = server(AGREED, [&good[..], HI].concat()).await;
    let bench = bench(&server, "").await;
    let (mut tcp, _, rest) = caller(&bench, "/acme/v1/realtime").await;
    let read = talk(&mut tcp, rest).await;
    let (frame, close) = read.split_at(good.len());
    assert_eq!(frame, good);
    assert_eq!(close[0], 0x88, "{close:?}");
    assert_eq!(u16::from_be_bytes([close[2], close[3]]), 1002);
    drop(tcp);
    let record = bench.settled().await;
    assert_eq!(record["bytes_out"], good.len(), "{record}");
}

#[tokio::test]
async fn a_key_among_the_subprotocols_reaches_a_provider_that_is_for_the_callers_credential() {
    let own = ", openai-insecure-api-key.the-callers-own";
    for (credential, is_passed) in [
        ("secret_key_ref: {env: PROVIDER_KEY}", false),
        ("pass_caller_credential: true", true),
    ] {
        let server = server(AGREED, CLOSE_OF_SERVER.to_vec()).await;
        let provider = format!("base_url: $STUB/v1, {credential}, pass_through: {{}}");
        let bench = bench_of(&server, &provider, ("$KEY", String::new())).await;
        let (mut tcp, head, rest) = caller_with(&bench, "/acme/v1/realtime", own).await;
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        talk(&mut tcp, rest).await;
        drop(tcp);
        let (head, _) = soon(server.seen).await.unwrap();
        assert_eq!(head.contains("the-callers-own"), is_passed, "{head}");
        assert!(!head.contains(&bench.key.to_lowercase()), "{head}");
    }
}

#[tokio::test]
async fn a_websocket_waits_for_the_first_credential_of_its_provider() {
    let tokens = LateTokens::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let key = serde_json::json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "s",
        "refresh_token": "r", "token_uri": tokens.url,
    });
    std::fs::write(file.path(), key.to_string()).unwrap();
    let server = server(AGREED, CLOSE_OF_SERVER.to_vec()).await;
    let provider = "kind: vertex, base_url: $STUB, project: p, google: {key_ref: {file: $KEY}}, pass_through: {}";
    let name = ("$KEY", file.path().display().to_string());
    let bench = bench_of(&server, provider, name).await;
    let asking = caller(&bench, "/acme/v1/realtime");
    let others = async {
        // By then the WebSocket has been asked for.
        for _ in 0..3 {
            bench.call(crate::ask::Ask::get("/health")).await;
        }
        tokens.release.send(()).unwrap();
    };
    let ((mut tcp, head, rest), ()) = tokio::join!(asking, others);
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    talk(&mut tcp, rest).await;
    drop(tcp);
    let (head, _) = soon(server.seen).await.unwrap();
    assert!(head.contains("authorization: bearer ya29.late"), "{head}");
}

/// A server of tokens that answers its first question when it is told to.
struct LateTokens {
    url: String,
    release: tokio::sync::oneshot::Sender<()>,
}

impl LateTokens {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (release, released) = tokio::sync::oneshot::channel();
        start(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            head_of(&mut tcp).await;
            released.await.unwrap();
            let token = r#"{"access_token":"ya29.late","expires_in":3599}"#;
            let length = token.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{token}"
            );
            tcp.write_all(answer.as_bytes()).await.unwrap();
            while tcp.read_u8().await.is_ok() {}
        });
        Self { url, release }
    }
}
