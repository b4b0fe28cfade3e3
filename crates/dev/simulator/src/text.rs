//! The simulator's own tokens, and words to fill answers with.
//!
//! A token is one leading space at most, followed by up to six letters or digits, by one other
//! character, or by a run of white space. Tokens joined give the text back, and a text cut
//! between two tokens has the same tokens before the cut. Real tokenizers count differently;
//! what matters here is that the numbers are exact, cheap, and easy to check by hand.

use crate::random::Random;

/// Letters and digits in one token, at most.
const WORD_CHARS_MAX: usize = 6;

/// The tokens of `text`, in order.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { rest: text }
}

/// How many tokens `text` has.
pub(crate) fn count(text: &str) -> u64 {
    tokens(text).count() as u64
}

/// Iterator over the tokens of a text.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let body = self.rest.strip_prefix(' ').unwrap_or(self.rest);
        let lead = self.rest.len() - body.len();
        let taken = match body.chars().next() {
            Some(first) if first.is_alphanumeric() => word(body),
            Some(first) if first.is_whitespace() => span(body.chars(), char::is_whitespace),
            Some(first) => first.len_utf8(),
            None => 0,
        };
        let (token, rest) = self.rest.split_at_checked(lead + taken)?;
        self.rest = rest;
        (!token.is_empty()).then_some(token)
    }
}

/// Bytes of the word piece at the start. Prompts are mostly ASCII and long, so that case is
/// decided on bytes.
fn word(body: &str) -> usize {
    let ascii = body.bytes().take(WORD_CHARS_MAX);
    let ascii = ascii.take_while(u8::is_ascii_alphanumeric).count();
    match body.as_bytes().get(ascii) {
        Some(next) if ascii < WORD_CHARS_MAX && !next.is_ascii() => {
            span(body.chars().take(WORD_CHARS_MAX), char::is_alphanumeric)
        }
        _ => ascii,
    }
}

/// Bytes of the longest run at the start that satisfies `belongs`.
fn span(chars: impl Iterator<Item = char>, belongs: fn(char) -> bool) -> usize {
    chars.take_while(|c| belongs(*c)).map(char::len_utf8).sum()
}

/// A text of exactly `count` tokens that begins with `opening`, as far as that fits.
pub(crate) fn filled(opening: &str, count: usize, random: &mut Random) -> Vec<String> {
    let mut all: Vec<String> = tokens(opening).take(count).map(str::to_owned).collect();
    let mut words = 0_usize;
    while all.len() < count {
        words += 1;
        if words.is_multiple_of(12) {
            all.push(".".into());
            continue;
        }
        let word = random.pick(WORDS).copied().unwrap_or("word");
        let space = if all.is_empty() { "" } else { " " };
        let room = count - all.len();
        all.extend(
            tokens(&format!("{space}{word}"))
                .take(room)
                .map(str::to_owned),
        );
    }
    all
}

const WORDS: &[&str] = &[
    "a",
    "the",
    "of",
    "and",
    "to",
    "in",
    "with",
    "for",
    "from",
    "under",
    "between",
    "model",
    "answer",
    "service",
    "request",
    "stream",
    "token",
    "gateway",
    "simulation",
    "deterministic",
    "provider",
    "latency",
    "policy",
    "river",
    "mountain",
    "garden",
    "window",
    "morning",
    "question",
    "number",
    "small",
    "quiet",
    "bright",
    "gentle",
    "careful",
    "different",
    "travels",
    "remembers",
    "follows",
    "opens",
    "keeps",
    "carries",
    "returns",
    "measures",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_joined_give_the_text_back() {
        for text in [
            "",
            " ",
            "Hello, wonderful world!\n\n  Ünïcödé 日本語のテキスト 🦀🦀 x  ",
            "a\tb",
        ] {
            assert_eq!(tokens(text).collect::<String>(), text);
        }
    }

    #[test]
    fn words_are_cut_in_pieces_of_six() {
        let all: Vec<_> = tokens("Hello, wonderful world").collect();
        assert_eq!(all, ["Hello", ",", " wonder", "ful", " world"]);
        let all: Vec<_> = tokens("naïveté123 ab日本語語語語").collect();
        assert_eq!(all, ["naïvet", "é123", " ab日本語語", "語語"]);
    }

    #[test]
    fn a_filled_text_has_exactly_the_tokens_asked_for() {
        for count in [0, 1, 7, 500] {
            let text = filled("Hello there.", count, &mut Random::new(1, 2));
            assert_eq!(text.len(), count);
            assert_eq!(super::count(&text.concat()), count as u64);
        }
    }
}
