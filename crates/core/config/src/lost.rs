//! What a configuration lost on its way to the rules.
//!
//! A value that is wrong or missing gets a stand-in, and a file that is not YAML is read
//! up to its first syntax error, so that the rules can be checked over the rest. What a
//! rule finds at a stand-in, or only because something is missing, says nothing about what
//! the user wrote.

use std::collections::BTreeSet;

/// What of the effective configuration is not the user's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lost {
    /// Where the values are stand-ins.
    paths: BTreeSet<String>,
    /// A file could not be read to its end: what is not here may be written there.
    is_partial: bool,
}

impl Lost {
    /// Nothing yet; `is_partial` when a file could not be read to its end.
    pub(crate) const fn new(is_partial: bool) -> Self {
        Self {
            paths: BTreeSet::new(),
            is_partial,
        }
    }

    pub(crate) fn insert(&mut self, path: String) {
        self.paths.insert(path);
    }

    /// Whether what is not here may be written behind a syntax error.
    pub(crate) const fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Whether the value at a path, or one around it, was lost.
    pub(crate) fn covers(&self, path: &str) -> bool {
        if self.paths.is_empty() {
            return false;
        }
        let steps = path.match_indices(['.', '[']).map(|(at, _)| at);
        std::iter::once(0)
            .chain(steps)
            .chain(std::iter::once(path.len()))
            .filter_map(|end| path.get(..end))
            .any(|outer| self.paths.contains(outer))
    }

    /// Whether the value at a path, one around it, or one inside it was lost, or may be
    /// written behind a syntax error.
    pub(crate) fn touches(&self, path: &str) -> bool {
        let inside = |step: char| {
            let first = format!("{path}{step}");
            let mut from = self.paths.range(first.clone()..);
            from.next().is_some_and(|lost| lost.starts_with(&first))
        };
        self.is_partial
            || self.covers(path)
            || (!self.paths.is_empty() && (inside('.') || inside('[')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_and_inside_is_known() {
        let mut lost = Lost::default();
        assert!(!lost.covers("") && !lost.touches(""));
        lost.insert("a.b[1]".to_owned());
        lost.insert("a.b-c".to_owned());
        for path in ["a.b[1]", "a.b[1].x", "a.b-c", "a.b-c[0]"] {
            assert!(lost.covers(path), "{path}");
        }
        for path in ["", "a", "a.b", "a.b[10]", "a.b[0]", "a.b-cd"] {
            assert!(!lost.covers(path), "{path}");
        }
        for path in ["a", "a.b", "a.b[1]", "a.b[1].x"] {
            assert!(lost.touches(path), "{path}");
        }
        for path in ["a.b[0]", "a.c", "b"] {
            assert!(!lost.touches(path), "{path}");
        }
        lost.insert(String::new());
        assert!(lost.covers("z[3].y"));
        let partial = Lost::new(true);
        assert!(partial.touches("a") && !partial.covers("a"));
    }
}
