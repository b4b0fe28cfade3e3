//! The paths the gateway answers itself: no route can take one.
//!
//! The paths of wire formats and models work with and without the version prefix, since
//! half of the clients have it in their base URL, and with two of them, since some add one
//! more.

mod at_provider;
mod reading;

use tollgate_formats::{Endpoint, FORMATS, Format, FormatId, HeldEndpoint};

pub use at_provider::{AtProvider, Disguised};
pub use reading::is_read_alike;

const VERSION: &str = "/v1";
const MODELS: &str = "/models";
const HEALTH: &str = "/health";
const READY: &str = "/ready";
/// Below which clients of Azure OpenAI have every path.
const AZURE: &str = "/openai";
/// What they ask for in every query.
const AZURE_VERSION: &str = "api-version=";

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

/// What a path of an answer says that its provider holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldPath<'p> {
    /// The format.
    pub format: FormatId,
    /// The path as it is documented, `{id}` in the place of the answer's.
    pub path: &'static str,
    /// The id, still percent-encoded.
    pub id: &'p str,
}

impl<'p> HeldPath<'p> {
    /// What is at a path without its version.
    fn find(below: &'p str) -> Option<Self> {
        FORMATS.iter().find_map(|format| {
            format.held().iter().find_map(|endpoint| {
                let id = HeldEndpoint::id_in(unversioned(endpoint.path), below)?;
                Some(Self {
                    format: format.id(),
                    path: endpoint.path,
                    id,
                })
            })
        })
    }

    /// What can be done there, as methods of HTTP.
    pub fn methods(&self) -> impl Iterator<Item = &'static str> + use<> {
        let path = self.path;
        let endpoints = self.format.format().held().iter();
        let at = endpoints.filter(move |endpoint| endpoint.path == path);
        at.map(|endpoint| endpoint.verb.name())
    }
}

/// What the gateway answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPath<'p> {
    /// An operation in a wire format.
    Called(Called<'p>),
    /// An answer that its provider holds.
    Held(HeldPath<'p>),
    /// The list of models; of a format, where only its clients ask there.
    Models(Option<FormatId>),
    /// One model, by its name as the path has it, still percent-encoded; of a format, as
    /// [`Self::Models`].
    Model(&'p str, Option<FormatId>),
    /// Whether the process can serve.
    Health,
    /// Whether new traffic should come.
    Ready,
    /// `/`: a sign of life.
    Root,
}

impl<'p> OwnPath<'p> {
    /// What is asked for by a path and a query: what [`Self::find`] says, and what it says
    /// without the segment that clients of Azure OpenAI put before. They are told by the
    /// version in their query: else that segment may be the name of a provider.
    #[must_use]
    pub fn asked(path: &'p str, query: Option<&str>) -> Option<Self> {
        let mut pairs = query.unwrap_or_default().split('&');
        let of_azure = pairs.any(|pair| pair.starts_with(AZURE_VERSION));
        let below = path.strip_prefix(AZURE).filter(|_| of_azure);
        below
            .and_then(Self::find)
            .filter(|own| !matches!(own, Self::Health | Self::Ready | Self::Root))
            .or_else(|| Self::find(path))
    }

    /// What of a query is for a provider: not the version, which its own path has.
    #[must_use]
    pub fn query_of(query: &str) -> String {
        let pairs = query.split('&');
        let kept = pairs.filter(|pair| !pair.starts_with(AZURE_VERSION));
        kept.collect::<Vec<_>>().join("&")
    }

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
        if let Some(held) = HeldPath::find(below) {
            return Some(Self::Held(held));
        }
        let own = |format: &&'static dyn Format| {
            let mut listings = format.listings().iter();
            listings.find_map(|listing| path.strip_prefix(*listing).zip(Some(format.id())))
        };
        let (rest, format) = match FORMATS.iter().find_map(own) {
            Some((rest, format)) => (rest, Some(format)),
            None => (below.strip_prefix(MODELS)?, None),
        };
        if rest.is_empty() {
            return Some(Self::Models(format));
        }
        rest.strip_prefix('/')
            .filter(|name| !name.is_empty())
            .map(|name| Self::Model(name, format))
    }

    /// Whether paths of ours begin with this segment, so that no prefix can.
    pub(crate) fn begins_with(segment: &str) -> bool {
        let first = |path: &str| path.split('/').nth(1) == Some(segment);
        let endpoints = FORMATS.iter().flat_map(|format| format.endpoints());
        let own = endpoints.filter(|endpoint| !endpoint.is_shared);
        let mut endpoints = own.map(|endpoint| unversioned(endpoint.path));
        endpoints.any(first) || [VERSION, MODELS, HEALTH, READY].into_iter().any(first)
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
                    .split_once('{')
                    .map_or(below, |(before, _)| before.trim_end_matches('/'))
            })
            .chain([MODELS])
            .chain(FORMATS.iter().flat_map(|format| format.listings()).copied())
            .flat_map(|below| {
                [
                    format!("{VERSION}{below}"),
                    below.to_owned(),
                    format!("{VERSION}{VERSION}{below}"),
                    format!("{AZURE}{below}"),
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
                ("/models", OwnPath::Models(None)),
                ("/models/a/b", OwnPath::Model("a/b", None)),
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
    fn a_prefix_cannot_begin_as_a_path_of_ours_does() {
        for name in ["v1", "models", "chat", "messages", "health", "ready"] {
            assert!(OwnPath::begins_with(name), "{name}");
        }
        assert!(!OwnPath::begins_with("openai"));
    }

    #[test]
    fn a_path_with_a_model_says_which_and_whether_it_streams() {
        let project = "/v1beta1/projects/p/locations/l/publishers/google/models";
        for before in [
            "/v1beta/models",
            "/v1/models",
            "/models",
            "/v1alpha/models",
            project,
        ] {
            for (method, streams) in [("generateContent", false), ("streamGenerateContent", true)] {
                let path = format!("{before}/a/b:{method}");
                let Some(OwnPath::Called(called)) = OwnPath::find(&path) else {
                    panic!("{path}");
                };
                assert_eq!(called.format, FormatId::GeminiGenerate);
                assert_eq!((called.model, called.streams), (Some("a/b"), Some(streams)));
                assert!(OwnPath::taken_by(&path, false).is_some(), "{path}");
            }
        }
    }

    #[test]
    fn a_listing_of_one_formats_clients_is_theirs() {
        let gemini = Some(FormatId::GeminiGenerate);
        for (path, own) in [
            ("/v1beta/models", OwnPath::Models(gemini)),
            ("/v1beta/models/a/b", OwnPath::Model("a/b", gemini)),
            ("/v1/models/a", OwnPath::Model("a", None)),
        ] {
            assert_eq!(OwnPath::find(path), Some(own));
        }
        assert_eq!(OwnPath::find("/v1beta/modelsmith"), None);
        assert!(OwnPath::taken_by("/v1beta/models", false).is_some());
    }

    #[test]
    fn a_deployment_is_a_model_and_its_prefix_may_be_a_providers_name() {
        let path = "/openai/deployments/my-gpt/chat/completions";
        let Some(OwnPath::Called(called)) = OwnPath::find(path) else {
            panic!("{path}");
        };
        assert_eq!(called.model, Some("my-gpt"));
        assert!(!OwnPath::begins_with("openai"));
        assert_eq!(OwnPath::find("/openai/files"), None);
    }

    #[test]
    fn clients_of_azure_have_every_path_below_one_segment() {
        let version = Some("a=b&api-version=2025-03-01-preview");
        let responses = Some(called(FormatId::OpenaiResponses));
        for (path, own) in [
            ("/openai/responses", responses),
            ("/openai/v1/responses", responses),
            ("/openai/models", Some(OwnPath::Models(None))),
            ("/openai/models/a", Some(OwnPath::Model("a", None))),
            ("/openai/health", None),
            ("/openai/files", None),
            ("/models", Some(OwnPath::Models(None))),
        ] {
            assert_eq!(OwnPath::asked(path, version), own, "{path}");
        }
        let held = OwnPath::asked("/openai/responses/resp_1/cancel", version);
        assert!(matches!(held, Some(OwnPath::Held(held)) if held.id == "resp_1"));
        assert_eq!(OwnPath::query_of("a=b&api-version=1&c"), "a=b&c");
        // Without the version the segment may be a provider's name.
        assert_eq!(OwnPath::asked("/openai/responses", None), None);
        assert!(OwnPath::taken_by("/openai/responses", false).is_some());
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
