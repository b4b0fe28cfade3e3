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

#[cfg(test)]
mod tests {
    use tollgate_config::{Sources, load};
    use tollgate_net::TaskTracker;
    use tollgate_plan::{Options, ProviderId, compile};

    use crate::snapshot::{Snapshot, Surroundings};

    fn build(previous: Option<&Snapshot>, env: &[(&str, &str)], tasks: &TaskTracker) -> Snapshot {
        let text = "providers: [{name: bedrock, region: eu-west-1}]\n";
        let loaded = load(&Sources::from_text("a.yaml", text)).expect("valid");
        let plan = compile(&loaded.set, &Options::default()).expect("compiles");
        let value = |name: &str| {
            let pair = env.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        let surroundings = Surroundings {
            env: &value,
            simulator: None,
            tasks,
        };
        Snapshot::build(plan, previous, &surroundings).expect("runs")
    }

    #[tokio::test]
    async fn a_bedrock_key_of_the_environment_is_shown_and_nothing_is_signed() {
        let env = [
            ("AWS_BEARER_TOKEN_BEDROCK", "k3y\n"),
            ("AWS_ACCESS_KEY_ID", "a"),
        ];
        let snapshot = build(None, &env, &TaskTracker::new());
        let provider = snapshot.provider(ProviderId(0));
        assert!(provider.identity.is_none());
        let (name, value) = &provider.headers[0];
        assert_eq!(
            (name.as_str(), value.as_bytes()),
            ("authorization", &b"Bearer k3y"[..])
        );
        assert!(value.is_sensitive());
    }

    #[tokio::test]
    async fn a_reload_keeps_a_credential_whose_surroundings_are_the_same() {
        let tasks = TaskTracker::new();
        let env = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
        let first = build(None, &env, &tasks);
        let before = tasks.len();
        let second = build(Some(&first), &env, &tasks);
        assert_eq!(tasks.len(), before, "nothing new renews");
        let other = [("AWS_ACCESS_KEY_ID", "c"), ("AWS_SECRET_ACCESS_KEY", "d")];
        let _third = build(Some(&second), &other, &tasks);
        assert_eq!(tasks.len(), before + 1);
    }
}
