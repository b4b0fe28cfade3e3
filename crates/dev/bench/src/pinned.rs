//! Becomes another program, on given cores, that ends with its parent.
//!
//! So nothing outlives a runner that was killed, and no unsafe hook between fork and
//! exec is needed.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use rustix::process::{Signal, set_parent_process_death_signal, setpriority_process};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::Failure;

/// Arguments of `pinned`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The core to run on
    #[arg(long, value_name = "N")]
    core: usize,
    /// Priority, -20 (first) to 19; also of the session, which counts first where
    /// sessions are scheduled as groups
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    nice: i32,
    /// The program and its arguments
    #[arg(required = true, last = true)]
    command: Vec<String>,
}

/// Returns only when the program cannot be started.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if arguments.core >= CpuSet::MAX_CPU {
        return Err(format!("no core {}", arguments.core).into());
    }
    let mut cores = CpuSet::new();
    cores.set(arguments.core);
    sched_setaffinity(None, &cores)?;
    if arguments.nice != 0 {
        setpriority_process(None, arguments.nice)?;
        // Not every kernel groups sessions.
        let _absent = std::fs::write("/proc/self/autogroup", arguments.nice.to_string());
    }
    let (program, rest) = arguments.command.split_first().ok_or("no program")?;
    let error = Command::new(program).args(rest).exec();
    Err(format!("{program}: {error}").into())
}
