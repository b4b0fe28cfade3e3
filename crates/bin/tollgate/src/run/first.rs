//! The configuration that a start begins with.
//!
//! What the files say; else the last good one, when they are broken and one was kept;
//! else, when no file was named and none is at the default place, an embedded one.

use std::path::{Path, PathBuf};

use tollgate_config::{Sources, load_best_effort};
use tollgate_plan::Options;

use super::arguments::Arguments;
use crate::configuration::{Compiled, DEFAULT_PATH, Refused, compiled, read};
use crate::last_good::LastGood;
use crate::output;
use crate::surroundings::environment;

/// A first configuration and where it comes from.
pub(super) struct First {
    pub(super) compiled: Compiled,
    /// As `/status` shows it.
    pub(super) source: String,
    /// Why it is not the one that should have been.
    pub(super) instead_of: Option<Refused>,
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
                instead_of: None,
                is_embedded: false,
            });
        }
        Err(report) => report,
    };
    // A file that was there once is missed, not unwanted.
    match last_good(arguments, Refused::Invalid(report), options, state_dir) {
        Ok(first) => Ok(first),
        Err(_) if arguments.config.is_none() && !path.exists() => embedded(&path, options),
        Err(refused) => Err(refused.render()),
    }
}

/// The last good one instead of a refused one, which is given back when there is none.
pub(super) fn last_good(
    arguments: &Arguments,
    refused: Refused,
    options: &Options,
    state_dir: Option<&Path>,
) -> Result<First, Refused> {
    let written = written_state_dir(&path(arguments));
    let named = arguments.state_dir.as_deref().or(written.as_deref());
    let kept = named
        .or(state_dir)
        .and_then(|folder| LastGood::new(folder).read());
    match kept.map(|sources| compiled(&sources, options)) {
        Some(Ok(compiled)) => Ok(First {
            compiled,
            source: "the last good configuration on disk".to_owned(),
            instead_of: Some(refused),
            is_embedded: false,
        }),
        _ => Err(refused),
    }
}

/// The `gateway.state_dir` of a configuration that may be broken: without it nobody would
/// know where the last good one is. What stands behind a syntax error is not seen.
fn written_state_dir(path: &Path) -> Option<PathBuf> {
    let base = match load_best_effort(&Sources::read(path)) {
        Ok(loaded) => loaded.set.base,
        Err(broken) => broken.rest?.base,
    };
    base.gateway.state_dir.clone()
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
         A file that appears there takes effect within two seconds; a whole one is:\n\n\
         gateway:\n  secret_key_ref:\n    env: OPENAI_API_KEY\n",
        path.display()
    );
    let compiled = compiled(&Sources::from_text("embedded", text), options)
        .map_err(|report| report.render(output::colour()))?;
    Ok(First {
        compiled,
        source: "embedded".to_owned(),
        instead_of: None,
        is_embedded: true,
    })
}
