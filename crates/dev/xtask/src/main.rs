//! `cargo xtask VERB`: the checks that are longer than a line, and the generated files.
//!
//! - `tidy` reads the tree and names each place that breaks a rule of the house.
//! - `generate` writes the files that are made from code; `generate --check` only compares.
//! - `changed [BASE]` prints the cargo arguments that select the crates touched since BASE.
//!
//! Exit codes: 0 all is well, 1 something is to be mended, 2 the command could not run.

mod changed;
mod finding;
mod floor;
mod generate;
mod tidy;
mod tree;
mod workspace;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::tree::Tree;

const USAGE: &str = "usage: cargo xtask tidy | generate [--check] | changed [BASE]";

/// Why a verb could not run at all.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{USAGE}")]
    Usage,
    #[error("cannot read the tree")]
    Tree(#[from] tree::Unreadable),
    #[error("cannot read the workspace")]
    Workspace(#[from] workspace::Unreadable),
    #[error("cannot ask git what changed")]
    Changed(#[from] changed::NoAnswer),
    #[error("cannot generate")]
    Generate(#[from] generate::Failed),
    #[error("cannot write the result")]
    Output(#[from] io::Error),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments, &mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failed) => {
            report(&failed);
            ExitCode::from(2)
        }
    }
}

/// Runs one verb; false when it found something to mend.
fn run(arguments: &[&str], out: &mut dyn Write) -> Result<bool, Failed> {
    let root = root();
    match arguments {
        ["tidy"] => {
            let tree = Tree::read(&root)?;
            let packages = workspace::read(&root)?;
            Ok(tidy::run(&tree, &packages, out)?)
        }
        ["generate"] => Ok(generate::write(&root, out)?),
        ["generate", "--check"] => Ok(generate::check(&root, out)?),
        ["changed"] => Ok(changed::run(&root, None, out)?),
        ["changed", base] => Ok(changed::run(&root, Some(base), out)?),
        _ => Err(Failed::Usage),
    }
}

/// The workspace's folder: three above this crate's.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// Says an error with its causes, on one line. Nothing is left to do when even that fails.
fn report(failed: &dyn std::error::Error) {
    let mut err = io::stderr().lock();
    let _ = write!(err, "xtask: {failed}");
    let mut source = failed.source();
    while let Some(cause) = source {
        let _ = write!(err, ": {cause}");
        source = cause.source();
    }
    let _ = writeln!(err);
}
