//! Method and path to an operation.

use std::borrow::Cow;

use http::request::Parts;
use http::{Method, Uri};
use tollgate_config::{Called, HeldPath, OwnPath};
use tollgate_formats::FormatId;

use crate::headers;

/// What a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    /// How the process does: answered at once, without a key and without a record.
    Probe(Probe),
    /// Anything else goes on record.
    Work(Work<'p>),
}

/// A sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Is the process able to serve? 503 until a snapshot serves.
    Health,
    /// Should new traffic come here? Like health, and 503 while draining.
    Ready,
    /// `GET /`: for people, and for clients that probe the root.
    Root,
}

/// What a caller with a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work<'p> {
    /// An operation in a wire format.
    Called(Called<'p>),
    /// An answer that its provider holds.
    Held(HeldPath<'p>),
    /// The list of models.
    Models,
    /// One model, by its percent-encoded name.
    Model(&'p str),
    /// A plain HTTP route, if one is configured for the path.
    Plain,
}

/// The path is ours, the method is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use {allow} here")]
pub(crate) struct MethodNotAllowed {
    /// The methods that work, for the `Allow` header.
    pub(crate) allow: Cow<'static, str>,
}

/// The methods of what is only read.
const READ: &str = "GET, HEAD";

/// Finds the operation of a request.
pub(crate) fn find<'p>(method: &Method, uri: &'p Uri) -> Result<Operation<'p>, MethodNotAllowed> {
    let (operation, allow) = match OwnPath::asked(uri.path(), uri.query()) {
        None => return Ok(Operation::Work(Work::Plain)),
        Some(OwnPath::Called(called)) => (Operation::Work(Work::Called(called)), "POST"),
        Some(OwnPath::Held(held)) => {
            if held.methods().any(|allowed| method == allowed) {
                return Ok(Operation::Work(Work::Held(held)));
            }
            let allow = held.methods().collect::<Vec<_>>().join(", ").into();
            return Err(MethodNotAllowed { allow });
        }
        Some(OwnPath::Models(_)) => (Operation::Work(Work::Models), READ),
        Some(OwnPath::Model(name, _)) => (Operation::Work(Work::Model(name)), READ),
        Some(OwnPath::Health) => (Operation::Probe(Probe::Health), READ),
        Some(OwnPath::Ready) => (Operation::Probe(Probe::Ready), READ),
        Some(OwnPath::Root) => (Operation::Probe(Probe::Root), READ),
    };
    if allow.split(", ").any(|allowed| method == allowed) {
        Ok(operation)
    } else {
        let allow = allow.into();
        Err(MethodNotAllowed { allow })
    }
}

/// The format in which whoever asks expects an answer: that of the path, or else the one
/// whose clients send such headers.
pub(crate) fn spoken(head: &Parts) -> FormatId {
    let path = head.uri.path();
    // Behind a first segment it may be an endpoint that is asked of one provider.
    let behind = path
        .get(1..)
        .and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let found = std::iter::once(OwnPath::asked(path, head.uri.query()));
    let found = found.chain(behind.map(OwnPath::find));
    let mut called = found.filter_map(|own| match own {
        Some(OwnPath::Called(called)) => Some(called.format),
        Some(OwnPath::Models(format) | OwnPath::Model(_, format)) => format,
        Some(OwnPath::Held(held)) => Some(held.format),
        _ => None,
    });
    let header = |name: &str| headers::text(&head.headers, name);
    called
        .next()
        .unwrap_or_else(|| FormatId::recognised(&header))
}

#[cfg(test)]
mod tests {
    use tollgate_formats::HeldEndpoint;

    use super::*;

    #[test]
    fn a_known_path_with_another_method_says_what_works() {
        assert_eq!(
            find(&Method::GET, &Uri::from_static("/v1/messages")),
            Err(MethodNotAllowed {
                allow: "POST".into()
            })
        );
        assert_eq!(
            find(&Method::POST, &Uri::from_static("/health")),
            Err(MethodNotAllowed {
                allow: "GET, HEAD".into()
            })
        );
    }

    #[test]
    fn a_held_answer_takes_the_methods_of_its_table() {
        for format in tollgate_formats::FORMATS {
            for held in format.held() {
                let path: Uri = HeldEndpoint::with_id(held.path, "resp_1").parse().unwrap();
                let same = format.held().iter().filter(|other| other.path == held.path);
                let same: Vec<_> = same.map(|other| other.verb.name()).collect();
                let allow = same.join(", ").into();
                let refused = find(&Method::PUT, &path);
                assert_eq!(refused, Err(MethodNotAllowed { allow }), "{path}");
                for method in same {
                    let method = method.parse().unwrap();
                    let found = find(&method, &path);
                    assert!(
                        matches!(found, Ok(Operation::Work(Work::Held(_)))),
                        "{path}"
                    );
                }
            }
        }
    }

    #[test]
    fn other_paths_are_left_to_the_routes() {
        assert_eq!(
            find(&Method::PUT, &Uri::from_static("/v1/sentiment")),
            Ok(Operation::Work(Work::Plain))
        );
        assert_eq!(
            find(&Method::POST, &Uri::from_static("/v1/chat/completions/")),
            Ok(Operation::Work(Work::Plain))
        );
    }
}
