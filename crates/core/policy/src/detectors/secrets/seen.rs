//! Words of names, in a text of which each byte is read once.
//!
//! Where signs stand close together the names before them lie over each other: what was
//! read for one of them is remembered for the next.

use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use smallvec::SmallVec;

/// How far before the end of a stretch that is asked for words are remembered, in bytes.
const REMEMBERED_BYTES: usize = 256;

/// So many words are remembered before the oldest are forgotten: more than stand in
/// [`REMEMBERED_BYTES`].
const REMEMBERED_WORDS: usize = 2048;

/// A word in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Which of the automaton's.
    pub(super) index: usize,
}

/// What an automaton has read of a text.
#[derive(Debug, Default)]
pub(super) struct Seen {
    from: usize,
    until: usize,
    state: StateID,
    /// In order of their ends.
    words: SmallVec<[Word; 2]>,
}

/// Which bytes of a text an automaton reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    All,
    LettersAndDigits,
}

impl Reads {
    #[inline]
    const fn has(self, byte: u8) -> bool {
        match self {
            Self::All => true,
            Self::LettersAndDigits => byte.is_ascii_alphanumeric(),
        }
    }
}

impl Seen {
    /// The words that stand between two places, the one that ends last first. A text is
    /// asked for with one automaton only.
    pub(super) fn words(
        &mut self,
        (automaton, reads): (&DFA, Reads),
        text: &[u8],
        (from, until): (usize, usize),
    ) -> impl Iterator<Item = Word> {
        if !(self.from..=self.until).contains(&from) || self.until == 0 {
            self.words.clear();
            self.from = from;
            self.until = from;
            // There is one: the automaton searches anywhere.
            self.state = automaton.start_state(Anchored::No).unwrap_or_default();
        }
        if self.until < until {
            self.read((automaton, reads), text, until);
        }
        let words = self.words.iter().rev();
        let words = words.take_while(move |word| word.end > from).copied();
        words.filter(move |word| word.end <= until && word.start >= from)
    }

    fn read(&mut self, (automaton, reads): (&DFA, Reads), text: &[u8], until: usize) {
        let fresh = text.get(self.until..until).unwrap_or_default();
        let mut state = self.state;
        for (byte, at) in fresh.iter().zip(self.until..) {
            if !reads.has(*byte) {
                continue;
            }
            state = automaton.next_state(Anchored::No, state, *byte);
            if automaton.is_special(state) && automaton.is_match(state) {
                for nth in 0..automaton.match_len(state) {
                    let word = automaton.match_pattern(state, nth);
                    let length = automaton.pattern_len(word);
                    self.words.push(Word {
                        start: start(reads, text, at + 1, length),
                        end: at + 1,
                        index: word.as_usize(),
                    });
                }
            }
        }
        self.state = state;
        self.until = until;
        if self.words.len() > REMEMBERED_WORDS {
            let first = until.saturating_sub(REMEMBERED_BYTES);
            self.words.retain(|word| word.start >= first);
            self.from = self.from.max(first);
        }
    }
}

/// Where the word begins that ends at `end`.
fn start(reads: Reads, text: &[u8], end: usize, length: usize) -> usize {
    let read = (0..end)
        .rev()
        .filter(|at| text.get(*at).is_some_and(|byte| reads.has(*byte)));
    read.take(length).last().unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use aho_corasick::dfa::DFA;

    use super::{Reads, Seen};

    #[test]
    fn what_is_remembered_is_what_stands_there() {
        let words = ["key", "eyk", "yke", "k", "secret", "keykeykey"];
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .build(words)
            .unwrap();
        let text = "key: Key_k-e-y = secret:kEykeykey:keyk.e.y;secretkeyseckeykeykey".repeat(300);
        let text = text.as_bytes();
        for reads in [Reads::All, Reads::LettersAndDigits] {
            let mut seen = Seen::default();
            let mut random = 1_u64;
            let mut from = 0;
            while from + 200 < text.len() {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let jump = (random >> 60) as usize * if random >> 40 & 15 == 0 { 30 } else { 1 };
                from = (from + jump).saturating_sub((random >> 50 & 7) as usize);
                let until = from + (random >> 33 & 63) as usize;
                let remembered: Vec<_> = seen
                    .words((&automaton, reads), text, (from, until))
                    .collect();
                let anew: Vec<_> = Seen::default()
                    .words((&automaton, reads), &text[..until], (from, until))
                    .collect();
                assert_eq!(remembered, anew, "{from}..{until}");
                let by_hand = (from..until).flat_map(|at| {
                    let rest = text[at..until].iter().enumerate();
                    let read = rest.filter(|(_, byte)| reads.has(**byte));
                    let read: Vec<_> = read
                        .map(|(end, byte)| (at + end + 1, byte.to_ascii_lowercase()))
                        .collect();
                    let begins = reads.has(text[at]);
                    words
                        .iter()
                        .enumerate()
                        .filter_map(move |(index, word)| {
                            let first = read.get(..word.len()).filter(|_| begins)?;
                            let same = first.iter().map(|(_, byte)| *byte).eq(word.bytes());
                            same.then_some((at, first.last()?.0, index))
                        })
                        .collect::<Vec<_>>()
                });
                let mut by_hand: Vec<_> = by_hand.collect();
                let mut remembered: Vec<_> = remembered
                    .iter()
                    .map(|word| (word.start, word.end, word.index))
                    .collect();
                by_hand.sort_unstable();
                remembered.sort_unstable();
                assert_eq!(remembered, by_hand, "{from}..{until}");
            }
        }
    }
}
