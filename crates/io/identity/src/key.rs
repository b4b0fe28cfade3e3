//! The form of a key: making one, and telling a typo from a stranger's key.
//!
//! `tg_<env>_<id>_<secret><checksum>`: `env` 1 to 16 of `[a-z0-9]`, `id` 8, `secret` 43
//! and `checksum` 6 of `[0-9A-Za-z]`. The secret has 256 bits. The checksum is the
//! CRC-32 (IEEE) of everything before it, so that a scanner can tell a key from noise
//! without asking anyone; it protects against typing, not against forging.

use sha2::{Digest, Sha256};
use tollgate_types::Secret;

/// Begins every key.
pub(crate) const PREFIX: &str = "tg_";
const ENV_BYTES_MAX: usize = 16;
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 43;
const CHECKSUM_BYTES: usize = 6;
const TAIL_BYTES: usize = SECRET_BYTES + CHECKSUM_BYTES;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key that was just made. `key` is shown once and kept nowhere.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The key.
    pub key: Secret,
    /// Its public part: names the key in configurations, logs and metrics.
    pub id: String,
    /// `sha256:` and 64 hexadecimal digits, for the configuration.
    pub hash_hex: String,
}

/// No key could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// The environment is not 1 to 16 of `[a-z0-9]`.
    #[error("an environment is 1 to 16 lower-case letters or digits")]
    Env,
    /// The system gave no random bits.
    #[error("the system gave no random bits")]
    Random(#[from] getrandom::Error),
}

/// A text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It does not begin with `tg_`: some other credential.
    #[error("not a gateway key: it does not begin with `tg_`")]
    NotAKey,
    /// It begins like a key and has another shape: cut off, or with something added.
    #[error("not a complete gateway key")]
    Malformed,
    /// It has the shape of a key and a character is wrong.
    #[error("the gateway key has a typing error: its checksum does not match")]
    Checksum,
}

/// A text in the form of a key. Whether anyone issued it is the keyring's question.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PresentedKey<'a> {
    whole: &'a str,
    env: &'a str,
    id: &'a str,
}

impl<'a> PresentedKey<'a> {
    /// The environment it was made for.
    #[must_use]
    pub const fn env(&self) -> &'a str {
        self.env
    }

    /// The public part; may be logged.
    #[must_use]
    pub const fn id(&self) -> &'a str {
        self.id
    }

    /// SHA-256 of the whole key.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(self.whole)
    }
}

/// Shows the public parts only.
impl std::fmt::Debug for PresentedKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PresentedKey(tg_{}_{}_…)", self.env, self.id)
    }
}

/// Makes a key for an environment (`live`, `test` …).
///
/// # Errors
/// When `env` is not 1 to 16 of `[a-z0-9]`, or the system gives no random bits.
pub fn generate(env: &str) -> Result<NewKey, GenerateError> {
    if !is_env(env) {
        return Err(GenerateError::Env);
    }
    let id = random_base62(ID_BYTES)?;
    let secret = Secret::new(random_base62(SECRET_BYTES)?);
    // The full capacity at once: growing would leave copies of the secret behind.
    let mut key = String::with_capacity(PREFIX.len() + env.len() + 1 + ID_BYTES + 1 + TAIL_BYTES);
    for part in [PREFIX, env, "_", &id, "_", secret.expose()] {
        key.push_str(part);
    }
    let checksum = checksum(key.as_bytes());
    key.extend(checksum.iter().map(|byte| char::from(*byte)));
    let key = Secret::new(key);
    let hash_hex = hash_text(&hash(key.expose()));
    Ok(NewKey { key, id, hash_hex })
}

/// Reads the form of a key and checks its checksum.
///
/// # Errors
/// [`KeyError`], by how far the text is from a key.
pub fn parse(text: &str) -> Result<PresentedKey<'_>, KeyError> {
    let rest = text.strip_prefix(PREFIX).ok_or(KeyError::NotAKey)?;
    let (env, rest) = rest.split_once('_').ok_or(KeyError::Malformed)?;
    let (id, tail) = rest.split_once('_').ok_or(KeyError::Malformed)?;
    if !is_env(env) || !is_base62(id, ID_BYTES) || !is_base62(tail, TAIL_BYTES) {
        return Err(KeyError::Malformed);
    }
    let (before, found) = text
        .as_bytes()
        .split_last_chunk::<CHECKSUM_BYTES>()
        .ok_or(KeyError::Malformed)?;
    if checksum(before) != *found {
        return Err(KeyError::Checksum);
    }
    Ok(PresentedKey {
        whole: text,
        env,
        id,
    })
}

/// SHA-256 of a whole key. `sha2` uses the processor's SHA instructions where it has them.
#[must_use]
pub fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// Reads `sha256:` and 64 hexadecimal digits, as configurations write a hash.
#[must_use]
pub fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:")?.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = str::from_utf8(pair)
            .ok()
            .filter(|pair| !pair.starts_with('+'))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(hash)
}

fn hash_text(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::from("sha256:"), |mut text, byte| {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn is_env(env: &str) -> bool {
    (1..=ENV_BYTES_MAX).contains(&env.len())
        && env
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_base62(text: &str, bytes: usize) -> bool {
    text.len() == bytes && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The CRC-32 as six base-62 digits, highest first; 62⁶ is more than 2³².
fn checksum(before: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut rest = crc32fast::hash(before);
    let mut digits = [b'0'; CHECKSUM_BYTES];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// Uniform random characters: bytes that would favour some of them are thrown away.
fn random_base62(length: usize) -> Result<String, GenerateError> {
    const FAIR_BELOW: u8 = 248;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0_u8; 64];
        getrandom::fill(&mut bytes)?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR_BELOW);
        text.extend(
            fair.take(length - text.len())
                .map(|byte| char::from(BASE62[usize::from(byte % 62)])),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
