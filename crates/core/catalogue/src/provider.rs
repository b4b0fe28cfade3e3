//! Kinds of provider.

use std::fmt;
use std::ops::Deref;

/// What is known of a kind of provider.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// Its name in configuration, logs, metrics and price lists.
    pub label: &'static str,
    /// What it is, in one sentence, for the schema and its reference.
    pub about: &'static str,
    /// What is behind it.
    pub nature: Nature,
    /// Root of its API without trailing slash; `None` where configuration must say it.
    pub base_url: Option<&'static str>,
    /// Whether the version is part of its base URL (`https://host/v1`), and not of the
    /// paths below it.
    pub version_in_base_url: bool,
    /// Labels of the wire formats it speaks; of each operation the preferred one first.
    pub formats: &'static [&'static str],
    /// True for whoever defined those formats, who knows the newest names of their
    /// parameters.
    pub is_original: bool,
    /// How it wants its credential.
    pub auth: Auth,
    /// The environment variable in which its users keep their key, for advice.
    pub key_variable: Option<&'static str>,
}

/// What is behind a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Models at an address.
    Models,
    /// The simulator; started in the process where it has no address.
    Simulator,
    /// Any HTTP service; it serves no models, only routes lead to it.
    Http,
}

/// How a provider wants its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// The key alone in a header of this name.
    Header(&'static str),
}

/// The chat formats of OpenAI, as those that imitate it speak them.
const CHAT: &[&str] = &["openai_chat"];

/// A provider of models that speaks OpenAI Chat Completions.
const COMPATIBLE: Provider = Provider {
    label: "openai_compatible",
    about: "Anything that speaks OpenAI Chat Completions, found by `base_url`.",
    nature: Nature::Models,
    base_url: None,
    version_in_base_url: true,
    formats: CHAT,
    is_original: false,
    auth: Auth::Bearer,
    key_variable: None,
};

/// Every kind of provider, in the order in which they are documented.
pub static PROVIDERS: &[Provider] = &[
    Provider {
        label: "openai",
        about: "OpenAI itself.",
        base_url: Some("https://api.openai.com/v1"),
        is_original: true,
        key_variable: Some("OPENAI_API_KEY"),
        ..COMPATIBLE
    },
    COMPATIBLE,
    Provider {
        label: "anthropic",
        about: "Anthropic Messages.",
        base_url: Some("https://api.anthropic.com"),
        version_in_base_url: false,
        formats: &["anthropic_messages"],
        is_original: true,
        auth: Auth::Header("x-api-key"),
        key_variable: Some("ANTHROPIC_API_KEY"),
        ..COMPATIBLE
    },
    Provider {
        label: "simulator",
        about: "The built-in simulator: every format, no network, no cost.",
        nature: Nature::Simulator,
        version_in_base_url: false,
        formats: &["openai_chat", "anthropic_messages"],
        is_original: true,
        ..COMPATIBLE
    },
    Provider {
        label: "http",
        about: "Any HTTP service; only `routes` use it.",
        nature: Nature::Http,
        version_in_base_url: false,
        formats: &[],
        ..COMPATIBLE
    },
];

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
            assert!(url.starts_with("https://") && !url.ends_with('/'), "{url}");
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
