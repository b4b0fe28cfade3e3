//! The models a caller may use, in the caller's format: all of them, or one.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Response};
use percent_encoding::percent_decode_str;
use tollgate_formats::FormatId;
use tollgate_telemetry::Name;

use crate::access::allows;
use crate::caller::{Authenticated, authenticate};
use crate::clock::now_unix_s;
use crate::reply::ReplyBody;
use crate::rescue::Cause;
use crate::settle::Settlement;
use crate::snapshot::Snapshot;

/// How much of a caller's own text an error repeats.
const ECHO_CHARS_MAX: usize = 128;

/// A listing, ready to be sent.
#[derive(Debug)]
pub(crate) struct Listing(Bytes);

/// Lists the configured names that are in the caller's scope. Names that would pass
/// through to the default provider are not known here and are not listed.
pub(crate) fn list(
    snapshot: &Snapshot,
    format: FormatId,
    head: &Parts,
    settlement: &mut Settlement,
) -> Result<Listing, Cause> {
    let caller = begin("/v1/models", snapshot, format, head, settlement)?;
    let names: Vec<&str> = caller
        .plan()
        .model_names
        .iter()
        .map(AsRef::as_ref)
        .filter(|name| allows(&caller, name))
        .collect();
    let created_unix_s = settlement.record().start_unix_ns / 1_000_000_000;
    Ok(Listing(
        format.format().encode_models(&names, created_unix_s),
    ))
}

/// Answers for one name, percent-encoded, that a chat of this caller could ask for:
/// configured, addressed to a provider, or taken by the default provider. A name that is
/// out of the caller's scope is as unknown as one that does not exist.
pub(crate) fn one(
    snapshot: &Snapshot,
    format: FormatId,
    (head, name): (&Parts, &str),
    settlement: &mut Settlement,
) -> Result<Listing, Cause> {
    let caller = begin("/v1/models/{model}", snapshot, format, head, settlement)?;
    let name = percent_decode_str(name).decode_utf8_lossy();
    let is_taken = allows(&caller, &name) && caller.plan().resolve(&snapshot.plan, &name).is_ok();
    if !is_taken {
        return Err(Cause::NoSuchModel(
            name.chars().take(ECHO_CHARS_MAX).collect(),
        ));
    }
    let created_unix_s = settlement.record().start_unix_ns / 1_000_000_000;
    Ok(Listing(format.format().encode_model(&name, created_unix_s)))
}

/// Both begin alike: with who asks.
fn begin<'s>(
    path: &'static str,
    snapshot: &'s Snapshot,
    format: FormatId,
    head: &Parts,
    settlement: &mut Settlement,
) -> Result<Authenticated<'s>, Cause> {
    let record = settlement.record();
    record.operation = "models";
    record.format = format.format().label();
    record.path = Name::Static(path);
    let caller = authenticate(head, snapshot, now_unix_s())?;
    settlement.caller(&caller);
    Ok(caller)
}

impl Listing {
    /// The answer.
    pub(crate) fn respond(self, settlement: Settlement) -> Response<ReplyBody> {
        let mut response = Response::new(ReplyBody::whole(self.0, settlement));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
