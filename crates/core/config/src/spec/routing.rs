//! Where requests go: providers, models and their targets, plain routes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};
use tollgate_catalogue::PROVIDERS;

use super::{SecretRefSpec, TimeoutsSpec};

/// Where models are served.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderSpec {
    /// Name, unique; `name/model` addresses a model of this provider directly. Required.
    pub(crate) name: String,
    /// Remove the inherited provider of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// What it speaks. Default: the kind of its own name, if there is one, else
    /// `openai_compatible` with a `base_url`.
    pub(crate) kind: Option<ProviderKindSpec>,
    /// Wire formats it speaks, the preferred first, by their labels, for example
    /// `[openai_chat, openai_responses, openai_embeddings]` for a server that offers these
    /// three; a list stands instead of its kind's. Default: those of its kind.
    #[serde(default)]
    pub(crate) formats: Vec<String>,
    /// Root of its API, without credentials; the paths of its formats go below it
    /// (`/chat/completions`, for `anthropic` `/v1/messages`). Default: that of its kind,
    /// for example `https://api.openai.com/v1`; the simulator is built in.
    pub(crate) base_url: Option<String>,
    /// Its key. Default: none, or for `bedrock`, `vertex` and `azure_openai` the identity
    /// that their cloud gives.
    pub(crate) secret_key_ref: Option<SecretRefSpec>,
    /// Where it is: for `bedrock` a region such as `eu-central-1`, which is required
    /// there, for `vertex` a location. Default: for `vertex` `global`.
    pub(crate) region: Option<String>,
    /// For `vertex`: the id of the project. Required there.
    pub(crate) project: Option<String>,
    /// For `azure_openai`: the version of its API. With a date, for example
    /// `2024-10-21`, models are asked for by the name of their deployment in the path.
    /// Default: none, and operations are below `/openai/v1`.
    pub(crate) api_version: Option<String>,
    /// For `bedrock`: whose keys sign. Default: as AWS's own SDKs find them, in the
    /// environment, the profile, by web identity, of the container, of the instance.
    pub(crate) aws: Option<AwsSpec>,
    /// For `vertex`: whose tokens are shown. Default: as Google's own SDKs find them, in
    /// `GOOGLE_APPLICATION_CREDENTIALS`, the file of `gcloud`, at the metadata server.
    pub(crate) google: Option<GoogleSpec>,
    /// For `azure_openai`: whose tokens are shown. Default: as Azure's own SDKs find
    /// them, by client secret, workload identity, managed identity.
    pub(crate) azure: Option<AzureSpec>,
    /// Whether the caller's own credential is passed on instead of a key of ours. Default: false.
    #[serde(default)]
    pub(crate) pass_caller_credential: bool,
    /// What else of its API passes through, below `/NAME`: images, audio, files, batches
    /// and whatever comes, for SDKs whose base URL is `http://gateway/NAME/v1`. Default:
    /// nothing.
    pub(crate) pass_through: Option<PassThroughSpec>,
    /// Headers to add to every request, for example `openai-organization`. Values are
    /// not secret: headers that hold a credential, by their name, are refused.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// Headers to add whose value is a secret, for example `ocp-apim-subscription-key`:
    /// each a reference, whose text is sent as it is.
    #[serde(default)]
    pub(crate) secret_headers: BTreeMap<String, SecretRefSpec>,
    /// Takes model names that no `models` entry lists; one provider at most. Default:
    /// true for the first provider that serves models, if no other says so.
    pub(crate) default: Option<bool>,
    /// PEM file with further certificate authorities to trust.
    pub(crate) ca_file: Option<String>,
    /// Its own timeouts. Default: those of `gateway`.
    #[serde(default)]
    pub(crate) timeouts: TimeoutsSpec,
}

/// What of a provider's API passes through unread, below `/NAME`, the provider's name.
///
/// What follows the name goes below its `base_url`; a version at the end of `base_url` may
/// be repeated (`/openai/v1/files`) or left out. A path that is an endpoint of a wire format
/// is served as that format, of this provider, with all policies. Callers need the right to
/// every model of the provider for the rest: `NAME/*` among their `models`, if they have any.
/// For policies it is a route of the provider's name.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PassThroughSpec {
    /// Whether anything passes. Default: true where `pass_through` is written.
    pub(crate) enabled: Option<bool>,
    /// What passes. Default: every path and method.
    pub(crate) paths: Vec<PassedPathSpec>,
    /// What to do where policies hold for this traffic, whose bodies nobody here reads:
    /// `deny` makes the configuration invalid, `allow` lets it pass unread. Default: `deny`.
    pub(crate) unscannable: Option<UnscannableSpec>,
    /// WebSockets, which pass as all else does.
    pub(crate) web_sockets: WebSocketsSpec,
}

/// Limits of WebSockets that pass through.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebSocketsSpec {
    /// For how long nothing may come from either side, in milliseconds; pings count.
    /// Default: 120000.
    pub(crate) silent_ms: Option<u64>,
    /// How long one may be open, in milliseconds; a day at most. Default: 3600000.
    pub(crate) open_ms: Option<u64>,
    /// Largest message of either side, in bytes. Default: 33554432 (32 MiB).
    pub(crate) message_bytes_max: Option<u64>,
}

/// What passes through.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassedPathSpec {
    /// The path behind the provider's name: exact, or a prefix when it ends in `/*`, for
    /// example `/v1/images/*`. Required.
    pub(crate) path: String,
    /// Methods that pass. Default: all.
    #[serde(default)]
    pub(crate) methods: Vec<String>,
}

/// Whose keys sign requests to AWS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AwsSpec {
    /// Id of an access key; with `secret_access_key_ref`.
    pub(crate) access_key_id_ref: Option<SecretRefSpec>,
    /// Its secret.
    pub(crate) secret_access_key_ref: Option<SecretRefSpec>,
    /// The session token of keys for a while.
    pub(crate) session_token_ref: Option<SecretRefSpec>,
    /// A profile of `~/.aws/config` and `~/.aws/credentials`, and nothing else.
    pub(crate) profile: Option<String>,
}

/// Whose tokens are shown to Google Cloud.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GoogleSpec {
    /// The key of a service account, in JSON as Google writes it.
    pub(crate) key_ref: Option<SecretRefSpec>,
}

/// Whose tokens are shown to Azure.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AzureSpec {
    /// The tenant. Default: `AZURE_TENANT_ID`.
    pub(crate) tenant_id: Option<String>,
    /// The application; alone, a managed identity that a user assigned. Default:
    /// `AZURE_CLIENT_ID`.
    pub(crate) client_id: Option<String>,
    /// A secret of the application; with the two above.
    pub(crate) client_secret_ref: Option<SecretRefSpec>,
}

/// A kind of provider, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct ProviderKindSpec(pub(crate) String);

impl JsonSchema for ProviderKindSpec {
    fn schema_name() -> Cow<'static, str> {
        "ProviderKindSpec".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let kinds: Vec<Value> = PROVIDERS
            .iter()
            .map(|kind| json!({"const": kind.label, "description": kind.about, "type": "string"}))
            .collect();
        json_schema!({"description": "What a provider speaks.", "oneOf": kinds})
    }
}

/// A name callers use, and what answers it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSpec {
    /// The name callers use. Required.
    pub(crate) name: String,
    /// Remove the inherited model of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// How a target is chosen: `priority` takes the first that works, `weighted` draws
    /// by `weight`; both fail over to the others. Default: `priority`.
    pub(crate) strategy: Option<StrategySpec>,
    /// What may answer. Required.
    #[serde(default)]
    pub(crate) targets: Vec<TargetSpec>,
    /// What is put into every request for it, before policies read them.
    #[serde(default)]
    pub(crate) prompt: PromptSpec,
}

/// What a model puts into requests.
///
/// Texts may have variables: `{{service}}`, `{{team}}`, `{{model}}` (as the caller named it)
/// and `{{headers.NAME}}` (of the request; empty where it has none; never one that holds a
/// credential). An unknown variable is a mistake. Policies read what comes of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PromptSpec {
    /// System text before the caller's own, up to 64 KiB. Default: none.
    pub(crate) system_before: Option<String>,
    /// System text behind the caller's own, up to 64 KiB. Default: none.
    pub(crate) system_after: Option<String>,
    /// Values for parameters that the caller leaves out.
    pub(crate) defaults: ParametersSpec,
    /// Values whatever the caller writes.
    pub(crate) overrides: ParametersSpec,
}

/// Parameters, by names that are the same for all wire formats; `check` names the formats
/// that do not offer one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ParametersSpec {
    /// Sampling temperature, 0 to 2.
    pub(crate) temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub(crate) top_p: Option<f64>,
    /// Sample from so many of the likeliest tokens.
    pub(crate) top_k: Option<u64>,
    /// The most tokens to generate.
    pub(crate) max_tokens: Option<u64>,
    /// Texts that end the answer, up to 16.
    pub(crate) stop: Vec<String>,
    /// Repeatability.
    pub(crate) seed: Option<u64>,
    /// Penalty by frequency, -2 to 2.
    pub(crate) frequency_penalty: Option<f64>,
    /// Penalty by presence, -2 to 2.
    pub(crate) presence_penalty: Option<f64>,
    /// How much to reason: a word that the provider knows.
    pub(crate) reasoning_effort: Option<String>,
    /// How wordy the answer is to be: a word that the provider knows.
    pub(crate) verbosity: Option<String>,
    /// The service tier: a word that the provider knows.
    pub(crate) service_tier: Option<String>,
}

/// How a target is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StrategySpec {
    /// In the order written.
    Priority,
    /// By weight.
    Weighted,
}

/// A model at a provider.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetSpec {
    /// Name, for logs and overlays. Default: `provider/model`.
    pub(crate) name: Option<String>,
    /// Remove the inherited target of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// The provider's name. Required.
    pub(crate) provider: String,
    /// The model's name there. Default: the name the caller used.
    pub(crate) model: Option<String>,
    /// Share under `weighted`; 0 is taken only in failover. Default: 1.
    pub(crate) weight: Option<u32>,
    /// CEL condition; a target whose condition is false is left out. Variables:
    /// `service`, `team`, `headers`, `path`, `model`, `input_bytes`, `has_image`, `tokens`.
    pub(crate) when: Option<String>,
    /// Its own timeouts. Default: those of the provider.
    #[serde(default)]
    pub(crate) timeouts: TimeoutsSpec,
}

/// A plain HTTP route to a model microservice.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteSpec {
    /// Name, for logs and metrics. Required.
    pub(crate) name: String,
    /// Remove the inherited route of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// Path that callers use: exact, or a prefix when it ends in `/*`. The exact path
    /// wins over a prefix, the longer prefix over the shorter. Routes on one path must
    /// differ in their `methods`. The paths the gateway answers itself, with and without
    /// `/v1`, cannot be taken. Required.
    pub(crate) path: String,
    /// Methods that are passed on. Default: all.
    #[serde(default)]
    pub(crate) methods: Vec<String>,
    /// The provider's name. Required.
    pub(crate) provider: String,
    /// Path at the provider, below its `base_url`; for a prefix, what the caller wrote
    /// after the prefix follows it. Default: the path the caller used.
    pub(crate) to: Option<String>,
    /// Where the texts of its JSON bodies stand, for policies.
    #[serde(default)]
    pub(crate) texts: TextsSpec,
    /// What to do where policies cannot read this traffic, because `texts` names nothing
    /// or a body is no JSON: `deny` makes the configuration invalid while a policy
    /// applies to what is not named, and refuses such a body; `allow` lets it pass
    /// unread. Default: `deny`.
    pub(crate) unscannable: Option<UnscannableSpec>,
    /// Its own timeouts. Default: those of the provider.
    #[serde(default)]
    pub(crate) timeouts: TimeoutsSpec,
}

/// Where the texts of JSON bodies stand.
///
/// A path leads from the root of the body: `.` to a member, `[]` to each element, `*` to
/// each member, and `**` at its end to all that is below. What it leads to is read
/// whole, be it a string, a number, or a list or an object with its keys; where a body
/// has another shape than a path says, all that stands there is read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TextsSpec {
    /// Paths in requests, up to 32, for example `inputs[].text`. Default: none.
    pub(crate) request: Vec<String>,
    /// Paths in answers, and in each event of a streamed one. Of an answer that says an
    /// error, every string is read. Default: none.
    pub(crate) response: Vec<String>,
}

/// What to do where policies cannot read the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnscannableSpec {
    /// The configuration is invalid, or the body is refused.
    Deny,
    /// It passes unread.
    Allow,
}
