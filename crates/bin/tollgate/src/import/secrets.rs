//! Secrets become references. A secret that stands in the input gets the name of a
//! variable into which it has to be put; its value goes nowhere.

use std::collections::BTreeMap;

use super::input::Input;

/// A variable that has to be set.
#[derive(Clone, Debug)]
pub(super) struct Needed {
    pub(super) variable: String,
    /// Where the input says it.
    pub(super) from: String,
    pub(super) held: Held,
}

/// Where the other gateway has a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// In the input itself.
    Written,
    /// Where the input says.
    Named,
    /// The input says nothing of it.
    Nowhere,
}

/// The variables of one import.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// Variables for secrets that were written out, by the secret.
    made: BTreeMap<String, String>,
    rows: Vec<Needed>,
}

/// How the gateways write that a value is in the environment.
const PREFIXES: &[&str] = &["os.environ/", "env::", "env.", "env:"];

impl Secrets {
    /// The variable that holds what stands in `input`; `wanted` names it where it is new.
    pub(super) fn variable(&mut self, input: &Input<'_>, wanted: &str) -> String {
        let written = input.text().unwrap_or_default();
        let (variable, held) = match named(written) {
            Some(name) => (name.to_owned(), Held::Named),
            None => (self.made_for(written, wanted), Held::Written),
        };
        self.need(&variable, input.path(), held);
        variable
    }

    /// A variable for a secret that the other gateway keeps elsewhere.
    pub(super) fn elsewhere(&mut self, from: &str, key: &str, wanted: &str) -> String {
        let variable = self.made_for(&format!("\0{key}"), wanted);
        self.need(&variable, from, Held::Named);
        variable
    }

    /// Notes that what stands at `from` says no key, so that the usual variable has it.
    pub(super) fn usual(&mut self, from: &str, variable: &str) {
        self.need(variable, from, Held::Nowhere);
    }

    fn need(&mut self, variable: &str, from: &str, held: Held) {
        self.rows.push(Needed {
            variable: variable.to_owned(),
            from: from.to_owned(),
            held,
        });
    }

    fn made_for(&mut self, secret: &str, wanted: &str) -> String {
        if let Some(variable) = self.made.get(secret) {
            return variable.clone();
        }
        let stem = variable_name(wanted);
        let taken = |name: &str| {
            self.made.values().any(|made| made == name)
                || self.rows.iter().any(|row| row.variable == name)
        };
        let mut variable = stem.clone();
        let mut count = 1_u32;
        while taken(&variable) {
            count = count.saturating_add(1);
            variable = format!("{stem}_{count}");
        }
        self.made.insert(secret.to_owned(), variable.clone());
        variable
    }

    /// Every variable, with where it is wanted.
    pub(super) fn into_rows(self) -> Vec<Needed> {
        self.rows
    }
}

/// The variable that a value names instead of being the secret itself.
pub(super) fn named(written: &str) -> Option<&str> {
    let braced = || written.strip_prefix("${")?.strip_suffix('}');
    let bare = PREFIXES
        .iter()
        .find_map(|prefix| written.strip_prefix(prefix));
    let name = bare.or_else(braced).or_else(|| written.strip_prefix('$'))?;
    is_variable(name).then_some(name)
}

fn is_variable(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(word)
        && name.len() <= 64
}

/// A name for a variable, made of any words.
pub(super) fn variable_name(words: &str) -> String {
    let upper = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => c.to_ascii_uppercase(),
        _ => '_',
    };
    let name: String = words.chars().map(upper).take(64).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name
    } else {
        format!("KEY_{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::{named, variable_name};

    #[test]
    fn every_way_to_name_a_variable_is_understood() {
        for written in [
            "os.environ/A_KEY",
            "env.A_KEY",
            "env::A_KEY",
            "${A_KEY}",
            "$A_KEY",
        ] {
            assert_eq!(named(written), Some("A_KEY"), "{written}");
        }
        for written in ["sk-1", "", "env.a b", "os.environ/", "$1", "A_KEY"] {
            assert_eq!(named(written), None, "{written}");
        }
    }

    #[test]
    fn a_name_is_made_of_any_words() {
        assert_eq!(variable_name("azure-eu_API_KEY"), "AZURE_EU_API_KEY");
        assert_eq!(variable_name("1é"), "KEY_1_");
    }
}
