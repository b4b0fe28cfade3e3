//! The paths the gateway answers itself: no route can take one.
//!
//! The paths of wire formats and models work with and without the version prefix, since
//! half of the clients have it in their base URL, and with two of them, since some add one
//! more.

use tollgate_formats::{Endpoint, FORMATS, FormatId};

const VERSION: &str = "/v1";
const MODELS: &str = "/models";
const HEALTH: &str = "/health";
const READY: &str = "/ready";

/// What a path of a wire format says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called<'p> {
    /// The format.
    pub format: FormatId,
    /// The path as it is documented, `{model}` in the place of a name.
    pub path: &'static str,
    /// The model, still percent-encoded, where the path names it.
    pub model: Option<&'p str>,
    /// Whether the answer is streamed, where the path says so.
    pub streams: Option<bool>,
}

impl<'p> Called<'p> {
    /// What is at a path without its version.
    fn find(below: &'p str) -> Option<Self> {
        FORMATS.iter().find_map(|format| {
            format.endpoints().iter().find_map(|endpoint| {
                let model = Endpoint::model_in(unversioned(endpoint.path), below)?;
                Some(Self {
                    format: format.id(),
                    path: endpoint.path,
                    model,
                    streams: endpoint.streams,
                })
            })
        })
    }
}

/// What the gateway answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPath<'p> {
    /// An operation in a wire format.
    Called(Called<'p>),
    /// The list of models.
    Models,
    /// One model, by its name as the path has it, still percent-encoded.
    Model(&'p str),
    /// Whether the process can serve.
    Health,
    /// Whether new traffic should come.
    Ready,
    /// `/`: a sign of life.
    Root,
}

impl<'p> OwnPath<'p> {
    /// What is at a path; `None` where a route may be.
    #[must_use]
    pub fn find(path: &'p str) -> Option<Self> {
        match path {
            HEALTH => return Some(Self::Health),
            READY => return Some(Self::Ready),
            "/" => return Some(Self::Root),
            _ => {}
        }
        let below = unversioned(path);
        if let Some(called) = Called::find(below) {
            return Some(Self::Called(called));
        }
        match below.strip_prefix(MODELS)? {
            "" => Some(Self::Models),
            rest => rest
                .strip_prefix('/')
                .filter(|name| !name.is_empty())
                .map(Self::Model),
        }
    }

    /// Every path of ours that a route on `path`, or on all paths below it, would take.
    pub(crate) fn taken_by(path: &str, is_prefix: bool) -> Option<String> {
        let versioned = FORMATS
            .iter()
            .flat_map(|format| format.endpoints())
            .map(|endpoint| unversioned(endpoint.path))
            // A route may not reach into paths that name a model.
            .map(|below| {
                below
                    .split_once("{model}")
                    .map_or(below, |(before, _)| before.trim_end_matches('/'))
            })
            .chain([MODELS])
            .flat_map(|below| {
                [
                    format!("{VERSION}{below}"),
                    below.to_owned(),
                    format!("{VERSION}{VERSION}{below}"),
                ]
            });
        let mut all = versioned.chain([HEALTH.to_owned(), READY.to_owned()]);
        all.find(|own| is_below(path, own) || (is_prefix && is_below(own, path)))
            .or_else(|| (path == "/").then(|| path.to_owned()))
    }
}

/// Whether a path is another one or lies below it.
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn unversioned(path: &str) -> &str {
    let once = without_version(path);
    without_version(once)
}

fn without_version(path: &str) -> &str {
    match path.strip_prefix(VERSION) {
        Some(below) if below.starts_with('/') => below,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::{Called, FormatId, OwnPath};

    fn called(format: FormatId) -> OwnPath<'static> {
        OwnPath::Called(Called {
            format,
            path: format.format().endpoints()[0].path,
            model: None,
            streams: None,
        })
    }

    #[test]
    fn every_path_that_is_answered_is_refused_to_routes() {
        for version in ["", "/v1", "/v1/v1"] {
            for (path, own) in [
                ("/chat/completions", called(FormatId::OpenaiChat)),
                ("/messages", called(FormatId::AnthropicMessages)),
                ("/models", OwnPath::Models),
                ("/models/a/b", OwnPath::Model("a/b")),
            ] {
                let path = format!("{version}{path}");
                assert_eq!(OwnPath::find(&path), Some(own), "{path}");
                assert!(OwnPath::taken_by(&path, false).is_some(), "{path}");
            }
        }
        for path in ["/health", "/ready", "/"] {
            assert!(OwnPath::find(path).is_some(), "{path}");
            assert!(OwnPath::taken_by(path, false).is_some(), "{path}");
        }
        for prefix in ["", "/v1", "/chat", "/models/a"] {
            assert!(OwnPath::taken_by(prefix, true).is_some(), "{prefix}/*");
        }
    }

    #[test]
    fn other_paths_are_left_to_routes() {
        for path in [
            "/v1/sentiment",
            "/v1/chat/completions/",
            "/modelsmith",
            "/v2/models",
            "/v1",
            "/models/",
        ] {
            assert_eq!(OwnPath::find(path), None, "{path}");
        }
        assert_eq!(OwnPath::taken_by("/v1/sentiment", false), None);
        assert_eq!(OwnPath::taken_by("/v2/models", true), None);
    }
}
