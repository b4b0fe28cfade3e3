//! What is found and what is not, kind by kind; what shows a sign; every value cut at
//! every byte; hostile values.

mod attacks;
mod benign;
mod cuts;
mod signs;

use std::sync::Arc;

use tollgate_formats::view::Field;

use super::{WafDetector, WafEntity, WafOptions};
use crate::detector::{Detector, Finding, Matcher, Window};
use crate::place::{Place, Places};

/// The matcher that reads a place.
fn matcher(place: Place) -> Arc<dyn Matcher> {
    let options = WafOptions {
        places: Places::ALL.and(Places::HEAD),
        ..WafOptions::default()
    };
    with(&options, place)
}

fn with(options: &WafOptions, place: Place) -> Arc<dyn Matcher> {
    let detector = WafDetector::new(options).unwrap();
    let found = detector
        .matchers()
        .iter()
        .find(|matcher| matcher.places().contains(place));
    Arc::clone(found.unwrap())
}

/// What a matcher finds in a whole text.
fn scan(matcher: &dyn Matcher, text: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    let window = Window {
        text,
        from: 0,
        last: true,
    };
    let cursor = matcher.scan(&window, 0, &mut found);
    assert_eq!(cursor.at, text.len(), "everything is decided at the end");
    found
}

/// The kinds of attack that are found in a value at a place.
fn kinds(place: Place, text: &str) -> Vec<String> {
    let matcher = matcher(place);
    scan(&*matcher, text.as_bytes())
        .iter()
        .map(|found| {
            matcher.entities()[usize::from(found.entity)]
                .name
                .to_string()
        })
        .collect()
}

/// The values of a list in which the kind is not found.
fn missed(place: Place, entity: WafEntity, values: &[&str]) -> Vec<String> {
    let is_missed = |value: &&&str| {
        !kinds(place, value)
            .iter()
            .any(|kind| kind == entity.label())
    };
    values
        .iter()
        .filter(is_missed)
        .map(|value| format!("{value:?}: {:?}", kinds(place, value)))
        .collect()
}

/// The values of a list in which anything is found.
fn disturbed(place: Place, values: &[&str]) -> Vec<String> {
    let found = values
        .iter()
        .filter(|value| !kinds(place, value).is_empty());
    found
        .map(|value| format!("{value:?}: {:?}", kinds(place, value)))
        .collect()
}

/// The lines of a list, and values that have no line of their own.
fn values<'v>(lines: &'v str, more: &[&'v str]) -> Vec<&'v str> {
    lines.lines().chain(more.iter().copied()).collect()
}

/// All lists of values.
const LISTS: [&str; 10] = [
    include_str!("tests/values/arguments.txt"),
    include_str!("tests/values/command_injection.txt"),
    include_str!("tests/values/headers.txt"),
    include_str!("tests/values/names.txt"),
    include_str!("tests/values/parameters.txt"),
    include_str!("tests/values/path_traversal.txt"),
    include_str!("tests/values/sql_injection.txt"),
    include_str!("tests/values/ssrf.txt"),
    include_str!("tests/values/template_injection.txt"),
    include_str!("tests/values/xss.txt"),
];

const NONE: [String; 0] = [];

const METADATA: Place = Place::Of(Field::Metadata);
const ARGUMENTS: Place = Place::Of(Field::ToolArguments);
const TEXT: Place = Place::Of(Field::Text);
