//! Counts that the gateway makes itself, where a target's provider has no operation for it.
//!
//! Cutting a text into tokens is work of milliseconds, and of seconds where somebody wants it
//! to be. It is done on threads that serve nobody, so many at once at most, for a bounded
//! time; what is left then is estimated, and the caller is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use smallvec::SmallVec;
use tokio::time::{Instant, timeout_at};
use tollgate_formats::exchange::CountAnswer;
use tollgate_formats::{Answer, AnswerOptions, Losses};
use tollgate_plan::TargetId;
use tollgate_tokens::{Family, Source, estimate};
use tollgate_wire::{StrSpan, json};

use super::error::AttemptError;
use super::outbound::Bodies;
use super::{Answered, Attempts, Served, When, WholeAnswer};
use crate::budget::Share;

/// How long texts are cut; what is left is estimated.
const CUTTING_MAX: Duration = Duration::from_secs(1);

/// How much is cut between two looks at the clock, in bytes: up to an eighth of a second
/// where each character is another rare one.
const PIECE_BYTES: usize = 16 * 1024;

impl Attempts<'_> {
    /// Whether a target's provider is not asked, since the gateway counts for it.
    pub(super) fn is_counted_here(&self, id: TargetId, model: &str) -> bool {
        let format = self.routed.read().format;
        self.planned(id).is_counted_here(format, model)
    }

    /// Counts for a target. No provider is asked, so that it is no attempt.
    pub(super) async fn counted(
        &self,
        id: TargetId,
        model: &str,
        when: When,
        bodies: &mut Bodies<'_>,
    ) -> Result<Answered, Box<AttemptError>> {
        bodies.check()?;
        let limits = &self.snapshot.plan.base.gateway.limits;
        let max = limits.counts_max;
        let place = self.shared.counting.take(1, max);
        let place = place.ok_or_else(|| Box::new(AttemptError::counting(max)))?;
        let count = self.count(id, model, bodies, place)?;
        let stop = Stop::default();
        let told = Arc::clone(&stop.0);
        let until = when.began + CUTTING_MAX;
        let work = tokio::task::spawn_blocking(move || count.run(until, &told));
        let out_of_time = || {
            let limit = self.snapshot.plan.base.gateway.caller_timeouts.request;
            Box::new(AttemptError::out_of_time(limit))
        };
        let counted = timeout_at(when.deadline, work).await;
        let counted = counted.map_err(|_elapsed| out_of_time())?;
        // It ends early only with a defect, or with the process.
        let (tokens, source) = counted
            .map_err(|_join| Box::new(AttemptError::defect(&self.planned(id).config.name)))?;
        self.answer(id, CountAnswer { tokens }, source)
    }

    /// What there is to count, as rules have left it.
    fn count(
        &self,
        id: TargetId,
        model: &str,
        bodies: &Bodies<'_>,
        place: Share,
    ) -> Result<Count, Box<AttemptError>> {
        let read = self.routed.read();
        let family = Family::of(&self.known(id, model).facts, model);
        let (body, places) = if read.document.is_edited() {
            let body = bodies.joined(read.document.finish(&[]))?;
            let view = read.format.format().view_request(&body, false);
            let view = view.map_err(|error| Box::new(AttemptError::undecodable(&error)))?;
            (body, view.counted.places)
        } else {
            let body = read.document.original().clone();
            (body, read.view.counted.places.clone())
        };
        let frame = read.prompt.frame(family);
        let is_known = read.prompt.images == 0 || frame == 0;
        Ok(Count {
            body,
            places,
            family,
            frame,
            around: if is_known {
                Source::Counted
            } else {
                Source::Estimated
            },
            _place: place,
        })
    }

    /// The answer in the caller's format.
    fn answer(
        &self,
        target: TargetId,
        answer: CountAnswer,
        source: Source,
    ) -> Result<Answered, Box<AttemptError>> {
        let asked = self.routed.read().format;
        let format = asked.format();
        let defect = || Box::new(AttemptError::defect(&self.planned(target).config.name));
        let (options, mut losses) = (AnswerOptions::default(), Losses::default());
        let answer = Answer::Count(answer);
        let body = format.codec().encode_answer(&answer, &options, &mut losses);
        let body = body.ok_or_else(defect)?;
        let texts = !self.routed.answer().is_empty();
        let view = format.view_answer(&body, texts);
        Ok(Answered::Whole(Box::new(WholeAnswer {
            served: Served {
                target,
                format: asked,
                status: 200,
                headers: HeaderMap::new(),
                attempt: None,
                is_native: true,
            },
            view: view.map_err(|_unread| defect())?,
            body,
            decoded: None,
            share: self.shared.buffered.share(),
            counted: Some(source),
        })))
    }
}

/// Tells the thread that counts when nobody waits any more.
#[derive(Default)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One count.
struct Count {
    body: Bytes,
    places: SmallVec<[StrSpan; 8]>,
    family: Family,
    /// Tokens around the texts.
    frame: u64,
    /// What those are worth.
    around: Source,
    /// Its place among those that are made.
    _place: Share,
}

impl Count {
    /// The tokens, and what the number is worth.
    fn run(&self, until: Instant, is_stopped: &AtomicBool) -> (u64, Source) {
        let is_over = || is_stopped.load(Ordering::Relaxed) || Instant::now() >= until;
        let (mut tokens, mut source) = (self.frame, self.around);
        for place in &self.places {
            // It was read before, and is text.
            let text = json::decode(place.span.of(&self.body), place.escaped);
            for piece in Pieces(&text.unwrap_or_default()) {
                let (more, from) = if is_over() {
                    (estimate(self.family, piece), Source::Estimated)
                } else {
                    self.family.count(piece)
                };
                tokens = tokens.saturating_add(more);
                source = source.worse(from);
            }
        }
        (tokens, source)
    }
}

/// A text in pieces that end before a blank, where there is one: vocabularies cut there.
struct Pieces<'t>(&'t str);

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.floor_char_boundary(PIECE_BYTES);
        let (piece, _) = self.0.split_at(end);
        let blank = piece.rfind(' ').filter(|at| *at > 0 && end < self.0.len());
        let (piece, rest) = self.0.split_at(blank.unwrap_or(end));
        self.0 = rest;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use bytes::Bytes;
    use smallvec::smallvec;
    use tokio::time::Instant;
    use tollgate_catalogue::Vocabulary;
    use tollgate_tokens::{Family, Source};
    use tollgate_wire::{Span, StrSpan};

    use super::{CUTTING_MAX, Count, PIECE_BYTES, Pieces};
    use crate::budget::Budget;

    fn count(text: &str) -> Count {
        let escaped = false;
        let span = Span::new(0, u32::try_from(text.len()).unwrap());
        Count {
            body: Bytes::copy_from_slice(text.as_bytes()),
            places: smallvec![StrSpan { span, escaped }],
            family: Family::listed(Vocabulary::O200k),
            frame: 7,
            around: Source::Counted,
            _place: Budget::default().share(),
        }
    }

    #[test]
    fn texts_are_counted_with_what_stands_around_them() {
        let until = Instant::now() + CUTTING_MAX;
        let told = AtomicBool::new(false);
        assert_eq!(count("hello world").run(until, &told), (9, Source::Counted));
        let long = "one two three four ".repeat(PIECE_BYTES / 8);
        let (tokens, source) = count(&long).run(until + Duration::from_secs(60), &told);
        let (whole, _) = Family::listed(Vocabulary::O200k).count(&long);
        assert_eq!((tokens, source), (whole + 7, Source::Counted));
    }

    #[test]
    fn what_time_does_not_suffice_for_is_estimated() {
        let told = AtomicBool::new(false);
        let (tokens, source) = count("hello world").run(Instant::now(), &told);
        assert_eq!(source, Source::Estimated);
        assert!((8..12).contains(&tokens), "{tokens}");
        let gone = AtomicBool::new(true);
        let until = Instant::now() + CUTTING_MAX;
        assert_eq!(count("hello world").run(until, &gone).1, Source::Estimated);
    }

    #[test]
    fn pieces_are_the_text() {
        for text in ["", "a", &"ö".repeat(PIECE_BYTES), &" x".repeat(PIECE_BYTES)] {
            let pieces: Vec<&str> = Pieces(text).collect();
            assert_eq!(pieces.concat(), *text);
            assert!(
                pieces
                    .iter()
                    .all(|piece| !piece.is_empty() && piece.len() <= PIECE_BYTES)
            );
        }
    }
}
