//! The comparison: rounds of cells, each a fresh process under one kind of work.
//!
//! The gateway has one core, mock and generator share another. Rounds are interleaved,
//! so that what changes on the machine meets every row alike; medians are reported.

mod ask;
mod cell;
mod gateway;
mod machine;
mod summary;
mod tables;
mod targets;
mod verify;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::process::{Child, Command};

use crate::{Failure, block_on, output};
use cell::Cell;
use gateway::Gateway;
use summary::Summary;
use workload::{WORKLOADS, Workload};

/// What is measured, and how often.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Rounds, of which medians are taken
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// One short round: does everything answer? Its numbers mean little
    #[arg(long)]
    quick: bool,
    /// Only these rows: names of work (unary-1k, stream, ...) and of gateways
    /// (direct, nginx, floor, tollgate, tollgate-pii)
    #[arg(long, value_delimiter = ',', value_name = "ROW,...")]
    only: Vec<String>,
    /// Write every cell here, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// For how long each phase sends requests
    #[arg(long, default_value_t = 2000)]
    duration_ms: u64,
    /// How long to wait for others to leave the machine alone, before each cell
    #[arg(long, default_value_t = 20)]
    quiet_wait_s: u64,
    /// The gateway's core
    #[arg(long, default_value_t = 0, value_name = "N")]
    gateway_core: usize,
    /// The core of mock and generator
    #[arg(long, default_value_t = 1, value_name = "N")]
    load_core: usize,
    /// Priority of what is measured and of the load, -20 (first) to 19
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    nice: i32,
    /// The gateway [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    tollgate: Option<PathBuf>,
    /// nginx
    #[arg(long, default_value = "nginx", value_name = "FILE")]
    nginx: PathBuf,
}

/// What a run consists of.
struct Plan<'a> {
    arguments: &'a Arguments,
    /// This program.
    own: PathBuf,
    tollgate: PathBuf,
    gateways: Vec<Gateway>,
    workloads: Vec<&'static Workload>,
}

/// Measures and prints; fails when a row is invalid.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let plan = Plan::new(arguments)?;
    let cells = block_on(measure(&plan))??;
    let summary = Summary::new(cells);
    output::print(&tables::render(&summary, &plan));
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&summary.cells)?)?;
    }
    let bad = summary.bad_answers();
    if bad == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    output::say(&format!(
        "{bad} bad answers: the rows that have them are invalid"
    ));
    Ok(ExitCode::FAILURE)
}

impl<'a> Plan<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self, Failure> {
        let own = std::env::current_exe()?;
        let beside = own.with_file_name("tollgate");
        let (known_gateways, known_work) = (Gateway::ALL, &WORKLOADS);
        let wanted = |name: &str| arguments.only.iter().any(|only| only == name);
        for only in &arguments.only {
            let exists = known_gateways.iter().any(|gateway| gateway.name() == only)
                || known_work.iter().any(|work| work.name == only);
            if !exists {
                return Err(format!("no row is named `{only}`; see --help").into());
            }
        }
        let any_gateway = known_gateways.iter().any(|gateway| wanted(gateway.name()));
        let any_work = known_work.iter().any(|work| wanted(work.name));
        let gateways = known_gateways.into_iter();
        let gateways = gateways.filter(|gateway| !any_gateway || wanted(gateway.name()));
        let workloads = known_work
            .iter()
            .filter(|work| !any_work || wanted(work.name));
        Ok(Self {
            arguments,
            own,
            tollgate: arguments.tollgate.clone().unwrap_or(beside),
            gateways: gateways.collect(),
            workloads: workloads.collect(),
        })
    }

    const fn rounds(&self) -> u32 {
        if self.arguments.quick {
            1
        } else {
            self.arguments.rounds
        }
    }

    const fn duration_ms(&self) -> u64 {
        if self.arguments.quick {
            300
        } else {
            self.arguments.duration_ms
        }
    }

    /// A command that runs on one core and ends with this process.
    fn pinned(&self, core: usize, program: &std::path::Path) -> Command {
        let mut command = Command::new(&self.own);
        command
            .args(["pinned", "--core", &core.to_string()])
            .args(["--nice", &self.arguments.nice.to_string(), "--"])
            .arg(program)
            .kill_on_drop(true);
        command
    }

    /// One of this program's own parts, on the core of the load.
    fn part(&self, name: &str) -> Command {
        let mut command = self.pinned(self.arguments.load_core, &self.own);
        command.arg(name);
        command
    }
}

/// The mock provider, while it runs.
struct Mock {
    port: u16,
    /// Ended with this.
    _child: Child,
}

async fn measure(plan: &Plan<'_>) -> Result<Vec<Cell>, Failure> {
    let port = gateway::free_port()?;
    let child = plan
        .part("mock")
        .args(["--port", &port.to_string()])
        .spawn()?;
    let mock = Mock {
        port,
        _child: child,
    };
    ask::ready(port).await?;
    for gateway in &plan.gateways {
        verify::verify(plan, &mock, *gateway).await?;
    }
    let mut cells = Vec::new();
    for round in 0..plan.rounds() {
        for work in &plan.workloads {
            // Each round begins with another gateway.
            let mut order: Vec<Gateway> = plan.gateways.clone();
            let first = usize::try_from(round)? % order.len().max(1);
            order.rotate_left(first);
            for gateway in order.into_iter().filter(|gateway| gateway.can(work)) {
                let cell = cell::measure(plan, &mock, gateway, work, round).await?;
                output::say(&cell.line());
                cells.push(cell);
            }
        }
    }
    Ok(cells)
}
