//! Entra ID: a secret, a federated token, a managed identity.

use tollgate_identity::{AzureSettings, CloudSettings};
use tollgate_types::Secret;

use crate::server::{Asked, Server, authorization, authorize, env, now_unix_s, start};

const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
const TOKEN: &str =
    "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"eyJ.t0ken\"}";

async fn entra() -> Server {
    Server::start(|_, _| (200, TOKEN.to_owned())).await
}

fn is_for_tenant(asked: &Asked) {
    assert_eq!(asked.line, "POST /tenant/oauth2/v2.0/token");
    assert_eq!(
        asked.form("grant_type").as_deref(),
        Some("client_credentials")
    );
    assert_eq!(asked.form("client_id").as_deref(), Some("app"));
    assert_eq!(asked.form("scope").as_deref(), Some(SCOPE));
}

#[tokio::test]
async fn an_application_proves_itself_by_its_secret() {
    let server = entra().await;
    let settings = CloudSettings::Azure(AzureSettings {
        tenant_id: Some("tenant".to_owned()),
        client_id: Some("app".to_owned()),
        client_secret: Some(Secret::new("~s&cret".to_owned())),
    });
    let host = format!("{}/", server.url());
    let env = env(&[
        ("AZURE_AUTHORITY_HOST", &host),
        ("AZURE_CLIENT_SECRET", "other"),
    ]);
    let credential = start(settings, env).await;
    assert_eq!(authorization(&credential), "Bearer eyJ.t0ken");
    let asked = &server.asked(1).await[0];
    is_for_tenant(asked);
    assert_eq!(asked.form("client_secret").as_deref(), Some("~s&cret"));
}

#[tokio::test]
async fn a_workload_proves_itself_by_its_token() {
    let server = entra().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "federated\n").unwrap();
    let env = env(&[
        ("AZURE_AUTHORITY_HOST", &server.url()),
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
    ]);
    let credential = start(CloudSettings::Azure(AzureSettings::default()), env).await;
    assert_eq!(authorization(&credential), "Bearer eyJ.t0ken");
    let asked = &server.asked(1).await[0];
    is_for_tenant(asked);
    assert_eq!(asked.form("client_assertion").as_deref(), Some("federated"));
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(asked.form("client_assertion_type").as_deref(), Some(kind));
}

#[tokio::test]
async fn a_machine_has_an_identity_of_its_own() {
    let server = Server::start(|asked, _| {
        assert_eq!(asked.header("metadata"), "true");
        let body = TOKEN.replace("3599", "\"3599\"");
        (200, body)
    })
    .await;
    let settings = CloudSettings::Azure(AzureSettings {
        client_id: Some("assigned".to_owned()),
        ..AzureSettings::default()
    });
    let env = env(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &server.url())]);
    let credential = start(settings, env).await;
    assert_eq!(authorization(&credential), "Bearer eyJ.t0ken");
    let asked = &server.asked(1).await[0];
    let path = "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=assigned";
    assert_eq!(asked.line, path);
}

#[tokio::test]
async fn an_app_has_an_identity_endpoint() {
    let expires = (now_unix_s() + 600).to_string();
    let body = format!("{{\"access_token\":\"eyJ.app\",\"expires_on\":\"{expires}\"}}");
    let server = Server::start(move |_, _| (200, body.clone())).await;
    let url = format!("{}/msi/token", server.url());
    let env = env(&[("IDENTITY_ENDPOINT", &url), ("IDENTITY_HEADER", "h3ader")]);
    let credential = start(CloudSettings::Azure(AzureSettings::default()), env).await;
    assert_eq!(authorization(&credential), "Bearer eyJ.app");
    let asked = &server.asked(1).await[0];
    assert!(
        asked
            .line
            .starts_with("GET /msi/token?api-version=2019-08-01&resource=")
    );
    assert_eq!(asked.header("x-identity-header"), "h3ader");
}

#[tokio::test]
async fn a_refusal_is_repeated_by_its_code_alone() {
    let body = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret s3cret provided\"}";
    let server = Server::start(move |_, _| (401, body.to_owned())).await;
    let env = env(&[
        ("AZURE_AUTHORITY_HOST", &server.url()),
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_CLIENT_SECRET", "s3cret"),
    ]);
    let credential = start(CloudSettings::Azure(AzureSettings::default()), env).await;
    let error = authorize(&credential, now_unix_s())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("status 401 (invalid_client, AADSTS7000215)"),
        "{error}"
    );
    let shown = format!("{error}{credential:?}{:?}", credential.state());
    assert!(!shown.contains("s3cret"), "{shown}");
}
