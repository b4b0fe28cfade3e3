//! The simulator over real connections, by a plain hyper client.

mod anthropic;
mod books;
mod client;
mod faults;
mod openai;
mod plain;
