//! `tollgate run`: starts the parts, serves, reloads, drains.

mod arguments;
mod first;
mod serving;
mod start;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tollgate_gateway::Reload;

pub(crate) use arguments::Arguments;

use crate::output;
use crate::watch::{Fingerprint, fingerprint, pause};
use serving::Serving;
use start::Started;

/// How long the last spans may take to be sent at the end.
const EXPORT_LIMIT: Duration = Duration::from_secs(2);
/// Changed files are read once two looks this far apart agree,
const SETTLE_PERIOD: Duration = Duration::from_millis(50);
/// or after so many.
const SETTLE_LOOKS_MAX: usize = 20;

/// Serves until SIGTERM or SIGINT, then drains.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    tollgate_net::install_crypto_provider();
    log(&arguments);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(format!("no runtime: {error}")),
    };
    match start::start(&arguments, &runtime) {
        Ok(started) => serve(started, &runtime),
        Err(text) => {
            output::say(text);
            ExitCode::FAILURE
        }
    }
}

fn log(arguments: &Arguments) {
    use io::IsTerminal;

    use tracing_subscriber::layer::{Layer, SubscriberExt};
    use tracing_subscriber::util::SubscriberInitExt;

    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_target(false);
    let lines = if io::stderr().is_terminal() {
        lines.with_ansi(output::colour()).boxed()
    } else {
        lines.json().flatten_event(true).boxed()
    };
    let logger =
        tracing_subscriber::registry().with(lines.with_filter(arguments.log_level.clone()));
    // A process that has a logger already keeps it.
    let _ = logger.try_init();
}

fn serve(started: Started, runtime: &Runtime) -> ExitCode {
    let Started {
        gateway,
        configuration,
        settler,
        exporter,
        serving,
        path,
        seen,
    } = started;
    let code = runtime.block_on(async {
        // Before anybody can know that we serve: without a handler a signal kills.
        let Signals {
            mut hangups,
            mut ends,
        } = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return output::fail(format!("no signals: {error}")),
        };
        let serving = match Serving::bind(&gateway, &configuration, serving).await {
            Ok(serving) => serving,
            Err(error) => return output::fail(error),
        };
        serving.say();
        let reload: Arc<dyn Reload> = configuration;
        let code = tokio::select! {
            () = reload_on_change(path, seen, Arc::clone(&reload)) => ExitCode::FAILURE,
            () = reload_on_hangup(&mut hangups, Arc::clone(&reload)) => ExitCode::FAILURE,
            () = ends.next() => ExitCode::SUCCESS,
        };
        // The limit as it is configured now.
        let snapshot = gateway.snapshot();
        let drain_limit = snapshot.map_or(Duration::ZERO, |now| now.plan().base.gateway.drain);
        gateway.drain();
        tracing::info!(
            limit_ms = drain_limit.as_millis(),
            "draining: no new connections, running requests finish"
        );
        let cut = serving.drain(drain_limit, ends.next()).await;
        if cut > 0 {
            tracing::warn!(
                connections = cut,
                "cut at the end of the drain limit, or by a second signal"
            );
        }
        code
    });
    settler.shutdown();
    if let Some(exporter) = exporter {
        // Whatever is not sent by then is lost, and a collector that hangs must not hold us.
        let _ = runtime.block_on(async { tokio::time::timeout(EXPORT_LIMIT, exporter).await });
    }
    tracing::info!("stopped");
    code
}

/// The signals a gateway acts on.
struct Signals {
    hangups: Signal,
    ends: Ends,
}

/// SIGTERM and SIGINT.
struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let ends = Ends {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        };
        Ok(Self {
            hangups: signal(SignalKind::hangup())?,
            ends,
        })
    }
}

impl Ends {
    /// Waits for the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Reloads when the files look different from what was `seen` before they were read;
/// never ends.
async fn reload_on_change(path: PathBuf, mut seen: Fingerprint, reload: Arc<dyn Reload>) {
    let mut wait = pause(Duration::ZERO);
    loop {
        tokio::time::sleep(wait).await;
        let (mut now, took) = look(&path, seen).await;
        wait = pause(took);
        if now == seen {
            continue;
        }
        // An editor may be at it: half a file can be valid, and mean something else.
        for _ in 0..SETTLE_LOOKS_MAX {
            tokio::time::sleep(SETTLE_PERIOD).await;
            let (again, _) = look(&path, now).await;
            if std::mem::replace(&mut now, again) == again {
                break;
            }
        }
        seen = now;
        take(&reload).await;
    }
}

/// What the files look like, and how long that took; `before` when nobody could look.
async fn look(path: &Path, before: Fingerprint) -> (Fingerprint, Duration) {
    let path = path.to_path_buf();
    let looked = tokio::task::spawn_blocking(move || {
        let began = tokio::time::Instant::now();
        (fingerprint(&path), began.elapsed())
    });
    looked.await.unwrap_or((before, Duration::ZERO))
}

/// Reloads on SIGHUP; never ends.
async fn reload_on_hangup(hangups: &mut Signal, reload: Arc<dyn Reload>) {
    while hangups.recv().await.is_some() {
        take(&reload).await;
    }
}

async fn take(reload: &Arc<dyn Reload>) {
    let reload = Arc::clone(reload);
    // The outcome is logged and shown in /status by the owner of the configuration.
    let _ = tokio::task::spawn_blocking(move || reload.reload().is_ok()).await;
}
