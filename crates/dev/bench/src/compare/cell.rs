//! One cell: a fresh process, one kind of work.

use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::gateway::{Gateway, Running};
use super::machine::{busy_seconds, cpu_seconds, memory_mib, quiet};
use super::workload::{Answers, RATE, Workload};
use super::{Mock, Plan, ask};
use crate::Failure;
use crate::load::Report;

/// What a cell found.
#[derive(Debug, Serialize)]
pub(crate) struct Cell {
    pub(crate) gateway: Gateway,
    pub(crate) work: &'static str,
    pub(crate) round: u32,
    /// Others' share of one core just before.
    pub(crate) others_before: f64,
    /// From its start to its first answered request.
    pub(crate) ready_ms: f64,
    /// A second after that; only with work that asks for it.
    pub(crate) idle_mib: Option<f64>,
    /// The most until the end.
    pub(crate) peak_mib: f64,
    /// All connections busy all the time.
    pub(crate) closed: Phase,
    /// A fixed rate.
    pub(crate) open: Option<Phase>,
    /// Requests that reached the mock.
    pub(crate) requests: u64,
    /// Lines that the access log got for them.
    pub(crate) log_lines: u64,
    /// Spans that were exported for them.
    pub(crate) spans: u64,
}

/// What a run of the generator found, and what it cost.
#[derive(Debug, Serialize)]
pub(crate) struct Phase {
    pub(crate) report: Report,
    /// CPU of the gateway.
    pub(crate) cpu_s: f64,
    /// Share of one core that was used by others.
    pub(crate) others: f64,
}

impl Phase {
    /// Answers per second, of streams events.
    pub(crate) fn per_second(&self) -> f64 {
        if self.report.events > 0 {
            self.report.events_per_s
        } else {
            self.report.answers_per_s
        }
    }

    /// CPU microseconds for each good answer.
    pub(crate) fn cpu_per_request(&self) -> Option<f64> {
        per(self.cpu_s, self.report.answers)
    }

    /// CPU microseconds for each event.
    pub(crate) fn cpu_per_event(&self) -> Option<f64> {
        per(self.cpu_s, self.report.events)
    }
}

fn per(cpu_s: f64, count: u64) -> Option<f64> {
    (cpu_s > 0.0 && count > 0).then(|| cpu_s * 1e6 / count as f64)
}

impl Cell {
    /// Answers that make it invalid.
    pub(crate) fn bad_answers(&self) -> u64 {
        let phases = [Some(&self.closed), self.open.as_ref()];
        phases
            .into_iter()
            .flatten()
            .map(|phase| phase.report.bad_answers())
            .sum()
    }

    /// What to say when it is done.
    pub(crate) fn line(&self) -> String {
        let cpu = if self.closed.report.events > 0 {
            self.closed.cpu_per_event()
        } else {
            self.closed.cpu_per_request()
        };
        let bad = match self.bad_answers() {
            0 => String::new(),
            bad => format!(", {bad} BAD: {}", self.closed.report.first_bad),
        };
        format!(
            "round {} {} {}: {:.2} us, {:.0}/s, others {:.2}{bad}",
            self.round + 1,
            self.work,
            self.gateway.name(),
            cpu.unwrap_or_default(),
            self.closed.per_second(),
            self.closed.others,
        )
    }
}

/// Measures one cell.
pub(crate) async fn measure(
    plan: &Plan<'_>,
    mock: &Mock,
    gateway: Gateway,
    work: &'static Workload,
    round: u32,
) -> Result<Cell, Failure> {
    let (events, delay_us) = match work.answers {
        Answers::Whole => (1, 0),
        Answers::Stream { events, delay_us } => (events, delay_us),
    };
    let settings = format!("events={events}&delay_us={delay_us}");
    let before = ask::books(mock.port, &settings).await?;
    let wait_s = if plan.arguments.quick {
        0
    } else {
        plan.arguments.quiet_wait_s
    };
    let others_before = quiet(Duration::from_secs(wait_s)).await;
    let running = gateway.start(plan, mock).await?;
    let idle_mib = match running.pid() {
        Some(pid) if work.name == "unary-1k" => {
            sleep(Duration::from_secs(1)).await;
            Some(memory_mib(pid, "VmRSS"))
        }
        _ => None,
    };
    let measured = Measured {
        plan,
        running: &running,
        work,
    };
    measured.load(0, plan.duration_ms() / 4).await?;
    // A paced stream takes two seconds: long enough for a second one to begin.
    let longer_ms = if work.is_paced() {
        plan.duration_ms() / 4
    } else {
        0
    };
    let closed = measured.load(0, plan.duration_ms() + longer_ms).await?;
    let open = if work.has_open_loop {
        Some(measured.load(RATE, plan.duration_ms()).await?)
    } else {
        None
    };
    let peak_mib = running.pid().map_or(0.0, |pid| memory_mib(pid, "VmHWM"));
    let ready_ms = running.ready_ms;
    let log_lines = running.stop().await?;
    let after = ask::books(mock.port, "").await?;
    Ok(Cell {
        gateway,
        work: work.name,
        round,
        others_before,
        ready_ms,
        idle_mib,
        peak_mib,
        closed,
        open,
        requests: after.requests - before.requests,
        log_lines,
        spans: after.spans - before.spans,
    })
}

struct Measured<'a> {
    plan: &'a Plan<'a>,
    running: &'a Running,
    work: &'static Workload,
}

impl Measured<'_> {
    /// One run of the generator; CPU is taken over all of it.
    async fn load(&self, rate: u32, duration_ms: u64) -> Result<Phase, Failure> {
        let work = self.work;
        let mut command = self.plan.part("load");
        command
            .args(["--port", &self.running.port.to_string()])
            .args(["--rate", &rate.to_string()])
            .args(["--duration-ms", &duration_ms.to_string()])
            .args(["--connections", &work.connections.to_string()])
            .args(["--body-bytes", &work.body_bytes.to_string()])
            .args(["--turns", &work.turns.to_string()])
            .args(["--model", work.provider.model()]);
        if work.is_stream() {
            command.arg("--stream");
        }
        if work.is_paced() {
            command.args(["--spread-ms", "10"]);
        }
        if let Some(key) = &self.running.key {
            command.args(["--key", key]);
        }
        let (start, busy, ours, cpu) = (Instant::now(), busy_seconds(), ours_seconds(), self.cpu());
        let output = command.output().await?;
        let (busy, ours) = (busy_seconds() - busy, ours_seconds() - ours);
        let cpu_s = self.cpu() - cpu;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(Phase {
            report: serde_json::from_slice(&output.stdout)?,
            cpu_s,
            others: ((busy - ours) / start.elapsed().as_secs_f64()).max(0.0),
        })
    }

    /// CPU of the gateway.
    fn cpu(&self) -> f64 {
        self.running.pid().map_or(0.0, cpu_seconds)
    }
}

/// CPU of everything that was started here: all of it descends from this process.
fn ours_seconds() -> f64 {
    cpu_seconds(std::process::id())
}
