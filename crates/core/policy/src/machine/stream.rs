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

use bytes::Bytes;
use smallvec::SmallVec;
use tollgate_formats::view::{EventKind, EventView, Field, Lane, TextPiece};
use tollgate_wire::sse::Event;
use tollgate_wire::{Edit, Span, StrSpan};

use super::records::Records;
use super::{Blocked, Machine, Verdict, is_bare};
use crate::rule::RuleSet;
use crate::scanner::Found;
use crate::text_lane::{Passed, TextLane};

/// How many lanes one answer may have open at a time.
pub(crate) const LANES_MAX: usize = 256;

/// How many pieces of text an event may have for them to be parts of longer texts; the
/// pieces of an event with more are read as texts of their own.
const PIECES_MAX: usize = 64;

/// The state of one streamed answer.
#[derive(Debug, Default)]
pub(super) struct Stream {
    lanes: Vec<OpenLane>,
    waiting: Option<Waiting>,
    /// Buffers of lanes that ended, for the next ones.
    spare: Vec<TextLane>,
    found: Vec<Found>,
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

/// An event that can carry text of a lane once more.
#[derive(Debug)]
struct Envelope {
    event: Event,
    /// Where the lane's text lies in the event's data.
    text: StrSpan,
    /// Empties everything else that the event said.
    blank: SmallVec<[Edit; 2]>,
    /// Whether it says nothing but text.
    only_text: bool,
}

/// An event that is sent when the next one is there.
#[derive(Debug)]
struct Waiting {
    event: Event,
    pieces: SmallVec<[WaitingPiece; 1]>,
    edits: Vec<Edit>,
}

/// A text of a waiting event whose lane holds more of it.
#[derive(Debug)]
struct WaitingPiece {
    lane: Lane,
    span: Span,
    text: Vec<u8>,
}

impl Machine {
    /// Applies the rules to one event of a streamed answer, and appends to `out` what
    /// may be sent; the event's own bytes where nothing changed.
    ///
    /// After a block nothing more is appended, by this or any later call: what was
    /// sent before is free of findings. An answer with more than 256 open texts, or
    /// with more held text than 8 KiB in one of them, is blocked as unenforceable.
    pub fn event(&mut self, event: &Event, view: &EventView, out: &mut Vec<Bytes>) -> Verdict {
        if self.rules.is_empty() {
            out.push(event.raw().clone());
            return Verdict::Pass;
        }
        self.guarded(out, |stream, step, out| {
            stream.event(step, event, view, out)
        })
    }

    /// The stream is over: appends what is still held.
    pub fn finish(&mut self, out: &mut Vec<Bytes>) -> Verdict {
        self.guarded(out, |stream, step, out| {
            stream.release(step, |_| true, out)?;
            stream.close(step, |_| true, out)
        })
    }

    fn guarded(
        &mut self,
        out: &mut Vec<Bytes>,
        run: impl FnOnce(&mut Stream, &mut Step<'_>, &mut Vec<Bytes>) -> Result<(), Blocked>,
    ) -> Verdict {
        if let Some(blocked) = &self.blocked {
            return Verdict::Block(blocked.clone());
        }
        let sent = out.len();
        let mut step = Step {
            rules: &self.rules,
            records: &mut self.records,
        };
        let done = run(&mut self.stream, &mut step, out);
        if done.is_err() {
            out.truncate(sent);
            self.stream = Stream::default();
        }
        self.verdict(done)
    }
}

/// What every step of a stream needs besides the stream.
struct Step<'m> {
    rules: &'m RuleSet,
    records: &'m mut Records,
}

impl Step<'_> {
    fn count(&mut self, found: &mut Vec<Found>) {
        for found in found.drain(..) {
            self.records.add(self.rules, &found);
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
    ) -> Result<(), Blocked> {
        let one_choice = self.has_one_choice();
        let ends = |lane: Lane| match view.kind {
            EventKind::UsageOnly | EventKind::End | EventKind::Error => true,
            EventKind::Finish if view.closed.is_empty() => one_choice,
            EventKind::Finish | EventKind::BlockEnd => {
                view.closed.iter().any(|closed| closed.covers(lane))
            }
            EventKind::Preamble | EventKind::Content | EventKind::Other => false,
        };
        let carries = |lane: Lane| view.pieces.iter().any(|piece| piece.lane == lane);
        let ended = |lane: Lane| ends(lane) && !carries(lane);
        self.release(step, ended, out)?;
        self.close(step, ended, out)?;
        if view.pieces.is_empty() {
            out.push(event.raw().clone());
            return Ok(());
        }
        self.pieces(step, event, view, ends, out)?;
        self.lanes.retain_mut(|open| !ends(open.lane));
        Ok(())
    }

    fn has_one_choice(&self) -> bool {
        self.lanes.windows(2).all(|pair| match pair {
            [first, second] => first.lane.choice == second.lane.choice,
            _ => true,
        })
    }

    /// Sends an event with text.
    fn pieces(
        &mut self,
        step: &mut Step<'_>,
        event: &Event,
        view: &EventView,
        ends: impl Fn(Lane) -> bool,
        out: &mut Vec<Bytes>,
    ) -> Result<(), Blocked> {
        let mut edits = std::mem::take(&mut self.edits);
        edits.clear();
        let mut says_something = !view.only_text;
        let mut held: SmallVec<[WaitingPiece; 1]> = SmallVec::new();
        for piece in &view.pieces {
            let last = comes_whole(event, view, piece) || ends(piece.lane);
            let (changed, holds) = self.piece(step, event, piece, last)?;
            let text = changed
                .as_deref()
                .unwrap_or_else(|| piece.text.span.of(event.data()));
            says_something |= !text.is_empty();
            if let Some(open) = holds {
                open.remember(event, view, piece);
                if !open.has_good_envelope() {
                    held.push(WaitingPiece {
                        lane: piece.lane,
                        span: piece.text.span,
                        text: text.to_vec(),
                    });
                }
            }
            if let Some(with) = changed {
                edits.push(Edit {
                    span: piece.text.span,
                    with,
                });
                edits.extend(piece.logprobs.map(null));
            }
        }
        step.count(&mut self.found);
        if !held.is_empty() {
            self.waiting = Some(Waiting {
                event: event.clone(),
                pieces: held,
                edits,
            });
            return Ok(());
        }
        if edits.is_empty() {
            out.push(event.raw().clone());
        } else if says_something {
            out.push(event.with_data(&edits));
        }
        self.edits = edits;
        Ok(())
    }

    /// Takes one piece in. Gives what goes on instead of it, if that is something else,
    /// and its lane if that holds text now.
    fn piece(
        &mut self,
        step: &mut Step<'_>,
        event: &Event,
        piece: &TextPiece,
        last: bool,
    ) -> Result<(Option<Bytes>, Option<&mut OpenLane>), Blocked> {
        let raw = piece.text.span.of(event.data());
        let at = self.lane(step, piece)?;
        let Some(open) = self.lanes.get_mut(at) else {
            return Ok((None, None));
        };
        open.ended = last;
        let passed = open.text.push(step.rules, raw, last, &mut self.found);
        let changed = match &passed {
            Passed::Same => None,
            Passed::Instead(text) if *text == raw => None,
            Passed::Instead(text) if is_bare(event.data(), piece.text.span) => {
                Some([b"\"", *text, b"\""].concat().into())
            }
            Passed::Instead(text) => Some(Bytes::copy_from_slice(text)),
            Passed::Blocked(_) | Passed::Overfull => {
                return Err(step.records.stop(step.rules, &passed));
            }
        };
        Ok((changed, Some(open).filter(|open| !open.text.is_empty())))
    }

    /// The index of the lane of a piece, which begins with it when it is new.
    fn lane(&mut self, step: &mut Step<'_>, piece: &TextPiece) -> Result<usize, Blocked> {
        if let Some(at) = self.lanes.iter().position(|open| open.lane == piece.lane) {
            if let Some(open) = self.lanes.get_mut(at).filter(|open| open.ended) {
                open.text.reset(piece.field);
                open.ended = false;
            }
            return Ok(at);
        }
        if self.lanes.len() >= LANES_MAX {
            return Err(step.records.unenforceable(step.rules));
        }
        let mut text = self
            .spare
            .pop()
            .unwrap_or_else(|| TextLane::new(piece.field));
        text.reset(piece.field);
        self.lanes.push(OpenLane {
            lane: piece.lane,
            text,
            ended: false,
            envelope: None,
        });
        Ok(self.lanes.len() - 1)
    }

    /// Sends the event that waits. Lanes that end get the rest of their text into it.
    fn release(
        &mut self,
        step: &mut Step<'_>,
        ended: impl Fn(Lane) -> bool,
        out: &mut Vec<Bytes>,
    ) -> Result<(), Blocked> {
        let Some(mut waiting) = self.waiting.take() else {
            return Ok(());
        };
        for mut piece in waiting.pieces {
            if !ended(piece.lane) {
                continue;
            }
            let Some(at) = self.lanes.iter().position(|open| open.lane == piece.lane) else {
                continue;
            };
            let mut open = self.lanes.swap_remove(at);
            piece.text.extend_from_slice(&self.rest(step, &mut open)?);
            self.spare.push(open.text);
            waiting.edits.retain(|edit| edit.span != piece.span);
            waiting.edits.push(Edit {
                span: piece.span,
                with: piece.text.into(),
            });
        }
        out.push(waiting.event.with_data(&waiting.edits));
        self.edits = waiting.edits;
        Ok(())
    }

    /// Ends lanes: what they hold goes out in their envelopes.
    fn close(
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
            let rest = self.rest(step, &mut open)?;
            if let Some(envelope) = open.envelope.filter(|_| !rest.is_empty()) {
                let mut edits = envelope.blank;
                edits.push(Edit {
                    span: envelope.text.span,
                    with: rest,
                });
                out.push(envelope.event.with_data(&edits));
            }
            self.spare.push(open.text);
        }
        Ok(())
    }

    /// Ends the text of a lane and gives what it held.
    fn rest(&mut self, step: &mut Step<'_>, open: &mut OpenLane) -> Result<Bytes, Blocked> {
        let passed = open.text.push(step.rules, b"", true, &mut self.found);
        let rest = match &passed {
            Passed::Same => Bytes::new(),
            Passed::Instead(text) => Bytes::copy_from_slice(text),
            Passed::Blocked(_) | Passed::Overfull => {
                return Err(step.records.stop(step.rules, &passed));
            }
        };
        step.count(&mut self.found);
        Ok(rest)
    }
}

impl OpenLane {
    fn has_good_envelope(&self) -> bool {
        self.envelope
            .as_ref()
            .is_some_and(|envelope| envelope.only_text)
    }

    /// Keeps an event as the lane's envelope; one that says nothing but text is not
    /// given up for another.
    fn remember(&mut self, event: &Event, view: &EventView, piece: &TextPiece) {
        if self.has_good_envelope() && !view.only_text {
            return;
        }
        let others = view
            .pieces
            .iter()
            .filter(|other| other.text.span != piece.text.span);
        let empty = others.clone().map(|other| Edit {
            span: other.text.span,
            with: Bytes::new(),
        });
        let nulls = view
            .pieces
            .iter()
            .filter_map(|other| other.logprobs)
            .map(null);
        self.envelope = Some(Envelope {
            event: event.clone(),
            text: piece.text,
            blank: empty.chain(nulls).collect(),
            only_text: view.only_text,
        });
    }
}

fn null(span: Span) -> Edit {
    Edit {
        span,
        with: Bytes::from_static(b"null"),
    }
}

/// Whether a piece is a text of its own: of a kind that does not come in pieces, a
/// number, or one of several in the same lane of the same event.
fn comes_whole(event: &Event, view: &EventView, piece: &TextPiece) -> bool {
    let kind = match piece.field {
        Field::Text
        | Field::Reasoning
        | Field::Refusal
        | Field::ToolArguments
        | Field::ToolInput => false,
        Field::ToolName | Field::ToolDescription | Field::Document | Field::Metadata => true,
    };
    let alone = view.pieces.len() <= PIECES_MAX
        && view
            .pieces
            .iter()
            .filter(|other| other.lane == piece.lane)
            .count()
            == 1;
    kind || !alone || is_bare(event.data(), piece.text.span)
}
