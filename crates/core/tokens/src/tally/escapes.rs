//! A JSON string with escapes, as its classes of bytes see it.

use memchr::memchr;

/// Gives the bytes that a string stands for. A character in hexadecimal is given as the
/// bytes that tell its class; what is no escape is given as it is.
pub(super) fn plain(mut escaped: &[u8], mut give: impl FnMut(&[u8])) {
    while let Some(at) = memchr(b'\\', escaped) {
        let (before, rest) = escaped.split_at(at);
        give(before);
        escaped = match rest {
            [_, b'n' | b'r', rest @ ..] => said(b"\n", rest, &mut give),
            [_, b't' | b'b' | b'f', rest @ ..] => said(b"\t", rest, &mut give),
            [_, b'u', a, b, c, d, rest @ ..] => {
                character([*a, *b, *c, *d], &mut give);
                rest
            }
            [_, one, rest @ ..] => said(&[*one], rest, &mut give),
            [one] => said(&[*one], &[], &mut give),
            [] => &[],
        };
    }
    give(escaped);
}

fn said<'r>(bytes: &[u8], rest: &'r [u8], give: &mut impl FnMut(&[u8])) -> &'r [u8] {
    give(bytes);
    rest
}

fn character(digits: [u8; 4], give: &mut impl FnMut(&[u8])) {
    let code = digits.iter().try_fold(0_u16, |code, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some((code << 4) | u16::try_from(value).ok()?)
    });
    let Some(code) = code else {
        give(&digits);
        return;
    };
    let [high, low] = code.to_be_bytes();
    match code {
        0..0x80 => give(&[low]),
        0x80..0x800 => give(&[0xC0 | (high << 2) | (low >> 6), 0x80]),
        // Two such escapes are one character of four bytes.
        0xD800..0xDC00 => give(&[0xF0, 0x80]),
        0xDC00..0xE000 => give(&[0x80, 0x80]),
        _ => give(&[0xE0 | (high >> 4), 0x80, 0x80]),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    fn given(escaped: &str) -> Vec<u8> {
        let mut out = Vec::new();
        plain(escaped.as_bytes(), |bytes| out.extend_from_slice(bytes));
        out
    }

    #[test]
    fn escapes_are_given_as_what_they_stand_for() {
        assert_eq!(given(r#"a\nb\t\"c\"\\\/"#), b"a\nb\t\"c\"\\/");
        assert_eq!(given(r"\u0041\u00e9"), [0x41, 0xC3, 0x80]);
        assert_eq!(given(r"\u6f22")[0], 0xE6);
        assert_eq!(given(r"\ud83d\ude00"), [0xF0, 0x80, 0x80, 0x80]);
    }

    #[test]
    fn what_is_no_escape_is_given_as_it_is() {
        assert_eq!(given(r"a\"), br"a\");
        assert_eq!(given(r"\u12"), b"u12");
        assert_eq!(given(r"\uzzzz!"), b"zzzz!");
    }
}
