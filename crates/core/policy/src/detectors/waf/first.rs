//! The first test: which bytes can be part of an attack at all.
//!
//! Most values are names, numbers and words. They are passed by a table and a few
//! comparisons; everything else is judged. What is passed here is never judged, so each
//! attack that the judges know must have one of these signs; tests hold their lists
//! against it.

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
            // Tabs and line ends too: blanks between the words of a statement or command.
            0..0x20 => HOT,
            b'\'' | b'"' | b'`' | b'<' | b'>' | b'(' | b')' | b';' | b'|' | b'&' | b'$' | b'{'
            | b'}' | b'%' | b'\\' | b'=' | b'#' | b'*' | b'^' | b'~' | b'[' | b']' => HOT,
            b'.' | b'/' | b':' | b'-' | b'_' | b' ' | b'+' => LOOK,
            0xc0 | 0xc1 | 0xef => HOT,
            0xc2 | 0xc5 | 0xca | 0xe0..=0xe3 => LOOK,
            _ => COLD,
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

/// Whether a sign stands at a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    None,
    /// The text ends before that can be said.
    Open,
    Shown,
}

impl Sign {
    const fn when(is_shown: bool) -> Self {
        if is_shown { Self::Shown } else { Self::None }
    }

    /// Whether it counts in a text that ends here, or goes on.
    fn counts(self, complete: bool) -> bool {
        self == Self::Shown || (self == Self::Open && !complete)
    }
}

/// The first place at or behind `from` where an attack may begin to show. With `begin` a
/// value begins at `from`. With `complete` false the text goes on: a place whose sign is
/// cut off counts.
pub(super) fn first(text: &[u8], from: usize, begin: bool, complete: bool) -> Option<usize> {
    let mut at = from;
    if begin && word(text.get(at..)?).counts(complete) {
        return Some(at);
    }
    while let Some(rest) = text.get(at..) {
        let found = rest
            .iter()
            .position(|byte| CLASSES.get(usize::from(*byte)) != Some(&COLD))?;
        at += found;
        let (byte, next) = text.get(at..)?.split_first()?;
        let hot = CLASSES.get(usize::from(*byte)) == Some(&HOT);
        if hot || sign(text, at, *byte, next).counts(complete) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The sign that begins with `byte` at `at`; `next` follows it.
fn sign(text: &[u8], at: usize, byte: u8, next: &[u8]) -> Sign {
    match byte {
        b'.' => DOTTED.begin(next),
        b'/' => BEHIND_SLASH.begin(next).max(NAMES.begin(next)),
        b':' => {
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            let scheme = matches!(before, Some(b't' | b'T' | b'a' | b'A'));
            Sign::when(scheme)
                .max(BEHIND_COLON.begin(next))
                .max(NAMES.begin(next))
        }
        b'-' => HYPHEN.begin(next),
        b'_' => BEHIND_LINE.begin(next),
        b'+' => word(next).max(UTF_7.begin(next)),
        b' ' => word(next),
        _ => look_alike(byte, next),
    }
}

/// Characters that [`super::forms`] takes for others, by their first byte.
fn look_alike(byte: u8, next: &[u8]) -> Sign {
    match (byte, next.first(), next.get(1)) {
        (_, None, _) => Sign::Open,
        (0xc2, Some(second), _) => Sign::when(matches!(second, 0x85 | 0xa0 | 0xad)),
        (0xc5, Some(second), _) => Sign::when(*second == 0xbf),
        (0xca, Some(second), _) => Sign::when(matches!(second, 0xb9..=0xbc)),
        (0xe0, Some(second), _) => Sign::when(matches!(second, 0x80..=0x9f)),
        (0xe1, Some(0x9a | 0xa0), None) => Sign::Open,
        (0xe1, Some(0x9a), Some(third)) => Sign::when(*third == 0x80),
        (0xe1, Some(0xa0), Some(third)) => Sign::when(*third == 0x8e),
        (0xe2, Some(0x80), None) | (0xe3, Some(0x80), None) => Sign::Open,
        (0xe2, Some(0x80), Some(third)) => Sign::when(!matches!(third, 0x90..=0xa3 | 0xa6..=0xae)),
        (0xe2, Some(second), _) => Sign::when(matches!(second, 0x81 | 0x84 | 0x88 | 0x91..=0x93)),
        (0xe3, Some(0x80), Some(third)) => Sign::when(matches!(third, 0x80 | 0x82)),
        _ => Sign::None,
    }
}

/// What a text may begin with, in small letters.
struct Words {
    words: &'static [&'static [u8]],
    /// One bit for each ASCII character that one of them begins with.
    initials: u128,
}

impl Words {
    const fn new(words: &'static [&'static [u8]]) -> Self {
        let mut initials = 0;
        let mut rest = words;
        while let [word, behind @ ..] = rest {
            if let [initial, ..] = word {
                initials |= 1 << (*initial & 0x7f);
            }
            rest = behind;
        }
        Self { words, initials }
    }

    /// Whether `text` begins with one of them, whatever the size of its letters.
    fn begin(&self, text: &[u8]) -> Sign {
        let Some(initial) = text.first().map(u8::to_ascii_lowercase) else {
            return Sign::Open;
        };
        if !initial.is_ascii() || self.initials >> initial & 1 == 0 {
            return Sign::None;
        }
        let words = self.words.iter();
        words
            .map(|word| begins(text, word))
            .max()
            .unwrap_or(Sign::None)
    }
}

fn begins(text: &[u8], with: &[u8]) -> Sign {
    match (text.get(..with.len()), with.get(..text.len())) {
        (Some(begin), _) => Sign::when(begin.eq_ignore_ascii_case(with)),
        (None, Some(begin)) if begin.eq_ignore_ascii_case(text) => Sign::Open,
        _ => Sign::None,
    }
}

/// Steps upwards, addresses of metadata, and what names of files and classes go on with.
static DOTTED: Words = Words::new(&[
    b".",
    b"254.",
    b"100.100",
    b"asa",
    b"asp",
    b"aws",
    b"bak",
    b"bash",
    b"bat",
    b"conf",
    b"dat",
    b"docker",
    b"ds_s",
    b"env",
    b"git",
    b"gnupg",
    b"google.",
    b"hg/",
    b"ht",
    b"inc",
    b"inf",
    b"ini",
    b"io/",
    b"kube",
    b"lang.run",
    b"log",
    b"my",
    b"netrc",
    b"npmrc",
    b"pgpass",
    b"php",
    b"psql",
    b"ssh",
    b"svn",
    b"sys",
    b"template.u",
    b"xml",
]);

static BEHIND_SLASH: Words = Words::new(&[
    b"/",
    b"*",
    b".",
    b"?",
    b"access",
    b"boot/",
    b"error",
    b"program files",
    b"root/.",
    b"users/adm",
]);

static BEHIND_COLON: Words = Words::new(&[b"/", b"\\", b"ec2"]);

static HYPHEN: Words = Words::new(&[b"-", b"expression"]);

/// `__class__` and names of files.
static BEHIND_LINE: Words = Words::new(&[b"_", b"hosts", b"keys", b"rsa"]);

static UTF_7: Words = Words::new(&[b"adw-"]);

/// Folders and files that attacks name.
static NAMES: Words = Words::new(&[
    b"0x2e",
    b"bin/",
    b"bootini",
    b"dev/",
    b"etc/",
    b"etcg",
    b"etch",
    b"etcp",
    b"etcs",
    b"inet",
    b"meta-inf",
    b"proc/",
    b"config/sam",
    b"repair/sam",
    b"run/secrets",
    b"sbin/",
    b"system32",
    b"usr/",
    b"var/",
    b"web-",
    b"wind",
    b"winn",
]);

/// Words that SQL goes on with.
static SQL: Words = Words::new(&[b"having", b"rlike", b"select", b"union", b"waitfor"]);

/// The sign of a word that stands at the beginning of a value or behind a blank.
fn word(next: &[u8]) -> Sign {
    let Some(initial) = next.first().map(u8::to_ascii_lowercase) else {
        return Sign::Open;
    };
    let own = match initial {
        b'-' => next
            .get(1)
            .map_or(Sign::Open, |byte| Sign::when(byte.is_ascii_alphabetic())),
        // `ls /`: also with nothing behind it.
        b'/' => Sign::when(next.get(1).is_none_or(|byte| byte.is_ascii_alphabetic())),
        b'a' => goes_on(next, b"and", condition),
        b'g' => goes_on(next, b"group", by),
        b'o' => goes_on(next, b"or", condition).max(goes_on(next, b"order", by)),
        b'x' => goes_on(next, b"xor", condition),
        _ => SQL.begin(next),
    };
    own.max(NAMES.begin(next))
}

/// A word, and behind one blank what it must go on with, or another blank.
fn goes_on(next: &[u8], word: &[u8], with: fn(&[u8]) -> Sign) -> Sign {
    let known = begins(next, word);
    if known != Sign::Shown {
        return known;
    }
    match next.get(word.len()..).and_then(<[u8]>::split_first) {
        None => Sign::Open,
        Some((b' ' | b'+', [b' ' | b'+', ..])) => Sign::Shown,
        Some((b' ' | b'+', rest)) => with(rest),
        Some(_) => Sign::None,
    }
}

fn by(next: &[u8]) -> Sign {
    begins(next, b"by")
}

/// What a condition begins with: `or 1`, `and true`.
fn condition(next: &[u8]) -> Sign {
    static LITERALS: Words = Words::new(&[b"true", b"not ", b"null", b"-", b"@"]);
    match next.first() {
        Some(byte) => Sign::when(byte.is_ascii_digit()).max(LITERALS.begin(next)),
        None => Sign::Open,
    }
}
