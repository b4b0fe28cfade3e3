//! Names of members: camel case, or snake case in requests.

use std::borrow::Cow;

use crate::prompt::Parameter;

/// The parameters that prompts of a configuration set, as callers write them.
pub(super) const PARAMETERS: &[(Parameter, &[&str])] = &[
    (
        Parameter::Temperature,
        &[
            "generationConfig.temperature",
            "generation_config.temperature",
        ],
    ),
    (
        Parameter::TopP,
        &["generationConfig.topP", "generation_config.top_p"],
    ),
    (
        Parameter::TopK,
        &["generationConfig.topK", "generation_config.top_k"],
    ),
    (
        Parameter::MaxTokens,
        &[
            "generationConfig.maxOutputTokens",
            "generation_config.max_output_tokens",
        ],
    ),
    (
        Parameter::Stop,
        &[
            "generationConfig.stopSequences",
            "generation_config.stop_sequences",
        ],
    ),
    (
        Parameter::Seed,
        &["generationConfig.seed", "generation_config.seed"],
    ),
    (
        Parameter::FrequencyPenalty,
        &[
            "generationConfig.frequencyPenalty",
            "generation_config.frequency_penalty",
        ],
    ),
    (
        Parameter::PresencePenalty,
        &[
            "generationConfig.presencePenalty",
            "generation_config.presence_penalty",
        ],
    ),
];

/// The name in camel case.
pub(super) fn camel(name: &str) -> Cow<'_, str> {
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

#[cfg(test)]
mod tests {
    use super::camel;

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
}
