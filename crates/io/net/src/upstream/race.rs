//! Connecting to a name with several addresses: one after another, each with a head start
//! over the next (RFC 8305, "happy eyeballs"), so that a dead first address costs little.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The head start of each address (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// All addresses of a name, families in turn, the system's first choice first.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<VecDeque<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(VecDeque::from([SocketAddr::new(address, port)]));
    }
    let addresses: VecDeque<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    if addresses.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no address",
        ));
    }
    Ok(in_turn(addresses))
}

/// Alternates address families, beginning with the first address's; keeps order within each.
fn in_turn(addresses: VecDeque<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_six = addresses.front().is_some_and(SocketAddr::is_ipv6);
    let (mut one, mut other): (VecDeque<_>, VecDeque<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_six);
    let mut turns = VecDeque::with_capacity(one.len() + other.len());
    while !one.is_empty() || !other.is_empty() {
        turns.extend(one.pop_front());
        turns.extend(other.pop_front());
    }
    turns
}

/// The first address that accepts; the last error when none does. Without a limit of time.
pub(crate) async fn connect(mut addresses: VecDeque<SocketAddr>) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no address to connect to");
    let mut attempts = JoinSet::new();
    loop {
        if let Some(address) = addresses.pop_front() {
            if addresses.is_empty() && attempts.is_empty() {
                return dial(address).await;
            }
            attempts.spawn(dial(address));
        }
        let ended = tokio::select! {
            ended = attempts.join_next() => ended,
            () = tokio::time::sleep(HEAD_START), if !addresses.is_empty() => continue,
        };
        match ended {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => last = error,
            Some(Err(error)) => last = error.into(),
            None => return Err(last),
        }
    }
}

async fn dial(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests;
