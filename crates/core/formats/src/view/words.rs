//! The words of the protocols, which are nobody's text.
//!
//! A member that a view does not know is read as text, keys included. These words are
//! not: they say nothing of their own, and a request in which one is changed is broken.

/// Sorted. Keys and values of requests and of JSON Schema.
const WORDS: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "$vocabulary",
    "1h",
    "24h",
    "5m",
    "adaptive",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "allowed_callers",
    "allowed_domains",
    "allowed_tools",
    "annotations",
    "anthropic_beta",
    "any",
    "anyOf",
    "application/pdf",
    "approximate",
    "arguments",
    "array",
    "assistant",
    "audio",
    "authorization_token",
    "auto",
    "base64",
    "bash",
    "betas",
    "blocked_domains",
    "boolean",
    "budget_tokens",
    "cache_control",
    "caller",
    "citations",
    "cited_text",
    "city",
    "code_execution",
    "computer",
    "const",
    "container",
    "contains",
    "content",
    "contentEncoding",
    "contentMediaType",
    "context_management",
    "country",
    "custom",
    "data",
    "date",
    "date-time",
    "default",
    "defer_loading",
    "definition",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "description",
    "detail",
    "developer",
    "direct",
    "disable_parallel_tool_use",
    "disabled",
    "display",
    "display_height_px",
    "display_number",
    "display_width_px",
    "document_index",
    "document_title",
    "double",
    "duration",
    "eager_input_streaming",
    "edits",
    "effort",
    "else",
    "email",
    "enabled",
    "encrypted_content",
    "encrypted_index",
    "end_block_index",
    "end_char_index",
    "end_page_number",
    "enum",
    "ephemeral",
    "error_code",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "extra_body",
    "extra_content",
    "file",
    "file_data",
    "file_id",
    "filename",
    "flac",
    "flex",
    "float",
    "format",
    "frequency_penalty",
    "function",
    "function_call",
    "functions",
    "google",
    "grammar",
    "high",
    "hostname",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2020-12/schema",
    "id",
    "if",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "image_url",
    "in_memory",
    "include_reasoning",
    "include_usage",
    "index",
    "inference_geo",
    "input",
    "input_audio",
    "input_examples",
    "input_schema",
    "int32",
    "int64",
    "integer",
    "ipv4",
    "ipv6",
    "is_error",
    "items",
    "json_object",
    "json_schema",
    "lark",
    "latest",
    "logit_bias",
    "logprobs",
    "low",
    "max",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "max_completion_tokens",
    "max_content_tokens",
    "max_tokens",
    "max_uses",
    "maximum",
    "mcp_servers",
    "media_type",
    "medium",
    "memory",
    "messages",
    "metadata",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimal",
    "minimum",
    "modalities",
    "mode",
    "model",
    "mp3",
    "multipleOf",
    "n",
    "name",
    "none",
    "not",
    "null",
    "nullable",
    "number",
    "object",
    "omitted",
    "oneOf",
    "opus",
    "output_config",
    "page_age",
    "parallel_tool_calls",
    "parameters",
    "pattern",
    "patternProperties",
    "pcm16",
    "plugins",
    "prediction",
    "prefixItems",
    "presence_penalty",
    "priority",
    "prompt_cache_key",
    "prompt_cache_retention",
    "properties",
    "propertyNames",
    "provider",
    "readOnly",
    "reasoning",
    "reasoning_effort",
    "refusal",
    "regex",
    "region",
    "required",
    "response_format",
    "return_code",
    "role",
    "safety_identifier",
    "scale",
    "schema",
    "search_context_size",
    "search_result_index",
    "seed",
    "service_tier",
    "signature",
    "skill_id",
    "skills",
    "source",
    "standard",
    "standard_only",
    "start_block_index",
    "start_char_index",
    "start_page_number",
    "stderr",
    "stdout",
    "stop",
    "stop_sequences",
    "store",
    "str_replace_based_edit_tool",
    "str_replace_editor",
    "stream",
    "stream_options",
    "strict",
    "string",
    "summarized",
    "syntax",
    "system",
    "temperature",
    "text",
    "text/plain",
    "then",
    "thinking",
    "thought_signature",
    "time",
    "timezone",
    "title",
    "tool",
    "tool_call_id",
    "tool_calls",
    "tool_choice",
    "tool_configuration",
    "tool_use_id",
    "tools",
    "top_k",
    "top_logprobs",
    "top_p",
    "ttl",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "uri",
    "uri-reference",
    "url",
    "user",
    "user_location",
    "uuid",
    "verbosity",
    "version",
    "voice",
    "wav",
    "web_fetch",
    "web_search",
    "web_search_options",
    "writeOnly",
    "xhigh",
];

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
/// `role` in small letters, digits and `_`, or a `model`. A text with spaces, an
/// address or a number is none.
pub(super) fn is_name(key: &str, value: &str) -> bool {
    const BYTES_MAX: usize = 96;
    let more: &[u8] = match key {
        "type" | "role" => b"_",
        "model" => b"_-./:",
        _ => return false,
    };
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

/// True for the name of a member whose number is a measure of the protocol, however many
/// digits it has.
pub(super) fn is_measure(key: &str) -> bool {
    matches!(
        key,
        "seed"
            | "created"
            | "created_at"
            | "expires_at"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "maxLength"
            | "max_tokens"
            | "max_completion_tokens"
            | "budget_tokens"
            | "top_k"
    )
}

/// True for a number that may be more than a measure: its whole part has eight digits or
/// more, as telephone numbers and cards have.
pub(crate) fn is_telling(number: &[u8]) -> bool {
    const DIGITS_MIN: usize = 8;
    let whole = number.iter().skip_while(|byte| **byte == b'-');
    whole.take_while(|byte| byte.is_ascii_digit()).count() >= DIGITS_MIN
}

/// Members of answers, events and errors, those of every event first.
const FRAME: &[&str] = &[
    "id",
    "object",
    "model",
    "choices",
    "index",
    "delta",
    "role",
    "content",
    "type",
    "text",
    "created",
    "message",
    "messages",
    "usage",
    "finish_reason",
    "native_finish_reason",
    "stop_reason",
    "stop_sequence",
    "stop_details",
    "system_fingerprint",
    "service_tier",
    "obfuscation",
    "logprobs",
    "content_block",
    "partial_json",
    "thinking",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "thinking_blocks",
    "refusal",
    "tool_calls",
    "function",
    "custom",
    "function_call",
    "name",
    "arguments",
    "input",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_tokens_details",
    "completion_tokens_details",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "audio_tokens",
    "reasoning_tokens",
    "accepted_prediction_tokens",
    "rejected_prediction_tokens",
    "cache_creation",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "ephemeral_5m_input_tokens",
    "ephemeral_1h_input_tokens",
    "server_tool_use",
    "web_search_requests",
    "web_fetch_requests",
    "transcript",
    "audio",
    "error",
    "errors",
    "code",
    "param",
    "status",
    "details",
    "request_id",
    "prompt_filter_results",
    "content_filter_results",
];

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
