//! Names that were meant: what to offer where one is not known.

/// The known name that is nearest to `name`, the first of several; `None` when that would
/// take more edits than a third of its length and one.
pub(crate) fn similar<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let (edits, nearest) = known
        .map(|known| (edits(name, known), known))
        .min_by_key(|(edits, _)| *edits)?;
    (edits <= 1 + name.len() / 3).then_some(nearest)
}

/// How many bytes are to be changed, added or removed (Levenshtein's distance).
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, left) in one.bytes().enumerate() {
        let mut corner = above;
        let mut before = above + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(other.bytes()) {
            let here = (corner + usize::from(left != right))
                .min(before + 1)
                .min(*cell + 1);
            corner = std::mem::replace(cell, here);
            before = here;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{edits, similar};

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", ""), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("iban", "iban"), 0);
    }

    #[test]
    fn only_what_is_near_is_offered() {
        let known = ["iban", "email", "phone"];
        assert_eq!(similar("ibna", known.into_iter()), Some("iban"));
        assert_eq!(similar("shoe_size", known.into_iter()), None);
        assert_eq!(similar("x", [].into_iter()), None);
    }
}
