//! Roles, for a token of somebody else's or for keys (STS, version 2011-06-15).

use http::{HeaderMap, HeaderValue, Method, Uri};
use tollgate_types::Secret;

use super::sigv4::{Scope, sign};
use super::{AwsKeys, Place};
use crate::cloud::fetch::Question;
use crate::cloud::lease::{Lease, Until};
use crate::cloud::live::ToSign;
use crate::cloud::surroundings::CloudEnvironment;
use crate::cloud::time::parse_utc;
use crate::cloud::{CredentialError, form, read_file};

const STS: &str = "STS";
const VERSION: &str = "2011-06-15";
/// What a session is called in the audit trail, where nothing else is said.
pub(super) const SESSION: &str = "tollgate";

/// A role to take on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role<'a> {
    pub(super) arn: &'a str,
    pub(super) session: &'a str,
    /// With the token that speaks for us.
    pub(super) token_file: &'a str,
}

impl<'a> Role<'a> {
    pub(super) fn of_environment(env: &'a CloudEnvironment) -> Option<Self> {
        Some(Self {
            arn: env.get("AWS_ROLE_ARN")?,
            session: env.get("AWS_ROLE_SESSION_NAME").unwrap_or(SESSION),
            token_file: env.get("AWS_WEB_IDENTITY_TOKEN_FILE")?,
        })
    }
}

/// By a token, as Kubernetes gives its pods one. It is replaced while we run, so it is
/// read each time.
pub(super) async fn with_web_identity(
    place: &Place<'_>,
    role: &Role<'_>,
) -> Result<Lease, CredentialError> {
    let token = read_file(role.token_file)?.trimmed();
    let url = endpoint(place);
    let question = Question::form(
        &url,
        &[
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", VERSION),
            ("RoleArn", role.arn),
            ("RoleSessionName", role.session),
            ("WebIdentityToken", token.expose()),
        ],
    );
    // STS answers in XML unless it is asked otherwise; it is asked for what it documents.
    let question = question.header("accept", "text/xml");
    let answer = place.client.ask(STS, question).await?;
    of_xml(answer.expose(), "web identity")
}

/// By keys.
pub(super) async fn with_keys(
    place: &Place<'_>,
    role: &Role<'_>,
    external_id: Option<&str>,
    keys: &AwsKeys,
) -> Result<Lease, CredentialError> {
    let mut members = vec![
        ("Action", "AssumeRole"),
        ("Version", VERSION),
        ("RoleArn", role.arn),
        ("RoleSessionName", role.session),
    ];
    members.extend(external_id.map(|id| ("ExternalId", id)));
    let body = form(&members);
    let url = endpoint(place);
    let bad = || CredentialError::Unusable(format!("`{url}` is not an address"));
    let uri: Uri = url.parse().map_err(|_invalid| bad())?;
    let mut headers = HeaderMap::new();
    headers.insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    let request = ToSign {
        method: &Method::POST,
        host: uri.authority().ok_or_else(bad)?.as_str(),
        uri: &uri,
        body: &[bytes::Bytes::copy_from_slice(body.expose().as_bytes())],
    };
    let scope = Scope {
        region: place.region,
        service: "sts",
    };
    let now = crate::cloud::live::now_unix_s();
    sign(&request, keys, scope, now, &mut headers);
    let question = Question {
        method: Method::POST,
        url: &url,
        headers,
        body: Some(body),
    };
    let answer = place.client.ask(STS, question).await?;
    of_xml(answer.expose(), "role of a profile")
}

fn endpoint(place: &Place<'_>) -> String {
    let region = place.region;
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    let own = format!("https://sts.{region}.amazonaws.com{suffix}");
    let named = place.env.get("AWS_ENDPOINT_URL_STS");
    let url = named.map_or(own, |url| url.trim_end_matches('/').to_owned());
    format!("{url}/")
}

/// The `Credentials` of an answer. Their members are words without markup.
fn of_xml(text: &str, source: &'static str) -> Result<Lease, CredentialError> {
    let read = || {
        let inside = element(text, "Credentials")?;
        let keys = AwsKeys {
            id: element(inside, "AccessKeyId")?.to_owned(),
            secret: Secret::new(element(inside, "SecretAccessKey")?.to_owned()),
            session_token: Some(Secret::new(element(inside, "SessionToken")?.to_owned())),
        };
        let until = parse_utc(element(inside, "Expiration")?)?;
        Some(keys.lease(source, Until::Unix(until)))
    };
    read().ok_or(CredentialError::Answer { place: STS })
}

/// What stands between the tags of the first element of a name.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inside, _) = rest.split_once(&format!("</{name}>"))?;
    let inside = inside.trim();
    (!inside.is_empty()).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::of_xml;

    #[test]
    fn an_answer_without_every_member_is_no_credential() {
        let whole = "<R><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey>\
                     <Expiration>2015-08-30T12:36:00Z</Expiration><AccessKeyId>a</AccessKeyId></Credentials></R>";
        let lease = of_xml(whole, "x").expect("a credential");
        assert_eq!(lease.expires_unix_s(), Some(1_440_938_160));
        for name in [
            "Credentials",
            "AccessKeyId",
            "SecretAccessKey",
            "SessionToken",
            "Expiration",
        ] {
            let without = whole.replace(name, "Other");
            assert!(of_xml(&without, "x").is_err(), "{name}");
        }
    }
}
