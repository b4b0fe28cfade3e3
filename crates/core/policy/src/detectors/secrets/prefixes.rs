//! Which tokens may begin at a place: all prefixes at once.

use std::cmp::{Ordering, Reverse};

use smallvec::SmallVec;

use super::catalogue::Form;
use super::reader::Reader;

/// Forms that may begin at a place: the one with the longest prefix last, of equal ones
/// the first of the list last.
pub(super) type Candidates = SmallVec<[u16; 8]>;

/// The prefixes of forms, in order.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    sorted: Vec<(Vec<u8>, Reverse<u16>)>,
    /// Forms that begin with a run, by the bytes it may begin with.
    by_first: Vec<Vec<u16>>,
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
                for byte in form.pattern.first().bytes() {
                    if let Some(list) = prefixes.by_first.get_mut(usize::from(byte)) {
                        list.push(index);
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
        if let Some(forms) = self.by_first.get(usize::from(first)).filter(|_| !inside) {
            found.extend_from_slice(forms);
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
