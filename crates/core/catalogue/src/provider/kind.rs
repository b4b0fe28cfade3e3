//! One kind of provider, picked from the table.

use std::fmt;
use std::ops::Deref;

use super::{COMPATIBLE, Nature, PROVIDERS, Provider};

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
            let is_near = url.starts_with("http://localhost:");
            assert!(url.starts_with("https://") || is_near, "{url}");
            assert!(!url.ends_with('/'), "{url}");
            assert_eq!(is_near, provider.key_variable.is_none(), "{url}");
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
