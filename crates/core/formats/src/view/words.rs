//! The words of the protocols, which are nobody's text.
//!
//! A member that a view does not know is read as text, keys included. These words are
//! not: they say nothing of their own, and a request in which one is changed is broken.

mod frame;
mod request;

use frame::FRAME;
use request::WORDS;

/// The same word of the protocols, if it is one.
pub(crate) fn word(text: &str) -> Option<&'static str> {
    let frame = || FRAME.iter().find(|word| **word == text).copied();
    let at = WORDS.binary_search(&text).ok();
    at.and_then(|at| WORDS.get(at).copied()).or_else(frame)
}

/// True for a word of the protocols.
pub(super) fn is_word(text: &str) -> bool {
    WORDS.binary_search(&text).is_ok()
}

/// True when a member of this key has a name of the protocol as its value: a `type` or
/// `role` in small letters, digits and `_`, a `type` in capitals, or a `model`. A text with
/// spaces, an address or a number is none.
pub(super) fn is_name(key: &str, value: &str) -> bool {
    const BYTES_MAX: usize = 96;
    let more: &[u8] = match key {
        "type" | "role" => b"_",
        "model" => b"_-./:",
        _ => return false,
    };
    if key == "type" && is_constant(value) {
        return true;
    }
    // The events of OpenAI Responses.
    if let Some(rest) = value.strip_prefix("response.").filter(|_| key == "type") {
        let fits = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.');
        return rest.len() <= BYTES_MAX && rest.bytes().all(fits);
    }
    // The events of Cohere's chats.
    let is_event = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if key == "type" && value.len() <= BYTES_MAX && value.bytes().all(is_event) {
        return !value.is_empty();
    }
    let model = key == "model";
    let fits = |byte: &u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || more.contains(byte)
            || (model && byte.is_ascii_uppercase())
    };
    value.len() <= BYTES_MAX
        && value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.as_bytes().iter().all(fits)
}

/// True for a word of an enumeration as Google's formats have them: capitals and `_`.
pub(super) fn is_constant(value: &str) -> bool {
    const BYTES_MAX: usize = 64;
    !value.is_empty()
        && value.len() <= BYTES_MAX
        && value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// True for the name of a member whose number is a measure of the protocol, however many
/// digits it has.
pub(super) fn is_measure(key: &str) -> bool {
    matches!(
        key,
        "seed"
            | "created"
            | "created_at"
            | "expires_at"
            | "completed_at"
            | "max_output_tokens"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "maxLength"
            | "max_tokens"
            | "maxTokens"
            | "max_completion_tokens"
            | "maxOutputTokens"
            | "budget_tokens"
            | "thinkingBudget"
            | "top_k"
            | "topK"
    )
}

/// True for a number that may be more than a measure: its whole part has eight digits or
/// more, as telephone numbers and cards have.
pub(crate) fn is_telling(number: &[u8]) -> bool {
    const DIGITS_MIN: usize = 8;
    let whole = number.iter().skip_while(|byte| **byte == b'-');
    whole.take_while(|byte| byte.is_ascii_digit()).count() >= DIGITS_MIN
}

/// True for the name of a member that answers, events and errors have.
pub(super) fn is_frame(key: &str) -> bool {
    FRAME.contains(&key) || is_word(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_and_found() {
        assert!(WORDS.is_sorted_by(|one, two| one < two));
        assert!(is_word("properties") && !is_word("secret"));
    }

    #[test]
    fn a_name_is_no_text() {
        assert!(is_name("type", "web_search_20250305") && is_name("model", "Qwen/Qwen3-8B"));
        for text in ["", "a b", "a@b.co", "123-45-6789", "4111111111111111"] {
            assert!(!is_name("type", text) && !is_name("model", text), "{text}");
        }
        assert!(!is_name("description", "word"));
    }
}
