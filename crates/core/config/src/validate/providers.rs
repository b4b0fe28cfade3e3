//! Where models are served: kinds, addresses, keys, headers, the default.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_catalogue::{Auth, Cloud, Paths, ProviderKind, Site};
use tollgate_formats::{FORMATS, FormatId};
use tollgate_types::is_credential_header;

use super::Check;
use super::url::{base_url, path_of};
use crate::problem::quote;
use crate::spec::{ConfigSpec, ProviderKindSpec, ProviderSpec};
use crate::tree::{child, item};
use crate::valid::{Config, ProviderConfig, SecretRef, Timeouts};

/// Words of a header's name that announce a credential, where it is not a known one.
const CREDENTIAL_WORDS: [&str; 9] = [
    "apikey",
    "auth",
    "authorization",
    "credential",
    "key",
    "password",
    "passwd",
    "secret",
    "token",
];
/// Headers that the gateway itself must set.
const RESERVED_HEADERS: [&str; 8] = [
    "host",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
];

/// Stands for a kind that is not known: the one with the fewest rules.
fn unknown() -> ProviderKind {
    ProviderKind::find("simulator").unwrap_or_else(ProviderKind::compatible)
}

impl Check<'_> {
    pub(super) fn providers(
        &mut self,
        spec: &ConfigSpec,
        timeouts: Timeouts,
    ) -> Vec<ProviderConfig> {
        let shared = self.secret(
            "gateway.secret_key_ref",
            spec.gateway.secret_key_ref.as_ref(),
        );
        if spec.providers.is_empty() {
            let wanted = "gateway.secret_key_ref";
            if spec.gateway.secret_key_ref.is_some() || self.lost.covers(wanted) {
                return vec![implied_openai(shared, timeouts)];
            }
            let message = "there is no provider to send requests to";
            let help = "add `providers`, or the short form:\ngateway:\n  secret_key_ref:\n    env: OPENAI_API_KEY";
            self.error_without(&["providers"], "providers", message, help);
            return Vec::new();
        }
        let mut providers: Vec<ProviderConfig> = spec
            .providers
            .iter()
            .enumerate()
            .map(|(index, spec)| self.one_provider(&item("providers", index), spec, &timeouts))
            .collect();
        self.share_key(shared, &mut providers);
        self.require_keys(spec, &providers);
        self.choose_default(spec, &mut providers);
        providers
    }

    fn one_provider(
        &mut self,
        path: &str,
        spec: &ProviderSpec,
        around: &Timeouts,
    ) -> ProviderConfig {
        self.name(&child(path, "name"), &spec.name);
        let kind = self.kind(path, spec);
        let site = self.site(path, spec, kind);
        let base_url = self.address(path, spec, kind, &site);
        let secret_path = child(path, "secret_key_ref");
        let secret = self.secret(&secret_path, spec.secret_key_ref.as_ref());
        if secret.is_some() && kind.is_simulator() {
            let message = "the simulator needs no key";
            self.warning(
                &secret_path,
                message,
                "remove it, or name the `kind` that is meant",
            );
        }
        if secret.is_some() && spec.pass_caller_credential {
            let message = "the caller's credential is passed on, so this key is never used";
            let help = "remove `secret_key_ref` or `pass_caller_credential`";
            self.error(&secret_path, message, help);
        }
        ProviderConfig {
            name: spec.name.as_str().into(),
            kind,
            formats: self.spoken(&child(path, "formats"), spec, kind),
            base_url,
            site,
            identity: self.identity(path, spec, kind),
            secret,
            pass_caller_credential: spec.pass_caller_credential,
            headers: self.headers(&child(path, "headers"), &spec.headers),
            secret_headers: self.secret_headers(&child(path, "secret_headers"), spec),
            is_default: false,
            ca_file: spec
                .ca_file
                .as_deref()
                .map(|file| self.file(&child(path, "ca_file"), file)),
            timeouts: self.timeouts(&child(path, "timeouts"), &spec.timeouts, around),
        }
    }

    fn kind(&mut self, path: &str, spec: &ProviderSpec) -> ProviderKind {
        if self.lost.covers(&child(path, "kind")) {
            return unknown();
        }
        if let Some(ProviderKindSpec(label)) = &spec.kind {
            // The schema has refused every other name.
            return ProviderKind::find(label).unwrap_or_else(unknown);
        }
        match (ProviderKind::find(&spec.name), &spec.base_url) {
            (Some(kind), _) => kind,
            (None, Some(_)) => ProviderKind::compatible(),
            (None, None) => {
                let message = format!("it is not clear what {} speaks", quote(&spec.name));
                let help = "add a `kind`, for example `openai`, `anthropic`, `simulator` or `http`, or a `base_url` that speaks OpenAI Chat Completions";
                let name = child(path, "name");
                self.error_without(&[&name, &child(path, "base_url")], path, message, help);
                unknown()
            }
        }
    }

    /// The formats of which the configuration says that it speaks them, in its order.
    fn spoken(&mut self, path: &str, spec: &ProviderSpec, kind: ProviderKind) -> Vec<FormatId> {
        let all: Vec<&str> = FORMATS.iter().map(|format| format.label()).collect();
        let labels = match kind.paths {
            Paths::OfFormats | Paths::Azure if !kind.is_http() => &*all,
            _ => kind.formats,
        };
        self.known(path, &spec.formats, labels, "format");
        let mut spoken = Vec::new();
        for (index, name) in spec.formats.iter().enumerate() {
            let mut formats = FORMATS.iter();
            let Some(format) = formats.find(|format| format.label() == name) else {
                continue;
            };
            if spoken.contains(&format.id()) {
                let message = format!("{} is listed twice", quote(name));
                self.error(&item(path, index), message, "keep one of them");
            } else {
                spoken.push(format.id());
            }
        }
        spoken
    }

    fn address(
        &mut self,
        path: &str,
        spec: &ProviderSpec,
        kind: ProviderKind,
        site: &Site,
    ) -> Option<String> {
        let path = child(path, "base_url");
        let Some(written) = &spec.base_url else {
            if kind.base_url.is_none() && !kind.is_simulator() {
                let help = match kind.cloud {
                    Some(_) => "add `base_url: https://NAME.openai.azure.com`",
                    None => "add `base_url: https://host/path`",
                };
                let message = "`base_url` is missing: this kind has no address of its own";
                self.error_without(&[&path], &path, message, help);
            }
            return kind.address(site.region.as_deref());
        };
        match base_url(written) {
            Err(bad) => {
                self.error(&path, bad.message, bad.help);
                None
            }
            Ok(url) => {
                self.check_version_path(&path, &url, kind);
                Some(url)
            }
        }
    }

    /// The two ways to get `/v1` wrong.
    fn check_version_path(&mut self, path: &str, url: &str, kind: ProviderKind) {
        let below = path_of(url);
        if kind.cloud == Some(Cloud::Azure) && below.starts_with("/openai") {
            let message = "`/openai` goes below this address by itself";
            let root = url.strip_suffix(below).unwrap_or(url);
            self.error(path, message, format!("write `{root}`"));
            return;
        }
        let endpoint = ["/chat/completions", "/messages"]
            .into_iter()
            .find(|endpoint| below.ends_with(endpoint) && !kind.is_http());
        if let Some(endpoint) = endpoint {
            let message = format!("`{endpoint}` goes below this address by itself");
            let root = url.strip_suffix(endpoint).unwrap_or(url);
            let root = if kind.version_in_base_url {
                root
            } else {
                root.trim_end_matches("/v1")
            };
            self.error(path, message, format!("write `{root}`"));
            return;
        }
        let is_own = kind.base_url == Some(url);
        if kind.version_in_base_url && below.is_empty() && !is_own {
            let message = "this address has no path; `/chat/completions` goes right below it";
            let help = format!("probably `{url}/v1` is meant");
            self.warning(path, message, help);
        }
        if kind.auth == Auth::Header("x-api-key") && below.ends_with("/v1") {
            let message = "`/v1/messages` goes below this address, which ends in `/v1` already";
            self.error(path, message, "remove the `/v1`");
        }
    }

    fn headers(
        &mut self,
        path: &str,
        headers: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut lower = BTreeMap::new();
        for (name, value) in headers {
            let path = child(path, name);
            let key = self.header_name(&path, name);
            if holds_credential(&key) {
                let message = format!("{} holds a credential", quote(name));
                let help = "remove it, and give the key by `secret_key_ref`, or the header by `secret_headers`";
                self.error(&path, message, help);
            }
            if !value
                .chars()
                .all(|c| c == '\t' || (c.is_ascii() && !c.is_control()))
            {
                let message = format!(
                    "the value of {} has characters that a header cannot have",
                    quote(name)
                );
                self.error(&path, message, "use printable ASCII in one line");
            }
            if lower.insert(key, value.clone()).is_some() {
                let message = format!("{} is listed twice; case does not count", quote(name));
                self.error(&path, message, "keep one of them");
            }
        }
        lower
    }

    fn secret_headers(&mut self, path: &str, spec: &ProviderSpec) -> BTreeMap<String, SecretRef> {
        let mut lower = BTreeMap::new();
        let plain: Vec<_> = spec
            .headers
            .keys()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        for (name, secret) in &spec.secret_headers {
            let path = child(path, name);
            let key = self.header_name(&path, name);
            let Some(secret) = self.secret(&path, Some(secret)) else {
                continue;
            };
            if plain.contains(&key) || lower.insert(key, secret).is_some() {
                let message = format!("{} is listed twice; case does not count", quote(name));
                self.error(&path, message, "keep one of them");
            }
        }
        lower
    }

    /// The name of a header that may be added, in lower case.
    pub(super) fn header_name(&mut self, path: &str, name: &str) -> String {
        let key = name.to_ascii_lowercase();
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            let message = format!("{} is not the name of a header", quote(name));
            self.error(path, message, "use letters, digits and `-`");
        } else if RESERVED_HEADERS.contains(&key.as_str()) {
            let message = format!("{} is set by the gateway", quote(name));
            self.error(path, message, "remove it");
        }
        key
    }

    /// `gateway.secret_key_ref` beside `providers`: the key of the `openai` ones without their own.
    fn share_key(&mut self, shared: Option<SecretRef>, providers: &mut [ProviderConfig]) {
        let Some(shared) = shared else { return };
        let mut used = false;
        for provider in providers {
            let wants = provider.kind == ProviderKind::openai()
                && provider.secret.is_none()
                && !provider.pass_caller_credential;
            if wants {
                provider.secret = Some(shared.clone());
                used = true;
            }
        }
        if !used {
            let message = "nobody uses this key: beside `providers` it is for those of kind `openai` without a key of their own";
            let help = "move it to the provider that needs it";
            self.warning("gateway.secret_key_ref", message, help);
        }
    }

    /// The makers' own addresses answer nobody without a key.
    fn require_keys(&mut self, spec: &ConfigSpec, providers: &[ProviderConfig]) {
        for (index, (provider, written)) in providers.iter().zip(&spec.providers).enumerate() {
            let own = provider.kind.base_url;
            let keyless = provider.secret.is_none()
                && provider.kind.cloud.is_none()
                && written.secret_key_ref.is_none()
                && !provider.pass_caller_credential;
            let path = item("providers", index);
            let lost = |field: &str| self.lost.touches(&child(&path, field));
            let is_lost = lost("secret_key_ref")
                || lost("pass_caller_credential")
                || lost("base_url")
                || (provider.kind == ProviderKind::openai()
                    && self.lost.touches("gateway.secret_key_ref"));
            let Some(variable) = provider.kind.key_variable else {
                continue;
            };
            if keyless && !is_lost && own.is_some() && provider.base_url.as_deref() == own {
                let message = format!("{} has no key", quote(&provider.name));
                let help = format!("add\nsecret_key_ref:\n  env: {variable}");
                self.error(&path, message, help);
            }
        }
    }

    fn choose_default(&mut self, spec: &ConfigSpec, providers: &mut [ProviderConfig]) {
        let mut chosen: Option<usize> = None;
        for (index, written) in spec.providers.iter().enumerate() {
            let path = child(&item("providers", index), "default");
            if written.default != Some(true) {
                continue;
            }
            let kind = providers.get(index).map(|provider| provider.kind);
            if kind.is_some_and(ProviderKind::is_http) {
                let message = "a provider of kind `http` serves no models";
                self.error(&path, message, "make another provider the default");
            } else if chosen.is_some() {
                let message = "a second default provider";
                self.error(&path, message, "keep `default: true` at one of them");
            } else {
                chosen = Some(index);
            }
        }
        let first = providers
            .iter()
            .position(|provider| !provider.kind.is_http());
        let first = first.filter(|&index| {
            let written = spec.providers.get(index);
            written.is_some_and(|provider| provider.default.is_none())
        });
        if let Some(provider) = chosen.or(first).and_then(|index| providers.get_mut(index)) {
            provider.is_default = true;
        }
    }

    /// A provider of kind `http` is reached by routes only; all others also by `provider/model`.
    pub(super) fn unused_providers(&mut self, config: &Config) {
        for (index, provider) in config.providers.iter().enumerate() {
            let routed = config.routes.iter().any(|route| route.provider == index);
            if provider.kind.is_http() && !routed {
                let message = format!("no route uses {}", quote(&provider.name));
                let help = "add a route to it under `routes`, or remove it";
                self.warning(&item("providers", index), message, help);
            }
        }
    }
}

/// Whether a header, named in lower case, holds what must not stand in a configuration.
fn holds_credential(name: &str) -> bool {
    is_credential_header(name)
        || name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| CREDENTIAL_WORDS.contains(&word.trim_end_matches('s')))
}

/// What references to no provider lead to, so that the rest of them can be checked.
pub(super) fn stand_in(timeouts: Timeouts) -> ProviderConfig {
    ProviderConfig {
        name: Arc::from(""),
        kind: unknown(),
        base_url: None,
        is_default: false,
        ..implied_openai(None, timeouts)
    }
}

/// What `gateway.secret_key_ref` alone stands for.
fn implied_openai(secret: Option<SecretRef>, timeouts: Timeouts) -> ProviderConfig {
    ProviderConfig {
        name: Arc::from("openai"),
        kind: ProviderKind::openai(),
        formats: Vec::new(),
        base_url: ProviderKind::openai().base_url.map(str::to_owned),
        site: Site::default(),
        identity: None,
        secret,
        pass_caller_credential: false,
        headers: BTreeMap::new(),
        secret_headers: BTreeMap::new(),
        is_default: true,
        ca_file: None,
        timeouts,
    }
}
