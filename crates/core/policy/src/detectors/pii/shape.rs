//! How a number is written: groups of letters and digits, and what joins them.
//!
//! There is a shape for each word that holds a digit; everything that looks like a number
//! is told apart by it. Groups that are a part of several numbers are read once. It goes on over single joints (hyphen, space, dot,
//! slash; also a hyphen or slash between spaces, and two spaces) as long as groups follow that
//! may belong to a number: digits, or at most four capitals.
//! Bounds: [`GROUPS_MAX`] groups, [`CHARS_MAX`] letters and digits.

use crate::digit::is_digit;

/// The most groups that are read as one number.
pub(super) const GROUPS_MAX: usize = 8;

/// The most letters and digits of one number.
pub(super) const CHARS_MAX: usize = 64;

/// The longest group of letters behind a joint.
const LETTERS_MAX: usize = 4;

/// The text ends before it can be told what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undecided;

/// What stands between two groups of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    Hyphen,
    Space,
    Dot,
    Slash,
}

/// What stands at `at` between two groups, and where the next begins; `None` for
/// everything else.
pub(super) fn joint(
    text: &[u8],
    at: usize,
    last: bool,
) -> Result<Option<(Joint, usize)>, Undecided> {
    let rest = text.get(at..).unwrap_or_default();
    Ok(Some(match rest {
        [b'-', ..] => (Joint::Hyphen, at + 1),
        [b' ', b'-', b' ', ..] => (Joint::Hyphen, at + 3),
        [b' ', b'/', b' ', ..] => (Joint::Slash, at + 3),
        [b' ', b' ', ..] => (Joint::Space, at + 2),
        [b' '] | [b' ', b'-' | b'/'] if !last => return Err(Undecided),
        [b' ', ..] => (Joint::Space, at + 1),
        [b'.', ..] => (Joint::Dot, at + 1),
        [b'/', ..] => (Joint::Slash, at + 1),
        // U+00A0
        [0xc2, 0xa0, ..] => (Joint::Space, at + 2),
        // U+2010 to U+2015, U+2212
        [0xe2, 0x80, 0x90..=0x95, ..] | [0xe2, 0x88, 0x92, ..] => (Joint::Hyphen, at + 3),
        // U+2007, U+2009, U+202F
        [0xe2, 0x80, 0x87 | 0x89 | 0xaf, ..] => (Joint::Space, at + 3),
        [] | [0xc2] | [0xe2] | [0xe2, 0x80 | 0x88] if !last => return Err(Undecided),
        _ => return Ok(None),
    }))
}

/// One past the run of ASCII letters and digits that begins at `at`.
pub(super) fn word_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(rest.len())
}

/// Where the run of ASCII letters and digits before `end` begins; `None` when it is
/// longer than `bytes_max`.
pub(super) fn word_start(text: &[u8], end: usize, bytes_max: usize) -> Option<usize> {
    run_start(text, end, bytes_max, |byte| byte.is_ascii_alphanumeric())
}

/// Where the run of such bytes before `end` begins; `None` when it is longer than
/// `bytes_max`.
pub(super) fn run_start(
    text: &[u8],
    end: usize,
    bytes_max: usize,
    is_part: impl Fn(u8) -> bool,
) -> Option<usize> {
    let first = end.saturating_sub(bytes_max + 1);
    let near = text.get(first..end)?;
    match near.iter().rposition(|byte| !is_part(*byte)) {
        Some(other) => Some(first + other + 1),
        None if near.len() <= bytes_max => Some(first),
        None => None,
    }
}

/// Whether what begins at `start` goes on from an earlier number: a word with a digit
/// joined by a hyphen, a digit and a dot, slash or colon, or a sign of money.
pub(super) fn continues(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    match before {
        [.., digit, b'.' | b'/' | b':'] if is_digit(*digit) => true,
        [rest @ .., b'-'] => word_start(rest, rest.len(), CHARS_MAX)
            .and_then(|from| rest.get(from..))
            .is_none_or(|word| word.iter().any(|byte| is_digit(*byte))),
        [.., b'$'] | [.., 0xc2, 0xa3 | 0xa5] | [.., 0xe2, 0x82, 0xac] => true,
        _ => false,
    }
}

/// One group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    start: usize,
    /// One past its last byte.
    pub(super) end: usize,
    /// How many letters and digits there are up to its end.
    pub(super) chars: usize,
    /// What joins it to the next.
    pub(super) joint: Option<Joint>,
    /// Whether the number may end with it.
    pub(super) free: bool,
}

/// A number as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    groups: [Group; GROUPS_MAX],
    count: usize,
    /// The letters, as capitals, and digits.
    chars: [u8; CHARS_MAX],
    /// A bit for each of them that is a digit.
    pub(super) digits: u64,
    /// A bit for each of them that is a small letter in the text.
    pub(super) small: u64,
    /// The lengths of the groups, five bits each; more than 31 count as 31.
    pub(super) lengths: u64,
}

impl Default for Shape {
    /// Of nothing.
    fn default() -> Self {
        Self {
            groups: [Group::default(); GROUPS_MAX],
            count: 0,
            chars: [0; CHARS_MAX],
            digits: 0,
            small: 0,
            lengths: 0,
        }
    }
}

/// Bits of [`Shape::lengths`] for one group.
pub(super) const LENGTH_BITS: usize = 5;

impl Shape {
    /// Reads what begins at `start`. No groups when the word there is too long.
    pub(super) fn read(text: &[u8], start: usize, last: bool) -> Result<Self, Undecided> {
        let mut shape = Self::default();
        shape.move_to(text, start, last)?;
        Ok(shape)
    }

    /// Reads what begins at `start`, in the text that the shape is of; what is known of
    /// it is not read again.
    pub(super) fn move_to(
        &mut self,
        text: &[u8],
        start: usize,
        last: bool,
    ) -> Result<(), Undecided> {
        match self.groups().iter().position(|group| group.start == start) {
            Some(place) => self.drop_groups(place),
            None => {
                *self = Self::default();
                let end = word_end(text, start);
                if end - start > CHARS_MAX {
                    return Ok(());
                }
                if end == text.len() && !last {
                    return Err(Undecided);
                }
                self.push(text, start, end);
            }
        }
        self.read_on(text, last)
    }

    /// Reads the groups that follow.
    fn read_on(&mut self, text: &[u8], last: bool) -> Result<(), Undecided> {
        while self.count < GROUPS_MAX {
            let end = self.groups().last().map_or(0, |group| group.end);
            let Some((joint, begin)) = joint(text, end, last)? else {
                break;
            };
            match follower(text, begin, last)? {
                Follower::Group(until) => {
                    let letter = text.get(begin).is_some_and(u8::is_ascii_uppercase);
                    self.join(joint, letter);
                    if !self.push(text, begin, until) {
                        break;
                    }
                }
                Follower::Number => {
                    self.join(joint, false);
                    break;
                }
                Follower::Other => break,
            }
        }
        Ok(())
    }

    /// Leaves out the first groups.
    fn drop_groups(&mut self, count: usize) {
        let Some(last) = count
            .checked_sub(1)
            .and_then(|last| self.groups().get(last))
        else {
            return;
        };
        let chars = last.chars;
        self.groups.copy_within(count.., 0);
        self.chars.copy_within(chars.., 0);
        for group in &mut self.groups {
            group.chars = group.chars.wrapping_sub(chars);
        }
        self.count -= count;
        self.digits >>= chars;
        self.small >>= chars;
        self.lengths >>= LENGTH_BITS * count;
    }

    /// The groups.
    pub(super) fn groups(&self) -> &[Group] {
        self.groups.get(..self.count).unwrap_or_default()
    }

    /// The first letters and digits.
    pub(super) fn chars(&self, count: usize) -> &[u8] {
        self.chars.get(..count).unwrap_or_default()
    }

    /// Adds a group; false when it does not fit.
    fn push(&mut self, text: &[u8], start: usize, end: usize) -> bool {
        let before = self.groups().last().map_or(0, |group| group.chars);
        let chars = before + (end - start);
        let (Some(slots), Some(bytes)) = (self.chars.get_mut(before..chars), text.get(start..end))
        else {
            return false;
        };
        for (place, (slot, byte)) in slots.iter_mut().zip(bytes).enumerate() {
            *slot = byte.to_ascii_uppercase();
            let bit = 1_u64 << ((before + place) % 64);
            if is_digit(*byte) {
                self.digits |= bit;
            } else if byte.is_ascii_lowercase() {
                self.small |= bit;
            }
        }
        if let Some(slot) = self.groups.get_mut(self.count) {
            *slot = Group {
                start,
                end,
                chars,
                joint: None,
                free: true,
            };
        }
        self.lengths |= ((end - start).min(31) as u64) << (LENGTH_BITS * self.count);
        self.count += 1;
        true
    }

    /// Notes what follows the last group; `letter` when the next begins with one.
    fn join(&mut self, joint: Joint, letter: bool) {
        let last = self.count.checked_sub(1);
        if let Some(group) = last.and_then(|last| self.groups.get_mut(last)) {
            group.joint = Some(joint);
            group.free = joint == Joint::Space || letter && joint == Joint::Dot;
        }
    }
}

/// What stands behind a joint.
enum Follower {
    /// A group that ends here.
    Group(usize),
    /// A longer number.
    Number,
    /// Nothing that belongs to a number.
    Other,
}

fn follower(text: &[u8], at: usize, last: bool) -> Result<Follower, Undecided> {
    let rest = text.get(at..).unwrap_or_default();
    let Some(first) = rest.first() else {
        return if last {
            Ok(Follower::Other)
        } else {
            Err(Undecided)
        };
    };
    if is_digit(*first) {
        let end = word_end(text, at);
        return if end - at > CHARS_MAX {
            Ok(Follower::Number)
        } else if end == text.len() && !last {
            Err(Undecided)
        } else {
            Ok(Follower::Group(end))
        };
    }
    let mut digits = 0;
    for (place, byte) in rest.iter().enumerate() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'A'..=b'Z' if place < LETTERS_MAX || digits > 0 => {}
            b'A'..=b'Z' | b'a'..=b'z' => return Ok(Follower::Other),
            _ if place == 0 => return Ok(Follower::Other),
            _ => return Ok(Follower::Group(at + place)),
        }
        if place > 2 * LETTERS_MAX + 4 {
            return Ok(Follower::Other);
        }
    }
    if last {
        Ok(Follower::Group(text.len()))
    } else {
        Err(Undecided)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::{Shape, Undecided, word_start};
    use crate::digit::next_digit;

    const PIECES: [&str; 20] = [
        " ",
        " ",
        "-",
        "-",
        ".",
        "/",
        " - ",
        "  ",
        "\u{a0}",
        "\u{2011}",
        ",",
        "1",
        "23",
        "4567",
        "AB",
        "ABCDE",
        "b",
        "8901234567",
        "A1B2",
        "0123456789012345678901234567890",
    ];

    fn described(shape: Result<&Shape, Undecided>) -> String {
        let Ok(shape) = shape else {
            return "undecided".to_owned();
        };
        let chars = shape.groups().last().map_or(0, |group| group.chars);
        let Shape {
            digits,
            small,
            lengths,
            ..
        } = shape;
        let bits = format!("{digits:b} {small:b} {lengths:b}");
        format!("{:?} {:?} {bits}", shape.groups(), shape.chars(chars))
    }

    proptest! {
        #[test]
        fn a_shape_that_moved_is_the_one_that_is_read_anew(
            pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..40),
            last: bool,
        ) {
            let text = pieces.concat();
            let text = text.as_bytes();
            let mut moved = Shape::default();
            let mut at = 0;
            while let Some(digit) = next_digit(text, at) {
                at = digit + 1;
                let Some(start) = word_start(text, digit, 34) else { continue };
                let known = moved.move_to(text, start, last);
                let anew = Shape::read(text, start, last);
                assert_eq!(described(known.map(|()| &moved)), described(anew.as_ref().map_err(|e| *e)));
                if known.is_err() {
                    break;
                }
            }
        }
    }
}
