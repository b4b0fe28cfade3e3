//! The process: where it listens, who may call, limits, timeouts, failover.

use schemars::JsonSchema;
use serde::Deserialize;

/// The process: where it listens, who may call, limits and timeouts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GatewaySpec {
    /// Address to listen on. Default: `TOLLGATE_HOST`, else `127.0.0.1`; the
    /// container image sets `0.0.0.0`.
    pub(crate) host: Option<String>,
    /// Port to listen on, 0 for any free one. Default: `TOLLGATE_PORT`, else 41002.
    pub(crate) port: Option<u16>,
    /// The key of the one OpenAI provider, where no `providers` are listed; beside
    /// `providers`, the key of those of kind `openai` that have none of their own.
    pub(crate) secret_key_ref: Option<SecretRefSpec>,
    /// The service this gateway stands beside (a sidecar): its overlay is the
    /// configuration of every caller. `TOLLGATE_SERVICE` does the same, and wins.
    pub(crate) service: Option<String>,
    /// Whether callers without a key are served. Default: `deny`. Said at every start when `allow`.
    pub(crate) anonymous: Option<AnonymousSpec>,
    /// Certificate and key for TLS on the main port. They are read again every five seconds
    /// and at every reload; `/status` shows what became of them.
    pub(crate) tls: Option<TlsSpec>,
    /// The admin listener.
    pub(crate) admin: AdminSpec,
    /// What is refused, and at which size.
    pub(crate) limits: LimitsSpec,
    /// How long things may take. A target can have its own.
    pub(crate) timeouts: TimeoutsSpec,
    /// When another target takes over.
    pub(crate) failover: FailoverSpec,
    /// What happens when a target's format cannot carry a part of a request:
    /// `best_effort` names it in `x-tollgate-loss`, `strict` refuses with 400, also what
    /// `parameters: adjust` would change. Default: `best_effort`.
    pub(crate) translation: Option<TranslationSpec>,
    /// What happens with a parameter that the catalogue says a model refuses, and with a
    /// limit of generated tokens above the model's, or above what the prompt, by its
    /// estimate, leaves of the model's window: `pass` sends it as it is, `adjust`
    /// removes the one and lowers the other, and names both in `x-tollgate-loss`, `refuse`
    /// leaves the target out, and answers 400 where no other is left. Default: `pass`.
    pub(crate) parameters: Option<RefusedSpec>,
    /// Conversations over several requests, for `style: restore`.
    pub(crate) conversations: Option<ConversationsSpec>,
    /// Folder for what must survive a restart: the last good configuration, from
    /// which a start with a broken configuration is served. Behind a syntax error it is
    /// not seen; the variable is. Default: `TOLLGATE_STATE_DIR`; without either nothing is
    /// kept on disk.
    pub(crate) state_dir: Option<String>,
    /// How long running requests may go on after SIGTERM, in milliseconds. Default: 30000.
    pub(crate) drain_ms: Option<u64>,
}

/// Conversations over several requests: a placeholder of `style: restore` stands for the
/// same text in all of them. Without it, it does within one exchange. Kept in this
/// process's memory only, encrypted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConversationsSpec {
    /// Request header with the conversation's id, 1 to 256 bytes; a longer one counts as
    /// none. A service has its own ids; callers without a key are one service. Required.
    pub(crate) header: String,
    /// After how many seconds without a request a conversation is forgotten. Default: 3600.
    pub(crate) ttl_s: Option<u64>,
    /// How many are kept; beyond it the one that was not used for longest is forgotten.
    /// Default: 10000.
    pub(crate) conversations_max: Option<u64>,
    /// How many bytes all of them may take. Default: 67108864 (64 MiB).
    pub(crate) bytes_max: Option<u64>,
}

/// Whether callers without a key are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnonymousSpec {
    /// Answer 401.
    Deny,
    /// Serve them as the service `anonymous`.
    Allow,
}

/// What happens with what a target's format cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TranslationSpec {
    /// Carry what can be carried, name the rest.
    BestEffort,
    /// Refuse the request.
    Strict,
}

/// What happens with parameters that a model refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefusedSpec {
    /// Send them as they are.
    Pass,
    /// Remove or lower them, and name them.
    Adjust,
    /// Refuse the request.
    Refuse,
}

/// A secret by reference: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SecretRefSpec {
    /// Name of an environment variable.
    pub(crate) env: Option<String>,
    /// Path of a file; surrounding white space is cut off. Relative to the
    /// configuration: the folder that was named, or the folder of the file that was
    /// named. So are all paths here. Read again at every reload.
    pub(crate) file: Option<String>,
}

/// TLS from certificate files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsSpec {
    /// PEM file with the certificate chain, leaf first.
    pub(crate) cert_file: String,
    /// PEM file with the private key.
    pub(crate) key_file: String,
}

/// The admin listener: `/status`, `/metrics`, `/config`, `/reload`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdminSpec {
    /// Address. Default: `127.0.0.1`. Any other address opens the admin API to whoever reaches it.
    pub(crate) host: Option<String>,
    /// Port, 0 for any free one. Default: `TOLLGATE_ADMIN_PORT`, else 41003.
    pub(crate) port: Option<u16>,
}

/// What is refused, and at which size.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsSpec {
    /// Largest buffered request body in bytes. Default: 33554432 (32 MiB).
    pub(crate) body_bytes_max: Option<u64>,
    /// Largest buffered answer in bytes. Default: 33554432 (32 MiB).
    pub(crate) answer_bytes_max: Option<u64>,
    /// All buffered bodies together in bytes, answers until they are sent and translations
    /// included; over it requests get 503. Default: 536870912 (512 MiB).
    pub(crate) buffered_bytes_max: Option<u64>,
    /// Largest single streamed event in bytes. Default: 4194304 (4 MiB).
    pub(crate) event_bytes_max: Option<u64>,
    /// Request head in bytes. Default: 65536.
    pub(crate) header_bytes_max: Option<u64>,
    /// Number of request headers. Default: 100.
    pub(crate) headers_max: Option<u32>,
    /// Open connections; further ones wait in the kernel's queue. Default: 10000.
    pub(crate) connections_max: Option<u32>,
    /// Requests in work; over it requests get 503. So many connections may be open to a
    /// provider. Default: 10000.
    pub(crate) requests_max: Option<u32>,
    /// Counts of tokens that callers ask for and the gateway makes itself, at once: each has
    /// a thread for up to a second; over it they get 503. Default: 8.
    pub(crate) counts_max: Option<u32>,
}

/// How long things may take, in milliseconds; a day at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TimeoutsSpec {
    /// To a connection with a provider, TLS included. Default: 5000. Only under
    /// `gateway` and `providers`.
    pub(crate) connect_ms: Option<u64>,
    /// To the first content of a streamed answer. Default: 60000.
    pub(crate) first_token_ms: Option<u64>,
    /// Between two events of a streamed answer. Default: 60000.
    pub(crate) between_tokens_ms: Option<u64>,
    /// One attempt from its start to the end of its answer. Default: 600000. What is left
    /// of `request_ms` ends it sooner.
    pub(crate) whole_ms: Option<u64>,
    /// For a caller to send its request head. Default: 30000. Only under `gateway`.
    pub(crate) header_ms: Option<u64>,
    /// For a caller to send its body; on a plain route, for each piece of it. Default:
    /// 60000. Only under `gateway`.
    pub(crate) body_ms: Option<u64>,
    /// For which an idle connection is kept. Default: 120000. Only under `gateway`.
    pub(crate) idle_ms: Option<u64>,
    /// For a chat from its head to the end of its answer: all attempts, the waits between
    /// them and the stream. Default: 900000. Only under `gateway`.
    pub(crate) request_ms: Option<u64>,
}

/// When another target takes over.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FailoverSpec {
    /// Attempts per request, the first included. Default: 3. 1 turns failover off.
    pub(crate) attempts_max: Option<u32>,
    /// For how long the head of a stream is held back while nothing but preamble
    /// has come, so that an early error can still fail over; in milliseconds. Default: 10000.
    pub(crate) hold_ms: Option<u64>,
    /// How many bytes of preamble are held at most. Default: 65536.
    pub(crate) hold_bytes_max: Option<u64>,
    /// First back-off before the same target is tried again, in milliseconds;
    /// doubles each time, with full jitter. Default: 100.
    pub(crate) backoff_ms: Option<u64>,
    /// Longest back-off, and the longest `Retry-After` that is waited for, in milliseconds. Default: 2000.
    pub(crate) backoff_ms_max: Option<u64>,
    /// Retries a target may get, as a percentage of its requests. Default: 20.
    pub(crate) retry_budget_percent: Option<u32>,
    /// Retries a target may get per second whatever the percentage. Default: 10.
    pub(crate) retry_budget_per_second_min: Option<u32>,
}
