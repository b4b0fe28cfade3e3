//! Texts end: what is held of them goes out.

use bytes::Bytes;
use tollgate_formats::view::Lane;
use tollgate_wire::Edit;

use super::{Blocked, OpenLane, Passing, Step, Stream};
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
            let (lane, span) = (piece.piece.lane, piece.piece.text.span);
            if !ended(lane) {
                continue;
            }
            let Some(at) = self.lanes.iter().position(|open| open.lane == lane) else {
                continue;
            };
            let mut open = self.lanes.swap_remove(at);
            piece.text.extend_from_slice(&Self::rest(step, &mut open)?);
            self.spare.push(open.text);
            waiting.edits.retain(|edit| edit.span != span);
            waiting.edits.push(Edit {
                span,
                with: piece.text.into(),
            });
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

    /// Sends what is held as it is: from here on nothing is looked at.
    pub(super) fn give_up(
        &mut self,
        step: &mut Step<'_>,
        out: &mut Vec<Bytes>,
    ) -> Result<Passing, Blocked> {
        self.is_given_up = true;
        step.session.is_unchecked = true;
        for open in &mut self.lanes {
            open.text.give_up();
        }
        self.release(step, |_| true, out)?;
        self.close(step, |_| true, out)?;
        Ok(Passing::Now)
    }

    /// Ends the text of a lane and gives what it held.
    fn rest(step: &mut Step<'_>, open: &mut OpenLane) -> Result<Bytes, Blocked> {
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
        self.over
            .end(open.filter(|lane| ends(*lane)))
            .map_err(|_too_many| step.records.unenforceable(&step.session.rules))
    }
}
