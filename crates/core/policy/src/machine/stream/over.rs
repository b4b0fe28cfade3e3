//! Texts that are over.
//!
//! What was held of them has been sent. A client joins more of such a text to it all the
//! same, so a finding could stand across the end: such an answer cannot be inspected.

use tollgate_formats::view::{EventView, Lane};

/// How many texts of one answer may be over.
const OVER_MAX: usize = 4096;

/// More texts than an answer may have.
#[derive(Debug)]
pub(super) struct TooMany;

/// The texts whose choice or block has ended.
#[derive(Debug, Default)]
pub(super) struct Over(Vec<Lane>);

impl Over {
    /// Forgets the tool call that begins once more at its place: that is another one. The
    /// text of a block is not.
    pub(super) fn begin(&mut self, view: &EventView) {
        let is_new = |lane: Lane| {
            let mut blocks = view.begun.iter().filter(|begun| begun.id.is_none());
            blocks.any(|begun| begun.covers(lane))
        };
        self.0.retain(|lane| !is_new(*lane));
    }

    /// True when the event has more of a text that is over.
    pub(super) fn goes_on(&self, view: &EventView) -> bool {
        let mut pieces = view.pieces.iter();
        pieces.any(|piece| !piece.text.span.is_empty() && self.0.contains(&piece.lane))
    }

    /// Takes note of texts that end.
    pub(super) fn end(&mut self, lanes: impl Iterator<Item = Lane>) -> Result<(), TooMany> {
        for lane in lanes {
            if self.0.contains(&lane) {
                continue;
            }
            if self.0.len() >= OVER_MAX {
                return Err(TooMany);
            }
            self.0.push(lane);
        }
        Ok(())
    }
}
