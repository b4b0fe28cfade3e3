//! Only the whole key opens, until it expires.

use std::sync::Arc;

use super::{AuthError, KeyEntry, Keyring, KeyringError};
use crate::key::{KeyError, NewKey, generate, parse_hash};
use crate::scope::ModelScope;

fn issued(service: &str, expires_unix_s: Option<u64>) -> (NewKey, KeyEntry) {
    let new = generate("test").expect("made");
    let entry = KeyEntry {
        id: new.id.as_str().into(),
        hash: parse_hash(&new.hash_hex).expect("a hash"),
        service: service.into(),
        team: Some("payments".into()),
        expires_unix_s,
        models: ModelScope::all(),
    };
    (new, entry)
}

#[test]
fn a_key_opens_as_the_service_it_was_issued_to() {
    let (billing, billing_entry) = issued("billing", None);
    let (search, search_entry) = issued("search", None);
    let keyring = Keyring::new([billing_entry, search_entry]).expect("a keyring");
    let service = |key: &NewKey| {
        keyring
            .authenticate(key.key.expose(), 0)
            .map(|entry| Arc::clone(&entry.service))
    };
    assert_eq!(service(&billing).as_deref(), Ok("billing"));
    assert_eq!(service(&search).as_deref(), Ok("search"));
}

#[test]
fn two_keys_of_one_service_are_valid_at_once() {
    let (old, old_entry) = issued("billing", Some(100));
    let (new, new_entry) = issued("billing", None);
    let keyring = Keyring::new([old_entry, new_entry]).expect("a keyring");
    assert!(
        [&old, &new]
            .iter()
            .all(|key| keyring.authenticate(key.key.expose(), 99).is_ok())
    );
}

#[test]
fn a_key_expires_at_its_second() {
    let (key, entry) = issued("billing", Some(100));
    let keyring = Keyring::new([entry]).expect("a keyring");
    assert!(keyring.authenticate(key.key.expose(), 99).is_ok());
    assert_eq!(
        keyring.authenticate(key.key.expose(), 100).map(|_| ()),
        Err(AuthError::Expired)
    );
}

#[test]
fn an_unknown_id_and_a_wrong_secret_give_the_same_answer() {
    let (_, entry) = issued("billing", Some(1));
    let (stranger, stranger_entry) = issued("billing", None);
    let wrong_secret = KeyEntry {
        id: stranger_entry.id,
        ..entry.clone()
    };
    for keyring in [
        Keyring::default(),
        Keyring::new([entry, wrong_secret]).expect("a keyring"),
    ] {
        // Also when the entry has expired: that it exists is not said.
        let answer = keyring.authenticate(stranger.key.expose(), 5).map(|_| ());
        assert_eq!(answer, Err(AuthError::Unknown));
    }
}

#[test]
fn what_is_not_a_key_says_how_far_it_is_from_one() {
    let keyring = Keyring::default();
    assert_eq!(
        keyring.authenticate("sk-1", 0).map(|_| ()),
        Err(AuthError::Form(KeyError::NotAKey))
    );
    assert_eq!(
        keyring.authenticate("tg_x", 0).map(|_| ()),
        Err(AuthError::Form(KeyError::Malformed))
    );
}

#[test]
fn ids_are_well_formed_and_unique() {
    let (_, entry) = issued("billing", None);
    let malformed = KeyEntry {
        id: "too-long-id".into(),
        ..entry.clone()
    };
    assert_eq!(
        Keyring::new([malformed]).map(|_| ()),
        Err(KeyringError::Id("too-long-id".into()))
    );
    let id = Arc::clone(&entry.id);
    assert_eq!(
        Keyring::new([entry.clone(), entry]).map(|_| ()),
        Err(KeyringError::Duplicate(id))
    );
}

#[test]
fn a_key_among_a_hundred_thousand_is_found() {
    let (key, entry) = issued("billing", None);
    let others = (0..100_000_u32).map(|index| KeyEntry {
        id: format!("{index:08}").into(),
        hash: [1; 32],
        ..entry.clone()
    });
    let keyring = Keyring::new(others.chain([entry.clone()])).expect("a keyring");
    assert_eq!(keyring.len(), 100_001);
    assert!(keyring.authenticate(key.key.expose(), 0).is_ok());
}
