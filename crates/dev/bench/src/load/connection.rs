//! One connection, and one exchange after the other on it.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::content::Content;
use crate::http1::{Body, Head, Length, word};

/// A connection and its buffer.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The body came to its end, a stream with its end mark.
    pub(crate) is_complete: bool,
    pub(crate) keeps_alive: bool,
    /// When the first event with content came.
    pub(crate) first_content: Option<Instant>,
    /// `data:` lines.
    pub(crate) events: u64,
    /// The start of the body of an answer that is not 200.
    pub(crate) sample: String,
}

const SAMPLE_BYTES_MAX: usize = 300;

impl Connection {
    pub(crate) async fn open(port: u16) -> io::Result<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port)).await?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request and reads its answer to the end.
    pub(crate) async fn exchange(&mut self, request: &[u8], streams: bool) -> io::Result<Reply> {
        let Self { socket, buffer } = self;
        socket.write_all(request).await?;
        buffer.clear();
        let head = loop {
            if socket.read_buf(buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(head) = Head::read(buffer)? {
                break head;
            }
        };
        let status = word(buffer, 1).parse().unwrap_or(0);
        let mut body = Body::new(head.length);
        let mut content = Content::default();
        let mut sample = Vec::new();
        let mut start = head.bytes;
        let mut is_over = false;
        loop {
            let input = buffer.get(start..).unwrap_or_default();
            if !input.is_empty() || head.length == Length::Sized(0) {
                is_over = body.read(input, |data| {
                    if streams {
                        content.read(data);
                    }
                    if status != 200 && sample.len() < SAMPLE_BYTES_MAX {
                        sample.extend_from_slice(data.get(..SAMPLE_BYTES_MAX).unwrap_or(data));
                    }
                })?;
            }
            if is_over {
                break;
            }
            buffer.clear();
            start = 0;
            if socket.read_buf(buffer).await? == 0 {
                is_over = head.length == Length::Unsaid;
                break;
            }
        }
        Ok(Reply {
            status,
            is_complete: is_over && (!streams || content.is_ended()),
            keeps_alive: is_over && !head.closes && head.length != Length::Unsaid,
            first_content: content.first(),
            events: content.events(),
            sample: String::from_utf8_lossy(&sample).into_owned(),
        })
    }
}
