//! Step 5: is there room for one more request?

use crate::access::Permitted;
use crate::budget::{Budget, Share};

/// A permitted request that has its place among those in work.
#[derive(Clone, Debug)]
pub(crate) struct Admitted<'s> {
    /// The caller and the model.
    pub(crate) permitted: Permitted<'s>,
}

/// Too many requests are in work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gateway has {max} requests in work (limits.requests_max); try again")]
pub(crate) struct Full {
    max: usize,
}

/// Takes a place; it is given back when the returned share is dropped, which the
/// settlement does at the end of the answer.
pub(crate) fn admit<'s>(
    permitted: Permitted<'s>,
    in_work: &Budget,
    max: usize,
) -> Result<(Admitted<'s>, Share), Full> {
    let place = admit_plain(in_work, max)?;
    Ok((Admitted { permitted }, place))
}

/// Takes a place for a request that names no model.
pub(crate) fn admit_plain(in_work: &Budget, max: usize) -> Result<Share, Full> {
    in_work.take(1, max).ok_or(Full { max })
}
