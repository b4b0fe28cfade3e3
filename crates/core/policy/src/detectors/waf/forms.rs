//! The forms of a value: as it is written, and with the layers around it taken off.
//!
//! An attack is read by something that decodes first: a web server takes off the percent
//! signs, a browser the character references, a script engine the backslashes. Which of
//! them comes last nobody knows here, so a value is judged after each.
//! It promises: every form costs time in proportion to the value, and letters are small in
//! all of them. The first has the length of the value, so that places in it are places in
//! the value.

/// How often a layer is taken off: a value encoded more often is nobody's that decodes it.
const ROUNDS_MAX: usize = 3;

/// The value as it is written, its ASCII letters small.
pub(super) fn written(value: &[u8]) -> Vec<u8> {
    value.to_ascii_lowercase()
}

/// The value without percent signs, character references, zero bytes and look-alike
/// characters, each taken off until nothing changes; `None` when it has none of them.
pub(super) fn transported(written: &[u8]) -> Option<Vec<u8>> {
    let first = unwrap(written)?;
    let mut form = first;
    for _ in 1..ROUNDS_MAX {
        match unwrap(&form) {
            Some(next) => form = next,
            None => break,
        }
    }
    Some(form)
}

/// The value without the escapes of scripts and style sheets (`\x3c`, `\u003c`, `\3c `, `\n`);
/// `None` when it has none.
pub(super) fn unescaped(form: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'\\', form)?;
    let mut out = Vec::with_capacity(form.len());
    let mut changed = false;
    let mut rest = form;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let taken = match backslash(escape) {
            Some((scalar, taken)) => {
                changed = true;
                push(&mut out, scalar);
                taken
            }
            None => {
                out.push(b'\\');
                1
            }
        };
        rest = escape.get(taken..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    changed.then_some(out)
}

/// Takes off one layer; `None` when there is none.
fn unwrap(form: &[u8]) -> Option<Vec<u8>> {
    let special = |byte: &u8| matches!(byte, b'%' | b'&' | 0) || !byte.is_ascii();
    let first = form.iter().position(special)?;
    let (plain, mut rest) = form.split_at(first);
    let mut out = Vec::with_capacity(form.len());
    out.extend_from_slice(plain);
    let mut changed = false;
    while let Some(&byte) = rest.first() {
        let decoded = match byte {
            b'%' => percent(rest),
            b'&' => reference(rest),
            0 => Some((None, 1)),
            _ if byte.is_ascii() => None,
            // A no-break space of one byte, as Latin-1 has it: databases skip it.
            0xa0 if out.last().is_none_or(u8::is_ascii) => Some((Some(0x20), 1)),
            _ => look_alike(rest),
        };
        let taken = match decoded {
            Some((scalar, taken)) => {
                changed = true;
                if let Some(scalar) = scalar {
                    push(&mut out, scalar);
                }
                taken
            }
            None => {
                out.push(byte);
                1
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    changed.then_some(out)
}

/// Writes a decoded character: small, and a byte where it is one, so that bytes that
/// were encoded one by one join.
fn push(out: &mut Vec<u8>, scalar: u32) {
    match u8::try_from(scalar) {
        Ok(byte) => out.push(byte.to_ascii_lowercase()),
        Err(_large) => {
            let c = char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// The number that up to `most` digits of this radix begin `text` with, and how many.
fn number(text: &[u8], radix: u32, most: usize) -> Option<(u32, usize)> {
    let mut value: u32 = 0;
    let mut length = 0;
    for byte in text.iter().take(most) {
        let Some(digit) = char::from(*byte).to_digit(radix) else {
            break;
        };
        value = value.saturating_mul(radix).saturating_add(digit);
        length += 1;
    }
    (length > 0).then_some((value, length))
}

/// `%3c` and `%u003c`.
fn percent(text: &[u8]) -> Option<(Option<u32>, usize)> {
    let digits = text.get(1..)?;
    if digits.first() == Some(&b'u') {
        let (value, length) = number(digits.get(1..)?, 16, 4)?;
        return (length == 4).then_some((Some(value), 6));
    }
    let (value, length) = number(digits, 16, 2)?;
    (length == 2).then_some((Some(value), 3))
}

/// The names of characters that attacks need.
const NAMED: [(&[u8], u8); 25] = [
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"quot", b'"'),
    (b"apos", b'\''),
    (b"amp", b'&'),
    (b"nbsp", b' '),
    (b"tab", b'\t'),
    (b"newline", b'\n'),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"comma", b','),
    (b"period", b'.'),
    (b"equals", b'='),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"lbrace", b'{'),
    (b"rbrace", b'}'),
    (b"lbrack", b'['),
    (b"rbrack", b']'),
    (b"sol", b'/'),
    (b"bsol", b'\\'),
    (b"grave", b'`'),
    (b"num", b'#'),
    (b"dollar", b'$'),
    (b"excl", b'!'),
];

/// `&#60;`, `&#x3c;`, `&lt;`; the semicolon may be missing behind a number.
fn reference(text: &[u8]) -> Option<(Option<u32>, usize)> {
    let name = text.get(1..)?;
    let Some(digits) = name.strip_prefix(b"#") else {
        return NAMED.iter().find_map(|(known, byte)| {
            let rest = name.strip_prefix(*known)?;
            (rest.first() == Some(&b';'))
                .then(|| (Some(u32::from(*byte)), known.len().saturating_add(2)))
        });
    };
    let (value, length) = match digits.strip_prefix(b"x") {
        Some(digits) => number(digits, 16, 8).map(|(value, length)| (value, length + 3))?,
        None => number(digits, 10, 10).map(|(value, length)| (value, length + 2))?,
    };
    let semicolon = usize::from(text.get(length) == Some(&b';'));
    Some((Some(value), length + semicolon))
}

/// `\x3c`, `\u003c`, `\u{3c}`, `\3c ` (with the blank that ends it), line ends.
fn backslash(text: &[u8]) -> Option<(u32, usize)> {
    let name = text.get(1..)?;
    match name.first()? {
        b'n' | b'r' => Some((0x0a, 2)),
        b'x' => {
            let (value, length) = number(name.get(1..)?, 16, 2)?;
            (length == 2).then_some((value, 4))
        }
        b'u' if name.get(1) == Some(&b'{') => {
            let (value, length) = number(name.get(2..)?, 16, 6)?;
            (name.get(2 + length) == Some(&b'}')).then_some((value, length + 4))
        }
        b'u' => {
            let (value, length) = number(name.get(1..)?, 16, 4)?;
            (length == 4).then_some((value, 6))
        }
        _ => {
            let (value, length) = number(name, 16, 6)?;
            let blank = usize::from(length < 6 && name.get(length) == Some(&b' '));
            (length >= 2 && value >= 0x20).then_some((value, 1 + length + blank))
        }
    }
}

/// Characters that something behind takes for another: ASCII written in too many bytes,
/// full-width and circled forms, and those that are not seen.
pub(super) fn look_alike(text: &[u8]) -> Option<(Option<u32>, usize)> {
    if let Some(overlong) = overlong(text) {
        return Some(overlong);
    }
    let length = match text.first()? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let c = std::str::from_utf8(text.get(..length)?)
        .ok()?
        .chars()
        .next()?;
    let plain = match c {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        '\u{ff01}'..='\u{ff5e}' => Some(u32::from(c) - 0xff01 + 0x21),
        '\u{2460}'..='\u{2468}' => Some(u32::from(c) - 0x2460 + 0x31),
        '\u{24d0}'..='\u{24e9}' => Some(u32::from(c) - 0x24d0 + 0x61),
        '\u{24b6}'..='\u{24cf}' => Some(u32::from(c) - 0x24b6 + 0x61),
        '\u{24ea}' => Some(0x30),
        '\u{2024}' | '\u{3002}' | '\u{ff61}' => Some(0x2e),
        '\u{2044}' | '\u{2215}' => Some(0x2f),
        '\u{2216}' => Some(0x5c),
        '\u{2b9}' | '\u{2bc}' => Some(0x27),
        '\u{2ba}' => Some(0x22),
        '\u{212a}' => Some(0x6b),
        '\u{17f}' => Some(0x73),
        '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200a}' => Some(0x20),
        '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(0x20),
        _ => return None,
    };
    Some((plain, length))
}

/// An ASCII character in two or three bytes. Decoders that accept such forms do not look
/// at the upper bits of the bytes that follow.
fn overlong(text: &[u8]) -> Option<(Option<u32>, usize)> {
    let low = |at: usize| text.get(at).map(|byte| u32::from(*byte));
    let continued = |at: usize| low(at).filter(|byte| byte & 0xc0 == 0x80);
    match *text.first()? {
        lead @ (0xc0 | 0xc1) => {
            let value = (u32::from(lead & 1) << 6) | (low(1)? & 0x3f);
            Some((Some(value), 2))
        }
        0xe0 => {
            let (second, third) = (continued(1)?, continued(2)?);
            let value = ((second & 0x3f) << 6) | (third & 0x3f);
            (value < 0x80).then_some((Some(value), 3))
        }
        _ => None,
    }
}
