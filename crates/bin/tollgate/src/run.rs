//! `tollgate run`: starts the parts, serves, reloads, drains.

mod arguments;
mod first;
mod serving;
mod start;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tollgate_gateway::Reload;

pub(crate) use arguments::Arguments;

use crate::output;
use crate::watch::{fingerprint, pause};
use serving::Serving;
use start::Started;

/// How long the last spans may take to be sent at the end.
const EXPORT_LIMIT: Duration = Duration::from_secs(2);

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
    use std::io::IsTerminal;

    let filter = tracing_subscriber::EnvFilter::try_new(&arguments.log_level).unwrap_or_default();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    // A process that has a logger already keeps it.
    let _ = if std::io::stderr().is_terminal() {
        builder.with_ansi(output::colour()).try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}

fn serve(started: Started, runtime: &Runtime) -> ExitCode {
    let Started {
        gateway,
        configuration,
        settler,
        exporter,
        serving,
        drain_limit,
        path,
    } = started;
    let code = runtime.block_on(async {
        let serving = match Serving::bind(&gateway, &configuration, serving).await {
            Ok(serving) => serving,
            Err(error) => return output::fail(error.to_string()),
        };
        serving.say();
        let reload: Arc<dyn Reload> = configuration;
        let code = tokio::select! {
            () = reload_on_change(path, Arc::clone(&reload)) => ExitCode::FAILURE,
            () = reload_on_hangup(Arc::clone(&reload)) => ExitCode::FAILURE,
            () = terminated() => ExitCode::SUCCESS,
        };
        tracing::info!(
            limit_ms = drain_limit.as_millis(),
            "draining: no new connections, running requests finish"
        );
        gateway.drain();
        let cut = serving.drain(drain_limit).await;
        if cut > 0 {
            tracing::warn!(connections = cut, "cut at the end of the drain limit");
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

/// Reloads when the files look different; never ends.
async fn reload_on_change(path: std::path::PathBuf, reload: Arc<dyn Reload>) {
    let mut seen = look(&path).await.0;
    let mut wait = pause(Duration::ZERO);
    loop {
        tokio::time::sleep(wait).await;
        let (now, took) = look(&path).await;
        wait = pause(took);
        if now == seen {
            continue;
        }
        seen = now;
        take(&reload).await;
    }
}

async fn look(path: &std::path::Path) -> (Option<crate::watch::Fingerprint>, Duration) {
    let path = path.to_path_buf();
    let looked = tokio::task::spawn_blocking(move || {
        let began = tokio::time::Instant::now();
        (Some(fingerprint(&path)), began.elapsed())
    });
    looked.await.unwrap_or((None, Duration::ZERO))
}

/// Reloads on SIGHUP; never ends.
async fn reload_on_hangup(reload: Arc<dyn Reload>) {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return std::future::pending().await;
    };
    while hangups.recv().await.is_some() {
        take(&reload).await;
    }
}

async fn take(reload: &Arc<dyn Reload>) {
    let reload = Arc::clone(reload);
    // The outcome is logged and shown in /status by the owner of the configuration.
    let _ = tokio::task::spawn_blocking(move || reload.reload().is_ok()).await;
}

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
