//! What a path of a provider's API is, which a caller asks to be passed on.
//!
//! Nobody may go around a policy by way of a provider's name. So a path counts as an
//! operation of a wire format wherever it ends as one: as callers write it, as the gateway
//! itself writes it to any kind of provider, and whatever stands before.

use std::collections::HashSet;
use std::sync::LazyLock;

use tollgate_catalogue::{PROVIDERS, ProviderKind, Site};
use tollgate_formats::{Endpoint, FORMATS, Format, FormatId, HeldEndpoint};

use super::reading::{climbs, generous};
use super::{Called, HeldPath, unversioned};

/// What a path of a provider's API is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtProvider<'p> {
    /// An operation in a wire format.
    Called(Called<'p>),
    /// An answer that the provider holds.
    Held(HeldPath<'p>),
}

/// A path that is written so that servers may read it in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path may be that of an endpoint, and is not written as one")]
pub struct Disguised;

impl<'p> AtProvider<'p> {
    /// What is at a path of a provider's API; `None` for what is no endpoint of a format.
    ///
    /// # Errors
    /// [`Disguised`] where a server may take it for an endpoint and this does not.
    pub fn find(path: &'p str) -> Result<Option<Self>, Disguised> {
        let found = PLACES.iter().find_map(|place| place.at(&place.end, path));
        if found.is_some() {
            return if climbs(path) {
                Err(Disguised)
            } else {
                Ok(found)
            };
        }
        let plain = generous(path).to_ascii_lowercase();
        let is_endpoint = |place: &Place| {
            let is_verb = place
                .verb
                .as_ref()
                .is_some_and(|verb| plain.ends_with(&**verb));
            is_verb || place.at(&place.small, &plain).is_some()
        };
        match PLACES.iter().any(is_endpoint) {
            true => Err(Disguised),
            false => Ok(None),
        }
    }
}

/// Where a server may have an operation.
#[derive(Debug)]
struct Place {
    format: FormatId,
    what: What,
    /// How paths of it end: with leading slash, with `{model}` or `{id}` in it.
    end: Box<str>,
    /// The same in small letters.
    small: Box<str>,
    /// What stands behind the model, in small letters, where it is a method of it
    /// (`:generate`): whatever has such a method is a model.
    verb: Option<Box<str>>,
    /// Whether one word alone may be another's too (`/threads/ID/messages`): it stands
    /// first, or behind a version.
    is_word: bool,
}

/// What there is.
#[derive(Clone, Copy, Debug)]
enum What {
    /// An operation, documented as this path.
    Called(&'static str, Option<bool>),
    /// A held answer, documented as this path.
    Held(&'static str),
}

impl Place {
    fn new(format: FormatId, what: What, path: &str) -> Self {
        let end = end(path);
        let fixed = match what {
            What::Called(..) => end,
            What::Held(_) => end.split("/{id}").next().unwrap_or_default(),
        };
        Self {
            format,
            what,
            end: end.into(),
            small: end.to_ascii_lowercase().into(),
            verb: None,
            is_word: fixed.matches('/').count() < 2,
        }
    }

    /// With the method that its model is asked for, if it is written as one.
    fn with_verb(self) -> Self {
        let behind = self.small.split_once("{model}").map(|(_, behind)| behind);
        let verb = behind
            .filter(|behind| behind.starts_with(':'))
            .map(Box::from);
        Self { verb, ..self }
    }

    /// What a path is that ends as this place does.
    fn at<'p>(&self, end: &str, path: &'p str) -> Option<AtProvider<'p>> {
        // Few paths are more than this: a caller may write very many slashes.
        let last = end.rsplit('}').next().unwrap_or_default();
        if !path.ends_with(last) {
            return None;
        }
        let slashes = path.match_indices('/').map(|(at, _)| at);
        slashes
            .filter_map(|at| path.split_at_checked(at))
            .filter(|(before, _)| self.may_follow(before))
            .find_map(|(_, rest)| self.is(end, rest))
    }

    fn is<'p>(&self, end: &str, rest: &'p str) -> Option<AtProvider<'p>> {
        let format = self.format;
        match self.what {
            What::Called(path, streams) => {
                let model = Endpoint::model_in(end, rest)?;
                Some(AtProvider::Called(Called {
                    format,
                    path,
                    model,
                    streams,
                }))
            }
            What::Held(path) => {
                let id = HeldEndpoint::id_in(end, rest)?;
                Some(AtProvider::Held(HeldPath { format, path, id }))
            }
        }
    }

    /// Whether it may begin behind a part of a path.
    fn may_follow(&self, before: &str) -> bool {
        let is_behind_version = || before.rsplit('/').next().is_some_and(is_version);
        !self.is_word || before.is_empty() || is_behind_version()
    }
}

/// All of them, the longest first: it says most of the path. Where two formats share one, it
/// is whose that is written so.
static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let mut places = of_callers(|path| path);
    places.extend(of_callers(unversioned));
    // Of kinds first those formats that they speak: elsewhere they have the same paths.
    places.extend(of_kinds(|kind, format| {
        kind.formats.contains(&format.label())
    }));
    places.extend(of_kinds(|_, _| true));
    places.extend(of_callers(without_versions));
    let mut known = HashSet::new();
    places.retain(|place| known.insert(place.end.clone()));
    places.sort_by_key(|place| std::cmp::Reverse(place.end.len()));
    places
});

/// Where callers find operations here, or at a part of those paths.
fn of_callers(part: fn(&str) -> &str) -> Vec<Place> {
    let called = FORMATS.iter().flat_map(move |format| {
        format.endpoints().iter().map(move |endpoint| {
            let what = What::Called(endpoint.path, endpoint.streams);
            Place::new(format.id(), what, part(endpoint.path)).with_verb()
        })
    });
    let held = FORMATS.iter().flat_map(move |format| {
        let held = format.held().iter();
        held.map(move |held| Place::new(format.id(), What::Held(held.path), part(held.path)))
    });
    called.chain(held).collect()
}

/// Where the gateway itself would ask providers of these kinds and formats.
fn of_kinds(which: fn(ProviderKind, &'static dyn Format) -> bool) -> Vec<Place> {
    let kinds = PROVIDERS.iter();
    let kinds = kinds.filter_map(|provider| ProviderKind::find(provider.label));
    let all = kinds.flat_map(|kind| FORMATS.iter().map(move |format| (kind, *format)));
    all.filter(|(kind, format)| which(*kind, *format))
        .flat_map(|(kind, format)| sites().flat_map(move |site| of_kind(kind, format, &site)))
        .collect()
}

/// Configurations that make a difference to a path.
fn sites() -> impl Iterator<Item = Site> {
    [None, Some("1970-01-01")].into_iter().map(|version| Site {
        region: Some("{location}".to_owned()),
        project: Some("{project}".to_owned()),
        api_version: version.map(str::to_owned),
    })
}

fn of_kind(kind: ProviderKind, format: &'static dyn Format, site: &Site) -> Vec<Place> {
    // Whoever configures an address of a provider's may leave the path out of it.
    let address = kind.address(site.region.as_deref()).unwrap_or_default();
    let host = address.split_once("//").map_or("", |(_, host)| host);
    let base = host.find('/').and_then(|at| host.get(at..));
    let befores = ["", base.unwrap_or_default()].into_iter();
    befores
        .flat_map(|before| below_base(before, kind, format, site))
        .collect()
}

fn below_base(
    base: &str,
    kind: ProviderKind,
    format: &'static dyn Format,
    site: &Site,
) -> Vec<Place> {
    let written = |streams| {
        let below = (format.label(), format.provider_path(streams));
        let path = kind.path(below, streams, site);
        let path = path.split('?').next().unwrap_or_default();
        format!("{base}{path}")
    };
    let documented = format.endpoints().first().map_or("", |first| first.path);
    let (whole, stream) = (written(false), written(true));
    let place = |path: &str, streams| {
        let what = What::Called(documented, streams);
        Place::new(format.id(), what, path)
    };
    let mut places = match whole == stream {
        true => vec![place(&whole, None)],
        false => vec![place(&whole, Some(false)), place(&stream, Some(true))],
    };
    places.extend(format.held().iter().filter_map(|held| {
        let behind = held.path.strip_prefix(documented)?;
        let path = format!("{whole}{behind}");
        Some(Place::new(format.id(), What::Held(held.path), &path))
    }));
    places
}

/// The part of a path behind every place in it but that of a model or an id.
fn end(path: &str) -> &str {
    let places = ["{project}", "{location}"].iter();
    let behind = places.filter_map(|place| Some(path.rfind(place)? + place.len()));
    behind.max().and_then(|at| path.get(at..)).unwrap_or(path)
}

/// The part of a path behind the versions that it begins with.
fn without_versions(mut path: &str) -> &str {
    while let Some((first, _)) = path.get(1..).and_then(|rest| rest.split_once('/'))
        && is_version(first)
    {
        path = path.get(1 + first.len()..).unwrap_or_default();
    }
    path
}

/// `v1`, `v1beta`, `v1.0`.
fn is_version(segment: &str) -> bool {
    let mut letters = segment.chars();
    matches!(letters.next(), Some('v' | 'V')) && letters.next().is_some_and(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use tollgate_catalogue::{PROVIDERS, ProviderKind, Site};
    use tollgate_formats::{FORMATS, FormatId, HeldEndpoint, with_model};

    use super::{AtProvider, Called, Disguised, HeldPath, is_version};

    fn called(path: &str) -> Option<Called<'_>> {
        match AtProvider::find(path) {
            Ok(Some(AtProvider::Called(called))) => Some(called),
            _ => None,
        }
    }

    fn sites() -> impl Iterator<Item = Site> {
        let versions = [None, Some("2024-10-21"), Some("preview"), Some("v1")];
        versions.into_iter().map(|version| Site {
            region: Some("europe-west4".to_owned()),
            project: Some("my-project".to_owned()),
            api_version: version.map(str::to_owned),
        })
    }

    #[test]
    fn what_the_gateway_asks_a_provider_is_known_behind_the_name_of_every_kind() {
        for provider in PROVIDERS {
            let kind = ProviderKind::find(provider.label).expect("a kind");
            let base = kind.address(Some("europe-west4")).unwrap_or_default();
            let base = base.split("//").nth(1).and_then(|it| it.split_once('/'));
            let base = base.map_or_else(String::new, |(_host, path)| format!("/{path}"));
            for (format, site) in FORMATS
                .iter()
                .flat_map(|it| sites().map(move |site| (it, site)))
            {
                for streams in [false, true] {
                    let below = (format.label(), format.provider_path(streams));
                    let path = kind.path(below, streams, &site).into_owned();
                    let path = path.split('?').next().unwrap_or_default();
                    let is_spoken = provider.formats.contains(&format.label());
                    for path in [
                        path.to_owned(),
                        format!("{base}{path}"),
                        format!("/more/v9{path}"),
                    ] {
                        let path = with_model(&path, "a-1");
                        let row = format!("{} {} {path}", provider.label, format.label());
                        let found = called(&path).unwrap_or_else(|| panic!("{row}"));
                        if is_spoken {
                            assert_eq!(found.format, format.id(), "{row}");
                        }
                        if path.contains("a-1") {
                            assert_eq!(found.model, Some("a-1"), "{row}");
                            let other = with_model(format.provider_path(!streams), "a-1");
                            let says = found.streams.is_none_or(|says| says == streams);
                            assert!(says || path.contains(&other), "{row}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_endpoint_is_known_whatever_stands_before() {
        for format in FORMATS {
            for endpoint in format.endpoints() {
                let path = with_model(endpoint.path, "m").replace(['{', '}'], "");
                for before in ["", "/v1", "/openai", "/api/paas"] {
                    let path = format!("{before}{path}");
                    let found = called(&path).unwrap_or_else(|| panic!("{path}"));
                    assert_eq!(found.format, format.id(), "{path}");
                }
            }
        }
        for (path, format) in [
            ("/chat/completions", FormatId::OpenaiChat),
            ("/v1beta/openai/chat/completions", FormatId::OpenaiChat),
            ("/models/chat/completions", FormatId::OpenaiChat),
            ("/openai/responses", FormatId::OpenaiResponses),
            ("/openai/v1/responses", FormatId::OpenaiResponses),
            ("/api/v3/responses", FormatId::OpenaiResponses),
            ("/responses", FormatId::OpenaiResponses),
            ("/v2/rerank", FormatId::CohereRerank),
            ("/cohere/v2/rerank", FormatId::CohereRerank),
            ("/v1/rerank", FormatId::JinaRerank),
            ("/rerank", FormatId::JinaRerank),
            ("/anthropic/v1/messages", FormatId::AnthropicMessages),
            (
                "/v1beta1/projects/p/locations/l/publishers/anthropic/models/c@1:rawPredict",
                FormatId::AnthropicMessages,
            ),
            (
                "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
                FormatId::AnthropicCount,
            ),
            ("/v1/messages/count_tokens", FormatId::AnthropicCount),
            ("/openai/v1/responses/input_tokens", FormatId::OpenaiCount),
            ("/v1beta/models/g:countTokens", FormatId::GeminiCount),
            (
                "/publishers/google/models/g:countTokens",
                FormatId::VertexCount,
            ),
            ("/model/m/count-tokens", FormatId::BedrockCount),
        ] {
            assert_eq!(called(path).map(|it| it.format), Some(format), "{path}");
        }
    }

    #[test]
    fn a_path_names_the_model_that_it_is_about() {
        for (path, model, streams) in [
            (
                "/openai/deployments/my-gpt/chat/completions",
                "my-gpt",
                None,
            ),
            (
                "/v1/projects/p/locations/l/publishers/anthropic/models/c@1:rawPredict",
                "c@1",
                Some(false),
            ),
            (
                "/publishers/anthropic/models/c:streamRawPredict",
                "c",
                Some(true),
            ),
            ("/v1beta/models/g:streamGenerateContent", "g", Some(true)),
            ("/model/arn:x%2Fy/converse", "arn:x%2Fy", Some(false)),
        ] {
            let found = called(path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!(
                (found.model, found.streams),
                (Some(model), streams),
                "{path}"
            );
        }
    }

    #[test]
    fn no_other_way_of_writing_an_endpoint_passes_for_something_else() {
        for path in [
            "/v1/chat/completions/",
            "/v1/chat/completion%73",
            "/v1/chat/completion%2573",
            "/V1/Chat/Completions",
            "/v1/chat;a=b/completions",
            "/v1/messages;x",
            "/openai/v1/Responses",
            "/OpenAI/responses",
            "/v1/responses/resp_1/",
            "/v1/Responses/resp_1",
            "/v1beta/tunedModels/t:generateContent",
            "/v1/projects/p/locations/l/endpoints/7:streamGenerateContent",
            "/v1/echo/../chat/completions",
            "/v1//chat/completions",
            "/model/..%2Fx/converse",
        ] {
            assert_eq!(AtProvider::find(path), Err(Disguised), "{path}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_left_to_the_provider() {
        for path in [
            "/v1/chat/completions/chatcmpl-1",
            "/v1/images/generations",
            "/v1/threads/t/messages",
            "/v1/files/f/content",
            "/v1/messages/batches",
            "/v1beta/models/g:embed",
            "/v1beta/models/g",
            "/model/m/invoke",
            "",
        ] {
            assert_eq!(AtProvider::find(path), Ok(None), "{path}");
        }
    }

    #[test]
    fn an_answer_that_is_held_is_known_behind_every_name() {
        for format in FORMATS {
            for held in format.held() {
                let path = HeldEndpoint::with_id(held.path, "resp_1");
                for before in ["", "/openai", "/v1"] {
                    let path = format!("{before}{path}");
                    let expected = HeldPath {
                        format: format.id(),
                        path: held.path,
                        id: "resp_1",
                    };
                    assert_eq!(
                        AtProvider::find(&path),
                        Ok(Some(AtProvider::Held(expected))),
                        "{path}"
                    );
                }
            }
        }
        let azure = AtProvider::find("/openai/responses/resp_1/cancel");
        assert!(matches!(azure, Ok(Some(AtProvider::Held(_)))), "{azure:?}");
    }

    #[test]
    fn a_version_is_one() {
        assert!(["v1", "v1beta", "V2", "v1.0"].into_iter().all(is_version));
        assert!(!["", "v", "video", "1"].into_iter().any(is_version));
    }
}
