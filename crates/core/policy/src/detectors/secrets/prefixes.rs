//! Which tokens may begin at a place: all prefixes at once.

use std::cmp::{Ordering, Reverse};

use smallvec::SmallVec;

use super::catalogue::Form;
use super::reader::{ByteSet, Reader};

/// Forms that may begin at a place: the one with the longest prefix last, of equal ones
/// the first of the list last.
pub(super) type Candidates = SmallVec<[u16; 8]>;

/// A run that a form begins with.
#[derive(Clone, Copy, Debug)]
struct Run {
    form: u16,
    set: ByteSet,
    bytes_min: usize,
}

impl Run {
    /// Whether the run may stand at `at`, as a few of its bytes tell.
    fn may_stand(&self, reader: &Reader<'_>, at: usize) -> bool {
        let has = |place: usize| {
            place >= self.bytes_min
                || reader
                    .byte(at + place)
                    .is_none_or(|byte| self.set.contains(byte))
        };
        has(self.bytes_min - 1) && has(self.bytes_min / 2) && has(1)
    }
}

/// The prefixes of forms, in order.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    sorted: Vec<(Vec<u8>, Reverse<u16>)>,
    /// Forms that begin with a run, by the bytes it may begin with.
    by_first: Vec<Vec<Run>>,
    /// For each first byte: which second bytes a prefix has; bit 0 for none yet.
    pairs: Vec<u128>,
}

impl Prefixes {
    /// Of these forms; those of values that have a name are left out.
    pub(super) fn new<'f>(forms: impl Iterator<Item = (u16, &'f Form)>) -> Self {
        let mut prefixes = Self {
            sorted: Vec::new(),
            by_first: vec![Vec::new(); 128],
            pairs: vec![0; 128],
        };
        for (index, form) in forms.filter(|(_, form)| form.words.is_empty()) {
            let prefix = form.pattern.prefix();
            let Some(first) = prefix.first() else {
                let (set, bytes_min) = form.pattern.first_run();
                let run = Run {
                    form: index,
                    set,
                    bytes_min: bytes_min.max(1),
                };
                for byte in set.bytes() {
                    if let Some(list) = prefixes.by_first.get_mut(usize::from(byte)) {
                        list.push(run);
                    }
                }
                continue;
            };
            let second = prefix
                .get(1)
                .map_or(u128::MAX, |second| 1 << (second & 127));
            if let Some(pairs) = prefixes.pairs.get_mut(usize::from(*first)) {
                *pairs |= second;
            }
            prefixes.sorted.push((prefix.to_vec(), Reverse(index)));
        }
        prefixes.sorted.sort();
        prefixes
    }

    /// The forms whose prefix stands at `at`. True when the text ends within a prefix.
    pub(super) fn at(&self, reader: &Reader<'_>, at: usize, found: &mut Candidates) -> bool {
        let Some(first) = reader.byte(at) else {
            return false;
        };
        // Within an identifier of several parts such a run is a part like the others.
        let inside = matches!(reader.before(at), Some(b'-' | b'_' | b'.' | b'+'));
        if let Some(runs) = self.by_first.get(usize::from(first)).filter(|_| !inside) {
            for run in runs {
                if run.may_stand(reader, at) {
                    found.push(run.form);
                }
            }
        }
        let pairs = self
            .pairs
            .get(usize::from(first))
            .copied()
            .unwrap_or_default();
        match reader.byte(at + 1) {
            None => return pairs != 0 && !reader.last,
            Some(second) if second >= 128 || pairs >> second & 1 == 0 => return false,
            Some(_) => {}
        }
        let mut left = self.sorted.as_slice();
        for depth in 0.. {
            let done = left
                .iter()
                .take_while(|(prefix, _)| prefix.len() == depth)
                .count();
            let (whole, longer) = left.split_at(done);
            found.extend(whole.iter().map(|(_, Reverse(form))| *form));
            if longer.is_empty() {
                return false;
            }
            let Some(byte) = reader.byte(at + depth) else {
                return !reader.last;
            };
            let is = |order: Ordering| {
                longer.partition_point(|(prefix, _)| {
                    prefix.get(depth).is_some_and(|own| own.cmp(&byte) < order)
                })
            };
            let from = is(Ordering::Equal);
            let until = is(Ordering::Greater);
            left = longer.get(from..until).unwrap_or_default();
        }
        false
    }
}
