//! Network addresses in the spellings that libraries accept.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and whether it was written the usual way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) address: IpAddr,
    /// In numbers that people do not write: `0x7f.1`.
    pub(super) disguised: bool,
}

/// Reads a host as `inet_aton` does: one to four numbers, each decimal, octal or
/// hexadecimal, the last one filling what is left; or as IPv6.
pub(super) fn lenient(host: &[u8]) -> Option<Found> {
    let text = std::str::from_utf8(host).ok()?;
    if text.contains(':') {
        let text = text.split('%').next()?;
        let address = text.parse::<Ipv6Addr>().ok()?;
        return Some(Found {
            address: IpAddr::V6(address),
            disguised: false,
        });
    }
    let parts: Vec<&str> = text.splitn(5, '.').collect();
    if parts.len() > 4 {
        return None;
    }
    let mut numbers = Vec::with_capacity(4);
    for part in &parts {
        numbers.push(number(part)?);
    }
    let (last, first) = numbers.split_last()?;
    let mut value: u32 = 0;
    for number in first {
        let byte = u8::try_from(*number).ok()?;
        value = (value << 8) | u32::from(byte);
    }
    let left = 4 - first.len();
    let most = if left == 4 {
        u64::from(u32::MAX)
    } else {
        (1_u64 << (8 * left)) - 1
    };
    if *last > most {
        return None;
    }
    let shift = 8 * u32::try_from(left).ok()?;
    let high = value.checked_shl(shift).unwrap_or(0);
    let address = Ipv4Addr::from(high | u32::try_from(*last).ok()?);
    Some(Found {
        address: IpAddr::V4(address),
        disguised: text.parse::<Ipv4Addr>().is_err(),
    })
}

/// A number as C writes it: `127`, `0177`, `0x7f`.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return if hex.is_empty() {
            Some(0)
        } else {
            u64::from_str_radix(hex, 16).ok()
        };
    }
    if text.len() > 1 && text.starts_with('0') {
        return u64::from_str_radix(text, 8).ok();
    }
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// Who can reach an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The machine itself, for its credentials.
    Metadata,
    /// Those inside: private, link-local, loopback and reserved networks.
    Inside,
    /// Everybody.
    Public,
}

/// The addresses of the clouds' metadata services.
const METADATA: [Ipv4Addr; 5] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 169, 253),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];

pub(super) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    if METADATA.contains(&address) {
        return Reach::Metadata;
    }
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let testing = first == 198 && (second & 0xfe) == 18;
    let inside = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || shared
        || testing;
    if inside { Reach::Inside } else { Reach::Public }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    const AWS: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    if address == AWS {
        return Reach::Metadata;
    }
    if let Some(inner) = embedded(address) {
        return reach_v4(inner);
    }
    let [first, ..] = address.segments();
    let inside = address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || (first & 0xfe00) == 0xfc00
        || (first & 0xffc0) == 0xfe80;
    if inside { Reach::Inside } else { Reach::Public }
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, behind NAT64, in 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] if high != 0 => Some(v4(high, low)),
        [0, 0, 0, 0, 0xffff, 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}
