//! Characters of a text by their number, as citations name them.

/// Of so many characters the first is noted.
const STRIDE: usize = 64;

/// The most bytes of passages that are told for one text: behind them a citation has its places
/// alone.
const PASSAGES_BYTES_MAX: usize = 1024 * 1024;

/// Where the characters of a text are. It is walked once, however many ask, and only so far as
/// it has grown since.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The byte of the first of each `STRIDE` characters.
    noted: Vec<usize>,
    /// Bytes and characters that were walked.
    walked: usize,
    characters: usize,
    /// Characters behind the text that are not kept.
    behind: u64,
    /// Bytes of the passages that were told.
    told: usize,
}

impl Places {
    fn walk(&mut self, text: &str) {
        let rest = text.get(self.walked..).unwrap_or_default();
        for (at, _character) in rest.char_indices() {
            if self.characters.is_multiple_of(STRIDE) {
                self.noted.push(self.walked + at);
            }
            self.characters += 1;
        }
        self.walked = text.len();
    }

    /// The text goes on with what is not kept.
    pub(super) fn pass(&mut self, text: &str) {
        self.behind += text.chars().count() as u64;
    }

    /// How many characters there are.
    pub(super) fn count(&mut self, text: &str) -> u64 {
        self.walk(text);
        self.characters as u64 + self.behind
    }

    /// The characters from the one place to the other, as far as there are some. Nothing where
    /// not all of them are kept.
    pub(super) fn passage<'t>(&mut self, text: &'t str, start: u64, end: u64) -> &'t str {
        self.walk(text);
        if self.behind > 0 && end > self.characters as u64 {
            return "";
        }
        let found = text.get(self.at(text, start)..self.at(text, end));
        let found = found.unwrap_or_default();
        self.told = self.told.saturating_add(found.len());
        if self.told > PASSAGES_BYTES_MAX {
            return "";
        }
        found
    }

    fn at(&self, text: &str, place: u64) -> usize {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let Some(noted) = self.noted.get(place / STRIDE) else {
            return text.len();
        };
        let rest = text.get(*noted..).unwrap_or_default();
        let found = rest.char_indices().nth(place % STRIDE);
        found.map_or(text.len(), |(at, _character)| noted + at)
    }
}

#[cfg(test)]
mod tests {
    use super::{PASSAGES_BYTES_MAX, Places};

    #[test]
    fn every_passage_is_what_a_walk_finds() {
        let whole = "a\u{e9}\u{1f600}b".repeat(70);
        let mut places = Places::default();
        for cut in [0, 7, 130, 280] {
            let text: String = whole.chars().take(cut).collect();
            assert_eq!(places.count(&text), cut as u64);
            for (start, end) in [
                (0_usize, 1_usize),
                (3, 64),
                (63, 65),
                (64, 128),
                (100, 400),
                (9, 2),
                (300, 301),
            ] {
                let found = places.passage(&text, start as u64, end as u64);
                let walked = text.chars().skip(start);
                let walked: String = walked.take(end.saturating_sub(start)).collect();
                assert_eq!(found, walked, "{cut}: {start} to {end}");
            }
        }
    }

    #[test]
    fn what_is_not_kept_counts_and_is_in_no_passage() {
        let mut places = Places::default();
        places.pass("\u{e9}\u{e9}");
        assert_eq!(places.count("abc"), 5);
        assert_eq!(places.passage("abc", 1, 3), "bc");
        assert_eq!(places.passage("abc", 1, 4), "");
    }

    #[test]
    fn passages_are_told_up_to_a_limit() {
        let text = "a".repeat(PASSAGES_BYTES_MAX);
        let mut places = Places::default();
        assert_eq!(places.passage(&text, 0, u64::MAX).len(), PASSAGES_BYTES_MAX);
        assert_eq!(places.passage(&text, 0, 1), "");
    }
}
