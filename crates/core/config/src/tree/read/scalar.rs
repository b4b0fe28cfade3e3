//! What a word without quotes means.

use serde_json::Number;

use crate::tree::Value;

/// A plain scalar, by the core schema of YAML 1.2 (section 10.3.2).
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => resolve_number(text).map_or_else(|| Value::Text(text.to_owned()), Value::Number),
    }
}

fn resolve_number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(Number::from);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let looks_numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit())
        && unsigned
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    if !looks_numeric {
        return None;
    }
    let signless = text.strip_prefix('+').unwrap_or(text);
    if let Ok(value) = signless.parse::<u64>() {
        return Some(value.into());
    }
    if let Ok(value) = signless.parse::<i64>() {
        return Some(value.into());
    }
    signless.parse().ok().and_then(Number::from_f64)
}
