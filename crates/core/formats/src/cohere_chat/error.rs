//! Errors as Cohere's SDKs read them, and answers that ended as one.

use bytes::{Bytes, BytesMut};

use super::{finish, stream};
pub(super) use crate::cohere::error::encode;
use crate::failure::{self, Failure, FailureAnswer};

/// Reads an error answer. A status of success does not make an answer one that says that it
/// ended because something went wrong.
pub(super) fn decode(status: u16, body: &[u8]) -> Failure {
    match finish::failure_in(body) {
        Some(word) => failure::read_ended(&word, body),
        None => failure::read(status, body),
    }
}

/// An error inside a stream: the end of the message, with what went wrong.
pub(super) fn encode_event(failure: &FailureAnswer) -> Bytes {
    let mut out = BytesMut::new();
    stream::event(&mut out, "message-end", |o| {
        o.optional("id", failure.request_id.as_deref());
        o.object("delta", |o| {
            o.string("finish_reason", "ERROR");
            o.string("error", &failure.message);
            o.whole("status", u64::from(failure.status));
            o.optional("code", failure.code.as_deref());
        });
    });
    out.freeze()
}
