//! `tollgate check`: is this configuration valid, and would it be enforced?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};
use tollgate_config::{Problem, Report};
use tollgate_plan::Options;

use crate::configuration::{DEFAULT_PATH, read};
use crate::output::{self, Form};
use crate::surroundings::now_unix_s;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 valid, 1 not valid (or warnings under --deny-warnings), 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// File or folder of layers
    #[arg(value_name = "FILE|DIR", default_value = DEFAULT_PATH)]
    path: PathBuf,
    /// The same, written as for the other verbs
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "path")]
    config: Option<PathBuf>,
    /// The service a sidecar would run as
    #[arg(long, env = "TOLLGATE_SERVICE", value_name = "NAME")]
    service: Option<String>,
    /// Exit with 1 also when there are only warnings
    #[arg(long)]
    deny_warnings: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    output: Form,
}

/// Checks a configuration.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let service = arguments.service.as_deref().filter(|name| !name.is_empty());
    let options = Options {
        service: service.map(ToOwned::to_owned),
    };
    let path = arguments.config.as_ref().unwrap_or(&arguments.path);
    let (report, revision) = match read(path, &options) {
        Ok(compiled) => {
            let now = now_unix_s();
            let problems = compiled.loaded.warnings_at(now, service);
            (
                Report {
                    problems,
                    left_out: 0,
                },
                Some(compiled.loaded.set.revision),
            )
        }
        Err(report) => (report, None),
    };
    let valid = revision.is_some();
    let code = print(arguments, path, &report, revision);
    let denied = arguments.deny_warnings && !report.problems.is_empty();
    if valid && !denied {
        code
    } else {
        ExitCode::FAILURE
    }
}

fn print(
    arguments: &Arguments,
    path: &Path,
    report: &Report,
    revision: Option<String>,
) -> ExitCode {
    if arguments.output == Form::Json {
        let problems: Vec<Value> = report.problems.iter().map(Problem::to_json).collect();
        return output::print_json(
            &json!({"valid": revision.is_some(), "revision": revision, "problems": problems}),
        );
    }
    if !report.problems.is_empty() {
        output::say(report.render(output::colour()));
    }
    match revision {
        Some(revision) => output::print(&format!(
            "{} is valid (revision {revision})\n",
            path.display()
        )),
        None => ExitCode::FAILURE,
    }
}
