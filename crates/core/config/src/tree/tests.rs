//! The laws of merging, over generated layers.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::merge::identity;
use super::{Node, Value, merge, read};
use crate::sources::Sources;

fn layer(text: &str) -> Node {
    let sources = Sources::from_text("layer.yaml", text);
    read(&sources.files()[0]).node
}

fn merged(base: &Node, over: &Node) -> Node {
    let mut problems = Vec::new();
    let node = merge(base.clone(), over.clone(), false, &mut problems);
    assert_eq!(problems, []);
    node
}

fn names(node: &Node, list: &str) -> Vec<String> {
    let items = node.field(list).map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| identity(item, None))
        .collect()
}

/// Distinct names out of a few, so that layers meet.
fn some_names() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(vec!["a", "b", "c", "d", "e", "f"], 0..6)
        .prop_shuffle()
        .prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

/// A layer with scalars, a list of words, and lists of items, one inside the other.
fn some_layer() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec("[a-c]", 0..3);
    (some_names(), some_names(), words, 0..9_u8).prop_map(|(items, inner, words, number)| {
        let mut text = format!(
            "number: {number}\nwords: [{}]\nmap: {{x{number}: {number}}}\n",
            words.join(", ")
        );
        if !items.is_empty() {
            text.push_str("items:\n");
        }
        let inner: Vec<String> = inner.iter().map(|id| format!("{{id: {id}}}")).collect();
        for name in items {
            let inner = inner.join(", ");
            let _ = writeln!(
                text,
                "  - name: {name}
    value: {number}
    inner: [{inner}]"
            );
        }
        text
    })
}

proptest! {
    #[test]
    fn an_empty_layer_changes_nothing(text in some_layer()) {
        let node = layer(&text);
        for empty in ["", "{}", "items:\nmap:\nwords:\n", "map: {}\n"] {
            prop_assert_eq!(merged(&node, &layer(empty)).to_json(), node.to_json());
        }
        let listed = merged(&node, &layer("items: []"));
        prop_assert_eq!(names(&listed, "items"), names(&node, "items"));
    }

    #[test]
    fn a_layer_over_nothing_is_itself(text in some_layer()) {
        let node = layer(&text);
        prop_assert_eq!(merged(&layer(""), &node).value, node.value);
    }

    #[test]
    fn a_layer_over_itself_changes_nothing(text in some_layer()) {
        let node = layer(&text);
        prop_assert_eq!(merged(&node, &node).to_json(), node.to_json());
    }

    #[test]
    fn the_overlay_wins(base in some_layer(), over in some_layer()) {
        let (base, over) = (layer(&base), layer(&over));
        let both = merged(&base, &over);
        for field in ["number", "words"] {
            prop_assert_eq!(both.field(field), over.field(field));
        }
        for item in over.field("items").map(Node::items).unwrap_or_default() {
            let name = item.field("name");
            let found = both.field("items").unwrap().items().iter().find(|other| other.field("name").map(Node::text) == name.map(Node::text));
            prop_assert_eq!(found.unwrap().field("value"), item.field("value"));
        }
    }

    #[test]
    fn the_order_of_the_base_is_kept_and_new_items_follow(base in some_layer(), over in some_layer()) {
        let (base, over) = (layer(&base), layer(&over));
        let mut expected = names(&base, "items");
        for name in names(&over, "items") {
            if !expected.contains(&name) {
                expected.push(name);
            }
        }
        prop_assert_eq!(names(&merged(&base, &over), "items"), expected);
    }

    #[test]
    fn merging_is_associative(a in some_layer(), b in some_layer(), c in some_layer()) {
        let (a, b, c) = (layer(&a), layer(&b), layer(&c));
        let left = merged(&merged(&a, &b), &c);
        let right = merged(&a, &merged(&b, &c));
        prop_assert_eq!(left.to_json(), right.to_json());
    }

    #[test]
    fn removal_removes_exactly_that_item(base in some_layer(), pick in any::<proptest::sample::Index>()) {
        let base = layer(&base);
        let all = names(&base, "items");
        prop_assume!(!all.is_empty());
        let gone = &all[pick.index(all.len())];
        let over = layer(&format!("items: [{{name: {gone}, remove: true}}]"));
        let expected: Vec<String> = all.iter().filter(|name| *name != gone).cloned().collect();
        prop_assert_eq!(names(&merged(&base, &over), "items"), expected);
    }

    #[test]
    fn every_value_keeps_the_file_that_set_it(base in some_layer(), over in some_layer()) {
        let base = layer(&base);
        let sources = Sources::from_text("other.yaml", &over);
        let over = read(&sources.files()[0]).node;
        let both = merged(&base, &over);
        prop_assert_eq!(&*both.field("number").unwrap().origin.file, "other.yaml");
        let kept = names(&base, "items");
        let changed = names(&over, "items");
        for (index, name) in kept.iter().enumerate() {
            let value = both.at(&format!("items[{index}].value")).unwrap();
            let file = if changed.contains(name) { "other.yaml" } else { "layer.yaml" };
            prop_assert_eq!(&*value.origin.file, file);
        }
    }
}

#[test]
fn paths_lead_to_values() {
    let node = layer("a:\n  - b: {\"x.y\": [1, 2]}\n");
    let path = super::item(&super::child("a[0].b", "x.y"), 1);
    assert_eq!(path, "a[0].b[\"x.y\"][1]");
    assert_eq!(node.at(&path).unwrap().value, Value::Number(2.into()));
    assert!(node.at("a[1]").is_none());
    assert_eq!(node.origin_near("a[0].c.d").line, 2);
}

#[test]
fn plain_scalars_follow_the_core_schema() {
    let json = |text: &str| layer(&format!("v: {text}")).to_json()["v"].to_string();
    for (text, expected) in [
        ("12", "12"),
        ("-3", "-3"),
        ("+3", "3"),
        ("0x1f", "31"),
        ("0o17", "15"),
        ("1.5", "1.5"),
        ("1e3", "1000.0"),
        ("true", "true"),
        ("yes", "\"yes\""),
        ("1_000", "\"1_000\""),
        ("2027-01-31", "\"2027-01-31\""),
        ("1.2.3", "\"1.2.3\""),
        ("'12'", "\"12\""),
        (".inf", "\".inf\""),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
}
