//! Path traversal: does a value leave the folder that it is put behind?
//!
//! Steps upwards (`../`, `..\`, `..;/`, `....//`) and their spellings are counted; names
//! that attackers ask for (`/etc/passwd`, `boot.ini`, `WEB-INF`) are looked for once the
//! path is written plainly, without `//`, `/./` and backslashes.

pub(super) mod names;

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr_iter, memchr2, memchr2_iter, memmem};

use super::judge::{Hit, Scene};
use super::literals;
use names::{GUARDED, NAMES, SECRET};

/// The surest sign of an attack in `text`, whose ASCII letters are small.
pub(super) fn judge(text: &[u8], scene: Scene) -> Option<Hit> {
    let marks = |byte: &u8| matches!(byte, b'/' | b'\\' | b'.' | b':' | 0);
    let first = text.iter().position(marks).unwrap_or(0);
    let steps = steps(text);
    let secret = names(text);
    let head = matches!(scene, Scene::Head | Scene::Header);
    let score = match (steps.up, secret) {
        (1.., Name::Secret) => 96,
        (_, Name::Secret) if head => 85,
        (_, Name::Secret) => 55,
        (2.., Name::Guarded) => 88,
        (2.., Name::None) if head => 85,
        (4.., _) => 60,
        (1, _) if head => 65,
        (0, Name::Guarded) if head => 60,
        _ if head => steps.odd,
        _ => 0,
    };
    let score = if scene == Scene::Text && score < 96 {
        score.min(40)
    } else {
        score
    };
    (score > 0).then(|| Hit::new(score, steps.first.unwrap_or(first), text.len()))
}

/// Steps through folders.
#[derive(Default)]
struct Steps {
    /// Upwards.
    up: usize,
    /// What other oddities are worth.
    odd: u8,
    /// Where the first one stands.
    first: Option<usize>,
}

impl Steps {
    fn odd(&mut self, at: usize, score: u8) {
        self.odd = self.odd.max(score);
        self.first.get_or_insert(at);
    }
}

fn steps(text: &[u8]) -> Steps {
    let mut steps = Steps::default();
    let mut done = 0;
    let mut stays = 0;
    for at in memchr_iter(b'.', text) {
        if at < done {
            continue;
        }
        let run = text.get(at..).unwrap_or_default();
        let dots = run.iter().take_while(|byte| **byte == b'.').count();
        done = at + dots;
        let behind = text.get(done..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let from_separator = matches!(before, None | Some(b'/' | b'\\'));
        let to_separator = is_separator(behind);
        let word = before.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let open = behind.first().is_some_and(|byte| {
            !byte.is_ascii_whitespace() && !byte.is_ascii_alphanumeric() && *byte != b'"'
        });
        let letter = behind.first().is_some_and(u8::is_ascii_alphanumeric);
        match dots {
            1 if from_separator && behind.starts_with(b";/") => steps.odd(at, 60),
            1 if from_separator && to_separator => stays += 1,
            2 if to_separator && !word => {
                steps.up += 1;
                steps.first.get_or_insert(at);
            }
            // `..#/`, `.. /`: what servers skip.
            2 if from_separator && is_separator(behind.get(1..).unwrap_or_default()) && !letter => {
                steps.up += 1;
                steps.first.get_or_insert(at);
            }
            2 if before.is_some() && from_separator && (open || behind.is_empty()) => {
                steps.up += 1;
                steps.first.get_or_insert(at);
            }
            3.. if from_separator && before.is_some() && (to_separator || open) => {
                steps.odd(at, 62);
            }
            3.. if to_separator && !word => steps.odd(at, 62),
            2.. if is_filled(text, at) => steps.odd(at, 60),
            _ => {}
        }
    }
    spelled(text, &mut steps);
    // `/./././`: the same folder again and again.
    if stays >= 3 {
        steps.odd(0, 60);
    }
    let slashes = text.iter().take_while(|byte| **byte == b'/').count();
    let behind = text.get(slashes).copied();
    if slashes >= 2 && behind.is_some_and(|byte| matches!(byte, b'{' | b'.' | b'$' | b'%')) {
        steps.odd(0, 56);
    }
    if is_cut_short(text) {
        steps.odd(0, 62);
    }
    // `\\server\share`.
    let share = text.strip_prefix(b"\\\\").unwrap_or_default();
    let name = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-?".contains(byte);
    let length = share.iter().take(64).take_while(name).count();
    if share.get(length) == Some(&b'\\') && (length > 2 || share.starts_with(b"?")) {
        steps.odd(0, 60);
    }
    steps
}

/// Whether a zero ends a name before its end: `x.php%00.jpg`.
fn is_cut_short(text: &[u8]) -> bool {
    const ZEROS: [&[u8]; 3] = [b"\0", b"%00", b"%2500"];
    if memchr2(0, b'%', text).is_none() {
        return false;
    }
    ZEROS.iter().any(|zero| {
        memmem::find_iter(text, zero).any(|at| {
            let before = text.get(..at).unwrap_or_default();
            let behind = text.get(at + zero.len()..).unwrap_or_default();
            let ending = before.iter().rev().take(6);
            let ending = ending
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            let dot = before
                .len()
                .checked_sub(ending + 1)
                .and_then(|at| before.get(at));
            behind.starts_with(b".") || (ending > 1 && dot == Some(&b'.'))
        })
    })
}

/// How often a letter is repeated that fills a path up to the length where it is cut.
const FILL_BYTES_MIN: usize = 64;

/// Whether one letter again and again stands before `at`.
fn is_filled(text: &[u8], at: usize) -> bool {
    let before = at
        .checked_sub(FILL_BYTES_MIN)
        .and_then(|start| text.get(start..at));
    before.is_some_and(|fill| fill.iter().all(|byte| Some(byte) == fill.first()))
}

/// Whether a separator of folders begins `text`, in one spelling or another.
fn is_separator(text: &[u8]) -> bool {
    matches!(
        text,
        [b'/' | b'\\', ..]
            | [b';', b'/', ..]
            | [b'0', b'x', b'2', b'f', ..]
            | [b'0', b'x', b'5', b'c', ..]
            | [b'x', b'2', b'f', ..]
            | [b'x', b'5', b'c', ..]
            | [b'%', b'2', b'f', ..]
    )
}

/// `0x2e0x2e/`: dots in numbers.
fn spelled(text: &[u8], steps: &mut Steps) {
    for x in memchr_iter(b'x', text) {
        let rest = x.checked_sub(1).and_then(|at| text.get(at..));
        if rest.is_some_and(|rest| rest.starts_with(b"0x2e0x2e")) {
            steps.up += 1;
            steps.first.get_or_insert(x - 1);
        }
    }
}

/// What a path asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    None,
    Guarded,
    Secret,
}

fn names(text: &[u8]) -> Name {
    let plain = plain(text);
    let mut best = hidden(&plain);
    for (index, place) in literals::names(&NAMES, &plain) {
        // `darwin.ini` is no `win.ini`.
        let short = place.len() <= "boot.ini".len();
        if short && is_inside_word(&plain, place.start) {
            continue;
        }
        if index < SECRET.len() {
            return Name::Secret;
        }
        if stands_alone(&plain, &place) {
            best = best.max(Name::Guarded);
        }
    }
    best
}

/// Whether a guarded name is the beginning of a path, or the whole of a hidden file's name:
/// `and/or/etc/more` and `.environment` are neither.
fn stands_alone(text: &[u8], place: &Range<usize>) -> bool {
    let name = text.get(place.clone()).unwrap_or_default();
    let before = place.start.checked_sub(1).and_then(|at| text.get(at));
    let behind = text.get(place.end);
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    match name {
        [b'/', b'.', ..] => !(word(name.last()) && word(behind)),
        [b'/', .., b'/'] => !word(before),
        _ => true,
    }
}

/// The hidden file or folder that a path begins with: `.git/config` is `/.git/config`.
fn hidden(plain: &[u8]) -> Name {
    if plain.first() != Some(&b'.') {
        return Name::None;
    }
    let begins = |name: &&str| {
        let name = name.strip_prefix('/').unwrap_or_default();
        let starts = !name.is_empty() && plain.starts_with(name.as_bytes());
        starts
            && (name.ends_with('/')
                || !plain.get(name.len()).is_some_and(u8::is_ascii_alphanumeric))
    };
    if SECRET.iter().any(begins) {
        Name::Secret
    } else if GUARDED.iter().any(begins) {
        Name::Guarded
    } else {
        Name::None
    }
}

/// Whether a name that begins at `start` is the end of a longer word.
fn is_inside_word(text: &[u8], start: usize) -> bool {
    let first = text.get(start).is_some_and(u8::is_ascii_alphanumeric);
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    first && before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// The path with one kind of slash, and one of each.
fn plain(text: &[u8]) -> Cow<'_, [u8]> {
    let odd = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        matches!(rest, [b'\\', ..] | [b'/', b'/' | b'.', ..])
    };
    let spelled = memchr_iter(b'x', text).any(|x| {
        x > 0 && text.get(x - 1) == Some(&b'0') && is_separator(text.get(x..).unwrap_or_default())
    });
    if !spelled && !memchr2_iter(b'/', b'\\', text).any(odd) {
        return text.into();
    }
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let byte = match byte {
            b'\\' => b'/',
            b'0' if behind.starts_with(b"x2f") || behind.starts_with(b"x5c") => {
                rest = behind.get(3..).unwrap_or_default();
                b'/'
            }
            byte => byte,
        };
        if byte == b'/' {
            match out.as_slice() {
                [.., b':', b'/'] => {}
                [.., b'/'] => continue,
                [.., b'/', b'.'] => {
                    out.pop();
                    continue;
                }
                _ => {}
            }
        }
        out.push(byte);
    }
    out.into()
}
