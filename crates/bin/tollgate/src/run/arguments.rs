//! The arguments of `run`. What a flag sets wins over the configuration, which wins
//! over the environment.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

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
    /// Start although rules are configured that this version cannot enforce
    #[arg(long)]
    pub(crate) allow_unenforced: bool,
    /// What is logged: error, warn, info, debug, or a tracing filter
    #[arg(
        long,
        env = "TOLLGATE_LOG",
        default_value = "info",
        value_name = "FILTER",
        value_parser = log_filter
    )]
    pub(crate) log_level: String,
}

/// A filter that filters something: a lone word that is no level would be taken for the
/// name of a module and silence everything else.
fn log_filter(text: &str) -> Result<String, String> {
    let text = if text.is_empty() { "info" } else { text };
    let is_known = |part: &str| part.contains(['=', '[']) || LevelFilter::from_str(part).is_ok();
    if let Some(unknown) = text.split(',').find(|part| !is_known(part.trim())) {
        return Err(format!(
            "`{unknown}` is no level: expected off, error, warn, info, debug, trace, or MODULE=LEVEL"
        ));
    }
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
