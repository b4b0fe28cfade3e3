//! W3C Trace Context: who called us in which trace, and what a provider is told.
//!
//! `traceparent` is read strictly as level 1 says; what does not parse starts a new
//! trace. `tracestate` is passed on as it came, up to 512 bytes. A caller's sampling
//! decision is followed; new traces are sampled by their id, so that gateways that
//! share a rate agree.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::ids::{SpanId, TraceId};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// What the specification asks every participant to carry.
const TRACESTATE_BYTES_MAX: usize = 512;

/// The share of new traces that are recorded, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampler {
    ppm: u32,
}

impl Sampler {
    /// Records nothing, whatever a caller decided: there is nowhere to send it.
    pub const OFF: Self = Self { ppm: u32::MAX };

    /// Records this share of new traces; over 1 000 000 is all of them.
    #[must_use]
    pub const fn ppm(ppm: u32) -> Self {
        Self {
            ppm: if ppm > 1_000_000 { 1_000_000 } else { ppm },
        }
    }

    const fn is_off(self) -> bool {
        self.ppm == u32::MAX
    }

    fn decide(self, id: &TraceId) -> bool {
        let [.., a, b, c, d, e, f, g] = *id.bytes();
        // Level 2 promises that the last seven bytes are random.
        let random = u64::from_be_bytes([0, a, b, c, d, e, f, g]);
        !self.is_off() && u128::from(random) * 1_000_000 < u128::from(self.ppm) << 56
    }
}

/// Where a request stands in its trace.
#[derive(Clone, Debug)]
pub struct TraceContext {
    /// The trace, the caller's where it has one.
    pub trace_id: TraceId,
    /// Our span.
    pub span_id: SpanId,
    /// The caller's span.
    pub parent: Option<SpanId>,
    /// Whether our spans are recorded and sent.
    pub is_sampled: bool,
    /// What goes on in the flags of `traceparent`: the caller's decision if it made one.
    is_flagged: bool,
    /// The caller's `tracestate`.
    state: Option<Arc<str>>,
}

impl TraceContext {
    /// Reads the caller's context, or starts a trace.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, sampler: Sampler) -> Self {
        let Some((trace_id, parent, is_flagged)) = parent(headers) else {
            return Self::start(sampler);
        };
        let is_sampled = is_flagged && !sampler.is_off();
        Self {
            trace_id,
            span_id: SpanId::random(),
            parent: Some(parent),
            is_sampled,
            is_flagged,
            state: state(headers),
        }
    }

    /// A new trace.
    #[must_use]
    pub fn start(sampler: Sampler) -> Self {
        let trace_id = TraceId::random();
        let is_sampled = sampler.decide(&trace_id);
        Self {
            trace_id,
            span_id: SpanId::random(),
            parent: None,
            is_sampled,
            is_flagged: is_sampled,
            state: None,
        }
    }

    /// The caller's `tracestate`.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Writes the context into an attempt's request; `attempt` is the attempt's span.
    /// Whatever trace headers stand there are replaced.
    pub fn write(&self, attempt: SpanId, headers: &mut HeaderMap) {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        text[3..35].copy_from_slice(self.trace_id.hex().as_bytes());
        text[36..52].copy_from_slice(attempt.hex().as_bytes());
        text[54] = if self.is_flagged { b'1' } else { b'0' };
        match HeaderValue::from_bytes(&text) {
            Ok(value) => headers.insert(TRACEPARENT, value),
            Err(_) => headers.remove(TRACEPARENT),
        };
        match self.state.as_deref().map(HeaderValue::from_str) {
            Some(Ok(value)) => headers.insert(TRACESTATE, value),
            _ => headers.remove(TRACESTATE),
        };
    }
}

/// `00-<32 hex>-<16 hex>-<2 hex>`; a higher version may have more behind it.
fn parent(headers: &HeaderMap) -> Option<(TraceId, SpanId, bool)> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let (value, None) = (values.next()?.as_bytes(), values.next()) else {
        return None;
    };
    let (version, rest) = value.split_at_checked(3)?;
    let (trace, rest) = rest.split_at_checked(33)?;
    let (span, rest) = rest.split_at_checked(17)?;
    let (flags, rest) = rest.split_at_checked(2)?;
    let [version] = unhex(version.strip_suffix(b"-")?)?;
    let [flags] = unhex(flags)?;
    let is_known = match version {
        0 => rest.is_empty(),
        255 => false,
        _ => rest.is_empty() || rest.starts_with(b"-"),
    };
    if !is_known {
        return None;
    }
    let trace = TraceId::from_bytes(unhex(trace.strip_suffix(b"-")?)?)?;
    let span = SpanId::from_bytes(unhex(span.strip_suffix(b"-")?)?)?;
    Some((trace, span, flags & 1 == 1))
}

fn unhex<const BYTES: usize>(text: &[u8]) -> Option<[u8; BYTES]> {
    // The specification allows lower case only.
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != BYTES * 2 {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// The caller's `tracestate` headers joined, unless they are too long or not text.
fn state(headers: &HeaderMap) -> Option<Arc<str>> {
    let mut values = headers.get_all(TRACESTATE).iter();
    let first = values.next()?.to_str().ok()?;
    let mut joined = String::new();
    for value in values {
        let value = value.to_str().ok()?;
        if joined.is_empty() {
            joined.push_str(first);
        }
        if joined.len() + value.len() >= TRACESTATE_BYTES_MAX {
            return None;
        }
        joined.push(',');
        joined.push_str(value);
    }
    let state = if joined.is_empty() { first } else { &joined };
    (!state.is_empty() && state.len() <= TRACESTATE_BYTES_MAX).then(|| Arc::from(state))
}

#[cfg(test)]
mod tests;
