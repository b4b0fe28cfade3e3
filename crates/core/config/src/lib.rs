//! The user's YAML: schema, layers, diagnostics.
//!
//! [`load`] takes [`Sources`], a file or a folder of layers, merges the layers,
//! checks the result against the schema and the rules, and gives one
//! [`ConfigSet`] or a [`Report`] with every problem at once, each with file, line
//! and column. [`load_best_effort`] also gives what can be made of the rest, so that
//! a compiler can add the problems it finds there. Secrets stay references, which
//! nothing here reads. The clock is an argument, and the environment is never read.
//! [`YamlFile`] reads files of other shapes in the same way.

mod explain;
mod load;
mod lost;
mod own_path;
pub mod policy_test;
mod problem;
mod schema;
mod sources;
mod spec;
mod suggest;
mod template;
mod tree;
mod valid;
mod validate;
mod yaml_file;

pub use explain::{Explained, explain};
pub use load::{Broken, Loaded, load, load_best_effort};
pub use own_path::{AtProvider, Called, Disguised, HeldPath, OwnPath, is_read_alike};
pub use problem::{PROBLEMS_MAX, Problem, Report, Severity};
pub use schema::{json_schema, reference_markdown};
pub use sources::{
    ATTACHED_BYTES_MAX, FILE_BYTES_MAX, FILES_MAX, Source, Sources, TOTAL_BYTES_MAX,
};
pub use template::{Template, Variables};
pub use tollgate_catalogue::{Auth, PROVIDERS, ProviderKind, Quirk, Site};
pub use valid::{
    AwsKeyRefs, CallerTimeouts, CatalogueConfig, Config, ConfigSet, ConversationsConfig, Failover,
    GatewayConfig, IdentityConfig, KeyConfig, Limits, Located, ModelConfig, Origin, Parameters,
    PolicyConfig, PromptConfig, ProviderConfig, RouteConfig, RuleConfig, ScopeConfig, SecretRef,
    ServiceConfig, SocketLimits, TargetConfig, TelemetryConfig, Timeouts, TlsConfig,
};
pub use yaml_file::{Shape, YamlFile};
