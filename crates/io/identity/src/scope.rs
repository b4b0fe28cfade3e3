//! Which models a key may use.

use std::sync::Arc;

/// Model names that may be used: every list of them must allow a name.
///
/// A service has a list and its key may have one; together they are what both allow.
#[derive(Clone, Debug, Default)]
pub struct ModelScope(Arc<[Vec<Box<str>>]>);

impl ModelScope {
    /// Every model.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// These names and no other; `*` at the end of a name stands for any rest. An empty
    /// list allows nothing.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Arc::from([names.into_iter().map(Box::from).collect()]))
    }

    /// What both allow.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(other.0.iter()).cloned().collect())
    }

    /// Whether every model may be used whose name begins so.
    #[must_use]
    pub fn allows_all_below(&self, beginning: &str) -> bool {
        let covers = |name: &str| {
            let stem = name.strip_suffix('*');
            stem.is_some_and(|stem| beginning.starts_with(stem))
        };
        let mut lists = self.0.iter();
        lists.all(|names| names.iter().any(|name| covers(name)))
    }

    /// Whether a model may be used; names are compared as they are.
    #[must_use]
    pub fn allows(&self, model: &str) -> bool {
        self.0
            .iter()
            .all(|names| names.iter().any(|name| fits(name, model)))
    }
}

fn fits(name: &str, model: &str) -> bool {
    match name.strip_suffix('*') {
        Some(prefix) => model.starts_with(prefix),
        None => name == model,
    }
}

#[cfg(test)]
mod tests {
    use super::ModelScope;

    #[test]
    fn a_key_has_what_it_and_its_service_both_have() {
        let both = ModelScope::of(["a", "b"]).and(&ModelScope::of(["b", "c"]));
        assert!(both.allows("b") && !both.allows("a") && !both.allows("c"));
        let one = ModelScope::all().and(&ModelScope::of(["a"]));
        assert!(one.allows("a") && !one.allows("b"));
    }

    #[test]
    fn an_empty_list_allows_nothing_and_no_list_everything() {
        assert!(!ModelScope::of([]).allows("a"));
        assert!(ModelScope::all().allows("a"));
    }

    #[test]
    fn all_below_a_name_is_more_than_some_of_it() {
        for (names, expected) in [
            (&["openai/*"][..], true),
            (&["*"], true),
            (&["open*"], true),
            (&["openai/gpt*"], false),
            (&["openai/"], false),
            (&["gpt-4o", "anthropic/*"], false),
        ] {
            let scope = ModelScope::of(names.iter().copied());
            assert_eq!(scope.allows_all_below("openai/"), expected, "{names:?}");
            assert!(
                !scope
                    .and(&ModelScope::of(["x"]))
                    .allows_all_below("openai/")
            );
        }
        assert!(ModelScope::all().allows_all_below("openai/"));
    }

    #[test]
    fn a_star_stands_for_any_rest_and_only_at_the_end() {
        let scope = ModelScope::of(["gpt-*", "claude-opus"]);
        assert!(scope.allows("gpt-4o") && scope.allows("gpt-") && scope.allows("claude-opus"));
        assert!(!scope.allows("gpt") && !scope.allows("claude-opus-4"));
        assert!(ModelScope::of(["*"]).allows("anything"));
        assert!(!ModelScope::of(["*-mini"]).allows("gpt-mini"));
    }
}
