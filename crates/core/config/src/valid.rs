//! The configuration once it is valid: defaults filled in, names resolved to
//! items that exist, secrets still references.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tollgate_catalogue::{Known, Parameter, ProviderKind, Site};
use tollgate_formats::{FormatId, TextPaths};
use tollgate_policy::{DetectorOptions, Mode, OnError, RuleAction};

use crate::template::Template;

/// A whole configuration: the base, and what differs for single services.
#[derive(Clone, Debug)]
pub struct ConfigSet {
    /// What holds for every service without an overlay, and for the process.
    pub base: Arc<Config>,
    /// Complete configurations of the services that have an overlay.
    pub services: BTreeMap<String, Arc<Config>>,
    /// Content hash over all layers, 16 hexadecimal digits: the revision.
    pub revision: String,
}

impl ConfigSet {
    /// The configuration of a caller's service, or of a process that runs as it:
    /// its own where it has an overlay, else the base.
    #[must_use]
    pub fn for_service(&self, service: Option<&str>) -> &Arc<Config> {
        let own = service.and_then(|name| self.services.get(name));
        own.unwrap_or(&self.base)
    }

    /// Whether a service has this name.
    #[must_use]
    pub fn knows(&self, service: &str) -> bool {
        self.services.contains_key(service) || self.base.services.contains_key(service)
    }

    /// Every service that can call, each as its own configuration has it: a key
    /// that only an overlay lists is valid for the service of that overlay.
    pub fn callers(&self) -> impl Iterator<Item = &ServiceConfig> {
        let base = self.base.services.values();
        let base = base.filter(|service| !self.services.contains_key(&*service.name));
        let overlays = self.services.iter();
        base.chain(overlays.filter_map(|(name, config)| config.services.get(name)))
    }
}

/// One complete, valid configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The process.
    pub gateway: GatewayConfig,
    /// Providers in the order written; at least one unless the file is only about routes.
    pub providers: Vec<ProviderConfig>,
    /// Models by order written.
    pub models: Vec<ModelConfig>,
    /// What is known of models, over the built-in catalogue.
    pub catalogue: Vec<CatalogueConfig>,
    /// Routes in the order written.
    pub routes: Vec<RouteConfig>,
    /// Services by name.
    pub services: BTreeMap<String, ServiceConfig>,
    /// Policies in the order written.
    pub policies: Vec<PolicyConfig>,
    /// Telemetry.
    pub telemetry: TelemetryConfig,
}

/// The process.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Conversations over several requests; `None`: there are none.
    pub conversations: Option<ConversationsConfig>,
    /// `None`: environment, then default.
    pub host: Option<String>,
    /// `None`: environment, then default.
    pub port: Option<u16>,
    /// The sidecar's service.
    pub service: Option<String>,
    /// Callers without a key are served.
    pub anonymous: bool,
    /// TLS on the main port.
    pub tls: Option<TlsConfig>,
    /// Admin address.
    pub admin_host: String,
    /// `None`: environment, then default.
    pub admin_port: Option<u16>,
    /// Limits.
    pub limits: Limits,
    /// Timeouts towards targets that have none of their own.
    pub timeouts: Timeouts,
    /// Timeouts of callers' side.
    pub caller_timeouts: CallerTimeouts,
    /// Failover.
    pub failover: Failover,
    /// Refuse what cannot be carried.
    pub strict_translation: bool,
    /// What happens with parameters that a model refuses.
    pub parameters: Parameters,
    /// Where to keep the last good configuration.
    pub state_dir: Option<PathBuf>,
    /// Drain limit.
    pub drain: Duration,
}

/// Certificate files, resolved against the folder of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// Chain, leaf first.
    pub cert_file: PathBuf,
    /// Private key.
    pub key_file: PathBuf,
}

/// Sizes and counts; units in the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest buffered request body.
    pub body_bytes_max: usize,
    /// Largest buffered answer.
    pub answer_bytes_max: usize,
    /// All buffered bodies together.
    pub buffered_bytes_max: usize,
    /// Largest streamed event.
    pub event_bytes_max: usize,
    /// Request head.
    pub header_bytes_max: usize,
    /// Number of request headers.
    pub headers_max: usize,
    /// Open connections.
    pub connections_max: usize,
    /// Requests in work.
    pub requests_max: usize,
    /// Counts of tokens that the gateway makes at once.
    pub counts_max: usize,
}

/// Timeouts towards callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerTimeouts {
    /// For the request head.
    pub header: Duration,
    /// For the body.
    pub body: Duration,
    /// For an idle connection.
    pub idle: Duration,
    /// For a chat, from its head to the end of its answer.
    pub request: Duration,
}

/// Timeouts towards a target, resolved: target over provider over gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To a connection.
    pub connect: Duration,
    /// To the first content of a stream.
    pub first_token: Duration,
    /// Between events.
    pub between_tokens: Duration,
    /// The whole attempt.
    pub whole: Duration,
}

/// When another target takes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failover {
    /// Attempts, the first included; at least 1.
    pub attempts_max: u32,
    /// Hold of a stream's head.
    pub hold: Duration,
    /// Hold in bytes.
    pub hold_bytes_max: usize,
    /// First back-off.
    pub backoff: Duration,
    /// Longest back-off.
    pub backoff_max: Duration,
    /// Retries as a percentage of requests.
    pub retry_budget_percent: u32,
    /// Retries per second in any case.
    pub retry_budget_per_second_min: u32,
}

/// A secret by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file, resolved against the folder of the configuration.
    File(PathBuf),
}

/// Who the gateway is at a provider in a cloud. What is `None` comes from the surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityConfig {
    /// Amazon Web Services.
    Aws {
        /// Keys.
        keys: Option<AwsKeyRefs>,
        /// A profile of the shared files.
        profile: Option<String>,
    },
    /// Google Cloud.
    Google {
        /// A key in JSON.
        key: Option<SecretRef>,
    },
    /// Microsoft Entra ID.
    Azure {
        /// The tenant.
        tenant_id: Option<String>,
        /// The application.
        client_id: Option<String>,
        /// Its secret.
        client_secret: Option<SecretRef>,
    },
}

/// Keys of AWS by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsKeyRefs {
    /// The id.
    pub id: SecretRef,
    /// The secret.
    pub secret: SecretRef,
    /// The session token of keys for a while.
    pub session_token: Option<SecretRef>,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Name.
    pub name: Arc<str>,
    /// What is known of its kind.
    pub kind: ProviderKind,
    /// The formats it speaks, the preferred first; empty for those of its kind.
    pub formats: Vec<FormatId>,
    /// Root of its API without trailing slash; `None` only for the built-in simulator.
    pub base_url: Option<String>,
    /// Its key.
    pub secret: Option<SecretRef>,
    /// Where it is, beside its address.
    pub site: Site,
    /// Who the gateway is there, where it has no key.
    pub identity: Option<IdentityConfig>,
    /// Pass the caller's credential on.
    pub pass_caller_credential: bool,
    /// Further headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Headers with a secret value, names in lower case.
    pub secret_headers: BTreeMap<String, SecretRef>,
    /// Takes unlisted model names.
    pub is_default: bool,
    /// Further certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// Timeouts: provider over gateway.
    pub timeouts: Timeouts,
}

/// What happens with parameters that a model refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parameters {
    /// They are sent as they are.
    #[default]
    Pass,
    /// They are removed or lowered, and named as losses.
    Adjust,
    /// The target is not asked.
    Refuse,
}

/// What is known of a model at a provider.
#[derive(Clone, Debug)]
pub struct CatalogueConfig {
    /// Index into [`Config::providers`].
    pub provider: usize,
    /// The model's name there.
    pub model: Arc<str>,
    /// What the catalogue says, with what the configuration says over it.
    pub known: Known,
}

/// A model name and its targets.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    /// The name callers use.
    pub name: Arc<str>,
    /// Draw by weight instead of taking the first.
    pub weighted: bool,
    /// Targets in the order written; at least one.
    pub targets: Vec<TargetConfig>,
    /// What is put into requests.
    pub prompt: Option<Arc<PromptConfig>>,
}

/// What a model puts into requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PromptConfig {
    /// System text before the caller's own.
    pub before: Template,
    /// System text behind the caller's own.
    pub after: Template,
    /// For parameters that the caller left out.
    pub defaults: Vec<(Parameter, Value)>,
    /// Whatever the caller wrote.
    pub overrides: Vec<(Parameter, Value)>,
}

/// A model at a provider.
#[derive(Clone, Debug)]
pub struct TargetConfig {
    /// Name.
    pub name: Arc<str>,
    /// Index into [`Config::providers`].
    pub provider: usize,
    /// The model there.
    pub model: Arc<str>,
    /// Share.
    pub weight: u32,
    /// CEL source and where it stands, for the compiler's diagnostics.
    pub when: Option<Located<String>>,
    /// Timeouts: target over provider over gateway.
    pub timeouts: Timeouts,
}

/// A plain HTTP route.
#[derive(Clone, Debug)]
pub struct RouteConfig {
    /// Name.
    pub name: Arc<str>,
    /// Exact path, or the prefix without `/*`.
    pub path: String,
    /// Whether `path` is a prefix.
    pub is_prefix: bool,
    /// Methods in upper case; empty for all.
    pub methods: Vec<String>,
    /// True for what a provider passes through: the route has the provider's name and no
    /// entry of its own.
    pub is_pass_through: bool,
    /// Limits of WebSockets; `None` where none pass.
    pub sockets: Option<SocketLimits>,
    /// Index into [`Config::providers`].
    pub provider: usize,
    /// Path at the provider, below its base URL; for a prefix the part it is put
    /// before what the caller wrote after the prefix. `None`: the caller's path.
    pub to: Option<String>,
    /// Where the texts of its requests stand.
    pub request_texts: TextPaths,
    /// Where the texts of its answers stand.
    pub response_texts: TextPaths,
    /// Passes unread although a policy applies.
    pub unscannable_allowed: bool,
    /// Where it stands.
    pub origin: Origin,
    /// Timeouts: route over provider over gateway.
    pub timeouts: Timeouts,
}

/// Limits of a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLimits {
    /// For how long nothing may come from either side.
    pub idle: Duration,
    /// How long it may be open.
    pub whole: Duration,
    /// Largest message.
    pub message_bytes_max: u64,
}

/// A service and its keys.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// Name.
    pub name: Arc<str>,
    /// Team.
    pub team: Option<Arc<str>>,
    /// Keys.
    pub keys: Vec<KeyConfig>,
    /// Model names it may use; `None` for all.
    pub models: Option<Vec<String>>,
}

/// A gateway key.
#[derive(Clone, Debug)]
pub struct KeyConfig {
    /// Id.
    pub id: String,
    /// SHA-256 of the whole key.
    pub hash: [u8; 32],
    /// Seconds since the epoch at which it stops to be valid.
    pub expires_unix_s: Option<u64>,
    /// Model names it may use; `None` for all of the service's.
    pub models: Option<Vec<String>>,
}

/// Conversations over several requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationsConfig {
    /// Request header with the id.
    pub header: String,
    /// How long one is kept that nobody uses.
    pub ttl: Duration,
    /// How many are kept.
    pub conversations_max: usize,
    /// How many bytes all of them may take.
    pub bytes_max: usize,
}

/// A policy.
#[derive(Clone, Debug)]
pub struct PolicyConfig {
    /// Name.
    pub name: Arc<str>,
    /// What it holds for.
    pub scope: ScopeConfig,
    /// Rules over requests.
    pub input: Vec<RuleConfig>,
    /// Rules over answers.
    pub output: Vec<RuleConfig>,
    /// Where it stands.
    pub origin: Origin,
}

/// What a policy holds for. An empty list is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeConfig {
    /// Services.
    pub services: Vec<Arc<str>>,
    /// Teams.
    pub teams: Vec<Arc<str>>,
    /// Models, by the names that callers use; a `*` at the end stands for anything.
    pub models: Vec<Arc<str>>,
    /// Plain HTTP routes.
    pub routes: Vec<Arc<str>>,
    /// Wire formats.
    pub formats: Vec<FormatId>,
    /// A condition, not yet compiled.
    pub when: Option<Located<String>>,
}

impl ScopeConfig {
    /// Whether the policy may hold for a plain HTTP route.
    #[must_use]
    pub fn takes_route(&self, route: &str) -> bool {
        let is_named = self.routes.iter().any(|name| **name == *route);
        let is_open = self.routes.is_empty() && self.models.is_empty();
        (is_named || is_open) && self.formats.is_empty()
    }
}

/// A rule.
#[derive(Clone, Debug)]
pub struct RuleConfig {
    /// Name.
    pub name: Arc<str>,
    /// What happens with a finding.
    pub action: RuleAction,
    /// Whether it happens.
    pub mode: Mode,
    /// What happens with a message that the rule cannot check.
    pub on_error: OnError,
    /// What happens where it finds no texts to read.
    pub unscannable: OnError,
    /// The key of its style; the style's own [`KeyId`](tollgate_policy::KeyId) says
    /// nothing yet.
    pub key: Option<SecretRef>,
    /// The salt of its detector, where that has one; the detector's own
    /// [`KeyId`](tollgate_policy::KeyId) says nothing yet.
    pub salt: Option<SecretRef>,
    /// What finds.
    pub detector: DetectorOptions,
    /// Where it stands.
    pub origin: Origin,
}

/// Telemetry.
#[derive(Clone, Debug, PartialEq)]
pub struct TelemetryConfig {
    /// `None`: off. `Some("-")`: standard output.
    pub access_log: Option<PathBuf>,
    /// `None`: environment, then off.
    pub otlp_endpoint: Option<String>,
    /// Share of new traces, in millionths.
    pub sample_ppm: u32,
    /// `None`: environment, then `tollgate`.
    pub service_name: Option<String>,
}

/// Where a value stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The layer: `base`, `service billing`, `default` for values nobody wrote.
    pub layer: Arc<str>,
    /// File, as the user named it.
    pub file: Arc<str>,
    /// Line, from 1; 0 for values nobody wrote.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl fmt::Display for Origin {
    /// `file:line:column`, the file alone, or `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.is_empty(), self.line) {
            (true, _) => f.write_str("default"),
            (false, 0) => f.write_str(&self.file),
            (false, line) => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub origin: Origin,
}
