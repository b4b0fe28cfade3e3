//! What detectors cost: alone and together, on texts of several kinds, whole and streamed.
//!
//! One thread, and its processor time: others on the machine make it longer, but do not
//! count themselves. Of several rounds the best counts. The rules are compiled from a
//! configuration, as the gateway compiles them. Each row has a process of its own: what
//! one has loaded and freed would be nothing to the next.

mod rules;
mod streams;
mod texts;

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use tollgate_formats::{FORMATS, Format};
use tollgate_policy::{Machine, RuleSet};
use tollgate_wire::Document;

use crate::{Failure, output};
use rules::{Row, names, row};
use streams::{Streamed, memory, streamed};
use texts::{CRAFTED, code, dense, prose};

/// How large the texts are.
const TEXT_BYTES: usize = 100 * 1024;

/// How large the text of a short request is.
const SHORT_BYTES: usize = 1024;

/// Arguments of `detectors`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Rounds per cell; the best counts
    #[arg(long, default_value_t = 30, value_name = "N")]
    rounds: u32,
    /// Only rows whose name has this in it
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Measure this row in this process, and print its two lines
    #[arg(long, hide = true, value_name = "NAME")]
    row: Option<String>,
}

/// Measures all rows and prints their tables.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let Some(name) = &arguments.row {
        return measured(name, arguments.rounds);
    }
    let mut throughput = String::from(
        "| detector | prose MB/s | code MB/s | dense MB/s | slowest crafted MB/s | 100 KiB prose us | compile ms | memory MiB |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let mut exchanges = String::from(
        "| detector | 1 KiB request and answer, added us | a streamed event, added us | held p50 | held p99 | held most | bytes a stream |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for name in names() {
        let wanted = arguments.only.as_deref();
        if wanted.is_some_and(|wanted| !name.contains(wanted)) {
            continue;
        }
        output::say(&format!("measuring {name}"));
        let own = Command::new(std::env::current_exe()?)
            .args(["detectors", "--row", name])
            .args(["--rounds", &arguments.rounds.to_string()])
            .stderr(Stdio::inherit())
            .output()?;
        let lines = String::from_utf8(own.stdout)?;
        let (first, second) = lines.trim_end().split_once('\n').ok_or("a row failed")?;
        let _ = writeln!(throughput, "{first}");
        let _ = writeln!(exchanges, "{second}");
    }
    output::print(&format!("{throughput}\n{exchanges}"));
    Ok(ExitCode::SUCCESS)
}

/// Measures one row and prints its line of either table.
fn measured(name: &str, rounds: u32) -> Result<ExitCode, Failure> {
    let format = *FORMATS.first().ok_or("no format")?;
    let row = row(name)?;
    // First of all: what is freed later would be used again.
    let stream_bytes = memory(format, &row.rules)?;
    let first = throughput_line(name, &row, format, rounds)?;
    let second = exchange_line(name, &row, &Short::new(format)?, rounds)?;
    output::print(&format!("{first}\n{second} {stream_bytes} |"));
    Ok(ExitCode::SUCCESS)
}

fn throughput_line(
    name: &str,
    row: &Row,
    format: &dyn Format,
    rounds: u32,
) -> Result<String, Failure> {
    let speed = |text: &str| -> Result<f64, Failure> {
        let took = request_time(&row.rules, format, text, rounds)?;
        Ok(text.len() as f64 / took.as_secs_f64() / 1e6)
    };
    let (prose, code, dense) = (prose(TEXT_BYTES), code(TEXT_BYTES), dense(TEXT_BYTES));
    let mut slowest = (f64::INFINITY, "");
    for (crafted, piece) in CRAFTED {
        let megabytes = speed(&texts::filled(piece, TEXT_BYTES))?;
        if megabytes < slowest.0 {
            slowest = (megabytes, crafted);
        }
    }
    let whole = request_time(&row.rules, format, &prose, rounds)?;
    Ok(format!(
        "| {name} | {:.0} | {:.0} | {:.0} | {:.0} ({}) | {:.0} | {:.1} | {:.1} |",
        speed(&prose)?,
        speed(&code)?,
        speed(&dense)?,
        slowest.0,
        slowest.1,
        whole.as_secs_f64() * 1e6,
        row.compiled.as_secs_f64() * 1e3,
        row.bytes as f64 / f64::from(1 << 20),
    ))
}

/// All but the last cell.
fn exchange_line(name: &str, row: &Row, short: &Short, rounds: u32) -> Result<String, Failure> {
    let nothing = Arc::new(RuleSet::default());
    let added = short
        .time(&row.rules, rounds)?
        .saturating_sub(short.time(&nothing, rounds)?);
    let Streamed {
        event,
        held_p50,
        held_p99,
        held_max,
    } = streamed(short.format, &row.rules, rounds)?;
    Ok(format!(
        "| {name} | {:.2} | {:.3} | {held_p50} | {held_p99} | {held_max} |",
        added.as_secs_f64() * 1e6,
        event.as_secs_f64() * 1e6,
    ))
}

/// The best time of a round in which a text goes through rules as a request does.
fn request_time(
    rules: &Arc<RuleSet>,
    format: &dyn Format,
    text: &str,
    rounds: u32,
) -> Result<Duration, Failure> {
    let body = request_body(text);
    let view = format.view_request(&body, true)?;
    Ok(best(rounds, 1, || {
        let mut document = Document::new(body.clone());
        let mut machine = Machine::new(Arc::clone(rules));
        black_box(machine.request(&mut document, black_box(&view)));
    }))
}

/// A request and an answer of a kibibyte.
struct Short {
    format: &'static dyn Format,
    request: Bytes,
    answer: Bytes,
}

impl Short {
    fn new(format: &'static dyn Format) -> Result<Self, Failure> {
        let text = prose(SHORT_BYTES);
        let answer = json!({"id": "x", "object": "chat.completion", "model": "m", "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]});
        let short = Self {
            format,
            request: request_body(&text),
            answer: answer.to_string().into(),
        };
        short.format.view_answer(&short.answer, true)?;
        Ok(short)
    }

    /// The best time of both going through rules, reading their places included where
    /// there are rules.
    fn time(&self, rules: &Arc<RuleSet>, rounds: u32) -> Result<Duration, Failure> {
        let texts = !rules.is_empty();
        self.format.view_request(&self.request, texts)?;
        Ok(best(rounds, 200, || {
            let mut document = Document::new(self.request.clone());
            if let Ok(view) = self.format.view_request(&self.request, texts) {
                let mut machine = Machine::new(Arc::clone(rules));
                black_box(machine.request(&mut document, &view));
            }
            let mut document = Document::new(self.answer.clone());
            if let Ok(view) = self.format.view_answer(&self.answer, texts) {
                let mut machine = Machine::new(Arc::clone(rules));
                black_box(machine.answer(&mut document, &view));
            }
        }))
    }
}

fn request_body(text: &str) -> Bytes {
    json!({"model": "m", "messages": [{"role": "user", "content": text}]})
        .to_string()
        .into()
}

/// The least processor time of a call over some rounds of so many calls.
fn best(rounds: u32, calls: u32, mut work: impl FnMut()) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..rounds.max(1) {
        let began = processor_time();
        for _ in 0..calls {
            work();
        }
        least = least.min(processor_time().saturating_sub(began) / calls);
    }
    least
}

/// The processor time of this thread.
fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
}

/// The memory of this process that is in use, in bytes.
fn resident_bytes() -> usize {
    const PAGE_BYTES: usize = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok());
    pages.map_or(0, |pages: usize| pages * PAGE_BYTES)
}
