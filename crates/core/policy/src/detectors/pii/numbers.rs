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

#[cfg(test)]
pub(super) mod tests;

use super::checks::{Check, Verdict};
use super::context::{FAR, Hints, Words};
use super::date_time::{month_before, name_start};
use super::form::Pattern;
use super::ip_address::{colons_before, pairs_before};
use super::phone_number::lead;
use super::reading::{Read, Reading, Spot};
use super::shape::{Shape, Undecided, continues, word_end, word_start};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use crate::digit::next_digit;

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
const ASKED_FOR: u8 = 50;

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
    pub(super) readers: Vec<(usize, Read)>,
}

#[derive(Debug)]
pub(super) struct Numbers {
    entities: Vec<Entity>,
    wanted: Vec<Wanted>,
    /// By the length of the first group.
    patterns: Vec<Vec<Pattern>>,
    readers: Vec<(usize, Read)>,
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
        let known = self.hints.take().filter(|(of, _)| *of == start);
        &self
            .hints
            .insert(known.unwrap_or_else(|| (start, words.before(text, start))))
            .1
    }
}

impl Numbers {
    /// A matcher of these parts. `words` names words of the kinds; those of the kind
    /// behind the last speak of other numbers.
    pub(super) fn new(parts: Parts, words: Words, threshold: Score) -> Self {
        let mut patterns: Vec<Vec<Pattern>> = Vec::new();
        let letters_first = parts.patterns.iter().any(Pattern::begins_with_letters);
        for pattern in parts.patterns {
            let first = pattern.first();
            patterns.resize_with(patterns.len().max(first + 1), Vec::new);
            if let Some(slot) = patterns.get_mut(first) {
                slot.push(pattern);
            }
        }
        Self {
            entities: parts.entities,
            wanted: parts.wanted,
            patterns,
            readers: parts.readers,
            words,
            threshold,
            letters_first,
        }
    }

    /// The surest of what begins at the word or just before it.
    fn surest(
        &self,
        text: &[u8],
        word: usize,
        floor: usize,
        last: bool,
    ) -> Result<Option<Claim>, Undecided> {
        let mut best = Best::default();
        let mut starts = [word; 3];
        if self.letters_first {
            starts = letter_groups(text, word, floor);
        }
        for start in starts.iter().take(2).filter(|start| **start < word) {
            let shape = Shape::read(text, *start, last)?;
            self.patterns(text, *start, &shape, &mut best);
        }
        let shape = Shape::read(text, word, last)?;
        self.patterns(text, word, &shape, &mut best);
        let spot = Spot {
            text,
            word,
            floor,
            last,
            shape: &shape,
        };
        for (kind, read) in &self.readers {
            if let Some(reading) = read(&spot)? {
                self.claim(text, *kind, &reading, &mut best);
            }
        }
        Ok(best.claim)
    }

    /// Holds the shape against the patterns.
    fn patterns(&self, text: &[u8], start: usize, shape: &Shape, best: &mut Best) {
        let first = shape.groups().first().map_or(0, |group| group.chars);
        let patterns = self.patterns.get(first).map_or(&[][..], Vec::as_slice);
        for pattern in patterns {
            let Some(group) = pattern.reads(shape) else {
                continue;
            };
            let Some(wanted) = self.wanted.get(pattern.kind) else {
                continue;
            };
            let small = shape.small & ((1_u64 << (group.chars % 64)) - 1) != 0;
            let (checked, score) = match (wanted.check)(shape.chars(group.chars)) {
                Verdict::Wrong => continue,
                Verdict::Open if small => (false, pattern.score.min(30)),
                Verdict::Open => (false, pattern.score),
                Verdict::Right if wanted.named => (true, pattern.score.max(ASKED_FOR)),
                Verdict::Right => (true, pattern.score),
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

    /// The claim that begins at the word, unless it is unsure and a surer one begins
    /// inside it.
    fn decided(
        &self,
        text: &[u8],
        word: usize,
        floor: usize,
        last: bool,
    ) -> Result<Option<Claim>, Undecided> {
        let Some(claim) = self.surest(text, word, floor, last)? else {
            return Ok(None);
        };
        let mut at = word_end(text, word);
        if claim.score >= SURE {
            return Ok(Some(claim));
        }
        while let Some(inner) = next_word(text, at).filter(|inner| inner.start < claim.end) {
            at = inner.end;
            if !inner.whole {
                continue;
            }
            let other = self.surest(text, inner.start, inner.start, last)?;
            if other.is_some_and(|other| other.kind != claim.kind && other.score > claim.score) {
                return Ok(None);
            }
        }
        Ok(Some(claim))
    }

    /// Where something may begin that has no digit yet.
    fn open_from(&self, text: &[u8], from: usize) -> usize {
        let end = text.len();
        let Some(word) = word_start(text, end, LETTERS_MAX) else {
            return end;
        };
        let word = word.max(from);
        let mut start = word;
        if self.letters_first {
            start = letter_groups(text, word, from)[0];
        }
        start = start.min(name_start(text, from));
        start = start.min(lead(text, word, from));
        start = start.min(pairs_before(text, word, from));
        start = start.min(colons_before(text, end, from).unwrap_or(end));
        if word == end {
            start = start.min(month_before(text, end, from).unwrap_or(end));
            // A joint before a group that is not there yet.
            start = start.min(open_joint(text, from));
        }
        start
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

/// Where one or two groups of at most four capitals begin that stand before `word`,
/// joined to it: first the farther, then the nearer.
fn letter_groups(text: &[u8], word: usize, floor: usize) -> [usize; 3] {
    let before = |at: usize| -> usize {
        let Some([joint @ (b' ' | b'-'), ..]) =
            at.checked_sub(1).and_then(|from| text.get(from..at))
        else {
            return at;
        };
        let end = at - 1;
        let _: &u8 = joint;
        let start = word_start(text, end, 4).unwrap_or(end).max(floor.min(end));
        let capitals = text
            .get(start..end)
            .is_some_and(|group| !group.is_empty() && group.iter().all(u8::is_ascii_uppercase));
        if capitals && start >= floor {
            start
        } else {
            at
        }
    };
    let near = before(word);
    let far = if near < word { before(near) } else { near };
    [far, near, word]
}

/// Where a group of capitals begins behind which a joint is the end of the text.
fn open_joint(text: &[u8], from: usize) -> usize {
    letter_groups(text, text.len(), from)[0]
}

impl Matcher for Numbers {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut at = from;
        while let Some(word) = next_word(text, at) {
            if !word.whole {
                at = word.end;
                continue;
            }
            match self.decided(text, word.start, at, last) {
                Ok(Some(claim)) => {
                    if self
                        .wanted
                        .get(claim.kind)
                        .is_some_and(|wanted| wanted.is_told)
                    {
                        found.push(Finding {
                            start: claim.start,
                            end: claim.end,
                            entity: u16::try_from(claim.kind).unwrap_or_default(),
                            score: Score::percent(claim.score),
                            extent: Extent::Whole,
                        });
                    }
                    at = claim.end.max(word.start + 1);
                }
                Ok(None) => at = word.end,
                Err(Undecided) => {
                    return Cursor {
                        at: self.first_start(text, word.start, at),
                        carry: 0,
                    };
                }
            }
        }
        Cursor {
            at: if last {
                text.len()
            } else {
                self.open_from(text, at)
            },
            carry: 0,
        }
    }
}

impl Numbers {
    /// The earliest place where something may begin that has the word's digits.
    fn first_start(&self, text: &[u8], word: usize, floor: usize) -> usize {
        let mut start = word;
        if self.letters_first {
            start = letter_groups(text, word, floor)[0];
        }
        start
            .min(lead(text, word, floor))
            .min(pairs_before(text, word, floor))
            .min(colons_before(text, word, floor).unwrap_or(word))
            .min(month_before(text, word, floor).unwrap_or(word))
    }
}
