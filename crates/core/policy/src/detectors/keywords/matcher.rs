//! Finds the words of lists of one kind: an automaton over folded characters that is
//! started only where the filter says that a word may begin.

use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;

use super::filter::Filter;
use super::{FILLERS_MAX, KeywordList, Kind};
use crate::characters::{begins_word, char_at, char_before, ends_word, is_invisible};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use crate::detectors::DetectorError;

#[derive(Debug)]
pub(super) struct KeywordMatcher {
    kind: Kind,
    entities: Vec<Entity>,
    filter: Filter,
    words: Vec<Word>,
    automaton: NFA,
    start: StateID,
    /// How many characters of a word have been read in a state, by state.
    depths: Vec<(StateID, usize)>,
}

/// A word in its normal form.
#[derive(Debug)]
struct Word {
    entity: u16,
    score: Score,
    /// How many characters it has.
    length: usize,
    /// Whether it is ASCII without spaces.
    is_plain: bool,
    first: char,
    last: char,
}

impl Word {
    /// Where the occurrence of the word begins that ends at `end`.
    fn start(&self, text: &[u8], end: usize) -> usize {
        let start = end.saturating_sub(self.length);
        let written = text.get(start..end).unwrap_or_default();
        if self.is_plain && written.is_ascii() {
            return start;
        }
        start_of(text, end, self.length)
    }
}

impl KeywordMatcher {
    pub(super) fn new(kind: Kind, lists: &[&KeywordList]) -> Result<Self, DetectorError> {
        let mut normal = Vec::new();
        let mut words = Vec::new();
        let mut entities: Vec<Entity> = Vec::new();
        for list in lists {
            let same = entities.iter().position(|known| known.name == list.name);
            let entity = same.unwrap_or(entities.len());
            if same.is_none() {
                entities.push(Entity::new(&list.name));
            }
            for word in &list.words {
                let word = kind.normal(word);
                let mut characters = word.chars();
                let (Some(first), Some(last)) = (characters.next(), word.chars().next_back())
                else {
                    continue;
                };
                words.push(Word {
                    entity: u16::try_from(entity).unwrap_or(u16::MAX),
                    score: Score::percent(list.score),
                    length: word.chars().count(),
                    is_plain: word.is_ascii() && !word.contains(' '),
                    first,
                    last,
                });
                normal.push(word);
            }
        }
        let automaton = NFA::builder().prefilter(false).build(&normal);
        let automaton = automaton.map_err(|error| too_large(&error.to_string()))?;
        let start = automaton.start_state(Anchored::No);
        let start = start.map_err(|error| too_large(&error.to_string()))?;
        Ok(Self {
            kind,
            entities,
            filter: Filter::new(kind, &normal),
            words,
            depths: depths(&automaton, start, &normal),
            automaton,
            start,
        })
    }

    fn feed(&self, state: StateID, c: char) -> StateID {
        let mut encoded = [0; 4];
        let bytes = self.kind.fold(c).encode_utf8(&mut encoded).as_bytes();
        bytes.iter().fold(state, |state, byte| {
            self.automaton.next_state(Anchored::No, state, *byte)
        })
    }

    /// Reports the words that end at `at`, where the state says that some do. False when
    /// what follows decides and is not known yet.
    fn report(
        &self,
        window: &Window<'_>,
        state: StateID,
        at: usize,
        found: &mut Vec<Finding>,
    ) -> bool {
        for index in 0..self.automaton.match_len(state) {
            let id = self.automaton.match_pattern(state, index);
            let Some(word) = self.words.get(id.as_usize()) else {
                continue;
            };
            let start = word.start(window.text, at);
            if self.kind.whole_words {
                let before = char_before(window.text, start).and_then(|(c, _)| c);
                if !begins_word(before, word.first) {
                    continue;
                }
                let after = char_at(window.text, at);
                if after.is_none() && !window.last {
                    return false;
                }
                if !ends_word(word.last, after.and_then(|(c, _)| c)) {
                    continue;
                }
            }
            found.push(Finding {
                start,
                end: at,
                entity: word.entity,
                score: word.score,
                extent: Extent::Whole,
            });
        }
        true
    }

    /// Where the longest end of `text` begins that has led to `state`: a word may come
    /// of it.
    fn live(&self, text: &[u8], state: StateID) -> usize {
        let mut state = state;
        while state != self.start {
            let known = self
                .depths
                .binary_search_by_key(&state, |(state, _)| *state);
            let depth = known.ok().and_then(|at| self.depths.get(at));
            let start = start_of(text, text.len(), depth.map_or(0, |(_, length)| *length));
            let Some((Some(first), next)) = char_at(text, start) else {
                break;
            };
            let before = char_before(text, start).and_then(|(c, _)| c);
            if !self.kind.whole_words || begins_word(before, first) {
                return start;
            }
            // No word begins inside of a word: one may begin later.
            let mut run = Run::new(self.start);
            let mut at = self.filter.next(text, next);
            while let Some((c, next)) = char_at(text, at) {
                run.step(self, c);
                at = next;
            }
            state = run.state;
        }
        text.len()
    }
}

fn too_large(cause: &str) -> DetectorError {
    DetectorError::Option {
        message: format!("these words cannot be compiled: {cause}"),
        help: "write fewer words".to_owned(),
    }
}

impl Matcher for KeywordMatcher {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { from, last, .. } = *window;
        let whole = window.whole();
        let end = whole.len();
        let fresh = found.len();
        let mut run = Run::new(self.start);
        let mut at = from;
        let undecided = loop {
            if run.state == self.start {
                at = self.filter.next(whole, at);
            }
            let Some((c, next)) = char_at(whole, at) else {
                break if last {
                    end
                } else {
                    self.live(whole, run.state)
                };
            };
            let ended = run.step(self, c);
            if ended
                && !self.report(
                    &Window {
                        text: whole,
                        ..*window
                    },
                    run.state,
                    next,
                    found,
                )
            {
                break self.live(whole, run.state);
            }
            at = next;
        };
        // What begins in the undecided part is found again.
        let mut index = 0;
        found.retain(|found| {
            index += 1;
            index <= fresh || found.start < undecided
        });
        Cursor {
            at: undecided,
            carry: 0,
        }
    }
}

/// The automaton on its way through a text.
struct Run {
    state: StateID,
    /// How many characters of white space or without trace were read in a row.
    fillers: usize,
    /// Whether white space was among them.
    spaced: bool,
}

impl Run {
    const fn new(state: StateID) -> Self {
        Self {
            state,
            fillers: 0,
            spaced: false,
        }
    }

    /// Reads a character. True when a word ends with it.
    fn step(&mut self, matcher: &KeywordMatcher, c: Option<char>) -> bool {
        match Kindred::of(c) {
            Kindred::Letter(c) => {
                self.fillers = 0;
                self.spaced = false;
                self.state = matcher.feed(self.state, c);
                return matcher.automaton.is_match(self.state);
            }
            Kindred::Broken => self.state = matcher.start,
            Kindred::Space | Kindred::Traceless if self.fillers == FILLERS_MAX => {
                self.state = matcher.start;
            }
            Kindred::Space => {
                self.fillers += 1;
                if !self.spaced {
                    self.state = matcher.feed(self.state, ' ');
                }
                self.spaced = true;
            }
            Kindred::Traceless => self.fillers += 1,
        }
        false
    }
}

/// What a character is to a word of a list.
enum Kindred {
    Letter(char),
    Space,
    Traceless,
    Broken,
}

impl Kindred {
    #[inline]
    fn of(c: Option<char>) -> Self {
        match c {
            Some(c) if c.is_whitespace() => Self::Space,
            Some(c) if is_invisible(c) => Self::Traceless,
            Some(c) => Self::Letter(c),
            None => Self::Broken,
        }
    }
}

/// Where the last `length` characters before `end` begin: runs with white space count as
/// one, characters without trace not at all.
fn start_of(text: &[u8], end: usize, length: usize) -> usize {
    let mut at = end;
    let mut start = end;
    let mut left = length;
    let mut spaced = false;
    while left > 0 {
        let Some((c, before)) = char_before(text, at) else {
            break;
        };
        match Kindred::of(c) {
            Kindred::Space if spaced => {}
            Kindred::Space => {
                spaced = true;
                left -= 1;
            }
            Kindred::Traceless => {}
            Kindred::Letter(_) | Kindred::Broken => {
                spaced = false;
                left -= 1;
                start = before;
            }
        }
        at = before;
    }
    start
}

/// The states that the beginnings of words lead to, with their lengths in characters.
fn depths(automaton: &NFA, start: StateID, words: &[String]) -> Vec<(StateID, usize)> {
    let mut depths = Vec::new();
    for word in words {
        let mut state = start;
        for (index, c) in word.chars().enumerate() {
            let mut encoded = [0; 4];
            for byte in c.encode_utf8(&mut encoded).bytes() {
                state = automaton.next_state(Anchored::No, state, byte);
            }
            depths.push((state, index + 1));
        }
    }
    depths.sort_unstable();
    depths.dedup();
    depths
}
