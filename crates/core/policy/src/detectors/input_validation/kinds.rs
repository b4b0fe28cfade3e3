//! Which characters have no business in a text, by themselves and by their neighbours.
//!
//! Sources: Unicode's `Default_Ignorable_Code_Point`, `Bidi_Control` and `Variation_Selector`
//! properties; UTS #51 for emoji sequences; UTS #39 and UAX #31 for joiners.

use super::CharacterEntity;
use crate::characters::{char_at, char_before, is_hangul, is_unspaced};

/// What a character is to the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Part of a text that ends at this offset.
    Fine(usize),
    /// A finding that ends at this offset, with its score in hundredths.
    Found(CharacterEntity, u8, usize),
    /// What follows decides, and is not known yet.
    Undecided,
}

/// How far before a mark of direction a letter may stand that is written from right to
/// left.
const NEAR_BYTES: usize = 64;

/// The most tags that spell a flag.
const FLAG_TAGS: std::ops::RangeInclusive<usize> = 3..=6;

const BLACK_FLAG: char = '\u{1f3f4}';

/// The text around a character.
pub(super) struct Neighbours<'t> {
    pub(super) text: &'t [u8],
    /// Where the character begins.
    pub(super) at: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// Whether nothing can follow the text.
    pub(super) last: bool,
}

/// What follows a character.
enum After {
    Known(Option<char>),
    Unknown,
}

impl Neighbours<'_> {
    fn before(&self) -> Option<char> {
        char_before(self.text, self.at).and_then(|(c, _)| c)
    }

    fn after(&self) -> After {
        match char_at(self.text, self.end) {
            Some((c, _)) => After::Known(c),
            None if self.last => After::Known(None),
            None => After::Unknown,
        }
    }

    /// Fine when the character before, or the one behind, allows it.
    fn allowed_by(
        &self,
        entity: CharacterEntity,
        score: u8,
        test: impl Fn(char) -> bool,
    ) -> Judged {
        if self.before().is_some_and(&test) {
            return Judged::Fine(self.end);
        }
        self.allowed_by_next(entity, score, test)
    }

    fn allowed_by_next(
        &self,
        entity: CharacterEntity,
        score: u8,
        test: impl Fn(char) -> bool,
    ) -> Judged {
        match self.after() {
            After::Unknown => Judged::Undecided,
            After::Known(Some(c)) if test(c) => Judged::Fine(self.end),
            After::Known(_) => self.found(entity, score),
        }
    }

    const fn found(&self, entity: CharacterEntity, score: u8) -> Judged {
        Judged::Found(entity, score, self.end)
    }

    /// Zero-width joiner and non-joiner: parts of emoji, and of words of scripts whose
    /// letters join. Never two in a row.
    fn joiner(&self, joins_emoji: bool) -> Judged {
        use CharacterEntity::InvisibleCharacter;
        let Some(before) = self.before() else {
            return self.allowed_by_next(InvisibleCharacter, 80, is_joining);
        };
        match before {
            '\u{200c}' | '\u{200d}' => self.found(InvisibleCharacter, 80),
            _ if is_joining(before) => Judged::Fine(self.end),
            _ if joins_emoji && ends_emoji(before) => {
                self.allowed_by_next(InvisibleCharacter, 80, is_pictograph)
            }
            _ => self.allowed_by_next(InvisibleCharacter, 80, is_joining),
        }
    }

    /// A variation selector behind a character that has variants.
    fn variation(&self, test: impl Fn(char) -> bool) -> Judged {
        match self.before() {
            Some(before) if test(before) => Judged::Fine(self.end),
            _ => self.found(CharacterEntity::VariationSelector, 90),
        }
    }

    /// Marks of direction, which belong to text written from right to left.
    fn direction_mark(&self) -> Judged {
        let near = self.text.get(self.at.saturating_sub(NEAR_BYTES)..self.at);
        let near = near.unwrap_or_default().iter();
        if near.fold(false, |found, byte| found | is_from_right(*byte)) {
            return Judged::Fine(self.end);
        }
        match self.text.get(self.end) {
            None if !self.last => Judged::Undecided,
            Some(byte) if is_from_right(*byte) => Judged::Fine(self.end),
            _ => self.found(CharacterEntity::InvisibleCharacter, 60),
        }
    }

    /// Tags spell the flags of regions behind a black flag; nothing else.
    fn tag(&self) -> Judged {
        let found = self.found(CharacterEntity::TagCharacter, 100);
        if self.before() != Some(BLACK_FLAG) {
            return found;
        }
        let mut at = self.at;
        let mut tags = 0;
        loop {
            match char_at(self.text, at) {
                None if !self.last => return Judged::Undecided,
                Some((Some('\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}'), next))
                    if tags < *FLAG_TAGS.end() =>
                {
                    tags += 1;
                    at = next;
                }
                Some((Some('\u{e007f}'), next)) if FLAG_TAGS.contains(&tags) => {
                    return Judged::Fine(next);
                }
                _ => return found,
            }
        }
    }
}

/// Judges a character outside of printable ASCII.
pub(super) fn judge(c: char, near: &Neighbours<'_>) -> Judged {
    use CharacterEntity::{
        BidiControl, ControlCharacter, InvisibleCharacter, PrivateUseCharacter, TagCharacter,
        VariationSelector,
    };
    match c {
        '\t' | '\n' | '\u{c}' | '\r' | '\u{85}' => Judged::Fine(near.end),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => near.found(ControlCharacter, 90),
        '\u{ad}' => near.found(InvisibleCharacter, 40),
        '\u{34f}' => match near.before() {
            Some('\u{300}'..='\u{36f}' | '\u{590}'..='\u{5ff}') => Judged::Fine(near.end),
            _ => near.found(InvisibleCharacter, 80),
        },
        '\u{61c}' | '\u{200e}' | '\u{200f}' => near.direction_mark(),
        '\u{115f}' | '\u{1160}' => near.allowed_by(InvisibleCharacter, 80, is_hangul),
        '\u{17b4}' | '\u{17b5}' => near.allowed_by(InvisibleCharacter, 60, is_khmer),
        '\u{180b}'..='\u{180f}' => near.allowed_by(InvisibleCharacter, 80, is_mongolian),
        '\u{200b}' => near.allowed_by(InvisibleCharacter, 70, is_unspaced),
        '\u{200c}' => near.joiner(false),
        '\u{200d}' => near.joiner(true),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => near.found(BidiControl, 90),
        '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' => near.found(InvisibleCharacter, 80),
        '\u{2800}' => near.allowed_by(InvisibleCharacter, 60, is_braille),
        '\u{3164}' | '\u{ffa0}' => near.found(InvisibleCharacter, 80),
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => near.found(PrivateUseCharacter, 50),
        '\u{fe00}'..='\u{fe02}' => near.variation(has_form_variants),
        '\u{fe0e}' | '\u{fe0f}' => near.variation(has_emoji_variants),
        '\u{fe03}'..='\u{fe0d}' => near.found(VariationSelector, 90),
        // A mark of byte order at the start of a text is one.
        '\u{feff}' if near.at == 0 => Judged::Fine(near.end),
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' => {
            near.found(InvisibleCharacter, 80)
        }
        '\u{1d173}'..='\u{1d17a}' => near.found(InvisibleCharacter, 80),
        '\u{e0100}'..='\u{e01ef}' => near.variation(is_han),
        '\u{e0000}'..='\u{e007f}' => near.tag(),
        '\u{e0080}'..='\u{e0fff}' => near.found(TagCharacter, 100),
        _ => Judged::Fine(near.end),
    }
}

/// Whether a character that [`judge`] may find begins with these bytes of UTF-8.
pub(super) const fn may_be_found(lead: u8, next: u8) -> bool {
    match lead {
        0xc2 => matches!(next, 0x80..=0x9f | 0xad),
        0xcd => next == 0x8f,
        0xd8 => next == 0x9c,
        0xe1 => matches!(next, 0x85 | 0x9e | 0xa0),
        0xe2 => matches!(next, 0x80 | 0x81 | 0xa0),
        0xe3 => next == 0x85,
        0xef => !matches!(next, 0xa4..=0xb7 | 0xb9 | 0xba | 0xbc | 0xbd),
        0xf0 => matches!(next, 0x9b | 0x9d),
        0..=0x1f | 0x7f | 0xee | 0xf3.. => true,
        _ => false,
    }
}

/// Bytes of the letters of Hebrew, Arabic, Syriac, Thaana and N'Ko (and the last Armenian).
const fn is_from_right(byte: u8) -> bool {
    byte >= 0xd6 && byte <= 0xdf
}

/// Letters and marks of scripts that use joiners inside words.
const fn is_joining(c: char) -> bool {
    matches!(
        c,
        // Arabic, Syriac, Thaana, N'Ko, Mandaic
        '\u{600}'..='\u{61b}' | '\u{61d}'..='\u{8ff}'
            // The scripts of India, Sri Lanka, Tibet; Myanmar, Khmer, Mongolian
            | '\u{900}'..='\u{dff}'
            | '\u{f00}'..='\u{109f}'
            | '\u{1780}'..='\u{17b3}'
            | '\u{17b6}'..='\u{17ff}'
            | '\u{1800}'..='\u{180a}'
            | '\u{1810}'..='\u{18af}'
            | '\u{1a20}'..='\u{1aaf}'
            | '\u{1b00}'..='\u{1cff}'
            | '\u{a800}'..='\u{a8ff}'
            | '\u{a900}'..='\u{a9df}'
            | '\u{abc0}'..='\u{abff}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{10a00}'..='\u{10aff}'
            | '\u{10d00}'..='\u{10d3f}'
            | '\u{11000}'..='\u{11fff}'
            | '\u{1e900}'..='\u{1e95f}'
    )
}

const fn is_khmer(c: char) -> bool {
    matches!(c, '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17ff}')
}

const fn is_mongolian(c: char) -> bool {
    matches!(c, '\u{1800}'..='\u{180a}' | '\u{1810}'..='\u{18af}')
}

const fn is_braille(c: char) -> bool {
    matches!(c, '\u{2801}'..='\u{28ff}')
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Pictures, near enough to Unicode's `Extended_Pictographic`.
const fn is_pictograph(c: char) -> bool {
    matches!(
        c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2194}'..='\u{21aa}'
            | '\u{231a}'..='\u{23ff}'
            | '\u{24c2}'
            | '\u{25a0}'..='\u{27bf}'
            | '\u{2934}'..='\u{2935}'
            | '\u{2b05}'..='\u{2b55}'
            | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}'
            | '\u{1fc00}'..='\u{1fffd}'
    )
}

/// What stands before a joiner in an emoji: a picture, its variation, or the end of a flag.
const fn ends_emoji(c: char) -> bool {
    is_pictograph(c) || matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{e007f}')
}

/// Characters that are shown as text or as pictures: emoji, symbols, key caps.
const fn has_emoji_variants(c: char) -> bool {
    is_pictograph(c)
        || matches!(c, '0'..='9' | '#' | '*' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
            | '\u{2100}'..='\u{2bff}' | '\u{3001}'..='\u{303f}')
}

/// Characters with standardised variants: Han, punctuation beside it, mathematics,
/// scripts with letters of several forms.
const fn has_form_variants(c: char) -> bool {
    is_han(c)
        || matches!(c, '0' | '\u{2018}'..='\u{201d}' | '\u{2100}'..='\u{214f}' | '\u{2190}'..='\u{22ff}'
            | '\u{2a00}'..='\u{2aff}' | '\u{1000}'..='\u{109f}' | '\u{3001}'..='\u{301f}'
            | '\u{a840}'..='\u{a87f}' | '\u{aa60}'..='\u{aa7f}' | '\u{ff01}'..='\u{ff1f}'
            | '\u{10ac0}'..='\u{10aff}' | '\u{13000}'..='\u{1342f}')
}
