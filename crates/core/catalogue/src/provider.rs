//! Kinds of provider: the table.
//!
//! Addresses, names of keys and ports are those of the providers' own documentation.

mod kind;
mod path;
mod quirk;
mod shape;

pub use kind::ProviderKind;
pub use path::Site;
pub use quirk::{Quirk, Quirks};
pub use shape::{Auth, Cloud, Nature, Paths, Provider};

/// The format that everybody imitates.
const CHAT: &[&str] = &["openai_chat"];

/// The formats that OpenAI defined and others imitate.
const IMITATED: &[&str] = &["openai_chat", "openai_embeddings"];

/// Those, and reranking as servers of open models have it, which is as Jina has it.
const OPEN_MODELS: &[&str] = &["openai_chat", "openai_embeddings", "jina_rerank"];

/// The formats of [`IMITATED`], and the older one of texts that are continued.
const CONTINUED: &[&str] = &["openai_chat", "openai_completions", "openai_embeddings"];

/// All of these, as servers of open models have them.
const OPEN_SERVERS: &[&str] = &[
    "openai_chat",
    "openai_completions",
    "openai_embeddings",
    "jina_rerank",
];

/// The format that models are asked in which know no other
/// (developers.openai.com/api/docs/models: those with the endpoint `v1/completions`).
const INSTRUCT: &[(&str, &str)] = &[
    ("gpt-3.5-turbo-instruct", "openai_completions"),
    ("gpt-35-turbo-instruct", "openai_completions"),
    ("davinci-002", "openai_completions"),
    ("babbage-002", "openai_completions"),
    ("ft:davinci-002", "openai_completions"),
    ("ft:babbage-002", "openai_completions"),
];

/// Models that know Responses and not Chat Completions (openai/openai-openapi,
/// `ResponsesOnlyModel` in openapi.yaml).
const RESPONSES_ONLY: &[(&str, &str)] = &[
    ("computer-use-preview", "openai_chat"),
    ("gpt-5-codex", "openai_chat"),
    ("gpt-5-pro", "openai_chat"),
    ("gpt-5.1-codex-max", "openai_chat"),
    ("gpt-5.5-pro", "openai_chat"),
    ("gpt-5.6-cyber", "openai_chat"),
    ("gpt-daybreak", "openai_chat"),
    ("o1-pro", "openai_chat"),
    ("o3-deep-research", "openai_chat"),
    ("o3-pro", "openai_chat"),
    ("o4-mini-deep-research", "openai_chat"),
];

/// A provider of models that speaks OpenAI Chat Completions.
const COMPATIBLE: Provider = Provider {
    label: "openai_compatible",
    about: "Anything that speaks OpenAI Chat Completions, found by `base_url`.",
    nature: Nature::Models,
    base_url: None,
    version_in_base_url: true,
    formats: OPEN_MODELS,
    is_original: false,
    auth: Auth::Bearer,
    cloud: None,
    paths: Paths::OfFormats,
    only: &[],
    within: &[],
    never: &[],
    quirks: &[],
    key_variable: None,
};

/// Somebody who serves models at an address, to whoever has a key.
const fn hosted(
    label: &'static str,
    about: &'static str,
    base_url: &'static str,
    key_variable: &'static str,
) -> Provider {
    Provider {
        label,
        about,
        base_url: Some(base_url),
        formats: CHAT,
        key_variable: Some(key_variable),
        ..COMPATIBLE
    }
}

/// A server of one's own, at the port where it listens unless it is told otherwise.
const fn local(label: &'static str, about: &'static str, base_url: &'static str) -> Provider {
    Provider {
        label,
        about,
        base_url: Some(base_url),
        formats: CONTINUED,
        ..COMPATIBLE
    }
}

impl Provider {
    /// With quirks.
    const fn with(self, quirks: &'static [Quirks]) -> Self {
        Self { quirks, ..self }
    }

    /// One that has embeddings too.
    const fn embeds(self) -> Self {
        Self {
            formats: IMITATED,
            ..self
        }
    }

    /// One that has embeddings and reranks too.
    const fn reranks(self) -> Self {
        Self {
            formats: OPEN_MODELS,
            ..self
        }
    }

    /// One that has all that servers of open models have.
    const fn serves_open_models(self) -> Self {
        Self {
            formats: OPEN_SERVERS,
            ..self
        }
    }
}

/// Every kind of provider, in the order in which they are documented.
pub static PROVIDERS: &[Provider] = &[
    Provider {
        label: "openai",
        about: "OpenAI itself.",
        base_url: Some("https://api.openai.com/v1"),
        formats: &[
            "openai_chat",
            "openai_responses",
            "openai_completions",
            "openai_embeddings",
            "openai_count_tokens",
        ],
        is_original: true,
        only: INSTRUCT,
        never: RESPONSES_ONLY,
        quirks: quirk::OPENAI,
        key_variable: Some("OPENAI_API_KEY"),
        ..COMPATIBLE
    },
    COMPATIBLE,
    Provider {
        label: "anthropic",
        about: "Anthropic Messages.",
        base_url: Some("https://api.anthropic.com"),
        version_in_base_url: false,
        formats: &["anthropic_messages", "anthropic_count_tokens"],
        is_original: true,
        auth: Auth::Header("x-api-key"),
        key_variable: Some("ANTHROPIC_API_KEY"),
        ..COMPATIBLE
    },
    Provider {
        label: "gemini",
        about: "The Gemini API.",
        base_url: Some("https://generativelanguage.googleapis.com"),
        version_in_base_url: false,
        formats: &[
            "gemini_generate",
            "gemini_batch_embed",
            "gemini_embed",
            "gemini_count_tokens",
        ],
        is_original: true,
        auth: Auth::Header("x-goog-api-key"),
        key_variable: Some("GEMINI_API_KEY"),
        ..COMPATIBLE
    },
    Provider {
        label: "azure_openai",
        about: "Azure OpenAI; `base_url` is `https://NAME.openai.azure.com`.",
        version_in_base_url: false,
        is_original: true,
        auth: Auth::Header("api-key"),
        formats: &[
            "openai_chat",
            "openai_responses",
            "openai_completions",
            "openai_embeddings",
        ],
        cloud: Some(Cloud::Azure),
        paths: Paths::Azure,
        only: INSTRUCT,
        never: RESPONSES_ONLY,
        key_variable: Some("AZURE_OPENAI_API_KEY"),
        ..COMPATIBLE
    },
    Provider {
        label: "bedrock",
        about: "Amazon Bedrock in a `region`; without a key as AWS's own SDKs.",
        base_url: Some("https://bedrock-runtime.{region}.amazonaws.com"),
        version_in_base_url: false,
        cloud: Some(Cloud::Aws),
        formats: &["bedrock_converse", "openai_chat", "bedrock_count_tokens"],
        paths: Paths::Bedrock,
        only: &[("openai.", "openai_chat")],
        within: &[("bedrock_count_tokens", "anthropic.")],
        key_variable: Some("AWS_BEARER_TOKEN_BEDROCK"),
        ..COMPATIBLE
    },
    Provider {
        label: "vertex",
        about: "Vertex AI of Google Cloud in a `project`; without a key as Google's own SDKs.",
        base_url: Some("https://{region}-aiplatform.googleapis.com"),
        version_in_base_url: false,
        formats: &[
            "gemini_generate",
            "anthropic_messages",
            "openai_chat",
            "vertex_count_tokens",
            "anthropic_count_tokens",
        ],
        auth: Auth::Header("x-goog-api-key"),
        cloud: Some(Cloud::Google),
        paths: Paths::Vertex,
        quirks: quirk::VERTEX,
        only: &[
            ("claude", "anthropic_messages"),
            ("claude", "anthropic_count_tokens"),
            ("deepseek-ai/", "openai_chat"),
            ("google/", "openai_chat"),
            ("meta/", "openai_chat"),
            ("moonshotai/", "openai_chat"),
            ("openai/", "openai_chat"),
            ("qwen/", "openai_chat"),
            ("minimaxai/", "openai_chat"),
            ("xai/", "openai_chat"),
            ("zai-org/", "openai_chat"),
        ],
        key_variable: Some("GOOGLE_API_KEY"),
        ..COMPATIBLE
    },
    hosted(
        "mistral",
        "Mistral AI.",
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
    )
    .embeds()
    .with(quirk::MISTRAL),
    hosted(
        "groq",
        "GroqCloud.",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
    )
    .with(quirk::GROQ),
    hosted(
        "together",
        "Together AI.",
        "https://api.together.ai/v1",
        "TOGETHER_API_KEY",
    )
    .serves_open_models(),
    hosted(
        "fireworks",
        "Fireworks AI.",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
    )
    .serves_open_models(),
    hosted(
        "openrouter",
        "OpenRouter.",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
    )
    .embeds(),
    hosted(
        "deepseek",
        "DeepSeek.",
        "https://api.deepseek.com/v1",
        "DEEPSEEK_API_KEY",
    )
    .with(quirk::DEEPSEEK),
    hosted("xai", "xAI.", "https://api.x.ai/v1", "XAI_API_KEY").with(quirk::XAI),
    hosted(
        "perplexity",
        "Perplexity.",
        "https://api.perplexity.ai",
        "PERPLEXITY_API_KEY",
    )
    .with(quirk::OLDER),
    hosted(
        "cerebras",
        "Cerebras Inference.",
        "https://api.cerebras.ai/v1",
        "CEREBRAS_API_KEY",
    ),
    hosted(
        "sambanova",
        "SambaNova Cloud.",
        "https://api.sambanova.ai/v1",
        "SAMBANOVA_API_KEY",
    )
    .embeds()
    .with(quirk::NO_DEVELOPER),
    hosted(
        "nvidia",
        "NVIDIA's API catalogue; for a NIM of one's own add its `base_url`.",
        "https://integrate.api.nvidia.com/v1",
        "NVIDIA_API_KEY",
    )
    .embeds(),
    hosted(
        "huggingface",
        "Hugging Face Inference Providers.",
        "https://router.huggingface.co/v1",
        "HF_TOKEN",
    ),
    hosted(
        "github_models",
        "GitHub Models, which was retired on 2026-07-30.",
        "https://models.github.ai/inference",
        "GITHUB_TOKEN",
    )
    .embeds(),
    hosted(
        "moonshot",
        "Moonshot AI, the international platform; that in China is `https://api.moonshot.cn/v1`.",
        "https://api.moonshot.ai/v1",
        "MOONSHOT_API_KEY",
    )
    .with(quirk::MOONSHOT),
    hosted(
        "qwen",
        "Alibaba Cloud Model Studio (DashScope), the international platform; that in China is `https://dashscope.aliyuncs.com/compatible-mode/v1`.",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        "DASHSCOPE_API_KEY",
    )
    .embeds()
    .with(quirk::NO_DEVELOPER),
    hosted(
        "zhipu",
        "Zhipu AI, the platform in China; the international one is `https://api.z.ai/api/paas/v4`.",
        "https://open.bigmodel.cn/api/paas/v4",
        "ZHIPUAI_API_KEY",
    )
    .reranks()
    .with(quirk::ZHIPU),
    local("ollama", "Ollama.", "http://localhost:11434/v1").with(quirk::OLDER),
    local("vllm", "vLLM.", "http://localhost:8000/v1").serves_open_models(),
    // Its `/v1/rerank` answers a bare list, which no format of reranking is.
    local("sglang", "SGLang.", "http://localhost:30000/v1"),
    Provider {
        formats: &["openai_chat", "openai_completions"],
        ..local(
            "tgi",
            "Hugging Face Text Generation Inference.",
            "http://localhost:8080/v1",
        )
    },
    local("lm_studio", "LM Studio.", "http://localhost:1234/v1").with(quirk::OLDER),
    local(
        "llama_cpp",
        "The server of llama.cpp.",
        "http://localhost:8080/v1",
    )
    .serves_open_models(),
    Provider {
        label: "cohere",
        about: "Cohere: chats, embeddings and reranking.",
        base_url: Some("https://api.cohere.com"),
        version_in_base_url: false,
        formats: &["cohere_chat", "cohere_embed", "cohere_rerank"],
        is_original: true,
        key_variable: Some("CO_API_KEY"),
        ..COMPATIBLE
    },
    Provider {
        label: "jina",
        about: "Jina: embeddings and reranking.",
        base_url: Some("https://api.jina.ai/v1"),
        formats: &["openai_embeddings", "jina_rerank"],
        quirks: quirk::JINA,
        key_variable: Some("JINA_API_KEY"),
        ..COMPATIBLE
    },
    Provider {
        label: "simulator",
        about: "The built-in simulator: every format, no network, no cost.",
        nature: Nature::Simulator,
        version_in_base_url: false,
        formats: &[
            "openai_chat",
            "anthropic_messages",
            "bedrock_converse",
            "openai_responses",
            "gemini_generate",
            "cohere_chat",
            "openai_completions",
            "openai_embeddings",
            "cohere_embed",
            "gemini_batch_embed",
            "gemini_embed",
            "cohere_rerank",
            "jina_rerank",
            "anthropic_count_tokens",
            "gemini_count_tokens",
            "vertex_count_tokens",
            "openai_count_tokens",
            "bedrock_count_tokens",
        ],
        is_original: true,
        ..COMPATIBLE
    },
    Provider {
        label: "http",
        about: "Any HTTP service; only `routes` use it.",
        nature: Nature::Http,
        version_in_base_url: false,
        formats: &[],
        ..COMPATIBLE
    },
];
