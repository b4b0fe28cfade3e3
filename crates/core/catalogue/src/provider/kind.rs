//! One kind of provider, picked from the table.

use std::fmt;
use std::ops::Deref;

use super::{COMPATIBLE, Cloud, Nature, PROVIDERS, Provider};

/// The place of a region in an address.
const REGION: &str = "{region}";

/// One entry of [`PROVIDERS`].
#[derive(Clone, Copy)]
pub struct ProviderKind(&'static Provider);

impl ProviderKind {
    /// The kind of this name.
    #[must_use]
    pub fn find(label: &str) -> Option<Self> {
        let known = PROVIDERS.iter().find(|provider| provider.label == label);
        known.map(Self)
    }

    /// The kind of an address that speaks OpenAI Chat Completions.
    #[must_use]
    pub const fn compatible() -> Self {
        Self(&COMPATIBLE)
    }

    /// OpenAI itself.
    #[must_use]
    pub fn openai() -> Self {
        Self::find("openai").unwrap_or_else(Self::compatible)
    }

    /// Its address in a region or location; `None` where configuration must say it.
    #[must_use]
    pub fn address(self, region: Option<&str>) -> Option<String> {
        let template = self.base_url?;
        if !template.contains(REGION) {
            return Some(template.to_owned());
        }
        let region = region?;
        Some(match self.cloud {
            // Partitions of AWS have names of their own.
            Some(Cloud::Aws) if region.starts_with("cn-") => {
                format!("{}.cn", template.replace(REGION, region))
            }
            // Vertex is everywhere at once, or in a continent, under other names.
            Some(Cloud::Google) if region == "global" => template.replace("{region}-", ""),
            Some(Cloud::Google) if matches!(region, "us" | "eu") => {
                format!("https://aiplatform.{region}.rep.googleapis.com")
            }
            _ => template.replace(REGION, region),
        })
    }

    /// True for the simulator.
    #[must_use]
    pub fn is_simulator(self) -> bool {
        self.nature == Nature::Simulator
    }

    /// True where only routes lead.
    #[must_use]
    pub fn is_http(self) -> bool {
        self.nature == Nature::Http
    }
}

impl Deref for ProviderKind {
    type Target = Provider;

    fn deref(&self) -> &Provider {
        self.0
    }
}

impl PartialEq for ProviderKind {
    fn eq(&self, other: &Self) -> bool {
        self.label == other.label
    }
}

impl Eq for ProviderKind {}

impl fmt::Debug for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label)
    }
}

#[cfg(test)]
mod tests {
    use super::{Nature, PROVIDERS, ProviderKind};

    #[test]
    fn every_kind_is_found_by_its_own_name() {
        for provider in PROVIDERS {
            let found = ProviderKind::find(provider.label).unwrap();
            assert!(std::ptr::eq(&raw const *found, provider), "{found:?} twice");
        }
        assert_eq!(ProviderKind::find("nobody"), None);
    }

    #[test]
    fn an_address_has_no_slash_at_its_end_and_its_version_where_it_says() {
        for provider in PROVIDERS {
            let Some(url) = provider.base_url else {
                continue;
            };
            let is_near = url.starts_with("http://localhost:");
            assert!(url.starts_with("https://") || is_near, "{url}");
            assert!(!url.ends_with('/'), "{url}");
            assert_eq!(is_near, provider.key_variable.is_none(), "{url}");
        }
    }

    #[test]
    fn a_region_has_its_own_address() {
        let address = |kind: &str, region: &str| {
            let kind = ProviderKind::find(kind).unwrap();
            kind.address(Some(region)).unwrap()
        };
        for (kind, region, expected) in [
            (
                "bedrock",
                "eu-central-1",
                "https://bedrock-runtime.eu-central-1.amazonaws.com",
            ),
            (
                "bedrock",
                "cn-north-1",
                "https://bedrock-runtime.cn-north-1.amazonaws.com.cn",
            ),
            (
                "vertex",
                "europe-west4",
                "https://europe-west4-aiplatform.googleapis.com",
            ),
            ("vertex", "global", "https://aiplatform.googleapis.com"),
            ("vertex", "eu", "https://aiplatform.eu.rep.googleapis.com"),
            ("groq", "x", "https://api.groq.com/openai/v1"),
        ] {
            assert_eq!(address(kind, region), expected);
        }
        assert_eq!(ProviderKind::find("bedrock").unwrap().address(None), None);
    }

    #[test]
    fn what_only_some_models_speak_the_provider_speaks() {
        for provider in PROVIDERS {
            for (prefix, format) in provider.only {
                assert!(
                    provider.formats.contains(format),
                    "{} {prefix}",
                    provider.label
                );
            }
        }
    }

    #[test]
    fn whoever_serves_models_speaks_a_format() {
        for provider in PROVIDERS {
            let serves = provider.nature != Nature::Http;
            assert_eq!(serves, !provider.formats.is_empty(), "{}", provider.label);
        }
    }
}
