//! Pictures of numbers, and how a shape is held against them.
//!
//! In a picture `9` stands for a digit, `A` for a letter, `X` for either; `{3}` and
//! `{7,12}` repeat what stands before them. `-` stands for a hyphen, space or dot (the
//! same throughout the number), `_` for a hyphen, a space for a space, `.` and `/` for
//! themselves. Anything else is itself a letter that must stand there.

use super::shape::{GROUPS_MAX, Group, Joint, LENGTH_BITS, Shape};

/// A way to write the numbers of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Its picture.
    pub(super) picture: &'static str,
    /// How sure the form is by itself, in hundredths; with a check digit: by its being
    /// right.
    pub(super) score: u8,
}

/// What may join two groups of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Hyphen, space or dot, the same throughout.
    Any,
    Only(Joint),
}

impl Wanted {
    fn named(c: char) -> Option<Self> {
        match c {
            '-' => Some(Self::Any),
            '_' => Some(Self::Only(Joint::Hyphen)),
            ' ' => Some(Self::Only(Joint::Space)),
            '.' => Some(Self::Only(Joint::Dot)),
            '/' => Some(Self::Only(Joint::Slash)),
            _ => None,
        }
    }
}

/// A picture without repetitions, as bits.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// The lengths of its groups, as in [`Shape::lengths`].
    lengths: u64,
    groups: usize,
    joints: [Option<Wanted>; GROUPS_MAX],
    digits: u64,
    letters: u64,
    /// Characters that must stand at a place.
    fixed: Vec<(usize, u8)>,
    chars: usize,
    /// Index of the kind.
    pub(super) kind: usize,
    /// See [`Form::score`].
    pub(super) score: u8,
}

impl Pattern {
    /// The patterns of a form: one for each number of repetitions.
    pub(super) fn compile(form: &Form, kind: usize) -> impl Iterator<Item = Self> {
        let score = form.score;
        spread(form.picture)
            .into_iter()
            .map(move |picture| Self::of(&picture, kind, score))
    }

    fn of(picture: &str, kind: usize, score: u8) -> Self {
        let mut pattern = Self {
            lengths: 0,
            groups: 1,
            joints: [None; GROUPS_MAX],
            digits: 0,
            letters: 0,
            fixed: Vec::new(),
            chars: 0,
            kind,
            score,
        };
        for c in picture.chars() {
            if let Some(joint) = Wanted::named(c) {
                if let Some(slot) = pattern.joints.get_mut(pattern.groups - 1) {
                    *slot = Some(joint);
                }
                pattern.groups += 1;
                continue;
            }
            let bit = 1_u64 << pattern.chars;
            match c {
                '9' => pattern.digits |= bit,
                'A' => pattern.letters |= bit,
                'X' => {}
                _ => {
                    let byte = u8::try_from(c).unwrap_or_default();
                    pattern.fixed.push((pattern.chars, byte));
                    if byte.is_ascii_digit() {
                        pattern.digits |= bit;
                    } else {
                        pattern.letters |= bit;
                    }
                }
            }
            pattern.lengths += 1 << (LENGTH_BITS * (pattern.groups - 1));
            pattern.chars += 1;
        }
        pattern
    }

    /// The length of the first group.
    pub(super) const fn first(&self) -> usize {
        (self.lengths & ((1 << LENGTH_BITS) - 1)) as usize
    }

    /// Whether the first group has no digit: the number then begins before the first
    /// word with one.
    pub(super) const fn begins_with_letters(&self) -> bool {
        let first = (1_u64 << self.first()) - 1;
        self.groups > 1 && self.letters & first == first
    }

    /// The last group of the number when the shape begins with one of this pattern.
    pub(super) fn reads<'s>(&self, shape: &'s Shape) -> Option<&'s Group> {
        let bits = LENGTH_BITS * self.groups;
        if shape.lengths & ((1 << bits) - 1) != self.lengths {
            return None;
        }
        let mask = (1_u64 << self.chars) - 1;
        if shape.digits & self.digits != self.digits || shape.digits & self.letters != 0 {
            return None;
        }
        let groups = shape.groups().get(..self.groups)?;
        let (last, joined) = groups.split_last()?;
        let chars = shape.chars(self.chars);
        let fixed = |(place, byte): &(usize, u8)| chars.get(*place) == Some(byte);
        // Capitals throughout, or small letters throughout.
        let small = shape.small & mask;
        let letters = !shape.digits & mask;
        let one_case = small == 0 || small == letters;
        (last.free && one_case && self.fixed.iter().all(fixed) && self.joined(joined))
            .then_some(last)
    }

    fn joined(&self, groups: &[Group]) -> bool {
        let mut any = None;
        groups
            .iter()
            .zip(&self.joints)
            .all(|(group, wanted)| match (wanted, group.joint) {
                (Some(Wanted::Only(wanted)), Some(joint)) => *wanted == joint,
                (Some(Wanted::Any), Some(Joint::Slash)) => false,
                (Some(Wanted::Any), Some(joint)) => *any.get_or_insert(joint) == joint,
                _ => false,
            })
    }
}

/// Writes out the repetitions of a picture.
fn spread(picture: &str) -> Vec<String> {
    let mut pictures = vec![String::new()];
    let mut rest = picture.chars();
    let mut before = None;
    while let Some(c) = rest.next() {
        if c != '{' {
            for picture in &mut pictures {
                picture.push(c);
            }
            before = Some(c);
            continue;
        }
        let range: String = rest.by_ref().take_while(|c| *c != '}').collect();
        let (least, most) = range.split_once(',').unwrap_or((&range, &range));
        let least: usize = least.parse().unwrap_or(1);
        let most: usize = most.parse().unwrap_or(least);
        pictures = pictures
            .iter()
            .flat_map(|picture| {
                (least..=most).map(move |times| {
                    let more = times.saturating_sub(1);
                    let repeated = before.into_iter().cycle().take(more);
                    picture.chars().chain(repeated).collect()
                })
            })
            .collect();
    }
    pictures
}

#[cfg(test)]
mod tests {
    use super::{Form, Pattern, Shape, spread};

    fn reads(picture: &'static str, text: &str) -> bool {
        let form = Form { picture, score: 50 };
        let shape = Shape::read(text.as_bytes(), 0, true).unwrap();
        Pattern::compile(&form, 0).any(|pattern| pattern.reads(&shape).is_some())
    }

    #[test]
    fn repetitions_are_written_out() {
        assert_eq!(spread("9{3}-A"), ["999-A"]);
        assert_eq!(spread("A{1,2}9{2,3}"), ["A99", "A999", "AA99", "AA999"]);
    }

    #[test]
    fn a_picture_says_what_stands_where() {
        assert!(reads("999-99-9999", "123-45-6789"));
        assert!(reads("999-99-9999", "123 45 6789"));
        assert!(!reads("999-99-9999", "123-45 6789"));
        assert!(!reads("999_99_9999", "123 45 6789"));
        assert!(reads("999_99.9999", "123-45.6789"));
        assert!(reads("DE9{9}", "DE123456789"));
        assert!(!reads("DE9{9}", "FR123456789"));
        assert!(reads("AA 99", "AB 12"));
        assert!(!reads("AA 99", "A1 12"));
        assert!(reads("XX99", "a112"));
        assert!(!reads("AA99", "aB12"), "letters of one case");
    }

    #[test]
    fn a_number_ends_where_no_more_of_it_follows() {
        assert!(reads("999-99", "123-45."));
        assert!(reads("999-99", "123-45. Then"));
        assert!(reads("999-99", "123-45 6"));
        assert!(reads("999-99", "123-45-office"));
        assert!(!reads("999-99", "123-45-6"));
        assert!(!reads("999-99", "123-45.6"));
        assert!(!reads("999-99", "123-45x"));
        assert!(!reads("999-99", "123-456"));
    }
}
