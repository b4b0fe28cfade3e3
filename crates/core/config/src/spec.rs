//! The configuration as it is written.
//!
//! These doc comments are the user reference: `tollgate schema` and
//! `docs/reference/configuration.md` are generated from them. Every field is
//! optional unless it says otherwise; the small form must stay small.

use schemars::JsonSchema;
use serde::Deserialize;

/// A Tollgate configuration: one file, or one layer of several.
///
/// A folder of layers has `base/*.yaml`, merged in the order of their names, and
/// `services/<name>/*.yaml`, which overlay the base for one service. Fields merge
/// by their name. Lists of items merge by `name` (keys: `id`; rules: `name`, else
/// `type`; targets: `name`, else `provider/model`): known items change in place, new
/// ones follow, `remove: true` removes the inherited item. Lists of words replace.
/// A field without a value is the same as no field.
///
/// In an overlay, settings of the process (`gateway.host`, `port`, `anonymous`,
/// `tls`, `admin`, `limits`, `state_dir`, `drain_ms`, the timeouts of callers, and
/// `telemetry`) take effect only in a gateway that runs as that service; any other
/// gateway warns of them. Everything else also holds in a shared gateway.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigSpec {
    /// The process: where it listens, who may call, limits and timeouts.
    pub gateway: GatewaySpec,
    /// Where models are served. Without any, `gateway.secret_key_ref` makes one
    /// OpenAI provider named `openai`.
    pub providers: Vec<ProviderSpec>,
    /// The names callers use, and what answers them. A name that is not listed
    /// goes unchanged to the default provider, if there is one.
    pub models: Vec<ModelSpec>,
    /// Plain HTTP routes to model microservices.
    pub routes: Vec<RouteSpec>,
    /// Who calls: services and their keys.
    pub services: Vec<ServiceSpec>,
    /// What is inspected, and what happens with what is found.
    pub policies: Vec<PolicySpec>,
    /// Access log, traces and metrics.
    pub telemetry: TelemetrySpec,
}

/// The process: where it listens, who may call, limits and timeouts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySpec {
    /// Address to listen on. Default: `TOLLGATE_HOST`, else `127.0.0.1`; the
    /// container image sets `0.0.0.0`.
    pub host: Option<String>,
    /// Port to listen on, 0 for any free one. Default: `TOLLGATE_PORT`, else 41002.
    pub port: Option<u16>,
    /// The key of the one OpenAI provider, where no `providers` are listed; beside
    /// `providers`, the key of those of kind `openai` that have none of their own.
    pub secret_key_ref: Option<SecretRefSpec>,
    /// The service this gateway stands beside (a sidecar): its overlay is the
    /// configuration of every caller. `TOLLGATE_SERVICE` does the same, and wins.
    pub service: Option<String>,
    /// Whether callers without a key are served. Default: `deny`. Said at every start when `allow`.
    pub anonymous: Option<AnonymousSpec>,
    /// Certificate and key for TLS on the main port. They are read again when the files change.
    pub tls: Option<TlsSpec>,
    /// The admin listener.
    pub admin: AdminSpec,
    /// What is refused, and at which size.
    pub limits: LimitsSpec,
    /// How long things may take. A target can have its own.
    pub timeouts: TimeoutsSpec,
    /// When another target takes over.
    pub failover: FailoverSpec,
    /// What happens when a target's format cannot carry a part of a request:
    /// `best_effort` names it in `x-tollgate-loss`, `strict` refuses with 400.
    /// Default: `best_effort`.
    pub translation: Option<TranslationSpec>,
    /// Folder for what must survive a restart: the last good configuration, from
    /// which a start with a broken configuration is served. Default:
    /// `TOLLGATE_STATE_DIR`; without either nothing is kept on disk.
    pub state_dir: Option<String>,
    /// How long running requests may go on after SIGTERM, in milliseconds. Default: 30000.
    pub drain_ms: Option<u64>,
}

/// Whether callers without a key are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnonymousSpec {
    /// Answer 401.
    Deny,
    /// Serve them as the service `anonymous`.
    Allow,
}

/// What happens with what a target's format cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TranslationSpec {
    /// Carry what can be carried, name the rest.
    BestEffort,
    /// Refuse the request.
    Strict,
}

/// A secret by reference: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SecretRefSpec {
    /// Name of an environment variable.
    pub env: Option<String>,
    /// Path of a file; surrounding white space is cut off. Relative to the
    /// configuration: the folder that was named, or the folder of the file that was
    /// named. So are all paths here. Read again at every reload.
    pub file: Option<String>,
}

/// TLS from certificate files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsSpec {
    /// PEM file with the certificate chain, leaf first.
    pub cert_file: String,
    /// PEM file with the private key.
    pub key_file: String,
}

/// The admin listener: `/status`, `/metrics`, `/config`, `/reload`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdminSpec {
    /// Address. Default: `127.0.0.1`. Any other address opens the admin API to whoever reaches it.
    pub host: Option<String>,
    /// Port, 0 for any free one. Default: `TOLLGATE_ADMIN_PORT`, else 41003.
    pub port: Option<u16>,
}

/// What is refused, and at which size.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSpec {
    /// Largest buffered request body in bytes. Default: 33554432 (32 MiB).
    pub body_bytes_max: Option<u64>,
    /// Largest buffered answer in bytes. Default: 33554432 (32 MiB).
    pub answer_bytes_max: Option<u64>,
    /// All buffered bodies together in bytes; over it requests get 503. Default: 536870912 (512 MiB).
    pub buffered_bytes_max: Option<u64>,
    /// Largest single streamed event in bytes. Default: 4194304 (4 MiB).
    pub event_bytes_max: Option<u64>,
    /// Request head in bytes. Default: 65536.
    pub header_bytes_max: Option<u64>,
    /// Number of request headers. Default: 100.
    pub headers_max: Option<u32>,
    /// Open connections; further ones wait in the kernel's queue. Default: 10000.
    pub connections_max: Option<u32>,
    /// Requests in work; over it requests get 503. So many connections may be open to a provider. Default: 10000.
    pub requests_max: Option<u32>,
}

/// How long things may take, in milliseconds; a day at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TimeoutsSpec {
    /// To a connection with a provider, TLS included. Default: 5000. Only under
    /// `gateway` and `providers`.
    pub connect_ms: Option<u64>,
    /// To the first content of a streamed answer. Default: 60000.
    pub first_token_ms: Option<u64>,
    /// Between two events of a streamed answer. Default: 60000.
    pub between_tokens_ms: Option<u64>,
    /// One attempt from its start to the end of its answer. Default: 600000. What is left
    /// of `request_ms` ends it sooner.
    pub whole_ms: Option<u64>,
    /// For a caller to send its request head. Default: 30000. Only under `gateway`.
    pub header_ms: Option<u64>,
    /// For a caller to send its body. Default: 60000. Only under `gateway`.
    pub body_ms: Option<u64>,
    /// For which an idle connection is kept. Default: 120000. Only under `gateway`.
    pub idle_ms: Option<u64>,
    /// For a chat from its head to the end of its answer: all attempts, the waits between
    /// them and the stream. Default: 900000. Only under `gateway`.
    pub request_ms: Option<u64>,
}

/// When another target takes over.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FailoverSpec {
    /// Attempts per request, the first included. Default: 3. 1 turns failover off.
    pub attempts_max: Option<u32>,
    /// For how long the head of a stream is held back while nothing but preamble
    /// has come, so that an early error can still fail over; in milliseconds. Default: 10000.
    pub hold_ms: Option<u64>,
    /// How many bytes of preamble are held at most. Default: 65536.
    pub hold_bytes_max: Option<u64>,
    /// First back-off before the same target is tried again, in milliseconds;
    /// doubles each time, with full jitter. Default: 100.
    pub backoff_ms: Option<u64>,
    /// Longest back-off, and the longest `Retry-After` that is waited for, in milliseconds. Default: 2000.
    pub backoff_ms_max: Option<u64>,
    /// Retries a target may get, as a percentage of its requests. Default: 20.
    pub retry_budget_percent: Option<u32>,
    /// Retries a target may get per second whatever the percentage. Default: 10.
    pub retry_budget_per_second_min: Option<u32>,
}

/// Where models are served.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderSpec {
    /// Name, unique; `name/model` addresses a model of this provider directly. Required.
    pub name: String,
    /// Remove the inherited provider of this name.
    #[serde(default)]
    pub remove: bool,
    /// What it speaks. Default: by its name (`openai`, `anthropic`, `simulator`), else
    /// `openai_compatible` with a `base_url`.
    pub kind: Option<ProviderKindSpec>,
    /// Root of its API, without credentials. `/chat/completions` goes below it, for
    /// `anthropic` `/v1/messages`. Default: `https://api.openai.com/v1` or
    /// `https://api.anthropic.com` by kind; the simulator is built in.
    pub base_url: Option<String>,
    /// Its key.
    pub secret_key_ref: Option<SecretRefSpec>,
    /// Whether the caller's own credential is passed on instead of a key of ours. Default: false.
    #[serde(default)]
    pub pass_caller_credential: bool,
    /// Headers to add to every request, for example `openai-organization`. Values are
    /// not secret: headers that hold a credential are refused.
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    /// Takes model names that no `models` entry lists; one provider at most. Default:
    /// true for the first provider that serves models, if no other says so.
    pub default: Option<bool>,
    /// PEM file with further certificate authorities to trust.
    pub ca_file: Option<String>,
    /// Its own timeouts. Default: those of `gateway`.
    #[serde(default)]
    pub timeouts: TimeoutsSpec,
}

/// What a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKindSpec {
    /// OpenAI itself.
    Openai,
    /// Anything that speaks OpenAI Chat Completions, found by `base_url`.
    OpenaiCompatible,
    /// Anthropic Messages.
    Anthropic,
    /// The built-in simulator: both formats, no network, no cost.
    Simulator,
    /// Any HTTP service; only `routes` use it.
    Http,
}

/// A name callers use, and what answers it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// The name callers use. Required.
    pub name: String,
    /// Remove the inherited model of this name.
    #[serde(default)]
    pub remove: bool,
    /// How a target is chosen: `priority` takes the first that works, `weighted` draws
    /// by `weight`; both fail over to the others. Default: `priority`.
    pub strategy: Option<StrategySpec>,
    /// What may answer. Required.
    #[serde(default)]
    pub targets: Vec<TargetSpec>,
}

/// How a target is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StrategySpec {
    /// In the order written.
    Priority,
    /// By weight.
    Weighted,
}

/// A model at a provider.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// Name, for logs and overlays. Default: `provider/model`.
    pub name: Option<String>,
    /// Remove the inherited target of this name.
    #[serde(default)]
    pub remove: bool,
    /// The provider's name. Required.
    pub provider: String,
    /// The model's name there. Default: the name the caller used.
    pub model: Option<String>,
    /// Share under `weighted`; 0 is taken only in failover. Default: 1.
    pub weight: Option<u32>,
    /// CEL condition; a target whose condition is false is left out. Variables:
    /// `service`, `headers`, `path`, `model`, `input_bytes`, `has_image`, `tokens`.
    pub when: Option<String>,
    /// Its own timeouts. Default: those of the provider.
    #[serde(default)]
    pub timeouts: TimeoutsSpec,
}

/// A plain HTTP route to a model microservice.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteSpec {
    /// Name, for logs and metrics. Required.
    pub name: String,
    /// Remove the inherited route of this name.
    #[serde(default)]
    pub remove: bool,
    /// Path that callers use: exact, or a prefix when it ends in `/*`. The exact path
    /// wins over a prefix, the longer prefix over the shorter. The paths the gateway
    /// answers itself cannot be taken. Required.
    pub path: String,
    /// Methods that are passed on. Default: all.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The provider's name. Required.
    pub provider: String,
    /// Path at the provider, below its `base_url`; for a prefix, what the caller wrote
    /// after the prefix follows it. Default: the path the caller used.
    pub to: Option<String>,
    /// What to do with policies, which cannot read this traffic: `deny` makes the
    /// configuration invalid while a policy applies, `allow` lets it pass unread.
    /// Default: `deny`.
    pub unscannable: Option<UnscannableSpec>,
    /// Its own timeouts. Default: those of the provider.
    #[serde(default)]
    pub timeouts: TimeoutsSpec,
}

/// What to do where policies cannot read the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnscannableSpec {
    /// The configuration is invalid.
    Deny,
    /// It passes unread.
    Allow,
}

/// A service that calls, and its keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    /// Name, unique; appears in logs, metrics and conditions. Required.
    pub name: String,
    /// Remove the inherited service of this name.
    #[serde(default)]
    pub remove: bool,
    /// The team that owns it.
    pub team: Option<String>,
    /// Its keys; two valid at once make rotation possible.
    #[serde(default)]
    pub keys: Vec<KeySpec>,
    /// Model names it may use, `*` at the end for a prefix. Default: all.
    pub models: Option<Vec<String>>,
}

/// A gateway key, as `tollgate keys new` prints it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// The key's id: the third part of the key. Required.
    pub id: String,
    /// Remove the inherited key of this id.
    #[serde(default)]
    pub remove: bool,
    /// `sha256:` and 64 hexadecimal digits. Required.
    pub hash: String,
    /// Until when it is valid: `2027-01-31` (end of that day, UTC) or `2027-01-31T12:00:00Z`. Default: for ever.
    pub expires: Option<String>,
    /// Model names it may use, within those of the service. Default: all of them.
    pub models: Option<Vec<String>>,
}

/// A policy: rules over what goes in and what comes out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// Name, unique; appears in logs and in the answer to a blocked caller. Required.
    pub name: String,
    /// Remove the inherited policy of this name.
    #[serde(default)]
    pub remove: bool,
    /// Rules over requests.
    #[serde(default)]
    pub input: Vec<RuleSpec>,
    /// Rules over answers, streamed ones included.
    #[serde(default)]
    pub output: Vec<RuleSpec>,
}

/// A rule: a detector and what happens with what it finds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RuleSpec {
    /// Personal data with a known form.
    PiiDetection(PiiDetectionSpec),
    /// Hate, violence, self-harm, sexual content. Not enforced by this version:
    /// the gateway refuses to start with it unless `--allow-unenforced` is given.
    ContentSafety(ContentSafetySpec),
}

/// Personal data with a known form.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PiiDetectionSpec {
    /// Name, unique within its list. Default: the type.
    pub name: Option<String>,
    /// Remove the inherited rule of this name.
    #[serde(default)]
    pub remove: bool,
    /// What happens with a finding. Required.
    pub action: ActionSpec,
    /// What is looked for. Default: all.
    #[serde(default)]
    pub entities: Vec<PiiEntitySpec>,
    /// What the caller reads when it is blocked. Default: names the policy and the entity.
    pub message: Option<String>,
}

/// Kinds of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PiiEntitySpec {
    /// US social security number.
    Ssn,
    /// Payment card number (12 to 19 digits, Luhn).
    CreditCard,
    /// E-mail address.
    EmailAddress,
}

/// What happens with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionSpec {
    /// Refuse the request, or end the answer.
    Block,
    /// Replace the finding by its label, for example `[SSN]`.
    Redact,
}

/// Hate, violence, self-harm, sexual content.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentSafetySpec {
    /// Name, unique within its list. Default: the type.
    pub name: Option<String>,
    /// Remove the inherited rule of this name.
    #[serde(default)]
    pub remove: bool,
    /// What happens with a finding. Required.
    pub action: ActionSpec,
    /// What is looked for. Default: all.
    #[serde(default)]
    pub categories: Vec<SafetyCategorySpec>,
    /// What the caller reads when it is blocked.
    pub message: Option<String>,
}

/// Categories of unsafe content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SafetyCategorySpec {
    /// Hate.
    Hate,
    /// Violence.
    Violence,
    /// Self-harm.
    SelfHarm,
    /// Sexual content.
    Sexual,
}

/// Access log, traces and metrics.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySpec {
    /// One JSON line per request.
    pub access_log: AccessLogSpec,
    /// OpenTelemetry traces.
    pub traces: TracesSpec,
}

/// The access log: one JSON line per request. Never prompts, answers or keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccessLogSpec {
    /// Default: true.
    pub enabled: Option<bool>,
    /// A file that is appended to; `-` is standard output. Default: `-`.
    pub path: Option<String>,
}

/// OpenTelemetry traces over OTLP (HTTP, protobuf).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TracesSpec {
    /// The collector, for example `http://localhost:4318`; `/v1/traces` is added.
    /// Default: `OTEL_EXPORTER_OTLP_ENDPOINT`; without either nothing is exported.
    pub otlp_endpoint: Option<String>,
    /// Share of new traces that are recorded, in percent; a caller's own decision
    /// in `traceparent` is followed. Default: 100.
    pub sample_percent: Option<f64>,
    /// `service.name` of the gateway. Default: `OTEL_SERVICE_NAME`, else `tollgate`.
    pub service_name: Option<String>,
}
