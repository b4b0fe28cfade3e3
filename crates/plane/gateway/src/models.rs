//! The list of models a caller may use, in the caller's format.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Response};
use tollgate_telemetry::Name;

use crate::access::allows;
use crate::caller::authenticate;
use crate::operation;
use crate::reply::ReplyBody;
use crate::rescue::Cause;
use crate::settle::Settlement;
use crate::snapshot::Snapshot;
use crate::status::now_unix_s;

/// A listing, ready to be sent.
#[derive(Debug)]
pub(crate) struct Listing(Bytes);

/// Lists the configured names that are in the caller's scope. Names that would pass
/// through to the default provider are not known here and are not listed.
pub(crate) fn list(
    snapshot: &Snapshot,
    head: &Parts,
    settlement: &mut Settlement,
) -> Result<Listing, Cause> {
    let format = operation::spoken(head);
    let record = settlement.record();
    record.operation = "models";
    record.format = format.format().label();
    record.path = Name::Static("/v1/models");
    let created_unix_s = record.start_unix_ns / 1_000_000_000;
    let caller = authenticate(&head.headers, snapshot, now_unix_s())?;
    settlement.caller(&caller);
    let names: Vec<&str> = caller
        .plan
        .model_names
        .iter()
        .map(AsRef::as_ref)
        .filter(|name| allows(&caller, name))
        .collect();
    Ok(Listing(
        format.format().encode_models(&names, created_unix_s),
    ))
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
