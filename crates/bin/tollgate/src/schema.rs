//! `tollgate schema`: the JSON Schema of the configuration, for editors and CI.

use std::process::ExitCode;

use crate::output;

/// Prints the schema.
pub(crate) fn run() -> ExitCode {
    output::print_json(&tollgate_config::json_schema())
}
