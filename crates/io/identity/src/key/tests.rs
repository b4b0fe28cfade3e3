//! Keys have their form, and every damage to one is noticed.

use proptest::prelude::*;

use super::{GenerateError, KeyError, checksum, generate, hash, hash_text, parse, parse_hash};

/// Made once, so that a change of the form is noticed.
const KEY: &str = "tg_live_a1B2c3D4_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";

fn fixed() -> String {
    let checksum = checksum(KEY.as_bytes());
    format!("{KEY}{}", str::from_utf8(&checksum).expect("ASCII"))
}

#[test]
fn a_generated_key_has_the_documented_form() {
    let new = generate("live").expect("made");
    let key = new.key.expose();
    assert_eq!(key.len(), 3 + 4 + 1 + 8 + 1 + 43 + 6);
    let parsed = parse(key).expect("parses");
    assert_eq!((parsed.env(), parsed.id()), ("live", new.id.as_str()));
    assert_eq!(parse_hash(&new.hash_hex), Some(parsed.hash()));
    assert_eq!(new.hash_hex.len(), "sha256:".len() + 64);
}

#[test]
fn the_checksum_is_the_crc_32_of_everything_before_it() {
    // CRC-32/ISO-HDLC of "123456789" is 0xcbf43926 = 3421780262.
    let digits = checksum(b"123456789");
    let value = digits.iter().fold(0_u64, |sum, digit| {
        let place = super::BASE62
            .iter()
            .position(|known| known == digit)
            .expect("a digit");
        sum * 62 + place as u64
    });
    assert_eq!(value, 3_421_780_262);
}

#[test]
fn two_keys_have_nothing_in_common() {
    let (one, other) = (
        generate("live").expect("made"),
        generate("live").expect("made"),
    );
    assert_ne!(one.id, other.id);
    assert_ne!(one.key, other.key);
}

#[test]
fn an_environment_is_short_lower_case_and_plain() {
    for env in [
        "",
        "Live",
        "a_b",
        "seventeen-letters",
        "12345678901234567",
        "é",
    ] {
        assert_eq!(
            generate(env).map(|key| key.id),
            Err(GenerateError::Env),
            "{env}"
        );
    }
    assert!(generate("a").is_ok() && generate("1234567890123456").is_ok());
}

#[test]
fn a_typo_a_cut_key_and_another_credential_are_told_apart() {
    let key = fixed();
    assert!(parse(&key).is_ok());
    assert_eq!(
        parse(&key.replace("_0123", "_1023")),
        Err(KeyError::Checksum)
    );
    assert_eq!(parse(&key.replace("live", "test")), Err(KeyError::Checksum));
    assert_eq!(parse(&key[..key.len() - 1]), Err(KeyError::Malformed));
    assert_eq!(parse(&format!("{key} ")), Err(KeyError::Malformed));
    assert_eq!(parse("tg_"), Err(KeyError::Malformed));
    assert_eq!(parse("sk-proj-abc"), Err(KeyError::NotAKey));
    assert_eq!(parse(""), Err(KeyError::NotAKey));
}

#[test]
fn a_key_does_not_show_its_secret() {
    let new = generate("live").expect("made");
    let key = new.key.expose().to_owned();
    let secret = &key[17..];
    let shown = format!("{new:?} {:?}", parse(&key).expect("parses"));
    assert!(
        !shown.contains(secret) && !shown.contains(&secret[..10]),
        "{shown}"
    );
}

#[test]
fn a_hash_reads_back_and_anything_else_is_none() {
    let sum = hash("abc");
    let text = hash_text(&sum);
    assert_eq!(
        text,
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(parse_hash(&text), Some(sum));
    assert_eq!(
        parse_hash(&text.to_uppercase().replace("SHA256", "sha256")),
        Some(sum)
    );
    for wrong in [
        "",
        "sha256:",
        &text[7..],
        &text[..70],
        &format!("{text}0"),
        &text.replace("ba", "+a"),
        &text.replace("ba", "é"),
    ] {
        assert_eq!(parse_hash(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn every_changed_character_is_noticed(at in 0..66_usize, to in "[ -~]") {
        let key = fixed();
        let mut damaged = key.clone();
        damaged.replace_range(at..=at, &to);
        prop_assert_eq!(parse(&damaged).is_ok(), damaged == key);
    }

    #[test]
    fn every_swap_of_neighbours_is_noticed(at in 0..65_usize) {
        let key = fixed();
        let mut bytes = key.clone().into_bytes();
        bytes.swap(at, at + 1);
        let swapped = String::from_utf8(bytes).expect("ASCII");
        prop_assert_eq!(parse(&swapped).is_ok(), swapped == key);
    }

    #[test]
    fn no_text_breaks_the_parser(text in any::<String>(), tail in "(tg_)?[a-z0-9_]{0,20}\\PC{0,70}") {
        let _one = parse(&text);
        let _other = parse(&tail);
        let _hash = parse_hash(&text);
    }

    #[test]
    fn every_generated_key_parses(env in "[a-z0-9]{1,16}") {
        let new = generate(&env).expect("made");
        let parsed = parse(new.key.expose()).expect("parses");
        prop_assert_eq!((parsed.env(), parsed.id()), (env.as_str(), new.id.as_str()));
    }
}
