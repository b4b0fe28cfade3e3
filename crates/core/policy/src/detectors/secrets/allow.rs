//! Values that the user knows and allows.

/// Values, and beginnings of values.
#[derive(Clone, Debug, Default)]
pub(super) struct Allow {
    values: Vec<Vec<u8>>,
    prefixes: Vec<Vec<u8>>,
}

impl Allow {
    /// Of these values; one with `*` at its end allows all that begin so.
    pub(super) fn new(values: &[String]) -> Self {
        let mut allow = Self::default();
        for value in values {
            match value.strip_suffix('*') {
                Some(prefix) => allow.prefixes.push(prefix.into()),
                None => allow.values.push(value.clone().into()),
            }
        }
        allow
    }

    /// Whether a secret is allowed of which this is all, or, when it is `open`, the
    /// beginning; `None` when more of it must be seen.
    pub(super) fn allows(&self, seen: &[u8], open: bool) -> Option<bool> {
        if self.prefixes.iter().any(|prefix| seen.starts_with(prefix)) {
            return Some(true);
        }
        if !open {
            return Some(self.values.iter().any(|value| value == seen));
        }
        let mut all = self.values.iter().chain(&self.prefixes);
        let undecided = all.any(|value| value.starts_with(seen));
        (!undecided).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::Allow;

    #[test]
    fn what_may_still_become_an_allowed_value_is_undecided() {
        let allow = Allow::new(&["abc".to_owned(), "xy*".to_owned()]);
        assert_eq!(allow.allows(b"abc", false), Some(true));
        assert_eq!(allow.allows(b"abcd", false), Some(false));
        assert_eq!(allow.allows(b"abc", true), None);
        assert_eq!(allow.allows(b"abcd", true), Some(false));
        assert_eq!(allow.allows(b"xyz", true), Some(true));
        assert_eq!(allow.allows(b"x", true), None);
        assert_eq!(allow.allows(b"x", false), Some(false));
    }
}
