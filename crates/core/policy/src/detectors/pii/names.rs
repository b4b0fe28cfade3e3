//! Small sets of short words, searched in a few steps.

/// The longest word of a set, in bytes.
pub(super) const BYTES_MAX: usize = 15;

/// Words of up to [`BYTES_MAX`] bytes, in small letters.
#[derive(Debug)]
pub(super) struct Names<const N: usize> {
    /// Each word as one number, sorted.
    packed: [u128; N],
}

impl<const N: usize> Names<N> {
    /// The set of the words in `list`, which are parted by single spaces. `N` must be
    /// their number, see [`count`].
    pub(super) const fn new(list: &str) -> Self {
        let bytes = list.as_bytes();
        let mut packed = [0; N];
        let mut words = 0;
        let mut at = 0;
        while at <= bytes.len() && words < N {
            let mut word = 0;
            while at < bytes.len() && bytes[at] != b' ' {
                word = word << 8 | bytes[at] as u128;
                at += 1;
            }
            at += 1;
            let mut place = words;
            while place > 0 && packed[place - 1] > word {
                packed[place] = packed[place - 1];
                place -= 1;
            }
            packed[place] = word;
            words += 1;
        }
        Self { packed }
    }

    /// Whether the word is in the set; ASCII capitals count as small letters.
    pub(super) fn contain(&self, word: &[u8]) -> bool {
        !word.is_empty()
            && word.len() <= BYTES_MAX
            && self.packed.binary_search(&pack(word)).is_ok()
    }

    /// Whether a word of the set begins with `head`.
    pub(super) fn begin_with(&self, head: &[u8]) -> bool {
        if head.len() > BYTES_MAX {
            return false;
        }
        let head_bits = 8 * head.len();
        let wanted = pack(head);
        self.packed.iter().any(|word| {
            let bits = 128 - word.leading_zeros() as usize;
            let bits = bits.next_multiple_of(8);
            bits >= head_bits && (head_bits == 0 || word >> (bits - head_bits) == wanted)
        })
    }
}

/// How many words a list has.
pub(super) const fn count(list: &str) -> usize {
    let bytes = list.as_bytes();
    let mut words = 1;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b' ' {
            words += 1;
        }
        at += 1;
    }
    words
}

fn pack(word: &[u8]) -> u128 {
    word.iter().fold(0, |packed, byte| {
        packed << 8 | u128::from(byte.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::{Names, count};

    const LIST: &str = "beta alpha gam";
    const SET: Names<{ count(LIST) }> = Names::new(LIST);

    #[test]
    fn words_and_their_beginnings_are_known() {
        for word in ["alpha", "Alpha", "BETA", "gam"] {
            assert!(SET.contain(word.as_bytes()), "{word}");
        }
        for word in ["", "a", "alph", "alphas", "gamma", "a word longer than any"] {
            assert!(!SET.contain(word.as_bytes()), "{word}");
        }
        assert!(SET.begin_with(b"") && SET.begin_with(b"Al") && SET.begin_with(b"gam"));
        assert!(!SET.begin_with(b"ha") && !SET.begin_with(b"gamm"));
    }
}
