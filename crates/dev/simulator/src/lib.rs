//! A simulated provider: real wire formats, no model behind them.
//!
//! [`Simulator::start`] serves OpenAI Chat Completions and Completions, Anthropic Messages, Bedrock
//! Converse, Gemini generateContent, Cohere chat, embeddings and reranking in the formats of several
//! providers, and a few plain model endpoints on a listener. The same seed and the same request
//! body give the same answer, to the byte. Latency and faults are drawn from the seed too, or
//! ordered by a script, by the model's name, or by a directive in the request. What was served
//! is kept in [`Books`], so that a test can compare its own records with the provider's.
//!
//! The wire formats are written here from the providers' documentation and share nothing
//! with the gateway's codecs: a mistake in one must show in the other.
//!
//! Left out: TLS, and any judgement of what a prompt means.

mod answer;
mod anthropic;
mod ask;
mod bedrock;
mod books;
mod cohere;
mod count;
mod directive;
mod distribution;
mod echo;
mod fault;
mod format;
mod gemini;
mod openai;
mod options;
mod other;
mod play;
mod random;
mod refused;
mod responses;
mod schema;
mod server;
mod text;
mod words;

pub use books::{Books, Credential, Record, Totals};
pub use distribution::Distribution;
pub use fault::{Fault, FaultRate, Faults, parse_fault, parse_script};
pub use options::{Options, OptionsError};
pub use server::{Handle, Simulator, StartError};
pub use words::BadWord;
