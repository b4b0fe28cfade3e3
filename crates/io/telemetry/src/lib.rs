//! What is seen of a request once it is over.
//!
//! The gateway builds one [`Settled`] record per request and hands it to the
//! [`Settler`]. One thread of ours turns the records into metrics, access-log lines
//! and spans, and counts tokens where no provider did. The request path pays for one
//! push into a queue; it takes no lock and wakes nobody.
//!
//! Left out: what the process logs about itself (`tracing`), who may read `/metrics`,
//! and how a batch of spans travels (a [`SpanTransport`] does that).

mod access_log;
mod ids;
mod live;
mod metrics;
mod otlp;
mod record;
mod settle;
#[cfg(test)]
mod testing;
mod text;
mod trace_context;

pub use ids::{Hex, RequestId, SpanId, TraceId, random_u64};
pub use live::{Live, LiveRequest};
pub use otlp::{BoxError, Delivery, SpanExporter, SpanTransport, TRACES_CONTENT_TYPE, traces_url};
pub use record::{Attempt, Check, Expected, Finding, Name, Settled, Step, Steps, Text, Uncounted};
pub use settle::{AccessLog, Options, Settler, StartError};
pub use tollgate_catalogue::{PriceSource, Priced};
pub use tollgate_tokens::Source;
pub use trace_context::{Sampler, TraceContext};
