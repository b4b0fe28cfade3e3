//! A provider that does exactly what a test wants, and shows every byte it was sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::bench::start;
use crate::speech::Speech;

/// A provider that answers every request with the same bytes.
pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// How the bytes are sent.
#[derive(Clone, Copy)]
struct Manner {
    /// Bytes in one write.
    piece: usize,
    /// The connection stays open after the last byte.
    stays: bool,
}

const AT_ONCE: Manner = Manner {
    piece: usize::MAX,
    stays: false,
};

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Stub {
    /// Answers with these bytes: head and body, as they are.
    pub(crate) async fn raw(answer: impl Into<Bytes>) -> Self {
        Self::with(answer.into(), AT_ONCE).await
    }

    async fn with(answer: Bytes, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let noted = Arc::clone(&seen);
        start(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                start(serve(tcp, answer.clone(), manner, Arc::clone(&noted)));
            }
        });
        Self { address, seen }
    }

    /// Answers 200 with a body of this content type.
    pub(crate) async fn answering(content_type: &str, body: &str) -> Self {
        let length = body.len();
        Self::raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Answers with events; the connection's end is theirs.
    pub(crate) async fn streaming(events: &str) -> Self {
        Self::with(stream(SSE, events.as_bytes()), AT_ONCE).await
    }

    /// Answers with a stream of a format.
    pub(crate) async fn telling(speech: Speech, events: &[u8]) -> Self {
        Self::with(stream(speech.stream_type(), events), AT_ONCE).await
    }

    /// The same, so many bytes at a time.
    pub(crate) async fn cutting(speech: Speech, events: &[u8], piece: usize) -> Self {
        let answer = stream(speech.stream_type(), events);
        Self::with(answer, Manner { piece, ..AT_ONCE }).await
    }

    /// Answers with a status and a JSON body.
    pub(crate) async fn saying(status: u16, body: &serde_json::Value) -> Self {
        let body = body.to_string();
        let length = body.len();
        Self::raw(format!(
            "HTTP/1.1 {status} So\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Answers with events and then says nothing more.
    pub(crate) async fn staying(speech: Speech, events: &[u8]) -> Self {
        Self::with(
            stream(speech.stream_type(), events),
            Manner {
                stays: true,
                ..AT_ONCE
            },
        )
        .await
    }

    /// Answers with these bytes, head and all, and then says nothing more.
    pub(crate) async fn staying_raw(answer: &str) -> Self {
        let manner = Manner {
            stays: true,
            ..AT_ONCE
        };
        Self::with(answer.to_owned().into(), manner).await
    }

    /// For a configuration.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests it read.
    pub(crate) fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The last request.
    pub(crate) fn last(&self) -> Seen {
        let seen = self.seen.lock().unwrap();
        seen.last().expect("it was never asked").clone()
    }
}

const SSE: &str = "text/event-stream";

fn stream(kind: &str, events: &[u8]) -> Bytes {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), events].concat().into()
}

async fn serve(mut tcp: TcpStream, answer: Bytes, manner: Manner, noted: Arc<Mutex<Vec<Seen>>>) {
    let mut read = Vec::new();
    let head = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if tcp.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let mut body = read.split_off(head);
    let head = String::from_utf8(read).unwrap();
    let mut seen = Seen {
        head,
        body: Vec::new(),
    };
    let length = seen
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        if tcp.read_buf(&mut body).await.unwrap_or(0) == 0 {
            return;
        }
    }
    seen.body = body;
    noted.lock().unwrap().push(seen);
    tcp.set_nodelay(true).unwrap();
    for piece in answer.chunks(manner.piece) {
        if tcp.write_all(piece).await.is_err() {
            // The gateway had enough.
            return;
        }
        // Lets the gateway read it before the next.
        tokio::task::yield_now().await;
    }
    if manner.stays {
        let _gone = tcp.read_u8().await;
    }
    let _closed = tcp.shutdown().await;
}

/// A provider whose host takes no further connection and says nothing: its queue is full.
pub(crate) struct Unaccepting {
    pub(crate) address: SocketAddr,
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Unaccepting {
    pub(crate) async fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        let tried = Duration::from_millis(50);
        while let Ok(connected) = tokio::time::timeout(tried, TcpStream::connect(address)).await {
            waiting.push(connected.unwrap());
        }
        Self {
            address,
            _listener: listener,
            _waiting: waiting,
        }
    }
}
