//! Tool calls that begin while the last one at their place is under way.
//!
//! A call that begins with nothing but an id of its own looks like more of the last one.
//! A client may read it so, or apart; it leaves out what is done about that.

use smallvec::SmallVec;
use tollgate_formats::view::{Begun, EventView, Field, Lane};

use super::LANES_MAX;

/// More calls than an answer may have under way.
#[derive(Debug)]
pub(super) struct TooMany;

/// The last id of every call under way.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Begun>);

impl Calls {
    /// What begins anew with this event: what a block says of a call, or a call whose id is
    /// another than the last one at its place.
    pub(super) fn begin(&mut self, view: &EventView) -> Result<SmallVec<[Begun; 1]>, TooMany> {
        let mut anew = SmallVec::new();
        for begun in &view.begun {
            let place =
                |other: &&mut Begun| (other.choice, other.block) == (begun.choice, begun.block);
            let is_full = self.0.len() >= LANES_MAX;
            match self.0.iter_mut().find(place) {
                Some(last) if begun.id.is_some() && last.id == begun.id => {}
                Some(last) => {
                    *last = *begun;
                    anew.push(*begun);
                }
                None if is_full => return Err(TooMany),
                None => self.0.push(*begun),
            }
        }
        Ok(anew)
    }

    /// Forgets the calls that are over.
    pub(super) fn end(&mut self, ends: impl Fn(Lane) -> bool) {
        self.0.retain(|begun| {
            let Begun { choice, block, .. } = *begun;
            !ends(Lane::of(choice, block, Field::ToolName))
        });
    }
}
