//! What the mock was asked.

use serde::{Deserialize, Serialize};

/// Counts since its start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    /// Connections that were opened.
    pub(crate) connections: u64,
    /// Requests for answers.
    pub(crate) requests: u64,
    /// Trace exports.
    pub(crate) exports: u64,
    /// Spans in them.
    pub(crate) spans: u64,
    /// The last request's body, if it was to be kept.
    pub(crate) last_body: String,
}

/// The fields that lead to a span: `resource_spans`, `scope_spans`, `spans`.
const SPAN_PATH: [u64; 3] = [1, 2, 2];

impl Books {
    /// Counts the spans of an `ExportTraceServiceRequest`.
    pub(super) fn export(&mut self, body: &[u8]) {
        self.exports += 1;
        self.spans += count(body, &SPAN_PATH);
    }
}

/// How many fields lie at the end of a path of length-delimited fields.
fn count(mut message: &[u8], path: &[u64]) -> u64 {
    let Some((wanted, deeper)) = path.split_first() else {
        return 1;
    };
    let mut found = 0;
    while let Some(tag) = varint(&mut message) {
        let length = match tag & 7 {
            0 => varint(&mut message).map(|_| 0),
            1 => Some(8),
            2 => varint(&mut message),
            5 => Some(4),
            _ => None,
        };
        let length = length.and_then(|length| usize::try_from(length).ok());
        let Some((field, rest)) = length.and_then(|length| message.split_at_checked(length)) else {
            return found;
        };
        message = rest;
        if tag >> 3 == *wanted && tag & 7 == 2 {
            found += count(field, deeper);
        }
    }
    found
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_counted_through_resources_and_scopes() {
        let span = [0x12, 2, 0x08, 1];
        let scope = [&[0x12, 10][..], &[0x0a, 0], &span, &span].concat();
        let resource = [&[0x0a, 14][..], &[0x0a, 0], &scope].concat();
        assert_eq!(count(&[&resource[..], &resource].concat(), &SPAN_PATH), 4);
        assert_eq!(count(b"\xff\xff", &SPAN_PATH), 0);
    }
}
