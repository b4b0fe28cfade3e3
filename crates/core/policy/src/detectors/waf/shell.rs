//! Command injection: does a value start a command of its own?
//!
//! Behind each sign that ends one command and starts the next (`;`, `|`, `&`, a line's
//! end, a backtick, `$(`) we look for the name of a command, with the quotes and
//! backslashes taken out that shells take out, and for what goes on as a command does.
//! Names that are words too (`sort`, `more`, `id`) need more than that.

mod command;
mod names;

use super::judge::{Hit, Scene};
use super::literals::{Literals, literals, signs};
use command::{Command, command};
use names::Strength;

/// Where commands belong, only a value of one line and so many bytes is looked at: what is
/// longer is a script or a text.
const LINE_BYTES_MAX: usize = 512;

/// What a further command is worth in what is a command line as a whole.
const IN_COMMAND: u8 = 40;

/// From where on a sign counts where commands belong, and from where on in what is a
/// command line or a script as a whole.
const IN_BODY_MIN: u8 = 75;
const IN_SCRIPT_MIN: u8 = 90;

/// The surest sign of an attack in `text`, whose ASCII letters are small.
pub(super) fn judge(text: &[u8], scene: Scene) -> Option<Hit> {
    if scene == Scene::Text {
        return None;
    }
    let body = scene == Scene::Body;
    let whole = command(text, 0).is_some_and(|command| command.goes_on()) || is_script(text);
    let script = text.len() > LINE_BYTES_MAX || memchr::memchr(b'\n', text).is_some();
    let mut best = plain_signs(text, scene);
    if body {
        // What people run, and files of code, have weak signs.
        let least = if script || whole {
            IN_SCRIPT_MIN
        } else {
            IN_BODY_MIN
        };
        best = best.map(|hit| {
            if hit.score < least {
                hit.at_most(IN_COMMAND)
            } else {
                hit
            }
        });
    }
    if body && script {
        return best;
    }
    let list = is_list(text);
    let short = text.len() <= LINE_BYTES_MAX;
    for (at, byte) in text.iter().enumerate() {
        let Some(separator) = Separator::at(text, at, *byte) else {
            continue;
        };
        if separator == Separator::Line && !short {
            continue;
        }
        let Some(command) = command(text, at + separator.length()) else {
            continue;
        };
        if list && command.strength == Strength::Word {
            continue;
        }
        let score = separator.score(text, at, &command, scene);
        let score = if body && whole {
            score.min(IN_COMMAND)
        } else {
            score
        };
        if score > 0 {
            best = best.max(Some(Hit::new(score, at, text.len())));
        }
    }
    if scene == Scene::Head {
        best = best.max(alone(text));
    }
    best
}

/// Whether the value begins as scripts and sessions of developers do.
fn is_script(text: &[u8]) -> bool {
    const BEGINS: [&[u8]; 23] = [
        b"#!",
        b"$ ",
        b"./",
        b"apt ",
        b"apt-get ",
        b"brew ",
        b"cargo ",
        b"cd ",
        b"docker ",
        b"export ",
        b"for ",
        b"git ",
        b"go ",
        b"helm ",
        b"if [",
        b"kubectl ",
        b"make ",
        b"node ",
        b"npm ",
        b"npx ",
        b"pip ",
        b"pip3 ",
        b"while ",
    ];
    BEGINS.iter().any(|begin| text.starts_with(begin))
}

/// Whether the value is a list of three words or more: `id|name|date`.
fn is_list(text: &[u8]) -> bool {
    let mut words = text.split(|byte| matches!(byte, b';' | b'|' | b'&'));
    let is_word = |word: &[u8]| {
        let word = word.trim_ascii();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b' ');
        !word.is_empty() && word.iter().all(plain)
    };
    words.clone().nth(2).is_some() && words.all(is_word)
}

/// What ends one command and starts the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Semicolon,
    Pipe,
    And,
    Line,
    Backtick,
    /// `$(`.
    Inner,
}

impl Separator {
    fn at(text: &[u8], at: usize, byte: u8) -> Option<Self> {
        match byte {
            b';' => Some(Self::Semicolon),
            b'|' => Some(Self::Pipe),
            b'&' => Some(Self::And),
            b'\n' | b'\r' => Some(Self::Line),
            b'`' if text.get(at + 1) != Some(&b'`') => Some(Self::Backtick),
            b'$' if text.get(at + 1) == Some(&b'(') => Some(Self::Inner),
            _ => None,
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Inner => 2,
            _ => 1,
        }
    }

    /// What a command behind the separator at `at` is worth.
    fn score(self, text: &[u8], at: usize, command: &Command, scene: Scene) -> u8 {
        let before = text.get(..at).unwrap_or_default();
        let first = before.iter().all(|byte| !byte.is_ascii_alphanumeric());
        let doubled = before.last().is_some() && before.last() == text.get(at);
        let tight = command.start == at + self.length();
        // Somebody's name of a host or a file, and a command behind it.
        let target = scene == Scene::Head && is_target(before);
        match (command.strength, self) {
            (Strength::Path, _) => 90,
            (Strength::Sure | Strength::Short, _) if command.disguised => 86,
            (_, Self::Line) => match command.strength {
                Strength::Sure | Strength::Short if command.has_place => 86,
                Strength::Sure if command.ends => 60,
                _ if command.ends && target => 60,
                _ => 0,
            },
            (Strength::Sure, _) if command.has_arguments => 88,
            (Strength::Sure, _) if command.has_file => 80,
            (Strength::Sure, Self::And) if command.has_word && !doubled && !first => 30,
            (Strength::Sure, _) if command.ends => 80,
            (Strength::Sure, _) if command.has_word => 60,
            (_, Self::Inner) if command.ends || command.has_arguments => 75,
            (Strength::Short, Self::Inner) if command.has_word => 70,
            (Strength::Short, _) if command.has_place => 88,
            (Strength::Short, _) if command.has_arguments => 80,
            (Strength::Short, _) if command.has_file && (tight || first || doubled) => 70,
            (Strength::Short, _) if command.has_word && (first || doubled) => 58,
            (Strength::Word, _) if command.has_place && (tight || first || doubled) => 86,
            (Strength::Word, _) if command.has_arguments && (tight || first || doubled) => 70,
            (Strength::Word, _) if command.has_file && (first || doubled) => 60,
            (Strength::Word, Self::Semicolon | Self::Pipe) if command.has_arguments => 60,
            (_, Self::Inner) => 0,
            (_, Self::Backtick) if command.ends && (first || is_glued(text, at)) => 65,
            (_, Self::Semicolon) if command.ends && (tight || first) => 60,
            (_, Self::Pipe) if command.ends && (tight || first) => 62,
            (_, Self::And) if command.ends && (first || doubled || target) => 60,
            _ => 0,
        }
    }
}

/// Whether the text is a name of a host or a file, an address, or nothing, blanks apart.
fn is_target(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    text.iter().all(part) && (text.is_empty() || memchr::memchr(b'.', text).is_some())
}

/// Whether a letter or digit stands before `at`, without a blank between.
fn is_glued(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    before.is_some_and(u8::is_ascii_alphanumeric)
}

/// How long a command may be that is an attack by itself: longer ones are examples.
const COMMAND_BYTES_MAX: usize = 64;

/// A value that is a command: `/usr/bin/id`, `ping -c 3 …`, `system('id')`.
fn alone(text: &[u8]) -> Option<Hit> {
    const CALLS: [&[u8]; 7] = [
        b"system(",
        b"exec(",
        b"popen(",
        b"os.popen(",
        b"eval('",
        b"shell_exec(",
        b"subprocess.call(",
    ];
    let call = CALLS.iter().find(|call| text.starts_with(call));
    if call.is_some_and(|call| {
        let argument = text.get(call.len()..).unwrap_or_default();
        call.ends_with(b"'") || matches!(argument.first(), Some(b'"' | b'\'' | b'$'))
    }) {
        return Some(Hit::new(66, 0, text.len()));
    }
    let short = text.len() <= COMMAND_BYTES_MAX;
    if let Some(command) = command(text, 0).filter(|_| short) {
        let score = match command.strength {
            Strength::Path => 65,
            Strength::Sure | Strength::Short if command.has_place => 86,
            Strength::Sure | Strength::Short if command.disguised => 75,
            // `id;`: what is left of a line's end, a command and another line.
            _ if command.ends && ends_with_separator(text) => 58,
            _ => 0,
        };
        if score > 0 {
            return Some(Hit::new(score, 0, text.len()));
        }
    }
    let mut folders = memchr::memchr_iter(b'/', text);
    let folder = |at: &usize| {
        text.get(*at..)
            .is_some_and(|rest| rest.starts_with(b"/bin/"))
    };
    let at = folders.find(folder)?;
    let named = command(text, at).is_some_and(|command| command.strength == Strength::Path);
    (named && text.len() <= LINE_BYTES_MAX).then(|| Hit::new(58, at, text.len()))
}

fn ends_with_separator(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    matches!(text.split_last(), Some((b';' | b'|' | b'&', rest)) if rest.iter().all(u8::is_ascii_alphanumeric))
}

/// What needs no separator before it.
pub(super) const SIGNS: [(&str, u8); 40] = [
    ("() { :", 95),
    ("() {:", 95),
    ("${ifs}", 88),
    ("$ifs$", 85),
    ("/dev/tcp/", 92),
    ("/dev/udp/", 92),
    ("2>&1", 70),
    ("/???/", 75),
    ("shell_exec(", 82),
    ("passthru(", 82),
    ("proc_open(", 80),
    ("pcntl_exec(", 80),
    ("phpinfo()", 75),
    ("base64_decode(", 60),
    ("getruntime().exec", 88),
    ("__import__('os')", 85),
    ("os.system('", 60),
    ("cmd.exe /c", 85),
    ("cmd /c ", 75),
    ("powershell -", 75),
    ("%comspec%", 85),
    ("iex(new-object", 90),
    ("downloadstring(", 85),
    ("invoke-expression", 75),
    ("-encodedcommand", 85),
    ("-oproxycommand=", 88),
    ("--checkpoint-action=exec", 90),
    ("--use-askpass=", 80),
    (">/dev/", 60),
    (">/etc/", 88),
    ("> /etc/", 88),
    (">/tmp/", 60),
    ("> /tmp/", 60),
    (">/var/", 60),
    ("> /var/", 60),
    ("@{[system", 80),
    // `;system('id')`: these count behind the end of a statement or a text.
    ("system(", CALL),
    ("exec(", CALL),
    ("popen(", CALL),
    ("eval(", CALL),
];

/// What a call of a command is worth.
const CALL: u8 = 87;

pub(super) static SEARCH: Literals = Literals::new(|| literals(SIGNS.map(|(sign, _)| sign)));

fn plain_signs(text: &[u8], scene: Scene) -> Option<Hit> {
    let mut best = None;
    for (index, place) in signs(&SEARCH, text) {
        let Some((_, score)) = SIGNS.get(index) else {
            continue;
        };
        let argument = text.get(place.end);
        let is_quoted = scene == Scene::Head && matches!(argument, Some(b'\'' | b'"' | b'$'));
        if *score != CALL || leaves(text, place.start, is_quoted) {
            best = best.max(Some(Hit::new(*score, place.start, text.len())));
        }
    }
    best
}

/// Whether what stands before `at` ends a statement that the value was put in; any
/// statement where the argument is quoted.
fn leaves(text: &[u8], at: usize, is_quoted: bool) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_ascii_end();
    let quote = before
        .get(..before.len().saturating_sub(1))
        .and_then(<[u8]>::last);
    matches!(before.last(), Some(b';' | b'|' | b'&'))
        && (is_quoted || before.len() == 1 || matches!(quote, Some(b'"' | b'\'' | b')')))
}
