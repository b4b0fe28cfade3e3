//! Values that are given to names: `API_KEY=…`, `"password": "…"`, `--token …`.
//!
//! What a value is follows from its name, which stands before it, and from what it looks
//! like. A rule of a service finds the values of the form that its keys have, where the
//! name, or the text shortly before it, says the service; a key or password of no known
//! form must look as chance makes them. What only refers to a secret, or stands for one
//! in an example, is none.

use super::matcher::{Builtin, Step, Swallow};
use super::name::Says;
use super::place::{Value, name_before, value_after};
use super::prefixes::Candidates;
use super::reader::{ByteSet, Reader};
use super::value::has;
use super::{scheme, url, value};

/// The least length of a value, in bytes.
const VALUE_BYTES_MIN: usize = 8;

/// A value of which so many bytes look like a key is swallowed to its end.
pub(super) const VALUE_BYTES_MAX: usize = 128;

/// A token of no higher score, in hundredths, may be one that a service knows better.
pub(super) const WEAK_SCORE: u8 = 90;

/// Printable bytes that a value in quotes may have.
pub(super) const QUOTED: ByteSet = ByteSet::of(b"!~");

/// Those that a value without quotes may have.
const BARE: ByteSet = ByteSet::of(b"!!#&*+--.:==??@Z^_az~~");

/// A value and what it is given to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    /// From where on text is held until the value is decided.
    pub(super) hold: usize,
    /// The name.
    pub(super) name: (usize, usize),
    /// First byte of the value.
    pub(super) start: usize,
    pub(super) quote: Quote,
    /// The least length of the value, in bytes.
    pub(super) least: usize,
}

/// What stands around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    Nothing,
    /// Nothing, in the query of a URL.
    Query,
    /// This byte.
    Byte(u8),
    /// A quote behind a backslash.
    Escaped,
}

impl Quote {
    /// What a value within may consist of.
    pub(super) const fn inside(self) -> ByteSet {
        match self {
            Self::Nothing => BARE,
            Self::Query => BARE.without(b'&').without(b'#'),
            Self::Byte(byte) => QUOTED.without(byte),
            Self::Escaped => QUOTED.without(b'\\'),
        }
    }

    /// As a number for a matcher's memory.
    pub(super) const fn code(self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Query => 1,
            Self::Escaped => 2,
            Self::Byte(byte) => byte as u64,
        }
    }

    /// The other way round.
    pub(super) fn of_code(code: u64) -> Self {
        match code {
            0 => Self::Nothing,
            1 => Self::Query,
            2 => Self::Escaped,
            byte => Self::Byte(u8::try_from(byte).unwrap_or(b'"')),
        }
    }
}

/// Reads around the sign at `sign`.
pub(super) fn at_sign(rules: &Builtin, reader: &mut Reader<'_>, sign: usize) -> Step {
    let Some(byte) = reader.byte(sign) else {
        return Step::Nothing;
    };
    let before = reader.before(sign);
    let after = reader.byte(sign + 1);
    let stands_alone = match byte {
        b'=' => !matches!(after, Some(b'=' | b'>' | b'~')) && !matches!(before, Some(b'<' | b'>')),
        b':' => !matches!(after, Some(b'/' | b':' | b'=')) && before != Some(b':'),
        _ => true,
    };
    if !stands_alone {
        return Step::Nothing;
    }
    let Some(name) = name_before(reader, sign) else {
        return Step::Nothing;
    };
    match value_after(reader, sign + 1) {
        Value::No => Step::Nothing,
        Value::Undecided => Step::Hold(sign),
        Value::At(start, quote) => {
            let query = matches!(reader.before(name.0), Some(b'?' | b'&'));
            let quote = match quote {
                Quote::Nothing if query => Quote::Query,
                other => other,
            };
            read(
                rules,
                reader,
                &Given {
                    hold: sign,
                    name,
                    start,
                    quote,
                    least: VALUE_BYTES_MIN,
                },
            )
        }
    }
}

/// Reads the value of an option of a command: `--name value`.
pub(super) fn of_option(
    rules: &Builtin,
    reader: &mut Reader<'_>,
    (hold, start, end): (usize, usize, usize),
) -> Step {
    if rules.names.read(reader, (start, end)).says() == Says::Nothing {
        return Step::Nothing;
    }
    match value_after(reader, end) {
        Value::No => Step::Nothing,
        Value::Undecided => Step::Hold(hold),
        Value::At(value, _) if reader.byte(value) == Some(b'-') => Step::Nothing,
        Value::At(value, quote) => {
            let given = Given {
                hold,
                name: (start, end),
                start: value,
                quote,
                least: VALUE_BYTES_MIN,
            };
            read(rules, reader, &given)
        }
    }
}

/// Decides about a value.
pub(super) fn read(rules: &Builtin, reader: &mut Reader<'_>, given: &Given) -> Step {
    let given = &match scheme::read(rules, reader, given) {
        scheme::Behind::Step(step) => return step,
        scheme::Behind::Value(start) => Given { start, ..*given },
    };
    let set = given.quote.inside();
    let run = reader.run_end(set, given.start);
    let run = run.min(given.start + VALUE_BYTES_MAX);
    let whole = run < reader.text.len() || reader.last || run == given.start + VALUE_BYTES_MAX;
    let seen = reader.slice(given.start, run);
    if whole && (seen.len() < given.least || !could_be_secret(seen)) {
        return Step::Nothing;
    }
    let name = rules.names.read(reader, given.name);
    let says = name.says();
    let services = rules.services.near(reader, given, &name);
    if says == Says::Nothing && services.is_empty() {
        return Step::Nothing;
    }
    if !whole {
        return Step::Hold(given.hold);
    }
    let mut of_service = services
        .into_iter()
        .map(|form| rules.service(reader, given, form));
    let of_service = of_service.find(|step| *step != Step::Nothing);
    let step = of_service.unwrap_or_else(|| generic(rules, reader, given, run, says));
    if step == Step::Nothing {
        return Step::Nothing;
    }
    match within(rules, reader, given.start, run) {
        Within::Nothing => step,
        Within::Undecided => Step::Hold(given.hold),
        // It is found by itself.
        Within::Token(at) if at == given.start => Step::Nothing,
        Within::WeakToken(at) if at == given.start && of_service.is_none() => Step::Nothing,
        Within::Token(_) | Within::WeakToken(_) => step,
    }
}

/// A quick look at a value: keys and passwords have digits or letters of both cases.
fn could_be_secret(value: &[u8]) -> bool {
    value.len() >= VALUE_BYTES_MIN
        && (has(value, u8::is_ascii_digit)
            || has(value, u8::is_ascii_lowercase)
                && (value.len() >= 30 || has(value, u8::is_ascii_uppercase)))
}

/// The step; where it holds, from `hold` on.
pub(super) const fn held_from(hold: usize, step: Step) -> Step {
    match step {
        Step::Hold(_) => Step::Hold(hold),
        step => step,
    }
}

/// What of known form stands within a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    Nothing,
    /// A token begins here.
    Token(usize),
    /// A token that a service may know better begins here.
    WeakToken(usize),
    Undecided,
}

/// Looks for tokens that tell by themselves, and for passwords in URLs.
pub(super) fn within(rules: &Builtin, reader: &mut Reader<'_>, start: usize, end: usize) -> Within {
    let mut candidates = Candidates::new();
    let mut at = start;
    while at < end {
        let byte = reader.byte(at).unwrap_or_default();
        if byte == b':' && rules.url_password.is_some() {
            match url::password(reader, at) {
                url::Password::No => {}
                url::Password::Undecided => return Within::Undecided,
                url::Password::Ends(_) => return Within::Token(at),
            }
        }
        if byte.is_ascii_alphanumeric() && reader.may_begin(at) {
            match rules.token(reader, at, &mut candidates) {
                Step::Nothing => {}
                Step::Hold(_) => return Within::Undecided,
                Step::Found { score, .. } | Step::Open { score, .. } if score <= WEAK_SCORE => {
                    return Within::WeakToken(at);
                }
                Step::Found { .. } | Step::Open { .. } => return Within::Token(at),
            }
        }
        at = reader.next_place(at);
    }
    Within::Nothing
}

/// The end of a value without the full stop or colon of the sentence around it.
pub(super) fn trimmed(reader: &Reader<'_>, start: usize, end: usize) -> usize {
    let value = reader.slice(start, end);
    let kept = value
        .iter()
        .rposition(|byte| !matches!(byte, b'.' | b':' | b'*'))
        .map_or(0, |at| at + 1);
    start + kept
}

/// Whether the value ends at `end` as its quotes demand.
fn is_closed(reader: &Reader<'_>, end: usize, quote: Quote) -> bool {
    match (quote, reader.byte(end)) {
        (Quote::Byte(quote), byte) => byte == Some(quote),
        (Quote::Escaped, byte) => byte == Some(b'\\'),
        (Quote::Nothing | Quote::Query, byte) => !matches!(byte, Some(b'(' | b'[' | b'{')),
    }
}

/// A secret of no known form.
fn generic(
    rules: &Builtin,
    reader: &mut Reader<'_>,
    given: &Given,
    run: usize,
    says: Says,
) -> Step {
    let long = run - given.start >= VALUE_BYTES_MAX;
    let end = if given.quote == Quote::Nothing && !long {
        trimmed(reader, given.start, run)
    } else {
        run
    };
    let value = reader.slice(given.start, end);
    let quoted = matches!(given.quote, Quote::Byte(_) | Quote::Escaped);
    if !long && !is_closed(reader, run, given.quote) {
        return Step::Nothing;
    }
    let mixed = |value: &[u8]| {
        value.iter().any(u8::is_ascii_digit)
            && value.iter().any(u8::is_ascii_uppercase)
            && value.iter().any(u8::is_ascii_lowercase)
    };
    let (entity, score) = match says {
        Says::Password if value::is_strong_password(value) || value::is_random_key(value) => {
            (rules.password, 75)
        }
        Says::Key if value::is_random_key(value) => (rules.generic_api_key, 75),
        Says::Key
            if value.len() >= 12 && quoted && value::is_strong_password(value) && mixed(value) =>
        {
            (rules.generic_api_key, 60)
        }
        Says::SomeKey if value.len() >= 24 && mixed(value) && value::is_random_key(value) => {
            (rules.generic_api_key, 55)
        }
        _ => return Step::Nothing,
    };
    let wanted = entity.filter(|_| score >= rules.threshold);
    let Some(entity) = wanted.filter(|_| !value::is_reference(value, quoted)) else {
        return Step::Nothing;
    };
    let start = given.start;
    if !long {
        let step = Step::Found {
            start,
            end,
            entity,
            score,
        };
        return rules.unless_allowed(reader, (start, end), false, step);
    }
    let step = Step::Open {
        start,
        head: end,
        entity,
        score,
        swallow: Swallow::Value(given.quote),
    };
    let run = reader.run_end(given.quote.inside(), end);
    let open = run == reader.text.len() && !reader.last;
    held_from(
        given.hold,
        rules.unless_allowed(reader, (start, run), open, step),
    )
}
