//! Ids of requests, traces and spans, and where their bits come from.
//!
//! Ids are unique and hard to collide with, not secret: the generator is fast and
//! not cryptographic. Its seed comes from the system, once for each thread.

use std::cell::Cell;
use std::fmt;

/// Names one request: 32 hexadecimal digits in `x-tollgate-request-id`, the log and the span.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u128);

/// Names one trace (W3C Trace Context): 16 bytes, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// Names one span (W3C Trace Context): 8 bytes, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

impl RequestId {
    /// A new id.
    #[must_use]
    pub fn random() -> Self {
        Self(random_u128())
    }

    /// The id as 32 lower-case hexadecimal digits, without allocating.
    #[must_use]
    pub fn hex(self) -> Hex<32> {
        hex(self.0.to_be_bytes())
    }
}

impl TraceId {
    /// A new id.
    #[must_use]
    pub fn random() -> Self {
        Self((random_u128() | 1).to_be_bytes())
    }

    /// An id from its bytes; `None` for all zero, which W3C forbids.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// The bytes, as OTLP carries them.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id as 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(self) -> Hex<32> {
        hex(self.0)
    }
}

impl SpanId {
    /// A new id.
    #[must_use]
    pub fn random() -> Self {
        Self((random_u64() | 1).to_be_bytes())
    }

    /// An id from its bytes; `None` for all zero, which W3C forbids.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        (bytes != [0; 8]).then_some(Self(bytes))
    }

    /// The bytes, as OTLP carries them.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// The id as 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(self) -> Hex<16> {
        hex(self.0)
    }
}

/// Lower-case hexadecimal digits on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex<const DIGITS: usize>([u8; DIGITS]);

impl<const DIGITS: usize> Hex<DIGITS> {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ever filled from the table of digits, so never the default.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits as ASCII bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<const DIGITS: usize> fmt::Display for Hex<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn hex<const BYTES: usize, const DIGITS: usize>(bytes: [u8; BYTES]) -> Hex<DIGITS> {
    const TABLE: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [b'0'; DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = TABLE[usize::from(byte >> 4)];
        pair[1] = TABLE[usize::from(byte & 15)];
    }
    Hex(digits)
}

macro_rules! shown_as_hex {
    ($($id:ident),*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.hex().fmt(f)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($id), "({})"), self)
            }
        }
    )*};
}

shown_as_hex!(RequestId, TraceId, SpanId);

thread_local! {
    static STATE: Cell<u64> = Cell::new(seed());
}

fn seed() -> u64 {
    // Without a random source the address of a thread-local and the clock must do:
    // ids are not secrets, and a request is worth more than its id.
    getrandom::u64().unwrap_or_else(|_| {
        let clock = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        clock.as_secs().rotate_left(32)
            ^ u64::from(clock.subsec_nanos())
            ^ u64::from(std::process::id())
    })
}

/// Fast random bits (`SplitMix64`, a full period of 2⁶⁴ for each thread); not for secrets.
#[must_use]
pub fn random_u64() -> u64 {
    STATE.with(|state| {
        let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

fn random_u128() -> u128 {
    u128::from(random_u64()) << 64 | u128::from(random_u64())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{RequestId, SpanId, TraceId};

    #[test]
    fn an_id_shows_its_bytes_in_lower_case_hex() {
        let id = TraceId::from_bytes([0x0a, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
            .expect("not zero");
        assert_eq!(
            id.to_string(),
            "0aff0001020304050607 08090a0b0c0d".replace(' ', "")
        );
        assert_eq!(
            format!("{:?}", SpanId::from_bytes([1; 8]).expect("not zero")),
            "SpanId(0101010101010101)"
        );
    }

    #[test]
    fn a_zero_id_is_none() {
        assert_eq!(TraceId::from_bytes([0; 16]), None);
        assert_eq!(SpanId::from_bytes([0; 8]), None);
    }

    #[test]
    fn ids_of_all_threads_differ() {
        let ids = std::sync::Mutex::new(BTreeSet::new());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mine: Vec<_> = (0..1_000)
                        .map(|_| RequestId::random().to_string())
                        .collect();
                    ids.lock().expect("a lock").extend(mine);
                });
            }
        });
        let ids = ids.into_inner().expect("a lock");
        assert_eq!(ids.len(), 4_000);
    }
}
