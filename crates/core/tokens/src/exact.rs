//! Counting with vocabularies.

use tiktoken::CoreBpe;
use tollgate_catalogue::Vocabulary;

use crate::family::Family;
use crate::source::Source;

/// How much is cut into tokens at once. The patterns of some vocabularies look at what
/// follows again and again where characters are rare: in time that grows with the square.
const CHUNK_BYTES_MAX: usize = 4 * 1024;

impl Family {
    /// Tokens of a text, and what the number is worth: [`Source::Counted`] where the
    /// vocabulary is the model's own, [`Source::Estimated`] where another stands for it.
    ///
    /// A vocabulary is loaded by the first call that needs it (about 0.1 s, and 5 to 25 MB
    /// that stay). Linear in the length for every input: some 5 µs for a KiB of prose,
    /// up to 8 ms where each character is another rare one; not for the request path. What stands for
    /// special tokens (`<|endoftext|>`) is counted as text.
    #[must_use]
    pub fn count(self, text: &str) -> (u64, Source) {
        let (vocabulary, is_own) = self.public();
        let Some(encoding) = vocabulary else {
            return (0, Source::Unknown);
        };
        let count = |chunk: &str| u64::try_from(encoding.count(chunk)).unwrap_or(u64::MAX);
        let tokens = Chunks(text).map(count).fold(0, u64::saturating_add);
        let tokens = self.scaled(tokens);
        let source = if is_own && self.is_listed() {
            Source::Counted
        } else {
            Source::Estimated
        };
        (tokens, source)
    }

    /// The vocabulary to count with, and whether it is the family's own.
    fn public(self) -> (Option<&'static CoreBpe>, bool) {
        let (name, is_own) = match self.vocabulary() {
            Some(Vocabulary::O200k) => ("o200k_base", true),
            Some(Vocabulary::Cl100k) => ("cl100k_base", true),
            // Llama's vocabulary begins with this one and has a licence of its own.
            Some(Vocabulary::Llama3) => ("cl100k_base", false),
            Some(Vocabulary::Deepseek) => ("deepseek_v3", true),
            Some(Vocabulary::Qwen) => ("qwen2", true),
            Some(Vocabulary::Mistral) => ("mistral_v3", true),
            Some(Vocabulary::Claude | Vocabulary::Gemini | Vocabulary::Cohere) | None => {
                ("o200k_base", false)
            }
        };
        (tiktoken::get_encoding(name), is_own)
    }
}

/// A text in pieces of bounded length, cut where vocabularies cut as well: before a single
/// blank, or before a mark of East Asian punctuation. Without such a place a piece ends
/// wherever it must, and the sum may be a token more.
struct Chunks<'t>(&'t str);

impl<'t> Iterator for Chunks<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        if self.0.is_empty() {
            return None;
        }
        let end = if self.0.len() <= CHUNK_BYTES_MAX {
            self.0.len()
        } else {
            cut(self.0.as_bytes()).unwrap_or_else(|| self.0.floor_char_boundary(CHUNK_BYTES_MAX))
        };
        let (chunk, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(chunk)
    }
}

/// The last place within one piece where every vocabulary cuts.
fn cut(text: &[u8]) -> Option<usize> {
    let begin = text.get(..CHUNK_BYTES_MAX)?;
    let windows = begin.windows(3);
    let blank = windows.clone().rposition(|three| {
        matches!(three, [before, b' ', after]
            if !before.is_ascii_whitespace() && !after.is_ascii_whitespace())
    });
    let mark = || {
        let is_mark =
            |three: &[u8]| matches!(three, [0xE3, 0x80, 0x81 | 0x82] | [0xEF, 0xBC, 0x8C]);
        windows.clone().rposition(is_mark).filter(|at| *at > 0)
    };
    blank.map(|at| at + 1).or_else(mark)
}

#[cfg(test)]
mod tests;
