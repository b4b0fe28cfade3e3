//! What to write instead of a value of the wrong kind.

use serde_json::Value as Json;

use crate::suggest::list;
use crate::tree::Entry;

pub(super) const SECRET_HELP: &str = "a secret is never written here; write `secret_key_ref: {env: NAME_OF_A_VARIABLE}` or `{file: PATH}`";

/// What to do with fields where a list belongs.
pub(super) fn list_help(entries: &[Entry]) -> &'static str {
    if entries
        .first()
        .is_some_and(|entry| entry.key.starts_with('-'))
    {
        "write a space after each `-`"
    } else {
        "begin each item with `- `, and write what was its key as `name:`"
    }
}

/// What to do with something else where fields belong.
pub(super) fn fields_help(field: &str, written: Option<&str>, root: &Json) -> String {
    let glued = written.and_then(|text| text.split_once(':'));
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if let Some((name, value)) = glued
        && !value.starts_with(' ')
        && is_word(name)
    {
        return format!("write a space after the `:` of `{name}`");
    }
    let help = match field.split_once('[').map(|(list, _)| list) {
        Some("input" | "output") => "begin it with its type: `- type: ...`",
        Some("targets") => {
            "begin it with its provider: `- provider: ...`, and below that `model: ...`"
        }
        Some("keys") => {
            "write what `tollgate keys new` prints: `- id: ...`, and below that `hash: ...`"
        }
        Some(_) => "begin it with its name: `- name: ...`",
        None if field.is_empty() => {
            let fields = root.get("properties").and_then(Json::as_object);
            let names = fields.into_iter().flat_map(|all| all.keys());
            return format!("write its fields: {}", list(names.map(String::as_str)));
        }
        None => return format!("write its fields below `{field}`, indented, one a line"),
    };
    help.to_owned()
}

/// What `30s` or `10MiB` is in the unit of the field.
pub(super) fn number_help(field: &str, text: &str) -> String {
    let text = text.trim().replace('_', "");
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.get(digits.len()..).unwrap_or_default().trim();
    let factor: Option<u64> = if field.ends_with("_ms") || field.contains("_ms_") {
        match unit {
            "" | "ms" => Some(1),
            "s" | "sec" | "second" | "seconds" => Some(1000),
            "m" | "min" | "minute" | "minutes" => Some(60_000),
            "h" | "hour" | "hours" => Some(3_600_000),
            _ => None,
        }
    } else {
        match unit {
            "" | "B" => Some(1),
            "k" | "K" | "Ki" | "KB" | "KiB" => Some(1 << 10),
            "M" | "Mi" | "MB" | "MiB" => Some(1 << 20),
            "G" | "Gi" | "GB" | "GiB" => Some(1 << 30),
            _ => None,
        }
    };
    let number = digits.trim().parse::<u64>().ok();
    match number.zip(factor).and_then(|(n, f)| n.checked_mul(f)) {
        Some(value) => format!("write {value}, without quotes or unit"),
        None => "write digits only, without quotes or unit".to_owned(),
    }
}
