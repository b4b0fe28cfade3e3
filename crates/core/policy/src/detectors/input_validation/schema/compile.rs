//! From a schema as written to what is judged by.

use std::collections::HashMap;

use regex_automata::meta::Regex;
use serde_json::{Map, Value};

use super::number::Limit;
use super::{DEPTH_MAX, NODES_MAX, Node, NodeId, Properties, Rule, Types};
use crate::detectors::patterns::fault;

/// The most bytes of the program that a pattern becomes.
const PATTERN_BYTES_MAX: usize = 256 * 1024;

/// Why a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at `{place}`: {fact}")]
pub struct SchemaError {
    /// Where in the schema, as a JSON pointer with `#` before it.
    pub place: String,
    /// What is wrong there.
    pub fact: String,
}

/// Words that say nothing about whether a value is valid.
const ANNOTATIONS: [&str; 17] = [
    "$schema",
    "$id",
    "$comment",
    "$anchor",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "format",
    "contentMediaType",
    "contentEncoding",
];

/// Words of more than one, which are read together.
const COMPOUND: [&str; 15] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "items",
    "prefixItems",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "if",
    "then",
    "else",
    "uniqueItems",
];

pub(super) fn compile(schema: &Value) -> Result<Vec<Node>, SchemaError> {
    let mut compiler = Compiler {
        root: schema,
        nodes: Vec::new(),
        known: HashMap::new(),
    };
    compiler.node(schema, "#", DEPTH_MAX)?;
    Ok(compiler.nodes)
}

struct Compiler<'s> {
    root: &'s Value,
    nodes: Vec<Node>,
    /// What references lead to.
    known: HashMap<String, NodeId>,
}

type Compiled<T> = Result<T, SchemaError>;

fn wrong<T>(place: &str, fact: impl Into<String>) -> Compiled<T> {
    Err(SchemaError {
        place: place.to_owned(),
        fact: fact.into(),
    })
}

impl Compiler<'_> {
    fn node(&mut self, schema: &Value, place: &str, depth: usize) -> Compiled<NodeId> {
        let Some(depth) = depth.checked_sub(1) else {
            return wrong(
                place,
                format!("more than {DEPTH_MAX} schemas within each other"),
            );
        };
        if self.nodes.len() >= NODES_MAX {
            return wrong(place, format!("more than {NODES_MAX} schemas"));
        }
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node::Always(true));
        self.known.insert(place.to_owned(), id);
        let node = match schema {
            Value::Bool(answer) => Node::Always(*answer),
            Value::Object(words) => Node::All(self.rules(words, place, depth)?),
            _ => return wrong(place, "a schema is an object, `true` or `false`"),
        };
        if let Some(slot) = self.nodes.get_mut(id.0) {
            *slot = node;
        }
        Ok(id)
    }

    fn rules(
        &mut self,
        words: &Map<String, Value>,
        place: &str,
        depth: usize,
    ) -> Compiled<Vec<Rule>> {
        let mut rules = Vec::new();
        for (word, value) in words {
            let place = step(place, word);
            if ANNOTATIONS.contains(&word.as_str()) || COMPOUND.contains(&word.as_str()) {
                continue;
            }
            rules.push(self.rule(word, value, &place, depth)?);
        }
        self.objects(words, place, depth, &mut rules)?;
        self.arrays(words, place, depth, &mut rules)?;
        if has(words, ["minLength", "maxLength"]) {
            let (least, most) = counts(words, ["minLength", "maxLength"], place)?;
            rules.push(Rule::Length(least, most));
        }
        if let Some(test) = words.get("if") {
            let test = self.node(test, &step(place, "if"), depth)?;
            let mut branch = |word: &str| {
                let schema = words.get(word);
                schema
                    .map(|schema| self.node(schema, &step(place, word), depth))
                    .transpose()
            };
            let (then, otherwise) = (branch("then")?, branch("else")?);
            rules.push(Rule::If {
                test,
                then,
                otherwise,
            });
        }
        Ok(rules)
    }

    fn rule(&mut self, word: &str, value: &Value, place: &str, depth: usize) -> Compiled<Rule> {
        let number = || match value {
            Value::Number(number) => Ok(number.clone()),
            _ => wrong(place, "this is a number"),
        };
        Ok(match word {
            "type" => Rule::Types(types(value, place)?),
            "enum" => match value {
                Value::Array(values) => Rule::OneOfThese(values.clone()),
                _ => return wrong(place, "this is a list"),
            },
            "const" => Rule::OneOfThese(vec![value.clone()]),
            "required" => Rule::Required(strings(value, place)?),
            "propertyNames" => Rule::PropertyNames(self.node(value, place, depth)?),
            "contains" => Rule::Contains(self.node(value, place, depth)?),
            "minimum" => Rule::Number(Limit::Least(number()?)),
            "maximum" => Rule::Number(Limit::Most(number()?)),
            "exclusiveMinimum" => Rule::Number(Limit::Above(number()?)),
            "exclusiveMaximum" => Rule::Number(Limit::Below(number()?)),
            "multipleOf" => match number()? {
                step if step.as_f64().is_some_and(|step| step > 0.0) => {
                    Rule::Number(Limit::MultipleOf(step))
                }
                _ => return wrong(place, "this is a number above 0"),
            },
            "pattern" => Rule::Pattern(pattern(value.as_str(), place)?),
            "allOf" => Rule::AllOf(self.list(value, place, depth)?),
            "anyOf" => Rule::AnyOf(self.list(value, place, depth)?),
            "oneOf" => Rule::OneOf(self.list(value, place, depth)?),
            "not" => Rule::Not(self.node(value, place, depth)?),
            "$ref" => Rule::Reference(self.reference(value, place, depth)?),
            _ if word.starts_with("x-") => Rule::AllOf(Vec::new()),
            _ => return wrong(place, "this word is not checked here"),
        })
    }

    fn list(&mut self, value: &Value, place: &str, depth: usize) -> Compiled<Vec<NodeId>> {
        let Some(schemas) = value.as_array().filter(|schemas| !schemas.is_empty()) else {
            return wrong(place, "this is a list of schemas");
        };
        let schemas = schemas.iter().enumerate();
        schemas
            .map(|(index, schema)| self.node(schema, &format!("{place}/{index}"), depth))
            .collect()
    }

    /// What a reference leads to: a part of the same schema, compiled once.
    fn reference(&mut self, value: &Value, place: &str, depth: usize) -> Compiled<NodeId> {
        let target = value.as_str().unwrap_or_default();
        let Some(pointer) = target.strip_prefix('#') else {
            return wrong(
                place,
                "only references within the schema are followed: `#/$defs/name`",
            );
        };
        if let Some(id) = self.known.get(target) {
            return Ok(*id);
        }
        match self.root.pointer(pointer) {
            Some(schema) => self.node(schema, target, depth),
            None => wrong(place, format!("nothing stands at `{target}`")),
        }
    }

    fn objects(
        &mut self,
        words: &Map<String, Value>,
        place: &str,
        depth: usize,
        rules: &mut Vec<Rule>,
    ) -> Compiled<()> {
        let mut properties = Properties::default();
        for (name, schema) in object(words, "properties", place)? {
            let place = step(&step(place, "properties"), name);
            let id = self.node(schema, &place, depth)?;
            properties.named.insert(name.clone(), id);
        }
        for (name, schema) in object(words, "patternProperties", place)? {
            let place = step(&step(place, "patternProperties"), name);
            let id = self.node(schema, &place, depth)?;
            properties.patterns.push((pattern(Some(name), &place)?, id));
        }
        if let Some(schema) = words.get("additionalProperties") {
            let place = step(place, "additionalProperties");
            properties.others = Some(self.node(schema, &place, depth)?);
        }
        let has_rules = properties.others.is_some() || !properties.patterns.is_empty();
        if has_rules || !properties.named.is_empty() {
            rules.push(Rule::Properties(Box::new(properties)));
        }
        if has(words, ["minProperties", "maxProperties"]) {
            let (least, most) = counts(words, ["minProperties", "maxProperties"], place)?;
            rules.push(Rule::PropertyCount(least, most));
        }
        Ok(())
    }

    fn arrays(
        &mut self,
        words: &Map<String, Value>,
        place: &str,
        depth: usize,
        rules: &mut Vec<Rule>,
    ) -> Compiled<()> {
        let first = match words.get("prefixItems") {
            Some(schemas) => self.list(schemas, &step(place, "prefixItems"), depth)?,
            None => Vec::new(),
        };
        let rest = words.get("items");
        let rest = rest.map(|schema| self.node(schema, &step(place, "items"), depth));
        let rest = rest.transpose()?;
        if rest.is_some() || !first.is_empty() {
            rules.push(Rule::Items { first, rest });
        }
        if has(words, ["minItems", "maxItems"]) {
            let (least, most) = counts(words, ["minItems", "maxItems"], place)?;
            rules.push(Rule::ItemCount(least, most));
        }
        match words.get("uniqueItems") {
            Some(Value::Bool(true)) => rules.push(Rule::UniqueItems),
            Some(Value::Bool(false)) | None => {}
            Some(_) => return wrong(place, "`uniqueItems` is `true` or `false`"),
        }
        Ok(())
    }
}

/// The place of what stands under `name` at a place: a step of a JSON pointer.
fn step(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The fields of a word; none when it is not there.
fn object<'w>(
    words: &'w Map<String, Value>,
    word: &str,
    place: &str,
) -> Compiled<impl Iterator<Item = (&'w String, &'w Value)> + use<'w>> {
    let fields = match words.get(word) {
        Some(Value::Object(fields)) => Some(fields),
        Some(_) => return wrong(place, format!("`{word}` holds schemas by name")),
        None => None,
    };
    Ok(fields.into_iter().flatten())
}

fn has(words: &Map<String, Value>, either: [&str; 2]) -> bool {
    either.iter().any(|word| words.contains_key(*word))
}

/// The least and the most of a count.
fn counts(
    words: &Map<String, Value>,
    [least, most]: [&str; 2],
    place: &str,
) -> Compiled<(usize, usize)> {
    let count = |word: &str, default: usize| match words.get(word) {
        None => Ok(default),
        Some(value) => match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
            Some(count) => Ok(count),
            None => wrong(place, format!("`{word}` is a whole number from 0 on")),
        },
    };
    Ok((count(least, 0)?, count(most, usize::MAX)?))
}

fn types(value: &Value, place: &str) -> Compiled<Types> {
    let mut types = Types::default();
    let names = match value {
        Value::String(name) => vec![name.clone()],
        _ => strings(value, place)?,
    };
    for name in names {
        match name.as_str() {
            "null" => types.null = true,
            "boolean" => types.boolean = true,
            "object" => types.object = true,
            "array" => types.array = true,
            "string" => types.string = true,
            "number" => types.number = true,
            "integer" => types.integer = true,
            _ => return wrong(place, format!("`{name}` is no type")),
        }
    }
    Ok(types)
}

fn strings(value: &Value, place: &str) -> Compiled<Vec<String>> {
    let texts = value.as_array().map(|texts| {
        let texts = texts.iter().map(|text| text.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<String>>>()
    });
    match texts.flatten() {
        Some(texts) => Ok(texts),
        None => wrong(place, "this is a list of strings"),
    }
}

fn pattern(text: Option<&str>, place: &str) -> Compiled<Regex> {
    let Some(text) = text else {
        return wrong(place, "this is a pattern");
    };
    let config = Regex::config().nfa_size_limit(Some(PATTERN_BYTES_MAX));
    Regex::builder()
        .configure(config)
        .build(text)
        .or_else(|error| match error.syntax_error() {
            Some(error) => wrong(place, format!("this pattern is none{}", fault(error))),
            None => wrong(place, "this pattern becomes too large: repeat less"),
        })
}
