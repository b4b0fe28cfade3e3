//! `tollgate fingerprints`: makes the list of salted hashes that a rule of this type reads.
//!
//! The values of the records stay here; what is printed tells nothing without the salt.

mod csv;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tollgate_policy::fingerprints;

use crate::output;

/// The largest input, in bytes.
const INPUT_BYTES_MAX: u64 = 1 << 30;

/// The largest salt file, in bytes.
const SALT_BYTES_MAX: u64 = 64 * 1024;

/// Arguments of `fingerprints`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: tollgate fingerprints customers.csv --column email --salt-env TOLLGATE_SALT > customers.hashes\n\n\
Exit codes: 0 done, 1 it did not work, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Values, one in a line, or CSV with `--column`; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    input: PathBuf,
    /// The column of CSV with the values, by the name in its first line or by number from 1
    /// (then there is no first line with names)
    #[arg(long, value_name = "NAME|N")]
    column: Option<String>,
    /// What stands between the fields of CSV
    #[arg(long, value_name = "CHAR", default_value = ",", requires = "column")]
    delimiter: char,
    /// The environment variable with the salt
    #[arg(long, value_name = "NAME", required_unless_present = "salt_file")]
    salt_env: Option<String>,
    /// The file with the salt
    #[arg(long, value_name = "FILE", conflicts_with = "salt_env")]
    salt_file: Option<PathBuf>,
}

/// Makes a list.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match made(arguments) {
        Ok(hashes) => output::print(&hashes),
        Err(reason) => output::fail(reason),
    }
}

fn made(arguments: &Arguments) -> Result<String, String> {
    let salt = salt(arguments)?;
    let text = input(&arguments.input)?;
    let values = match &arguments.column {
        Some(column) => csv::column(&text, column, arguments.delimiter)?,
        None => text.lines().map(|line| line.trim().to_owned()).collect(),
    };
    let values = values.iter().map(String::as_str);
    let made = fingerprints(values.clone(), salt.as_bytes());
    let left_out = values.zip(0..).filter(|(value, index)| {
        !value.trim().is_empty() && made.left_out.binary_search(index).is_ok()
    });
    let left_out = left_out.count();
    if left_out > 0 {
        output::say(format!(
            "{left_out} values were left out: a record has 4 to 63 letters and digits"
        ));
    }
    if made.hashes.lines().count() <= 1 {
        return Err("no value is left".to_owned());
    }
    Ok(made.hashes)
}

/// The salt, as the gateway reads it: without white space around it.
fn salt(arguments: &Arguments) -> Result<String, String> {
    let salt = match (&arguments.salt_env, &arguments.salt_file) {
        (Some(name), _) => std::env::var(name)
            .map_err(|error| format!("the environment variable {name}: {error}"))?,
        (None, Some(path)) => read(path, SALT_BYTES_MAX)?,
        (None, None) => String::new(),
    };
    match salt.trim() {
        "" => Err("the salt is empty".to_owned()),
        salt => Ok(salt.to_owned()),
    }
}

fn input(path: &Path) -> Result<String, String> {
    if path.as_os_str() != "-" {
        return read(path, INPUT_BYTES_MAX);
    }
    let mut text = String::new();
    let mut input = io::stdin().lock().take(INPUT_BYTES_MAX);
    match input.read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("standard input: {error}")),
    }
}

fn read(path: &Path, bytes_max: u64) -> Result<String, String> {
    let fail = |reason: String| format!("{}: {reason}", path.display());
    let size = fs::metadata(path)
        .map_err(|error| fail(error.to_string()))?
        .len();
    if size > bytes_max {
        return Err(fail(format!("larger than {bytes_max} bytes")));
    }
    fs::read_to_string(path).map_err(|error| fail(error.to_string()))
}
