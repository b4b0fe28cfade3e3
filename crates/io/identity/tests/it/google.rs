//! Application default credentials.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tollgate_identity::{CloudSettings, GoogleSettings};
use tollgate_types::Secret;

use crate::server::{Server, authorization, authorize, env, now_unix_s, start};

const TOKEN: &str =
    "{\"access_token\":\"ya29.t0ken\",\"expires_in\":3599,\"token_type\":\"Bearer\"}";

fn key(json: &Value) -> CloudSettings {
    CloudSettings::Google(GoogleSettings {
        key: Some(Secret::new(json.to_string())),
    })
}

#[tokio::test]
async fn a_service_account_signs_an_assertion() {
    let server = Server::start(|_, _| (200, TOKEN.to_owned())).await;
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let pem = STANDARD.encode(der.as_ref());
    let url = format!("{}/token", server.url());
    let settings = key(&json!({
        "type": "service_account",
        "client_email": "me@project.iam.gserviceaccount.com",
        "private_key_id": "k1",
        "private_key": format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n"),
        "token_uri": url,
    }));
    let credential = start(settings, env(&[])).await;
    assert_eq!(authorization(&credential), "Bearer ya29.t0ken");
    let asked = &server.asked(1).await[0];
    assert_eq!(asked.line, "POST /token");
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    assert_eq!(asked.form("grant_type").as_deref(), Some(grant));
    let assertion = asked.form("assertion").unwrap();
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let public = pair.public_key().as_ref().to_vec();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    public.verify(signed.as_bytes(), &signature).unwrap();
    let part = |index: usize| {
        let text = signed.split('.').nth(index).unwrap();
        serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}));
    let claims = part(1);
    assert_eq!(claims["iss"], "me@project.iam.gserviceaccount.com");
    assert_eq!(claims["aud"], url);
    assert_eq!(
        claims["scope"],
        "https://www.googleapis.com/auth/cloud-platform"
    );
    let lives = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(lives, 3600);
}

#[tokio::test]
async fn a_file_of_a_user_is_refreshed() {
    let server = Server::start(|_, _| (200, TOKEN.to_owned())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("adc.json");
    let user = json!({
        "type": "authorized_user", "client_id": "id", "client_secret": "s&cret",
        "refresh_token": "1//r", "token_uri": server.url(),
    });
    std::fs::write(&file, user.to_string()).unwrap();
    let env = env(&[("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().unwrap())]);
    let credential = start(CloudSettings::Google(GoogleSettings::default()), env).await;
    assert_eq!(authorization(&credential), "Bearer ya29.t0ken");
    let asked = &server.asked(1).await[0];
    assert_eq!(asked.form("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(asked.form("client_secret").as_deref(), Some("s&cret"));
    assert_eq!(asked.form("refresh_token").as_deref(), Some("1//r"));
}

#[tokio::test]
async fn the_metadata_server_is_asked_where_there_is_no_file() {
    let server = Server::start(|asked, _| match asked.header("metadata-flavor") {
        "Google" => (200, TOKEN.to_owned()),
        _ => (403, String::new()),
    })
    .await;
    let env = env(&[("GCE_METADATA_HOST", &server.address.to_string())]);
    let credential = start(CloudSettings::Google(GoogleSettings::default()), env).await;
    assert_eq!(authorization(&credential), "Bearer ya29.t0ken");
    let asked = &server.asked(1).await[0];
    let path = "GET /computeMetadata/v1/instance/service-accounts/default/token";
    assert_eq!(asked.line, path);
    let state = credential.state();
    assert_eq!(state.source, Some("metadata"));
    let left = state.expires_unix_s.unwrap() - now_unix_s();
    assert!((3590..=3599).contains(&left), "{left}");
}

#[tokio::test]
async fn what_is_no_key_of_google_says_so_without_its_secrets() {
    let secret = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----";
    for (json, said) in [
        (
            json!({"type": "external_account", "x": secret}),
            "`external_account` is not supported",
        ),
        (json!({"private_key": secret}), "no `type`"),
        (
            json!({"type": "service_account", "private_key": secret}),
            "no `client_email`",
        ),
        (
            json!({"type": "service_account", "client_email": "a", "private_key": secret}),
            "is no RSA key",
        ),
        (
            json!({"type": "service_account", "client_email": "a", "private_key": "c2VjcmV0"}),
            "is no PKCS #8",
        ),
    ] {
        let credential = start(key(&json), env(&[])).await;
        let error = authorize(&credential, now_unix_s())
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{error}");
        let shown = format!("{error}{credential:?}");
        assert!(!shown.contains("c2VjcmV0"), "{shown}");
    }
}
