//! That what the judges look for is never passed by the first test.

use super::{NONE, WafEntity, missed};
use crate::detectors::waf::first::first;
use crate::detectors::waf::forms::look_alike;
use crate::detectors::waf::path::names::{GUARDED, SECRET};
use crate::detectors::waf::{shell, ssrf, template};
use crate::place::Place;

/// Those of the texts that show no sign, at the beginning of a value and behind a blank.
fn passed<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let behind = |text: &str| [text.to_owned(), format!("x {text}")];
    let texts = texts.into_iter().flat_map(behind);
    let is_passed = |text: &String| first(text.as_bytes(), 0, true, true).is_none();
    texts.filter(is_passed).collect()
}

#[test]
fn what_the_judges_look_for_shows_a_sign() {
    assert_eq!(passed(SECRET), NONE);
    assert_eq!(passed(GUARDED), NONE);
    let commands = shell::SIGNS.map(|(sign, _)| format!("{sign}e"));
    assert_eq!(passed(commands.iter().map(String::as_str)), NONE);
    let bytes = |text: &'static [u8]| std::str::from_utf8(text).unwrap();
    assert_eq!(passed(template::SURE.map(bytes)), NONE);
    assert_eq!(passed(ssrf::BARE.map(bytes)), NONE);
    // Other signs of styles and of scripts stand before a bracket.
    assert_eq!(passed(["+adw-", "-moz-binding:x", "expr/*", "&{"]), NONE);
}

#[test]
fn every_character_that_is_taken_for_another_shows_a_sign() {
    let alike = ('\u{80}'..char::MAX).filter(|c| {
        let mut bytes = [0; 4];
        look_alike(c.encode_utf8(&mut bytes).as_bytes()).is_some()
    });
    let texts: Vec<String> = alike.map(|c| format!("x{c}x")).collect();
    assert!(texts.len() > 100);
    assert_eq!(passed(texts.iter().map(String::as_str)), NONE);
}

#[test]
fn every_name_of_a_file_is_found_alone() {
    let names: Vec<&str> = SECRET.into_iter().chain(GUARDED).collect();
    assert_eq!(missed(Place::Path, WafEntity::PathTraversal, &names), NONE);
}
