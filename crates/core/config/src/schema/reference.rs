//! The reference page, made from the schema: every field with its type, whether
//! it is required, its default and its meaning, in the words of `spec`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{SCHEMA, choices, description, resolve, type_of, variants};

/// `docs/reference/configuration.md`.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = Page {
        out: String::new(),
        root: &SCHEMA,
        sections: BTreeMap::new(),
    };
    let _ = writeln!(page.out, "# Configuration\n");
    let _ = writeln!(
        page.out,
        "<!-- Generated from crates/core/config/src/spec; edit the comments there. -->\n"
    );
    let _ = writeln!(page.out, "{}\n", description(&SCHEMA));
    page.section("", &SCHEMA);
    page.out
}

struct Page<'s> {
    out: String,
    root: &'s Json,
    /// The types that have a section, and where: each is described once.
    sections: BTreeMap<&'s str, String>,
}

impl<'s> Page<'s> {
    /// A table of the fields, then a section for each field that has fields.
    fn section(&mut self, path: &str, schema: &'s Json) {
        let Some(fields) = schema.get("properties").and_then(Json::as_object) else {
            return;
        };
        let required = schema.get("required").and_then(Json::as_array);
        let is_required = |name: &str| {
            let mut all = required.into_iter().flatten();
            all.any(|field| field.as_str() == Some(name))
        };
        self.out
            .push_str("| field | type | default | meaning |\n|---|---|---|---|\n");
        for (name, field) in fields {
            let about = description(field);
            let (meaning, default) = split_default(about);
            let default = match default {
                Some(default) => default,
                None if is_required(name) => "required",
                None => "",
            };
            let meaning = self.with_choices(&meaning, field);
            let kind = self.kind(&join(path, name), field);
            let _ = writeln!(
                self.out,
                "| `{name}` | {kind} | {} | {} |",
                cell(default),
                cell(&meaning)
            );
        }
        self.out.push('\n');
        for (name, field) in fields {
            self.nested(&join(path, name), field);
        }
    }

    fn nested(&mut self, path: &str, field: &'s Json) {
        let schema = resolve(self.root, field);
        if let Some(name) = reference(field).filter(|_| choices(schema).is_empty()) {
            let place = self.sections.entry(name).or_insert_with(|| path.to_owned());
            if place != path {
                return;
            }
        }
        if type_of(schema) == Some("array") {
            if let Some(items) = schema.get("items") {
                self.nested(&format!("{path}[]"), items);
            }
            return;
        }
        for (tag, variant) in variants(schema) {
            let _ = writeln!(self.out, "## `{path}` with `type: {tag}`\n");
            let _ = writeln!(self.out, "{}\n", description(variant));
            self.section(path, variant);
        }
        if schema.get("properties").is_some() {
            let _ = writeln!(self.out, "## `{path}`\n");
            let _ = writeln!(self.out, "{}\n", description(schema));
            self.section(path, schema);
        }
    }

    /// What a field takes. The first field of a named type is where it is described.
    fn kind(&mut self, path: &str, field: &'s Json) -> String {
        let schema = resolve(self.root, field);
        if let Some(text) = schema.get("const").and_then(Json::as_str) {
            return format!("`{text}`");
        }
        if !choices(schema).is_empty() {
            return "word".to_owned();
        }
        let items = schema.get("items");
        let (lead, path) = match items {
            Some(_) => ("items", format!("{path}[]")),
            None => ("fields", path.to_owned()),
        };
        let words = items.is_some_and(|items| !choices(resolve(self.root, items)).is_empty());
        if let Some(name) = reference(items.unwrap_or(field)).filter(|_| !words) {
            let place = self.sections.entry(name).or_insert_with(|| path.clone());
            if *place != path {
                return format!("{lead}, as in `{place}`");
            }
        }
        match type_of(schema) {
            Some("array") => match items {
                Some(items) => format!("list of {}", self.plural(items)),
                None => "list".to_owned(),
            },
            Some("object") if schema.get("properties").is_none() => {
                let values = schema.get("additionalProperties");
                let is_text = values.is_none_or(|values| reference(values).is_none());
                if is_text {
                    "texts by name"
                } else {
                    "references by name, each `env` or `file`"
                }
                .to_owned()
            }
            Some("object") => "fields".to_owned(),
            Some("integer") => "whole number".to_owned(),
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("string") => "text".to_owned(),
            Some(other) => other.to_owned(),
            None => "one of several".to_owned(),
        }
    }

    fn plural(&self, items: &'s Json) -> &'static str {
        let schema = resolve(self.root, items);
        let has_fields = schema.get("properties").is_some() || !variants(schema).is_empty();
        match (has_fields, choices(schema).is_empty()) {
            (true, _) => "items",
            (false, true) => "texts",
            (false, false) => "words",
        }
    }

    /// The meaning of a field, followed by the words it takes.
    fn with_choices(&self, meaning: &str, field: &'s Json) -> String {
        let schema = resolve(self.root, field);
        let items = schema.get("items").map(|items| resolve(self.root, items));
        let choices = choices(items.unwrap_or(schema));
        let mut text = meaning.to_owned();
        for (index, (word, about)) in choices.iter().enumerate() {
            let lead = if index == 0 { "<br>" } else { "; " };
            let about = about.trim_end_matches('.');
            let _ = write!(text, "{lead}`{word}`: {about}");
        }
        text
    }
}

/// Splits `Meaning. Default: text. More.` into `Meaning. More.` and the default.
pub(crate) fn split_default(about: &str) -> (String, Option<&str>) {
    let Some((before, rest)) = about.split_once("Default: ") else {
        return match about.strip_suffix("Required.") {
            Some(meaning) => (meaning.trim_end().to_owned(), Some("required")),
            None => (about.to_owned(), None),
        };
    };
    // The default ends at the first full stop that ends a sentence.
    let end = rest.find(". ").unwrap_or(rest.len());
    let (default, after) = rest.split_at(end);
    let after = after.trim_start_matches(['.', ' ']);
    let meaning = [before.trim_end(), after].join(" ");
    (
        meaning.trim().to_owned(),
        Some(default.trim_end_matches('.')),
    )
}

/// The named type of a field, `or null` taken off.
fn reference(schema: &Json) -> Option<&str> {
    let named = |schema: &&Json| schema.get("$ref").is_some();
    let schema = match schema.get("anyOf").and_then(Json::as_array) {
        Some(options) => options.iter().find(named)?,
        None => schema,
    };
    schema.get("$ref")?.as_str()
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace("\n\n", "<br>")
        .replace('\n', " ")
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
