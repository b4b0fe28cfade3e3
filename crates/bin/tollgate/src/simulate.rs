//! `tollgate simulate`: providers that are not there, for demonstrations and tests.

use std::process::ExitCode;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tollgate_simulator::{Distribution, FaultRate, Options, Simulator, parse_fault, parse_script};
use tollgate_types::Secret;

use crate::output;

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Both formats are served: POST /v1/chat/completions and POST /v1/messages. See docs/reference/simulator.md."
)]
pub(crate) struct Arguments {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    host: String,
    /// Port, 0 for any free one
    #[arg(long, default_value_t = 41080, value_name = "PORT")]
    port: u16,
    /// Everything random follows from it
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Time to the first token in milliseconds: `200`, `50..200`, `lognormal:…`
    #[arg(long, value_name = "DISTRIBUTION")]
    ttft_ms: Option<Distribution>,
    /// Time between tokens in milliseconds
    #[arg(long, value_name = "DISTRIBUTION")]
    token_ms: Option<Distribution>,
    /// Length of answers in tokens
    #[arg(long, value_name = "DISTRIBUTION")]
    tokens: Option<Distribution>,
    /// A fault and its rate, for example `429=0.1`; may be given several times
    #[arg(long, value_name = "FAULT=RATE", value_parser = parse_fault)]
    fault: Vec<FaultRate>,
    /// Faults of the first requests in order, for example `503,503,ok`
    #[arg(long, value_name = "LIST")]
    script: Option<String>,
    /// Accept only this key
    #[arg(
        long,
        env = "SIMULATOR_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    key: Option<String>,
}

/// Serves until it is interrupted.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let (host, port) = (arguments.host.clone(), arguments.port);
    let options = match options(arguments) {
        Ok(options) => options,
        Err(error) => return output::misuse(error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(format!("no runtime: {error}")),
    };
    runtime.block_on(async {
        // Before anybody can know that we serve: without a handler a signal kills.
        let signals = (
            signal(SignalKind::terminate()),
            signal(SignalKind::interrupt()),
        );
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            return output::fail("no signals");
        };
        let listener = match TcpListener::bind((host.as_str(), port)).await {
            Ok(listener) => listener,
            Err(error) => {
                return output::fail(format!("{host}:{port}: {error}; --port takes another"));
            }
        };
        let handle = match Simulator::start(listener, options) {
            Ok(handle) => handle,
            Err(error) => return output::fail(error.to_string()),
        };
        output::say(format!(
            "simulating OpenAI and Anthropic on http://{}; Ctrl-C stops it",
            handle.addr()
        ));
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        handle.stop().await;
        ExitCode::SUCCESS
    })
}

fn options(arguments: Arguments) -> Result<Options, String> {
    let defaults = Options::default();
    let mut faults = defaults.faults.clone();
    faults.rates = arguments.fault;
    if let Some(script) = &arguments.script {
        faults.script = parse_script(script).map_err(|error| format!("--script: {error}"))?;
    }
    Ok(Options {
        seed: arguments.seed,
        ttft_ms: arguments.ttft_ms.unwrap_or(defaults.ttft_ms),
        token_ms: arguments.token_ms.unwrap_or(defaults.token_ms),
        answer_tokens: arguments.tokens,
        keys: arguments.key.into_iter().map(Secret::new).collect(),
        faults,
        ..defaults
    })
}
