//! A writer of JSON text.
//!
//! Closures fill objects and arrays, so brackets and commas are always right. What
//! is written is our own; raw values were checked when they were read.

use serde_json::Number;
use serde_json::value::RawValue;
use tollgate_wire::json;

/// Writes one object and gives its text.
pub(crate) fn object(fill: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    object_into(&mut out, fill);
    out
}

/// Appends one object.
pub(crate) fn object_into(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    fill(&mut Object { out, first: true });
    out.push(b'}');
}

/// Appends one string with its quotes.
pub(crate) fn string_into(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    json::escape_into(text, out);
    out.push(b'"');
}

/// The members of an object under way.
pub(crate) struct Object<'w> {
    out: &'w mut Vec<u8>,
    first: bool,
}

impl Object<'_> {
    /// Names the next member; its value must follow.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        string_into(self.out, name);
        self.out.push(b':');
        self.out
    }

    pub(crate) fn string(&mut self, name: &str, text: &str) {
        string_into(self.name(name), text);
    }

    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.string(name, text);
        }
    }

    pub(crate) fn string_or_null(&mut self, name: &str, text: Option<&str>) {
        match text {
            Some(text) => self.string(name, text),
            None => self.null(name),
        }
    }

    pub(crate) fn raw(&mut self, name: &str, value: &RawValue) {
        self.json(name, value.get());
    }

    /// A member whose value is JSON text already.
    pub(crate) fn json(&mut self, name: &str, value: &str) {
        self.name(name).extend_from_slice(value.as_bytes());
    }

    /// As [`Self::json`], for what was written here.
    pub(crate) fn bytes(&mut self, name: &str, value: &[u8]) {
        self.name(name).extend_from_slice(value);
    }

    /// A member with the one element that `fill` writes.
    pub(crate) fn element(&mut self, name: &str, fill: impl FnOnce(&mut Array<'_>)) {
        let out = self.name(name);
        fill(&mut Array { out, first: true });
    }

    pub(crate) fn number(&mut self, name: &str, value: &Number) {
        self.json(name, &value.to_string());
    }

    pub(crate) fn whole(&mut self, name: &str, value: u64) {
        self.json(name, &value.to_string());
    }

    pub(crate) fn bool(&mut self, name: &str, value: bool) {
        self.json(name, if value { "true" } else { "false" });
    }

    pub(crate) fn null(&mut self, name: &str) {
        self.json(name, "null");
    }

    pub(crate) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        object_into(self.name(name), fill);
    }

    pub(crate) fn array(&mut self, name: &str, fill: impl FnOnce(&mut Array<'_>)) {
        let out = self.name(name);
        out.push(b'[');
        fill(&mut Array { out, first: true });
        out.push(b']');
    }
}

/// The elements of an array under way.
pub(crate) struct Array<'w> {
    out: &'w mut Vec<u8>,
    first: bool,
}

impl Array<'_> {
    fn element(&mut self) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out
    }

    pub(crate) fn string(&mut self, text: &str) {
        string_into(self.element(), text);
    }

    pub(crate) fn raw(&mut self, value: &RawValue) {
        self.json(value.get());
    }

    /// An element that is JSON text already.
    pub(crate) fn json(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// As [`Self::json`], for what was written here.
    pub(crate) fn bytes(&mut self, value: &[u8]) {
        self.element().extend_from_slice(value);
    }

    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        object_into(self.element(), fill);
    }
}
