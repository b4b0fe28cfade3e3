//! Names of months.

use crate::characters::{char_at, char_before, whole_len};
use crate::detectors::pii::names::{Names, count};
use crate::detectors::pii::reading::Reader;
use crate::detectors::pii::shape::Undecided;

/// The names, in small letters.
const LIST: &str = "january february march april may june july august september october november december \
jan feb mar apr jun jul aug sep sept oct nov dec \
januar februar m\u{e4}rz mai juni juli oktober dezember j\u{e4}nner okt dez \
janvier f\u{e9}vrier fevrier mars avril juin juillet ao\u{fb}t aout septembre octobre novembre d\u{e9}cembre decembre \
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre \
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre \
januari februari maart mei augustus \
janeiro fevereiro mar\u{e7}o maio junho julho setembro outubro dezembro";

static NAMES: Names<{ count(LIST) }> = Names::new(LIST);

/// Names that are also other words: they count with a capital, or a year.
const WORDS: [&str; 6] = ["may", "march", "mar", "mars", "mai", "dec"];

/// The longest name, in bytes.
pub(super) const BYTES_MAX: usize = 12;

/// How sure the name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Month {
    Certain,
    /// A year must follow.
    Perhaps,
}

/// Takes the name of a month.
pub(super) fn month(reader: &mut Reader<'_>) -> Result<Option<Month>, Undecided> {
    let rest = reader.text.get(reader.at..).unwrap_or_default();
    let length = letters_len(rest);
    let word = rest.get(..length).unwrap_or_default();
    if length == whole_len(rest) && !reader.last && NAMES.begin_with(word) {
        return Err(Undecided);
    }
    let Some(name) = named(word) else {
        return Ok(None);
    };
    reader.at += length;
    Ok(Some(name))
}

/// Where the name of a month begins that stands before `at`, with a space between.
pub(in crate::detectors::pii) fn month_before(
    text: &[u8],
    at: usize,
    floor: usize,
) -> Option<usize> {
    let before = text.get(..at)?.strip_suffix(b" ")?;
    let before = before.strip_suffix(b".").unwrap_or(before);
    let start = letters_start(before, before.len());
    named(before.get(start..)?)
        .filter(|name| *name == Month::Certain && start >= floor)
        .map(|_| start)
}

/// Where a name may begin that ends with the text, or goes on behind it; not one that is
/// a word of ASCII letters so far, which is held back as such.
pub(in crate::detectors::pii) fn name_start(text: &[u8], from: usize) -> usize {
    let end = text.len() - usize::from(text.ends_with(b"."));
    let whole = whole_len(text).min(end);
    let start = letters_start(text, whole);
    let name = text.get(start..whole).unwrap_or_default();
    let may_be = if end < text.len() {
        named(name) == Some(Month::Certain)
    } else {
        start < end && !(whole == end && name.is_ascii()) && NAMES.begin_with(name)
    };
    if may_be { start.max(from) } else { text.len() }
}

/// How many of the first bytes are letters; no more than one character beyond a name.
fn letters_len(text: &[u8]) -> usize {
    let mut end = 0;
    while let Some((Some(c), next)) = char_at(text, end) {
        if !is_letter(c) || end > BYTES_MAX {
            break;
        }
        end = next;
    }
    end
}

/// Where the letters before `end` begin; no more than one character beyond a name.
fn letters_start(text: &[u8], end: usize) -> usize {
    let mut start = end;
    while let Some((Some(c), before)) = char_before(text, start) {
        if !is_letter(c) || end - start > BYTES_MAX {
            break;
        }
        start = before;
    }
    start
}

/// Letters of the alphabet in which the names are written.
const fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}')
}

fn named(word: &[u8]) -> Option<Month> {
    if !NAMES.contain(word) {
        return None;
    }
    let small = word.first().is_some_and(u8::is_ascii_lowercase);
    let also = |other: &str| other.as_bytes().eq_ignore_ascii_case(word);
    Some(if small && WORDS.iter().any(|other| also(other)) {
        Month::Perhaps
    } else {
        Month::Certain
    })
}
