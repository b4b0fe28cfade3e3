//! A provider as another gateway describes it, and what it is here.

use super::draft::{Draft, Provider, Timeouts};
use super::input::Input;
use super::known::{self, label};
use super::secrets::{self, variable_name};

/// What another gateway says of a provider.
pub(super) struct Wanted<'a, 'v> {
    /// Its name for what it is: `azure`, `vertex_ai`.
    pub(super) word: &'a str,
    /// What it is to be called here, where that is free.
    pub(super) name: &'a str,
    /// Its address.
    pub(super) base: Option<Input<'v>>,
    pub(super) key: Option<Input<'v>>,
    pub(super) headers: Vec<(&'v str, Input<'v>)>,
    pub(super) timeouts: Timeouts,
}

impl Wanted<'_, '_> {
    /// The name of our provider; `None` where nobody here speaks to it. `at` is where an
    /// address would have to stand that is missing.
    pub(super) fn provider(self, at: &Input<'_>, draft: &mut Draft) -> Option<String> {
        self.made(None, at, draft)
    }

    /// As [`Self::provider`], with the variable of a key that is kept elsewhere.
    pub(super) fn provider_with(
        self,
        variable: &str,
        at: &Input<'_>,
        draft: &mut Draft,
    ) -> Option<String> {
        self.made(Some(variable), at, draft)
    }

    fn made(self, variable: Option<&str>, at: &Input<'_>, draft: &mut Draft) -> Option<String> {
        let base_url = self.base.as_ref().and_then(|base| address(self.word, base));
        let spoken = known::spoken(self.word, base_url)?;
        let mut provider = Provider {
            name: self.name.to_owned(),
            kind: spoken.kind,
            base_url: spoken.base_url,
            timeouts: self.timeouts,
            ..Provider::default()
        };
        if spoken.is_homeless {
            let word = self.word;
            at.lost(format!(
                "{word} has no address of its own: write `base_url` at the provider"
            ));
            let host = variable_name(word).to_ascii_lowercase().replace('_', "-");
            provider.base_url = Some(format!("https://{host}.invalid{}", path_of(word)));
        }
        let is_local = |url: &str| url.starts_with("http://");
        if let Some(variable) = variable {
            provider.key = Some(variable.to_owned());
        } else if self.key.is_some() || !provider.base_url.as_deref().is_some_and(is_local) {
            provider.key = Some(draft.key(self.key.as_ref(), self.word, self.name, at));
        }
        for (name, value) in &self.headers {
            draft.header(&mut provider, name, value);
        }
        Some(draft.provider(provider))
    }
}

/// The address of a provider as it is written here.
fn address(word: &str, base: &Input<'_>) -> Option<String> {
    let text = base.text().unwrap_or_default();
    if let Some(variable) = secrets::named(text) {
        base.lost(format!(
            "an address is no reference here: write the value of {variable} as `base_url`"
        ));
        let host = variable.to_ascii_lowercase().replace('_', "-");
        let host = host.trim_matches('-');
        return Some(format!("https://{host}.invalid{}", path_of(word)));
    }
    let Some((url, is_cut)) = known::clean_url(text, label(word)) else {
        base.lost("this is no address that can be a `base_url`; write it by hand");
        return None;
    };
    base.carried(if is_cut {
        "`base_url`, without what does not belong to it"
    } else {
        "`base_url`"
    });
    let is_bare = url.matches('/').count() == 2;
    Some(if is_bare {
        format!("{url}{}", path_of(word))
    } else {
        url
    })
}

/// Where a provider's API begins on its host.
fn path_of(word: &str) -> &'static str {
    match label(word) {
        "azure_openai" => "/openai/v1",
        "ollama" | "openai" | "vllm" | "sglang" | "tgi" => "/v1",
        _ => "",
    }
}
