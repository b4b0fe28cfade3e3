//! What the user knows of models, beside the catalogue.

use schemars::JsonSchema;
use serde::Deserialize;

/// What is known of a model at a provider, over what the built-in catalogue says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogueSpec {
    /// The provider's name. Required.
    pub(crate) provider: String,
    /// The model's name there; no other spelling of it is meant. Required.
    pub(crate) model: String,
    /// Remove the inherited entry of this provider and model.
    #[serde(default)]
    pub(crate) remove: bool,
    /// A model of the built-in catalogue that it is, as `kind/model`, for example
    /// `openai/gpt-4o` for a deployment with another name. Default: what the catalogue has
    /// by its name.
    pub(crate) like: Option<String>,
    /// Tokens of prompt and answer together. Default: as in the catalogue.
    pub(crate) context_tokens: Option<u32>,
    /// Most tokens of an answer. Default: as in the catalogue.
    pub(crate) output_tokens: Option<u32>,
    /// How it cuts texts into tokens: `o200k`, `cl100k`, `llama3`, `deepseek`, `qwen`,
    /// `mistral`, `claude`, `gemini` or `cohere`. Default: as in the catalogue, or what its
    /// name says.
    pub(crate) vocabulary: Option<String>,
    /// What it can do, in the words of `tollgate models`: `tools`, `reasoning` …
    /// Default: as in the catalogue.
    pub(crate) abilities: Option<Vec<String>>,
    /// Parameters that it refuses: `temperature`, `top_p`, `top_k`, `frequency_penalty`,
    /// `presence_penalty`, `stop`, `seed`, `logprobs`, `logit_bias`, `max_tokens` (that name
    /// of the limit, where the format has another), `reasoning_effort`, `verbosity`,
    /// `service_tier`. Default: as in the catalogue.
    pub(crate) refuses: Option<Vec<String>>,
    /// What it costs, instead of what the catalogue says. Default: as in the catalogue.
    pub(crate) prices: Option<PricesSpec>,
}

/// Prices in US dollars for a million tokens, up to six decimals. Without a price of their
/// own, cached tokens and those written to a cache cost what other prompt tokens do, and
/// reasoning what other generated tokens do.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PricesSpec {
    /// Prompt tokens.
    pub(crate) input: Option<f64>,
    /// Prompt tokens read from the cache.
    pub(crate) cached_input: Option<f64>,
    /// Prompt tokens written to the cache.
    pub(crate) cache_write: Option<f64>,
    /// Generated tokens.
    pub(crate) output: Option<f64>,
    /// Generated tokens of reasoning.
    pub(crate) reasoning: Option<f64>,
    /// Prices of requests with long prompts; what is not said here is as for others.
    pub(crate) long: Option<LongPricesSpec>,
}

/// Prices of requests with long prompts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LongPricesSpec {
    /// Prompts of more than so many tokens. Required.
    pub(crate) above_tokens: Option<u32>,
    /// Prompt tokens.
    pub(crate) input: Option<f64>,
    /// Prompt tokens read from the cache.
    pub(crate) cached_input: Option<f64>,
    /// Prompt tokens written to the cache.
    pub(crate) cache_write: Option<f64>,
    /// Generated tokens.
    pub(crate) output: Option<f64>,
    /// Generated tokens of reasoning.
    pub(crate) reasoning: Option<f64>,
}
