//! Credentials of Amazon Web Services, from the places where its SDKs look, in their order.

mod metadata;
mod profile;
mod sigv4;
mod sts;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde_json::Value;
use tollgate_types::Secret;

use super::fetch::{Client, text_of};
use super::lease::{Lease, Until};
use super::surroundings::CloudEnvironment;
use super::time::parse_utc;
use super::{CredentialError, Proof};

use profile::Found;
pub(crate) use sigv4::{Scope, sign};

/// What is encoded in paths, queries and forms: all but the unreserved characters of RFC
/// 3986, section 2.3.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Who signs, and for which region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsSettings {
    /// The region, for example `eu-central-1`.
    pub region: String,
    /// The service that signatures are for, for example `bedrock`.
    pub service: &'static str,
    /// Keys from the configuration. Default: those of the surroundings.
    pub keys: Option<AwsKeys>,
    /// The profile of the shared files to take, and nothing else. Default: as the SDKs,
    /// environment, profile, web identity, container, instance.
    pub profile: Option<String>,
}

/// Keys to sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsKeys {
    /// Their name. It is no secret.
    pub id: String,
    /// The secret.
    pub secret: Secret,
    /// What comes with keys for a while.
    pub session_token: Option<Secret>,
}

impl AwsKeys {
    fn lease(self, source: &'static str, until: Until) -> Lease {
        Lease {
            proof: Proof::Aws(self),
            source,
            until,
        }
    }
}

pub(super) async fn fetch(
    settings: &AwsSettings,
    env: &CloudEnvironment,
    client: &Client,
) -> Result<Lease, CredentialError> {
    if let Some(keys) = &settings.keys {
        return Ok(keys.clone().lease("configuration", Until::Restart));
    }
    let place = Place {
        region: &settings.region,
        env,
        client,
    };
    if let Some(profile) = &settings.profile {
        return match profile::fetch(&place, profile).await? {
            Found::Lease(lease) => Ok(*lease),
            Found::Nothing => Err(CredentialError::Unusable(format!(
                "the profile `{profile}` has no credential"
            ))),
            Found::NoProfile => Err(no_profile(profile)),
        };
    }
    if let Some(keys) = of_environment(env) {
        return Ok(keys.lease("environment", Until::Restart));
    }
    let named = env.get("AWS_PROFILE");
    match profile::fetch(&place, named.unwrap_or("default")).await? {
        Found::Lease(lease) => return Ok(*lease),
        // Whoever names one does not mean whatever identity comes next.
        Found::NoProfile => {
            if let Some(name) = named {
                return Err(no_profile(name));
            }
        }
        Found::Nothing => {}
    }
    if let Some(role) = sts::Role::of_environment(env) {
        return sts::with_web_identity(&place, &role).await;
    }
    if let Some(lease) = metadata::of_container(&place).await? {
        return Ok(lease);
    }
    metadata::of_instance(&place).await
}

fn no_profile(name: &str) -> CredentialError {
    CredentialError::Unusable(format!(
        "no profile `{name}` is in the shared files (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE)"
    ))
}

/// Where the chain runs.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    region: &'a str,
    env: &'a CloudEnvironment,
    client: &'a Client,
}

fn of_environment(env: &CloudEnvironment) -> Option<AwsKeys> {
    let secret = |name| Some(Secret::new(env.get(name)?.to_owned()));
    Some(AwsKeys {
        id: env.get("AWS_ACCESS_KEY_ID")?.to_owned(),
        secret: secret("AWS_SECRET_ACCESS_KEY")?,
        session_token: secret("AWS_SESSION_TOKEN"),
    })
}

/// Keys as metadata servers write them.
fn of_json(json: &Value, source: &'static str) -> Option<Lease> {
    let keys = AwsKeys {
        id: text_of(json, "AccessKeyId")?.to_owned(),
        secret: Secret::new(text_of(json, "SecretAccessKey")?.to_owned()),
        session_token: text_of(json, "Token").map(|token| Secret::new(token.to_owned())),
    };
    let until = match text_of(json, "Expiration") {
        Some(text) => Until::Unix(parse_utc(text)?),
        None => Until::FileChanges,
    };
    Some(keys.lease(source, until))
}
