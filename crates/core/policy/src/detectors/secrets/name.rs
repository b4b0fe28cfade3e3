//! What a name says of the value that is given to it.

use smallvec::SmallVec;

use super::words::Words;

/// How far before a sign a name may begin, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 64;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// Nothing of a secret.
    Nothing,
    /// The value is what people type in.
    Password,
    /// The value is a key, a token or another secret.
    Key,
    /// The value is a key of some kind: of a cache, of a map, of a door.
    SomeKey,
}

/// Parts of names of passwords.
static PASSWORDS: Words<12> = Words::new([
    b"password",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"passwort",
    b"kennwort",
    b"contrasea",
    b"contrasena",
    b"motdepasse",
    b"wachtwoord",
    b"senha",
    b"haslo",
]);

/// Ends of names of passwords.
const PASSWORD_ENDS: [&[u8]; 6] = [b"pwd", b"pass", b"psw", b"passw", b"pswd", b"userpw"];

/// Parts of names of keys.
static KEYS: Words<27> = Words::new([
    b"apikey",
    b"secret",
    b"accesskey",
    b"privatekey",
    b"authkey",
    b"signingkey",
    b"encryptionkey",
    b"masterkey",
    b"accountkey",
    b"sharedkey",
    b"servicekey",
    b"licensekey",
    b"licencekey",
    b"deploykey",
    b"appkey",
    b"applicationkey",
    b"clientkey",
    b"sessionkey",
    b"subscriptionkey",
    b"functionskey",
    b"accesstoken",
    b"authtoken",
    b"token",
    b"credential",
    b"authorization",
    b"bearer",
    b"connectionstring",
]);

/// Ends of names of keys.
const KEY_ENDS: [&[u8]; 5] = [b"auth", b"pat", b"jwt", b"creds", b"webhook"];

/// Ends of names of what is made of a secret, or beside one.
const DIGEST_ENDS: [&[u8]; 17] = [
    b"path",
    b"file",
    b"url",
    b"hash",
    b"sha",
    b"sha1",
    b"sha256",
    b"sha512",
    b"md5",
    b"digest",
    b"checksum",
    b"fingerprint",
    b"etag",
    b"commit",
    b"version",
    b"uuid",
    b"guid",
];

/// Ends of names that speak about a secret, or of other things.
const OTHER_ENDS: [&[u8]; 41] = [
    b"id",
    b"ids",
    b"name",
    b"names",
    b"filename",
    b"dir",
    b"uri",
    b"endpoint",
    b"host",
    b"count",
    b"length",
    b"len",
    b"size",
    b"limit",
    b"type",
    b"hint",
    b"policy",
    b"expiry",
    b"expires",
    b"expiration",
    b"ttl",
    b"regex",
    b"pattern",
    b"format",
    b"error",
    b"message",
    b"hashed",
    b"label",
    b"title",
    b"description",
    b"placeholder",
    b"column",
    b"table",
    b"index",
    b"field",
    b"nonce",
    b"salt",
    b"tokens",
    b"usage",
    b"status",
    b"rotation",
];

/// Names of other keys and tokens.
static OTHERS: Words<33> = Words::new([
    b"publickey",
    b"primarykey",
    b"foreignkey",
    b"cachekey",
    b"sortkey",
    b"partitionkey",
    b"idempotency",
    b"objectkey",
    b"s3key",
    b"dedup",
    b"rowkey",
    b"shardkey",
    b"routingkey",
    b"hashkey",
    b"groupkey",
    b"translationkey",
    b"publishable",
    b"hostkey",
    b"sitekey",
    b"nexttoken",
    b"nextpage",
    b"pagetoken",
    b"continuation",
    b"synctoken",
    b"resumetoken",
    b"csrf",
    b"xsrf",
    b"tokeniz",
    b"keyword",
    b"keyboard",
    b"maxtoken",
    b"mintoken",
    b"requestid",
]);

/// Further ends of names that no key of a service has.
const NO_KEY_ENDS: [&[u8]; 3] = [b"revision", b"traceid", b"requestid"];

/// A name in small letters and digits only.
#[derive(Debug)]
pub(super) struct Name(SmallVec<[u8; NAME_BYTES_MAX]>);

impl Name {
    /// Of this text.
    pub(super) fn new(text: &[u8]) -> Self {
        let plain = text.iter().filter(|byte| byte.is_ascii_alphanumeric());
        Self(plain.map(u8::to_ascii_lowercase).collect())
    }

    /// Whether it names a digest, a version or the like.
    pub(super) fn is_digest(&self) -> bool {
        ends_with(&self.0, &DIGEST_ENDS) || ends_with(&self.0, &NO_KEY_ENDS)
    }

    /// What it says.
    pub(super) fn says(&self) -> Says {
        let numbers = self.0.iter().rev().take_while(|byte| byte.is_ascii_digit());
        let end = self.0.len() - numbers.count();
        let bare = self.0.get(..end).unwrap_or_default();
        let says = if PASSWORDS.is_in(bare) || ends_with(bare, &PASSWORD_ENDS) {
            Says::Password
        } else if KEYS.is_in(bare) || ends_with(bare, &KEY_ENDS) {
            Says::Key
        } else if bare.ends_with(b"key") {
            Says::SomeKey
        } else {
            return Says::Nothing;
        };
        if ends_with(&self.0, &DIGEST_ENDS)
            || ends_with(&self.0, &OTHER_ENDS)
            || OTHERS.is_in(&self.0)
        {
            return Says::Nothing;
        }
        says
    }
}

fn ends_with(name: &[u8], ends: &[&[u8]]) -> bool {
    let last = name.last();
    ends.iter()
        .any(|end| end.last() == last && name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::{Name, Says};

    #[test]
    fn names_say_what_they_name() {
        for (name, says) in [
            ("DB_PASSWORD", Says::Password),
            ("spring.datasource.password", Says::Password),
            ("userPwd", Says::Password),
            ("password_1", Says::Password),
            ("API-Key", Says::Key),
            ("client_secret", Says::Key),
            ("My secret access key is", Says::Key),
            ("X-Auth-Token", Says::Key),
            ("encryption key", Says::Key),
            ("STORAGE_KEY", Says::SomeKey),
            ("primary_key", Says::Nothing),
            ("password_hash", Says::Nothing),
            ("max_tokens", Says::Nothing),
            ("nextToken", Says::Nothing),
            ("secret_name", Says::Nothing),
            ("color", Says::Nothing),
            ("compass", Says::Password),
        ] {
            assert_eq!(Name::new(name.as_bytes()).says(), says, "{name}");
        }
    }
}
