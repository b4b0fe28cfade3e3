//! The command line: one file per verb; builds the parts and joins them.
//!
//! Exit codes: 0 done; 1 it did not work, and standard error says why; 2 the command
//! line itself is wrong.

mod check;
mod completions;
mod configuration;
mod explain;
mod exporter;
mod fingerprints;
mod health;
mod import;
mod keys;
mod last_good;
mod models;
mod output;
mod pieces;
mod policed;
mod restart;
mod reveal;
mod run;
mod scan;
mod schema;
mod simulate;
mod surroundings;
mod test;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An AI gateway for microservices: one address and one key for every model.
#[derive(Debug, Parser)]
#[command(
    name = "tollgate",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 it did not work, 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve: the gateway itself
    Run(Box<run::Arguments>),
    /// Check a configuration: every problem at once, exit code 1 if there is any
    Check(check::Arguments),
    /// Show what holds for a service and a model, and which line set it
    Explain(explain::Arguments),
    /// List, compare and show models: limits, abilities, prices
    Models(Box<models::Arguments>),
    /// Show what policies make of texts: JSON lines in, JSON lines out
    Scan(scan::Arguments),
    /// Test policies: what is to come of a request and its answer, in YAML
    Test(test::Arguments),
    /// Put what `style: encrypt` replaced back into a text, with the key
    Reveal(reveal::Arguments),
    /// Make a list of salted hashes of your own records, for rules of type `fingerprints`
    Fingerprints(fingerprints::Arguments),
    /// Turn another gateway's configuration into ours, and report what did not come along
    Import(import::Arguments),
    /// Print the JSON Schema of the configuration
    Schema,
    /// Serve simulated providers: real wire formats, faults on demand
    Simulate(Box<simulate::Arguments>),
    /// Make gateway keys
    Keys(keys::Arguments),
    /// Ask a running gateway whether it is ready: exit code 0 when it is
    Health(health::Arguments),
    /// Print a shell's completions
    Completions(completions::Arguments),
}

fn main() -> ExitCode {
    match Cli::parse().verb {
        Verb::Run(arguments) => run::run(*arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Models(arguments) => models::run(&arguments),
        Verb::Scan(arguments) => scan::run(&arguments),
        Verb::Test(arguments) => test::run(&arguments),
        Verb::Reveal(arguments) => reveal::run(&arguments),
        Verb::Fingerprints(arguments) => fingerprints::run(&arguments),
        Verb::Import(arguments) => import::run(&arguments),
        Verb::Schema => schema::run(),
        Verb::Simulate(arguments) => simulate::run(*arguments),
        Verb::Keys(arguments) => keys::run(&arguments),
        Verb::Health(arguments) => health::run(&arguments),
        Verb::Completions(arguments) => completions::run::<Cli>(&arguments),
    }
}
