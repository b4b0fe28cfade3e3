//! The one place that prints.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::Value;

/// How a verb prints its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    #[default]
    Text,
    /// For scripts.
    Json,
}

/// Prints a result. A reader that went away (`| head`) is not an error.
pub(crate) fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Prints a result as JSON.
pub(crate) fn print_json(value: &Value) -> ExitCode {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    print(&text)
}

/// Says on standard error why it did not work.
pub(crate) fn fail(text: impl AsRef<str>) -> ExitCode {
    say(format!("error: {}", text.as_ref()));
    ExitCode::FAILURE
}

/// Says on standard error what is wrong with the command line.
pub(crate) fn misuse(text: impl AsRef<str>) -> ExitCode {
    say(format!("error: {}", text.as_ref()));
    ExitCode::from(2)
}

/// Says something on standard error.
pub(crate) fn say(text: impl AsRef<str>) {
    // Nobody is left to be told when standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref().trim_end());
}

/// Whether standard error takes colours.
pub(crate) fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
