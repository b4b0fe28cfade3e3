//! Portkey's conditions as conditions of targets.

use serde_json::Value;

use crate::import::draft::{Model, Target};
use crate::import::input::Input;

use super::within;

/// Parts of one query.
const PARTS_MAX: usize = 64;

/// The targets of a conditional strategy: each that a condition names, with the condition,
/// then the default.
pub(super) fn chosen(strategy: &Input<'_>, inner: &[(Input<'_>, Model)]) -> Model {
    let named = |name: &str| {
        inner
            .iter()
            .find(|(target, _made)| target.word("name") == Some(name))
    };
    let mut chosen: Vec<(&Model, Option<String>)> = Vec::new();
    for condition in strategy.items_at("conditions") {
        let made = condition.word("then").and_then(named);
        let when = condition
            .at("query")
            .and_then(|query| expression(query.value(), 0));
        match (made, when) {
            (Some((_target, made)), Some(when)) => {
                condition.carried("`when` of the target");
                chosen.push((made, Some(when)));
            }
            (None, _) => condition.lost("it names no target"),
            (Some(_), None) => condition.lost(
                "only `params.model` is known here by that name; have callers send a header, and write `when: '\"x-plan\" in headers && headers[\"x-plan\"] == \"paid\"'` at a target",
            ),
        }
    }
    match strategy
        .at("default")
        .and_then(|name| Some((named(name.text()?), name)))
    {
        Some((Some((_target, made)), name)) => {
            name.carried("the target without a condition");
            chosen.push((made, None));
        }
        Some((None, name)) => name.lost("it names no target"),
        None => {}
    }
    together(&chosen)
}

/// The targets of each with its condition. Where some are drawn by weight, all are, so each
/// condition then also says that none before it holds.
fn together(chosen: &[(&Model, Option<String>)]) -> Model {
    let is_weighted = chosen.iter().any(|(made, _when)| made.is_weighted);
    let mut before: Vec<String> = Vec::new();
    let mut targets: Vec<Target> = Vec::new();
    for (made, when) in chosen {
        let mut parts: Vec<String> = Vec::new();
        if is_weighted {
            parts.extend(before.iter().map(|when| format!("!({when})")));
        }
        parts.extend(when.clone());
        before.extend(when.clone());
        for (target, within) in made.targets.iter().zip(within(made)) {
            let mut parts = parts.clone();
            parts.extend(target.when.clone());
            targets.push(Target {
                when: all(&parts),
                weight: if is_weighted { within } else { target.weight },
                ..target.clone()
            });
        }
    }
    Model {
        is_weighted,
        targets,
        ..Model::default()
    }
}

/// A condition that holds where all of them do.
fn all(parts: &[String]) -> Option<String> {
    match parts {
        [] => None,
        [one] => Some(one.clone()),
        several => {
            let several: Vec<String> = several.iter().map(|part| format!("({part})")).collect();
            Some(several.join(" && "))
        }
    }
}

/// A query over `params.model` in CEL; `None` where it asks for something else.
fn expression(query: &Value, depth: usize) -> Option<String> {
    let members = query.as_object().filter(|_| depth < 4)?;
    let mut parts = Vec::new();
    for (key, value) in members.iter().take(PARTS_MAX) {
        parts.push(match (key.as_str(), value) {
            ("$and" | "$or", Value::Array(queries)) if queries.len() <= PARTS_MAX => {
                let sign = if key == "$and" { " && " } else { " || " };
                let inner: Option<Vec<String>> = queries
                    .iter()
                    .map(|query| expression(query, depth.saturating_add(1)))
                    .collect();
                format!("({})", inner.filter(|inner| !inner.is_empty())?.join(sign))
            }
            ("params.model", Value::String(name)) => {
                format!("model == {}", Value::from(name.as_str()))
            }
            ("params.model", Value::Object(operators)) => of_model(operators)?,
            _ => return None,
        });
    }
    (!parts.is_empty() && members.len() <= PARTS_MAX).then(|| parts.join(" && "))
}

fn of_model(operators: &serde_json::Map<String, Value>) -> Option<String> {
    let mut parts = Vec::new();
    for (operator, value) in operators {
        let is_text = value.is_string();
        let texts = value
            .as_array()
            .is_some_and(|list| list.len() <= PARTS_MAX && list.iter().all(Value::is_string));
        parts.push(match operator.as_str() {
            "$eq" if is_text => format!("model == {value}"),
            "$ne" if is_text => format!("model != {value}"),
            "$in" if texts => format!("model in {value}"),
            "$nin" if texts => format!("!(model in {value})"),
            _ => return None,
        });
    }
    (!parts.is_empty()).then(|| parts.join(" && "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::expression;

    #[test]
    fn a_query_over_the_model_is_a_condition() {
        let of = |query| expression(&query, 0);
        assert_eq!(
            of(json!({"params.model": {"$eq": "a"}})).unwrap(),
            "model == \"a\""
        );
        assert_eq!(of(json!({"params.model": "a"})).unwrap(), "model == \"a\"");
        let both =
            json!({"$or": [{"params.model": {"$in": ["a", "b"]}}, {"params.model": {"$ne": "c"}}]});
        assert_eq!(
            of(both).unwrap(),
            "(model in [\"a\",\"b\"] || model != \"c\")"
        );
        for query in [
            json!({"metadata.plan": {"$eq": "x"}}),
            json!({}),
            json!({"params.model": {"$regex": "x"}}),
            json!([]),
        ] {
            assert_eq!(of(query), None);
        }
    }
}
