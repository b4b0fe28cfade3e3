//! Tool names that went out, in case that more of one comes later.
//!
//! A name is held no longer than to the next event, or a tool call could not begin.
//! When a client would join what comes later to it, and that makes a finding, nothing
//! can be taken back: the answer is blocked. It leaves out the pieces that join as
//! they come: those are text like any other.

use tollgate_formats::view::{Field, Lane};

use super::LANES_MAX;
use crate::session::Session;
use crate::text_lane::TextLane;

/// How much is remembered of a name, in raw bytes.
const NAME_BYTES_MAX: usize = 512;

/// The last bytes of every name.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<(Lane, Vec<u8>)>);

impl Names {
    /// Takes note of a piece. False when the piece and what came before it, read as one,
    /// have a finding across the seam, or when there are too many names.
    pub(super) fn add(
        &mut self,
        session: &mut Session,
        lane: Lane,
        piece: &[u8],
        joins: bool,
    ) -> bool {
        let Some((_, name)) = self.0.iter_mut().find(|(met, _)| *met == lane) else {
            if self.0.len() >= LANES_MAX {
                return false;
            }
            let tail = piece.len().saturating_sub(NAME_BYTES_MAX);
            let tail = piece.get(tail..).unwrap_or_default().to_vec();
            self.0.push((lane, tail));
            return true;
        };
        let seam = name.len();
        name.extend_from_slice(piece);
        let fits = joins || !has_finding_across(session, name, seam);
        let surplus = name.len().saturating_sub(NAME_BYTES_MAX);
        name.drain(..surplus);
        fits
    }

    /// Forgets the names that cannot go on.
    pub(super) fn end(&mut self, ends: impl Fn(Lane) -> bool) {
        self.0.retain(|(lane, _)| !ends(*lane));
    }
}

fn has_finding_across(session: &mut Session, name: &[u8], seam: usize) -> bool {
    let counted = session.found.len();
    let mut text = TextLane::new(Field::ToolName);
    let crosses = match text.read_part(session, name, true) {
        Ok((splices, _)) => splices
            .iter()
            .any(|splice| splice.start < seam && seam < splice.end),
        Err(_) => true,
    };
    // The pieces are counted as they come.
    session.found.truncate(counted);
    crosses
}
