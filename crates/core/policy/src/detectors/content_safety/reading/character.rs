//! What a character is to the reader, and what is kept of it.

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of a word: the letter it stands for.
    Letter(char),
    /// A digit, as ASCII.
    Digit(char),
    /// Stands for a letter within a word: `@ $ ! *`.
    Mark(char),
    /// Invisible.
    Skip,
    /// An apostrophe: nothing within a word.
    Quote,
    /// Of a script that is written without spaces.
    Pair,
    /// Ends a sentence.
    End,
    /// Between words.
    Gap,
}

/// What `c` is. `latin` are the base letters of the Latin blocks, 0 where there is none.
pub(super) fn classify(c: char, latin: &[u8]) -> Kind {
    match c {
        'a'..='z' => Kind::Letter(c),
        'A'..='Z' => Kind::Letter(c.to_ascii_lowercase()),
        '0'..='9' => Kind::Digit(c),
        '@' | '$' | '!' | '*' => Kind::Mark(c),
        '\'' => Kind::Quote,
        '\n' => Kind::End,
        _ if c.is_ascii() => Kind::Gap,
        _ => other(c, latin),
    }
}

fn other(c: char, latin: &[u8]) -> Kind {
    match u32::from(c) {
        0x2018 | 0x2019 | 0x2bc => Kind::Quote,
        0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2069 | 0xfeff => Kind::Skip,
        0xfe00..=0xfe0f | 0x300..=0x36f | 0xe_0000..=0xe_01ef => Kind::Skip,
        0x64b..=0x652 | 0x640 => Kind::Skip,
        0x80..=0xbf | 0xd7 | 0xf7 => Kind::Gap,
        code @ 0xc0..=0x24f => base(latin, code - 0xc0),
        code @ 0x1e00..=0x1eff => base(latin, code - 0x1e00 + 0x190),
        0x3ac => Kind::Letter('α'),
        0x3ad => Kind::Letter('ε'),
        0x3ae => Kind::Letter('η'),
        0x3af => Kind::Letter('ι'),
        0x3cc => Kind::Letter('ο'),
        0x3cd => Kind::Letter('υ'),
        0x3ce => Kind::Letter('ω'),
        code @ (0x391..=0x3a9 | 0x410..=0x42f) => letter(code + 32),
        code @ 0x400..=0x40f => letter(code + 80),
        0x451 => Kind::Letter('е'),
        // Full-width forms.
        0xff01 | 0xff1f => Kind::End,
        code @ 0xff02..=0xff5e => {
            char::from_u32(code - 0xfee0).map_or(Kind::Gap, |c| classify(c, latin))
        }
        // Letters in circles, mathematical letters and digits, letters in squares, flags.
        code @ 0x24b6..=0x24e9 => letter(97 + (code - 0x24b6) % 26),
        code @ 0x1_d400..=0x1_d6a3 => letter(97 + (code - 0x1_d400) % 26),
        code @ 0x1_d7ce..=0x1_d7ff => {
            char::from_u32(48 + (code - 0x1_d7ce) % 10).map_or(Kind::Gap, Kind::Digit)
        }
        code @ (0x1_f130..=0x1_f149 | 0x1_f150..=0x1_f169 | 0x1_f170..=0x1_f189) => {
            letter(97 + (code - 0x1_f130) % 32)
        }
        code @ 0x1_f1e6..=0x1_f1ff => letter(97 + code - 0x1_f1e6),
        0x3002 | 0x964 | 0x61f | 0x6d4 => Kind::End,
        0x3041..=0x30fa | 0x30fc | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => {
            Kind::Pair
        }
        0x2000..=0x2bff | 0x3000..=0x303f | 0xfe10..=0xfe6f | 0xff00..=0xff65 => Kind::Gap,
        0x1_f000..=0x1_faff | 0xe000..=0xf8ff | 0x60c | 0x61b | 0xfffd => Kind::Gap,
        _ => Kind::Letter(c),
    }
}

fn base(latin: &[u8], index: u32) -> Kind {
    match usize::try_from(index)
        .ok()
        .and_then(|index| latin.get(index))
    {
        None | Some(0) => Kind::Gap,
        Some(letter) => Kind::Letter(char::from(*letter)),
    }
}

fn letter(code: u32) -> Kind {
    char::from_u32(code).map_or(Kind::Gap, Kind::Letter)
}
