//! A streamed answer: events in, events out.
//!
//! Each text stream of the answer (choice, block, field) is a lane of its own. What
//! a lane holds goes out with its next piece, or, when the lane ends, in the
//! envelope of its last event, before the event that ends it. An event whose text is
//! wholly held is left out when it says nothing else. Untouched events pass as they are.
//!
//! An event that says something else too (a role, the start of a tool call) is a bad
//! envelope: sent twice it would say that twice. When it would be needed as one, it
//! waits for the next event, whatever that is.
//!
//! The arguments of a tool call end where the name of the next call at the same place
//! comes. When they break off inside a string or a number there, a client may read
//! them as one with what follows or apart: the answer is blocked.

mod calls;
mod ending;
mod envelope;
mod names;
mod order;
mod over;

use bytes::Bytes;
use smallvec::SmallVec;
use tollgate_formats::Passage;
use tollgate_formats::view::{EventKind, EventView, Field, Lane, TextPiece};
use tollgate_wire::sse::Event;
use tollgate_wire::{Edit, Span};

use calls::Calls;
use envelope::{Envelope, null};
use names::Names;
use order::{carries, gives_way, is_own_text, last_pieces};
use over::Over;

use super::records::Records;
use super::{Blocked, Machine, Verdict, is_bare};
use crate::detector::Extent;
use crate::scanner::Found;
use crate::session::Session;
use crate::text_lane::{Passed, TextLane};

/// How many lanes one answer may have open at a time.
pub(crate) const LANES_MAX: usize = 256;

/// How many bytes the envelopes of one answer may have together.
const ENVELOPE_BYTES_MAX: usize = 1024 * 1024;

/// The state of one streamed answer.
#[derive(Debug, Default)]
pub(super) struct Stream {
    lanes: Vec<OpenLane>,
    waiting: Option<Waiting>,
    names: Names,
    calls: Calls,
    over: Over,
    /// Buffers of lanes that ended, for the next ones.
    spare: Vec<TextLane>,
    edits: Vec<Edit>,
}

/// A text that has begun and not ended.
#[derive(Debug)]
struct OpenLane {
    lane: Lane,
    text: TextLane,
    /// The text is complete; the next piece begins another.
    ended: bool,
    envelope: Option<Envelope>,
}

/// An event that is sent when the next one is there.
#[derive(Debug)]
struct Waiting {
    event: Event,
    pieces: SmallVec<[WaitingPiece; 1]>,
    edits: Vec<Edit>,
    passage: Passage,
}

/// A text of a waiting event whose lane holds more of it.
#[derive(Debug)]
struct WaitingPiece {
    piece: TextPiece,
    text: Vec<u8>,
}

impl Machine {
    /// Applies the rules to one event of a streamed answer, and appends to `out` what
    /// may be sent; the event's own bytes where nothing changed.
    ///
    /// After a block nothing more is appended, by this or any later call: what was
    /// sent before is free of findings. An answer with more than 256 open texts, with more
    /// held text than 8 KiB in one of them, with more than 1 MiB to keep of its events,
    /// or with tool calls that can be read in two ways is blocked as unenforceable; where
    /// all rules allow what they cannot check, that goes on unchecked.
    pub fn event(&mut self, event: &Event, view: &EventView, out: &mut Vec<Bytes>) -> Verdict {
        if self.session.rules.is_empty() {
            out.push(event.raw().clone());
            return Verdict::Pass;
        }
        // Nothing is changed that nobody wants to be changed.
        let plain = if self.session.rules.acts() {
            plain(event)
        } else {
            Some(event.clone())
        };
        let Some(plain) = plain else {
            out.push(Bytes::from_static(b":\n\n"));
            return Verdict::Pass;
        };
        self.guarded(out, Some((&plain, view)), |stream, step, out| {
            stream.event(step, &plain, view, out)
        })
    }

    /// The stream is over: appends what is still held.
    pub fn finish(&mut self, out: &mut Vec<Bytes>) -> Verdict {
        self.guarded(out, None, |stream, step, out| {
            stream.release(step, |_| true, out)?;
            stream.close(step, |_| true, out)?;
            Ok(Passing::Not)
        })
    }

    fn guarded(
        &mut self,
        out: &mut Vec<Bytes>,
        event: Option<(&Event, &EventView)>,
        run: impl FnOnce(&mut Stream, &mut Step<'_>, &mut Vec<Bytes>) -> Result<Passing, Blocked>,
    ) -> Verdict {
        if let Some(blocked) = &self.blocked {
            return Verdict::Block(blocked.clone());
        }
        let sent = out.len();
        let mut step = Step {
            session: &mut self.session,
            records: &mut self.records,
            late: SmallVec::new(),
        };
        let done = run(&mut self.stream, &mut step, out);
        match (&done, event) {
            (Err(_), _) => {
                out.truncate(sent);
                self.stream = Stream::default();
            }
            (Ok(passing), event) => {
                for passage in step.late {
                    self.delivered.note_later(passage);
                }
                if let (Passing::Now, Some((event, view))) = (passing, event) {
                    self.delivered.note(event, view);
                }
            }
        }
        self.verdict(done.map(|_passing| ()))
    }
}

/// What every step of a stream needs besides the stream.
struct Step<'m> {
    session: &'m mut Session,
    records: &'m mut Records,
    /// The events of earlier calls that go out in this one.
    late: SmallVec<[Passage; 1]>,
}

/// Whether an event goes out in the call that brought it.
enum Passing {
    Now,
    /// Later, or never.
    Not,
}

impl Step<'_> {
    /// What becomes of log-probabilities where a rule acts.
    fn nulls<'v>(&self, view: &'v EventView) -> impl Iterator<Item = Edit> + use<'v> {
        let spans = view.logprobs.iter().copied().map(null);
        spans.filter({
            let acts = self.session.rules.acts();
            move |_| acts
        })
    }

    /// Something cannot be checked: the answer is blocked, unless all rules allow it.
    fn cannot_check(&mut self) -> Result<(), Blocked> {
        if self.session.rules.allows_unchecked() {
            self.session.is_unchecked = true;
            return Ok(());
        }
        Err(self.records.unenforceable(&self.session.rules))
    }

    fn count(&mut self) {
        for found in self.session.found.drain(..) {
            self.records.add(&self.session.rules, &found);
        }
    }

    /// Counts what was found in a text that says again what its pieces said, or says it for
    /// the first time.
    fn count_again(&mut self) {
        let mut counts: SmallVec<[(Found, u64); 4]> = SmallVec::new();
        for found in self.session.found.drain(..) {
            if found.extent == Extent::Continues {
                continue;
            }
            let same =
                |other: &Found| (other.matcher, other.entity) == (found.matcher, found.entity);
            match counts.iter_mut().find(|(other, _)| same(other)) {
                Some((_, count)) => *count += 1,
                None => counts.push((found, 1)),
            }
        }
        for (found, count) in &counts {
            self.records.at_least(&self.session.rules, found, *count);
        }
    }
}

impl Stream {
    fn event(
        &mut self,
        step: &mut Step<'_>,
        event: &Event,
        view: &EventView,
        out: &mut Vec<Bytes>,
    ) -> Result<Passing, Blocked> {
        let one_choice = self.has_one_choice();
        let ends = |lane: Lane| match view.kind {
            EventKind::UsageOnly | EventKind::End | EventKind::Error => true,
            EventKind::Finish if view.closed.is_empty() => one_choice,
            EventKind::Finish | EventKind::BlockEnd => {
                view.closed.iter().any(|closed| closed.covers(lane))
            }
            EventKind::Preamble | EventKind::Content | EventKind::Other => false,
        };
        let anew = match self.calls.begin(view) {
            Ok(anew) => anew,
            Err(_too_many) => {
                step.cannot_check()?;
                SmallVec::new()
            }
        };
        let begins = |lane: Lane| anew.iter().any(|begun| begun.covers(lane));
        let ended = |lane: Lane| match lane.field() {
            _ if gives_way(view, lane) || begins(lane) => true,
            _ if carries(view, lane) => false,
            Field::ToolName => true,
            _ => ends(lane),
        };
        let breaks_off = |open: &OpenLane| {
            open.lane.field() == Field::ToolArguments
                && (gives_way(view, open.lane) || begins(open.lane))
                && open.text.breaks_off()
        };
        if self.lanes.iter().any(breaks_off) {
            step.cannot_check()?;
        }
        self.over.begin(view);
        if self.over.goes_on(view) {
            step.cannot_check()?;
        }
        self.end(step, &ends)?;
        self.release(step, ended, out)?;
        self.close(step, ended, out)?;
        let passing = if view.pieces.is_empty() {
            self.edits.clear();
            self.edits.extend(step.nulls(view));
            out.push(event.with_data(&self.edits));
            Passing::Now
        } else {
            let passing = self.pieces(step, event, view, &ends, out)?;
            self.end(step, &ends)?;
            self.lanes.retain_mut(|open| !ends(open.lane));
            passing
        };
        self.names.end(ends);
        self.calls.end(ends);
        Ok(passing)
    }

    pub(super) fn is_holding(&self) -> bool {
        self.waiting.is_some() || self.lanes.iter().any(|open| !open.text.is_empty())
    }

    fn has_one_choice(&self) -> bool {
        self.lanes.windows(2).all(|pair| match pair {
            [first, second] => first.lane.choice == second.lane.choice,
            _ => true,
        })
    }

    /// Sends an event with text, or keeps it.
    fn pieces(
        &mut self,
        step: &mut Step<'_>,
        event: &Event,
        view: &EventView,
        ends: &impl Fn(Lane) -> bool,
        out: &mut Vec<Bytes>,
    ) -> Result<Passing, Blocked> {
        let last = match last_pieces(event.data(), view, ends) {
            Ok(last) => last,
            Err(_too_many) => {
                step.cannot_check()?;
                SmallVec::from_elem(true, view.pieces.len())
            }
        };
        let mut edits = std::mem::take(&mut self.edits);
        edits.clear();
        edits.extend(step.nulls(view));
        let mut says_something = !view.only_text;
        let mut held: SmallVec<[WaitingPiece; 1]> = SmallVec::new();
        for (piece, last) in view.pieces.iter().zip(last) {
            let (changed, holds) = self.piece(step, event, piece, last)?;
            match piece.lane.is_whole() {
                true => step.count_again(),
                false => step.count(),
            }
            if last && !ends(piece.lane) {
                self.check_end(step, piece.lane)?;
            }
            let text = changed
                .as_deref()
                .unwrap_or_else(|| piece.text.span.of(event.data()));
            says_something |= !text.is_empty();
            held.retain(|before| before.piece.lane != piece.lane);
            if holds {
                held.push(WaitingPiece {
                    piece: *piece,
                    text: text.to_vec(),
                });
            }
            if let Some(with) = changed {
                edits.push(Edit {
                    span: piece.text.span,
                    with,
                });
            }
        }
        self.remember(step, (event, view), &mut held, &mut edits)?;
        step.count();
        if !held.is_empty() {
            self.waiting = Some(Waiting {
                event: event.clone(),
                pieces: held,
                edits,
                passage: Passage::of(event, view),
            });
            return Ok(Passing::Not);
        }
        let passing = if edits.is_empty() || says_something {
            out.push(event.with_data(&edits));
            Passing::Now
        } else {
            Passing::Not
        };
        self.edits = edits;
        Ok(passing)
    }

    /// Takes one piece in. Gives what goes on instead of it, if that is something else,
    /// and whether its lane holds text now.
    fn piece(
        &mut self,
        step: &mut Step<'_>,
        event: &Event,
        piece: &TextPiece,
        last: bool,
    ) -> Result<(Option<Bytes>, bool), Blocked> {
        let place = (event.data(), piece.text.span);
        if is_own_text(event.data(), piece) {
            let mut text = self.unused(piece.field, is_bare(event.data(), piece.text.span));
            let changed = changed(step, &mut text, place, true)?;
            self.spare.push(text);
            return Ok((changed, false));
        }
        if piece.field == Field::ToolName {
            let mut open = self.lanes.iter();
            let joins = open.any(|open| open.lane == piece.lane && !open.ended);
            let raw = piece.text.span.of(event.data());
            if !self.names.add(step.session, piece.lane, raw, joins) {
                step.cannot_check()?;
            }
        }
        let Some(open) = self.lane(piece) else {
            step.cannot_check()?;
            return Ok((None, false));
        };
        open.ended = last;
        let changed = changed(step, &mut open.text, place, last)?;
        Ok((changed, !open.text.is_empty()))
    }

    /// A buffer for a text that begins.
    fn unused(&mut self, field: Field, is_bare: bool) -> TextLane {
        let mut text = self.spare.pop().unwrap_or_else(|| TextLane::new(field));
        text.reset(field, is_bare);
        text
    }

    /// Arguments that end because another call begins must not break off.
    fn check_end(&self, step: &mut Step<'_>, lane: Lane) -> Result<(), Blocked> {
        let breaks_off = |open: &OpenLane| open.lane == lane && open.text.breaks_off();
        if lane.field() == Field::ToolArguments && self.lanes.iter().any(breaks_off) {
            step.cannot_check()?;
        }
        Ok(())
    }

    /// Keeps the event as the envelope of the lanes that hold text of it. One that
    /// says nothing but text is never given up for another. `held` keeps the lanes
    /// that have no such.
    fn remember(
        &mut self,
        step: &mut Step<'_>,
        (event, view): (&Event, &EventView),
        held: &mut SmallVec<[WaitingPiece; 1]>,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Blocked> {
        let mut has_room: SmallVec<[bool; 1]> = SmallVec::new();
        for waiting in held.iter_mut() {
            let lane = waiting.piece.lane;
            let others = self.lanes.iter().filter(|open| open.lane != lane);
            let kept: usize = others.map(OpenLane::envelope_bytes).sum();
            let mut lanes = self.lanes.iter_mut();
            let Some(open) = lanes.find(|open| open.lane == lane) else {
                has_room.push(false);
                continue;
            };
            if !open.has_good_envelope() {
                let room = ENVELOPE_BYTES_MAX.saturating_sub(kept);
                open.envelope = Envelope::of(event, view, &waiting.piece, room);
            }
            if open.envelope.is_none() {
                step.cannot_check()?;
                open.text.give_up();
                waiting.finish(&Self::rest(step, open)?, edits);
            }
            has_room.push(open.envelope.is_some() && !open.has_good_envelope());
        }
        let mut has_room = has_room.iter();
        held.retain(|_| has_room.next().is_some_and(|has_room| *has_room));
        Ok(())
    }

    /// The lane of a piece, which begins with it when it is new; none when there are too
    /// many.
    fn lane(&mut self, piece: &TextPiece) -> Option<&mut OpenLane> {
        let at = match self.lanes.iter().position(|open| open.lane == piece.lane) {
            Some(at) => at,
            None if self.lanes.len() >= LANES_MAX => return None,
            None => {
                let text = self.unused(piece.field, false);
                self.lanes.push(OpenLane {
                    lane: piece.lane,
                    text,
                    ended: false,
                    envelope: None,
                });
                self.lanes.len() - 1
            }
        };
        let open = self.lanes.get_mut(at)?;
        if open.ended {
            open.text.reset(piece.field, false);
            open.ended = false;
        }
        Some(open)
    }
}

impl WaitingPiece {
    /// The text goes on to its end: the edit of its event says so.
    fn finish(&mut self, rest: &[u8], edits: &mut Vec<Edit>) {
        let span = self.piece.text.span;
        self.text.extend_from_slice(rest);
        edits.retain(|edit| edit.span != span);
        edits.push(Edit {
            span,
            with: std::mem::take(&mut self.text).into(),
        });
    }
}

impl OpenLane {
    fn has_good_envelope(&self) -> bool {
        self.envelope
            .as_ref()
            .is_some_and(|envelope| envelope.only_text)
    }

    fn envelope_bytes(&self) -> usize {
        self.envelope.as_ref().map_or(0, Envelope::len)
    }
}

/// The event without what no view shows (comments, ids, retry times, fields that nobody
/// knows, a name that says something); `None` for one that has nothing else.
fn plain(event: &Event) -> Option<Event> {
    const NAME_BYTES_MAX: usize = 64;
    let is_name = |name: &&str| {
        let fits = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-');
        name.len() <= NAME_BYTES_MAX && name.bytes().all(fits)
    };
    let name = event.name().filter(is_name);
    if event.is_plain() && name == event.name() {
        return Some(event.clone());
    }
    (!event.is_comment()).then(|| Event::from_parts(name, event.data()))
}

/// Reads a piece. Gives what goes on instead of it, if that is something else.
fn changed(
    step: &mut Step<'_>,
    lane: &mut TextLane,
    (data, span): (&[u8], Span),
    last: bool,
) -> Result<Option<Bytes>, Blocked> {
    let raw = span.of(data);
    let passed = lane.push(step.session, raw, last);
    match &passed {
        Passed::Same => Ok(None),
        Passed::Instead(text) if *text == raw => Ok(None),
        Passed::Instead(text) => Ok(Some(Bytes::copy_from_slice(text))),
        Passed::Blocked(_) | Passed::Overfull => {
            Err(step.records.stop(&step.session.rules, &passed))
        }
    }
}
