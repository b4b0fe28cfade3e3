//! Model listings as Cohere's clients read them.

use bytes::Bytes;

use crate::write::{self, Object};

/// The answer to a listing.
pub(crate) fn list(models: &[&str]) -> Bytes {
    let body = write::object(|o| {
        o.array("models", |a| {
            for model in models {
                a.object(|o| describe(o, model));
            }
        });
    });
    body.into()
}

/// The answer to one name.
pub(crate) fn one(model: &str) -> Bytes {
    write::object(|o| describe(o, model)).into()
}

fn describe(o: &mut Object<'_>, model: &str) {
    o.string("name", model);
    o.array("endpoints", |a| {
        for endpoint in ["chat", "embed", "rerank"] {
            a.string(endpoint);
        }
    });
}
