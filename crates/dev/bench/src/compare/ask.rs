//! Single requests, for readiness, proofs and the mock's books.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::Failure;
use crate::http1::{Body, Head, word};
use crate::mock::Books;

const LIMIT: Duration = Duration::from_secs(10);

/// Sends one request; gives status and body.
pub(crate) async fn ask(port: u16, request: &[u8]) -> io::Result<(u16, String)> {
    timeout(LIMIT, exchange(port, request)).await?
}

async fn exchange(port: u16, request: &[u8]) -> io::Result<(u16, String)> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    socket.write_all(request).await?;
    let mut buffer = Vec::new();
    let mut more = async |buffer: &mut Vec<u8>| match socket.read_buf(buffer).await? {
        0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        _ => Ok(()),
    };
    let head = loop {
        more(&mut buffer).await?;
        if let Some(head) = Head::read(&buffer)? {
            break head;
        }
    };
    let status = word(&buffer, 1).parse().unwrap_or(0);
    let mut text = Vec::new();
    let mut body = Body::new(head.length);
    let mut start = head.bytes;
    while !body.read(buffer.get(start..).unwrap_or_default(), |data| {
        text.extend_from_slice(data);
    })? {
        start = buffer.len();
        more(&mut buffer).await?;
    }
    Ok((status, String::from_utf8_lossy(&text).into_owned()))
}

/// Waits for the mock.
pub(crate) async fn ready(port: u16) -> Result<(), Failure> {
    let end = Instant::now() + LIMIT;
    while let Err(error) = books(port, "").await {
        if Instant::now() > end {
            return Err(format!("the mock does not answer: {error}").into());
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Changes the mock's settings and gives its books.
pub(crate) async fn books(port: u16, settings: &str) -> Result<Books, Failure> {
    let request = format!("GET /bench?{settings} HTTP/1.1\r\nhost: mock\r\n\r\n");
    let (status, body) = ask(port, request.as_bytes()).await?;
    if status != 200 {
        return Err(format!("the mock does not know the setting `{settings}`").into());
    }
    Ok(serde_json::from_str(&body)?)
}
