//! What replacements need: keys, and the originals that placeholders stand for.
//!
//! A vault lives as long as the exchange: the machine of the request fills it, that of
//! the answer reads it. What is in it is never printed.
//! Bounds: 10,000 originals and 1 MiB of text; what comes beyond gets a label that
//! nothing brings back.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aes_gcm_siv::aead::{Aead, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::hex::{hex, unhex};

/// How many originals one exchange may have.
const ORIGINALS_MAX: usize = 10_000;

/// How much text they may have together.
const ORIGINAL_BYTES_MAX: usize = 1024 * 1024;

/// How long a nonce is, in bytes.
pub const NONCE_BYTES: usize = 12;

/// How many bytes of a keyed hash are shown: enough that two values of one company do
/// not meet by chance.
const HASH_BYTES: usize = 8;

/// Which key a style uses: an index into [`Keys`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyId(pub usize);

/// The keys of a configuration, resolved.
#[derive(Default)]
pub struct Keys(Vec<[u8; 32]>);

impl Keys {
    /// Keys made of secrets of any length, in the order of their [`KeyId`]s.
    #[must_use]
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Self {
        Self(
            secrets
                .into_iter()
                .map(|secret| Sha256::digest(secret).into())
                .collect(),
        )
    }

    /// A key, for a detector of its own use.
    pub(crate) fn bytes(&self, id: KeyId) -> Option<&[u8; 32]> {
        self.0.get(id.0)
    }

    /// A keyed hash of `text`, in hexadecimal; `None` without the key.
    pub(crate) fn hash(&self, id: KeyId, text: &[u8]) -> Option<String> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.0.get(id.0)?).ok()?;
        mac.update(text);
        Some(hex(mac.finalize().into_bytes().get(..HASH_BYTES)?))
    }

    /// `text` encrypted, in hexadecimal; the same for the same text. `None` without the
    /// key.
    pub(crate) fn encrypt(&self, id: KeyId, text: &[u8]) -> Option<String> {
        // AES-GCM-SIV keeps its promises under a fixed nonce, but for showing that two
        // texts are equal, which is wanted here.
        let cipher = Aes256GcmSiv::new_from_slice(self.0.get(id.0)?).ok()?;
        let sealed = cipher.encrypt(&Nonce::default(), text).ok()?;
        Some(hex(&sealed))
    }

    /// What [`Keys::encrypt`] made of a text, undone; `None` where it is not of this key.
    #[must_use]
    pub fn decrypt(&self, id: KeyId, sealed: &str) -> Option<Vec<u8>> {
        let cipher = Aes256GcmSiv::new_from_slice(self.0.get(id.0)?).ok()?;
        cipher
            .decrypt(&Nonce::default(), unhex(sealed)?.as_slice())
            .ok()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

/// The keys, and what placeholders stand for. A copy shares both until one of them takes
/// in something new.
#[derive(Clone, Default)]
pub struct Vault {
    keys: Arc<Keys>,
    originals: Option<Arc<Originals>>,
}

/// What placeholders stand for.
#[derive(Clone, Default)]
struct Originals {
    /// By label and text.
    placeholders: HashMap<Box<[u8]>, Box<str>>,
    /// By placeholder.
    texts: HashMap<Box<str>, Box<[u8]>>,
    /// How many there are with a label.
    counts: HashMap<Box<str>, usize>,
    bytes: usize,
}

impl Originals {
    /// Takes in a pair, unless the placeholder stands for something already.
    fn add(&mut self, placeholder: &str, text: &[u8]) {
        let Some((stem, number)) = placeholder
            .strip_suffix(']')
            .and_then(|p| p.rsplit_once('_'))
        else {
            return;
        };
        let bytes = self.bytes.saturating_add(text.len());
        let is_full = self.texts.len() >= ORIGINALS_MAX || bytes > ORIGINAL_BYTES_MAX;
        if is_full || self.texts.contains_key(placeholder) {
            return;
        }
        let label = format!("{stem}]");
        let number: usize = number.parse().unwrap_or_default();
        let count = self.counts.entry(label.as_str().into()).or_default();
        *count = number.max(*count);
        self.bytes = bytes;
        self.texts.insert(placeholder.into(), text.into());
        self.placeholders
            .insert(key_of(&label, text), placeholder.into());
    }
}

/// What a placeholder is found by.
fn key_of(label: &str, text: &[u8]) -> Box<[u8]> {
    [label.as_bytes(), b"\0", text].concat().into()
}

/// The next part of what was sealed, without its length.
fn part<'o>(rest: &mut &'o [u8]) -> Option<&'o [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (part, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = after;
    Some(part)
}

impl Vault {
    /// An empty vault.
    #[must_use]
    pub fn new(keys: Arc<Keys>) -> Self {
        Self {
            keys,
            ..Self::default()
        }
    }

    /// True when no placeholder stands for anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.originals
            .as_ref()
            .is_none_or(|originals| originals.texts.is_empty())
    }

    /// Lets a placeholder, `[ENTITY_1]`, stand for a text, unless it stands for one already.
    pub fn remember(&mut self, placeholder: &str, text: &[u8]) {
        Arc::make_mut(self.originals.get_or_insert_default()).add(placeholder, text);
    }

    /// The originals, encrypted with a key that nobody else has. `nonce` must be another
    /// one each time.
    #[must_use]
    pub fn seal(&self, key: &[u8; 32], nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        let mut open = Vec::new();
        for (placeholder, text) in self.originals.iter().flat_map(|originals| &originals.texts) {
            for part in [placeholder.as_bytes(), text] {
                let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
                open.extend_from_slice(&length.to_le_bytes());
                open.extend_from_slice(part);
            }
        }
        let sealed = Aes256GcmSiv::new(key.into()).encrypt(&nonce.into(), open.as_slice());
        // It fails for texts of 64 GiB; there is nothing to bring back then.
        [nonce.as_slice(), &sealed.unwrap_or_default()].concat()
    }

    /// Takes in what was sealed. A placeholder that stands for something here keeps it.
    pub fn unseal(&mut self, key: &[u8; 32], sealed: &[u8]) {
        let Some((nonce, sealed)) = sealed.split_first_chunk::<NONCE_BYTES>() else {
            return;
        };
        let cipher = Aes256GcmSiv::new(key.into());
        let Ok(open) = cipher.decrypt(nonce.into(), sealed) else {
            return;
        };
        let mut rest = open.as_slice();
        while let (Some(placeholder), Some(text)) = (part(&mut rest), part(&mut rest)) {
            if let Ok(placeholder) = std::str::from_utf8(placeholder) {
                self.remember(placeholder, text);
            }
        }
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// What stands for `text`: the same whenever it comes again. `None` when the vault
    /// is full.
    pub(crate) fn placeholder(&mut self, label: &str, text: &[u8]) -> Option<String> {
        let key = key_of(label, text);
        let originals = self.originals.get_or_insert_default();
        if let Some(known) = originals.placeholders.get(&key) {
            return Some(known.as_ref().to_owned());
        }
        let originals = Arc::make_mut(originals);
        let bytes = originals.bytes.saturating_add(text.len());
        if originals.texts.len() >= ORIGINALS_MAX || bytes > ORIGINAL_BYTES_MAX {
            return None;
        }
        let count = originals.counts.get(label).map_or(1, |count| count + 1);
        let stem = label.strip_suffix(']').unwrap_or(label);
        let placeholder = format!("{stem}_{count}]");
        originals.add(&placeholder, text);
        Some(placeholder)
    }

    /// What a placeholder stands for.
    pub(crate) fn original(&self, placeholder: &[u8]) -> Option<&[u8]> {
        let placeholder = std::str::from_utf8(placeholder).ok()?;
        let originals = self.originals.as_ref()?;
        originals.texts.get(placeholder).map(AsRef::as_ref)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let originals = self
            .originals
            .as_ref()
            .map_or(0, |originals| originals.texts.len());
        write!(f, "Vault({originals} originals)")
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyId, Keys, ORIGINALS_MAX, Vault};

    #[test]
    fn a_text_has_one_placeholder_and_a_placeholder_one_text() {
        let mut vault = Vault::default();
        assert_eq!(vault.placeholder("[SSN]", b"a"), Some("[SSN_1]".to_owned()));
        assert_eq!(vault.placeholder("[SSN]", b"b"), Some("[SSN_2]".to_owned()));
        assert_eq!(vault.placeholder("[SSN]", b"a"), Some("[SSN_1]".to_owned()));
        assert_eq!(vault.placeholder("[URL]", b"a"), Some("[URL_1]".to_owned()));
        assert_eq!(vault.original(b"[SSN_2]"), Some(&b"b"[..]));
        assert_eq!(vault.original(b"[SSN_3]"), None);
        assert!(!format!("{vault:?}").contains('b'));
    }

    #[test]
    fn a_full_vault_takes_nothing_new() {
        let mut vault = Vault::default();
        for number in 0..ORIGINALS_MAX {
            assert!(vault.placeholder("[A]", &number.to_le_bytes()).is_some());
        }
        assert_eq!(vault.placeholder("[A]", b"one more"), None);
        assert!(vault.placeholder("[A]", &0_usize.to_le_bytes()).is_some());
        assert_eq!(Vault::default().placeholder("[A]", &vec![0; 2 << 20]), None);
    }

    #[test]
    fn what_was_sealed_comes_back_and_gives_way_to_what_is_there() {
        let mut first = Vault::default();
        first.placeholder("[SSN]", b"a");
        first.placeholder("[SSN]", b"b");
        let sealed = first.seal(&[7; 32], [1; 12]);
        assert!(!sealed.windows(5).any(|window| window == b"[SSN_"));
        let mut later = Vault::default();
        later.placeholder("[SSN]", b"other");
        later.unseal(&[7; 32], &sealed);
        assert_eq!(later.original(b"[SSN_1]"), Some(&b"other"[..]));
        assert_eq!(later.original(b"[SSN_2]"), Some(&b"b"[..]));
        assert_eq!(later.placeholder("[SSN]", b"b"), Some("[SSN_2]".to_owned()));
        assert_eq!(later.placeholder("[SSN]", b"c"), Some("[SSN_3]".to_owned()));
        for cut in 0..sealed.len() {
            let mut none = Vault::default();
            none.unseal(&[7; 32], &sealed[..cut]);
            none.unseal(&[8; 32], &sealed);
            assert!(none.is_empty());
        }
    }

    #[test]
    fn what_is_encrypted_is_decrypted_with_its_key_only() {
        let keys = Keys::new([&b"one"[..], b"two"]);
        let sealed = keys.encrypt(KeyId(0), b"123-45-6789").unwrap();
        assert_eq!(keys.encrypt(KeyId(0), b"123-45-6789").unwrap(), sealed);
        assert_eq!(keys.decrypt(KeyId(0), &sealed).unwrap(), b"123-45-6789");
        assert_eq!(keys.decrypt(KeyId(1), &sealed), None);
        assert_eq!(keys.decrypt(KeyId(0), "zz"), None);
        assert_eq!(keys.encrypt(KeyId(2), b"x"), None);
        assert_ne!(keys.hash(KeyId(0), b"x"), keys.hash(KeyId(1), b"x"));
        assert_eq!(keys.hash(KeyId(0), b"x").unwrap().len(), 16);
    }
}
