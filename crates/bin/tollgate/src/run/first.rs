//! The configuration that a start begins with.
//!
//! What the files say; else the last good one, when they are broken and one was kept;
//! else, when no file was named and none is at the default place, an embedded one.

use std::path::{Path, PathBuf};

use tollgate_config::{Problem, Report, Sources};
use tollgate_gateway::Rejected;
use tollgate_plan::Options;

use super::arguments::Arguments;
use super::start::environment;
use crate::configuration::{Compiled, DEFAULT_PATH, compiled, read};
use crate::last_good::LastGood;
use crate::output;

/// A first configuration and where it comes from.
pub(super) struct First {
    pub(super) compiled: Compiled,
    /// As `/status` shows it.
    pub(super) source: String,
    /// The one that should have been, when it is broken.
    pub(super) rejected: Option<Rejected>,
    /// Nobody wrote it: no later start should come back to it.
    pub(super) is_embedded: bool,
}

/// Where the configuration is, or would be.
pub(super) fn path(arguments: &Arguments) -> PathBuf {
    arguments
        .config
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_PATH))
}

/// Finds the first configuration. The error is for people.
pub(super) fn first(
    arguments: &Arguments,
    options: &Options,
    state_dir: Option<&Path>,
) -> Result<First, String> {
    let path = path(arguments);
    let report = match read(&path, options) {
        Ok(compiled) => {
            return Ok(First {
                compiled,
                source: path.display().to_string(),
                rejected: None,
                is_embedded: false,
            });
        }
        Err(report) => report,
    };
    let written = written_state_dir(&path);
    let named = arguments.state_dir.as_deref().or(written.as_deref());
    // A file that was there once is missed, not unwanted.
    match last_good(&report, options, named.or(state_dir)) {
        Some(first) => Ok(first),
        None if arguments.config.is_none() && !path.exists() => embedded(&path, options),
        None => Err(report.render(output::colour())),
    }
}

/// The `gateway.state_dir` of a file that cannot be understood: without it nobody would
/// know where the last good one is. Only a line of its own is seen.
fn written_state_dir(path: &Path) -> Option<PathBuf> {
    let sources = Sources::read(path).ok()?;
    let base = sources.files().iter().filter(|file| file.service.is_none());
    let value = base
        .flat_map(|file| file.text.lines())
        .find_map(|line| line.trim_start().strip_prefix("state_dir:"))?;
    let value = value.split(" #").next()?.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| sources.folder().join(value))
}

fn last_good(report: &Report, options: &Options, state_dir: Option<&Path>) -> Option<First> {
    let sources = LastGood::new(state_dir?).read()?;
    let compiled = compiled(&sources, options).ok()?;
    tracing::error!(
        "the configuration is broken; serving the last good one:\n{}",
        report.render(false)
    );
    Some(First {
        compiled,
        source: "the last good configuration on disk".to_owned(),
        rejected: Some(Rejected {
            revision: None,
            reasons: report.problems.iter().map(Problem::to_string).collect(),
        }),
        is_embedded: false,
    })
}

/// An image that is started without anything answers, and says what it lacks.
fn embedded(path: &Path, options: &Options) -> Result<First, String> {
    let (provider, text) = if environment("OPENAI_API_KEY").is_some() {
        ("OpenAI", "gateway: {secret_key_ref: {env: OPENAI_API_KEY}}")
    } else if environment("ANTHROPIC_API_KEY").is_some() {
        (
            "Anthropic",
            "providers: [{name: anthropic, secret_key_ref: {env: ANTHROPIC_API_KEY}}]",
        )
    } else {
        ("the built-in simulator", "providers: [{name: simulator}]")
    };
    tracing::warn!(
        "no configuration at {}: running with the embedded one, which passes every model name to {provider}. \
         A file that appears there takes effect at once; a whole one is:\n\n\
         gateway:\n  secret_key_ref:\n    env: OPENAI_API_KEY\n",
        path.display()
    );
    let compiled = compiled(&Sources::from_text("embedded", text), options)
        .map_err(|report| report.render(output::colour()))?;
    Ok(First {
        compiled,
        source: "embedded".to_owned(),
        rejected: None,
        is_embedded: true,
    })
}
