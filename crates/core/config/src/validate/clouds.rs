//! Providers in clouds: where they are, and who the gateway is there.

use tollgate_catalogue::{Cloud, ProviderKind, Site};

use super::Check;
use crate::problem::quote;
use crate::spec::{AwsSpec, AzureSpec, GoogleSpec, ProviderSpec};
use crate::tree::child;
use crate::valid::{AwsKeyRefs, IdentityConfig, ProviderConfig};

/// Longest name of a region, project or version, in characters.
const WORD_CHARS_MAX: usize = 64;

impl Check<'_> {
    /// Where a provider is, beside its address.
    pub(super) fn site(&mut self, path: &str, spec: &ProviderSpec, kind: ProviderKind) -> Site {
        let cloud = kind.cloud;
        let region = self.word(path, "region", spec.region.as_deref());
        let project = self.word(path, "project", spec.project.as_deref());
        let api_version = self.word(path, "api_version", spec.api_version.as_deref());
        let is_in_region = matches!(cloud, Some(Cloud::Aws | Cloud::Google));
        self.belongs(
            path,
            "region",
            region.is_some(),
            is_in_region,
            "`bedrock` or `vertex`",
        );
        let is_in_project = cloud == Some(Cloud::Google);
        self.belongs(
            path,
            "project",
            project.is_some(),
            is_in_project,
            "`vertex`",
        );
        let has_versions = cloud == Some(Cloud::Azure);
        self.belongs(
            path,
            "api_version",
            api_version.is_some(),
            has_versions,
            "`azure_openai`",
        );
        if cloud == Some(Cloud::Aws) && spec.region.is_none() {
            let message = "`region` is missing";
            let help = "add the region whose models are asked, for example `region: eu-central-1`";
            self.error_without(&[&child(path, "region")], path, message, help);
        }
        if cloud == Some(Cloud::Google) && spec.project.is_none() {
            let message = "`project` is missing";
            let help = "add the id of the project that is billed, for example `project: my-project-123456`";
            self.error_without(&[&child(path, "project")], path, message, help);
        }
        let everywhere = || (cloud == Some(Cloud::Google)).then(|| "global".to_owned());
        Site {
            region: region.or_else(everywhere),
            project,
            api_version,
        }
    }

    /// Who the gateway is; `None` where it has a key, passes the caller's, or is nobody.
    pub(super) fn identity(
        &mut self,
        path: &str,
        spec: &ProviderSpec,
        kind: ProviderKind,
    ) -> Option<IdentityConfig> {
        let cloud = kind.cloud;
        let blocks = [
            ("aws", spec.aws.is_some(), Cloud::Aws, "`bedrock`"),
            ("google", spec.google.is_some(), Cloud::Google, "`vertex`"),
            (
                "azure",
                spec.azure.is_some(),
                Cloud::Azure,
                "`azure_openai`",
            ),
        ];
        let has_key = spec.secret_key_ref.is_some() || spec.pass_caller_credential;
        for (name, is_written, of, kinds) in blocks {
            self.belongs(path, name, is_written, cloud == Some(of), kinds);
            if is_written && has_key && cloud == Some(of) {
                let message = format!("there is a key, so `{name}` is never used");
                let help =
                    format!("remove `{name}`, or `secret_key_ref` and `pass_caller_credential`");
                self.error(&child(path, name), message, help);
            }
        }
        if has_key {
            return None;
        }
        Some(match cloud? {
            Cloud::Aws => self.aws(&child(path, "aws"), spec.aws.as_ref()),
            Cloud::Google => self.google(&child(path, "google"), spec.google.as_ref()),
            Cloud::Azure => self.azure(&child(path, "azure"), spec.azure.as_ref()),
        })
    }

    fn aws(&mut self, path: &str, spec: Option<&AwsSpec>) -> IdentityConfig {
        let default = AwsSpec::default();
        let spec = spec.unwrap_or(&default);
        let id = self.secret(
            &child(path, "access_key_id_ref"),
            spec.access_key_id_ref.as_ref(),
        );
        let secret = self.secret(
            &child(path, "secret_access_key_ref"),
            spec.secret_access_key_ref.as_ref(),
        );
        let session = self.secret(
            &child(path, "session_token_ref"),
            spec.session_token_ref.as_ref(),
        );
        let is_half = spec.access_key_id_ref.is_some() != spec.secret_access_key_ref.is_some();
        if is_half || (id.is_none() && spec.session_token_ref.is_some()) {
            let message = "a key of AWS has an id and a secret";
            let help = "give both `access_key_id_ref` and `secret_access_key_ref`";
            self.error(path, message, help);
        }
        if spec.profile.is_some() && spec.access_key_id_ref.is_some() {
            let message = "there are keys, so the profile is never read";
            self.error(&child(path, "profile"), message, "keep one of them");
        }
        if spec
            .profile
            .as_deref()
            .is_some_and(|name| name.trim().is_empty())
        {
            let message = "this is not the name of a profile";
            self.error(
                &child(path, "profile"),
                message,
                "name one of `~/.aws/config`",
            );
        }
        let keys = id.zip(secret).map(|(id, secret)| AwsKeyRefs {
            id,
            secret,
            session_token: session,
        });
        IdentityConfig::Aws {
            keys,
            profile: spec.profile.clone(),
        }
    }

    fn google(&mut self, path: &str, spec: Option<&GoogleSpec>) -> IdentityConfig {
        let key = spec.and_then(|spec| spec.key_ref.as_ref());
        IdentityConfig::Google {
            key: self.secret(&child(path, "key_ref"), key),
        }
    }

    fn azure(&mut self, path: &str, spec: Option<&AzureSpec>) -> IdentityConfig {
        let default = AzureSpec::default();
        let spec = spec.unwrap_or(&default);
        let client_secret = self.secret(
            &child(path, "client_secret_ref"),
            spec.client_secret_ref.as_ref(),
        );
        let is_named = spec.tenant_id.is_some() && spec.client_id.is_some();
        if spec.client_secret_ref.is_some() && !is_named {
            let message = "a client secret is that of an application in a tenant";
            self.error(path, message, "add `tenant_id` and `client_id`");
        }
        IdentityConfig::Azure {
            tenant_id: self.word(path, "tenant_id", spec.tenant_id.as_deref()),
            client_id: self.word(path, "client_id", spec.client_id.as_deref()),
            client_secret,
        }
    }

    /// What passes as it comes cannot be signed.
    pub(super) fn signed(&mut self, path: &str, provider: Option<&ProviderConfig>) {
        let identity = provider.and_then(|provider| provider.identity.as_ref());
        if matches!(identity, Some(IdentityConfig::Aws { .. })) {
            let message = "requests that are passed on as they come cannot be signed for AWS";
            let help = "give the provider a Bedrock key: `secret_key_ref: {env: AWS_BEARER_TOKEN_BEDROCK}`";
            self.error(path, message, help);
        }
    }

    /// A word that becomes part of an address.
    fn word(&mut self, path: &str, field: &str, word: Option<&str>) -> Option<String> {
        let word = word?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        let is_word = !word.is_empty()
            && word.chars().count() <= WORD_CHARS_MAX
            && word.chars().all(fits)
            && word.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !is_word {
            let message = format!(
                "{} is not a word of letters, digits, `-` and `.`",
                quote(word)
            );
            self.error(&child(path, field), message, "write it as its cloud does");
            return None;
        }
        Some(word.to_owned())
    }

    /// A field that says something only at some kinds.
    fn belongs(&mut self, path: &str, field: &str, is_written: bool, fits: bool, kinds: &str) {
        if is_written && !fits {
            let message = format!("`{field}` is for providers of kind {kinds}");
            let help = "remove it, or name the `kind` that is meant";
            self.error(&child(path, field), message, help);
        }
    }
}
