//! Who the gateway is at a provider that takes no key.

use http::{HeaderName, HeaderValue};
use tollgate_config::{Auth, IdentityConfig, ProviderConfig, SecretRef};
use tollgate_identity::{
    AwsKeys, AwsSettings, AzureSettings, CloudCredential, CloudEnvironment, CloudSettings,
    GoogleSettings,
};
use tollgate_types::Secret;

use super::kept::Keeper;
use super::provider::credential;
use super::{BuildError, Surroundings, secret};

/// A key of Bedrock, which AWS's own SDKs prefer to a signature.
const BEDROCK_KEY: &str = "AWS_BEARER_TOKEN_BEDROCK";
/// The service that signatures are for.
const SERVICE: &str = "bedrock";

/// A header with its value.
type Header = (HeaderName, HeaderValue);

/// What proves who the gateway is: something that is renewed, or a header. Neither where a
/// provider has a key.
pub(super) fn of(
    config: &ProviderConfig,
    keeper: &mut Keeper<'_>,
    surroundings: &Surroundings<'_>,
) -> Result<(Option<CloudCredential>, Option<Header>), BuildError> {
    let Some(identity) = &config.identity else {
        return Ok((None, None));
    };
    let is_default = matches!(
        identity,
        IdentityConfig::Aws {
            keys: None,
            profile: None
        }
    );
    let key = (surroundings.env)(BEDROCK_KEY).filter(|key| !key.trim().is_empty());
    if let (true, Some(key)) = (is_default, key) {
        let key = Secret::new(key).trimmed();
        let header = credential(Auth::Bearer, &key).ok_or_else(|| BuildError {
            message: format!("{BEDROCK_KEY} has characters that no header can carry"),
        })?;
        return Ok((None, Some(header)));
    }
    let settings = settings(config, identity, surroundings)?;
    let env = CloudEnvironment::read(surroundings.env);
    let credential = keeper.credential(settings, env, surroundings.tasks);
    Ok((Some(credential), None))
}

fn settings(
    config: &ProviderConfig,
    identity: &IdentityConfig,
    surroundings: &Surroundings<'_>,
) -> Result<CloudSettings, BuildError> {
    let read = |what: &str, reference: &SecretRef| {
        let whose = format!("the {what} of provider `{}`", config.name);
        secret::resolve(reference, &whose, surroundings.env)
    };
    Ok(match identity {
        IdentityConfig::Aws { keys, profile } => CloudSettings::Aws(AwsSettings {
            region: config.site.region.clone().unwrap_or_default(),
            service: SERVICE,
            keys: match keys {
                None => None,
                Some(keys) => Some(AwsKeys {
                    id: read("access key id", &keys.id)?.expose().to_owned(),
                    secret: read("secret access key", &keys.secret)?,
                    session_token: match &keys.session_token {
                        None => None,
                        Some(token) => Some(read("session token", token)?),
                    },
                }),
            },
            profile: profile.clone(),
        }),
        IdentityConfig::Google { key } => CloudSettings::Google(GoogleSettings {
            key: match key {
                None => None,
                Some(key) => Some(read("Google key", key)?),
            },
        }),
        IdentityConfig::Azure {
            tenant_id,
            client_id,
            client_secret,
        } => CloudSettings::Azure(AzureSettings {
            tenant_id: tenant_id.clone(),
            client_id: client_id.clone(),
            client_secret: match client_secret {
                None => None,
                Some(secret) => Some(read("client secret", secret)?),
            },
        }),
    })
}
