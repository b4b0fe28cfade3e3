//! A pull reader over JSON that gives places instead of values.
//!
//! [`Reader`] walks one JSON text from front to back. Callers name what they want
//! and get the span where it lies in the original bytes; what they leave unread is
//! skipped, and skipped parts are checked as strictly as the rest. The language is
//! RFC 8259 and the accepted set is that of `serde_json::Value`: nesting below
//! [`DEPTH_MAX`], no lone surrogates, no raw control characters, no number beyond
//! the range of a double. (Within one rounding step of that range the two may
//! differ: here the correctly rounded value decides.)
//!
//! No step recurses or allocates, escaped keys excepted. Duplicate keys are legal
//! JSON and are refused only where a caller asks for it with [`set_once`].

mod error;
mod escape;
mod key;
mod lexer;
mod number;
mod reader;
mod scan;
mod skip;

pub use error::{Duplicate, Error, Expected, Kind};
pub use escape::{decode, escape_into};
pub use key::{Key, set_once};
pub use reader::{DEPTH_MAX, Reader, VALUES_MAX};

#[cfg(test)]
mod tests;
