//! What a process is told of its identity by the place where it runs.

use std::collections::BTreeMap;
use std::fmt;

use tollgate_types::Secret;

/// The variables that clouds and their SDKs define.
const NAMES: [&str; 28] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL_STS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_TENANT_ID",
    "GCE_METADATA_HOST",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "HOME",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "NO_GCE_CHECK",
];

/// The variables of the environment that say who a process is, read once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CloudEnvironment(BTreeMap<&'static str, Secret>);

impl CloudEnvironment {
    /// Reads them. A variable that is empty counts as not set.
    #[must_use]
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = NAMES.into_iter().filter_map(|name| {
            let value = env(name).filter(|value| !value.is_empty())?;
            Some((name, Secret::new(value)))
        });
        Self(set.collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(NAMES.contains(&name), "{name} is not read");
        self.0.get(name).map(Secret::expose)
    }

    /// A path below the user's home.
    pub(crate) fn at_home(&self, below: &str) -> Option<String> {
        Some(format!("{}/{below}", self.get("HOME")?))
    }
}

/// Shows which are set.
impl fmt::Debug for CloudEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
