//! Targets of server-side requests: does a value send someone to where only we can go?
//!
//! Every address in the value is taken apart as those do who follow it: scheme, user, host
//! and port. Its host is judged by the network address it stands for, in any spelling, or
//! by its name.

mod address;

use std::net::IpAddr;

use super::judge::{Hit, Scene};
use super::literals::{Literals, literals, signs};
use address::{Reach, lenient, reach};

/// Names of the services that tell a machine its credentials, and what else only machines
/// inside can reach.
const METADATA: [&[u8]; 9] = [
    b"metadata.google.internal",
    b"metadata.goog",
    b"metadata",
    b"instance-data",
    b"instance-data.ec2.internal",
    b"metadata.tencentyun.com",
    b"metadata.azure.internal",
    b"kubernetes.default",
    b"kubernetes.default.svc",
];

/// Names of this machine.
const LOCAL: [&[u8]; 10] = [
    b"localhost",
    b"localhost.localdomain",
    b"ip6-localhost",
    b"ip6-loopback",
    b"local",
    b"localtest.me",
    b"lvh.me",
    b"vcap.me",
    b"host.docker.internal",
    b"gateway.docker.internal",
];

/// Services whose names stand for the address that is written in them.
const ECHOES: [&[u8]; 4] = [b".nip.io", b".sslip.io", b".xip.io", b".traefik.me"];

/// Addresses that are worth it without a scheme before them.
pub(super) const BARE: [&[u8]; 6] = [
    b"169.254.169.254",
    b"169.254.170.2",
    b"metadata.google.internal",
    b"100.100.100.200",
    b"fd00:ec2::254",
    b"[::ffff:a9fe:a9fe]",
];

pub(super) static BARE_SEARCH: Literals = Literals::new(|| literals(BARE));

/// The surest sign of an attack in `text`, whose ASCII letters are small.
pub(super) fn judge(text: &[u8], scene: Scene) -> Option<Hit> {
    let mut best = None;
    for mark in memchr::memchr_iter(b'/', text) {
        if text.get(mark + 1) != Some(&b'/') {
            continue;
        }
        let (start, scheme) = scheme_before(text, mark);
        let score = match scheme {
            Scheme::Odd => match scene {
                Scene::Head | Scene::Header => 85,
                Scene::Body => 60,
                Scene::Text => 0,
            },
            Scheme::Web | Scheme::None => {
                let placed = matches!(scheme, Scheme::Web) || mark == 0;
                let host = host(text.get(mark + 2..).unwrap_or_default());
                if placed { target(host, scene) } else { 0 }
            }
            Scheme::Other => 0,
        };
        if score > 0 {
            best = best.max(Some(Hit::new(score, start, text.len())));
        }
    }
    if text.starts_with(b"file:/") && scene != Scene::Text {
        best = best.max(Some(Hit::new(60, 0, text.len())));
    }
    for (_, place) in signs(&BARE_SEARCH, text) {
        let before = place.start.checked_sub(1).and_then(|at| text.get(at));
        let inside = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        };
        if !inside(before) && !inside(text.get(place.end)) {
            let score = if scene == Scene::Text { 40 } else { 90 };
            best = best.max(Some(Hit::new(score, place.start, text.len())));
        }
    }
    best
}

/// What an address begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// `http` and its kin.
    Web,
    /// What no caller should have anyone fetch: `gopher`, `file`.
    Odd,
    /// Another.
    Other,
    /// Nothing: `//host`.
    None,
}

/// The scheme that ends before the `//` at `mark`, and where it begins.
fn scheme_before(text: &[u8], mark: usize) -> (usize, Scheme) {
    let before = text.get(..mark).unwrap_or_default();
    let Some(before) = before.strip_suffix(b":") else {
        return (mark, Scheme::None);
    };
    let letters = before
        .iter()
        .rev()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        .count();
    let start = before.len() - letters;
    let scheme = match before.get(start..).unwrap_or_default() {
        b"http" | b"https" | b"ws" | b"wss" | b"ftp" | b"ftps" => Scheme::Web,
        b"gopher" | b"dict" | b"file" | b"ldap" | b"ldaps" | b"ldapi" | b"tftp" | b"jar"
        | b"netdoc" | b"sftp" | b"smb" | b"rmi" | b"telnet" | b"imap" | b"pop3" | b"smtp" => {
            Scheme::Odd
        }
        b"" => Scheme::None,
        _ => Scheme::Other,
    };
    (start, scheme)
}

/// The host of what stands behind `//`: without user, port and brackets.
fn host(text: &[u8]) -> &[u8] {
    let ends = |byte: &u8| {
        matches!(
            byte,
            b'/' | b'\\' | b'?' | b'#' | b'!' | b'"' | b'\'' | b'<' | b'>' | b')' | b'`' | b','
        ) || byte.is_ascii_whitespace()
    };
    let end = text
        .iter()
        .take(512)
        .position(ends)
        .unwrap_or_else(|| text.len().min(512));
    let authority = text.get(..end).unwrap_or_default();
    let user = memchr::memrchr(b'@', authority).map_or(0, |at| at + 1);
    let host = authority.get(user..).unwrap_or_default();
    if let Some(inside) = host.strip_prefix(b"[") {
        let end = memchr::memchr(b']', inside).unwrap_or(inside.len());
        return inside.get(..end).unwrap_or_default();
    }
    let end = memchr::memchr(b':', host).unwrap_or(host.len());
    let host = host.get(..end).unwrap_or_default();
    host.strip_suffix(b".").unwrap_or(host)
}

/// What a host is worth.
fn target(host: &[u8], scene: Scene) -> u8 {
    let inner = match scene {
        Scene::Head => 88,
        Scene::Body => 75,
        Scene::Header | Scene::Text => 40,
    };
    let metadata = if scene == Scene::Text { 60 } else { 97 };
    if let Some(found) = address_of(host) {
        return match reach(found.address) {
            Reach::Metadata => metadata,
            Reach::Inside => inner,
            Reach::Public if found.disguised => inner.min(60),
            Reach::Public => 0,
        };
    }
    let ends = |suffix: &[u8]| host.ends_with(suffix);
    if METADATA.contains(&host) || ends(b".metadata.google.internal") {
        return metadata;
    }
    if LOCAL.contains(&host)
        || [
            b".localhost".as_slice(),
            b".localtest.me",
            b".lvh.me",
            b".svc.cluster.local",
        ]
        .iter()
        .any(|suffix| ends(suffix))
    {
        return inner;
    }
    0
}

/// The address that a host stands for, where its name says it.
fn address_of(host: &[u8]) -> Option<address::Found> {
    if let Some(found) = lenient(host) {
        return Some(found);
    }
    let name = ECHOES.iter().find_map(|echo| host.strip_suffix(*echo))?;
    let dashes: Vec<u8> = name
        .iter()
        .map(|byte| if *byte == b'-' { b'.' } else { *byte })
        .collect();
    let parts = dashes.rsplitn(5, |byte| *byte == b'.');
    let mut parts: Vec<&[u8]> = parts.take(4).collect();
    parts.reverse();
    let address = std::str::from_utf8(&parts.join(&b'.')).ok()?.parse().ok()?;
    Some(address::Found {
        address: IpAddr::V4(address),
        disguised: true,
    })
}
