//! How formats take the names of members.

use std::borrow::Cow;

/// How a format takes the names of members in requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// As they are.
    Exact,
    /// In camel case, or in snake case for the same.
    CamelOrSnake,
}

impl Spelling {
    /// A name as the format documents it.
    pub(crate) fn of(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => Cow::Borrowed(name),
            Self::CamelOrSnake => camel(name),
        }
    }
}

/// The name in camel case.
pub(crate) fn camel(name: &str) -> Cow<'_, str> {
    let is_snake = name.strip_prefix('_').unwrap_or(name).contains('_');
    if !is_snake {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' && !out.is_empty() {
            upper = true;
        } else if upper {
            out.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The name of a member in snake case: two spellings of one name have one.
#[must_use]
pub fn snake_case(name: &str) -> Cow<'_, str> {
    if !name.contains(|c: char| c.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{camel, snake_case};

    #[test]
    fn snake_case_is_camel_case() {
        for (written, name) in [
            ("system_instruction", "systemInstruction"),
            ("systemInstruction", "systemInstruction"),
            ("contents", "contents"),
            ("top_k", "topK"),
            ("_responseJsonSchema", "_responseJsonSchema"),
            ("é_ü", "éü"),
            ("_", "_"),
        ] {
            assert_eq!(camel(written), name);
        }
    }

    #[test]
    fn one_name_has_one_spelling_in_snake_case() {
        for (written, name) in [
            ("systemInstruction", "system_instruction"),
            ("system_instruction", "system_instruction"),
            ("topK", "top_k"),
            ("max_tokens", "max_tokens"),
            ("", ""),
        ] {
            assert_eq!(snake_case(written), name);
        }
    }
}
