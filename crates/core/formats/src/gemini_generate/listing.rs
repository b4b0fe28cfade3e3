//! Model listings.

use bytes::Bytes;

use crate::write::{self, Object};

/// What every model here can be asked for.
const METHODS: [&str; 2] = ["generateContent", "streamGenerateContent"];

/// The answer to a listing.
pub(super) fn models(models: &[&str]) -> Bytes {
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
pub(super) fn model(model: &str) -> Bytes {
    write::object(|o| describe(o, model)).into()
}

fn describe(o: &mut Object<'_>, model: &str) {
    o.string("name", &format!("models/{model}"));
    o.string("version", "001");
    o.string("displayName", model);
    o.array("supportedGenerationMethods", |a| {
        METHODS.iter().for_each(|method| a.string(method));
    });
}
