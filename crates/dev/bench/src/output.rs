//! The one place that prints.

use std::io::{self, Write};

/// Prints a result. A reader that went away (`| head`) is not an error.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _gone = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
}

/// Says how far it is, beside the result.
pub(crate) fn say(text: &str) {
    let mut out = io::stderr().lock();
    let _gone = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"));
}
