//! What a name says of the value that is given to it.

use aho_corasick::BuildError;
use aho_corasick::dfa::DFA;

use super::reader::Reader;
use super::seen::Reads;

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
const PASSWORDS: [&[u8]; 12] = [
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
];

/// Ends of names of passwords.
const PASSWORD_ENDS: [&[u8]; 6] = [b"pwd", b"pass", b"psw", b"passw", b"pswd", b"userpw"];

/// Parts of names of keys.
const KEYS: [&[u8]; 27] = [
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
];

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
const OTHERS: [&[u8]; 33] = [
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
];

/// Further ends of names that no key of a service has.
const NO_KEY_ENDS: [&[u8]; 3] = [b"revision", b"traceid", b"requestid"];

/// What a word in a name is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Password,
    Key,
    Other,
}

impl Part {
    /// The word of this index.
    const fn of(index: usize) -> Self {
        if index < PASSWORDS.len() {
            Self::Password
        } else if index < PASSWORDS.len() + KEYS.len() {
            Self::Key
        } else {
            Self::Other
        }
    }
}

/// What names are told by: all words, in the order of [`Part::of`].
#[derive(Debug)]
pub(super) struct Names(DFA);

impl Names {
    pub(super) fn new() -> Result<Self, BuildError> {
        let words = PASSWORDS.iter().chain(&KEYS).chain(&OTHERS);
        let mut builder = DFA::builder();
        builder.ascii_case_insensitive(true).prefilter(false);
        builder.build(words).map(Self)
    }

    /// Reads the name that stands between two places.
    pub(super) fn read<'t>(
        &self,
        reader: &mut Reader<'t>,
        (start, end): (usize, usize),
    ) -> Name<'t> {
        let text = reader.slice(start, end);
        // Numbers at its end say nothing.
        let letter = text.iter().rposition(u8::is_ascii_alphabetic);
        let bare = letter.map_or(0, |letter| letter + 1);
        let (mut password, mut key, mut other) = (false, false, false);
        let words = (&self.0, Reads::LettersAndDigits);
        for word in reader.names.words(words, reader.text, (start, end)) {
            match Part::of(word.index) {
                Part::Other => other = true,
                Part::Password => password |= word.end <= start + bare,
                Part::Key => key |= word.end <= start + bare,
            }
        }
        let bare = text.get(..bare).unwrap_or_default();
        let says = if password || ends_with(bare, &PASSWORD_ENDS) {
            Says::Password
        } else if key || ends_with(bare, &KEY_ENDS) {
            Says::Key
        } else if ends_with(bare, &[b"key"]) {
            Says::SomeKey
        } else {
            Says::Nothing
        };
        let is_other = says != Says::Nothing
            && (other || ends_with(text, &DIGEST_ENDS) || ends_with(text, &OTHER_ENDS));
        Name {
            says: if is_other { Says::Nothing } else { says },
            text,
        }
    }
}

/// A name, of which only letters and digits count.
#[derive(Debug)]
pub(super) struct Name<'t> {
    says: Says,
    text: &'t [u8],
}

impl Name<'_> {
    /// Whether it names a digest, a version or the like.
    pub(super) fn is_digest(&self) -> bool {
        ends_with(self.text, &DIGEST_ENDS) || ends_with(self.text, &NO_KEY_ENDS)
    }

    /// What it says.
    pub(super) const fn says(&self) -> Says {
        self.says
    }
}

/// Whether a name, of which only letters and digits count, ends with one of these.
fn ends_with(name: &[u8], ends: &[&[u8]]) -> bool {
    let read = name
        .iter()
        .rev()
        .filter(|byte| byte.is_ascii_alphanumeric());
    let mut read = read.map(u8::to_ascii_lowercase);
    let Some(last) = read.next() else {
        return false;
    };
    ends.iter().any(|end| {
        let mut read = read.clone();
        end.split_last().is_some_and(|(own, before)| {
            *own == last && before.iter().rev().all(|byte| read.next() == Some(*byte))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Names, Says};
    use crate::detectors::secrets::reader::Reader;

    #[test]
    fn names_say_what_they_name() {
        let names = Names::new().unwrap();
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
            let mut reader = Reader::new(name.as_bytes(), true);
            let read = names.read(&mut reader, (0, name.len()));
            assert_eq!(read.says(), says, "{name}");
        }
    }
}
