//! Keys that a container or an instance is given.

use http::Method;

use super::{Place, of_json};
use crate::cloud::fetch::Question;
use crate::cloud::lease::Lease;
use crate::cloud::{CredentialError, read_file};

const CONTAINER: &str = "the container's credential endpoint";
const INSTANCE: &str = "the instance's metadata";
/// Where ECS answers a relative address.
const ECS_HOST: &str = "http://169.254.170.2";
/// Hosts that may be asked without TLS, beside the machine itself: ECS, and EKS pod
/// identity over IPv4 and IPv6.
const LINK_LOCAL: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
/// The instance metadata service.
const IMDS: &str = "http://169.254.169.254";
/// For how long a session with it is asked for, in seconds. It serves one question.
const SESSION_S: &str = "60";

/// The credential endpoint of a container, where there is one.
pub(super) async fn of_container(place: &Place<'_>) -> Result<Option<Lease>, CredentialError> {
    let env = place.env;
    let url = match (
        env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ) {
        (Some(path), _) => format!("{ECS_HOST}{path}"),
        (None, Some(url)) if may_be_asked(url) => url.to_owned(),
        (None, Some(_)) => {
            let reason = "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine or container";
            return Err(CredentialError::Unusable(reason.to_owned()));
        }
        (None, None) => return Ok(None),
    };
    let mut question = Question::get(&url).header("accept", "application/json");
    if let Some(path) = env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        // It is replaced while we run, so it is read each time.
        let token = read_file(path)?.trimmed();
        question = question.header("authorization", token.expose());
    } else if let Some(token) = env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
        question = question.header("authorization", token);
    }
    let json = place.client.ask_json(CONTAINER, question).await?;
    let lease = of_json(&json, "container");
    lease
        .map(Some)
        .ok_or(CredentialError::Answer { place: CONTAINER })
}

fn may_be_asked(url: &str) -> bool {
    let Ok(url) = url.parse::<http::Uri>() else {
        return false;
    };
    let host = url.host().unwrap_or_default();
    let is_near = host == "localhost"
        || LINK_LOCAL.contains(&host)
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    match url.scheme_str() {
        Some("https") => true,
        Some("http") => is_near,
        _ => false,
    }
}

/// The role of the instance, by version 2 of its metadata service.
pub(super) async fn of_instance(place: &Place<'_>) -> Result<Lease, CredentialError> {
    let env = place.env;
    let disabled = env.get("AWS_EC2_METADATA_DISABLED");
    if disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        let looked_at =
            "environment, profile, web identity, container (instance metadata is disabled)";
        return Err(CredentialError::None {
            looked_at: looked_at.to_owned(),
        });
    }
    let base = env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or(IMDS);
    let base = base.trim_end_matches('/');
    let url = format!("{base}/latest/api/token");
    let question = Question {
        method: Method::PUT,
        ..Question::get(&url)
    };
    let question = question.header("x-aws-ec2-metadata-token-ttl-seconds", SESSION_S);
    let session = place
        .client
        .ask(INSTANCE, question)
        .await
        .map_err(nowhere)?;
    let roles = format!("{base}/latest/meta-data/iam/security-credentials/");
    let ask = |url| Question::get(url).header("x-aws-ec2-metadata-token", session.expose());
    let listed = place.client.ask(INSTANCE, ask(&roles)).await?;
    let role = listed.expose().lines().next().unwrap_or_default().trim();
    if role.is_empty() {
        let reason = "the instance has no role";
        return Err(CredentialError::Unusable(reason.to_owned()));
    }
    let json = place
        .client
        .ask_json(INSTANCE, ask(&format!("{roles}{role}")))
        .await?;
    of_json(&json, "instance").ok_or(CredentialError::Answer { place: INSTANCE })
}

/// Nothing was found before, and here nobody is: what was looked at is the news.
fn nowhere(last: CredentialError) -> CredentialError {
    let looked_at = "environment, profile, web identity, container";
    CredentialError::None {
        looked_at: format!("{looked_at}, and {last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::may_be_asked;

    #[test]
    fn only_what_is_near_is_asked_without_tls() {
        for url in [
            "https://a.test/x",
            "http://127.0.0.1:8080/x",
            "http://[::1]/x",
            "http://localhost/x",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
        ] {
            assert!(may_be_asked(url), "{url}");
        }
        for url in [
            "http://a.test/x",
            "http://169.254.170.24/",
            "ftp://127.0.0.2",
            "//localhost/x",
            "",
            "x",
        ] {
            assert!(!may_be_asked(url), "{url}");
        }
    }
}
