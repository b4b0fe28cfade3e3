//! Where a provider listens, and how it is spoken to.
//!
//! [`Endpoint`] is a base URL once valid; [`EndpointOptions`] holds every limit of its
//! pool. Credentials are not part of an address: a URL with user info is refused.

use std::time::Duration;

use http::uri::{Authority, Uri};
use http::{HeaderValue, uri};

/// How the bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain TCP.
    Http,
    /// TLS over TCP.
    Https,
}

/// When HTTP/2 is spoken to a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Http2Use {
    /// Over TLS when the provider agrees (ALPN); HTTP/1.1 over plain TCP. The default.
    #[default]
    Auto,
    /// Always HTTP/1.1.
    Never,
    /// Always HTTP/2, over plain TCP without asking.
    PriorKnowledge,
}

/// The address of a provider, from a base URL such as `https://api.openai.com/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    port: u16,
    base_path: String,
    authority: Authority,
    host_header: HeaderValue,
}

/// Why a base URL was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not a URL at all.
    #[error("not a URL; expected one like https://api.example.com/v1")]
    Malformed,
    /// Neither `http` nor `https`, or none.
    #[error("the scheme must be http:// or https://")]
    Scheme,
    /// User name or password in the URL.
    #[error("a base URL must not hold a user name or password")]
    UserInfo,
    /// A question mark and what follows.
    #[error("a base URL must not hold a query")]
    Query,
}

impl Endpoint {
    /// Reads a base URL. A trailing slash of its path is dropped.
    pub fn parse(url: &str) -> Result<Self, EndpointError> {
        let parts = url
            .parse::<Uri>()
            .map_err(|_invalid| EndpointError::Malformed)?
            .into_parts();
        let scheme = match parts.scheme {
            Some(scheme) if scheme == uri::Scheme::HTTP => Scheme::Http,
            Some(scheme) if scheme == uri::Scheme::HTTPS => Scheme::Https,
            _ => return Err(EndpointError::Scheme),
        };
        let authority = parts.authority.ok_or(EndpointError::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(EndpointError::UserInfo);
        }
        let path = parts.path_and_query;
        if path.as_ref().is_some_and(|path| path.query().is_some()) {
            return Err(EndpointError::Query);
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() {
            return Err(EndpointError::Malformed);
        }
        // `Authority::port` is silent about a port that is not a number of 16 bits.
        let rest = authority
            .as_str()
            .strip_prefix(authority.host())
            .unwrap_or_default();
        let port = match (rest.strip_prefix(':'), scheme) {
            (Some(port), _) => port.parse().map_err(|_invalid| EndpointError::Malformed)?,
            (None, Scheme::Http) => 80,
            (None, Scheme::Https) => 443,
        };
        let host_header = HeaderValue::from_str(authority.as_str())
            .map_err(|_invalid| EndpointError::Malformed)?;
        let base_path = path.map_or_else(String::new, |path| {
            path.path().trim_end_matches('/').to_owned()
        });
        Ok(Self {
            scheme,
            host,
            port,
            base_path,
            authority,
            host_header,
        })
    }

    /// How the bytes travel.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Name or address, an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, 80 or 443 where the URL names none.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The path that comes before every request's own: empty, or `/…` without a slash at the end.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// What follows the scheme: host, and the port where the URL names it.
    #[must_use]
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) const fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }
}

/// The limits of one endpoint's pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointOptions {
    /// Resolving, connecting and the TLS handshake together. Default 5 s.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept. Below the 60 to 75 s after which common
    /// servers close on their side. Default 50 s.
    pub idle_timeout: Duration,
    /// Unused HTTP/1.1 connections kept. Default 256.
    pub idle_max: usize,
    /// Connections open at once; a request that would need one more fails. Default 1024;
    /// the gateway sets it to the number of requests that may be in work.
    pub connections_max: usize,
    /// When HTTP/2 is spoken. Default [`Http2Use::Auto`].
    pub http2: Http2Use,
    /// Requests at once on one HTTP/2 connection, where the provider does not allow fewer;
    /// one more opens another connection. Default 100.
    pub http2_streams_max: usize,
    /// Certificates in PEM to trust beside those of the system. Default none.
    pub extra_roots_pem: Vec<u8>,
}

impl Default for EndpointOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(50),
            idle_max: 256,
            connections_max: 1024,
            http2: Http2Use::Auto,
            http2_streams_max: 100,
            extra_roots_pem: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
