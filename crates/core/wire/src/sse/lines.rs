//! The line structure of a stream: where an event ends and what its fields are.

use std::ops::Range;

use memchr::memchr2;

/// The byte order mark that a stream may begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the byte before means for the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// A line begins here.
    #[default]
    LineStart,
    /// A line begins here, but an LF would still belong to the CR before it.
    AfterCr,
    /// Inside a line.
    InLine,
}

/// The end of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// One past its last byte.
    pub(super) at: usize,
    /// What follows for the next event: [`Place::AfterCr`] when the last byte seen is
    /// a CR whose LF may still come.
    pub(super) then: Place,
}

/// The fields that matter of one event, as places in its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// Where the first line starts: behind the byte order mark, if there is one.
    pub(super) start: usize,
    /// The value of the last `event` field.
    pub(super) name: Option<Range<usize>>,
    /// The value of the first `data` field.
    pub(super) data: Option<Range<usize>>,
    /// Whether another `data` field follows it.
    pub(super) several: bool,
}

/// Passes lines until one is blank. `on_line` gets each other line that ends in `bytes`.
///
/// # Errors
///
/// The place where the reading stopped, when no event ends in `bytes`.
#[inline]
pub(super) fn until_blank(
    bytes: &[u8],
    from: Place,
    mut on_line: impl FnMut(Range<usize>),
) -> Result<End, Place> {
    let mut at = usize::from(from == Place::AfterCr && bytes.first() == Some(&b'\n'));
    let mut blank = from != Place::InLine;
    while let Some(length) = memchr2(b'\n', b'\r', bytes.get(at..).unwrap_or_default()) {
        let end = at + length;
        let next = bytes.get(end + 1);
        let is_cr = bytes.get(end) == Some(&b'\r');
        let stop = end + 1 + usize::from(is_cr && next == Some(&b'\n'));
        let then = if is_cr && next.is_none() {
            Place::AfterCr
        } else {
            Place::LineStart
        };
        if blank && length == 0 {
            return Ok(End { at: stop, then });
        }
        on_line(at..end);
        if stop == bytes.len() {
            return Err(then);
        }
        at = stop;
        blank = true;
    }
    Err(if blank && at == bytes.len() {
        Place::LineStart
    } else {
        Place::InLine
    })
}

impl Fields {
    /// No fields yet, in an event of `bytes`; `first` tells that it opens the stream.
    pub(super) fn none(bytes: &[u8], first: bool) -> Self {
        let has_mark = first && bytes.starts_with(BYTE_ORDER_MARK);
        let start = if has_mark { BYTE_ORDER_MARK.len() } else { 0 };
        Self {
            start,
            ..Self::default()
        }
    }

    /// The fields of a whole event.
    pub(super) fn of(event: &[u8], first: bool) -> Self {
        let mut fields = Self::none(event, first);
        for line in Lines::new(event, fields.start) {
            fields.add(event, line);
        }
        fields
    }

    /// Takes note of the line of `bytes` at `line`, which may still have the mark.
    #[inline]
    pub(super) fn add(&mut self, bytes: &[u8], line: Range<usize>) {
        let line = line.start.max(self.start)..line.end;
        if let Some(value) = value(bytes, &line, b"data") {
            self.several = self.data.is_some();
            self.data.get_or_insert(value);
        } else if let Some(value) = value(bytes, &line, b"event") {
            self.name = Some(value);
        }
    }
}

/// Where in `bytes` the value of the field lies, when `line` is one with this name.
#[inline]
pub(super) fn value(bytes: &[u8], line: &Range<usize>, name: &[u8]) -> Option<Range<usize>> {
    let text = bytes.get(line.clone())?;
    match text.strip_prefix(name)? {
        [] => Some(line.end..line.end),
        [b':', b' ', ..] => Some(line.start + name.len() + 2..line.end),
        [b':', ..] => Some(line.start + name.len() + 1..line.end),
        _ => None,
    }
}

/// The lines of a whole event, a last one without an end included.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(bytes: &'a [u8], from: usize) -> Self {
        Self { bytes, at: from }
    }

    /// Where the line after the last one starts.
    pub(super) fn next_start(&self) -> usize {
        self.at.min(self.bytes.len())
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = self.at..self.at + length;
        let is_crlf = rest
            .get(length..)
            .is_some_and(|end| end.starts_with(b"\r\n"));
        self.at = line.end + 1 + usize::from(is_crlf);
        Some(line)
    }
}
