//! Is there room for one more request?

use crate::access::Permitted;
use crate::budget::{Budget, Share};

/// A permitted request and its place among those in work.
#[derive(Debug)]
pub(crate) struct Admitted<'s> {
    permitted: Permitted<'s>,
    place: Share,
}

impl<'s> Admitted<'s> {
    /// The caller and the model.
    pub(crate) const fn permitted(&self) -> &Permitted<'s> {
        &self.permitted
    }

    /// Gives the place to whoever keeps it until the answer has gone out.
    pub(crate) fn into_place(self) -> Share {
        self.place
    }
}

/// Too many requests are in work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gateway has {max} requests in work (gateway.limits.requests_max); try again")]
pub(crate) struct Full {
    max: usize,
}

/// Takes a place; it is free again when the proof, or whoever took over the place, is gone.
pub(crate) fn admit<'s>(
    permitted: Permitted<'s>,
    in_work: &Budget,
    max: usize,
) -> Result<Admitted<'s>, Full> {
    let place = take_place(in_work, max)?;
    Ok(Admitted { permitted, place })
}

/// One place among those in work.
pub(crate) fn take_place(in_work: &Budget, max: usize) -> Result<Share, Full> {
    in_work.take(1, max).ok_or(Full { max })
}
