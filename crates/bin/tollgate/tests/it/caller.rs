//! Callers that write what they are told to and see every byte of the answer.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::process::PATIENCE;

/// Anything HTTP/1.1 can be spoken over.
pub(crate) trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// A connection that speaks HTTP/1.1, well or badly.
pub(crate) struct Caller {
    wire: Box<dyn Wire + Send>,
    seen: Vec<u8>,
}

/// A head that came.
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Head {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}

pub(crate) fn connect(address: &str) -> io::Result<TcpStream> {
    let tcp = TcpStream::connect(address)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_write_timeout(Some(PATIENCE))?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

impl Caller {
    pub(crate) fn to(address: &str) -> Self {
        Self::over(connect(address).unwrap())
    }

    pub(crate) fn over(wire: impl Wire + Send + 'static) -> Self {
        Self {
            wire: Box::new(wire),
            seen: Vec::new(),
        }
    }

    /// Writes bytes as they are; false when the other side has closed.
    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.wire
            .write_all(bytes.as_ref())
            .and_then(|()| self.wire.flush())
            .is_ok()
    }

    /// Sends a request with a body of known length.
    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        assert!(
            self.write(format!("{head}\r\n{body}")),
            "closed before the request was written"
        );
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        let read = self.wire.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.seen.extend_from_slice(&buffer[..read]);
        Ok(())
    }

    fn take_until(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self
                .seen
                .windows(end.len())
                .position(|window| window == end)
            {
                return Ok(self.seen.drain(..at + end.len()).collect());
            }
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.seen.len() < length {
            self.fill()?;
        }
        Ok(self.seen.drain(..length).collect())
    }

    /// The head of the next answer.
    pub(crate) fn head(&mut self) -> io::Result<Head> {
        let text = String::from_utf8(self.take_until(b"\r\n\r\n")?).unwrap();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Head { status, text })
    }

    /// The next chunk of a chunked body, empty at its end; an error when it broke off.
    pub(crate) fn chunk(&mut self) -> io::Result<Vec<u8>> {
        let line = String::from_utf8(self.take_until(b"\r\n")?).unwrap();
        let length = usize::from_str_radix(line.trim(), 16).unwrap();
        let mut chunk = self.take(length + 2)?;
        chunk.truncate(length);
        Ok(chunk)
    }

    /// The whole answer; an error when it broke off.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let head = self.head()?;
        let mut body = Vec::new();
        if head.header("transfer-encoding").is_some() {
            loop {
                let chunk = self.chunk()?;
                if chunk.is_empty() {
                    break;
                }
                body.extend(chunk);
            }
        } else {
            body = self.take(
                head.header("content-length")
                    .map_or(0, |length| length.parse().unwrap()),
            )?;
        }
        Ok(Answer {
            status: head.status,
            head,
            body,
        })
    }

    /// All until the other side closes, however it does.
    pub(crate) fn rest(&mut self) -> String {
        while self.fill().is_ok() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.seen)).into_owned()
    }
}

/// One request on a connection of its own.
pub(crate) fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut caller = Caller::to(address);
    caller.send(method, path, headers, body);
    caller
        .answer()
        .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

pub(crate) fn get(address: &str, path: &str) -> Answer {
    ask(address, "GET", path, &[], "")
}

pub(crate) fn post(address: &str, path: &str, body: &str) -> Answer {
    ask(address, "POST", path, &[], body)
}

/// The two formats, as their callers see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Chat,
    Messages,
}

pub(crate) const FORMATS: [Format; 2] = [Format::Chat, Format::Messages];

impl Format {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Messages => "/v1/messages",
        }
    }

    pub(crate) fn body(self, model: &str, prompt: &str, stream: bool) -> String {
        let messages = [json!({"role": "user", "content": prompt})];
        json!({"model": model, "max_tokens": 4000, "stream": stream, "messages": messages})
            .to_string()
    }

    /// The type that an error has; panics when it is not an error of this format.
    pub(crate) fn error_type(self, answer: &Answer) -> String {
        let body = answer.json();
        if self == Self::Messages {
            assert_eq!(body["type"], "error", "{body}");
        }
        assert!(
            body["error"]["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{body}"
        );
        body["error"]["type"].as_str().unwrap().to_owned()
    }

    /// Whether a stream ended as this format's streams do.
    pub(crate) fn has_ended(self, stream: &str) -> bool {
        match self {
            Self::Chat => stream.ends_with("data: [DONE]\n\n"),
            Self::Messages => stream.contains("event: message_stop"),
        }
    }

    /// Whether a stream ended in an error event of this format.
    pub(crate) fn has_failed(self, stream: &str) -> bool {
        let Some(last) = stream.trim_end().rsplit("\n\n").next() else {
            return false;
        };
        match self {
            Self::Chat => last.starts_with("data: {\"error\":"),
            Self::Messages => last.starts_with("event: error\ndata: {\"type\":\"error\""),
        }
    }
}

/// Asks for a whole answer.
pub(crate) fn chat(address: &str, format: Format, model: &str, prompt: &str) -> Answer {
    post(address, format.path(), &format.body(model, prompt, false))
}

/// A streamed answer on its way.
pub(crate) struct Stream {
    caller: Caller,
    pub(crate) head: Head,
    pub(crate) text: String,
    format: Format,
}

impl Stream {
    /// Asks for a stream and reads the head of the answer.
    pub(crate) fn ask(address: &str, format: Format, model: &str, prompt: &str) -> Self {
        let mut caller = Caller::to(address);
        caller.send(
            "POST",
            format.path(),
            &[],
            &format.body(model, prompt, true),
        );
        let head = caller.head().unwrap();
        Self {
            caller,
            head,
            text: String::new(),
            format,
        }
    }

    /// Reads until so many events have come.
    pub(crate) fn events(&mut self, count: usize) {
        while self.text.matches("\n\n").count() < count {
            let chunk = self.caller.chunk().unwrap();
            assert!(!chunk.is_empty(), "over after:\n{}", self.text);
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }

    /// Reads to the end. An error when the connection broke off: nobody may see that.
    pub(crate) fn end(mut self) -> io::Result<String> {
        if self.head.header("transfer-encoding").is_none() {
            let length = self.head.header("content-length").unwrap().parse().unwrap();
            return Ok(String::from_utf8(self.caller.take(length)?).unwrap());
        }
        loop {
            let chunk = self.caller.chunk()?;
            if chunk.is_empty() {
                return Ok(self.text);
            }
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }

    /// Reads to the end, which must be the one that the format's streams have.
    pub(crate) fn whole(self) -> String {
        let format = self.format;
        let text = self.end().unwrap();
        assert!(format.has_ended(&text), "no end in:\n{text}");
        text
    }
}
