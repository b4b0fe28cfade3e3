//! The rules of our own over a text.
//!
//! A pass skips to where secrets can be ([`skim`]) and reads byte by byte there: at the
//! first byte of each word for tokens that tell by themselves, at signs for values that
//! are given to names, at hyphens for key blocks and options of commands. The leftmost
//! finding wins; what it covers is not looked at again.
//!
//! A token without an upper bound is reported from its first byte as soon as it has what
//! makes it one, and then piece by piece. The memory between windows says what is being
//! swallowed. What is held back: a word that is the beginning of a prefix, a token that
//! is not long enough yet, and a value behind a sign with the sign; at most 2.2 KiB
//! (the two parts of a JSON Web Token that come before its last).

use memchr::memmem;

use super::allow::Allow;
use super::assigned::{self, Given, Quote, WEAK_SCORE};
use super::catalogue::Form;
use super::name::Names;
use super::pattern::Reach;
use super::prefixes::{Candidates, Prefixes};
use super::reader::{ByteSet, Reader};
use super::services::Services;
use super::{pem, skim, spoken, url, value};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

/// The longest name of an option of a command, in bytes.
const OPTION_BYTES_MAX: usize = 40;

/// The rules that are on, ready to be applied.
#[derive(Debug)]
pub(super) struct Builtin {
    pub(super) entities: Vec<Entity>,
    /// Each form with the index of its entity.
    pub(super) forms: Vec<(Form, u16)>,
    pub(super) prefixes: Prefixes,
    pub(super) services: Services,
    pub(super) names: Names,
    pub(super) allow: Allow,
    /// Below this nothing is reported, in hundredths.
    pub(super) threshold: u8,
    pub(super) private_key: Option<u16>,
    pub(super) url_password: Option<u16>,
    pub(super) bearer_token: Option<u16>,
    pub(super) basic_auth: Option<u16>,
    pub(super) password: Option<u16>,
    pub(super) generic_api_key: Option<u16>,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    /// The text must go on; it is held from here.
    Hold(usize),
    Found {
        start: usize,
        end: usize,
        entity: u16,
        score: u8,
    },
    /// A secret that goes on as far as what is swallowed.
    Open {
        start: usize,
        /// The end of what made it one.
        head: usize,
        entity: u16,
        score: u8,
        swallow: Swallow,
    },
}

/// What belongs to a secret that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swallow {
    /// The last run of this form.
    Form(u16),
    /// A value in these quotes.
    Value(Quote),
    /// What stands behind `Bearer`.
    Bearer,
    /// What stands behind `Basic`.
    Basic,
    /// A key block whose run has so many bytes.
    Pem(usize),
}

impl Swallow {
    /// As a matcher's memory, with the entity and the score.
    fn carry(self, entity: u16, score: u8) -> u64 {
        let (kind, what) = match self {
            Self::Form(form) => (1, u64::from(form)),
            Self::Value(quote) => (2, quote.code()),
            Self::Bearer => (3, 0),
            Self::Basic => (4, 0),
            Self::Pem(length) => (5, length as u64),
        };
        kind | what << 8 | u64::from(entity) << 32 | u64::from(score) << 48
    }

    /// The other way round.
    fn of_carry(carry: u64) -> Option<(Self, u16, u8)> {
        let what = carry >> 8 & 0xffff;
        let entity = u16::try_from(carry >> 32 & 0xffff).ok()?;
        let score = u8::try_from(carry >> 48 & 0xff).ok()?;
        let swallow = match carry & 0xff {
            1 => Self::Form(u16::try_from(what).ok()?),
            2 => Self::Value(Quote::of_code(what)),
            3 => Self::Bearer,
            4 => Self::Basic,
            5 => Self::Pem(usize::try_from(what).ok()?),
            _ => return None,
        };
        Some((swallow, entity, score))
    }
}

impl Matcher for Builtin {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let mut pass = Pass {
            rules: self,
            reader: Reader::new(window.text, window.last),
            candidates: Candidates::new(),
            found,
        };
        let mut at = window.from;
        if let Some((swallow, entity, score)) = Swallow::of_carry(carry) {
            let (end, open) = pass.swallow(at, swallow);
            pass.piece((at, end), entity, score, Extent::Continues);
            if let Some(swallow) = open {
                return Cursor {
                    at: end,
                    carry: swallow.carry(entity, score),
                };
            }
            at = end;
        }
        pass.run(at)
    }
}

/// One pass over a window.
struct Pass<'r, 't, 'f> {
    rules: &'r Builtin,
    reader: Reader<'t>,
    candidates: Candidates,
    found: &'f mut Vec<Finding>,
}

impl Pass<'_, '_, '_> {
    fn run(&mut self, from: usize) -> Cursor {
        let mut at = from;
        loop {
            at = skim::next(self.reader.text, at);
            match self.read_run(&mut at) {
                Some(cursor) => return cursor,
                None => continue,
            }
        }
    }

    /// Reads byte by byte to the end of a run, or of a finding; the end of the pass when
    /// there is one.
    fn read_run(&mut self, at: &mut usize) -> Option<Cursor> {
        loop {
            let Some(byte) = self.reader.byte(*at) else {
                return Some(Cursor { at: *at, carry: 0 });
            };
            let step = match byte {
                b'=' | b':' | b'>' => self.sign(*at, byte),
                b'-' => self.hyphen(*at),
                b'/' | b'+' | b'_' => spoken::at_word(self.rules, &mut self.reader, *at),
                _ if byte.is_ascii_alphanumeric() && self.reader.may_begin(*at) => self.word(*at),
                _ => Step::Nothing,
            };
            match step {
                Step::Nothing if !byte.is_ascii_graphic() => {
                    *at += 1;
                    return None;
                }
                Step::Nothing => *at = self.reader.next_place(*at),
                Step::Hold(at) => return Some(Cursor { at, carry: 0 }),
                Step::Found {
                    start,
                    end,
                    entity,
                    score,
                } => {
                    self.piece((start, end), entity, score, Extent::Whole);
                    *at = end;
                    return None;
                }
                Step::Open {
                    start,
                    head,
                    entity,
                    score,
                    swallow,
                } => {
                    let (end, open) = self.swallow(head, swallow);
                    self.piece((start, end), entity, score, Extent::Begins);
                    *at = end;
                    return open.map(|swallow| Cursor {
                        at: end,
                        carry: swallow.carry(entity, score),
                    });
                }
            }
        }
    }

    fn piece(&mut self, (start, end): (usize, usize), entity: u16, score: u8, extent: Extent) {
        if start < end {
            self.found.push(Finding {
                start,
                end,
                entity,
                score: Score::percent(score),
                extent,
            });
        }
    }

    /// Swallows what goes on at `from`: where it ends, and what goes on behind the window.
    fn swallow(&mut self, from: usize, swallow: Swallow) -> (usize, Option<Swallow>) {
        let set = match swallow {
            Swallow::Pem(length) => {
                return match pem::swallow(&mut self.reader, from, length) {
                    pem::Swallowed::Ends(end) => (end, None),
                    pem::Swallowed::Open(end, length) => (end, Some(Swallow::Pem(length))),
                };
            }
            Swallow::Form(form) => self.rules.last_set(form),
            Swallow::Value(quote) => quote.inside(),
            Swallow::Bearer => ByteSet::TOKEN,
            Swallow::Basic => ByteSet::BASE64,
        };
        let run = self.reader.run_end(set, from);
        let open = run == self.reader.text.len() && !self.reader.last;
        if matches!(swallow, Swallow::Value(Quote::Byte(_) | Quote::Escaped)) {
            return (run, open.then_some(swallow));
        }
        // Full stops belong to it only when it goes on behind, and few they are.
        let run_text = self.reader.slice(from, run);
        if let Some(stops) = memmem::find(run_text, b"....") {
            return (from + stops, None);
        }
        let stops = run_text.iter().rev().take_while(|byte| **byte == b'.');
        (run - stops.count(), open.then_some(swallow))
    }

    /// At the first byte of a word.
    fn word(&mut self, at: usize) -> Step {
        let token = self.rules.token(&mut self.reader, at, &mut self.candidates);
        match token {
            Step::Nothing => spoken::at_word(self.rules, &mut self.reader, at),
            Step::Found { score, .. } | Step::Open { score, .. } if score <= WEAK_SCORE => {
                match spoken::at_word(self.rules, &mut self.reader, at) {
                    Step::Nothing => token,
                    better => better,
                }
            }
            step => step,
        }
    }

    fn sign(&mut self, at: usize, byte: u8) -> Step {
        if byte == b':' {
            match self.rules.credentials(&mut self.reader, at) {
                Step::Nothing => {}
                step => return step,
            }
        }
        assigned::at_sign(self.rules, &mut self.reader, at)
    }

    /// At a hyphen: a key block, or an option of a command with its value.
    fn hyphen(&mut self, at: usize) -> Step {
        if self.reader.before(at) == Some(b'-') {
            return Step::Nothing;
        }
        let end = self.reader.run_end(ByteSet::of(b"--"), at);
        match end - at {
            1..4 if end == self.reader.text.len() && !self.reader.last => return Step::Hold(at),
            2 => return self.option(at),
            1 | 3 => return Step::Nothing,
            _ => {}
        }
        let Some(entity) = self.rules.private_key else {
            return Step::Nothing;
        };
        match pem::begins(&mut self.reader, at) {
            pem::Next::No => Step::Nothing,
            pem::Next::Undecided => Step::Hold(at),
            pem::Next::At(body) => Step::Open {
                start: at,
                head: body,
                entity,
                score: 99,
                swallow: Swallow::Pem(0),
            },
        }
    }

    fn option(&mut self, at: usize) -> Step {
        let start = at + 2;
        let end = self.reader.run_end(
            ByteSet::ALPHANUMERIC.with(b'-', b'-').with(b'_', b'_'),
            start,
        );
        if end == self.reader.text.len() && !self.reader.last && end - start <= OPTION_BYTES_MAX {
            return Step::Hold(at);
        }
        if end - start > OPTION_BYTES_MAX || self.reader.byte(end) != Some(b' ') {
            return Step::Nothing;
        }
        assigned::of_option(self.rules, &mut self.reader, (at, start, end))
    }
}

impl Builtin {
    /// What a token without a bound goes on with.
    fn last_set(&self, form: u16) -> ByteSet {
        self.forms
            .get(usize::from(form))
            .map_or_else(ByteSet::default, |(form, _)| form.pattern.last_set())
    }

    /// The token that begins at `at`, the one with the longest prefix first.
    pub(super) fn token(
        &self,
        reader: &mut Reader<'_>,
        at: usize,
        candidates: &mut Candidates,
    ) -> Step {
        candidates.clear();
        if self.prefixes.at(reader, at, candidates) {
            return Step::Hold(at);
        }
        while let Some(form) = candidates.pop() {
            let step = self.form(reader, at, form, false);
            if step != Step::Nothing {
                return step;
            }
        }
        Step::Nothing
    }

    /// The value of a service that begins at the value's first byte.
    pub(super) fn service(&self, reader: &mut Reader<'_>, given: &Given, form: u16) -> Step {
        match self.form(reader, given.start, form, true) {
            Step::Hold(_) => Step::Hold(given.hold),
            step => step,
        }
    }

    /// Reads one form at `at`.
    fn form(&self, reader: &mut Reader<'_>, at: usize, index: u16, value: bool) -> Step {
        let Some((form, entity)) = self.forms.get(usize::from(index)) else {
            return Step::Nothing;
        };
        let body = if value {
            at
        } else {
            at + form.pattern.prefix().len()
        };
        let plausible = |head: &[u8]| {
            let word = value && !head.iter().any(u8::is_ascii_digit) && value::is_wordlike(head);
            value::is_plausible(head, form.needs) && !word
        };
        match form.pattern.read(reader, at) {
            Reach::No => Step::Nothing,
            Reach::Undecided => Step::Hold(at),
            Reach::Ends(end) => {
                if !plausible(reader.slice(body, end)) {
                    return Step::Nothing;
                }
                if value {
                    match ends_value(reader, end) {
                        Some(true) => {}
                        Some(false) => return Step::Nothing,
                        None => return Step::Hold(at),
                    }
                }
                let step = Step::Found {
                    start: at,
                    end,
                    entity: *entity,
                    score: form.score,
                };
                self.unless_allowed(reader, (at, end), false, step)
            }
            Reach::Open { head, set } => {
                if !plausible(reader.slice(body, head)) {
                    return Step::Nothing;
                }
                let step = Step::Open {
                    start: at,
                    head,
                    entity: *entity,
                    score: form.score,
                    swallow: Swallow::Form(index),
                };
                let end = reader.run_end(set, head);
                let open = end == reader.text.len() && !reader.last;
                self.unless_allowed(reader, (at, end), open, step)
            }
        }
    }

    /// The step, unless the user allows the value.
    pub(super) fn unless_allowed(
        &self,
        reader: &Reader<'_>,
        (start, end): (usize, usize),
        open: bool,
        step: Step,
    ) -> Step {
        match self.allow.allows(reader.slice(start, end), open) {
            Some(false) => step,
            Some(true) => Step::Nothing,
            None => Step::Hold(start),
        }
    }

    /// A password behind the colon at `colon`: in a URL, or behind `-u` of a command.
    fn credentials(&self, reader: &mut Reader<'_>, colon: usize) -> Step {
        for (entity, read) in [
            (
                self.url_password,
                url::password as fn(&mut Reader<'_>, usize) -> url::Password,
            ),
            (self.basic_auth, url::of_user_option),
        ] {
            let Some(entity) = entity else {
                continue;
            };
            match read(reader, colon) {
                url::Password::No => {}
                url::Password::Undecided => return Step::Hold(colon),
                url::Password::Ends(end) => {
                    let start = colon + 1;
                    match assigned::within(self, reader, start, end) {
                        // It is found by itself.
                        assigned::Within::Token(at) | assigned::Within::WeakToken(at)
                            if at == start =>
                        {
                            return Step::Nothing;
                        }
                        assigned::Within::Undecided => return Step::Hold(colon),
                        _ => {}
                    }
                    let step = Step::Found {
                        start,
                        end,
                        entity,
                        score: 90,
                    };
                    return self.unless_allowed(reader, (start, end), false, step);
                }
            }
        }
        Step::Nothing
    }
}

/// Whether a value may end at `end`: nothing follows that keys are made of.
fn ends_value(reader: &Reader<'_>, end: usize) -> Option<bool> {
    let next = |at| match reader.byte(at) {
        None if !reader.last => None,
        byte => Some(byte),
    };
    match next(end)? {
        Some(b'-' | b'_' | b'/' | b'+' | b'=' | b'(' | b'~') => Some(false),
        Some(b'.' | b':' | b'@') => {
            Some(!next(end + 1)?.is_some_and(|byte| byte.is_ascii_alphanumeric()))
        }
        _ => Some(true),
    }
}
