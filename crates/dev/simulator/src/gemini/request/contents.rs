//! The contents of a request: checked, and counted.

use serde_json::{Map, Value};

use super::known::{BESIDE, CONTENT, DATA, check_names, member};
use super::list;
use crate::gemini::response::is_signature;
use crate::refused::Refused;
use crate::text;

/// Tokens every content costs beyond its text.
const CONTENT_TOKENS: u64 = 4;
/// What a picture, a sound or a file costs.
const MEDIUM_TOKENS: u64 = 85;

/// What calls may have in the place of a signature when another model made them.
const UNSIGNED: [&str; 2] = [
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
];

/// All contents, in order and rightly paired.
pub(super) fn contents<'v>(
    body: &'v Map<String, Value>,
    model: &str,
) -> Result<Vec<&'v Value>, Refused> {
    let contents: Vec<&Value> = list(member(body, "contents")).iter().collect();
    if contents.is_empty() {
        return Err(Refused::invalid(
            "* GenerateContentRequest.contents: contents is not specified\n",
        ));
    }
    for (place, content) in contents.iter().enumerate() {
        check_content(content, place)?;
    }
    check_calls(&contents)?;
    if model.starts_with("gemini-3") {
        check_signed(&contents)?;
    }
    Ok(contents)
}

fn check_content(content: &Value, place: usize) -> Result<(), Refused> {
    let at = format!("contents[{place}]");
    let Some(content) = content.as_object() else {
        return Err(Refused::invalid(format!("Invalid value at '{at}'")));
    };
    check_names(content, CONTENT, &at)?;
    let role = content.get("role").and_then(Value::as_str);
    if !matches!(role, None | Some("user" | "model" | "function")) {
        return Err(Refused::invalid("Please use a valid role: user, model."));
    }
    let parts = list(content.get("parts"));
    if parts.is_empty() {
        return Err(Refused::invalid(format!(
            "* GenerateContentRequest.{at}.parts: contents.parts must not be empty.\n"
        )));
    }
    for (place, part) in parts.iter().enumerate() {
        check_part(part, &format!("{at}.parts[{place}]"))?;
    }
    Ok(())
}

fn check_part(part: &Value, at: &str) -> Result<(), Refused> {
    let Some(part) = part.as_object() else {
        return Err(Refused::invalid(format!("Invalid value at '{at}'")));
    };
    let known: Vec<&str> = DATA.iter().chain(BESIDE).copied().collect();
    check_names(part, &known, at)?;
    let data = DATA.iter().filter(|name| member(part, name).is_some());
    if data.count() != 1 {
        return Err(Refused::invalid(format!(
            "* GenerateContentRequest.{at}.data: required oneof field 'data' must have one initialized field\n"
        )));
    }
    let call = member(part, "functionCall").or_else(|| member(part, "functionResponse"));
    if call.is_some_and(|call| call["name"].as_str().unwrap_or_default().is_empty()) {
        return Err(Refused::invalid(format!(
            "* GenerateContentRequest.{at}.function_response.name: Name cannot be empty.\n"
        )));
    }
    if member(part, "functionResponse").is_some_and(|result| !result["response"].is_object()) {
        return Err(Refused::invalid(format!(
            "Invalid value at '{at}.function_response.response'"
        )));
    }
    let signature = member(part, "thoughtSignature").and_then(Value::as_str);
    match signature {
        Some(signature) if !is_signature(signature) && !UNSIGNED.contains(&signature) => {
            Err(Refused::invalid("Thought signature is not valid."))
        }
        _ => Ok(()),
    }
}

/// Calls are answered in the very next content, each by its name, and only calls are.
fn check_calls(contents: &[&Value]) -> Result<(), Refused> {
    let mut before: Vec<&str> = Vec::new();
    for (place, content) in contents.iter().enumerate() {
        let answers = names(content, "functionResponse");
        let calls = names(content, "functionCall");
        if before.is_empty() && !answers.is_empty() {
            return Err(Refused::invalid(
                "Please ensure that function response turn comes immediately after a function call turn.",
            ));
        }
        // Clients that keep a stream have each call as a content of its own.
        let goes_on = content["role"] == "model" && !before.is_empty();
        if !before.is_empty() && !goes_on && sorted(&before) != sorted(&answers) {
            return Err(Refused::invalid(
                "Please ensure that the number of function response parts is equal to the number of function \
                 call parts of the function call turn.",
            ));
        }
        if !calls.is_empty() && place == 0 {
            return Err(Refused::invalid(
                "Please ensure that function call turn comes immediately after a user turn or after a function \
                 response turn.",
            ));
        }
        if goes_on {
            before.extend(calls);
        } else {
            before = calls;
        }
    }
    Ok(())
}

fn sorted<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

/// Newer models want every turn of calls since the user spoke to begin with a signed one.
fn check_signed(contents: &[&Value]) -> Result<(), Refused> {
    let spoke = |content: &&Value| {
        content["role"] != "model" && names(content, "functionResponse").is_empty()
    };
    let last = contents.iter().rposition(spoke).unwrap_or_default();
    let mut answered = true;
    for content in contents.iter().skip(last) {
        let parts = list(content.get("parts")).iter();
        let first = parts
            .filter_map(Value::as_object)
            .find(|part| member(part, "functionCall").is_some());
        if let Some(first) = first.filter(|_| answered)
            && member(first, "thoughtSignature").is_none()
        {
            return Err(Refused::invalid(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools \
                 to work correctly.",
            ));
        }
        answered = first.is_none() && content["role"] != "model";
    }
    Ok(())
}

/// The names in all calls, or results, of a content.
fn names<'v>(content: &'v Value, kind: &str) -> Vec<&'v str> {
    let parts = list(content.get("parts")).iter();
    let of_kind = parts.filter_map(|part| member(part.as_object()?, kind));
    of_kind.filter_map(|call| call["name"].as_str()).collect()
}

/// The texts of a content, thoughts left out.
pub(super) fn texts(content: &Value) -> Vec<&str> {
    let parts = list(content.get("parts")).iter();
    let said = parts.filter(|part| part["thought"] != true);
    said.filter_map(|part| part.get("text")?.as_str()).collect()
}

/// What the functions said that a content has the results of.
pub(super) fn results(content: &Value) -> Vec<String> {
    let parts = list(content.get("parts")).iter();
    let results = parts.filter_map(|part| member(part.as_object()?, "functionResponse"));
    results
        .map(|result| {
            let response = &result["response"];
            let said = ["output", "error", "result"]
                .iter()
                .find_map(|name| response[name].as_str());
            said.map_or_else(|| response.to_string(), str::to_owned)
        })
        .collect()
}

/// What a content costs, in tokens.
pub(super) fn content_tokens(content: &Value) -> u64 {
    let tokens = |part: &Value| {
        let Some(part) = part.as_object() else {
            return 0;
        };
        if let Some(text) = member(part, "text").and_then(Value::as_str) {
            return text::count(text);
        }
        let called = ["functionCall", "functionResponse"];
        match called.iter().find_map(|name| member(part, name)) {
            Some(call) => text::count(&call.to_string()),
            None => MEDIUM_TOKENS,
        }
    };
    CONTENT_TOKENS + list(content.get("parts")).iter().map(tokens).sum::<u64>()
}
