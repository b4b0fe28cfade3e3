//! Access tokens of Microsoft Entra ID.

use super::fetch::{Client, Question};
use super::google::token_of;
use super::lease::Lease;
use super::surroundings::CloudEnvironment;
use super::{CredentialError, form, read_file};
use tollgate_types::Secret;

const ENTRA: &str = "Entra ID";
const IDENTITY: &str = "the managed identity endpoint";
const AUTHORITY: &str = "https://login.microsoftonline.com";
const IMDS: &str = "http://169.254.169.254";
/// What tokens are for: Azure's AI services.
const RESOURCE: &str = "https://cognitiveservices.azure.com";
const BY_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who asks. Without any, the environment says it, as the Azure SDKs read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AzureSettings {
    /// The tenant's id or name.
    pub tenant_id: Option<String>,
    /// The application's id; with a managed identity, that of a user-assigned one.
    pub client_id: Option<String>,
    /// A secret of the application.
    pub client_secret: Option<Secret>,
}

pub(super) async fn fetch(
    settings: &AzureSettings,
    env: &CloudEnvironment,
    client: &Client,
) -> Result<Lease, CredentialError> {
    let tenant = settings
        .tenant_id
        .as_deref()
        .or_else(|| env.get("AZURE_TENANT_ID"));
    let id = settings
        .client_id
        .as_deref()
        .or_else(|| env.get("AZURE_CLIENT_ID"));
    let secret = settings.client_secret.as_ref().map(Secret::expose);
    if let (Some(tenant), Some(id)) = (tenant, id) {
        let authority = env.get("AZURE_AUTHORITY_HOST").unwrap_or(AUTHORITY);
        let application = Application {
            url: format!(
                "{}/{tenant}/oauth2/v2.0/token",
                authority.trim_end_matches('/')
            ),
            id,
        };
        if let Some(secret) = secret.or_else(|| env.get("AZURE_CLIENT_SECRET")) {
            let proof = [("client_secret", secret)];
            return application.token("client secret", &proof, client).await;
        }
        if let Some(path) = env.get("AZURE_FEDERATED_TOKEN_FILE") {
            // It is replaced while we run, so it is read each time.
            let token = read_file(path)?.trimmed();
            let proof = [
                ("client_assertion_type", BY_ASSERTION),
                ("client_assertion", token.expose()),
            ];
            return application.token("workload identity", &proof, client).await;
        }
    }
    managed(id, env, client).await
}

/// An application that proves itself at its tenant.
struct Application<'a> {
    url: String,
    id: &'a str,
}

impl Application<'_> {
    async fn token(
        &self,
        source: &'static str,
        proof: &[(&str, &str)],
        client: &Client,
    ) -> Result<Lease, CredentialError> {
        let scope = format!("{RESOURCE}/.default");
        let mut members = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.id),
            ("scope", scope.as_str()),
        ];
        members.extend_from_slice(proof);
        let answer = client.ask_json(ENTRA, Question::form(&self.url, &members));
        token_of(&answer.await?, source, ENTRA)
    }
}

/// The identity of the machine, or of an app on App Service and Container Apps.
async fn managed(
    id: Option<&str>,
    env: &CloudEnvironment,
    client: &Client,
) -> Result<Lease, CredentialError> {
    let mut members = vec![("resource", RESOURCE)];
    members.extend(id.map(|id| ("client_id", id)));
    let members = form(&members);
    let query = members.expose();
    let app = env.get("IDENTITY_ENDPOINT").zip(env.get("IDENTITY_HEADER"));
    let answer = if let Some((endpoint, header)) = app {
        let url = format!("{endpoint}?api-version=2019-08-01&{query}");
        let question = Question::get(&url).header("x-identity-header", header);
        client.ask_json(IDENTITY, question).await?
    } else {
        let host = env.get("AZURE_POD_IDENTITY_AUTHORITY_HOST").unwrap_or(IMDS);
        let host = host.trim_end_matches('/');
        let url = format!("{host}/metadata/identity/oauth2/token?api-version=2018-02-01&{query}");
        let question = Question::get(&url).header("metadata", "true");
        let answer = client.ask_json(IDENTITY, question).await;
        answer.map_err(|last| CredentialError::None {
            looked_at: format!("client secret, workload identity, and {last}"),
        })?
    };
    token_of(&answer, "managed identity", IDENTITY)
}
