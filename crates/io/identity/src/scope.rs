//! Which models a key may use.

use std::collections::BTreeSet;

/// A set of model names, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelScope(Option<BTreeSet<Box<str>>>);

impl ModelScope {
    /// Every model. The default.
    pub const ALL: Self = Self(None);

    /// These names and no other; an empty list allows nothing.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Some(names.into_iter().map(Box::from).collect()))
    }

    /// What both allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(ours), Some(theirs)) => Self(Some(ours.intersection(&theirs).cloned().collect())),
            (ours, theirs) => Self(ours.or(theirs)),
        }
    }

    /// Whether a model may be used; names are compared as they are.
    #[must_use]
    pub fn allows(&self, model: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(model))
    }

    /// The names, when there is a list; `None` for all models.
    pub fn names(&self) -> Option<impl Iterator<Item = &str>> {
        self.0.as_ref().map(|names| names.iter().map(AsRef::as_ref))
    }
}

#[cfg(test)]
mod tests {
    use super::ModelScope;

    #[test]
    fn a_key_has_what_it_and_its_service_both_have() {
        let both = ModelScope::of(["a", "b"]).and(ModelScope::of(["b", "c"]));
        assert_eq!(both, ModelScope::of(["b"]));
        assert!(both.allows("b") && !both.allows("a") && !both.allows("c"));
        assert_eq!(
            ModelScope::ALL.and(ModelScope::of(["a"])),
            ModelScope::of(["a"])
        );
        assert_eq!(ModelScope::ALL.and(ModelScope::ALL), ModelScope::ALL);
    }

    #[test]
    fn an_empty_list_allows_nothing_and_no_list_everything() {
        assert!(!ModelScope::of([]).allows("a"));
        assert!(ModelScope::default().allows("a"));
    }
}
