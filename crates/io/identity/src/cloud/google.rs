//! Access tokens of Google Cloud, by its application default credentials.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tollgate_types::Secret;

use super::fetch::{Client, Question, number_of, text_of};
use super::lease::{Lease, Until};
use super::live::now_unix_s;
use super::surroundings::CloudEnvironment;
use super::{CredentialError, Proof, read_file};

const TOKENS: &str = "Google's token endpoint";
const METADATA: &str = "Google's metadata server";
const METADATA_HOST: &str = "metadata.google.internal";
const METADATA_PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const BY_ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Where `gcloud auth application-default login` writes.
const WELL_KNOWN: &str = ".config/gcloud/application_default_credentials.json";
/// For how long an assertion may be used, in seconds: the longest that Google takes.
const ASSERTION_S: u64 = 3600;

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoogleSettings {
    /// A key as Google writes it, in JSON: of a service account, or of a user. Default:
    /// the file of `GOOGLE_APPLICATION_CREDENTIALS`, that of `gcloud`, the metadata server.
    pub key: Option<Secret>,
}

pub(super) async fn fetch(
    settings: &GoogleSettings,
    env: &CloudEnvironment,
    client: &Client,
) -> Result<Lease, CredentialError> {
    if let Some(key) = &settings.key {
        return by_key(key, "configuration", client).await;
    }
    if let Some(path) = env.get("GOOGLE_APPLICATION_CREDENTIALS") {
        return by_key(&read_file(path)?, "key file", client).await;
    }
    if let Some(path) = env.at_home(WELL_KNOWN)
        && std::path::Path::new(&path).exists()
    {
        return by_key(&read_file(&path)?, "gcloud", client).await;
    }
    by_metadata(env, client).await
}

async fn by_key(
    key: &Secret,
    source: &'static str,
    client: &Client,
) -> Result<Lease, CredentialError> {
    let unusable = |reason: &str| CredentialError::Unusable(reason.to_owned());
    let key: Value = serde_json::from_str(key.expose())
        .map_err(|_not_json| unusable("the Google key is no JSON; download it as JSON"))?;
    let member = |name: &str| {
        text_of(&key, name).ok_or_else(|| unusable(&format!("the Google key has no `{name}`")))
    };
    match member("type")? {
        "service_account" => {
            let url = text_of(&key, "token_uri").unwrap_or(TOKEN_URI);
            let claims = json!({
                "iss": member("client_email")?,
                "scope": SCOPE,
                "aud": url,
                "iat": now_unix_s(),
                "exp": now_unix_s() + ASSERTION_S,
            });
            let id = text_of(&key, "private_key_id");
            let assertion = assertion(member("private_key")?, id, &claims)?;
            let members = [
                ("grant_type", BY_ASSERTION),
                ("assertion", assertion.expose()),
            ];
            let answer = client.ask_json(TOKENS, Question::form(url, &members));
            token_of(&answer.await?, source, TOKENS)
        }
        "authorized_user" => {
            let members = [
                ("grant_type", "refresh_token"),
                ("client_id", member("client_id")?),
                ("client_secret", member("client_secret")?),
                ("refresh_token", member("refresh_token")?),
            ];
            let url = text_of(&key, "token_uri").unwrap_or(TOKEN_URI);
            let answer = client.ask_json(TOKENS, Question::form(url, &members));
            token_of(&answer.await?, source, TOKENS)
        }
        other => {
            let kind: String = other
                .chars()
                .filter(char::is_ascii_graphic)
                .take(40)
                .collect();
            Err(unusable(&format!(
                "a Google key of type `{kind}` is not supported; use a key of a service account, or run where a metadata server answers"
            )))
        }
    }
}

/// A signed claim to be a service account (RFC 7523, with RS256).
fn assertion(pem: &str, id: Option<&str>, claims: &Value) -> Result<Secret, CredentialError> {
    let unusable = |what: &str| {
        CredentialError::Unusable(format!("the `private_key` of the Google key {what}"))
    };
    let der = der_of(pem).ok_or_else(|| unusable("is no PKCS #8 in PEM"))?;
    let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_rejected| unusable("is no RSA key"))?;
    let mut header = json!({"alg": "RS256", "typ": "JWT"});
    if let (Some(id), Some(header)) = (id, header.as_object_mut()) {
        header.insert("kid".to_owned(), Value::from(id));
    }
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .map_err(|_rejected| unusable("cannot sign"))?;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    Ok(Secret::new(format!("{signed}.{signature}")))
}

/// The bytes of a `PRIVATE KEY` in PEM (RFC 7468).
fn der_of(pem: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (inside, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let text: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(inside.split_whitespace().collect());
    let der = STANDARD.decode(text.as_bytes()).ok()?;
    Some(zeroize::Zeroizing::new(der))
}

async fn by_metadata(env: &CloudEnvironment, client: &Client) -> Result<Lease, CredentialError> {
    let host = env.get("GCE_METADATA_HOST").unwrap_or(METADATA_HOST);
    let url = format!("http://{host}{METADATA_PATH}");
    let question = Question::get(&url).header("metadata-flavor", "Google");
    let answer = client.ask_json(METADATA, question).await;
    let answer = answer.map_err(|last| CredentialError::None {
        looked_at: format!("GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, and {last}"),
    })?;
    token_of(&answer, "metadata", METADATA)
}

/// A token as OAuth 2.0 answers it (RFC 6749, section 5.1).
pub(super) fn token_of(
    answer: &Value,
    source: &'static str,
    place: &'static str,
) -> Result<Lease, CredentialError> {
    let read = || {
        let token = text_of(answer, "access_token")?;
        let until = match number_of(answer, "expires_in") {
            Some(left) => now_unix_s().saturating_add(left),
            None => number_of(answer, "expires_on")?,
        };
        Some(Lease {
            proof: Proof::Bearer(Secret::new(token.to_owned())),
            source,
            until: Until::Unix(until),
        })
    };
    read().ok_or(CredentialError::Answer { place })
}
