//! Credentials of headers: `Bearer …` and `Basic …`.

use super::assigned::{Given, VALUE_BYTES_MAX, Within, held_from, trimmed, within};
use super::catalogue::Needs;
use super::matcher::{Builtin, Step, Swallow};
use super::reader::{ByteSet, Reader};
use super::value;

/// How sure what stands behind the word is, in hundredths.
const SCORE: u8 = 85;

/// What stands behind a word like `Bearer`.
pub(super) enum Behind {
    Step(Step),
    /// Just a value, from here on.
    Value(usize),
}

/// Reads `Bearer …` and `Basic …`.
pub(super) fn read(rules: &Builtin, reader: &mut Reader<'_>, given: &Given) -> Behind {
    const SCHEMES: [&[u8]; 7] = [
        b"Bearer ",
        b"Basic ",
        b"Token ",
        b"Bot ",
        b"ApiKey ",
        b"Api-Key ",
        b"Key ",
    ];
    let rest = reader.text.get(given.start..).unwrap_or_default();
    if !matches!(
        rest.first(),
        None | Some(b'B' | b'b' | b'T' | b't' | b'A' | b'a' | b'K' | b'k')
    ) {
        return Behind::Value(given.start);
    }
    let same = |scheme: &&&[u8]| {
        rest.get(..scheme.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(scheme))
    };
    if let Some(scheme) = SCHEMES.iter().find(same) {
        let start = given.start + scheme.len();
        return Behind::Step(behind(
            rules,
            reader,
            start,
            given.hold,
            *scheme == b"Basic ",
        ));
    }
    let cut = |scheme: &&&[u8]| {
        scheme
            .get(..rest.len())
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(rest))
    };
    if !reader.last && SCHEMES.iter().any(|scheme| cut(&scheme)) {
        return Behind::Step(Step::Hold(given.hold));
    }
    Behind::Value(given.start)
}

/// Credentials behind the word for their kind.
pub(super) fn behind(
    rules: &Builtin,
    reader: &mut Reader<'_>,
    start: usize,
    hold: usize,
    basic: bool,
) -> Step {
    let (entity, set, least) = if basic {
        (rules.basic_auth, ByteSet::BASE64, 8)
    } else {
        (rules.bearer_token, ByteSet::TOKEN, 16)
    };
    let end = reader.run_end(set, start);
    let head = end.min(start + VALUE_BYTES_MAX);
    match within(rules, reader, start, head) {
        // It is found by itself.
        Within::Token(at) | Within::WeakToken(at) if at == start => return Step::Nothing,
        Within::Nothing | Within::Token(_) | Within::WeakToken(_) => {}
        Within::Undecided => return Step::Hold(hold),
    }
    let cut = end == reader.text.len() && !reader.last;
    if cut && end - start < VALUE_BYTES_MAX {
        return Step::Hold(hold);
    }
    let text = reader.slice(start, head);
    let Some(entity) = entity.filter(|_| SCORE >= rules.threshold) else {
        return Step::Nothing;
    };
    let looks_real = if basic {
        is_basic(text)
    } else {
        value::is_plausible(text, Needs::Digit) && text.len() >= least
    };
    if text.len() < least || !looks_real {
        return Step::Nothing;
    }
    let score = SCORE;
    if end - start >= VALUE_BYTES_MAX {
        let swallow = if basic {
            Swallow::Basic
        } else {
            Swallow::Bearer
        };
        let step = Step::Open {
            start,
            head,
            entity,
            score,
            swallow,
        };
        return held_from(hold, rules.unless_allowed(reader, (start, end), cut, step));
    }
    let end = trimmed(reader, start, end);
    let step = Step::Found {
        start,
        end,
        entity,
        score,
    };
    rules.unless_allowed(reader, (start, end), false, step)
}

/// Whether it is `user:password` in base64.
fn is_basic(text: &[u8]) -> bool {
    let plain = base64(text);
    let colon = plain.iter().position(|byte| *byte == b':');
    let printable = plain.iter().all(|byte| (0x20..0x7f).contains(byte));
    printable
        && colon.is_some_and(|at| at > 0 || plain.len() > 8)
        && !value::has_word(&plain, b"example")
}

/// Decodes base64 as far as it goes.
fn base64(text: &[u8]) -> Vec<u8> {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut plain = Vec::with_capacity(text.len());
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            plain.push((bits >> count & 0xff) as u8);
        }
    }
    plain
}
