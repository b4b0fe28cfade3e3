//! Which HTTP a caller speaks over plain TCP, without taking a byte from the socket.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

/// What an HTTP/2 caller sends first (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long to wait before looking again at a preface that is not complete: the bytes stay
/// in the socket, so it stays readable and cannot be waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The protocol a caller speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    Http1,
    Http2,
    /// The caller left without a word.
    Nothing,
}

/// Looks at the first bytes. Decides at the first byte that differs from the preface;
/// waits, without limit of time, while all that came is a beginning of it.
pub(crate) async fn detect(tcp: &TcpStream) -> io::Result<Spoken> {
    let mut first = [0; PREFACE.len()];
    let mut before = 0;
    loop {
        let seen = tcp.peek(&mut first).await?;
        let (Some(came), Some(expected)) = (first.get(..seen), PREFACE.get(..seen)) else {
            return Ok(Spoken::Http1);
        };
        if seen == 0 {
            return Ok(Spoken::Nothing);
        }
        if came != expected {
            return Ok(Spoken::Http1);
        }
        if seen == PREFACE.len() {
            return Ok(Spoken::Http2);
        }
        if seen == before {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        before = seen;
    }
}
