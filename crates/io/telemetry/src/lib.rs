//! What is seen of a request once it is over.
//!
//! The gateway builds one [`Settled`] record per request and hands it to the
//! [`Settler`]. One thread of ours turns the records into metrics, access-log lines
//! and spans, and counts tokens where no provider did. The request path pays for one
//! push into a queue; it takes no lock and wakes nobody.
//!
//! Left out: what the process logs about itself (`tracing`), and who may read `/metrics`.

mod ids;
mod live;
mod record;
mod settle;
mod trace_context;

pub use ids::{RequestId, SpanId, TraceId};
pub use live::{InFlight, Live};
pub use record::{Attempt, Finding, Name, Settled, Step, Steps, Text, Uncounted};
pub use settle::{AccessLog, Options, Settler, StartError};
pub use tollgate_tokens::Source;
pub use trace_context::{Sampler, TraceContext};
