//! Identities that clouds give to whoever runs there, and what providers take of them.
//!
//! A [`CloudCredential`] is fetched and renewed by a task of its own, ahead of its end: a
//! request only reads what is there. Where nothing is, or only what has expired, the
//! request is told so and can go elsewhere. Secrets are in [`Secret`]s and reach neither
//! an error nor a `Debug` form; errors name places, statuses and codes.

mod aws;
mod azure;
mod fetch;
mod google;
mod lease;
mod live;
mod surroundings;
mod time;

use tollgate_types::Secret;

pub use aws::{AwsKeys, AwsSettings};
pub use azure::AzureSettings;
pub use google::GoogleSettings;
pub use live::{CloudCredential, CredentialState, NoCredential, ToSign};
pub use surroundings::CloudEnvironment;

use fetch::{Client, FetchError};
use lease::Lease;

/// Who a provider is to see, and where that is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloudSettings {
    /// Amazon Web Services: requests are signed.
    Aws(AwsSettings),
    /// Google Cloud: a bearer token.
    Google(GoogleSettings),
    /// Microsoft Entra ID: a bearer token.
    Azure(AzureSettings),
}

impl CloudSettings {
    /// Fetches a credential once, from the first place that has one.
    async fn fetch(
        &self,
        env: &CloudEnvironment,
        client: &Client,
    ) -> Result<Lease, CredentialError> {
        match self {
            Self::Aws(settings) => aws::fetch(settings, env, client).await,
            Self::Google(settings) => google::fetch(settings, env, client).await,
            Self::Azure(settings) => azure::fetch(settings, env, client).await,
        }
    }
}

/// What proves an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Keys to sign with.
    Aws(AwsKeys),
    /// A token to show.
    Bearer(Secret),
}

/// Why no credential came. Without secrets: it is logged and shown in `/status`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialError {
    /// No place has one.
    #[error("no credential was found; looked at: {looked_at}")]
    None { looked_at: String },
    /// What is configured cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// A file cannot be read.
    #[error("the file {path} cannot be read")]
    File {
        path: String,
        #[source]
        source: std::io::Error,
    },
    /// A place did not answer.
    #[error("{place}: {source}")]
    Fetch {
        place: &'static str,
        #[source]
        source: FetchError,
    },
    /// A place answered with something else than a credential.
    #[error("{place} answered with something else than a credential")]
    Answer { place: &'static str },
}

/// The largest file with a credential, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A small text file, with a secret in it.
fn read_file(path: &str) -> Result<Secret, CredentialError> {
    use std::io::Read as _;
    let mut text = String::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text));
    let text = Secret::new(text);
    match read {
        Ok(_) => Ok(text),
        Err(source) => Err(CredentialError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// `application/x-www-form-urlencoded`, the form in which tokens are asked for.
fn form(members: &[(&str, &str)]) -> Secret {
    let encode = |text| percent_encoding::utf8_percent_encode(text, aws::UNRESERVED);
    let mut out = String::new();
    for (name, value) in members {
        if !out.is_empty() {
            out.push('&');
        }
        out.extend(encode(name));
        out.push('=');
        out.extend(encode(value));
    }
    Secret::new(out)
}
