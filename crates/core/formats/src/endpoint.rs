//! Where callers find a format.

use std::fmt::Write as _;

/// A path that callers use, with `{model}` where a model's name is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The path, with its version.
    pub path: &'static str,
    /// Whether the answer is streamed, where the path says so and the body does not.
    pub streams: Option<bool>,
    /// Whether its first segment may also be the name of a provider whose API is passed
    /// through: what is below that name and not this path is the provider's.
    pub is_shared: bool,
}

/// The place of a model's name in a path.
const MODEL: &str = "{model}";

/// The place of an object's id in a path.
const ID: &str = "{id}";

/// What is done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It is read.
    Get,
    /// It is changed.
    Post,
    /// It goes.
    Delete,
}

impl Verb {
    /// As HTTP has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A path of an object that is held by the provider which made it, with `{id}` where its
/// id stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldEndpoint {
    /// What is done there.
    pub verb: Verb,
    /// The path, with its version.
    pub path: &'static str,
}

impl HeldEndpoint {
    /// What is done with an object at a path.
    #[must_use]
    pub const fn new(verb: Verb, path: &'static str) -> Self {
        Self { verb, path }
    }

    /// The id in a path when it is this one, `below` being the part of [`Self::path`] that
    /// was not taken off before; never empty, and one segment.
    #[must_use]
    pub fn id_in<'p>(below: &str, path: &'p str) -> Option<&'p str> {
        let (before, after) = below.split_once(ID)?;
        let id = path.strip_prefix(before)?.strip_suffix(after)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }

    /// A path with an id where it belongs.
    #[must_use]
    pub fn with_id(below: &str, id: &str) -> String {
        below.replacen(ID, id, 1)
    }
}

impl Endpoint {
    /// An endpoint whose body says whether the answer is streamed.
    #[must_use]
    pub const fn new(path: &'static str) -> Self {
        Self {
            path,
            streams: None,
            is_shared: false,
        }
    }

    /// As [`Self::new`], for a path whose first segment is not the gateway's alone.
    #[must_use]
    pub const fn shared(path: &'static str) -> Self {
        Self {
            is_shared: true,
            ..Self::new(path)
        }
    }

    /// An endpoint for whole answers only, or for streams only.
    #[must_use]
    pub const fn streaming(path: &'static str, streams: bool) -> Self {
        Self {
            streams: Some(streams),
            ..Self::new(path)
        }
    }

    /// What a path says when it is this one, `below` being the part of [`Self::path`] that
    /// was not taken off before.
    ///
    /// `Some(None)` where it names no model, else the name as the path has it, still
    /// percent-encoded and never empty. Any other place in braces is one segment.
    #[must_use]
    pub fn model_in<'p>(below: &str, path: &'p str) -> Option<Option<&'p str>> {
        let Some((before, after)) = below.split_once(MODEL) else {
            return after_places(below, path)
                .is_some_and(str::is_empty)
                .then_some(None);
        };
        let name = after_places(before, path)?.strip_suffix(after)?;
        (!name.is_empty()).then_some(Some(name))
    }
}

/// What is behind the part of a path that `pattern` describes.
fn after_places<'p>(mut pattern: &str, mut path: &'p str) -> Option<&'p str> {
    while let Some((before, place)) = pattern.split_once('{') {
        let (_name, after) = place.split_once('}')?;
        let rest = path.strip_prefix(before)?;
        let segment = rest.find('/').unwrap_or(rest.len());
        if segment == 0 {
            return None;
        }
        (pattern, path) = (after, rest.get(segment..)?);
    }
    path.strip_prefix(pattern)
}

/// A path with the name of a model where it belongs. Of the name stays as it is what a
/// segment of a path may have; a slash and all else is percent-encoded.
#[must_use]
pub fn with_model(path: &str, model: &str) -> String {
    let Some((before, after)) = path.split_once(MODEL) else {
        return path.to_owned();
    };
    let mut out = String::with_capacity(path.len() + model.len());
    out.push_str(before);
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' => {
                out.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out.push_str(after);
    out
}

/// Whether a path of a provider has the model's name in it.
#[must_use]
pub fn has_model(path: &str) -> bool {
    path.contains(MODEL)
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, with_model};

    #[test]
    fn a_path_with_a_model_says_which() {
        let model = |path| Endpoint::model_in("/models/{model}:generate", path);
        assert_eq!(model("/models/a-1:generate"), Some(Some("a-1")));
        assert_eq!(model("/models/a%2Fb:c:generate"), Some(Some("a%2Fb:c")));
        assert_eq!(model("/models/:generate"), None);
        assert_eq!(model("/models/a:stream"), None);
        assert_eq!(Endpoint::model_in("/chat", "/chat"), Some(None));
        assert_eq!(Endpoint::model_in("/chat", "/chats"), None);
    }

    #[test]
    fn a_name_cannot_leave_its_segment() {
        let path = with_model("/model/{model}/converse", "arn:aws/../x?y#z");
        assert_eq!(path, "/model/arn:aws%2F..%2Fx%3Fy%23z/converse");
    }
}
