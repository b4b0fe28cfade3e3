//! One text of a message, as raw JSON string content or as JSON that stands in no string,
//! in one piece or in many.
//!
//! It promises: what comes out is the raw content with every finding replaced and
//! every other byte as it was; the same for every way to cut the text; a character
//! is never split; JSON text stays the JSON text it was. Only what
//! may still become a finding is held.
//! Bounds: at most [`HELD_BYTES_MAX`] bytes of text (each up to 72 raw bytes when
//! written as escapes within escapes) and what one piece brings.
//! It leaves out: events, and where the text lies in them.

mod decode;
mod quotes;
mod splice;
#[cfg(test)]
mod tests;

use tollgate_formats::view::Field;

use crate::detector::LEFT_CONTEXT_BYTES;
use crate::place::Place;
use crate::scanner::{Found, Part, Scanned, Scanner, Settled};
use crate::session::Session;
use decode::{Decoded, Decoder, JsonText};
pub(crate) use quotes::Quoted;
use quotes::Quotes;
pub(crate) use splice::Splice;

/// The most text a lane holds back after a piece. Matchers that need no more come to
/// half of it; one that went beyond would be cut off by a block, not by memory.
pub(crate) const HELD_BYTES_MAX: usize = 8 * 1024;

/// How much text before the undecided part may pile up until it is dropped.
const SLACK_BYTES: usize = 1024;

/// A number outside of strings in JSON text is held until it is complete, up to this
/// many bytes, so that it is replaced as a whole.
const SCALAR_BYTES_MAX: usize = 64;

/// What a lane answers to a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passed<'l> {
    /// The piece goes on as it is.
    Same,
    /// These raw bytes go on instead.
    Instead(&'l [u8]),
    /// A rule blocks. Nothing of the piece may go on.
    Blocked(Found),
    /// More would have to be held than a lane may hold. Nothing may go on.
    Overfull,
}

/// The state of one text.
#[derive(Debug)]
pub(crate) struct TextLane {
    place: Place,
    is_unchecked: bool,
    decoder: Decoder,
    decoded: Decoded,
    scanner: Scanner,
    /// Raw bytes that were not passed on: whole characters, then a cut one.
    raw: Vec<u8>,
    /// How many of the raw bytes have no text yet.
    cut: usize,
    /// Offset in the whole text up to which raw bytes were passed on.
    passed: usize,
    /// By how many bytes the raw form is ahead of the text there.
    passed_ahead: isize,
    /// What stands before `quotes_read`, where originals come back.
    quotes: Quotes,
    /// Offset in the whole text.
    quotes_read: usize,
    /// Final findings that were not applied yet.
    found: Settled,
    splices: Vec<Splice>,
    out: Vec<u8>,
}

fn decoder(is_json: bool, is_bare: bool) -> Decoder {
    if is_json || is_bare {
        Decoder::Json(JsonText::new(!is_bare))
    } else {
        Decoder::Plain
    }
}

impl TextLane {
    /// A lane for a text of this kind, the content of a string.
    pub(crate) fn new(field: Field) -> Self {
        Self::at(Place::Of(field))
    }

    /// A lane for a text that stands there.
    pub(crate) fn at(place: Place) -> Self {
        let is_json = matches!(place, Place::Of(field) if field.is_json());
        Self {
            place,
            is_unchecked: false,
            decoder: decoder(is_json, false),
            decoded: Decoded::default(),
            scanner: Scanner::default(),
            raw: Vec::new(),
            cut: 0,
            passed: 0,
            passed_ahead: 0,
            quotes: Quotes::default(),
            quotes_read: 0,
            found: Settled::default(),
            splices: Vec::new(),
            out: Vec::new(),
        }
    }

    /// Forgets the text, keeps the buffers. A text that `is_bare` is JSON that stands in no
    /// string.
    pub(crate) fn reset(&mut self, field: Field, is_bare: bool) {
        self.place = Place::Of(field);
        self.is_unchecked = false;
        self.decoder = decoder(field.is_json(), is_bare);
        self.decoded.clear();
        self.scanner.reset();
        self.raw.clear();
        self.cut = 0;
        self.passed = 0;
        self.passed_ahead = 0;
        self.quotes.reset();
        self.quotes_read = 0;
        self.found.clear();
        self.splices.clear();
    }

    /// True when nothing is held.
    pub(crate) const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Reads the next piece of raw content. `last` says that the text ends with it.
    /// Findings that were applied or noted are added to the session; where a rule blocks,
    /// those before.
    pub(crate) fn push(&mut self, session: &mut Session, piece: &[u8], last: bool) -> Passed<'_> {
        if self.is_unchecked {
            return self.pass_on(piece);
        }
        let clean = self.raw.is_empty();
        let raw_end = match self.advance(session, piece, last) {
            Ok(raw_end) => raw_end,
            Err(stop) => return stop,
        };
        if clean && self.splices.is_empty() && raw_end == self.raw.len() {
            self.raw.clear();
            return Passed::Same;
        }
        self.out.clear();
        splice::apply(&self.raw, raw_end, &self.splices, &mut self.out);
        self.raw.drain(..raw_end);
        Passed::Instead(&self.out)
    }

    /// Reads the next part of a text that is at hand as a whole. Gives what changes,
    /// counted from the first raw byte that earlier parts left open, and how many raw
    /// bytes from there on are done with.
    pub(crate) fn read_part(
        &mut self,
        session: &mut Session,
        part: &[u8],
        last: bool,
    ) -> Result<(&[Splice], usize), Passed<'static>> {
        if self.is_unchecked {
            self.splices.clear();
            return Ok((&self.splices, part.len()));
        }
        let done = self.advance(session, part, last)?;
        self.raw.drain(..done);
        Ok((&self.splices, done))
    }

    /// True when JSON text breaks off so far: inside a string, a number or a word.
    pub(crate) fn breaks_off(&self) -> bool {
        self.decoder.ends_inside() || (self.decoder.ends_bare() && self.ends_in_scalar())
    }

    /// Takes a piece in and works out what may go on: raw bytes up to the returned
    /// index, with `splices`.
    fn advance(
        &mut self,
        session: &mut Session,
        piece: &[u8],
        last: bool,
    ) -> Result<usize, Passed<'static>> {
        let undecoded = self.raw.len() - self.cut;
        self.raw.extend_from_slice(piece);
        let fresh = self
            .raw
            .get(undecoded + self.decoder.open_raw()..)
            .unwrap_or_default();
        let taken = self.decoder.decode(fresh, last, &mut self.decoded);
        self.cut = fresh.len() - taken + self.decoder.open_raw();
        let part = Part {
            text: &self.decoded.text,
            base: self.decoded.base,
            last,
            place: self.place,
        };
        let meter = &mut session.meter;
        let scanned = self
            .scanner
            .scan(&session.rules, &part, meter, &mut self.found);
        session.found.append(&mut self.found.noted);
        let decided = match scanned {
            Scanned::Until(decided) => decided,
            Scanned::Blocked(found) => {
                session.found.append(&mut self.found.acting);
                return Err(Passed::Blocked(found));
            }
        };
        let until = self.whole_scalar(self.whole(decided), last);
        let end = self.splice(session, until, last);
        let raw_end = self.raw_len(end);
        if session.rules.gives_back() {
            self.read_quotes(end);
        }
        self.forget(end);
        let held_max = HELD_BYTES_MAX.max(session.rules.held_bytes_max() + SCALAR_BYTES_MAX);
        if self.decoded.end() - end > held_max {
            if session.rules.allows_unchecked() {
                session.is_unchecked = true;
                self.give_up();
                return Ok(self.raw.len());
            }
            return Err(Passed::Overfull);
        }
        if self.decoded.end() - self.scanner.needed_from() > held_max {
            session.is_unchecked = true;
            self.scanner.skip_to(self.decoded.end());
        }
        Ok(raw_end)
    }

    /// Lets the text pass as it is, from here to its end.
    pub(crate) fn give_up(&mut self) {
        self.is_unchecked = true;
    }

    /// What was held, and the piece.
    fn pass_on(&mut self, piece: &[u8]) -> Passed<'_> {
        if self.raw.is_empty() {
            return Passed::Same;
        }
        self.out.clear();
        self.out.append(&mut self.raw);
        self.out.extend_from_slice(piece);
        Passed::Instead(&self.out)
    }

    /// The offset `until` itself, or the start of the number or word around it that
    /// stands outside of strings: such a one is passed on as a whole.
    fn whole_scalar(&self, until: usize, last: bool) -> usize {
        let inside = if until >= self.decoded.end() {
            !last && self.decoder.ends_bare()
        } else {
            self.is_bare_scalar(until)
        };
        if !inside {
            return until;
        }
        let start = self.scalar_before(until);
        if until - start > SCALAR_BYTES_MAX {
            until
        } else {
            start
        }
    }

    /// Turns the findings that start before `until` into splices, up to one that has to
    /// wait for the end of a number. Returns how far the text is passed on: `until`, where
    /// a finding waits, or the end of the last finding.
    fn splice(&mut self, session: &mut Session, until: usize, last: bool) -> usize {
        self.splices.clear();
        let mut end = until.max(self.passed);
        let ready = self
            .found
            .acting
            .iter()
            .take_while(|found| last || found.start < until)
            .take_while(|found| last || !self.ends_in_open_scalar(found))
            .count();
        if let Some(waiting) = self.found.acting.get(ready).filter(|_| !last) {
            let start = self.whole_scalar(self.whole(waiting.start), last);
            end = end.min(start).max(self.passed);
        }
        for index in 0..ready {
            let Some(found) = self.found.acting.get(index).copied() else {
                break;
            };
            if let Some(reached) = self.splice_one(session, &found) {
                end = end.max(reached);
                session.found.push(found);
            }
        }
        self.found.acting.drain(..ready);
        end
    }

    /// Drops the text that nobody needs any more, now that all before `passed` went on.
    fn forget(&mut self, passed: usize) {
        self.passed = passed;
        while let Some(step) = self.decoded.steps.front().filter(|step| step.at < passed) {
            self.passed_ahead = step.ahead;
            self.decoded.steps.pop_front();
        }
        let needed = self
            .scanner
            .needed_from()
            .min(passed)
            .saturating_sub(LEFT_CONTEXT_BYTES);
        let surplus = needed.saturating_sub(self.decoded.base);
        if surplus > SLACK_BYTES {
            self.decoded.text.drain(..surplus);
            self.decoded.base = needed;
            while self
                .decoded
                .bare
                .front()
                .is_some_and(|(_, end)| *end <= needed)
            {
                self.decoded.bare.pop_front();
            }
        }
    }

    /// The text between two offsets of the whole text, as far as it is here.
    fn text(&self, start: usize, end: usize) -> &[u8] {
        let at = |offset: usize| offset.saturating_sub(self.decoded.base);
        self.decoded
            .text
            .get(at(start)..at(end))
            .unwrap_or_default()
    }

    /// The byte of text at an offset of the whole text.
    fn byte(&self, at: usize) -> Option<u8> {
        self.decoded
            .text
            .get(at.checked_sub(self.decoded.base)?)
            .copied()
    }

    /// The nearest offset not after `at` that splits no character.
    fn whole(&self, at: usize) -> usize {
        let mut at = at;
        for _ in 0..3 {
            if self.byte(at).is_some_and(|byte| byte & 0xc0 == 0x80) && at > self.passed {
                at -= 1;
            }
        }
        at
    }

    /// The nearest offset not before `at` that splits no character.
    fn whole_after(&self, at: usize) -> usize {
        let mut at = at;
        for _ in 0..3 {
            if self.byte(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
                at += 1;
            }
        }
        at
    }

    /// How many raw bytes, from the first that was not passed on, stand for the text
    /// before `at`.
    fn raw_len(&self, at: usize) -> usize {
        let whole = self.raw.len() - self.cut;
        if at >= self.decoded.end() {
            return whole;
        }
        let ahead = self.decoded.ahead_at(at).unwrap_or(self.passed_ahead);
        let ahead = ahead.saturating_sub(self.passed_ahead);
        at.saturating_sub(self.passed)
            .saturating_add_signed(ahead)
            .min(whole)
    }
}
