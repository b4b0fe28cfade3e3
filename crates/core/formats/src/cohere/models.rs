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

/// What a model can be asked for is not known here: `endpoints`, by which clients choose, is
/// left out.
fn describe(o: &mut Object<'_>, model: &str) {
    o.string("name", model);
}
