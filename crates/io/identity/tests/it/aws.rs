//! Every place where AWS's SDKs look.

use tollgate_identity::{AwsKeys, AwsSettings, CloudSettings};
use tollgate_types::Secret;

use crate::server::{Server, authorization, authorize, env, now_unix_s, start};

const KEYS: &str = "{\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"s3cret\",\"Token\":\"t0ken\",\"Expiration\":\"2199-01-01T00:00:00Z\"}";

fn settings() -> AwsSettings {
    AwsSettings {
        region: "eu-central-1".to_owned(),
        service: "bedrock",
        keys: None,
        profile: None,
    }
}

fn chain() -> CloudSettings {
    CloudSettings::Aws(settings())
}

fn xml(id: &str, expires: &str) -> String {
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{id}</AccessKeyId>\
         <SecretAccessKey>s3cret</SecretAccessKey><SessionToken>t0ken</SessionToken>\
         <Expiration>{expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
}

#[tokio::test]
async fn keys_of_the_configuration_come_before_those_of_the_environment() {
    let env = || {
        env(&[
            ("AWS_ACCESS_KEY_ID", "AKIAENV"),
            ("AWS_SECRET_ACCESS_KEY", "s3cret"),
            ("AWS_SESSION_TOKEN", "t0ken"),
        ])
    };
    let credential = start(chain(), env()).await;
    let value = authorization(&credential);
    assert!(
        value.starts_with("AWS4-HMAC-SHA256 Credential=AKIAENV/"),
        "{value}"
    );
    assert!(
        value.contains("/eu-central-1/bedrock/aws4_request, "),
        "{value}"
    );
    let headers = authorize(&credential, now_unix_s()).unwrap();
    assert_eq!(headers["x-amz-security-token"], "t0ken");
    assert_eq!(credential.state().source, Some("environment"));
    let keys = AwsKeys {
        id: "AKIACONF".to_owned(),
        secret: Secret::new("s".to_owned()),
        session_token: None,
    };
    let configured = AwsSettings {
        keys: Some(keys),
        ..settings()
    };
    let credential = start(CloudSettings::Aws(configured), env()).await;
    let value = authorization(&credential);
    assert!(value.contains("Credential=AKIACONF/"), "{value}");
    let headers = authorize(&credential, now_unix_s()).unwrap();
    assert!(!headers.contains_key("x-amz-security-token"));
}

#[tokio::test(start_paused = true)]
async fn a_profile_is_read_again_when_its_file_has_other_keys() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let write = |id: &str| {
        let text = format!("[prod]\naws_access_key_id = {id}\naws_secret_access_key = s3cret\n");
        std::fs::write(&file, text).unwrap();
    };
    write("AKIAONE");
    let settings = AwsSettings {
        profile: Some("prod".to_owned()),
        ..settings()
    };
    let env = env(&[
        ("AWS_ACCESS_KEY_ID", "AKIAENV"),
        ("AWS_SECRET_ACCESS_KEY", "other"),
        ("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap()),
    ]);
    let credential = start(CloudSettings::Aws(settings), env).await;
    assert!(authorization(&credential).contains("AKIAONE/"));
    write("AKIATWO");
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    assert!(authorization(&credential).contains("AKIATWO/"));
}

#[tokio::test]
async fn a_profile_that_is_missing_or_of_another_kind_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(
        &file,
        "[profile sso]\nsso_session = x\n[profile role]\nrole_arn = r\n[profile bare]\nregion = r\n",
    )
    .unwrap();
    for (name, said) in [
        ("other", "no profile `other`"),
        ("bare", "`bare` has no credential"),
        ("sso", "`sso_session`, which is not supported"),
        ("role", "no keys to ask for it"),
    ] {
        let settings = AwsSettings {
            profile: Some(name.to_owned()),
            ..settings()
        };
        let env = env(&[("AWS_CONFIG_FILE", file.to_str().unwrap())]);
        let credential = start(CloudSettings::Aws(settings), env).await;
        let error = authorize(&credential, now_unix_s()).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[tokio::test]
async fn a_profile_that_the_environment_names_is_no_other_identity() {
    let server = Server::start(|_, _| (200, KEYS.to_owned())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, "[default]\n[profile bare]\nregion = r\n").unwrap();
    let url = server.url();
    let file = file.to_str().unwrap();
    let with = |profile: &[(&str, &str)]| {
        let rest = [
            ("AWS_CONFIG_FILE", file),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url),
        ];
        start(chain(), env(&[profile, &rest].concat()))
    };
    let credential = with(&[("AWS_PROFILE", "prdo")]).await;
    let error = authorize(&credential, now_unix_s()).unwrap_err();
    assert!(error.to_string().contains("no profile `prdo`"), "{error}");
    // One without a credential, or none that is named, leaves it to the next place.
    for profile in [&[("AWS_PROFILE", "bare")][..], &[]] {
        let credential = with(profile).await;
        assert_eq!(credential.state().source, Some("container"));
    }
}

#[tokio::test]
async fn a_profile_takes_a_role_by_the_keys_of_another() {
    let server = Server::start(|_, _| (200, xml("ASIAROLE", "2199-01-01T00:00:00Z"))).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let text = "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nexternal_id = e/1\n\
                [profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s3cret\n";
    std::fs::write(&file, text).unwrap();
    let env = env(&[
        ("AWS_CONFIG_FILE", file.to_str().unwrap()),
        ("AWS_ENDPOINT_URL_STS", &server.url()),
    ]);
    let credential = start(chain(), env).await;
    assert!(authorization(&credential).contains("ASIAROLE/"));
    let asked = &server.asked(1).await[0];
    assert_eq!(asked.line, "POST /");
    assert_eq!(asked.form("Action").as_deref(), Some("AssumeRole"));
    assert_eq!(
        asked.form("RoleArn").as_deref(),
        Some("arn:aws:iam::1:role/r")
    );
    assert_eq!(asked.form("ExternalId").as_deref(), Some("e/1"));
    let signed = asked.header("authorization");
    assert!(signed.contains("Credential=AKIABASE/"), "{signed}");
    assert!(
        signed.contains("/eu-central-1/sts/aws4_request"),
        "{signed}"
    );
    assert!(
        signed.contains("SignedHeaders=content-type;host;x-amz-date,"),
        "{signed}"
    );
    assert_eq!(asked.header("host"), server.address.to_string());
}

#[tokio::test]
async fn a_web_identity_is_read_anew_for_every_session() {
    let soon = |after_s| {
        let text = xml("ASIAWEB", "DATE");
        text.replace("DATE", &utc(now_unix_s() + after_s))
    };
    let server = Server::start(move |_, before| match before {
        0 => (200, soon(2)),
        _ => (200, soon(3600)),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "first\n").unwrap();
    let env = env(&[
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap()),
        ("AWS_ENDPOINT_URL_STS", &server.url()),
    ]);
    let credential = start(chain(), env).await;
    std::fs::write(&file, "second\n").unwrap();
    assert!(authorization(&credential).contains("ASIAWEB/"));
    let asked = server.asked(2).await;
    let tokens: Vec<_> = asked
        .iter()
        .map(|asked| asked.form("WebIdentityToken").unwrap())
        .collect();
    assert_eq!(tokens, ["first", "second"]);
    assert_eq!(
        asked[0].form("Action").as_deref(),
        Some("AssumeRoleWithWebIdentity")
    );
    assert_eq!(
        asked[0].form("RoleSessionName").as_deref(),
        Some("tollgate")
    );
    assert_eq!(asked[0].header("authorization"), "", "it is not signed");
}

#[tokio::test]
async fn a_container_is_asked_with_its_token() {
    let server = Server::start(|_, _| (200, KEYS.to_owned())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "Bearer pod\n").unwrap();
    let url = format!("{}/v1/credentials", server.url());
    let env = env(&[
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            file.to_str().unwrap(),
        ),
    ]);
    let credential = start(chain(), env).await;
    assert!(authorization(&credential).contains("ASIA1/"));
    let asked = &server.asked(1).await[0];
    assert_eq!(asked.line, "GET /v1/credentials");
    assert_eq!(asked.header("authorization"), "Bearer pod");
    assert_eq!(credential.state().source, Some("container"));
}

#[tokio::test]
async fn an_instance_is_asked_in_a_session() {
    let server = Server::start(|asked, _| match asked.line.as_str() {
        "PUT /latest/api/token" => (200, "session".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/" => (200, "role\n".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/role" => (200, KEYS.to_owned()),
        _ => (404, String::new()),
    })
    .await;
    let env = env(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url())]);
    let credential = start(chain(), env).await;
    assert!(authorization(&credential).contains("ASIA1/"));
    assert_eq!(credential.state().source, Some("instance"));
    assert_eq!(credential.state().expires_unix_s, Some(7_226_582_400));
    let asked = server.asked(3).await;
    assert_eq!(
        asked[0].header("x-aws-ec2-metadata-token-ttl-seconds"),
        "60"
    );
    for asked in &asked[1..] {
        assert_eq!(asked.header("x-aws-ec2-metadata-token"), "session");
    }
}

#[tokio::test]
async fn where_nobody_has_keys_it_is_said_where_they_were_looked_for() {
    let disabled = env(&[("AWS_EC2_METADATA_DISABLED", "true")]);
    let credential = start(chain(), disabled).await;
    let error = authorize(&credential, now_unix_s())
        .unwrap_err()
        .to_string();
    for place in [
        "environment",
        "profile",
        "web identity",
        "container",
        "disabled",
    ] {
        assert!(error.contains(place), "{error}");
    }
    let server = Server::start(|_, _| (403, String::new())).await;
    let env = env(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url())]);
    let credential = start(chain(), env).await;
    let error = authorize(&credential, now_unix_s())
        .unwrap_err()
        .to_string();
    assert!(error.contains("status 403"), "{error}");
}

fn utc(unix_s: u64) -> String {
    let date = httpdate_like(unix_s);
    format!("{date}Z")
}

/// `2015-08-30T12:36:00` by counting days, the slow way.
fn httpdate_like(unix_s: u64) -> String {
    let (mut year, mut days) = (1970, unix_s / 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (unix_s / 3600 % 24, unix_s / 60 % 60, unix_s % 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}",
        days + 1
    )
}
