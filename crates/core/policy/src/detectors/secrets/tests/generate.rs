//! Makes up secrets of every form. None of them is written down anywhere.

use crate::detectors::secrets::catalogue::{Form, Needs};
use crate::detectors::secrets::pattern::Part;
use crate::detectors::secrets::reader::ByteSet;

/// Numbers that look random and are the same in every run (xorshift64*).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap() % limit
    }

    pub(super) fn of<'t, T: ?Sized>(&mut self, choices: &[&'t T]) -> &'t T {
        choices[self.below(choices.len())]
    }

    /// So many bytes of a set.
    pub(super) fn text(&mut self, set: ByteSet, length: usize) -> String {
        let bytes: Vec<u8> = set.bytes().collect();
        (0..length)
            .map(|_| char::from(bytes[self.below(bytes.len())]))
            .collect()
    }
}

/// A secret of this form.
pub(super) fn secret(form: &Form, dice: &mut Dice) -> String {
    loop {
        let made: String = form
            .pattern
            .parts()
            .iter()
            .map(|part| self::part(part, dice))
            .collect();
        let has = |class: fn(&u8) -> bool| made.bytes().any(|byte| class(&byte));
        let digit = has(u8::is_ascii_digit);
        let enough = match form.needs {
            Needs::Nothing | Needs::Free => true,
            Needs::Digit => digit,
            Needs::Mixed => digit && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase),
        };
        // Nobody can tell a value that begins with a hyphen from an option.
        if enough && !made.starts_with(['-', '=']) {
            return made;
        }
    }
}

fn part(part: &Part, dice: &mut Dice) -> String {
    match part {
        Part::Text(text) => String::from_utf8(text.clone()).unwrap(),
        Part::Run { set, min, max } => {
            let (min, max) = (usize::from(*min), usize::from(*max));
            let more = dice.below((max - min).min(24) + 1);
            let made = dice.text(*set, min + more);
            // A key does not end with what a sentence may end with.
            made.strip_suffix('.')
                .map_or_else(|| made.clone(), |cut| format!("{cut}x"))
        }
    }
}
