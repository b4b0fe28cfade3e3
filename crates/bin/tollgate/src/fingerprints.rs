//! `tollgate fingerprints`: makes the list of salted hashes that a rule of this type reads.
//!
//! The values of the records stay here; what is printed tells nothing without the salt.

mod csv;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tollgate_config::SecretRef;
use tollgate_gateway::resolve_secret;
use tollgate_policy::fingerprints;
use tollgate_types::Secret;

use crate::output;

/// The largest input, in bytes.
const INPUT_BYTES_MAX: u64 = 1 << 30;

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
    let made = fingerprints(values.clone(), salt.expose().as_bytes());
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

/// The salt, as the gateway reads it.
fn salt(arguments: &Arguments) -> Result<Secret, String> {
    let of_file = arguments.salt_file.clone().map(SecretRef::File);
    let of_env = arguments.salt_env.clone().map(SecretRef::Env);
    let Some(reference) = of_file.or(of_env) else {
        return Err("no salt is named".to_owned());
    };
    let env = |name: &str| std::env::var(name).ok();
    resolve_secret(&reference, "the salt", &env).map_err(|error| error.to_string())
}

fn input(path: &Path) -> Result<String, String> {
    let text = if path.as_os_str() == "-" {
        whole(io::stdin().lock(), INPUT_BYTES_MAX)
    } else {
        File::open(path).and_then(|file| whole(file, INPUT_BYTES_MAX))
    };
    text.map_err(|error| format!("{}: {error}", path.display()))
}

/// All of the input: half a list would protect half of the records.
fn whole(input: impl Read, bytes_max: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    input.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::Error::other(format!("larger than {bytes_max} bytes")));
    }
    String::from_utf8(bytes).map_err(|_error| io::Error::other("not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn an_input_is_read_whole_or_not_at_all() {
        assert_eq!(whole(&b"abc"[..], 3).unwrap(), "abc");
        let error = whole(&b"abcd"[..], 3).unwrap_err();
        assert_eq!(error.to_string(), "larger than 3 bytes");
    }
}
