//! Where secrets are read: at the moment they are needed, and nowhere else.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use tollgate_config::SecretRef;
use tollgate_types::Secret;

use super::BuildError;

/// The largest secret file, in bytes. A key is a line; a wrong path may be anything.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Reads what a reference names, without white space around it. `what` says which secret
/// it is, and `env` gives the value of an environment variable.
///
/// # Errors
/// When nothing is there, it cannot be read, or it is empty.
pub fn resolve(
    secret: &SecretRef,
    what: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Secret, BuildError> {
    let value = match secret {
        SecretRef::Env(name) => env(name)
            .map(Secret::new)
            .ok_or_else(|| missing(what, &format!("the environment variable {name} is not set")))?,
        SecretRef::File(path) => read(path)
            .map_err(|reason| missing(what, &format!("the file {} {reason}", path.display())))?,
    };
    let value = value.trimmed();
    if value.expose().is_empty() {
        return Err(missing(what, "it is empty"));
    }
    Ok(value)
}

fn missing(what: &str, reason: &str) -> BuildError {
    BuildError {
        message: format!("{what} cannot be read: {reason}"),
    }
}

fn read(path: &Path) -> Result<Secret, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    let mut file = file.take(SECRET_BYTES_MAX + 1);
    file.read_to_string(&mut text).map_err(unreadable)?;
    let secret = Secret::new(text);
    if secret.expose().len() as u64 > SECRET_BYTES_MAX {
        return Err(format!("has more than {SECRET_BYTES_MAX} bytes"));
    }
    Ok(secret)
}
