//! Short lists of words that are looked for in short texts.

/// Up to 64 words, in small letters, of two letters or more each.
#[derive(Debug)]
pub(super) struct Words<const N: usize> {
    words: [&'static [u8]; N],
    /// Which words have a byte as their first, and as their second: one bit each.
    first: [u64; 256],
    second: [u64; 256],
}

impl<const N: usize> Words<N> {
    /// These words.
    pub(super) const fn new(words: [&'static [u8]; N]) -> Self {
        let mut first = [0; 256];
        let mut second = [0; 256];
        let mut rest: &[&[u8]] = &words;
        let mut bit = 1;
        while let [word, others @ ..] = rest {
            if let [one, two, ..] = word {
                first[one.to_ascii_lowercase() as usize] |= bit;
                first[one.to_ascii_uppercase() as usize] |= bit;
                second[two.to_ascii_lowercase() as usize] |= bit;
                second[two.to_ascii_uppercase() as usize] |= bit;
            }
            bit <<= 1;
            rest = others;
        }
        Self {
            words,
            first,
            second,
        }
    }

    /// Whether one of them stands in `text`, in letters of any case.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        text.array_windows().enumerate().any(|(at, [one, two])| {
            let mut bits = self.first[usize::from(*one)] & self.second[usize::from(*two)];
            while bits != 0 {
                let word = self.words.get(bits.trailing_zeros() as usize);
                bits &= bits - 1;
                let same = word.is_some_and(|word| {
                    text.get(at..at + word.len())
                        .is_some_and(|part| part.eq_ignore_ascii_case(word))
                });
                if same {
                    return true;
                }
            }
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn words_are_found_wherever_they_stand() {
        let words = Words::new([b"key", b"token", b"to"]);
        for text in ["key", "aKEYb", "xto", "tokey", "keTo"] {
            assert!(words.is_in(text.as_bytes()), "{text}");
        }
        for text in ["", "k", "ke", "kex", "t o"] {
            assert!(!words.is_in(text.as_bytes()), "{text}");
        }
    }
}
