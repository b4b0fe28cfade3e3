//! What servers refuse or name otherwise, as their documentation says.

use super::shape::Provider;

/// Something in which a server differs from the format it speaks. Members are those at the
/// top of a request, but where something else is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quirk {
    /// It knows a member, the first, by another name, the second.
    Renamed(&'static str, &'static str),
    /// It refuses a member, which is left out: a loss.
    Refused(&'static str),
    /// It refuses a member without which it does the same: left out, and nothing is lost.
    Needless(&'static str),
    /// It wants a member, with this JSON, that the format does not have.
    Added(&'static str, &'static str),
    /// It takes no larger number; a larger one becomes this: a loss.
    AtMost(&'static str, f64),
    /// It takes JSON without a schema only: the schema is a loss.
    NoSchema,
    /// It has no role `developer` in messages: that of old, `system`, means the same.
    NoDeveloper,
}

/// Quirks of a provider in one format.
#[derive(Clone, Copy, Debug)]
pub struct Quirks {
    /// The label of the format.
    pub format: &'static str,
    /// How the names of the models begin that have them; empty for all.
    pub models: &'static [&'static str],
    /// The quirks.
    pub all: &'static [Quirk],
}

impl Provider {
    /// In what a model differs in a format.
    pub fn quirks_of<'p>(
        &'p self,
        format: &'p str,
        model: &'p str,
    ) -> impl Iterator<Item = &'static Quirk> + 'p {
        let rules = self.quirks.iter().filter(move |rule| {
            let begins = |prefix: &&str| model.starts_with(*prefix);
            rule.format == format && (rule.models.is_empty() || rule.models.iter().any(begins))
        });
        rules.flat_map(|rule| rule.all)
    }
}

/// The format that all of these but Claude on Vertex speak.
const CHAT: &str = "openai_chat";

const fn chat(all: &'static [Quirk]) -> Quirks {
    Quirks {
        format: CHAT,
        models: &[],
        all,
    }
}

const fn embeddings(all: &'static [Quirk]) -> Quirks {
    Quirks {
        format: "openai_embeddings",
        models: &[],
        all,
    }
}

/// Models that reason know the newer name only, and refuse the older one
/// (platform.openai.com/docs/api-reference/chat/create, `max_tokens`).
pub(super) const OPENAI: &[Quirks] = &[Quirks {
    format: CHAT,
    models: &["o1", "o3", "o4", "gpt-5", "gpt-6", "codex-mini"],
    all: &[Quirk::Renamed("max_tokens", "max_completion_tokens")],
}];

/// Its schema of a request names its members and allows no others
/// (docs.mistral.ai/api, `ChatCompletionRequest`); usage is in the last chunk always.
pub(super) const MISTRAL: &[Quirks] = &[
    chat(&[
        Quirk::Renamed("max_completion_tokens", "max_tokens"),
        Quirk::Renamed("seed", "random_seed"),
        Quirk::Needless("stream_options"),
        Quirk::Refused("audio"),
        Quirk::Refused("logit_bias"),
        Quirk::Refused("logprobs"),
        Quirk::Refused("modalities"),
        Quirk::Refused("prompt_cache_retention"),
        Quirk::Refused("safety_identifier"),
        Quirk::Refused("service_tier"),
        Quirk::Refused("store"),
        Quirk::AtMost("temperature", 1.5),
        Quirk::Refused("top_logprobs"),
        Quirk::Refused("user"),
        Quirk::Refused("verbosity"),
        Quirk::Refused("web_search_options"),
        Quirk::NoDeveloper,
    ]),
    embeddings(&[
        Quirk::Renamed("dimensions", "output_dimension"),
        Quirk::Refused("user"),
    ]),
];

/// Its schema of embeddings forbids what it does not name (api.jina.ai/redoc).
pub(super) const JINA: &[Quirks] = &[embeddings(&[
    Quirk::Renamed("encoding_format", "embedding_type"),
    Quirk::Refused("user"),
])];

/// console.groq.com/docs/openai, what is not supported.
pub(super) const GROQ: &[Quirks] = &[chat(&[
    Quirk::Refused("logit_bias"),
    Quirk::Refused("logprobs"),
    Quirk::Refused("top_logprobs"),
    Quirk::AtMost("n", 1.0),
    Quirk::Refused("metadata"),
    Quirk::Refused("store"),
])];

/// api-docs.deepseek.com/api/create-chat-completion: `response_format` is `text` or
/// `json_object`, roles are `system`, `user`, `assistant` and `tool`.
pub(super) const DEEPSEEK: &[Quirks] = &[chat(&[
    Quirk::Renamed("max_completion_tokens", "max_tokens"),
    Quirk::NoSchema,
    Quirk::NoDeveloper,
])];

/// docs.x.ai/docs/guides/reasoning: models that reason answer these with an error.
/// Most of them cannot be told how much (ai-sdk.dev/providers/ai-sdk-providers/xai).
pub(super) const XAI: &[Quirks] = &[
    Quirks {
        format: CHAT,
        models: &[
            "grok-4-0709",
            "grok-4-1-fast-reasoning",
            "grok-4-fast-reasoning",
            "grok-4.20-0309-reasoning",
            "grok-4.20-multi-agent",
            "grok-4.20-reasoning",
            "grok-4.3",
            "grok-4.5",
            "grok-4.6",
            "grok-code-fast",
        ],
        all: &[
            Quirk::Refused("frequency_penalty"),
            Quirk::Refused("presence_penalty"),
            Quirk::Refused("stop"),
        ],
    },
    Quirks {
        format: CHAT,
        models: &[
            "grok-4-0709",
            "grok-4-fast",
            "grok-4.20-0309",
            "grok-code-fast",
        ],
        all: &[Quirk::Refused("reasoning_effort")],
    },
];

/// platform.moonshot.ai/docs/api/chat: `temperature` is from 0 to 1; the later models have it
/// and all else about sampling fixed, and answer other values with 400.
pub(super) const MOONSHOT: &[Quirks] = &[
    chat(&[Quirk::NoDeveloper]),
    Quirks {
        format: CHAT,
        models: &["kimi-k2-", "kimi-latest", "kimi-thinking", "moonshot-v1"],
        all: &[Quirk::AtMost("temperature", 1.0)],
    },
    Quirks {
        format: CHAT,
        models: &["kimi-k2.5", "kimi-k2.6", "kimi-k2.7", "kimi-k3"],
        all: &[
            Quirk::Refused("frequency_penalty"),
            Quirk::Refused("n"),
            Quirk::Refused("presence_penalty"),
            Quirk::Refused("temperature"),
            Quirk::Refused("top_p"),
        ],
    },
];

/// Servers whose schema has no role `developer` (help.aliyun.com/en/model-studio,
/// docs.sambanova.ai, docs.together.ai).
pub(super) const NO_DEVELOPER: &[Quirks] = &[chat(&[Quirk::NoDeveloper])];

/// docs.z.ai/api-reference/llm/chat-completion: `temperature` is from 0 to 1,
/// `response_format` is `text` or `json_object`.
pub(super) const ZHIPU: &[Quirks] = &[chat(&[
    Quirk::Renamed("max_completion_tokens", "max_tokens"),
    Quirk::AtMost("temperature", 1.0),
    Quirk::NoSchema,
    Quirk::NoDeveloper,
])];

/// Servers that read the older name only and ignore what they do not know, so that the
/// limit would be lost in silence (docs.ollama.com/api/openai-compatibility;
/// docs.perplexity.ai/api-reference/chat-completions-post;
/// lmstudio.ai/docs/developer/openai-compat/chat-completions).
pub(super) const OLDER: &[Quirks] = &[chat(&[Quirk::Renamed(
    "max_completion_tokens",
    "max_tokens",
)])];

/// Claude on Vertex is named in the path but where tokens are counted, and the version of its API in the body
/// (platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai).
pub(super) const VERTEX: &[Quirks] = &[
    Quirks {
        format: "anthropic_messages",
        models: &[],
        all: &[
            Quirk::Needless("model"),
            Quirk::Added("anthropic_version", "\"vertex-2023-10-16\""),
        ],
    },
    Quirks {
        format: "anthropic_count_tokens",
        models: &[],
        all: &[Quirk::Added("anthropic_version", "\"vertex-2023-10-16\"")],
    },
];

#[cfg(test)]
mod tests {
    use crate::{PROVIDERS, ProviderKind, Quirk};

    #[test]
    fn quirks_are_those_of_a_model_in_a_format() {
        let quirks = |kind: &str, format: &str, model: &str| {
            let kind = ProviderKind::find(kind).expect("a kind");
            kind.quirks_of(format, model).count()
        };
        assert_eq!(quirks("openai", "openai_chat", "gpt-5-mini"), 1);
        assert_eq!(quirks("openai", "openai_chat", "gpt-4o"), 0);
        assert_eq!(quirks("openai", "openai_responses", "gpt-5"), 0);
        assert_eq!(quirks("xai", "openai_chat", "grok-4-fast-non-reasoning"), 1);
        assert_eq!(quirks("xai", "openai_chat", "grok-4-fast-reasoning"), 4);
        assert_eq!(quirks("mistral", "openai_embeddings", "mistral-embed"), 2);
        assert_eq!(quirks("vertex", "anthropic_messages", "claude-x"), 2);
        assert_eq!(quirks("openai_compatible", "openai_chat", "x"), 0);
    }

    #[test]
    fn quirks_are_about_formats_that_a_provider_speaks_and_json() {
        for provider in PROVIDERS {
            for rule in provider.quirks {
                let label = provider.label;
                assert!(provider.formats.contains(&rule.format), "{label}");
                for quirk in rule.all {
                    if let Quirk::Added(_, json) = quirk {
                        assert!(json.starts_with('"') && json.ends_with('"'), "{label}");
                    }
                }
            }
        }
    }
}
