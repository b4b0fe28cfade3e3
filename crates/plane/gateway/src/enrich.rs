//! The prompt of a model, put into a request.
//!
//! Before input policies read it: they are over all that reaches the model, and what a text
//! takes from headers is the caller's.

use http::request::Parts;
use tollgate_config::{Limits, Variables};
use tollgate_plan::{Enriching, PromptError};

use crate::access::Permitted;
use crate::budget::Budget;
use crate::document::{Read, ReadError, unmarked};
use crate::expect::prompt_of;
use crate::rescue::Cause;

/// Why a request cannot get the prompt of its model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Unenriched(#[from] pub(crate) PromptError);

/// The request with the prompt of its model in it; as it is where there is none. True with
/// it when something was put in.
pub(crate) fn enrich(
    permitted: &Permitted<'_>,
    read: Read,
    head: &Parts,
    (limits, room): (&Limits, &Budget),
) -> Result<(Read, bool), Cause> {
    let caller = permitted.caller();
    let value = |name: &str| {
        let value = head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()))
    };
    let enriched = caller.plan().enrich(&Enriching {
        format: read.format,
        body: read.document.original(),
        variables: Variables {
            service: caller.service(),
            team: caller.team(),
            model: permitted.model(),
            header: &value,
        },
    });
    let Some(body) = enriched.map_err(Unenriched)? else {
        return Ok((read, false));
    };
    let share = room.take(body.len(), limits.buffered_bytes_max);
    let body = share.ok_or(ReadError::NoRoom)?.around(body);
    let texts = !caller.plan().policies.all().input.is_empty();
    let format = read.format.format();
    let mut view = format
        .view_request(&body, texts)
        .map_err(ReadError::Shape)?;
    view.stream = read.view.stream;
    view.stream_usage_asked |= read.view.stream_usage_asked;
    let prompt = prompt_of(&view, &body);
    let (document, mark) = unmarked(body, &view);
    let enriched = Read {
        document,
        view,
        prompt,
        mark,
        ..read
    };
    Ok((enriched, true))
}
