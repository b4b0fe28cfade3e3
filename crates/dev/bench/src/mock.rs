//! A provider that costs next to nothing: prebuilt answers on one thread.
//!
//! It speaks Chat Completions, Messages, Gemini and Converse, whole and streamed with as
//! many events as asked for, each in a write of its own. Events before the first content come without
//! delay, further ones `delay_us` after each other. It is also the collector that
//! traces go to: `/v1/traces` counts and discards. `/bench?events=200&delay_us=10000`
//! changes its settings and answers with its books.

mod answers;
mod books;

use std::cell::{Cell, RefCell};
use std::io;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http1::{Body, Head, Length, word};
use crate::{Failure, block_on};
pub(crate) use answers::WORD;
use answers::{Answer, Answers, NOT_FOUND, Stream, json};
pub(crate) use books::Books;

/// Arguments of `mock`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Port to listen on
    #[arg(long)]
    port: u16,
}

#[derive(Debug)]
struct State {
    answers: RefCell<Rc<Answers>>,
    delay: Cell<Duration>,
    /// Whether the last body is kept, for a look at what arrives here.
    keeps: Cell<bool>,
    books: RefCell<Books>,
}

/// Serves until it is killed.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let port = arguments.port;
    let state = Rc::new(State {
        answers: RefCell::new(Rc::new(Answers::new(200))),
        delay: Cell::default(),
        keeps: Cell::default(),
        books: RefCell::default(),
    });
    block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        loop {
            let Ok((socket, _)) = listener.accept().await else {
                continue;
            };
            let _unset = socket.set_nodelay(true);
            let state = Rc::clone(&state);
            // A caller that goes away ends its own connection only.
            tokio::task::spawn_local(async move { serve(socket, &state).await });
        }
    })?
}

async fn serve(mut socket: TcpStream, state: &State) -> io::Result<()> {
    state.books.borrow_mut().connections += 1;
    let mut buffer = Vec::with_capacity(16 * 1024);
    let mut decoded = Vec::new();
    loop {
        buffer.clear();
        let head = loop {
            if socket.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            if let Some(head) = Head::read(&buffer)? {
                break head;
            }
        };
        let body = read_body(&mut socket, &mut buffer, &mut decoded, head).await?;
        match state.answer(word(&buffer, 1), body.of(&buffer, &decoded)) {
            Answer::Whole(bytes) => socket.write_all(&bytes).await?,
            Answer::Stream(stream) => play(&mut socket, &stream, state.delay.get()).await?,
        }
    }
}

/// Where a request's body lies.
enum Place {
    /// In the buffer, from here on.
    Buffer(usize),
    /// Decoded from chunks.
    Decoded,
}

impl Place {
    fn of<'b>(&self, buffer: &'b [u8], decoded: &'b [u8]) -> &'b [u8] {
        match self {
            Self::Buffer(start) => buffer.get(*start..).unwrap_or_default(),
            Self::Decoded => decoded,
        }
    }
}

async fn read_body(
    socket: &mut TcpStream,
    buffer: &mut Vec<u8>,
    decoded: &mut Vec<u8>,
    head: Head,
) -> io::Result<Place> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    if head.length == Length::Chunked {
        decoded.clear();
        let mut body = Body::new(head.length);
        let mut start = head.bytes;
        while !body.read(buffer.get(start..).unwrap_or_default(), |data| {
            decoded.extend_from_slice(data);
        })? {
            start = buffer.len();
            if socket.read_buf(buffer).await? == 0 {
                return Err(cut());
            }
        }
        return Ok(Place::Decoded);
    }
    if let Length::Sized(bytes) = head.length {
        let whole = head.bytes.saturating_add(bytes);
        buffer.reserve(whole.saturating_sub(buffer.len()));
        while buffer.len() < whole {
            if socket.read_buf(buffer).await? == 0 {
                return Err(cut());
            }
        }
    }
    Ok(Place::Buffer(head.bytes))
}

async fn play(socket: &mut TcpStream, stream: &Stream, delay: Duration) -> io::Result<()> {
    let mut due = tokio::time::Instant::now();
    for (index, frame) in stream.frames.iter().enumerate() {
        if index > stream.first_content && !delay.is_zero() {
            due += delay;
            tokio::time::sleep_until(due).await;
        } else if index > 0 {
            // Other streams take their turn, so that no two events share a write.
            tokio::task::yield_now().await;
        }
        socket.write_all(frame).await?;
    }
    Ok(())
}

impl State {
    fn answer(&self, target: &str, body: &[u8]) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == "/bench" {
            return self.set(query);
        }
        let mut books = self.books.borrow_mut();
        if path == "/v1/traces" {
            books.export(body);
            return Answer::Whole(Bytes::from_static(TAKEN));
        }
        books.requests += 1;
        if self.keeps.get() {
            books.last_body = String::from_utf8_lossy(body).into_owned();
        }
        self.answers.borrow().of(path, body)
    }

    fn set(&self, query: &str) -> Answer {
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match (name, value.parse::<u64>()) {
                ("events", Ok(events)) => {
                    *self.answers.borrow_mut() = Rc::new(Answers::new(events));
                }
                ("delay_us", Ok(delay)) => self.delay.set(Duration::from_micros(delay)),
                ("keep", Ok(keep)) => self.keeps.set(keep != 0),
                _ => return Answer::Whole(Bytes::from_static(NOT_FOUND)),
            }
        }
        let books = serde_json::to_string(&*self.books.borrow()).unwrap_or_default();
        Answer::Whole(json(&books))
    }
}

const TAKEN: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
