//! Addresses of crypto-currencies that carry a check.
//!
//! `Base58Check` with the version bytes of Bitcoin, Litecoin, Dogecoin, Dash and Tron;
//! bech32 and bech32m (BIP 173, BIP 350) of Bitcoin and Litecoin; Ethereum, whose
//! capitals are a check (EIP-55) unless all letters are of one case.

mod keccak;

use sha2::{Digest, Sha256};

use super::reading::{Lengths, Reading, Spot};
use super::shape::Undecided;
use keccak::keccak256;

/// From the shortest of bech32 to its longest.
pub(super) const LENGTHS: Lengths = Lengths::between(14, 64);

/// Reads the word as an address.
pub(super) fn read(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    let word = spot.word();
    let score = match word {
        [b'0', b'x' | b'X', hex @ ..] if hex.len() == 40 => ethereum(hex),
        [
            b'1' | b'3' | b'L' | b'M' | b'D' | b'A' | b'9' | b'X' | b'T',
            ..,
        ] if (26..=35).contains(&word.len()) && is_base58check(word) => Some(100),
        _ if is_segwit(word) => Some(100),
        _ => None,
    };
    Ok(score.map(|score| Reading {
        start: spot.word,
        end: spot.word + word.len(),
        score,
        checked: score == 100,
    }))
}

/// First bytes of addresses: Bitcoin, Litecoin, Dogecoin, Dash, Tron.
const VERSIONS: [u8; 9] = [0x00, 0x05, 0x30, 0x32, 0x1e, 0x16, 0x4c, 0x10, 0x41];

fn is_base58check(word: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0_u8; 25];
    for letter in word {
        let Some(digit) = ALPHABET.iter().position(|known| known == letter) else {
            return false;
        };
        let mut carry = u32::try_from(digit).unwrap_or(0);
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return false;
        }
    }
    let (body, check) = bytes.split_at(21);
    let known = bytes
        .first()
        .is_some_and(|version| VERSIONS.contains(version));
    known && Sha256::digest(Sha256::digest(body)).starts_with(check)
}

/// Whether the word is a bech32 address: the part behind the prefix has a right check.
fn is_segwit(word: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let prefixes: [&[u8]; 3] = [b"bc", b"ltc", b"tb"];
    let Some(prefix) = prefixes.into_iter().find(|prefix| {
        word.get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
            && word.get(prefix.len()) == Some(&b'1')
    }) else {
        return false;
    };
    let small = word.iter().any(u8::is_ascii_lowercase);
    if small && word.iter().any(u8::is_ascii_uppercase) {
        return false;
    }
    let high = prefix.iter().map(|byte| u32::from(byte >> 5));
    let low = prefix.iter().map(|byte| u32::from(byte & 31));
    let mut check = high.chain([0]).chain(low).fold(1, polymod);
    for byte in word.iter().skip(prefix.len() + 1) {
        let byte = byte.to_ascii_lowercase();
        let Some(digit) = ALPHABET.iter().position(|known| *known == byte) else {
            return false;
        };
        check = polymod(check, u32::try_from(digit).unwrap_or(0));
    }
    matches!(check, 1 | 0x2bc8_30a3)
}

/// One step of the check of BIP 173.
fn polymod(check: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let top = check >> 25;
    let shifted = ((check & 0x01ff_ffff) << 5) ^ value;
    GENERATOR
        .iter()
        .enumerate()
        .fold(shifted, |check, (bit, generator)| {
            if top >> bit & 1 == 1 {
                check ^ generator
            } else {
                check
            }
        })
}

/// How sure an Ethereum address is: certain with right capitals, likely without any.
fn ethereum(hex: &[u8]) -> Option<u8> {
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let small = hex.iter().any(u8::is_ascii_lowercase);
    if !small || !hex.iter().any(u8::is_ascii_uppercase) {
        return Some(60);
    }
    let hash = keccak256(&hex.to_ascii_lowercase());
    let right = hex.iter().enumerate().all(|(place, byte)| {
        let pair = hash.get(place / 2).copied().unwrap_or(0);
        let nibble = if place % 2 == 0 { pair >> 4 } else { pair & 15 };
        !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble > 7)
    });
    right.then_some(100)
}

#[cfg(test)]
mod tests {
    use super::{ethereum, is_base58check, is_segwit};

    #[test]
    fn base58_addresses_have_a_right_check() {
        for address in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ] {
            assert!(is_base58check(address.as_bytes()), "{address}");
        }
        assert!(!is_base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert!(!is_base58check(b"1111111111111111111111111111111"));
        assert!(!is_base58check(b"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"));
    }

    #[test]
    fn bech32_addresses_have_a_right_check() {
        for address in [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ] {
            assert!(is_segwit(address.as_bytes()), "{address}");
        }
        assert!(!is_segwit(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
        assert!(!is_segwit(b"bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
    }

    #[test]
    fn capitals_of_ethereum_addresses_are_a_check() {
        let right = b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        assert_eq!(ethereum(right), Some(100));
        assert_eq!(ethereum(b"5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), None);
        assert_eq!(ethereum(&right.to_ascii_lowercase()), Some(60));
        assert_eq!(ethereum(b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"), None);
    }
}
