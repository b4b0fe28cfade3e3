//! One event: its bytes, and what they say.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use memchr::memchr2;

use super::lines::{Fields, Lines, value};
use crate::document::{Document, Edit};

/// One event of a stream.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    raw: Bytes,
    fields: Fields,
    /// The data when it is spread over several lines, else empty.
    joined: Bytes,
    /// As it was received, where that was no server-sent event.
    frame: Option<Bytes>,
}

/// Shows the name and lengths only: data is what nobody may see in a log.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("name", &self.name())
            .field("raw_bytes", &self.raw.len())
            .field("data_bytes", &self.data().len())
            .finish()
    }
}

impl Event {
    pub(super) fn new(raw: Bytes, fields: Fields) -> Self {
        let joined = if fields.several {
            join(&raw, fields.start)
        } else {
            Bytes::new()
        };
        Self {
            raw,
            fields,
            joined,
            frame: None,
        }
    }

    /// The same event, which was received as `frame`.
    #[must_use]
    pub(crate) fn received_as(self, frame: Bytes) -> Self {
        Self {
            frame: Some(frame),
            ..self
        }
    }

    /// The bytes as they were received, in whatever framing that was.
    #[must_use]
    pub fn received(&self) -> &Bytes {
        self.frame.as_ref().unwrap_or(&self.raw)
    }

    /// An event with this name and data. A line break in `data` (LF, CR or CRLF) starts
    /// another data line and is read back as LF; a name ends at a line break.
    #[must_use]
    pub fn from_parts(name: Option<&str>, data: &[u8]) -> Self {
        let name = name
            .and_then(|name| name.split(['\n', '\r']).next())
            .unwrap_or_default();
        let name_line = if name.is_empty() {
            0
        } else {
            "event: \n".len() + name.len()
        };
        let mut raw = Vec::with_capacity(name_line + "data: \n\n".len() + data.len());
        if !name.is_empty() {
            raw.extend_from_slice(b"event: ");
            raw.extend_from_slice(name.as_bytes());
            raw.push(b'\n');
        }
        put_data(data, &mut raw);
        raw.push(b'\n');
        let fields = Fields::of(&raw, false);
        Self::new(raw.into(), fields)
    }

    /// The bytes as a server-sent event, the blank line included.
    #[must_use]
    pub const fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The data: that of several data lines joined by LF, empty without any.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        if self.fields.several {
            &self.joined
        } else {
            part(&self.raw, self.fields.data.as_ref())
        }
    }

    /// The same as [`Event::data`], shared instead of borrowed; nothing is copied.
    #[must_use]
    pub fn data_bytes(&self) -> Bytes {
        match &self.fields.data {
            Some(_) if self.fields.several => self.joined.clone(),
            Some(range) => self.raw.slice(range.clone()),
            None => Bytes::new(),
        }
    }

    /// The name; none when it is missing, empty or not UTF-8.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let name = part(&self.raw, self.fields.name.as_ref());
        str::from_utf8(name).ok().filter(|name| !name.is_empty())
    }

    /// True without any data field: a keep-alive comment, a blank line, a lone `retry`.
    /// Clients see nothing of it.
    #[must_use]
    pub const fn is_comment(&self) -> bool {
        self.fields.data.is_none()
    }

    /// True when the event has nothing but an `event` line, one `data` line and the end
    /// of an event: no comment, id, retry time or field that nobody knows.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let is_end = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(data) = self.fields.data.as_ref().filter(|_| !self.fields.several) else {
            return is_end(&self.raw);
        };
        let before = self.raw.get(..data.start).unwrap_or_default();
        let after = self.raw.get(data.end..).unwrap_or_default();
        let before = match &self.fields.name {
            Some(name) if name.end <= before.len() => {
                let label = before.get(..name.start).unwrap_or_default();
                if !matches!(label.trim_ascii(), b"event:") {
                    return false;
                }
                before.get(name.end..).unwrap_or_default()
            }
            _ => before,
        };
        matches!(before.trim_ascii(), b"data:" | b"data") && is_end(after)
    }

    /// The bytes of the event with `edits` made to its data; their spans count from the
    /// start of [`Event::data`]. All else stays as received, except that data which
    /// was, or becomes, several lines is written anew where its first line was.
    /// An event without data has nothing to edit.
    ///
    /// Edits may come in any order; one that overlaps an earlier one is not made.
    #[must_use]
    pub fn with_data(&self, edits: &[Edit]) -> Bytes {
        let Some(place) = &self.fields.data else {
            return self.raw.clone();
        };
        if edits.is_empty() {
            return self.raw.clone();
        }
        let data = Document::new(self.data_bytes()).finish(edits);
        if !self.fields.several
            && !edits.iter().any(|edit| has_line_break(&edit.with))
            && self.may_start_with(place, data.first().and_then(|piece| piece.first()))
        {
            let before = self.raw.get(..place.start).unwrap_or_default();
            let after = self.raw.get(place.end..).unwrap_or_default();
            let length = data.iter().map(Bytes::len).sum::<usize>();
            let mut out = Vec::with_capacity(before.len() + length + after.len());
            out.extend_from_slice(before);
            data.iter().for_each(|piece| out.extend_from_slice(piece));
            out.extend_from_slice(after);
            return out.into();
        }
        self.rewritten(&data.concat())
    }

    /// Whether data beginning with `first` can stand at `place` as it is: a colon must
    /// be there, and a space behind a bare colon would not count as data.
    fn may_start_with(&self, place: &Range<usize>, first: Option<&u8>) -> bool {
        match place
            .start
            .checked_sub(1)
            .and_then(|before| self.raw.get(before))
        {
            Some(b' ') => true,
            Some(b':') => first != Some(&b' '),
            _ => false,
        }
    }

    fn rewritten(&self, data: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(self.raw.len() + data.len());
        let mut copied = 0;
        let mut written = false;
        let mut lines = Lines::new(&self.raw, self.fields.start);
        while let Some(line) = lines.next() {
            if value(&self.raw, &line, b"data").is_none() {
                continue;
            }
            out.extend_from_slice(self.raw.get(copied..line.start).unwrap_or_default());
            copied = lines.next_start();
            if !written {
                put_data(data, &mut out);
                written = true;
            } else if out.ends_with(b"\r") && self.raw.get(copied) == Some(&b'\n') {
                // Without the line between them they would become one line end.
                out.push(b'\n');
            }
        }
        out.extend_from_slice(self.raw.get(copied..).unwrap_or_default());
        out.into()
    }
}

/// The values of all data lines, joined by LF.
fn join(raw: &[u8], start: usize) -> Bytes {
    let values = Lines::new(raw, start).filter_map(|line| value(raw, &line, b"data"));
    let values = values.map(|range| raw.get(range).unwrap_or_default());
    let mut joined = Vec::with_capacity(raw.len());
    for (index, value) in values.enumerate() {
        if index > 0 {
            joined.push(b'\n');
        }
        joined.extend_from_slice(value);
    }
    joined.into()
}

/// Writes `data` as one or more data lines.
fn put_data(data: &[u8], out: &mut Vec<u8>) {
    let mut rest = data;
    loop {
        let length = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
        rest = match after {
            [b'\r', b'\n', next @ ..] | [_, next @ ..] => next,
            [] => return,
        };
    }
}

fn has_line_break(bytes: &[u8]) -> bool {
    memchr2(b'\n', b'\r', bytes).is_some()
}

fn part<'a>(raw: &'a [u8], place: Option<&Range<usize>>) -> &'a [u8] {
    place
        .and_then(|place| raw.get(place.clone()))
        .unwrap_or_default()
}
