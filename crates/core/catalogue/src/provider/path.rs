//! Where a provider has an operation.

use std::borrow::Cow;

use super::shape::{Paths, Provider};

/// What a configuration says of the place of a provider, beside its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The region or location.
    pub region: Option<String>,
    /// The project.
    pub project: Option<String>,
    /// The version of its API.
    pub api_version: Option<String>,
}

impl Provider {
    /// The path of an operation below the base URL: `below` is where its format has it,
    /// `format` that format's label. With `{model}` where a model's name belongs.
    #[must_use]
    pub fn path<'p>(
        &self,
        (format, below): (&str, &'p str),
        streams: bool,
        site: &Site,
    ) -> Cow<'p, str> {
        match self.paths {
            // The version that some formats have in their paths is in the base URL already.
            Paths::OfFormats if self.version_in_base_url => {
                let rest = below
                    .strip_prefix("/v1")
                    .filter(|rest| rest.starts_with('/'));
                Cow::Borrowed(rest.unwrap_or(below))
            }
            Paths::OfFormats => Cow::Borrowed(below),
            Paths::Azure => Cow::Owned(azure(below, site.api_version.as_deref())),
            Paths::Bedrock if format.starts_with("openai_") => {
                Cow::Owned(format!("/openai/v1{below}"))
            }
            Paths::Bedrock => Cow::Borrowed(below),
            Paths::Vertex => Cow::Owned(vertex((format, below), streams, site)),
        }
    }

    /// Whether a model is spoken to in a format, by its name.
    #[must_use]
    pub fn speaks_to(&self, model: &str, format: &str) -> bool {
        let mut bounds = self.within.iter().filter(|(bound, _)| *bound == format);
        if bounds.any(|(_, part)| !model.contains(part)) {
            return false;
        }
        let mut never = self.never.iter();
        if never.any(|(prefix, never)| *never == format && model.starts_with(prefix)) {
            return false;
        }
        let is_its = |(prefix, _): &&(&str, &str)| model.starts_with(prefix);
        let is_only = |(_, only): &(&str, &str)| *only == format;
        match self.only.iter().any(|rule| is_its(&rule)) {
            true => self.only.iter().filter(is_its).any(is_only),
            false => !self.only.iter().any(is_only),
        }
    }
}

/// The versions that belong to the paths below `/openai/v1`, where no deployment is named.
const UNDATED: [&str; 3] = ["v1", "preview", "latest"];

fn azure(below: &str, version: Option<&str>) -> String {
    match version {
        None => format!("/openai/v1{below}"),
        Some(version) if UNDATED.contains(&version) => {
            format!("/openai/v1{below}?api-version={version}")
        }
        // Of responses the deployment is named in the body.
        Some(version) if below.starts_with("/responses") => {
            format!("/openai{below}?api-version={version}")
        }
        Some(version) => format!("/openai/deployments/{{model}}{below}?api-version={version}"),
    }
}

fn vertex((format, below): (&str, &str), streams: bool, site: &Site) -> String {
    let project = site.project.as_deref().unwrap_or_default();
    let location = site.region.as_deref().unwrap_or("global");
    let place = format!("/v1/projects/{project}/locations/{location}");
    if format.starts_with("openai_") {
        return format!("{place}/endpoints/openapi{below}");
    }
    if let Some((_, operation)) = below.split_once("/models/") {
        return format!("{place}/publishers/google/models/{operation}");
    }
    // Of counts the model is named in the body.
    if below.ends_with("/count_tokens") {
        return format!("{place}/publishers/anthropic/models/count-tokens:rawPredict");
    }
    let predict = if streams {
        "streamRawPredict"
    } else {
        "rawPredict"
    };
    format!("{place}/publishers/anthropic/models/{{model}}:{predict}")
}

#[cfg(test)]
mod tests {
    use super::Site;
    use crate::ProviderKind;

    fn path(kind: &str, format: &str, below: &str, streams: bool, version: Option<&str>) -> String {
        let kind = ProviderKind::find(kind).expect("a kind");
        let site = Site {
            region: Some("europe-west4".to_owned()),
            project: Some("p".to_owned()),
            api_version: version.map(str::to_owned),
        };
        kind.path((format, below), streams, &site).into_owned()
    }

    #[test]
    fn azure_has_operations_by_deployment_where_a_version_is_said() {
        let chat = |version| {
            path(
                "azure_openai",
                "openai_chat",
                "/chat/completions",
                true,
                version,
            )
        };
        assert_eq!(chat(None), "/openai/v1/chat/completions");
        let preview = "/openai/v1/chat/completions?api-version=preview";
        assert_eq!(chat(Some("preview")), preview);
        let dated = "/openai/deployments/{model}/chat/completions?api-version=2024-10-21";
        assert_eq!(chat(Some("2024-10-21")), dated);
        let version = Some("2025-03-01-preview");
        let responses = path(
            "azure_openai",
            "openai_responses",
            "/responses",
            true,
            version,
        );
        assert_eq!(
            responses,
            "/openai/responses?api-version=2025-03-01-preview"
        );
    }

    #[test]
    fn vertex_has_operations_by_publisher() {
        let place = "/v1/projects/p/locations/europe-west4";
        let of = |format, below, streams| path("vertex", format, below, streams, None);
        let expected = format!("{place}/publishers/anthropic/models/count-tokens:rawPredict");
        let below = "/v1/messages/count_tokens";
        assert_eq!(of("anthropic_count_tokens", below, false), expected);
        let expected = format!("{place}/publishers/google/models/{{model}}:countTokens");
        let below = "/v1/publishers/google/models/{model}:countTokens";
        assert_eq!(of("vertex_count_tokens", below, false), expected);
        for (streams, verb) in [(false, "rawPredict"), (true, "streamRawPredict")] {
            let expected = format!("{place}/publishers/anthropic/models/{{model}}:{verb}");
            assert_eq!(of("anthropic_messages", "/v1/messages", streams), expected);
        }
        let expected =
            format!("{place}/publishers/google/models/{{model}}:streamGenerateContent?alt=sse");
        let below = "/v1beta/models/{model}:streamGenerateContent?alt=sse";
        assert_eq!(of("gemini_generate", below, true), expected);
        let expected = format!("{place}/endpoints/openapi/chat/completions");
        assert_eq!(of("openai_chat", "/chat/completions", false), expected);
    }

    #[test]
    fn others_have_operations_where_formats_say() {
        assert_eq!(
            path("groq", "openai_chat", "/chat/completions", false, None),
            "/chat/completions"
        );
        assert_eq!(
            path("vllm", "anthropic_messages", "/v1/messages", false, None),
            "/messages"
        );
        assert_eq!(
            path(
                "anthropic",
                "anthropic_messages",
                "/v1/messages",
                false,
                None
            ),
            "/v1/messages"
        );
        let bedrock = |format, below| path("bedrock", format, below, false, None);
        let expected = "/openai/v1/chat/completions";
        assert_eq!(bedrock("openai_chat", "/chat/completions"), expected);
        assert_eq!(
            bedrock("bedrock_converse", "/model/{model}/converse"),
            "/model/{model}/converse"
        );
    }

    #[test]
    fn a_model_is_spoken_to_in_its_own_format_by_its_name() {
        let vertex = ProviderKind::find("vertex").expect("a kind");
        assert!(vertex.speaks_to("claude-opus-4-6", "anthropic_messages"));
        assert!(!vertex.speaks_to("claude-opus-4-6", "gemini_generate"));
        assert!(vertex.speaks_to("google/gemini-3-pro", "openai_chat"));
        assert!(!vertex.speaks_to("gemini-3-pro", "openai_chat"));
        assert!(vertex.speaks_to("gemini-3-pro", "gemini_generate"));
        assert!(vertex.speaks_to("claude-opus-4-6", "anthropic_count_tokens"));
        assert!(!vertex.speaks_to("gemini-3-pro", "anthropic_count_tokens"));
        let bedrock = ProviderKind::find("bedrock").expect("a kind");
        assert!(bedrock.speaks_to("us.anthropic.claude-x", "bedrock_count_tokens"));
        assert!(!bedrock.speaks_to("amazon.nova-pro-v1:0", "bedrock_count_tokens"));
        assert!(bedrock.speaks_to("amazon.nova-pro-v1:0", "bedrock_converse"));
        let any = ProviderKind::find("openai").expect("a kind");
        assert!(any.speaks_to("claude", "openai_chat"));
        assert!(any.speaks_to("gpt-5-mini", "openai_responses"));
        assert!(any.speaks_to("gpt-5-pro-2025-10-06", "openai_responses"));
        assert!(!any.speaks_to("gpt-5-pro-2025-10-06", "openai_chat"));
    }
}
