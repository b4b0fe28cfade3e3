//! `tollgate import`: another gateway's configuration as ours, and what did not come along.
//!
//! Every member of the input has a fate that the report names: it was carried, it is not
//! needed here, or it is lost. What is written passes `tollgate check`; secrets are never
//! written, only references to them.

mod bifrost;
mod draft;
mod envoy_ai_gateway;
mod input;
mod known;
mod litellm;
mod parameters;
mod portkey;
mod read;
mod report;
mod secrets;
mod shares;
mod tensorzero;
mod wanted;
mod yaml;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::Value;
use tollgate_config::{Problem, Sources};
use tollgate_plan::Options;

use crate::configuration::compiled;
use crate::output;
use draft::Draft;
use input::{Input, Notes};
use report::{Report, printable};
use secrets::Secrets;

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: tollgate import --from litellm config.yaml --output tollgate.yaml --report import.md\n\n\
Exit codes: 0 done, 1 it did not work (or something is lost under --deny-losses), 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Whose configuration it is
    #[arg(long, value_enum)]
    from: From,
    /// The configuration; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write ours; standard output without it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where to write the report: JSON where the name ends in `.json`, else Markdown;
    /// standard error without it
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The name callers will use where the configuration names no model (Portkey)
    #[arg(long, value_name = "NAME", default_value = "default")]
    model: String,
    /// Exit with 1 also when something is lost
    #[arg(long)]
    deny_losses: bool,
}

/// A gateway whose configuration is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum From {
    /// `LiteLLM` proxy, `config.yaml`
    Litellm,
    /// Portkey, a config in JSON
    Portkey,
    /// Bifrost, `config.json`
    Bifrost,
    /// `TensorZero`, `tensorzero.toml`
    Tensorzero,
    /// Envoy AI Gateway, its Kubernetes resources in YAML
    EnvoyAiGateway,
}

impl From {
    const fn title(self) -> &'static str {
        match self {
            Self::Litellm => "LiteLLM",
            Self::Portkey => "Portkey",
            Self::Bifrost => "Bifrost",
            Self::Tensorzero => "TensorZero",
            Self::EnvoyAiGateway => "Envoy AI Gateway",
        }
    }

    /// What stands before the name of a variable of the environment in its files; `None`
    /// where they name none.
    const fn sign_of_variables(self) -> Option<&'static str> {
        match self {
            Self::Litellm => Some("os.environ/"),
            Self::Bifrost => Some("env."),
            Self::Tensorzero => Some("env::"),
            Self::Portkey | Self::EnvoyAiGateway => None,
        }
    }
}

/// Imports a configuration.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match imported(arguments) {
        Ok(code) => code,
        Err(reason) => output::fail(reason),
    }
}

fn imported(arguments: &Arguments) -> Result<ExitCode, String> {
    let value = read::value(arguments.from, &arguments.file)?;
    // Once to learn which variables the environment has: a key that is written out further
    // up must not get the name of one.
    let first = Draft::new(Secrets::new(arguments.from));
    let first = drafted(arguments, &value, &Notes::default(), first);
    if let Some(reason) = first.excess() {
        return Err(reason);
    }
    let notes = Notes::default();
    let second = Draft::new(first.secrets.again());
    let draft = drafted(arguments, &value, &notes, second);
    if !draft.serves() {
        return Err(nothing(arguments.from, &notes));
    }
    let config = format!(
        "# Made by `tollgate import` from a configuration of {}.\n{}",
        arguments.from.title(),
        draft.to_yaml()
    );
    let warnings = checked(&config)?;
    let report = Report {
        source: arguments.from.title(),
        notes: notes.into_rows(),
        secrets: draft.secrets.into_rows(),
        warnings,
    };
    write(arguments, &config, &report)
}

/// What the input becomes.
fn drafted(arguments: &Arguments, value: &Value, notes: &Notes, mut draft: Draft) -> Draft {
    let input = Input::new(value, notes);
    match arguments.from {
        From::Litellm => litellm::import(&input, &mut draft),
        From::Portkey => portkey::import(&input, &arguments.model, &mut draft),
        From::Bifrost => bifrost::import(&input, &mut draft),
        From::Tensorzero => tensorzero::import(&input, &mut draft),
        From::EnvoyAiGateway => envoy_ai_gateway::import(&input, &mut draft),
    }
    draft
}

/// Why there is nothing to write.
fn nothing(from: From, notes: &Notes) -> String {
    let mut reason = format!(
        "nothing in this file can be served; is it a configuration of {}?",
        from.title()
    );
    for lost in notes.losses().iter().take(8) {
        reason.push_str("\n  ");
        reason.push_str(&printable(lost));
    }
    reason
}

/// What `tollgate check` says of what was made: its warnings, or why it is refused.
fn checked(config: &str) -> Result<Vec<String>, String> {
    let sources = Sources::from_text("imported.yaml", config);
    match compiled(&sources, &Options { service: None }) {
        Ok(compiled) => Ok(compiled
            .loaded
            .warnings
            .iter()
            .map(Problem::to_string)
            .collect()),
        Err(refused) => {
            let problems: Vec<String> = refused.problems.iter().map(Problem::to_string).collect();
            Err(format!(
                "what was made is not valid, so nothing was written:\n{}",
                problems.join("\n")
            ))
        }
    }
}

fn write(arguments: &Arguments, config: &str, report: &Report) -> Result<ExitCode, String> {
    let put = |path: &PathBuf, text: &str| {
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    if let Some(path) = &arguments.report {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let text = if is_json {
            report.to_json()
        } else {
            report.to_markdown()
        };
        put(path, &text)?;
        output::say(report.summary());
    } else {
        output::say(report.to_text());
    }
    let code = match &arguments.output {
        Some(path) => {
            put(path, config)?;
            ExitCode::SUCCESS
        }
        None => output::print(config),
    };
    Ok(if arguments.deny_losses && report.loses() {
        ExitCode::FAILURE
    } else {
        code
    })
}
