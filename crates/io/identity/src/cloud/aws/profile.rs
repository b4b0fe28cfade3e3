//! The shared files of the AWS SDKs: `~/.aws/credentials` and `~/.aws/config`.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use tollgate_types::Secret;

use super::{AwsKeys, Place, of_environment, sts};
use crate::cloud::lease::{Lease, Until};
use crate::cloud::{CredentialError, read_file};

/// One profile: settings by their names in small letters.
type Profile = BTreeMap<String, Secret>;
/// Profiles by name.
type Profiles = BTreeMap<String, Profile>;

/// What the files have under a name.
#[derive(Debug)]
pub(super) enum Found {
    /// A credential.
    Lease(Box<Lease>),
    /// A profile with nothing in it that is one.
    Nothing,
    /// No such profile.
    NoProfile,
}

/// The credential of a profile.
pub(super) async fn fetch(place: &Place<'_>, name: &str) -> Result<Found, CredentialError> {
    let found = |lease| Found::Lease(Box::new(lease));
    let profiles = read(place)?;
    let Some(profile) = profiles.get(name) else {
        return Ok(Found::NoProfile);
    };
    let get = |key: &str| profile.get(key).map(Secret::expose);
    if let Some(arn) = get("role_arn") {
        let session = get("role_session_name").unwrap_or(sts::SESSION);
        let role = sts::Role {
            arn,
            session,
            token_file: get("web_identity_token_file").unwrap_or_default(),
        };
        if !role.token_file.is_empty() {
            return sts::with_web_identity(place, &role).await.map(found);
        }
        let source = source_keys(place, name, profile, &profiles)?;
        let external_id = get("external_id");
        return sts::with_keys(place, &role, external_id, &source)
            .await
            .map(found);
    }
    if let Some(keys) = keys_of(profile) {
        return Ok(found(keys.lease("profile", Until::FileChanges)));
    }
    let other = [
        "credential_process",
        "sso_session",
        "sso_start_url",
        "login_session",
    ];
    match other.into_iter().find(|key| profile.contains_key(*key)) {
        None => Ok(Found::Nothing),
        Some(key) => Err(CredentialError::Unusable(format!(
            "the profile `{name}` has `{key}`, which is not supported; export its keys to the environment or to a file"
        ))),
    }
}

/// Whose keys ask for a role.
fn source_keys(
    place: &Place<'_>,
    name: &str,
    profile: &Profile,
    profiles: &Profiles,
) -> Result<AwsKeys, CredentialError> {
    let get = |key: &str| profile.get(key).map(Secret::expose);
    let keys = match (get("source_profile"), get("credential_source")) {
        (Some(source), _) => profiles.get(source).and_then(keys_of),
        (None, Some("Environment")) => of_environment(place.env),
        (None, _) => None,
    };
    keys.ok_or_else(|| {
        CredentialError::Unusable(format!(
            "the profile `{name}` has a `role_arn` and no keys to ask for it: name a `source_profile` with keys, `credential_source = Environment`, or a `web_identity_token_file`"
        ))
    })
}

fn keys_of(profile: &Profile) -> Option<AwsKeys> {
    Some(AwsKeys {
        id: profile.get("aws_access_key_id")?.expose().to_owned(),
        secret: profile.get("aws_secret_access_key")?.clone(),
        session_token: profile.get("aws_session_token").cloned(),
    })
}

/// Both files; what the credentials file says of a profile wins.
fn read(place: &Place<'_>) -> Result<Profiles, CredentialError> {
    let mut profiles = Profiles::new();
    let files = [
        ("AWS_CONFIG_FILE", ".aws/config", true),
        ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", false),
    ];
    for (variable, default, is_config) in files {
        let named = place.env.get(variable).map(str::to_owned);
        let Some(path) = named.or_else(|| place.env.at_home(default)) else {
            continue;
        };
        let text = match read_file(&path) {
            Ok(text) => text,
            // There is nobody's file to miss unless somebody names one.
            Err(CredentialError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                continue;
            }
            Err(error) => return Err(error),
        };
        parse(text.expose(), is_config, &mut profiles);
    }
    Ok(profiles)
}

/// Adds what a file says. In the configuration every profile but `default` is
/// `[profile NAME]`, and sections of other kinds are none.
fn parse(text: &str, is_config: bool, into: &mut Profiles) {
    let mut section: Option<String> = None;
    for line in text.lines() {
        // A line that is indented belongs to a setting with members of its own.
        let is_member = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let title = rest.split(']').next().unwrap_or_default().trim();
            section = profile_of(title, is_config);
            if let Some(name) = &section {
                into.entry(name.clone()).or_default();
            }
            continue;
        }
        let (Some(name), Some((key, value)), false) = (&section, line.split_once('='), is_member)
        else {
            continue;
        };
        let value = value.split(" #").next().unwrap_or_default();
        let value = value.split(" ;").next().unwrap_or_default().trim();
        let profile = into.entry(name.clone()).or_default();
        profile.insert(
            key.trim().to_ascii_lowercase(),
            Secret::new(value.to_owned()),
        );
    }
}

fn profile_of(title: &str, is_config: bool) -> Option<String> {
    if !is_config || title == "default" {
        return Some(title.to_owned());
    }
    let (kind, name) = title.split_once(char::is_whitespace)?;
    (kind == "profile").then(|| name.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Profiles, parse};

    #[test]
    fn profiles_are_read_as_the_sdks_read_them() {
        let mut profiles = Profiles::new();
        let config = "# ours\n[default]\nregion = eu-west-1\ns3 =\n  role_arn = none\n\n\
                      [profile \"prod\"]\nrole_arn=arn:aws:iam::1:role/r ; why\n\
                      source_profile = default\n[sso-session x]\nsso_start_url = u\n";
        parse(config, true, &mut profiles);
        let credentials = "[default]\naws_access_key_id=AK\nAWS_SECRET_ACCESS_KEY = a=b+/#c\n";
        parse(credentials, false, &mut profiles);
        let get = |name: &str, key: &str| {
            let profile = profiles.get(name).expect("a profile");
            profile.get(key).map(|value| value.expose().to_owned())
        };
        assert_eq!(get("default", "aws_access_key_id").as_deref(), Some("AK"));
        assert_eq!(
            get("default", "aws_secret_access_key").as_deref(),
            Some("a=b+/#c")
        );
        assert_eq!(get("default", "region").as_deref(), Some("eu-west-1"));
        assert_eq!(get("default", "role_arn"), None);
        assert_eq!(
            get("prod", "role_arn").as_deref(),
            Some("arn:aws:iam::1:role/r")
        );
        assert_eq!(profiles.len(), 2, "{:?}", profiles.keys());
    }
}
