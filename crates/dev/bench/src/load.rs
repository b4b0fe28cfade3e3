//! The load generator: a closed loop, or an open loop at a fixed rate with latencies
//! from the scheduled time, so that a stall counts for every request that it delays.
//!
//! One thread, one prebuilt request, a small reader of answers: it leaves its core to
//! the mock. It measures the whole run from the first request to the last answer.

mod connection;
mod content;
mod report;
mod request;
mod timer;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::{Failure, block_on, output};
use connection::{Connection, Reply};
pub(crate) use report::Report;
pub(crate) use request::{Prompt, request};
use timer::Timer;

/// What is sent, and how.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Port on 127.0.0.1
    #[arg(long)]
    pub(crate) port: u16,
    /// Requests per second, from the scheduled time; 0 is a closed loop
    #[arg(long, default_value_t = 0)]
    pub(crate) rate: u32,
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: u32,
    /// For how long requests are started
    #[arg(long, default_value_t = 2000)]
    pub(crate) duration_ms: u64,
    /// Over what time the connections of a closed loop begin, so that paced streams do
    /// not tick together
    #[arg(long, default_value_t = 0)]
    pub(crate) spread_ms: u32,
    /// Size of the request body
    #[arg(long, default_value_t = 1024)]
    pub(crate) body_bytes: usize,
    /// Messages that the prompt is spread over
    #[arg(long, default_value_t = 1)]
    pub(crate) turns: usize,
    /// Ask for a stream, with usage
    #[arg(long)]
    pub(crate) stream: bool,
    /// The model
    #[arg(long, default_value = "gpt-4o-mini")]
    pub(crate) model: String,
    /// The caller's key
    #[arg(long)]
    pub(crate) key: Option<String>,
}

/// How long one request may take.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug)]
struct Shared {
    port: u16,
    request: Vec<u8>,
    streams: bool,
    start: Instant,
    end: Instant,
    report: RefCell<Report>,
}

/// Sends, waits for all answers, prints the report.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    timer::exact();
    let report = block_on(generate(arguments))??;
    output::print(&serde_json::to_string(&report)?);
    Ok(ExitCode::SUCCESS)
}

async fn generate(arguments: &Arguments) -> Result<Report, Failure> {
    let start = Instant::now();
    let shared = Rc::new(Shared {
        port: arguments.port,
        request: request(&Prompt::of(arguments), arguments.key.as_deref()),
        streams: arguments.stream,
        start,
        end: start + Duration::from_millis(arguments.duration_ms),
        report: RefCell::default(),
    });
    let tasks = if arguments.rate == 0 {
        closed_loop(&shared, arguments)
    } else {
        open_loop(&shared, arguments).await?
    };
    for task in tasks {
        task.await?;
    }
    let window_s = (shared.end - start).as_secs_f64();
    let mut report = shared.report.take();
    report.finish(window_s, start.elapsed().as_secs_f64());
    Ok(report)
}

fn closed_loop(shared: &Rc<Shared>, arguments: &Arguments) -> Vec<JoinHandle<()>> {
    let step = Duration::from_millis(arguments.spread_ms.into()) / arguments.connections.max(1);
    let worker = |index| {
        let shared = Rc::clone(shared);
        async move {
            tokio::time::sleep_until(shared.start + step * index).await;
            let mut connection = None;
            while Instant::now() < shared.end {
                shared.ask(&mut connection, Instant::now()).await;
            }
        }
    };
    (0..arguments.connections)
        .map(|index| tokio::task::spawn_local(worker(index)))
        .collect()
}

/// One task for each request that is due; they wait for a free connection, the one
/// that was idle longest.
async fn open_loop(
    shared: &Rc<Shared>,
    arguments: &Arguments,
) -> Result<Vec<JoinHandle<()>>, Failure> {
    let slots = usize::try_from(arguments.connections)?;
    let free = Rc::new(Semaphore::new(slots));
    let idle: VecDeque<Option<Connection>> = (0..slots).map(|_| None).collect();
    let idle = Rc::new(RefCell::new(idle));
    let timer = Timer::new()?;
    let step = Duration::from_secs(1) / arguments.rate;
    let mut due = shared.start;
    let mut tasks = Vec::new();
    while due < shared.end {
        timer.until(due).await?;
        let (shared, free, idle) = (Rc::clone(shared), Rc::clone(&free), Rc::clone(&idle));
        tasks.push(tokio::task::spawn_local(async move {
            let Ok(_slot) = free.acquire().await else {
                return;
            };
            let mut connection = idle.borrow_mut().pop_front().flatten();
            shared.ask(&mut connection, due).await;
            idle.borrow_mut().push_back(connection);
        }));
        due += step;
    }
    Ok(tasks)
}

impl Shared {
    /// Sends one request; a connection that is no longer good is dropped.
    async fn ask(&self, connection: &mut Option<Connection>, scheduled: Instant) {
        let answered = timeout(REQUEST_LIMIT, self.exchange(connection)).await;
        let now = Instant::now();
        let mut report = self.report.borrow_mut();
        match answered {
            Ok(Ok(reply)) => {
                if !reply.keeps_alive {
                    *connection = None;
                }
                report.reply(&reply, scheduled, now, self.end);
            }
            Ok(Err(error)) => {
                *connection = None;
                report.error(&error.to_string());
            }
            Err(_) => {
                *connection = None;
                report.error("no answer in time");
            }
        }
    }

    async fn exchange(&self, connection: &mut Option<Connection>) -> std::io::Result<Reply> {
        if connection.is_none() {
            *connection = Some(Connection::open(self.port).await?);
        }
        match connection {
            Some(open) => open.exchange(&self.request, self.streams).await,
            None => Err(std::io::ErrorKind::NotConnected.into()),
        }
    }
}
