//! Writes the changes: what is taken away goes with a comma, what is put in comes with one.

use bytes::Bytes;
use tollgate_wire::{Edit, Span};

use super::{Form, Group, Members, not_an_object, split};
use crate::format::DecodeError;
use crate::write;

impl Members<'_> {
    /// Puts a member in at a path where none is, as the first of its object.
    ///
    /// # Errors
    /// When the path leads into something else than an object.
    pub(crate) fn insert(&mut self, path: &'static str, json: &[u8]) -> Result<(), DecodeError> {
        let (outer, name) = split(path);
        let index = self.holder_or_new(outer)?;
        if let Some(group) = self.groups.get_mut(index) {
            group.add(name, json);
        }
        Ok(())
    }

    /// An edit within a value that stays.
    pub(crate) fn edit(&mut self, span: Span, with: Vec<u8>) {
        let with = Bytes::from(with);
        self.inner.push(Edit { span, with });
    }

    /// The edits that make the changes; none where nothing is to be changed.
    #[must_use]
    pub fn finish(mut self) -> Vec<Edit> {
        let mut edits = Vec::new();
        // What is inside comes last, and is part of what is around it where that is new.
        while let Some(group) = self.groups.pop() {
            if group.form == Form::Absent {
                let (outer, name) = split(group.path);
                let json = [b"{", &*group.added, b"}"].concat();
                let around = self.holder(outer);
                if let Some(around) = around.and_then(|index| self.groups.get_mut(index)) {
                    around.add(name, &json);
                }
            } else {
                group.edits(&mut edits);
            }
        }
        edits.append(&mut self.inner);
        edits
    }

    /// The index of what members at a path are put into.
    fn holder(&self, path: &str) -> Option<usize> {
        let forms = [Form::Object, Form::Null, Form::Absent];
        forms.iter().find_map(|form| {
            let mut groups = self.groups.iter();
            groups.position(|group| group.path == path && group.form == *form)
        })
    }

    /// The same, made where nothing is.
    fn holder_or_new(&mut self, path: &'static str) -> Result<usize, DecodeError> {
        if let Some(index) = self.holder(path) {
            return Ok(index);
        }
        if self.groups.iter().any(|group| group.path == path) {
            return Err(not_an_object(path));
        }
        self.holder_or_new(split(path).0)?;
        self.groups.push(Group::at(path));
        Ok(self.groups.len() - 1)
    }
}

impl Group {
    fn add(&mut self, name: &str, json: &[u8]) {
        if !self.added.is_empty() {
            self.added.push(b',');
        }
        write::string_into(&mut self.added, name);
        self.added.push(b':');
        self.added.extend_from_slice(json);
    }

    fn edits(self, edits: &mut Vec<Edit>) {
        let mut push = |span, with| edits.push(Edit { span, with });
        if self.form == Form::Null {
            if !self.added.is_empty() {
                let object = [b"{", &*self.added, b"}"].concat();
                push(self.span, object.into());
            }
            return;
        }
        self.removals(|span| push(span, Bytes::new()));
        let kept = || self.items.iter().filter(|item| item.is_kept);
        if !self.added.is_empty() {
            let comma: &[u8] = if kept().next().is_some() { b"," } else { b"" };
            let with = [&*self.added, comma].concat();
            push(Span::at(self.span.start + 1), with.into());
        }
        for item in kept() {
            if let Some(name) = item.new_name {
                let mut quoted = Vec::with_capacity(name.len() + 2);
                write::string_into(&mut quoted, name);
                push(item.name, quoted.into());
            }
            if let Some(json) = &item.new_value {
                push(item.value, json.clone());
            }
        }
    }

    /// One that others follow which are kept goes up to the next one; those at the end go
    /// from the end of the last that is kept.
    fn removals(&self, mut remove: impl FnMut(Span)) {
        let last_kept = self.items.iter().rposition(|item| item.is_kept);
        let tail = last_kept.map_or(0, |last| last + 1);
        for (item, next) in self.items.iter().zip(self.items.iter().skip(1)).take(tail) {
            if !item.is_kept {
                remove(Span::new(item.name.start, next.name.start));
            }
        }
        let from = match last_kept.and_then(|last| self.items.get(last)) {
            Some(last) => Some(last.value.end),
            None => self.items.first().map(|first| first.name.start),
        };
        let until = self.items.last().map(|item| item.value.end);
        if let (Some(from), Some(until)) = (from, until)
            && from < until
        {
            remove(Span::new(from, until));
        }
    }
}
