//! What is read, with a note of what became of each part.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Bound;

use serde_json::Value;

/// What became of a part of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Nothing does here what it did; the text says what to do instead.
    Lost,
    /// It stands in our configuration; the text says where.
    Carried,
    /// Nothing has to take its place; the text says why.
    NotNeeded,
}

/// A part of the input and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) path: String,
    pub(super) fate: Fate,
    pub(super) text: String,
}

/// All notes of one import.
#[derive(Debug, Default)]
pub(super) struct Notes {
    rows: RefCell<Vec<Note>>,
    paths: RefCell<BTreeSet<String>>,
}

impl Notes {
    fn add(&self, path: &str, fate: Fate, text: String) {
        self.paths.borrow_mut().insert(path.to_owned());
        let mut rows = self.rows.borrow_mut();
        let known = |note: &Note| note.path == path && note.fate == fate && note.text == text;
        if rows.iter().rev().take(64).any(known) {
            return;
        }
        rows.push(Note {
            path: path.to_owned(),
            fate,
            text,
        });
    }

    fn has(&self, path: &str) -> bool {
        self.paths.borrow().contains(path)
    }

    /// Whether something below `path` has a note.
    fn reaches_below(&self, path: &str) -> bool {
        let paths = self.paths.borrow();
        [".", "["].into_iter().any(|sign| {
            let start = format!("{path}{sign}");
            let from = (Bound::Included(start.as_str()), Bound::Unbounded);
            let next = paths.range::<str, _>(from).next();
            next.is_some_and(|next| next.starts_with(&start))
                || path.is_empty() && !paths.is_empty()
        })
    }

    /// What is lost, in one line each.
    pub(super) fn losses(&self) -> Vec<String> {
        let rows = self.rows.borrow();
        let lost = rows.iter().filter(|note| note.fate == Fate::Lost);
        lost.map(|note| format!("{}: {}", note.path, note.text))
            .collect()
    }

    /// Every note, in the order made.
    pub(super) fn into_rows(self) -> Vec<Note> {
        self.rows.into_inner()
    }
}

/// What is to become of members that no code looks at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// Why nothing has to take its place.
    NotNeeded(&'static str),
    /// What to do instead.
    Lost(&'static str),
}

/// A value of the input and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Input<'v> {
    value: &'v Value,
    path: String,
    notes: &'v Notes,
}

impl<'v> Input<'v> {
    pub(super) const fn new(value: &'v Value, notes: &'v Notes) -> Self {
        Self {
            value,
            path: String::new(),
            notes,
        }
    }

    /// Where it stands: `model_list[0].model_name`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The member of this name, if it has a value.
    pub(super) fn at(&self, key: &str) -> Option<Self> {
        let (key, value) = self.value.as_object()?.get_key_value(key)?;
        (!value.is_null()).then(|| self.child(key, value))
    }

    /// The members that are there, each under another name.
    pub(super) fn pick(&self, keys: &[(&'static str, &str)]) -> Vec<(&'static str, Self)> {
        let found = keys.iter();
        found
            .filter_map(|(name, key)| Some((*name, self.at(key)?)))
            .collect()
    }

    /// The elements of a list; none of anything else.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, value)| Self {
                value,
                path: format!("{}[{index}]", self.path),
                notes: self.notes,
            })
            .collect()
    }

    /// The elements of the list at `key`.
    pub(super) fn items_at(&self, key: &str) -> Vec<Self> {
        self.at(key).map_or_else(Vec::new, |list| list.items())
    }

    /// The members of a map; none of anything else.
    pub(super) fn members(&self) -> Vec<(&'v str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        members
            .filter(|(_key, value)| !value.is_null())
            .map(|(key, value)| (key.as_str(), self.child(key, value)))
            .collect()
    }

    /// The members of the map at `key`.
    pub(super) fn members_at(&self, key: &str) -> Vec<(&'v str, Self)> {
        self.at(key).map_or_else(Vec::new, |map| map.members())
    }

    fn child(&self, key: &str, value: &'v Value) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-$/:@+ ".contains(c);
        let path = if key.is_empty() || !key.chars().all(plain) {
            format!("{}[{}]", self.path, Value::from(key))
        } else if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        };
        Self {
            value,
            path,
            notes: self.notes,
        }
    }

    pub(super) const fn value(&self) -> &'v Value {
        self.value
    }

    pub(super) fn text(&self) -> Option<&'v str> {
        self.value.as_str()
    }

    /// A number, also one that was written as text.
    pub(super) fn number(&self) -> Option<f64> {
        let written = self
            .value
            .as_str()
            .and_then(|text| text.trim().parse().ok());
        self.value
            .as_f64()
            .or(written)
            .filter(|number| number.is_finite())
    }

    pub(super) fn is_true(&self) -> bool {
        self.value == &Value::Bool(true)
    }

    /// The text at `key`, which stands at `to` from now on.
    pub(super) fn take(&self, key: &str, to: &str) -> Option<&'v str> {
        let member = self.at(key)?;
        let text = member.text();
        match text {
            Some(_) => member.carried(to),
            None => member.lost("this should be a text; correct it and import again"),
        }
        text
    }

    /// The text at `key` without a note.
    pub(super) fn word(&self, key: &str) -> Option<&'v str> {
        self.at(key)?.text()
    }

    /// Whether it was noted to be lost as a whole.
    pub(super) fn is_lost(&self) -> bool {
        let rows = self.notes.rows.borrow();
        let mut about = rows.iter().filter(|note| note.path == self.path);
        about.any(|note| note.fate == Fate::Lost)
    }

    /// Notes that it stands at `to` in our configuration.
    pub(super) fn carried(&self, to: impl Into<String>) {
        self.notes.add(&self.path, Fate::Carried, to.into());
    }

    /// Notes that nothing has to take its place.
    pub(super) fn not_needed(&self, why: impl Into<String>) {
        self.notes.add(&self.path, Fate::NotNeeded, why.into());
    }

    /// Notes that nothing took its place.
    pub(super) fn lost(&self, instead: impl Into<String>) {
        self.notes.add(&self.path, Fate::Lost, instead.into());
    }

    /// Notes that something that was read before stands at `to` in our configuration.
    pub(super) fn carried_at(&self, path: &str, to: impl Into<String>) {
        self.notes.add(path, Fate::Carried, to.into());
    }

    /// Notes that nothing took the place of something that was read before.
    pub(super) fn lost_at(&self, path: &str, instead: impl Into<String>) {
        self.notes.add(path, Fate::Lost, instead.into());
    }

    /// What becomes of every member that has no note yet, by `rules`, else as unknown.
    pub(super) fn rest(&self, rules: &[(&str, Rule)]) {
        for (key, member) in self.members() {
            if self.notes.has(&member.path) {
                continue;
            }
            match rules.iter().find(|(name, _rule)| *name == key) {
                Some((_, Rule::NotNeeded(why))) => member.not_needed(*why),
                Some((_, Rule::Lost(instead))) => member.lost(*instead),
                None => member.rest_below(),
            }
        }
    }

    /// What becomes of it where nothing was noted yet.
    pub(super) fn rest_as(&self, rule: Rule) {
        if !self.notes.has(&self.path) {
            match rule {
                Rule::NotNeeded(why) => self.not_needed(why),
                Rule::Lost(instead) => self.lost(instead),
            }
        }
    }

    /// Notes everything below that nobody looked at.
    fn rest_below(&self) {
        if self.notes.has(&self.path) {
            return;
        }
        if is_empty(self.value) {
            self.not_needed("it is empty");
        } else if self.notes.reaches_below(&self.path) {
            let below = self.members().into_iter().map(|(_key, member)| member);
            below
                .chain(self.items())
                .for_each(|member| member.rest_below());
        } else {
            self.lost("nothing here does the same, or it is not known what it does");
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
