//! `tollgate keys new`: makes a gateway key, shows it once, and gives its hash.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use tollgate_config::{Sources, load};

use crate::output::{self, Form};

/// Arguments of `keys`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a key: print it once, and the hash for the configuration
    New(New),
}

#[derive(Debug, Args)]
struct New {
    /// Environment that the key names, 1 to 16 of a-z and 0-9
    #[arg(long, default_value = "prod", value_name = "NAME")]
    env: String,
    /// Service that the key is for
    #[arg(long, default_value = "my-service", value_name = "NAME")]
    service: String,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    output: Form,
}

/// What a configuration needs besides services.
const ANY_PROVIDER: &str = "providers:\n  - name: simulator\n";

/// Runs a verb over keys.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Verb::New(new) = &arguments.verb;
    let key = match tollgate_identity::generate(&new.env) {
        Ok(key) => key,
        Err(error) => return output::misuse(format!("--env: {error}")),
    };
    let (id, hash) = (&key.id, &key.hash_hex);
    // In quotes: a name or an id may look like a number.
    let yaml = format!(
        "services:\n  - name: \"{}\"\n    keys:\n      - id: \"{id}\"\n        hash: {hash}\n",
        new.service
    );
    if let Err(report) = load(&Sources::from_text(
        "services",
        &format!("{ANY_PROVIDER}{yaml}"),
    )) {
        let reason = report
            .problems
            .first()
            .map_or("", |problem| &problem.message);
        return output::misuse(format!("--service: {reason}"));
    }
    if new.output == Form::Json {
        return output::print_json(
            &json!({"key": key.key.expose(), "id": id, "hash": hash, "service": new.service}),
        );
    }
    output::print(&format!(
        "Give this key to the service; it is shown only now:\n\n  {}\n\n\
         Put this into the gateway's configuration:\n\n{yaml}",
        key.key.expose(),
    ))
}
