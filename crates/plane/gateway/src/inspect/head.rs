//! The values in the head of a request: what the caller may choose of path, query, headers
//! and the name of the model.
//!
//! Left out: credentials, which nobody but their owner reads, and headers of the
//! connection, which end here.

use std::borrow::Cow;

use http::request::Parts;
use percent_encoding::percent_decode;
use tollgate_policy::{Machine, Place, Verdict};
use tollgate_types::is_credential_header;

use crate::headers::is_hop_by_hop;

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
    for parameter in query.split('&') {
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
