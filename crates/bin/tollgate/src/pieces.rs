//! How a text is cut, so that it goes the way of a stream.

use std::str::FromStr;

/// The longest random piece, in characters.
const RANDOM_CHARS_MAX: u64 = 16;

/// How long pieces are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// So many characters each.
    Of(usize),
    /// 1 to 16 characters, by chance: the same for the same seed, line and text.
    Random(u64),
}

impl FromStr for Pieces {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let expected = || "write a number of characters, 1 or more, or random:SEED".to_owned();
        if let Some(seed) = written.strip_prefix("random:") {
            return seed.parse().map(Self::Random).map_err(|_error| expected());
        }
        match written.parse() {
            Ok(0) | Err(_) => Err(expected()),
            Ok(characters) => Ok(Self::Of(characters)),
        }
    }
}

impl Pieces {
    /// The pieces of the text in line `line`.
    pub(crate) fn of(self, text: &str, line: usize) -> Vec<&str> {
        let mut state = match self {
            Self::Of(_) => 0,
            Self::Random(seed) => seed ^ (line as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let characters = match self {
                Self::Of(characters) => characters,
                Self::Random(_) => {
                    usize::try_from(random(&mut state) % RANDOM_CHARS_MAX).unwrap_or(0) + 1
                }
            };
            let end = rest
                .char_indices()
                .nth(characters)
                .map_or(rest.len(), |(at, _)| at);
            let (piece, others) = rest.split_at(end);
            pieces.push(piece);
            rest = others;
        }
        pieces
    }
}

/// The next number of the sequence (`SplitMix64`).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    #[test]
    fn pieces_join_to_the_text_and_split_no_character() {
        let text = "añb𝄞cd".repeat(20);
        for pieces in [Pieces::Of(1), Pieces::Of(3), Pieces::Random(7)] {
            assert_eq!(pieces.of(&text, 1).concat(), text);
        }
        assert_eq!(Pieces::Of(4).of("añb𝄞cd", 0), ["añb𝄞", "cd"]);
        assert_ne!(
            Pieces::Random(1).of(&text, 1),
            Pieces::Random(2).of(&text, 1)
        );
    }

    #[test]
    fn what_is_no_length_is_refused() {
        assert_eq!("3".parse(), Ok(Pieces::Of(3)));
        assert_eq!("random:9".parse(), Ok(Pieces::Random(9)));
        for wrong in ["0", "-1", "random", "random:", "random:x", ""] {
            assert!(wrong.parse::<Pieces>().is_err(), "{wrong}");
        }
    }
}
