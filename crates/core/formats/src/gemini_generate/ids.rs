//! Ids of function calls, which this format often leaves out.
//!
//! Other formats tie a result to its call by an id. Where none was given one is made; a
//! provider of this format never sees it again, and goes by name and order as before.

use std::fmt::Write as _;

use crate::view::hash;

/// Begins an id that was made here.
const MADE: &str = "call_gm_";

/// The longest part of an answer's id that goes into those of its calls, in bytes: other
/// APIs take ids of 40 at most.
const ANSWER_BYTES_MAX: usize = 24;

/// What makes the calls of one answer different from those of every other.
pub(super) fn stem(answer_id: &str, body: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !answer_id.is_empty() && answer_id.len() <= ANSWER_BYTES_MAX && answer_id.bytes().all(plain)
    {
        return answer_id.to_owned();
    }
    let mut out = String::with_capacity(16);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{:08x}{:08x}",
        hash(0, answer_id.as_bytes()),
        hash(1, body)
    );
    out
}

/// The id of the `number`th call of a candidate.
pub(super) fn made(stem: &str, candidate: u32, number: usize) -> String {
    format!("{MADE}{stem}_{candidate}_{number}")
}

/// True for an id that was made here.
pub(super) fn is_made(id: &str) -> bool {
    id.starts_with(MADE)
}

#[cfg(test)]
mod tests {
    use super::{is_made, made, stem};

    #[test]
    fn an_id_is_short_plain_and_known_again() {
        for answer in ["mAitaLmkHPPlz7IPvtfUqQ4", "", "a b", &"x".repeat(500)] {
            let id = made(&stem(answer, b"{}"), 1, 99);
            assert!(id.len() <= 40 && is_made(&id), "{id}");
            assert!(
                id.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            );
        }
        assert_ne!(stem("", b"a"), stem("", b"b"));
    }
}
