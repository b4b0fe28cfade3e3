//! A text as the rules read it, and sets of bytes.

use super::seen::Seen;

/// A set of ASCII bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteSet(u128);

impl ByteSet {
    /// Letters and digits.
    pub(super) const ALPHANUMERIC: Self = Self::of(b"09AZaz");
    /// Base64 with its padding.
    pub(super) const BASE64: Self = Self::of(b"09AZaz++//==");
    /// What a token in a header consists of (RFC 6750 `b64token`).
    pub(super) const TOKEN: Self = Self::of(b"09AZaz++//==--..__~~");

    /// The set of these ranges: first and last byte, again and again.
    pub(super) const fn of(ranges: &[u8]) -> Self {
        let mut set = Self(0);
        let mut rest = ranges;
        while let [first, last, others @ ..] = rest {
            set = set.with(*first, *last);
            rest = others;
        }
        set
    }

    /// This set and the bytes from `first` to `last`; those beyond ASCII are left out.
    pub(super) const fn with(self, first: u8, last: u8) -> Self {
        let mut bits = self.0;
        let mut byte = first;
        while byte <= last && byte < 128 {
            bits |= 1 << byte;
            byte += 1;
        }
        Self(bits)
    }

    /// This set without a byte.
    pub(super) const fn without(self, byte: u8) -> Self {
        Self(self.0 & !(1 << (byte & 127)))
    }

    /// Whether the byte is in the set.
    pub(super) const fn contains(self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 == 1
    }

    /// Its bytes, in order.
    pub(super) fn bytes(self) -> impl Iterator<Item = u8> {
        (0..128).filter(move |byte| self.contains(*byte))
    }
}

/// How many runs are remembered, each of another set.
const REMEMBERED: usize = 8;

/// Shorter runs are read again, in bytes.
const REMEMBERED_BYTES_MIN: usize = 32;

/// The bytes of a window. It remembers where runs end, and names, so that candidates that
/// begin within one long run do not each read it to its end.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    /// Left context and undecided text.
    pub(super) text: &'t [u8],
    /// True when the text ends with it.
    pub(super) last: bool,
    runs: [(ByteSet, usize, usize); REMEMBERED],
    oldest: usize,
    /// What was read for names of secrets.
    pub(super) names: Seen,
    /// What was read for words of services.
    pub(super) services: Seen,
    name: NameRun,
}

/// Bytes of a name.
#[derive(Clone, Copy, Debug, Default)]
struct NameRun {
    set: ByteSet,
    /// How far back it was read.
    first: usize,
    start: usize,
    end: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t [u8], last: bool) -> Self {
        Self {
            text,
            last,
            runs: [(ByteSet(0), 0, 0); REMEMBERED],
            oldest: 0,
            names: Seen::default(),
            services: Seen::default(),
            name: NameRun::default(),
        }
    }

    /// The byte at `at`.
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// The byte before `at`.
    pub(super) fn before(&self, at: usize) -> Option<u8> {
        self.byte(at.checked_sub(1)?)
    }

    /// The text from `start` to `end`, as far as there is one.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Where the run of bytes of `set` ends that begins at `start`.
    pub(super) fn run_end(&mut self, set: ByteSet, start: usize) -> usize {
        let known = self.runs.iter().position(|(of, _, _)| *of == set);
        let run = known.and_then(|place| self.runs.get(place));
        if let Some((_, _, end)) = run.filter(|(_, from, end)| (*from..*end).contains(&start)) {
            return *end;
        }
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| set.contains(**byte)).count();
        let end = start + length;
        if length > REMEMBERED_BYTES_MIN {
            let place = known.unwrap_or(self.oldest);
            if let Some(run) = self.runs.get_mut(place) {
                *run = (set, start, end);
            }
            if known.is_none() {
                self.oldest = (self.oldest + 1) % REMEMBERED;
            }
        }
        end
    }

    /// Where the name of bytes of `set`, or beyond ASCII, begins that ends at `end`; not
    /// before `first`. In a query a name begins behind `&`; in code a type does, behind a
    /// space.
    pub(super) fn name_start(&mut self, set: ByteSet, first: usize, end: usize) -> usize {
        let known = self.name;
        let is_known = known.set == set && known.first <= first && known.start < known.end;
        let mut start = end;
        while start > first {
            let at = start - 1;
            if is_known && start == known.end {
                start = known.start.max(first);
                break;
            }
            let in_name = match self.byte(at) {
                Some(b'&') => self.before(at) == Some(b' '),
                Some(byte) => !byte.is_ascii() || set.contains(byte),
                None => false,
            };
            if !in_name {
                break;
            }
            start = at;
        }
        self.name = NameRun {
            set,
            first,
            start,
            end,
        };
        // What stands before it counts only where it is looked at.
        if start == first && start < end && self.byte(start) == Some(b'&') {
            start += 1;
        }
        start
    }

    /// The next place behind `at` where something may begin: the end of the word there,
    /// but for escapes, behind which another word begins at once.
    pub(super) fn next_place(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric());
        let word = word.count().max(1);
        let escape = match self.slice(at.saturating_sub(2), at) {
            [.., b'\\'] => 1,
            [.., b'%'] => 2,
            [b'%', _] => 1,
            _ => word,
        };
        at + word.min(escape)
    }

    /// Whether a token may begin at `at`: no letter or digit stands before it but those
    /// of an escape (`\n`, `%3D`).
    pub(super) fn may_begin(&self, at: usize) -> bool {
        let Some(before) = self.before(at) else {
            return true;
        };
        if !before.is_ascii_alphanumeric() {
            return true;
        }
        let near = self.slice(at.saturating_sub(3), at);
        matches!(
            near,
            [.., b'\\', b'n' | b'r' | b't'] | [b'%', b'0'..=b'9' | b'A'..=b'F', b'0'..=b'9' | b'A'..=b'F']
        )
    }
}
