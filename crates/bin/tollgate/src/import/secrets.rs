//! Secrets become references. A secret that stands in the input gets the name of a
//! variable into which it has to be put; its value goes nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::From;
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
    /// What stands before the name of a variable in this input; `None` where it cannot
    /// name one.
    sign: Option<&'static str>,
    /// Variables whose value the environment has already: no other secret gets into them.
    environment: BTreeSet<String>,
    /// Variables for secrets that were written out, by the secret.
    made: BTreeMap<String, String>,
    /// The variables of `made`.
    taken: BTreeSet<String>,
    /// The last number behind each name that was wanted more than once.
    numbers: BTreeMap<String, u32>,
    rows: Vec<Needed>,
}

impl Secrets {
    /// No variables yet, in the language of a gateway.
    pub(super) fn new(from: From) -> Self {
        Self {
            sign: from.sign_of_variables(),
            ..Self::default()
        }
    }

    /// No variables yet, but the names of those that the environment has are known.
    pub(super) fn again(self) -> Self {
        Self {
            sign: self.sign,
            environment: self.environment,
            ..Self::default()
        }
    }

    /// The variable that a value names instead of being the secret itself.
    pub(super) fn named<'t>(&self, written: &'t str) -> Option<&'t str> {
        let name = written.strip_prefix(self.sign?)?;
        is_variable(name).then_some(name)
    }

    /// The variable that holds what stands in `input`; `wanted` names it where it is new.
    pub(super) fn variable(&mut self, input: &Input<'_>, wanted: &str) -> String {
        let other = input.value().to_string();
        let written = input.text().unwrap_or(&other);
        let (variable, held) = match self.named(written) {
            Some(name) => {
                self.environment.insert(name.to_owned());
                (name.to_owned(), Held::Named)
            }
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
        self.environment.insert(variable.to_owned());
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
        let mut variable = stem.clone();
        while self.taken.contains(&variable) || self.environment.contains(&variable) {
            let number = self.numbers.entry(stem.clone()).or_insert(1);
            *number = number.saturating_add(1);
            variable = format!("{stem}_{number}");
        }
        self.made.insert(secret.to_owned(), variable.clone());
        self.taken.insert(variable.clone());
        variable
    }

    /// Every variable, with where it is wanted.
    pub(super) fn into_rows(self) -> Vec<Needed> {
        self.rows
    }
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
    use super::{From, Secrets, variable_name};

    #[test]
    fn a_variable_is_named_as_its_gateway_names_one() {
        let named = |from, written| Secrets::new(from).named(written).map(str::to_owned);
        let key = Some("A_KEY".to_owned());
        assert_eq!(named(From::Litellm, "os.environ/A_KEY"), key);
        assert_eq!(named(From::Bifrost, "env.A_KEY"), key);
        assert_eq!(named(From::Tensorzero, "env::A_KEY"), key);
        for written in [
            "$A_KEY",
            "${A_KEY}",
            "env.A_KEY",
            "env::A_KEY",
            "A_KEY",
            "os.environ/a b",
            "os.environ/",
            "",
        ] {
            assert_eq!(named(From::Litellm, written), None, "{written}");
            assert_eq!(named(From::Portkey, written), None, "{written}");
        }
    }

    #[test]
    fn a_name_is_made_of_any_words() {
        assert_eq!(variable_name("azure-eu_API_KEY"), "AZURE_EU_API_KEY");
        assert_eq!(variable_name("1é"), "KEY_1_");
    }
}
