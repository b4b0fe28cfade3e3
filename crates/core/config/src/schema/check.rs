//! The structural check: a tree against the schema, all problems at once.
//!
//! It knows the part of JSON Schema that our own types produce, and says for
//! each mistake what to write instead. What comes out decodes: right values as they
//! are, and stand-ins for the others, which are lost.

use serde_json::{Map, Number, Value as Json};

use super::advice::{SECRET_HELP, fields_help, list_help, number_help};
use super::stand_in::stand_in;
use super::{choices, resolve, type_of, variants};
use crate::lost::Lost;
use crate::problem::{COLLECTED_MAX, Problem, quote};
use crate::suggest::{elsewhere, known_or_similar, list, literal_variable, similar};
use crate::tree::{Entry, Node, Value, child, item};

/// What the structural check made of a tree.
pub(crate) struct Checked {
    /// What decodes: the tree, with stand-ins for what is wrong.
    pub(crate) json: Json,
    /// Where the stand-ins are.
    pub(crate) lost: Lost,
    /// Everything that is wrong.
    pub(crate) problems: Vec<Problem>,
}

/// Checks a tree against the schema of the whole configuration. Of a partial one, what
/// is missing may be in the part that is not here.
pub(crate) fn check(tree: &Node, is_partial: bool) -> Checked {
    check_against(&super::SCHEMA, tree, "", is_partial)
}

/// Checks the value at `path` of a file against a schema of its own.
pub(crate) fn check_part(schema: &Json, node: &Node, path: &str) -> Checked {
    check_against(schema, node, path, false)
}

fn check_against(root: &Json, node: &Node, path: &str, is_partial: bool) -> Checked {
    let mut checker = Checker {
        root,
        lost: Lost::new(is_partial),
        problems: Vec::new(),
    };
    let json = checker.value(node, root, path);
    Checked {
        json: json.unwrap_or_else(|| checker.stand_in(root, path.to_owned())),
        lost: checker.lost,
        problems: checker.problems,
    }
}

struct Checker<'s> {
    root: &'s Json,
    lost: Lost,
    problems: Vec<Problem>,
}

impl<'s> Checker<'s> {
    /// The value as JSON, if it is right as a whole or can be mended inside.
    fn value(&mut self, node: &Node, schema: &'s Json, path: &str) -> Option<Json> {
        if node.value == Value::Null || self.problems.len() >= COLLECTED_MAX {
            return None;
        }
        let schema = resolve(self.root, schema);
        let choices = choices(schema);
        if !choices.is_empty() {
            return self.choice(node, &choices, path);
        }
        let variants = variants(schema);
        if !variants.is_empty() {
            return self.variant(node, &variants, path);
        }
        match (type_of(schema), &node.value) {
            (Some("object"), Value::Map(_)) => Some(self.map(node, schema, path)),
            (Some("array"), Value::List(items)) => match schema.get("items") {
                Some(of) => Some(self.list(items, of, path)),
                None => Some(node.to_json()),
            },
            (Some("integer"), Value::Number(number)) => self.integer(node, number, schema, path),
            (Some("number"), Value::Number(_))
            | (Some("boolean"), Value::Bool(_))
            | (Some("string"), Value::Text(_))
            | (None, _) => Some(node.to_json()),
            (Some(expected), _) => self.wrong_type(node, expected, path),
        }
    }

    fn list(&mut self, items: &[Node], of: &'s Json, path: &str) -> Json {
        let mut list = Vec::with_capacity(items.len());
        for (index, node) in items.iter().enumerate() {
            let path = item(path, index);
            if node.value == Value::Null {
                self.add(node, &path, "an empty item".to_owned(), "remove the `-`");
            }
            let json = self.value(node, of, &path);
            list.push(json.unwrap_or_else(|| self.stand_in(of, path)));
        }
        Json::Array(list)
    }

    fn choice(&mut self, node: &Node, choices: &[(&str, &str)], path: &str) -> Option<Json> {
        let names = || choices.iter().map(|(name, _)| *name);
        let known = format!("one of {}", list(names()));
        let Some(written) = node.value_text() else {
            let message = format!("expected {known}, found {}", node.value.describe());
            return self.wrong(node, path, message, "write one of these words");
        };
        if names().any(|name| name == written) {
            return Some(Json::from(written));
        }
        let message = format!("{} is not {known}", quote(&written));
        match similar(&written, names()) {
            Some(name) => self.wrong(node, path, message, &format!("did you mean `{name}`?")),
            None => self.wrong(node, path, message, "write one of these words"),
        }
    }

    fn variant(
        &mut self,
        node: &Node,
        variants: &[(&'s str, &'s Json)],
        path: &str,
    ) -> Option<Json> {
        let names = || variants.iter().map(|(name, _)| *name);
        let known = format!("one of {}", list(names()));
        if !matches!(node.value, Value::Map(_)) {
            return self.wrong_type(node, "object", path);
        }
        let Some(tag) = node.field("type") else {
            let message = "`type` is missing".to_owned();
            return self.wrong(node, path, message, &format!("write `type:` and {known}"));
        };
        let path_of_tag = child(path, "type");
        let written = tag.value_text().unwrap_or_default();
        if let Some((_, schema)) = variants.iter().find(|(name, _)| *name == written) {
            return Some(self.map(node, schema, path));
        }
        let message = format!("unknown type {}", quote(&written));
        let meant = similar(&written, names());
        let help = match meant {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("write {known}"),
        };
        if let Some((_, schema)) = variants.iter().find(|(name, _)| Some(*name) == meant) {
            // For its other mistakes.
            self.map(node, schema, path);
        }
        self.wrong(tag, &path_of_tag, message, &help)
    }

    fn map(&mut self, node: &Node, schema: &'s Json, path: &str) -> Json {
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties");
        let mut map = Map::new();
        for entry in node.entries() {
            let path_of_field = child(path, &entry.key);
            let known = properties.and_then(|all| all.get(&entry.key));
            let Some(schema) = known.or_else(|| others.filter(|other| other.is_object())) else {
                self.unknown(node, entry, properties, path);
                continue;
            };
            match self.value(&entry.node, schema, &path_of_field) {
                Some(json) => drop(map.insert(entry.key.clone(), json)),
                None if entry.node.value == Value::Null => {}
                None => self.lost.insert(path_of_field),
            }
        }
        let required = schema.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            let Some(of) = properties.and_then(|all| all.get(name)) else {
                continue;
            };
            let path_of_field = child(path, name);
            let may_be_elsewhere = self.lost.is_partial() || self.lost.covers(&path_of_field);
            if node.field(name).is_none() && !may_be_elsewhere {
                self.missing(node, name, of, path);
            }
            if !map.contains_key(name) {
                let json = self.stand_in(of, path_of_field);
                map.insert(name.to_owned(), json);
            }
        }
        Json::Object(map)
    }

    /// A field that nobody knows. Where it is a slip, the field that was meant is lost.
    fn unknown(
        &mut self,
        node: &Node,
        entry: &Entry,
        properties: Option<&'s Map<String, Json>>,
        path: &str,
    ) {
        let key = &entry.key;
        let known = properties.into_iter().flat_map(|all| all.keys());
        let known = known.map(String::as_str);
        let elsewhere = elsewhere(key).filter(|ours| known.clone().any(|name| name == *ours));
        if let Some(meant) = elsewhere.or_else(|| similar(key, known.clone()))
            && node.field(meant).is_none()
        {
            self.lost.insert(child(path, meant));
        }
        let message = format!("unknown field {}", quote(key));
        let mut problem = Problem::error(entry.origin.clone(), child(path, key), message);
        problem.help = match elsewhere {
            Some("secret_key_ref") => Some(SECRET_HELP.to_owned()),
            Some(ours) => Some(format!("that is called `{ours}` here")),
            None => known_or_similar(key, known, "fields here", self.problems.len()),
        };
        self.problems.push(problem);
    }

    fn stand_in(&mut self, schema: &Json, path: String) -> Json {
        self.lost.insert(path);
        stand_in(self.root, schema)
    }

    fn missing(&mut self, node: &Node, name: &str, schema: &'s Json, path: &str) {
        let choices = choices(resolve(self.root, schema));
        let help = if choices.is_empty() {
            format!("add `{name}: ...` to this item")
        } else {
            let names = list(choices.iter().map(|(name, _)| *name));
            format!("add `{name}:` with one of {names}")
        };
        self.add(node, path, format!("`{name}` is missing"), &help);
    }

    fn integer(&mut self, node: &Node, number: &Number, schema: &Json, path: &str) -> Option<Json> {
        let format = schema.get("format").and_then(Json::as_str);
        let maximum = match format {
            Some("uint16") => u64::from(u16::MAX),
            Some("uint32") => u64::from(u32::MAX),
            _ => u64::MAX,
        };
        if number.as_u64().is_some_and(|value| value <= maximum) {
            return Some(node.to_json());
        }
        if number.as_i64().is_some_and(|value| value < 0) {
            let message = format!("{number} is negative");
            return self.wrong(node, path, message, "write 0 or more");
        }
        if number.is_f64() && number.as_f64().is_some_and(|value| value.fract() != 0.0) {
            let message = format!("{number} is not a whole number");
            return self.wrong(node, path, message, "write it without a fraction");
        }
        let message = format!("{number} is too large");
        self.wrong(node, path, message, &format!("write {maximum} at most"))
    }

    fn wrong_type(&mut self, node: &Node, expected: &str, path: &str) -> Option<Json> {
        let field = path.rsplit('.').next().unwrap_or(path);
        let (wanted, help) = match (expected, &node.value) {
            ("object", _) if field == "secret_key_ref" => ("a reference", SECRET_HELP.to_owned()),
            ("object", _) if path.contains(".secret_headers.") => (
                "a reference",
                format!(
                    "a secret is never written here; write `{field}: {{env: NAME_OF_A_VARIABLE}}` or `{{file: PATH}}`"
                ),
            ),
            ("object", _) => (
                "fields (`name: value`)",
                fields_help(field, node.text(), self.root),
            ),
            ("array", Value::Map(entries)) => ("a list", list_help(entries).to_owned()),
            ("array", _) => (
                "a list",
                "write `[a, b]`, or one item a line, each with `- `".to_owned(),
            ),
            ("string", Value::Number(_) | Value::Bool(_)) => {
                ("text", "put it in quotes".to_owned())
            }
            ("string", _) => ("text", "write one text after the `:`".to_owned()),
            ("boolean", _) => (
                "`true` or `false`",
                "write `true` or `false`, without quotes".to_owned(),
            ),
            ("integer", Value::Text(text)) => ("a whole number", number_help(field, text)),
            _ => ("a number", "write a number, without quotes".to_owned()),
        };
        let message = format!("expected {wanted}, found {}", node.value.describe());
        self.wrong(node, path, message, &help)
    }

    /// A problem of a value that is lost with it.
    fn wrong(&mut self, node: &Node, path: &str, message: String, help: &str) -> Option<Json> {
        let help = node.text().and_then(literal_variable).unwrap_or(help);
        self.add(node, path, message, help);
        None
    }

    fn add(&mut self, node: &Node, path: &str, message: String, help: &str) {
        let problem = Problem::error(node.origin.clone(), path, message);
        self.problems.push(problem.with_help(help));
    }
}

impl Node {
    /// A scalar as text, also where it looks like a number or a truth value.
    fn value_text(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(value) => Some(value.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }
}
