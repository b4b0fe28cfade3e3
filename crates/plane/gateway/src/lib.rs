//! The data plane: the life of a request, from its head to its settled record.
//!
//! [`Gateway::handle`] serves one request with the snapshot that is current when it
//! comes; `pipeline.rs` lists the steps. Nothing here listens on a socket and nothing
//! reads a configuration file: the command line joins the parts.

mod access;
mod admin;
mod admit;
mod aside;
mod attempt;
mod budget;
mod caller;
mod clock;
mod collect;
mod conversations;
mod document;
mod enrich;
mod expect;
mod gateway;
mod guarded;
mod headers;
mod held;
mod inspect;
mod mark;
mod models;
mod operation;
mod pipeline;
mod plain;
mod probe;
mod reply;
mod rescue;
mod route;
mod settle;
mod snapshot;
mod status;

pub use admin::{Admin, Reload};
pub use expect::{prompt_of, tokens_of};
pub use gateway::Gateway;
pub use inspect::{name as inspect_name, request as inspect_request};
pub use plain::{answer as inspect_plain_answer, request as inspect_plain_request};
pub use reply::{Aborted, ReplyBody};
pub use snapshot::secret::resolve as resolve_secret;
pub use snapshot::{BuildError, Snapshot, Surroundings};
pub use status::Rejected;
