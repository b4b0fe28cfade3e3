//! As much HTTP/1.1 as generator and mock need, at as little cost as possible.
//!
//! It reads well-formed messages of peers that are started here; it is no parser for
//! what strangers send. Requests are not pipelined.

use memchr::memmem;

/// What a message's head says about its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// Length of the head, the empty line included.
    pub(crate) bytes: usize,
    /// How the body ends.
    pub(crate) length: Length,
    /// `Connection: close`.
    pub(crate) closes: bool,
}

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// After so many bytes.
    Sized(usize),
    /// With the last chunk.
    Chunked,
    /// With the connection; of a request: at once.
    Unsaid,
}

/// A message that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an HTTP/1.1 message")]
pub(crate) struct Malformed;

impl From<Malformed> for std::io::Error {
    fn from(malformed: Malformed) -> Self {
        Self::new(std::io::ErrorKind::InvalidData, malformed)
    }
}

impl Head {
    /// Reads the head, once all of it is there.
    pub(crate) fn read(buffer: &[u8]) -> Result<Option<Self>, Malformed> {
        let Some(end) = memmem::find(buffer, b"\r\n\r\n") else {
            return Ok(None);
        };
        let mut head = Self {
            bytes: end + 4,
            length: Length::Unsaid,
            closes: false,
        };
        for line in lines(buffer.get(..end).unwrap_or_default()).skip(1) {
            let Some(colon) = memchr::memchr(b':', line) else {
                return Err(Malformed);
            };
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            if name.eq_ignore_ascii_case(b"content-length") {
                let text = str::from_utf8(value).ok();
                let length = text.and_then(|text| text.parse().ok());
                head.length = Length::Sized(length.ok_or(Malformed)?);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                head.length = Length::Chunked;
            } else if name.eq_ignore_ascii_case(b"connection") {
                head.closes = value.eq_ignore_ascii_case(b"close");
            }
        }
        Ok(Some(head))
    }
}

/// A word of the first line: 1 is the target of a request, or the status of an answer.
pub(crate) fn word(head: &[u8], index: usize) -> &str {
    let first = lines(head).next().unwrap_or_default();
    let word = first.split(|byte| *byte == b' ').nth(index);
    str::from_utf8(word.unwrap_or_default()).unwrap_or_default()
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
}

/// Reads a body as its bytes arrive.
#[derive(Debug)]
pub(crate) enum Body {
    Sized { left: usize },
    Chunked(Chunks),
    UntilClose,
}

impl Body {
    pub(crate) fn new(length: Length) -> Self {
        match length {
            Length::Sized(left) => Self::Sized { left },
            Length::Chunked => Self::Chunked(Chunks::default()),
            Length::Unsaid => Self::UntilClose,
        }
    }

    /// Hands the payload among `input` to `data`; true once the body is over.
    pub(crate) fn read(
        &mut self,
        input: &[u8],
        mut data: impl FnMut(&[u8]),
    ) -> Result<bool, Malformed> {
        match self {
            Self::Sized { left } => {
                let (mine, more) = input.split_at_checked(*left).unwrap_or((input, &[]));
                data(mine);
                *left -= mine.len();
                if more.is_empty() {
                    Ok(*left == 0)
                } else {
                    Err(Malformed)
                }
            }
            Self::Chunked(chunks) => chunks.read(input, data),
            Self::UntilClose => {
                data(input);
                Ok(false)
            }
        }
    }
}

/// Reads a chunked body that may be cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    part: Part,
    /// Bytes of the current chunk that are still to come; while its size is read, the
    /// digits so far.
    left: usize,
    /// Bytes in the current trailer line.
    line: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Size,
    Extension,
    Data,
    DataEnd,
    Trailer,
}

impl Chunks {
    fn read(&mut self, mut input: &[u8], mut data: impl FnMut(&[u8])) -> Result<bool, Malformed> {
        while let Some((&byte, rest)) = input.split_first() {
            if self.part == Part::Data {
                let (mine, rest) = input.split_at_checked(self.left).unwrap_or((input, &[]));
                data(mine);
                self.left -= mine.len();
                input = rest;
                if self.left == 0 {
                    self.part = Part::DataEnd;
                }
                continue;
            }
            input = rest;
            if self.step(byte)? {
                return if input.is_empty() {
                    Ok(true)
                } else {
                    Err(Malformed)
                };
            }
        }
        Ok(false)
    }

    /// Takes a byte that is no data; true after the last one of the body.
    fn step(&mut self, byte: u8) -> Result<bool, Malformed> {
        match (self.part, byte) {
            (Part::Size | Part::Extension, b'\n') => {
                self.part = if self.left == 0 {
                    Part::Trailer
                } else {
                    Part::Data
                };
            }
            (Part::Size, b';') => self.part = Part::Extension,
            (Part::Size, b'\r') | (Part::Extension, _) => {}
            (Part::Size, _) => {
                let digit = char::from(byte).to_digit(16);
                let digit = digit.and_then(|digit| usize::try_from(digit).ok());
                let size = self.left.checked_mul(16).zip(digit);
                let size = size.and_then(|(size, digit)| size.checked_add(digit));
                self.left = size.ok_or(Malformed)?;
            }
            (Part::DataEnd, b'\n') => self.part = Part::Size,
            (Part::DataEnd | Part::Data, _) => {}
            (Part::Trailer, b'\n') if self.line == 0 => return Ok(true),
            (Part::Trailer, b'\n') => self.line = 0,
            (Part::Trailer, b'\r') => {}
            (Part::Trailer, _) => self.line += 1,
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests;
