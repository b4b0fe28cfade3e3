//! Texts end: what is held of them goes out.

use bytes::Bytes;
use tollgate_formats::view::Lane;

use super::{Blocked, OpenLane, Step, Stream};
use crate::text_lane::Passed;

impl Stream {
    /// Sends the event that waits. Lanes that end get the rest of their text into it.
    pub(super) fn release(
        &mut self,
        step: &mut Step<'_>,
        ended: impl Fn(Lane) -> bool,
        out: &mut Vec<Bytes>,
    ) -> Result<(), Blocked> {
        let Some(mut waiting) = self.waiting.take() else {
            return Ok(());
        };
        for mut piece in waiting.pieces {
            let lane = piece.piece.lane;
            if !ended(lane) {
                continue;
            }
            let Some(at) = self.lanes.iter().position(|open| open.lane == lane) else {
                continue;
            };
            let mut open = self.lanes.swap_remove(at);
            piece.finish(&Self::rest(step, &mut open)?, &mut waiting.edits);
            self.spare.push(open.text);
        }
        out.push(waiting.event.with_data(&waiting.edits));
        step.late.push(waiting.passage);
        self.edits = waiting.edits;
        Ok(())
    }

    /// Ends lanes: what they hold goes out in their envelopes.
    pub(super) fn close(
        &mut self,
        step: &mut Step<'_>,
        ended: impl Fn(Lane) -> bool,
        out: &mut Vec<Bytes>,
    ) -> Result<(), Blocked> {
        let mut at = 0;
        while let Some(open) = self.lanes.get(at) {
            if !ended(open.lane) {
                at += 1;
                continue;
            }
            let mut open = self.lanes.remove(at);
            let rest = Self::rest(step, &mut open)?;
            if let Some(envelope) = open.envelope.filter(|_| !rest.is_empty()) {
                out.push(envelope.with(rest));
                step.late.push(envelope.passage);
            }
            self.spare.push(open.text);
        }
        Ok(())
    }

    /// Ends the text of a lane and gives what it held.
    pub(super) fn rest(step: &mut Step<'_>, open: &mut OpenLane) -> Result<Bytes, Blocked> {
        let passed = open.text.push(step.session, b"", true);
        let rest = match &passed {
            Passed::Same => Bytes::new(),
            Passed::Instead(text) => Bytes::copy_from_slice(text),
            Passed::Blocked(_) | Passed::Overfull => {
                return Err(step.records.stop(&step.session.rules, &passed));
            }
        };
        step.count();
        Ok(rest)
    }

    /// Takes note of the texts that end here.
    pub(super) fn end(
        &mut self,
        step: &mut Step<'_>,
        ends: &impl Fn(Lane) -> bool,
    ) -> Result<(), Blocked> {
        let open = self.lanes.iter().map(|open| open.lane);
        let ended = self.over.end(open.filter(|lane| ends(*lane)));
        ended.or_else(|_too_many| step.cannot_check())
    }
}
