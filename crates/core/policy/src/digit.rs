//! ASCII digits, and where the next one stands: most kinds of personal data begin with
//! one, and most texts have few.

/// How many bytes are looked at in one go. The loop over a block has no branch, so the
/// compiler makes it vector instructions; texts shorter than this are read byte by byte.
const BLOCK_BYTES: usize = 128;

/// How many bytes are looked at before that.
const NEAR_BYTES: usize = 8;

/// Whether the byte is an ASCII digit.
pub(crate) const fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

/// The place of the first digit at or after `from`.
pub(crate) fn next_digit(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    // Where one digit stands, the next is near.
    let mut near = rest.iter().take(NEAR_BYTES);
    if let Some(at) = near.position(|byte| is_digit(*byte)) {
        return Some(from + at);
    }
    let has_digit = |block: &&[u8]| {
        let nearest = block
            .iter()
            .fold(u8::MAX, |least, byte| least.min(byte.wrapping_sub(b'0')));
        nearest < 10
    };
    let blocks = rest.chunks_exact(BLOCK_BYTES);
    let skipped = blocks.take_while(|block| !has_digit(block)).count();
    let at = from + skipped * BLOCK_BYTES;
    let found = text.get(at..)?.iter().position(|byte| is_digit(*byte))?;
    Some(at + found)
}

/// Remembers the last search, for readers of one text that begin at like places.
#[derive(Debug, Default)]
pub(crate) struct FirstDigit {
    /// From where was searched, and what was found: the end of the text when none.
    searched: Option<(usize, usize)>,
}

impl FirstDigit {
    /// The first digit at or after `from`, else the length of `text`; always of the
    /// same text.
    pub(crate) fn from(&mut self, text: &[u8], from: usize) -> usize {
        match self.searched {
            Some((begin, found)) if (begin..=found).contains(&from) => found,
            _ => {
                let found = next_digit(text, from).unwrap_or(text.len());
                self.searched = Some((from, found));
                found
            }
        }
    }
}
