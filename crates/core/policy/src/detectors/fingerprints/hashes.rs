//! Lists of salted hashes.
//!
//! The first line is `tollgate-fingerprints 1` and a word that only this salt gives. Each
//! further line is a record: 16 bytes of its HMAC-SHA-256, then 4 bytes of what a scan
//! may know beforehand, sealed; in hexadecimal.

use hmac::digest::Key;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::{LETTERS_MAX, LETTERS_MIN, wrong};
use crate::detectors::DetectorError;
use crate::hex::{hex, unhex};

const REMADE: &str = "make it with `tollgate fingerprints` and this salt";

const HEADER: &str = "tollgate-fingerprints 1 ";

/// How many bytes of a hash are kept: two of all records of the world do not meet.
const HASH_BYTES: usize = 16;

const HINT_BYTES: usize = 4;

/// How many first letters a scan knows beforehand.
pub(super) const PREFIX_LETTERS: usize = LETTERS_MIN;

/// Bits of the hash of a prefix; the rest of a hint is the number of letters.
const PREFIX_BITS: u32 = 26;

/// The hash of a record.
pub(super) type Hash = [u8; HASH_BYTES];

/// What a scan may know of a record beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hint {
    /// Of its first letters.
    pub(super) prefix: u32,
    /// How many letters it has.
    pub(super) letters: u32,
}

impl Hint {
    const fn packed(self) -> u32 {
        self.letters << PREFIX_BITS | self.prefix
    }

    const fn unpacked(bits: u32) -> Self {
        Self {
            prefix: bits & ((1 << PREFIX_BITS) - 1),
            letters: bits >> PREFIX_BITS,
        }
    }
}

/// The salt, ready for use.
#[derive(Clone)]
pub(super) struct Salt {
    mac: Hmac<Sha256>,
    /// Keys of the hash of prefixes.
    prefix_keys: [u64; 2],
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt")
    }
}

/// What a hash is of. No text has the first byte of the others.
const OF_KEYS: &[u8] = &[0];
const OF_HINT: &[u8] = &[1];
const OF_HEADER: &[u8] = &[2];

impl Salt {
    /// The salt that a secret is: the key of the HMAC is the SHA-256 of it.
    pub(super) fn of_secret(secret: &[u8]) -> Self {
        Self::of_key(Sha256::digest(secret).as_ref())
    }

    pub(super) fn of_key(key: &[u8]) -> Self {
        // Every length of key is allowed, so there is always one.
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(key)
            .unwrap_or_else(|_| <Hmac<Sha256> as Mac>::new(&Key::<Hmac<Sha256>>::default()));
        let mut salt = Self {
            mac,
            prefix_keys: [0; 2],
        };
        let bytes = salt.hash([OF_KEYS]);
        let (halves, _none) = bytes.as_chunks();
        if let [first, second] = halves {
            // Even factors would lose bits.
            salt.prefix_keys = [
                u64::from_le_bytes(*first) | 1,
                u64::from_le_bytes(*second) | 1,
            ];
        }
        salt
    }

    /// The first bytes of the HMAC of some parts.
    fn hash<'p>(&self, parts: impl IntoIterator<Item = &'p [u8]>) -> Hash {
        let mut mac = self.mac.clone();
        parts.into_iter().for_each(|part| mac.update(part));
        let bytes = mac.finalize().into_bytes();
        bytes.first_chunk().copied().unwrap_or_default()
    }

    /// The hash of letters and digits in their normal form.
    pub(super) fn hash_of(&self, letters: &[char]) -> Hash {
        let mut text = [0; LETTERS_MAX * 4];
        let mut length = 0;
        for letter in letters {
            let Some(room) = text.get_mut(length..).filter(|room| room.len() >= 4) else {
                break;
            };
            length += letter.encode_utf8(room).len();
        }
        self.hash([text.get(..length).unwrap_or_default()])
    }

    /// The hash of the first letters.
    #[inline]
    pub(super) fn prefix(&self, letters: &[char; PREFIX_LETTERS]) -> u32 {
        let [a, b, c, d] = letters.map(u64::from);
        let [first, second] = self.prefix_keys;
        let mixed = (a | b << 32).wrapping_mul(first) ^ (c | d << 32).wrapping_mul(second);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(first);
        u32::try_from(mixed >> (64 - PREFIX_BITS)).unwrap_or_default()
    }

    /// The record of letters and digits in their normal form.
    pub(super) fn record(&self, letters: &[char]) -> (Hash, Hint) {
        let prefix = letters.first_chunk().map_or(0, |first| self.prefix(first));
        let hint = Hint {
            prefix,
            letters: u32::try_from(letters.len()).unwrap_or(u32::MAX),
        };
        (self.hash_of(letters), hint)
    }

    /// What hides the hint of a record.
    fn seal(&self, hash: &Hash) -> u32 {
        let seal = self.hash([OF_HINT, hash]);
        seal.first_chunk().copied().map_or(0, u32::from_le_bytes)
    }

    fn header(&self) -> String {
        let own = self.hash([OF_HEADER]);
        format!("{HEADER}{}", hex(own.get(..8).unwrap_or_default()))
    }
}

/// The records of a list, sealed.
#[derive(Debug)]
pub(super) struct Hashes {
    header: String,
    records: Vec<(Hash, [u8; HINT_BYTES])>,
}

impl Hashes {
    pub(super) fn read(text: &str) -> Result<Self, DetectorError> {
        let mut lines = text.lines().map(str::trim_end);
        let header = lines.next().unwrap_or_default();
        if !header.starts_with(HEADER) {
            return Err(wrong("this is no list of fingerprints", REMADE));
        }
        let lines = lines.enumerate().filter(|(_, line)| !line.is_empty());
        let records = lines.map(|(index, line)| {
            record(line).ok_or_else(|| {
                let message = format!("line {} of this list is no record", index + 2);
                wrong(&message, REMADE)
            })
        });
        Ok(Self {
            header: header.to_owned(),
            records: records.collect::<Result<_, DetectorError>>()?,
        })
    }

    pub(super) const fn len(&self) -> usize {
        self.records.len()
    }

    /// The records with their hints.
    pub(super) fn opened(&self, salt: &Salt) -> Result<Vec<(Hash, Hint)>, DetectorError> {
        if self.header != salt.header() {
            return Err(wrong("this list was made with another salt", REMADE));
        }
        let records = self.records.iter().map(|(hash, sealed)| {
            let bits = u32::from_le_bytes(*sealed) ^ salt.seal(hash);
            (*hash, Hint::unpacked(bits))
        });
        Ok(records.collect())
    }
}

/// A list of records.
pub(super) fn write(mut records: Vec<(Hash, Hint)>, salt: &Salt) -> String {
    records.sort_unstable();
    records.dedup();
    let mut text = salt.header();
    text.push('\n');
    for (hash, hint) in records {
        let sealed = hint.packed() ^ salt.seal(&hash);
        text.push_str(&hex(&hash));
        text.push_str(&hex(&sealed.to_le_bytes()));
        text.push('\n');
    }
    text
}

/// One record of a list.
fn record(line: &str) -> Option<(Hash, [u8; HINT_BYTES])> {
    let bytes: [u8; HASH_BYTES + HINT_BYTES] = unhex(line)?.try_into().ok()?;
    Some((*bytes.first_chunk()?, *bytes.last_chunk()?))
}
