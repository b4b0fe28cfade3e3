//! A port to accept on, and a clear word when it cannot be had.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;

/// A bound port.
#[derive(Debug)]
pub struct Listener {
    pub(crate) tcp: TcpListener,
}

/// Why a port could not be bound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another process, or another listener of this one, has it.
    #[error("port {port} on {host} is in use: stop what listens there or choose another port")]
    InUse {
        /// The address asked for.
        host: String,
        /// The port asked for.
        port: u16,
    },
    /// Ports below 1024 need a privilege.
    #[error(
        "port {port} may not be used by this user: choose one above 1023, or grant CAP_NET_BIND_SERVICE"
    )]
    Forbidden {
        /// The port asked for.
        port: u16,
    },
    /// No such address here, or it cannot be looked up.
    #[error(
        "{host} is not an address of this machine: use 127.0.0.1 for this machine only, 0.0.0.0 or :: for all"
    )]
    NoSuchAddress {
        /// The address asked for.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else.
    #[error("cannot listen on {host}:{port}")]
    Other {
        /// The address asked for.
        host: String,
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

impl Listener {
    /// Binds a port; 0 lets the system choose one. `::` accepts IPv4 callers too.
    /// Must be called inside a runtime.
    pub async fn bind(host: &str, port: u16) -> Result<Self, BindError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = match host.parse::<IpAddr>() {
            Ok(address) => SocketAddr::new(address, port),
            Err(_name) => look_up(host, port).await?,
        };
        listen(address)
            .map(|tcp| Self { tcp })
            .map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => BindError::InUse {
                    host: host.to_owned(),
                    port,
                },
                io::ErrorKind::PermissionDenied => BindError::Forbidden { port },
                io::ErrorKind::AddrNotAvailable => BindError::NoSuchAddress {
                    host: host.to_owned(),
                    source,
                },
                _ => BindError::Other {
                    host: host.to_owned(),
                    port,
                    source,
                },
            })
    }

    /// The address, with the port that the system chose.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

async fn look_up(host: &str, port: u16) -> Result<SocketAddr, BindError> {
    let no_such = |source| BindError::NoSuchAddress {
        host: host.to_owned(),
        source,
    };
    let mut found = tokio::net::lookup_host((host, port))
        .await
        .map_err(no_such)?;
    found
        .next()
        .ok_or_else(|| no_such(io::ErrorKind::NotFound.into()))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()?
    } else {
        TcpSocket::new_v4()?
    };
    // A restart must not wait for old connections in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
