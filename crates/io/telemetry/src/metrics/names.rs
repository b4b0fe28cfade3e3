//! Label values as small numbers.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// Longer values are folded: a label is not a place for a text.
const NAME_BYTES_MAX: usize = 128;

/// Values that callers thought of, among all.
const GUESTS_MAX: usize = 64;

/// A label value in one [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Symbol(u32);

impl Symbol {
    /// Everything beyond a limit.
    pub(super) const OTHER: Self = Self(0);
}

/// Up to `MAX` distinct values; whatever comes later is [`Symbol::OTHER`].
pub(super) struct Names<const MAX: usize> {
    texts: Vec<Box<str>>,
    symbols: HashMap<Box<str>, Symbol, RandomState>,
    /// How many of them callers thought of.
    guests: usize,
}

impl<const MAX: usize> Default for Names<MAX> {
    fn default() -> Self {
        Self {
            texts: vec![Box::from("other")],
            symbols: HashMap::default(),
            guests: 0,
        }
    }
}

impl<const MAX: usize> Names<MAX> {
    /// The number of a value, a new one where it is new and there is room.
    pub(super) fn symbol(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.symbols.get(text) {
            return *symbol;
        }
        let (true, Ok(next)) = (self.texts.len() <= MAX, u32::try_from(self.texts.len())) else {
            return Symbol::OTHER;
        };
        if text.len() > NAME_BYTES_MAX {
            return Symbol::OTHER;
        }
        self.texts.push(Box::from(text));
        self.symbols.insert(Box::from(text), Symbol(next));
        Symbol(next)
    }

    /// The number of a value that a caller thought of. Such values have few places, so
    /// that they leave room for others, and get one only where they are `proven`.
    pub(super) fn guest(&mut self, text: &str, proven: bool) -> Symbol {
        if let Some(symbol) = self.symbols.get(text) {
            return *symbol;
        }
        if !proven || self.guests >= GUESTS_MAX || is_key(text) {
            return Symbol::OTHER;
        }
        let symbol = self.symbol(text);
        self.guests += usize::from(symbol != Symbol::OTHER);
        symbol
    }

    /// The value of a number.
    pub(super) fn text(&self, symbol: Symbol) -> &str {
        self.texts
            .get(symbol.0 as usize)
            .map_or("other", |text| text)
    }
}

/// True for what may be a key and no name: names have no such long runs of letters and
/// digits.
fn is_key(text: &str) -> bool {
    const RUN_BYTES_MAX: usize = 24;
    let mut runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    runs.any(|run| run.len() > RUN_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::{Names, Symbol};

    #[test]
    fn a_value_keeps_its_number_and_the_rest_is_folded() {
        let mut names = Names::<2>::default();
        let (a, b) = (names.symbol("a"), names.symbol("b"));
        assert_eq!((names.text(a), names.text(b)), ("a", "b"));
        assert_eq!(names.symbol("c"), Symbol::OTHER);
        assert_eq!(names.symbol("a"), a);
        assert_eq!(names.text(Symbol::OTHER), "other");
    }

    #[test]
    fn guests_leave_room_for_others() {
        let mut names = Names::<100>::default();
        assert_eq!(names.guest("unproven", false), Symbol::OTHER);
        let key = "sk-proj-Ab3dE5Gh7jK9Ab3dE5Gh7jK9Ab3dE5Gh7jK9";
        assert_eq!(names.guest(key, true), Symbol::OTHER);
        let guests = (0..1000).map(|index| names.guest(&format!("guest-{index}"), true));
        let admitted = guests.filter(|guest| *guest != Symbol::OTHER).count();
        assert_eq!(admitted, super::GUESTS_MAX);
        let own = names.symbol("configured");
        assert_ne!(own, Symbol::OTHER);
        assert_eq!(names.guest("configured", false), own);
        assert_ne!(names.guest("guest-0", false), Symbol::OTHER);
    }

    #[test]
    fn a_text_is_not_a_name() {
        let mut names = Names::<2>::default();
        assert_eq!(names.symbol(&"x".repeat(129)), Symbol::OTHER);
        assert_ne!(names.symbol(&"x".repeat(128)), Symbol::OTHER);
    }
}
