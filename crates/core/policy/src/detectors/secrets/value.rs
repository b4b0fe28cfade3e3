//! Whether a value looks made by a machine, as keys are, or by a person.

use super::catalogue::Needs;
use super::reader::ByteSet;
use super::words::Words;

/// Words that stand in examples where a key would stand.
static PLACEHOLDERS: Words<13> = Words::new([
    b"example",
    b"xxxx",
    b"placeholder",
    b"dummy",
    b"redacted",
    b"insert",
    b"replace",
    b"change",
    b"sample",
    b"foobar",
    b"****",
    b"....",
    b"masked",
]);

/// Words that passwords of examples consist of.
static EXAMPLE_PASSWORDS: Words<36> = Words::new([
    b"pass",
    b"p@ss",
    b"pwd",
    b"secret",
    b"s3cr3t",
    b"test",
    b"admin",
    b"user",
    b"root",
    b"1234",
    b"qwert",
    b"letmein",
    b"welcome",
    b"default",
    b"foo",
    b"bar",
    b"demo",
    b"null",
    b"none",
    b"true",
    b"false",
    b"undefined",
    b"string",
    b"optional",
    b"required",
    b"guest",
    b"login",
    b"token",
    b"key",
    b"abc",
    b"hunter2",
    b"monkey",
    b"dragon",
    b"asdf",
    b"field",
    b"value",
]);

/// Pairs of letters that make up most of written words, by their first letter from `a`
/// on.
const COMMON_PAIRS: [&[u8]; 26] = [
    b"bcdgilmnprstuvy",
    b"aeilrou",
    b"aehiklortu",
    b"aeiorsu",
    b"acdelmnprstvwxy",
    b"aefiortu",
    b"aehilor",
    b"aeiotr",
    b"acdefglmnoprstvz",
    b"aeou",
    b"eins",
    b"adeiloptuy",
    b"aeiopbm",
    b"acdegikostuyf",
    b"bcdfglmnoprstuvwk",
    b"aehilorpstu",
    b"u",
    b"adeikmnorstuvy",
    b"acehikopstuwl",
    b"aehilorstuy",
    b"abcdegilmnprst",
    b"aeio",
    b"aehino",
    b"tpcai",
    b"stpe",
    b"aeio",
];

/// Bits of information per byte, as the bytes are distributed (Shannon).
#[expect(
    clippy::cast_precision_loss,
    reason = "values are far shorter than 2^52 bytes"
)]
pub(super) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// Whether a token with this variable part may be a real one: it is not what people
/// write in examples, and has the bytes that its form needs.
pub(super) fn is_plausible(body: &[u8], needs: Needs) -> bool {
    let has = |class: fn(&u8) -> bool| body.iter().any(class);
    let digit = has(u8::is_ascii_digit);
    let enough = match needs {
        Needs::Free => return true,
        Needs::Nothing => true,
        Needs::Digit => digit || !is_wordlike(body),
        Needs::Mixed => digit && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase),
    };
    enough && distinct(body) >= (body.len() / 3).clamp(3, 6) && !is_made_up(body)
}

/// Whether a byte is of the class; all are looked at, many at a time.
pub(super) fn has(value: &[u8], class: impl Fn(&u8) -> bool) -> bool {
    value.iter().fold(false, |has, byte| has | class(byte))
}

/// How many different bytes there are.
fn distinct(value: &[u8]) -> usize {
    let seen = value
        .iter()
        .fold(ByteSet::default(), |seen, byte| seen.with(*byte, *byte));
    seen.bytes().count()
}

/// Whether the value repeats, counts, or consists of words for examples.
fn is_made_up(value: &[u8]) -> bool {
    let pairs = value.windows(2).count();
    let steps = value
        .array_windows()
        .filter(|[a, b]| a.wrapping_add(1) == *b);
    let same = |count: usize| value.chunk_by(|a, b| a == b).any(|run| run.len() >= count);
    let repeats = |period: usize| {
        value.len() >= 2 * period
            && value
                .iter()
                .zip(value.iter().skip(period))
                .all(|(a, b)| a == b)
    };
    2 * steps.count() > pairs
        || same(8)
        || (1..=16).any(repeats)
        || PLACEHOLDERS.is_in(value)
        || names_its_owner(value)
}

/// Whether `your`, `my` or `fake` begins a word of it, or `here` ends it. Inside of words
/// chance makes such short ones.
fn names_its_owner(value: &[u8]) -> bool {
    value
        .split(|byte| !byte.is_ascii_alphanumeric())
        .any(|word| {
            let begins = |with: &[u8]| {
                word.get(..with.len())
                    .is_some_and(|begin| begin.eq_ignore_ascii_case(with))
            };
            begins(b"your") || begins(b"fake") || word.eq_ignore_ascii_case(b"my")
        })
        || value.len() >= 4
            && value
                .iter()
                .rev()
                .zip(b"ereh")
                .all(|(a, b)| a.to_ascii_lowercase() == *b)
}

/// Whether `word`, in small letters, stands in `text`.
pub(super) fn has_word(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word))
}

/// Whether most neighbouring letters are such as words have.
pub(super) fn is_wordlike(value: &[u8]) -> bool {
    let mut pairs = 0;
    let mut common = 0;
    for [a, b] in value.array_windows() {
        if !a.is_ascii_alphabetic() || !b.is_ascii_alphabetic() {
            continue;
        }
        pairs += 1;
        let follow = COMMON_PAIRS.get(usize::from(a.to_ascii_lowercase() - b'a'));
        if follow.is_some_and(|follow| follow.contains(&b.to_ascii_lowercase())) {
            common += 1;
        }
    }
    pairs >= 4 && pairs * 2 >= value.len() && common * 100 >= pairs * 80
}

/// Whether the value is hexadecimal but for hyphens.
fn is_hex(value: &[u8]) -> bool {
    value
        .iter()
        .all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// Whether a key, token or secret looks like this: at least 16 bytes out of what keys
/// are made of, letters and digits mixed as chance mixes them.
pub(super) fn is_random_key(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    if value.len() < 16
        || digits == 0 && !(value.len() >= 24 && has(value, u8::is_ascii_uppercase))
        || !value.iter().all(|byte| ByteSet::TOKEN.contains(*byte))
    {
        return false;
    }
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    if letters == 0 || 4 * letters.min(digits + 8) < digits {
        return false;
    }
    if is_hex(value) {
        return digits > 0 && value.len() >= 24 && entropy(value) > 2.9 && !is_made_up(value);
    }
    let cases =
        value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase);
    let marks = value.len() - digits - letters;
    let enough = match value.len() {
        ..20 => 3.1,
        20..32 => 3.4,
        _ => 3.8,
    };
    (digits > 0 || cases && value.len() >= 24)
        && 4 * marks <= value.len()
        && entropy(value) > enough
        && !is_wordlike(value)
        && !is_made_up(value)
}

/// Whether a password looks like this: at least eight bytes, of three kinds or mixed at
/// random, and not the password of an example.
pub(super) fn is_strong_password(value: &[u8]) -> bool {
    if !(8..=128).contains(&value.len()) {
        return false;
    }
    let digit = has(value, u8::is_ascii_digit);
    let kinds = usize::from(digit)
        + usize::from(has(value, u8::is_ascii_lowercase))
        + usize::from(has(value, u8::is_ascii_uppercase))
        + usize::from(has(value, u8::is_ascii_punctuation));
    if kinds < 4 && !digit {
        return false;
    }
    let turns = value
        .array_windows()
        .filter(|[a, b]| a.is_ascii_digit() != b.is_ascii_digit())
        .count();
    let different = distinct(value);
    let mixed = match kinds {
        4 => different >= 6,
        3 => different >= 6 && (turns >= 2 || !is_wordlike(value)),
        2 => value.len() >= 10 && turns >= 3 && different >= 7 && !is_wordlike(value),
        _ => false,
    };
    mixed && !is_made_up(value) && !EXAMPLE_PASSWORDS.is_in(value)
}

/// Whether the value names where the secret is, in code or a template, and is not the
/// secret itself.
pub(super) fn is_reference(value: &[u8], quoted: bool) -> bool {
    const MARKS: [&[u8]; 9] = [
        b"${",
        b"$(",
        b"{{",
        b"<%",
        b"%(",
        b"://",
        b"process.env",
        b"os.environ",
        b"#{",
    ];
    let starts = |mark: &[u8]| value.starts_with(mark);
    if MARKS.iter().any(|mark| has_word(value, mark))
        || starts(b"<")
        || starts(b"$")
            && value
                .iter()
                .skip(1)
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        || starts(b"%") && value.ends_with(b"%")
        || starts(b"./")
        || starts(b"../")
        || starts(b"~/")
        || starts(b"/") && is_wordlike(value)
    {
        return true;
    }
    if quoted {
        return false;
    }
    let code = |byte: &u8| matches!(byte, b'(' | b'[' | b'{' | b'\\');
    let path = value
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    value.iter().any(code) || path && value.contains(&b'.') && is_wordlike(value)
}

#[cfg(test)]
mod tests {
    use super::{is_random_key, is_reference, is_strong_password};

    #[test]
    fn words_and_counts_are_no_keys() {
        for value in [
            "AutoModelForCausalLM2",
            "user-profile-settings-v2",
            "2024-01-01T00:00:00Z",
            "aaaaaaaaaaaaaaaaaaaaaaaa1",
            "abcdefghijklmnop1234567890",
            "1234567890123456789012",
            "your-api-key-goes-here-1",
            "com.example.application.v1",
            "bert-base-uncased-finetuned-v12",
            "handleAuthenticationError2",
        ] {
            assert!(!is_random_key(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn examples_are_no_strong_passwords() {
        for value in [
            "password123",
            "P@ssw0rd!",
            "changeme1!",
            "Test1234!",
            "hunter2222",
            "correcthorse",
            "12345678",
            "string(8)",
            "Admin@123",
        ] {
            assert!(!is_strong_password(value.as_bytes()), "{value}");
        }
        for value in ["x7k2m9q4p1", "Tr0ub4dor&3", "gT9#kLm2"] {
            assert!(is_strong_password(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn references_are_told_from_values() {
        for value in [
            "${TOKEN}",
            "$TOKEN",
            "process.env.KEY1",
            "settings.SECRET",
            "<your-key>",
            "{{ x }}",
        ] {
            assert!(is_reference(value.as_bytes(), false), "{value}");
        }
        assert!(!is_reference(b"$9xK2p!", false));
    }
}
