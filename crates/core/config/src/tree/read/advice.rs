//! What to do about a file that is not YAML.

/// A syntax error in plain words, where the parser's own need a dictionary.
pub(super) fn syntax_message(info: &str) -> &str {
    if info.contains("tabs disallowed") {
        "a tab in the indentation"
    } else if info.contains("mapping values are not allowed") {
        "no field can begin here"
    } else {
        info
    }
}

/// What to do about a syntax error, from what it says and the line it names.
pub(super) fn syntax_help(info: &str, line: &str) -> &'static str {
    let indent = line.len() - line.trim_start().len();
    let tab = line.get(..indent).is_some_and(|lead| lead.contains('\t'));
    if tab || info.contains("tab") {
        "YAML does not allow tabs for indentation: use two spaces for each level"
    } else if info.contains("unknown anchor") {
        "text that begins with `*` must be in quotes; an alias needs its `&anchor` above it"
    } else if line.matches(": ").count() > 1 {
        "a value that contains `: ` must be in quotes"
    } else if info.contains("mapping values") || info.contains("simple key") {
        "check that this line and the line above are indented as far as their neighbours, and that each field has a space after its `:`"
    } else if info.contains("quote") || info.contains("scalar") {
        "a quoted text must be closed with the same quote"
    } else {
        "check the indentation of this line and the line above, and that brackets and quotes are closed"
    }
}
