//! A provider as another gateway describes it, and what it is here.

use std::collections::BTreeMap;

use tollgate_config::ProviderKind;

use super::draft::{Draft, Provider, Timeouts};
use super::input::Input;
use super::known::{self, label};
use super::secrets::{Secrets, variable_name};

/// What another gateway says of a provider's key.
pub(super) enum Key<'v> {
    /// What or where it is.
    Said(Input<'v>),
    /// Nothing.
    Unsaid,
    /// That there is none.
    NotWanted,
}

impl<'v> From<Option<Input<'v>>> for Key<'v> {
    fn from(said: Option<Input<'v>>) -> Self {
        said.map_or(Self::Unsaid, Self::Said)
    }
}

/// What another gateway says of a provider.
pub(super) struct Wanted<'a, 'v> {
    /// Its name for what it is: `azure`, `vertex_ai`.
    pub(super) word: &'a str,
    /// What it is to be called here, where that is free.
    pub(super) name: &'a str,
    /// Its address.
    pub(super) base: Option<Input<'v>>,
    pub(super) key: Key<'v>,
    pub(super) headers: Vec<(&'v str, Input<'v>)>,
    pub(super) timeouts: Timeouts,
    /// Where a cloud has it: `region`, `project`, `api_version`.
    pub(super) site: Vec<(&'static str, Input<'v>)>,
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
        let base_url = self.base.as_ref();
        let base_url = base_url.and_then(|base| address(self.word, base, &draft.secrets));
        let spoken = known::spoken(self.word, base_url)?;
        let mut provider = Provider {
            name: self.name.to_owned(),
            kind: spoken.kind,
            base_url: spoken.base_url,
            timeouts: self.timeouts,
            ..Provider::default()
        };
        provider.site = site(&provider.kind, &self.site, at, &draft.secrets);
        if spoken.is_homeless {
            let word = self.word;
            at.lost(format!(
                "{word} has no address of its own: write `base_url` at the provider"
            ));
            let host = variable_name(word).to_ascii_lowercase().replace('_', "-");
            provider.base_url = Some(format!("https://{host}.invalid{}", path_of(word)));
        }
        let place = (provider.base_url.as_deref(), at);
        let near = |url: &str| url.starts_with("http://");
        provider.key = match (variable, &self.key) {
            (Some(variable), _) => Some(variable.to_owned()),
            (None, Key::NotWanted) => None,
            (None, Key::Said(key)) => Some(draft.key(Some(key), self.word, self.name, place)),
            (None, Key::Unsaid) if is_of_cloud(&provider.kind) => {
                at.carried(format!(
                    "`kind: {}`, without a key: as its cloud's own SDKs find one",
                    provider.kind
                ));
                None
            }
            (None, Key::Unsaid) if known::is_local(self.word) || place.0.is_some_and(near) => None,
            (None, Key::Unsaid) => Some(draft.key(None, self.word, self.name, place)),
        };
        for (name, value) in &self.headers {
            draft.header(&mut provider, name, value);
        }
        Some(draft.provider(provider))
    }
}

/// Whether a kind has an identity where it has no key.
fn is_of_cloud(kind: &str) -> bool {
    ProviderKind::find(kind).is_some_and(|kind| kind.cloud.is_some())
}

/// What a kind of a cloud has to know besides; what is missing is named and made up.
pub(super) fn site(
    kind: &str,
    said: &[(&'static str, Input<'_>)],
    at: &Input<'_>,
    secrets: &Secrets,
) -> BTreeMap<&'static str, String> {
    let (wanted, missing): (&[&str], Option<(&'static str, &str)>) = match kind {
        "bedrock" => (&["region"], Some(("region", "us-east-1"))),
        "vertex" => (&["region", "project"], Some(("project", "my-project"))),
        "azure_openai" => (&["api_version"], None),
        _ => (&[], None),
    };
    let mut site = BTreeMap::new();
    for (name, input) in said.iter().filter(|(name, _input)| wanted.contains(name)) {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let is_word = |text: &&str| {
            let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
            secrets.named(text).is_none() && starts && text.len() <= 64 && text.chars().all(plain)
        };
        match input.text().filter(is_word) {
            Some(text) => {
                input.carried(format!("`{name}` of the provider"));
                site.insert(*name, text.to_owned());
            }
            None => input.lost(format!("write its value as `{name}` of the provider")),
        }
    }
    if let Some((name, stand_in)) = missing.filter(|(name, _stand_in)| !site.contains_key(name)) {
        at.lost(format!(
            "`{name}: {stand_in}` only stands for yours: write it at the provider"
        ));
        site.insert(name, stand_in.to_owned());
    }
    site
}

/// The address of a provider as it is written here.
fn address(word: &str, base: &Input<'_>, secrets: &Secrets) -> Option<String> {
    let text = base.text().unwrap_or_default();
    if base.value() == "" {
        base.not_needed("it is empty");
        return None;
    }
    // Where nobody is: the key that was for this address must not go to another one.
    let nowhere = |words: &str| {
        let host = variable_name(words).to_ascii_lowercase().replace('_', "-");
        let host = host.trim_matches('-');
        Some(format!("https://{host}.invalid{}", path_of(word)))
    };
    if let Some(variable) = secrets.named(text) {
        base.lost(format!(
            "an address is no reference here: write the value of {variable} as `base_url`"
        ));
        return nowhere(variable);
    }
    let Some((url, is_cut)) = known::clean_url(text, label(word)) else {
        base.lost("this is no address that can be a `base_url`; write it by hand");
        return nowhere(word);
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
        "ollama" | "openai" | "vllm" | "sglang" | "tgi" => "/v1",
        _ => "",
    }
}
