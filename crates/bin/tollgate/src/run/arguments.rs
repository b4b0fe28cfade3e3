//! The arguments of `run`. What a flag sets wins over the configuration, which wins
//! over the environment.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use tracing_subscriber::filter::{LevelFilter, Targets};

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = "SIGHUP and a change of the files reload; SIGTERM drains and exits with 0.")]
pub(crate) struct Arguments {
    /// File or folder of layers [default: /etc/tollgate/policy-config.yaml, else an embedded one]
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) config: Option<PathBuf>,
    /// Address to listen on, over `gateway.host` and `TOLLGATE_HOST`
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Option<String>,
    /// Port to listen on, 0 for any free one, over `gateway.port` and `TOLLGATE_PORT`
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Port of the admin listener, over `gateway.admin.port` and `TOLLGATE_ADMIN_PORT`
    #[arg(long, value_name = "PORT")]
    pub(crate) admin_port: Option<u16>,
    /// The service this gateway stands beside: its overlay is the configuration of every caller
    #[arg(long, env = "TOLLGATE_SERVICE", value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Folder for the last good configuration, over `gateway.state_dir`
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// What is logged: off, error, warn, info, debug, trace, or MODULE=LEVEL,...
    #[arg(
        long,
        env = "TOLLGATE_LOG",
        default_value = "info",
        value_name = "LEVEL",
        value_parser = log_filter
    )]
    pub(crate) log_level: Targets,
}

/// Levels as they are meant: a lone word that is no level would be taken for the name of a
/// module and silence everything else. An empty variable is none.
fn log_filter(text: &str) -> Result<Targets, String> {
    let text = if text.is_empty() { "info" } else { text };
    let is_level = |part: &str| LevelFilter::from_str(part.trim()).is_ok();
    let parts = || text.split(',').map(str::trim);
    let is_known = |part: &str| {
        let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
        is_level(level)
    };
    if let Some(unknown) = parts().find(|part| !is_known(part)) {
        return Err(format!(
            "`{unknown}` is no level: expected off, error, warn, info, debug, trace, or MODULE=LEVEL,..."
        ));
    }
    let targets: Vec<&str> = parts().collect();
    Targets::from_str(&targets.join(",")).map_err(|error| error.to_string())
}
