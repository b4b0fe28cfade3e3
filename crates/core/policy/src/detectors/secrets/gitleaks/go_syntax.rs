//! Patterns of Go's `regexp` (RE2) in the syntax of Rust's regex crate.
//!
//! They differ where Go takes a sign for itself: `[` and the signs of set operations
//! (`&&`, `--`, `~~`) within brackets, braces that are no counts, `\Q…\E`, `\z`, `\<`.

/// The pattern for the parser here.
pub(super) fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_set = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '\\' => escape(after, &mut out),
            '[' if in_set => set_item(rest, &mut out),
            '[' => {
                in_set = true;
                set_begin(after, &mut out)
            }
            ']' if in_set => {
                in_set = false;
                out.push(']');
                after
            }
            '&' | '~' if in_set => {
                out.push('\\');
                out.push(c);
                after
            }
            '-' if in_set && after.starts_with('-') => {
                out.push_str("\\-");
                after
            }
            '{' if !in_set && !is_count(after) => {
                out.push_str("\\{");
                after
            }
            '}' if !in_set && !closes_count(&out) => {
                out.push_str("\\}");
                after
            }
            other => {
                out.push(other);
                after
            }
        };
    }
    out
}

/// What stands behind a backslash.
fn escape<'p>(after: &'p str, out: &mut String) -> &'p str {
    if let Some(literal) = after.strip_prefix('Q') {
        let (literal, rest) = literal.split_once("\\E").unwrap_or((literal, ""));
        out.push_str(&regex_syntax::escape(literal));
        return rest;
    }
    let Some(c) = after.chars().next() else {
        out.push('\\');
        return after;
    };
    match c {
        '<' | '>' => out.push(c),
        // Go takes any sign behind a backslash for itself.
        _ if !c.is_ascii_alphanumeric() && !regex_syntax::is_escapeable_character(c) => out.push(c),
        _ => {
            out.push('\\');
            out.push(c);
        }
    }
    let rest = after.get(c.len_utf8()..).unwrap_or_default();
    // A character by its number, a class by its name.
    let named = rest
        .find('}')
        .filter(|_| matches!(c, 'x' | 'p' | 'P') && rest.starts_with('{'));
    let (name, rest) = rest.split_at(named.map_or(0, |end| end + 1));
    out.push_str(name);
    rest
}

/// The beginning of a set: `^`, and a `]` that stands for itself.
fn set_begin<'p>(after: &'p str, out: &mut String) -> &'p str {
    out.push('[');
    let mut rest = after;
    if let Some(negated) = rest.strip_prefix('^') {
        out.push('^');
        rest = negated;
    }
    if let Some(literal) = rest.strip_prefix(']') {
        out.push_str("\\]");
        rest = literal;
    }
    rest
}

/// A bracket within a set: a class with a name, or the sign.
fn set_item<'p>(rest: &'p str, out: &mut String) -> &'p str {
    let class = rest.find(":]").filter(|_| rest.starts_with("[:"));
    if let Some(end) = class {
        let (class, rest) = rest.split_at(end + 2);
        out.push_str(class);
        return rest;
    }
    out.push_str("\\[");
    rest.get(1..).unwrap_or_default()
}

/// Whether `{` begins a count.
fn is_count(after: &str) -> bool {
    let Some((inside, _)) = after.split_once('}') else {
        return false;
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inside.split_once(',') {
        Some((least, most)) => number(least) && (most.is_empty() || number(most)),
        None => number(inside),
    }
}

/// Whether what was written so far ends within a count, or a name in braces.
fn closes_count(out: &str) -> bool {
    out.rfind('{').is_some_and(|at| {
        let inside = out.get(at + 1..).unwrap_or_default();
        let before = out.get(..at).unwrap_or_default();
        !before.ends_with('\\') && !inside.contains('}')
    })
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn what_differs_is_written_anew() {
        for (go, here) in [
            ("a{2,3}b{4}", "a{2,3}b{4}"),
            ("${x}", "$\\{x\\}"),
            ("[[:alnum:]_]", "[[:alnum:]_]"),
            ("[a[b]", "[a\\[b]"),
            ("[]a]", "[\\]a]"),
            ("[^]&&~]", "[^\\]\\&\\&\\~]"),
            ("\\Qa.b\\Ec", "a\\.bc"),
            ("\\<a\\z", "<a\\z"),
            ("\\x60\\x{1F}", "\\x60\\x{1F}"),
            ("[\\w-]{20}", "[\\w-]{20}"),
        ] {
            assert_eq!(translated(go), here, "{go}");
        }
    }
}
