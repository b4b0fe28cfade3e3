//! Errors as Cohere's SDKs read them: by HTTP status, the words in `message`.

use bytes::Bytes;

use crate::failure::FailureAnswer;
use crate::write;

/// An error body. The code and the parameter are ours: clients pass what they do not know.
pub(crate) fn encode(failure: &FailureAnswer) -> Bytes {
    let body = write::object(|o| {
        o.optional("id", failure.request_id.as_deref());
        o.string("message", &failure.message);
        o.optional("code", failure.code.as_deref());
        o.optional("param", failure.param.as_deref());
    });
    body.into()
}
