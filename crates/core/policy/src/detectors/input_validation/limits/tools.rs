//! The tools that a request offers, by every name that they have.
//!
//! A caller's own tool goes by its name. A tool of the provider (`bash_20250124`,
//! `web_search`) goes by its type, or by the member that offers it, and no name makes it
//! another: it is allowed by that only, and denied by either.

use std::borrow::Cow;
use std::collections::HashSet;

use smallvec::SmallVec;
use tollgate_formats::view::{Offered, OfferedBy};

use super::Names;

/// One name of a tool, in every spelling.
type Spellings<'b> = SmallVec<[Cow<'b, str>; 3]>;

/// A tool that is offered.
#[derive(Debug, Default)]
struct Tool<'b> {
    names: Vec<Spellings<'b>>,
    /// What it goes by that is the provider's.
    kinds: Vec<Spellings<'b>>,
    is_odd: bool,
}

impl<'b> Tool<'b> {
    fn of(parts: &[Offered], body: &'b [u8]) -> Self {
        let mut tool = Self::default();
        for part in parts {
            let spellings = part.spellings(body);
            tool.is_odd |= spellings.is_empty();
            match part.by {
                OfferedBy::Name => tool.names.push(spellings),
                OfferedBy::Kind | OfferedBy::Member => tool.kinds.push(spellings),
                OfferedBy::Unreadable => {}
            }
        }
        tool
    }

    fn is_within(&self, names: &Names) -> bool {
        let denied = |spellings: &Spellings<'_>| spellings.iter().any(|name| names.denies(name));
        if self.is_odd || self.names.iter().chain(&self.kinds).any(denied) {
            return false;
        }
        let goes_by = if self.kinds.is_empty() {
            &self.names
        } else {
            &self.kinds
        };
        let is_allowed = |spellings: &Spellings<'_>| names.contains_by_any(spellings);
        !goes_by.is_empty() && goes_by.iter().all(is_allowed)
    }
}

/// The tools, each with all of its names: those of one may stand around another.
fn each<'b>(offers: &[Offered], body: &'b [u8]) -> Vec<Tool<'b>> {
    let mut offers = offers.to_vec();
    offers.sort_by_key(|offer| offer.tool);
    offers
        .chunk_by(|one, next| one.tool == next.tool)
        .map(|parts| Tool::of(parts, body))
        .collect()
}

/// Whether all tools are allowed that a request offers.
pub(super) fn are_within(names: &Names, offers: &[Offered], body: &[u8]) -> bool {
    each(offers, body).iter().all(|tool| tool.is_within(names))
}

/// The names by which the conversation calls the provider's tools that are allowed by
/// their types.
pub(super) fn lent_names(names: &Names, offers: &[Offered], body: &[u8]) -> HashSet<String> {
    each(offers, body)
        .into_iter()
        .filter(|tool| !tool.kinds.is_empty() && tool.is_within(names))
        .flat_map(|tool| tool.names.into_iter().flatten())
        .map(Cow::into_owned)
        .collect()
}
