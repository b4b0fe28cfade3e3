//! Listeners, TLS and its reload, upstream connection pools, name resolution, drain.
//!
//! The only crate that knows hyper's connections and rustls. It promises that bytes
//! pass without copies and only when the other side pulls, that every wait has a
//! limit, that no task outlives its tracker, and that dropping a future or a body
//! cancels what it stands for at once. It knows nothing of formats, keys or policies,
//! and it never retries what a provider may have seen.

mod body;
mod drain;
mod due;
mod endpoint;
mod server;
mod socket;
mod tls;
mod tunnel;
mod upload;
mod upstream;

pub use body::{Answer, AnswerBody, BodyError, Outgoing, Whole};
pub use drain::{Drain, Drained};
pub use due::poll_due;
pub use endpoint::{Endpoint, EndpointError, EndpointOptions, Http2Use, Scheme};
pub use server::{BindError, FixedLimits, Listener, Peer, PeerTls, ServerOptions, serve};
pub use tls::{ServerTlsFiles, TlsError, TlsReload, TlsStatus, install_crypto_provider};
pub use tunnel::{Ending, Line, Offer, Tunnel};
pub use upload::{Upload, UploadStopped};
pub use upstream::{SendError, Switched, Upstream};

pub use hyper::body::Incoming;
pub use tokio_util::task::TaskTracker;
