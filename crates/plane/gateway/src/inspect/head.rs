//! The values in the head of a request: what the caller may choose of path, query, headers
//! and the name of the model.
//!
//! Left out: credentials, which nobody but their owner reads, and headers of the
//! connection, which end here.

use std::borrow::Cow;

use http::request::Parts;
use percent_encoding::percent_decode;
use tollgate_formats::view::Field;
use tollgate_policy::{Machine, Place, Verdict};
use tollgate_types::is_credential_header;

use crate::headers::{holds_key, is_hop_by_hop};

/// Shows a machine every value, until one blocks. `path` is the part of the path that is
/// not the gateway's own or a route's.
pub(super) fn read(
    machine: &mut Machine,
    head: &Parts,
    model: Option<&str>,
    path: &str,
) -> Verdict {
    if !machine.reads_head() {
        return Verdict::Pass;
    }
    let model = model.map(|model| (Place::Model, model.as_bytes()));
    let headers = head.headers.iter();
    let headers = headers
        .filter(|(name, _)| !is_hop_by_hop(name.as_str()) && !is_credential_header(name.as_str()));
    let headers = headers.map(|(_, value)| (Place::Header, value.as_bytes()));
    for (place, value) in model.into_iter().chain(headers) {
        if let blocked @ Verdict::Block(_) = machine.head(place, value) {
            return blocked;
        }
    }
    // As a whole for what goes from segment to segment, then each.
    let segments = std::iter::once(path).chain(path.split('/').filter(|segment| *segment != path));
    for segment in segments {
        if let blocked @ Verdict::Block(_) = decoded(machine, Place::Path, segment.as_bytes()) {
            return blocked;
        }
    }
    let query = head.uri.query().unwrap_or_default();
    for parameter in query.split('&').filter(|parameter| !is_key(parameter)) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        for part in [name, value] {
            let part: Vec<u8> = part.bytes().map(blank).collect();
            if let blocked @ Verdict::Block(_) = decoded(machine, Place::Query, &part) {
                return blocked;
            }
        }
    }
    Verdict::Pass
}

/// Shows a machine a part of a model's name that is passed on as it is.
pub(super) fn name(machine: &mut Machine, part: &str) -> Verdict {
    if part.is_empty() {
        return Verdict::Pass;
    }
    machine.head(Place::Of(Field::Metadata), part.as_bytes())
}

/// What a model's name says beside the date of its version (`gpt-4o-2024-08-06`,
/// `claude-sonnet-4-20250514`), which is nobody's.
pub(super) fn without_date(name: &str) -> [&str; 2] {
    let bytes = name.as_bytes();
    let digits = |at: usize, count: usize| {
        let digits = bytes.get(at..at + count);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
    };
    let number = |at: usize| {
        let number = name.get(at..at + 2).filter(|_| digits(at, 2));
        number.map_or(0, |number| number.parse().unwrap_or(0))
    };
    let length = |at: usize| {
        let dash = usize::from(bytes.get(at + 4) == Some(&b'-'));
        let (month, day) = (at + 4 + dash, at + 6 + 2 * dash);
        let dashes = bytes.get(month + 2) == Some(&b'-') || dash == 0;
        let alone = !digits(day + 2, 1) && (at == 0 || !digits(at - 1, 1));
        let is_date = digits(at, 4)
            && (1..=12).contains(&number(month))
            && (1..=31).contains(&number(day))
            && dashes
            && alone;
        is_date.then_some(8 + 2 * dash)
    };
    let years = name.match_indices("20").map(|(at, _)| at);
    let date = years.filter_map(|at| Some((at, length(at)?))).next();
    match date {
        Some((at, length)) => {
            [name.get(..at), name.get(at + length..)].map(Option::unwrap_or_default)
        }
        None => [name, ""],
    }
}

/// Whether a parameter holds a gateway key, which stays here.
fn is_key(parameter: &str) -> bool {
    holds_key(&percent_decode(parameter.as_bytes()).collect::<Vec<_>>())
}

fn decoded(machine: &mut Machine, place: Place, value: &[u8]) -> Verdict {
    if value.is_empty() {
        return Verdict::Pass;
    }
    let value: Cow<'_, [u8]> = percent_decode(value).into();
    machine.head(place, &value)
}

/// How forms write a blank.
const fn blank(byte: u8) -> u8 {
    match byte {
        b'+' => b' ',
        byte => byte,
    }
}

#[cfg(test)]
mod tests {
    use super::without_date;

    #[test]
    fn the_date_of_a_version_is_left_out_of_a_name() {
        for (name, parts) in [
            ("gpt-4o-2024-08-06", ["gpt-4o-", ""]),
            (
                "claude-sonnet-4-20250514-v1:0",
                ["claude-sonnet-4-", "-v1:0"],
            ),
            ("gpt-4o", ["gpt-4o", ""]),
            ("4120-24-0806", ["4120-24-0806", ""]),
            ("120240806", ["120240806", ""]),
            ("2024", ["2024", ""]),
            ("x-20991399", ["x-20991399", ""]),
            ("x-2024-00-06", ["x-2024-00-06", ""]),
            ("x-20240832", ["x-20240832", ""]),
            ("x-20991399-20241231", ["x-20991399-", ""]),
            ("", ["", ""]),
        ] {
            assert_eq!(without_date(name), parts);
        }
    }
}
