//! The user's YAML: schema, layers, diagnostics.
//!
//! [`load`] reads a file or a folder of layers, merges the layers, checks the
//! result against the schema and the rules, and gives one [`ConfigSet`] or a
//! [`Report`] with every problem at once, each with file, line and column.
//! Secrets stay references; nothing here reads them.

mod spec;
mod valid;

pub use spec::*;
pub use valid::*;
