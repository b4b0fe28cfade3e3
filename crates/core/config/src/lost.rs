//! What a configuration lost in the structural check.
//!
//! A value that is wrong or missing gets a stand-in, so that the rules can be
//! checked over the rest. What a rule finds at a stand-in, or only because of
//! one, says nothing about what the user wrote.

use std::collections::BTreeSet;

/// Paths of the effective configuration whose values are not the user's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lost(BTreeSet<String>);

impl Lost {
    pub(crate) fn insert(&mut self, path: String) {
        self.0.insert(path);
    }

    /// Whether the value at a path, or one around it, was lost.
    pub(crate) fn covers(&self, path: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let steps = path.match_indices(['.', '[']).map(|(at, _)| at);
        std::iter::once(0)
            .chain(steps)
            .chain(std::iter::once(path.len()))
            .filter_map(|end| path.get(..end))
            .any(|outer| self.0.contains(outer))
    }

    /// Whether the value at a path, one around it, or one inside it was lost.
    pub(crate) fn touches(&self, path: &str) -> bool {
        let inside = |step: char| {
            let first = format!("{path}{step}");
            let mut from = self.0.range(first.clone()..);
            from.next().is_some_and(|lost| lost.starts_with(&first))
        };
        self.covers(path) || (!self.0.is_empty() && (inside('.') || inside('[')))
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
    }
}
