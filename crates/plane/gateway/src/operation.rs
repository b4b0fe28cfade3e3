//! Step 1: method and path to an operation.

use http::Method;
use http::request::Parts;
use tollgate_formats::{FORMATS, FormatId};

/// What a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A chat in this wire format.
    Chat(FormatId),
    /// The list of models.
    Models,
    /// Is the process able to serve? 503 until a snapshot serves.
    Health,
    /// Should new traffic come here? Like health, and 503 while draining.
    Ready,
    /// `GET /`: a sign of life for people and for clients that probe the root.
    Root,
    /// Anything else: a plain HTTP route, if one is configured for the path.
    Plain,
}

/// The path is ours, the method is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use {allow} here")]
pub(crate) struct MethodNotAllowed {
    /// The methods that work, for the `Allow` header.
    pub(crate) allow: &'static str,
}

/// Finds the operation of a request.
///
/// A format's path is accepted with and without the version prefix, since half of
/// the clients put `/v1` into their base URL.
pub(crate) fn find(method: &Method, path: &str) -> Result<Operation, MethodNotAllowed> {
    if let Some(format) = chat_format(path) {
        return if method == Method::POST {
            Ok(Operation::Chat(format))
        } else {
            Err(MethodNotAllowed { allow: "POST" })
        };
    }
    let operation = match path {
        "/v1/models" | "/models" => Operation::Models,
        "/health" => Operation::Health,
        "/ready" => Operation::Ready,
        "/" => Operation::Root,
        _ => return Ok(Operation::Plain),
    };
    if method == Method::GET || method == Method::HEAD {
        Ok(operation)
    } else {
        Err(MethodNotAllowed { allow: "GET, HEAD" })
    }
}

/// The format in which whoever asks expects an answer: only Anthropic's clients name a
/// version, also where both formats share the path.
pub(crate) fn spoken(head: &Parts) -> FormatId {
    chat_format(head.uri.path())
        .unwrap_or_else(|| FormatId::recognised(&|name| head.headers.contains_key(name)))
}

fn chat_format(path: &str) -> Option<FormatId> {
    // A base URL with the version, and a client that adds it once more.
    let path = path.strip_prefix("/v1/v1").map_or(path, |_| &path[3..]);
    FORMATS
        .iter()
        .find(|format| {
            let public = format.public_path();
            path == public || Some(path) == public.strip_prefix("/v1")
        })
        .map(|format| format.id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found_with_and_without_the_version() {
        for path in ["/v1/chat/completions", "/chat/completions"] {
            assert_eq!(
                find(&Method::POST, path),
                Ok(Operation::Chat(FormatId::OpenaiChat))
            );
        }
        for path in ["/v1/messages", "/messages", "/v1/v1/messages"] {
            assert_eq!(
                find(&Method::POST, path),
                Ok(Operation::Chat(FormatId::AnthropicMessages))
            );
        }
    }

    #[test]
    fn a_known_path_with_another_method_says_what_works() {
        assert_eq!(
            find(&Method::GET, "/v1/messages"),
            Err(MethodNotAllowed { allow: "POST" })
        );
        assert_eq!(
            find(&Method::POST, "/health"),
            Err(MethodNotAllowed { allow: "GET, HEAD" })
        );
    }

    #[test]
    fn other_paths_are_left_to_the_routes() {
        assert_eq!(find(&Method::PUT, "/v1/sentiment"), Ok(Operation::Plain));
        assert_eq!(
            find(&Method::POST, "/v1/chat/completions/"),
            Ok(Operation::Plain)
        );
    }
}
