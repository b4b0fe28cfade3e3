//! The keys that were issued, and the check of a presented one.
//!
//! An entry is found by the key's public id, then SHA-256 of the whole key is compared
//! in constant time. An unknown id costs the same hash and the same comparison, and
//! gives the same error as a wrong secret, so that neither time nor answer says which
//! ids exist. Expiry is looked at only once the secret is proven.

use std::collections::HashMap;
use std::sync::Arc;

use subtle::ConstantTimeEq;

use crate::key::{KeyError, parse};
use crate::scope::ModelScope;

/// An issued key.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    /// The key's public part: 8 of `[0-9A-Za-z]`.
    pub id: Arc<str>,
    /// SHA-256 of the whole key.
    pub hash: [u8; 32],
    /// The service that calls with it.
    pub service: Arc<str>,
    /// The service's team.
    pub team: Option<Arc<str>>,
    /// Seconds since the Unix epoch from which on it is refused. `None`: never.
    pub expires_unix_s: Option<u64>,
    /// The models it may use: its own scope and its service's.
    pub models: ModelScope,
}

/// The entries do not make a keyring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// An id is not 8 of `[0-9A-Za-z]`.
    #[error("`{0}` is not a key id: 8 letters or digits are")]
    Id(Arc<str>),
    /// Two entries have the same id.
    #[error("two keys have the id `{0}`")]
    Duplicate(Arc<str>),
}

/// A presented credential is not a valid key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// It has not the form of a key; nothing was looked up.
    #[error(transparent)]
    Form(#[from] KeyError),
    /// Nobody has this key: its id is not known, or its secret is wrong.
    #[error("unknown gateway key")]
    Unknown,
    /// It was valid once.
    #[error("the gateway key has expired")]
    Expired,
}

type Id = [u8; 8];

/// All issued keys, immutable; a reload makes a new one.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    entries: HashMap<Id, KeyEntry>,
}

/// Compared against when the id is unknown. No key is known to have this hash.
const NOBODY: [u8; 32] = [0; 32];

impl Keyring {
    /// A keyring of these entries.
    ///
    /// # Errors
    /// When an id is malformed or occurs twice.
    pub fn new(entries: impl IntoIterator<Item = KeyEntry>) -> Result<Self, KeyringError> {
        let mut keyring = Self::default();
        for entry in entries {
            let id = id_bytes(&entry.id).ok_or_else(|| KeyringError::Id(Arc::clone(&entry.id)))?;
            if let Some(other) = keyring.entries.insert(id, entry) {
                return Err(KeyringError::Duplicate(other.id));
            }
        }
        Ok(keyring)
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Finds the entry of a presented key.
    ///
    /// # Errors
    /// [`AuthError::Form`] for what is no key, [`AuthError::Unknown`] for a key that was
    /// not issued, [`AuthError::Expired`] from `expires_unix_s` on.
    pub fn authenticate(&self, presented: &str, now_unix_s: u64) -> Result<&KeyEntry, AuthError> {
        let presented = parse(presented)?;
        let entry = id_bytes(presented.id()).and_then(|id| self.entries.get(&id));
        let expected = entry.map_or(&NOBODY, |entry| &entry.hash);
        let is_same = bool::from(presented.hash().ct_eq(expected));
        let entry = entry.filter(|_| is_same).ok_or(AuthError::Unknown)?;
        if entry
            .expires_unix_s
            .is_some_and(|expires| now_unix_s >= expires)
        {
            return Err(AuthError::Expired);
        }
        Ok(entry)
    }
}

fn id_bytes(id: &str) -> Option<Id> {
    let bytes = Id::try_from(id.as_bytes()).ok()?;
    bytes.iter().all(u8::is_ascii_alphanumeric).then_some(bytes)
}

#[cfg(test)]
mod tests;
