//! Runs the pure crates on a fixed trace, so that instructions can be counted.
//!
//! `tollgate-trace NAME ROUNDS` prepares a workload and runs it so many times; `--list`
//! names the workloads. Nothing is random, no clock is read, nothing is printed
//! otherwise. `scripts/instructions.sh` counts.

mod bodies;
mod workloads;

use std::io::Write;
use std::process::ExitCode;

use workloads::workloads;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    if name == "--list" {
        let names: Vec<String> = workloads().into_iter().map(|work| work.name).collect();
        let written = writeln!(std::io::stdout(), "{}", names.join("\n"));
        return written.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let rounds = arguments
        .next()
        .and_then(|rounds| rounds.parse::<u32>().ok());
    let workload = workloads().into_iter().find(|work| work.name == name);
    let (Some(workload), Some(rounds)) = (workload, rounds) else {
        return ExitCode::from(2);
    };
    match (workload.prepare)() {
        Ok(mut round) => {
            for _ in 0..rounds {
                if !round() {
                    return ExitCode::FAILURE;
                }
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _unsaid = writeln!(std::io::stderr(), "{name}: {error}");
            ExitCode::FAILURE
        }
    }
}
