//! Measures the gateway beside a plain reverse proxy and a bare hyper proxy.
//!
//! Without a subcommand it runs the comparison and prints its tables; method and
//! results are in `docs/performance.md`. The subcommands are the parts that it starts.
//! Everything stays on 127.0.0.1. Linux only: it reads `/proc`.

mod compare;
mod detectors;
mod floor;
mod http1;
mod instructions;
mod load;
mod mock;
mod output;
mod pinned;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measure the gateway beside nginx and a bare hyper proxy.
#[derive(Debug, Parser)]
#[command(name = "tollgate-bench", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    compare: compare::Arguments,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Serve as a provider: prebuilt answers of both formats, whole and streamed
    Mock(mock::Arguments),
    /// Send requests and print one JSON line about the answers
    Load(load::Arguments),
    /// Forward everything: the least that a proxy on hyper can do
    Floor(floor::Arguments),
    /// Become another program, on one core, that ends with its parent
    Pinned(pinned::Arguments),
    /// Measure what detectors cost, alone and together
    Detectors(detectors::Arguments),
    /// Count the instructions of the pure crates under valgrind
    Instructions(instructions::Arguments),
}

/// What can go wrong on the way; all of it ends the program with its text.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.part {
        None => compare::run(&cli.compare),
        Some(Part::Mock(arguments)) => mock::run(&arguments),
        Some(Part::Load(arguments)) => load::run(&arguments),
        Some(Part::Floor(arguments)) => floor::run(&arguments),
        Some(Part::Pinned(arguments)) => pinned::run(&arguments),
        Some(Part::Detectors(arguments)) => detectors::run(&arguments),
        Some(Part::Instructions(arguments)) => instructions::run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            output::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs one of the parts on one thread.
fn block_on<T>(part: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(tokio::task::LocalSet::new().block_on(&runtime, part))
}
