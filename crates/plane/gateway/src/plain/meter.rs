//! Usage in what passes through unread.
//!
//! The end of an answer is kept, and looked at once when it has gone out: providers put
//! their report there, whatever it is that they answer.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tollgate_formats::last_report;
use tollgate_types::Usage;

use crate::headers::{encoded, is_event_stream, is_json};

/// How much of the end of an answer is kept, in bytes.
const TAIL_BYTES_MAX: usize = 32 * 1024;

/// Whether a request may make a model work. What is only read or taken away repeats the
/// usage of earlier requests, if any.
pub(super) fn is_work(method: &Method) -> bool {
    !matches!(
        *method,
        Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS
    )
}

/// The end of an answer.
#[derive(Debug, Default)]
pub(super) struct Meter(Vec<u8>);

impl Meter {
    /// A meter for an answer that may have a report in it.
    pub(super) fn of(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        let is_read = is_json(headers) || is_event_stream(headers);
        (status.is_success() && is_read && encoded(headers).is_none()).then(Self::default)
    }

    /// Sees the next bytes.
    pub(super) fn see(&mut self, data: &Bytes) {
        let from = data.len().saturating_sub(TAIL_BYTES_MAX);
        self.0
            .extend_from_slice(data.get(from..).unwrap_or_default());
        if self.0.len() > 2 * TAIL_BYTES_MAX {
            self.0.drain(..self.0.len() - TAIL_BYTES_MAX);
        }
    }

    /// What the provider reported.
    pub(super) fn usage(&self) -> Option<Usage> {
        last_report(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Meter, TAIL_BYTES_MAX};

    #[test]
    fn a_report_at_the_end_is_found_whatever_came_before_and_however_it_is_cut() {
        let report = "\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}";
        let body = format!(
            "{{\"b64_json\":\"{}\",{report}",
            "A".repeat(10 * TAIL_BYTES_MAX)
        );
        for piece in [7_usize, 4096, 16_384, body.len()] {
            let mut meter = Meter::default();
            for piece in body.as_bytes().chunks(piece) {
                meter.see(&Bytes::copy_from_slice(piece));
                assert!(meter.0.len() <= 2 * TAIL_BYTES_MAX);
            }
            let usage = meter.usage().expect("a report");
            assert_eq!((usage.input, usage.output), (3, 4));
        }
    }
}
