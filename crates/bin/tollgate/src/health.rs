//! `tollgate health`: a probe for images without curl.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::output;

/// The gateway's port, where nothing says another.
const PORT: u16 = 41002;
/// How long the gateway has for each step of the answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Arguments of `health`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where the gateway listens
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    host: String,
    /// Its port, or that of its admin listener, which speaks plain HTTP where the main port has TLS
    #[arg(
        long,
        env = "TOLLGATE_PORT",
        default_value_t = PORT,
        value_parser = port,
        value_name = "PORT"
    )]
    port: u16,
}

/// A port; an empty variable is none.
fn port(text: &str) -> Result<u16, String> {
    if text.is_empty() {
        return Ok(PORT);
    }
    text.parse()
        .map_err(|_error| "a port is a number from 1 to 65535".to_owned())
}

/// Asks `/ready`.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match ready(&arguments.host, arguments.port) {
        Ok(true) => output::print("ready\n"),
        Ok(false) => output::fail("not ready"),
        Err(error) => output::fail(format!("{}:{}: {error}", arguments.host, arguments.port)),
    }
}

fn ready(host: &str, port: u16) -> std::io::Result<bool> {
    let no_address = || std::io::Error::other("the name has no address");
    let address = (host, port)
        .to_socket_addrs()?
        .next()
        .ok_or_else(no_address)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(
        format!("GET /ready HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    Ok(head.ends_with(b" 200"))
}
