//! Everything that has a digit in its first word: one pass for all such kinds.
//!
//! From digit to digit: the word around it, its shape, the patterns and readers that
//! may begin so, and of what they read the surest. Words before a number are read only
//! where something was found that they may change.
//!
//! The score of a reading: what the form says; with a word of its kind before it 35
//! more and at least 40, certain when a check digit is right too; 25 less, when a word
//! stands nearer that speaks of other numbers.
//! Of readings from one place the surest wins (a word of its kind counting 10 more), then
//! the one whose word is nearest, then
//! the longest, then the kind that is listed first. A reading that is not sure itself
//! gives way to a surer one of another kind that begins inside it.
//! Holds back at most 160 bytes, and of words without digits 34.

use super::checks::{Check, Verdict};
use super::context::{FAR, Hints, Words};
use super::date_time::{month_before, name_start};
use super::form::Pattern;
use super::ip_address::{colons_before, pairs_before};
use super::phone_number::lead;
use super::reading::{Lengths, Read, Reading, Spot};
use super::shape::{CHARS_MAX, Shape, Undecided, continues, word_end, word_start};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use crate::digit::{is_digit, next_digit};

/// How many letters a word may have before its first digit.
const LETTERS_MAX: usize = 34;

/// What a word of its kind adds to a reading, and what it has then at least.
pub(super) const WORD: u8 = 35;
pub(super) const WITH_WORD_MIN: u8 = 40;

/// What a word that speaks of other numbers takes away.
const OTHER_WORD: u8 = 25;

/// What a word of its kind is worth against readings of other kinds.
const ANNOUNCED: u8 = 10;

/// From how far such a word takes away, in bytes.
const OTHER_WORD_BYTES: u8 = 24;

/// A reading this sure gives way to none.
const SURE: u8 = 80;

/// What a right check digit is worth to who asked for the kind by its name.
pub(super) const ASKED_FOR: u8 = 50;

/// A kind that is looked for.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The rules of its numbers, for kinds of patterns.
    pub(super) check: Check,
    /// Whether it was asked for by its own name.
    pub(super) named: bool,
    /// Whether it is reported, or only keeps others from what is its own.
    pub(super) is_told: bool,
}

/// What there is to look for; entities are numbered alike.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) entities: Vec<Entity>,
    pub(super) wanted: Vec<Wanted>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) readers: Vec<(usize, Lengths, Read)>,
}

/// What may begin with a group of some length.
#[derive(Debug, Default)]
struct Beginning {
    patterns: Vec<Pattern>,
    readers: Vec<(usize, Read)>,
}

#[derive(Debug)]
pub(super) struct Numbers {
    entities: Vec<Entity>,
    wanted: Vec<Wanted>,
    /// By the length of the first group.
    beginnings: Vec<Beginning>,
    /// Those of the wanted kinds, then the words of other numbers.
    words: Words,
    threshold: Score,
    /// Whether a pattern begins with a group of letters.
    letters_first: bool,
}

/// Something that was read, weighed.
#[derive(Clone, Copy, Debug)]
struct Claim {
    kind: usize,
    start: usize,
    end: usize,
    score: u8,
    /// How far the nearest word of its kind stands.
    distance: u8,
}

impl Claim {
    fn beats(&self, other: &Self) -> bool {
        let key = |claim: &Self| {
            let announced = if claim.distance < FAR { ANNOUNCED } else { 0 };
            (
                claim.score + announced,
                FAR - claim.distance,
                claim.end - claim.start,
                usize::MAX - claim.kind,
            )
        };
        key(self) > key(other)
    }
}

/// The surest claim so far, and the words before where it begins.
#[derive(Debug, Default)]
struct Best {
    claim: Option<Claim>,
    hints: Option<(usize, Hints)>,
}

impl Best {
    /// What the words before `start` say; read once for claims that begin alike.
    fn hints(&mut self, words: &Words, text: &[u8], start: usize) -> &Hints {
        if self.hints.as_ref().is_some_and(|(of, _)| *of != start) {
            self.hints = None;
        }
        let read = || (start, words.before(text, start));
        &self.hints.get_or_insert_with(read).1
    }
}

impl Numbers {
    /// A matcher of these parts. `words` names words of the kinds; those of the kind
    /// behind the last speak of other numbers.
    pub(super) fn new(parts: Parts, words: Words, threshold: Score) -> Self {
        let mut beginnings: Vec<Beginning> = Vec::new();
        beginnings.resize_with(CHARS_MAX + 1, Beginning::default);
        let letters_first = parts.patterns.iter().any(Pattern::begins_with_letters);
        for pattern in parts.patterns {
            if let Some(beginning) = beginnings.get_mut(pattern.first()) {
                beginning.patterns.push(pattern);
            }
        }
        for (kind, lengths, read) in parts.readers {
            for length in lengths.each() {
                if let Some(beginning) = beginnings.get_mut(length) {
                    beginning.readers.push((kind, read));
                }
            }
        }
        Self {
            entities: parts.entities,
            wanted: parts.wanted,
            beginnings,
            words,
            threshold,
            letters_first,
        }
    }

    /// The surest of what begins at the word or just before it.
    fn surest(&self, spot: &Spot<'_>) -> Result<Option<Claim>, Undecided> {
        let mut best = Best::default();
        let text = spot.text;
        if self.letters_first {
            for start in letter_groups(text, spot.word, spot.floor)
                .into_iter()
                .flatten()
            {
                let shape = Shape::read(text, start, spot.last)?;
                if let Some(beginning) = self.beginning(&shape) {
                    self.patterns(beginning, text, (start, &shape), &mut best);
                }
            }
        }
        let Some(beginning) = self.beginning(spot.shape) else {
            return Ok(None);
        };
        self.patterns(beginning, text, (spot.word, spot.shape), &mut best);
        for (kind, read) in &beginning.readers {
            if let Some(reading) = read(spot)? {
                self.claim(text, *kind, &reading, &mut best);
            }
        }
        Ok(best.claim)
    }

    /// What may begin with the first group of the shape.
    fn beginning(&self, shape: &Shape) -> Option<&Beginning> {
        let first = shape.groups().first()?;
        self.beginnings.get(first.chars)
    }

    /// Holds a shape and where it begins against patterns.
    fn patterns(
        &self,
        beginning: &Beginning,
        text: &[u8],
        (start, shape): (usize, &Shape),
        best: &mut Best,
    ) {
        let mut announced = None;
        for pattern in &beginning.patterns {
            let Some(group) = pattern.reads(shape) else {
                continue;
            };
            let Some(wanted) = self.wanted.get(pattern.kind) else {
                continue;
            };
            let asked_for = if wanted.named { ASKED_FOR } else { 0 };
            // Most numbers have no word before them: then only what is sure enough by
            // itself is worth a check.
            let is_sure = pattern.score.max(asked_for) >= self.threshold.hundredths();
            if !is_sure && !*announced.get_or_insert_with(|| self.words.may_stand(text, start)) {
                continue;
            }
            let small = shape.small & ((1_u64 << (group.chars % 64)) - 1) != 0;
            let (checked, score) = match (wanted.check)(shape.chars(group.chars)) {
                Verdict::Wrong => continue,
                Verdict::Open if small => (false, pattern.score.min(30)),
                Verdict::Open => (false, pattern.score),
                Verdict::Right => (true, pattern.score.max(asked_for)),
            };
            if continues(text, start) {
                return;
            }
            let reading = Reading {
                start,
                end: group.end,
                score,
                checked,
            };
            self.claim(text, pattern.kind, &reading, best);
        }
    }

    /// Weighs a reading and keeps it when it is the best so far.
    fn claim(&self, text: &[u8], kind: usize, reading: &Reading, best: &mut Best) {
        let most = if reading.checked {
            100
        } else {
            reading.score + WORD
        };
        if most < self.threshold.hundredths() {
            return;
        }
        let (distance, other) = if reading.score < 100 {
            let hints = best.hints(&self.words, text, reading.start);
            (hints.distance(kind), hints.distance(self.wanted.len()))
        } else {
            (FAR, FAR)
        };
        let score = match reading.score {
            score if distance <= other && distance < FAR => {
                if reading.checked {
                    100
                } else {
                    (score + WORD).clamp(WITH_WORD_MIN, 100)
                }
            }
            score if other < OTHER_WORD_BYTES && !reading.checked => {
                score.saturating_sub(OTHER_WORD)
            }
            score => score,
        };
        let claim = Claim {
            kind,
            start: reading.start,
            end: reading.end,
            score,
            distance,
        };
        let better = best.claim.as_ref().is_none_or(|best| claim.beats(best));
        if score >= self.threshold.hundredths() && better {
            best.claim = Some(claim);
        }
    }

    /// The claim that begins at the word, unless it is unsure and a surer one
    /// begins inside it.
    fn decided(&self, spot: &Spot<'_>) -> Result<Option<Claim>, Undecided> {
        let Some(claim) = self.surest(spot)? else {
            return Ok(None);
        };
        if claim.score >= SURE {
            return Ok(Some(claim));
        }
        let mut at = word_end(spot.text, spot.word);
        let mut shape = *spot.shape;
        while let Some(inner) = next_word(spot.text, at).filter(|inner| inner.start < claim.end) {
            at = inner.end;
            if !inner.whole {
                continue;
            }
            shape.move_to(spot.text, inner.start, spot.last)?;
            let other = self.surest(&Spot {
                word: inner.start,
                floor: inner.start,
                shape: &shape,
                ..*spot
            })?;
            if other.is_some_and(|other| other.kind != claim.kind && other.score > claim.score) {
                return Ok(None);
            }
        }
        Ok(Some(claim))
    }

    /// The earliest place, from `floor` on, where something may begin that has the digits
    /// of the word, or those that are still to come there.
    fn earliest(&self, text: &[u8], word: usize, floor: usize) -> usize {
        let letters = if self.letters_first {
            letter_groups(text, word, floor)
        } else {
            [None; 2]
        };
        let month = match text.get(word) {
            Some(byte) if !is_digit(*byte) => None,
            _ => month_before(text, word, floor),
        };
        let others = [colons_before(text, word, floor), month];
        letters
            .into_iter()
            .chain(others)
            .flatten()
            .fold(word, usize::min)
            .min(name_start(text, floor))
            .min(lead(text, word, floor))
            .min(pairs_before(text, word, floor))
    }

    fn report(&self, claim: &Claim, found: &mut Vec<Finding>) {
        if self.wanted.get(claim.kind).is_some_and(|kind| kind.is_told) {
            found.push(Finding {
                start: claim.start,
                end: claim.end,
                entity: u16::try_from(claim.kind).unwrap_or_default(),
                score: Score::percent(claim.score),
                extent: Extent::Whole,
            });
        }
    }
}

/// A word with a digit.
struct Word {
    start: usize,
    end: usize,
    /// Whether it begins where it seems to: not too long before its first digit.
    whole: bool,
}

/// The next word with a digit, from `at` on.
fn next_word(text: &[u8], at: usize) -> Option<Word> {
    let digit = next_digit(text, at)?;
    let start = word_start(text, digit, LETTERS_MAX).filter(|start| *start >= at);
    Some(Word {
        start: start.unwrap_or(digit),
        end: word_end(text, digit),
        whole: start.is_some(),
    })
}

/// Where the groups of at most four capitals begin that stand before `word`, joined to it:
/// the farther one, then the nearer.
fn letter_groups(text: &[u8], word: usize, floor: usize) -> [Option<usize>; 2] {
    let before = |at: usize| {
        let end = at.checked_sub(1).filter(|end| *end > floor)?;
        let near = text.get(..at)?;
        let [.., b'A'..=b'Z', b' ' | b'-'] = near else {
            return None;
        };
        let start = word_start(text, end, 4)?.max(floor);
        let group = text.get(start..end)?;
        group.iter().all(u8::is_ascii_uppercase).then_some(start)
    };
    let near = before(word);
    [near.and_then(before), near]
}

impl Matcher for Numbers {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut at = from;
        let mut shape = Shape::default();
        while let Some(word) = next_word(text, at) {
            if !word.whole {
                at = word.end;
                continue;
            }
            let moved = shape.move_to(text, word.start, last);
            let decided = moved.and_then(|()| {
                self.decided(&Spot {
                    text,
                    word: word.start,
                    floor: at,
                    last,
                    shape: &shape,
                })
            });
            match decided {
                Ok(Some(claim)) => {
                    self.report(&claim, found);
                    at = claim.end.max(word.start + 1);
                }
                Ok(None) => at = word.end,
                Err(Undecided) => {
                    return Cursor {
                        at: self.earliest(text, word.start, at),
                        carry: 0,
                    };
                }
            }
        }
        let open = word_start(text, text.len(), LETTERS_MAX).filter(|_| !last);
        Cursor {
            at: open.map_or(text.len(), |word| self.earliest(text, word.max(at), at)),
            carry: 0,
        }
    }
}
