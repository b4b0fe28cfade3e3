//! `keywords`: words and phrases from lists.
//!
//! Case does not count unless a list says so, a space in a phrase stands for any run of
//! white space, and characters that leave no trace (zero-width, soft hyphens) are passed
//! over, so that they hide nothing. A list is looked for as whole words unless it says
//! otherwise: its words begin and end where words of their script begin and end.
//! Every occurrence is a finding, overlapping ones too.
//! Bounds: [`WORDS_MAX`] words of [`WORD_BYTES_MAX`] bytes, [`LIST_BYTES_MAX`] bytes in all;
//! between two characters of a word [`FILLERS_MAX`] characters of white space or without
//! trace. What is held back is the longest end of the text that begins a word of a list.

mod filter;
mod matcher;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::characters::{fold, is_invisible};
use crate::detector::{Detector, Matcher};
use crate::detectors::DetectorError;
use matcher::KeywordMatcher;

/// The most words of all lists together.
pub(crate) const WORDS_MAX: usize = 20_000;

/// The most bytes of one word or phrase.
pub(crate) const WORD_BYTES_MAX: usize = 128;

/// The most bytes of all words together.
pub(crate) const LIST_BYTES_MAX: usize = 512 * 1024;

/// The most lists of one rule.
pub(crate) const LISTS_MAX: usize = 256;

/// The longest run of white space and characters without trace inside a finding, in
/// characters.
pub(crate) const FILLERS_MAX: usize = 8;

/// What a `keywords` rule looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeywordsOptions {
    /// The lists, in the order of their priority among findings of equal place.
    pub lists: Vec<KeywordList>,
}

/// Words that are found as one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordList {
    /// The entity, as records write it.
    pub name: Arc<str>,
    /// Words and phrases.
    pub words: Vec<Arc<str>>,
    /// Whether `Word` and `word` are two words.
    pub case_sensitive: bool,
    /// Whether they are found as whole words only.
    pub whole_words: bool,
    /// The score of each finding, in hundredths.
    pub score: u8,
}

impl KeywordList {
    /// A list with the default options: case does not count, whole words, certain.
    #[must_use]
    pub fn new(name: &str, words: &[&str]) -> Self {
        Self {
            name: name.into(),
            words: words.iter().copied().map(Arc::from).collect(),
            case_sensitive: false,
            whole_words: true,
            score: 100,
        }
    }

    /// Checks the words one by one.
    ///
    /// # Errors
    /// A list without words, a word that is empty or too long.
    pub fn check(&self) -> Result<(), DetectorError> {
        if self.words.is_empty() {
            let message = format!("the list `{}` has no words", self.name);
            return Err(wrong(message, "add `words:`"));
        }
        for word in &self.words {
            if word.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
                let message = format!("the list `{}` has an empty word", self.name);
                return Err(wrong(message, "write a word, or remove the line"));
            }
            if word.len() > WORD_BYTES_MAX {
                let shown: String = word.chars().take(24).collect();
                let message = format!("the word `{shown}…` is too long");
                let help = format!("write at most {WORD_BYTES_MAX} bytes");
                return Err(wrong(message, &help));
            }
        }
        Ok(())
    }
}

/// The detector.
#[derive(Debug)]
pub struct KeywordsDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl KeywordsDetector {
    /// Compiles the lists.
    ///
    /// # Errors
    /// A list without words or without a name, a word that is empty or too long, too
    /// many of either.
    pub fn new(options: &KeywordsOptions) -> Result<Self, DetectorError> {
        check(&options.lists)?;
        let mut matchers: Vec<Arc<dyn Matcher>> = Vec::new();
        for case_sensitive in [false, true] {
            for whole_words in [true, false] {
                let kind = Kind {
                    case_sensitive,
                    whole_words,
                };
                let lists = options.lists.iter().filter(|list| kind.is_of(list));
                let lists: Vec<&KeywordList> = lists.collect();
                if !lists.is_empty() {
                    matchers.push(Arc::new(KeywordMatcher::new(kind, &lists)?));
                }
            }
        }
        Ok(Self { matchers })
    }
}

impl Detector for KeywordsDetector {
    fn name(&self) -> &'static str {
        "keywords"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}

/// How a list is looked for. Lists of one kind share a matcher.
#[derive(Clone, Copy, Debug)]
struct Kind {
    case_sensitive: bool,
    whole_words: bool,
}

impl Kind {
    fn is_of(self, list: &KeywordList) -> bool {
        self.case_sensitive == list.case_sensitive && self.whole_words == list.whole_words
    }

    fn fold(self, c: char) -> char {
        if self.case_sensitive { c } else { fold(c) }
    }

    /// A word in the form in which it is looked for: no characters without trace, single
    /// spaces, none at the ends.
    fn normal(self, word: &str) -> String {
        let visible: String = word.chars().filter(|c| !is_invisible(*c)).collect();
        let words: Vec<&str> = visible.split_whitespace().collect();
        words.join(" ").chars().map(|c| self.fold(c)).collect()
    }
}

fn check(lists: &[KeywordList]) -> Result<(), DetectorError> {
    if lists.is_empty() {
        return Err(wrong("no words to look for".to_owned(), "add `words:`"));
    }
    if lists.len() > LISTS_MAX {
        let help = format!("write at most {LISTS_MAX}, or a second rule");
        return Err(wrong(format!("{} lists in one rule", lists.len()), &help));
    }
    for list in lists {
        list.check()?;
    }
    let words = || lists.iter().flat_map(|list| &list.words);
    let (count, bytes) = (
        words().count(),
        words().map(|word| word.len()).sum::<usize>(),
    );
    if count > WORDS_MAX || bytes > LIST_BYTES_MAX {
        let message = format!("{count} words with {bytes} bytes are too many");
        let help = format!("write at most {WORDS_MAX} words and {LIST_BYTES_MAX} bytes in a rule");
        return Err(wrong(message, &help));
    }
    Ok(())
}

fn wrong(message: String, help: &str) -> DetectorError {
    DetectorError::Option {
        message,
        help: help.to_owned(),
    }
}
