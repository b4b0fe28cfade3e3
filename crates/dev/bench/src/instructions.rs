//! Counts instructions of the pure crates under valgrind, and compares them with the
//! baseline.
//!
//! Each workload of `tollgate-trace` runs twice, once without and once with its work;
//! the difference is the work alone. Counts do not depend on what else the machine
//! does, only on compiler, C library and code.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use serde::{Deserialize, Serialize};

use crate::{Failure, output};

/// Arguments of `instructions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The counts to compare with
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// Write the counts there instead
    #[arg(long)]
    update: bool,
    /// Only these workloads
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    only: Vec<String>,
}

/// Checked in beside the code.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Baseline {
    /// The compiler that built what was counted.
    compiler: String,
    /// Instructions of one round of each workload.
    instructions: BTreeMap<String, u64>,
}

/// How much more a workload may cost, in percent of its baseline.
const TOLERANCE_PERCENT: f64 = 3.0;
/// Rounds of a workload in the run with work: enough that what differs between two
/// preparations (hash maps are seeded at random) does not show.
const ROUNDS: u64 = 50;

/// Counts, prints the table; fails when a workload costs more than it may.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let known: Baseline = match std::fs::read_to_string(&arguments.baseline) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) if arguments.update => Baseline::default(),
        Err(error) => return Err(format!("{}: {error}", arguments.baseline.display()).into()),
    };
    let mut counted = Baseline {
        compiler: compiler()?,
        instructions: BTreeMap::new(),
    };
    for name in names()? {
        if arguments.only.is_empty() || arguments.only.contains(&name) {
            let work = count(&name, ROUNDS)?.saturating_sub(count(&name, 0)?);
            counted.instructions.insert(name, work / ROUNDS);
        }
    }
    let failed = print(&known, &counted);
    if arguments.update {
        let mut all = known.instructions;
        all.extend(counted.instructions.clone());
        counted.instructions = all;
        std::fs::write(
            &arguments.baseline,
            serde_json::to_string_pretty(&counted)? + "\n",
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    if failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    output::say(&format!(
        "{failed} workloads cost more than {TOLERANCE_PERCENT} % over the baseline; if that is meant, \
         say why in the commit and run scripts/instructions.sh --update"
    ));
    Ok(ExitCode::FAILURE)
}

/// The table; gives how many workloads cost too much.
fn print(known: &Baseline, counted: &Baseline) -> usize {
    if !known.compiler.is_empty() && known.compiler != counted.compiler {
        output::say(&format!(
            "the baseline is of {}, this is {}",
            known.compiler, counted.compiler
        ));
    }
    output::print(&format!(
        "{:32} {:>12} {:>12} {:>9}",
        "workload", "baseline", "now", "change"
    ));
    let mut failed = 0;
    for (name, now) in &counted.instructions {
        let Some(before) = known.instructions.get(name) else {
            output::print(&format!("{name:32} {:>12} {now:>12} {:>9}", "-", "new"));
            continue;
        };
        let change = (*now as f64 / *before as f64 - 1.0) * 100.0;
        let verdict = if change > TOLERANCE_PERCENT {
            failed += 1;
            "  TOO MUCH"
        } else if change < -TOLERANCE_PERCENT {
            "  better: --update"
        } else {
            ""
        };
        output::print(&format!(
            "{name:32} {before:>12} {now:>12} {change:>+8.2}%{verdict}"
        ));
    }
    failed
}

fn names() -> Result<Vec<String>, Failure> {
    let output = Command::new(trace()?).arg("--list").output()?;
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(str::to_owned)
        .collect())
}

/// Instructions of the whole process.
fn count(name: &str, rounds: u64) -> Result<u64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(trace()?)
        .args([name, &rounds.to_string()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, count)) if output.status.success() => Ok(count.trim().parse()?),
        _ => Err(format!("{name} under valgrind: {text}").into()),
    }
}

fn trace() -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.with_file_name("tollgate-trace"))
}

fn compiler() -> Result<String, Failure> {
    let output = Command::new("rustc").arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
