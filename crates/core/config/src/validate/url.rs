//! Addresses of providers and collectors.

use crate::problem::quote;

/// What is wrong, and what to write instead.
pub(super) struct BadUrl {
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// The URL without trailing slashes: `http` or `https`, a host, an optional
/// port and path; no credentials, query or fragment.
pub(super) fn base_url(text: &str) -> Result<String, BadUrl> {
    let bad = |message: String, help| Err(BadUrl { message, help });
    let Some((scheme, rest)) = text.split_once("://") else {
        let message = format!("{} is not a URL", quote(text));
        return bad(message, "begin it with `https://` or `http://`");
    };
    if scheme != "https" && scheme != "http" {
        let message = format!("the scheme {} is not spoken here", quote(scheme));
        return bad(message, "begin it with `https://` or `http://`");
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        let message = "a URL here must not hold credentials".to_owned();
        return bad(
            message,
            "remove everything before the `@`, and give the key by `secret_key_ref`",
        );
    }
    if text.contains(['?', '#']) {
        let message = format!("{} has a query or fragment", quote(text));
        return bad(message, "end it before the `?` or `#`");
    }
    let printable = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    if !path.chars().all(printable) {
        let message = format!("{} has characters that a URL cannot have", quote(text));
        return bad(message, "write them percent-encoded, or remove them");
    }
    if path.split('/').any(is_dots) {
        let message = format!("{} has `.` or `..` in its path", quote(text));
        return bad(message, "write the path as the server sees it");
    }
    if !is_authority(authority) {
        let message = format!("{} has no valid host and port", quote(text));
        return bad(
            message,
            "write it as `https://host`, `https://host:8443` or `http://[::1]:8000`",
        );
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The path of a URL that [`base_url`] accepted; empty without one.
pub(super) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let at = rest.find('/').unwrap_or(rest.len());
    rest.get(at..).unwrap_or_default()
}

/// A segment that servers resolve, also when it is percent-encoded.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

fn is_authority(authority: &str) -> bool {
    if let Some(rest) = authority.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let port = port.strip_prefix(':').map_or(port.is_empty(), is_port);
        return address.parse::<std::net::Ipv6Addr>().is_ok() && port;
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, is_port(port)),
        None => (authority, true),
    };
    let named = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    !host.is_empty() && host.len() <= 253 && host.chars().all(named) && port
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0) && !text.starts_with('+')
}
