//! The first test: which bytes can be part of an attack at all.
//!
//! Most values are names, numbers and words. They are passed by a table and a few
//! comparisons; everything else is judged. What is passed here is never judged, so each
//! attack that the judges know must have one of these signs.

/// How far a sign reaches beyond its first byte.
pub(super) const SIGN_BYTES_MAX: usize = 16;

/// What a byte may mean.
const COLD: u8 = 0;
const HOT: u8 = 1;
const LOOK: u8 = 2;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [COLD; 256];
    let mut byte: u8 = 0;
    loop {
        table[byte as usize] = match byte {
            b'\t' => COLD,
            0..0x20 => HOT,
            b'\'' | b'"' | b'`' | b'<' | b'>' | b'(' | b')' | b';' | b'|' | b'&' | b'$' | b'{'
            | b'}' | b'%' | b'\\' | b'=' | b'#' | b'*' | b'^' | b'~' | b'[' | b']' => HOT,
            b'.' | b'/' | b':' | b'-' | b' ' | b'+' => LOOK,
            0xc0 | 0xc1 | 0xef => HOT,
            0xc5 | 0xca | 0xe0 | 0xe2 | 0xe3 => LOOK,
            _ => COLD,
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

/// The first place at or behind `from` where an attack may begin to show. With `begin` a
/// value begins at `from`. With `complete` false the text goes on: a place whose sign is
/// cut off counts.
pub(super) fn first(text: &[u8], from: usize, begin: bool, complete: bool) -> Option<usize> {
    let mut at = from;
    let rest = text.get(at..)?;
    let places = || PLACES.iter().any(|place| begins(rest, place));
    if begin && (is_word(rest) || places() || (!complete && is_open_word(rest))) {
        return Some(at);
    }
    while let Some(rest) = text.get(at..) {
        let found = rest
            .iter()
            .position(|byte| CLASSES.get(usize::from(*byte)) != Some(&COLD))?;
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        let (byte, next) = rest.split_first()?;
        let hot = CLASSES.get(usize::from(*byte)) == Some(&HOT)
            || (!complete && next.len() < SIGN_BYTES_MAX && is_open(*byte, next))
            || is_sign(text, at, *byte, next);
        if hot {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Whether a sign that begins with `byte` may go on behind the end of `next`.
fn is_open(byte: u8, next: &[u8]) -> bool {
    match byte {
        b' ' | b'+' => is_open_word(next),
        b'/' => PLACES.iter().any(|place| is_part(next, place)),
        b'.' => {
            next.is_empty()
                || is_part(next, b"254.")
                || is_part(next, b"100.100")
                || is_part(next, b"google.")
        }
        b':' => {
            next.is_empty()
                || is_part(next, b"ec2")
                || PLACES.iter().any(|place| is_part(next, place))
        }
        b'-' => next.is_empty(),
        _ => next.len() < 2,
    }
}

/// Whether `next` may become a word of [`is_word`].
fn is_open_word(next: &[u8]) -> bool {
    if next.len() >= SIGN_BYTES_MAX {
        return false;
    }
    let words = [
        b"union".as_slice(),
        b"order by",
        b"group by",
        b"having",
        b"waitfor",
        b"rlike",
        b"select",
        b"or ",
        b"and ",
        b"xor ",
    ];
    if matches!(next, b"-" | b"/") {
        return true;
    }
    let joined = |word: &[u8]| {
        let rest = next.get(word.len()..).unwrap_or_default();
        begins(next, word)
            && (is_part(rest, b"true") || is_part(rest, b"not ") || is_part(rest, b"null"))
    };
    words.iter().any(|word| is_part(next, word))
        || [b"or ".as_slice(), b"and ", b"xor "]
            .iter()
            .any(|word| joined(word))
}

/// Whether `text` is shorter than `whole` and the beginning of it.
fn is_part(text: &[u8], whole: &[u8]) -> bool {
    text.len() < whole.len() && begins(whole, text)
}

fn is_sign(text: &[u8], at: usize, byte: u8, next: &[u8]) -> bool {
    let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
    match byte {
        b'.' => {
            next.first() == Some(&b'.')
                || next.starts_with(b"254.")
                || next.starts_with(b"100.100")
                || begins(next, b"google.")
        }
        b'/' => {
            matches!(next.first(), Some(b'/' | b'*' | b'.'))
                || PLACES.iter().any(|place| begins(next, place))
        }
        b':' => {
            matches!(next.first(), Some(b'/' | b'\\'))
                || matches!(before, Some(b't' | b'T' | b'a' | b'A'))
                || begins(next, b"ec2")
                || PLACES.iter().any(|place| begins(next, place))
        }
        b'-' => next.first() == Some(&b'-'),
        b' ' | b'+' => is_word(next),
        0xc5 => next.first() == Some(&0xbf),
        0xca => matches!(next.first(), Some(0xb9..=0xbc)),
        0xe0 => matches!(next.first(), Some(0x80..=0x9f)),
        0xe2 => match (next.first(), next.get(1)) {
            (Some(0x80), Some(third)) => !matches!(third, 0x90..=0xa3 | 0xa6..=0xaf),
            (Some(0x81 | 0x84 | 0x88 | 0x91..=0x93), _) => true,
            _ => false,
        },
        0xe3 => next.starts_with(&[0x80, 0x80]) || next.starts_with(&[0x80, 0x82]),
        _ => false,
    }
}

/// Folders that attacks name.
const PLACES: [&[u8]; 11] = [
    b"etc/", b"bin/", b"usr/", b"proc", b"var/", b"dev/", b"web-", b"inet", b"wind", b"winn",
    b"0x2e",
];

/// Whether a word or sign at the beginning of `next`, behind a blank, starts SQL or is a
/// command's option.
fn is_word(next: &[u8]) -> bool {
    let Some(first) = next.first().map(u8::to_ascii_lowercase) else {
        return false;
    };
    match first {
        b'u' => begins(next, b"union"),
        b'o' => begins(next, b"order by") || begins(next, b"order+by") || joins(next, b"or"),
        b'a' => joins(next, b"and"),
        b'x' => joins(next, b"xor"),
        b'g' => begins(next, b"group by"),
        b'h' => begins(next, b"having"),
        b'w' => begins(next, b"waitfor"),
        b'r' => begins(next, b"rlike"),
        b's' => begins(next, b"select"),
        b'-' | b'/' => next.get(1).is_some_and(u8::is_ascii_alphabetic),
        _ => false,
    }
}

/// `or 1`, `and true`: the word, and behind it what a condition begins with.
fn joins(next: &[u8], word: &[u8]) -> bool {
    if !begins(next, word) {
        return false;
    }
    let rest = next.get(word.len()..).unwrap_or_default();
    let Some((b' ' | b'+', rest)) = rest.split_first() else {
        return false;
    };
    rest.first()
        .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'@'))
        || begins(rest, b"true")
        || begins(rest, b"not ")
        || begins(rest, b"null")
}

/// Whether `text` begins so, whatever the size of its letters.
fn begins(text: &[u8], with: &[u8]) -> bool {
    text.get(..with.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(with))
}
