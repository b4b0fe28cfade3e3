//! The words that name services, and whose forms they announce.

use std::cmp::Reverse;

use aho_corasick::BuildError;
use aho_corasick::dfa::DFA;
use smallvec::SmallVec;

use super::assigned::Given;
use super::catalogue::Form;
use super::name::{Name, Says};
use super::prefixes::Candidates;
use super::reader::Reader;
use super::seen::Reads;

/// How far before a value the name of a service may stand, in bytes.
const SERVICE_BYTES_MAX: usize = 90;

/// The words of all rules.
#[derive(Debug)]
pub(super) struct Services {
    automaton: DFA,
    /// By word: the forms that it announces, and for which of them a name that has it must
    /// also say that it names a secret.
    words: Vec<Vec<(u16, bool)>>,
    /// Forms that any name of a secret announces.
    any: Vec<u16>,
}

impl Services {
    /// Of these forms.
    pub(super) fn new<'f>(
        forms: impl Iterator<Item = (u16, &'f Form)>,
    ) -> Result<Self, BuildError> {
        let mut texts: Vec<&str> = Vec::new();
        let mut words: Vec<Vec<(u16, bool)>> = Vec::new();
        let mut any = Vec::new();
        for (index, form) in forms {
            for word in &form.words {
                if word.text == "*" {
                    any.push(index);
                    continue;
                }
                let known = texts.iter().position(|text| *text == word.text);
                let place = known.unwrap_or_else(|| {
                    texts.push(word.text);
                    words.push(Vec::new());
                    texts.len() - 1
                });
                if let Some(forms) = words.get_mut(place) {
                    forms.push((index, word.common));
                }
            }
        }
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .prefilter(false)
            .build(texts)?;
        Ok(Self {
            automaton,
            words,
            any,
        })
    }

    /// The forms that the text before a value announces, the nearest word first. Without a
    /// name that says so, only the name itself counts.
    pub(super) fn near(
        &self,
        reader: &mut Reader<'_>,
        given: &Given,
        name: &Name<'_>,
    ) -> Candidates {
        let says = name.says();
        let secret = matches!(says, Says::Key | Says::Password);
        let from = if secret {
            given.start.saturating_sub(SERVICE_BYTES_MAX)
        } else {
            given.name.0
        };
        let mut found: SmallVec<[(usize, u16); 8]> = SmallVec::new();
        let words = (&self.automaton, Reads::All);
        let text = reader.text;
        for word in reader.services.words(words, text, (from, given.start)) {
            let at = word.start;
            if !stands_alone(text, (at, word.end)) {
                continue;
            }
            let forms = self.words.get(word.index);
            let announced = forms.into_iter().flatten();
            let announced = announced.filter(|(_, common)| {
                secret || at >= given.name.0 && (!common || says == Says::SomeKey)
            });
            found.extend(announced.map(|(form, _)| (at, *form)));
        }
        if found.is_empty() && says == Says::Nothing || name.is_digest() {
            return Candidates::new();
        }
        found.sort_by_key(|(at, form)| (Reverse(*at), *form));
        let any = self.any.iter().copied().filter(|_| says != Says::Nothing);
        found.into_iter().map(|(_, form)| form).chain(any).collect()
    }
}

/// Whether no word goes on before `at`, nor, for short words, behind.
fn stands_alone(text: &[u8], (start, end): (usize, usize)) -> bool {
    let first = text.get(start).copied().unwrap_or_default();
    let open = match start.checked_sub(1).and_then(|before| text.get(before)) {
        Some(before) if before.is_ascii_lowercase() => first.is_ascii_uppercase(),
        Some(before) => !before.is_ascii_uppercase(),
        None => true,
    };
    let closed = end - start > 5 || !text.get(end).is_some_and(u8::is_ascii_lowercase);
    open && closed
}
