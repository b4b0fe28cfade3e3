//! Path traversal: does a value leave the folder that it is put behind?
//!
//! Steps upwards (`../`, `..\`, `..;/`, `....//`) and their spellings are counted; names
//! that attackers ask for (`/etc/passwd`, `boot.ini`, `WEB-INF`) are looked for once the
//! path is written plainly, without `//`, `/./` and backslashes.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2_iter};

use super::judge::{Hit, Scene};
use super::literals::{Literals, literals, signs};

/// Names that nobody but an attacker sends as a value.
pub(super) const SECRET: [&str; 53] = [
    "etc/passwd",
    "etc/shadow",
    "etc/gshadow",
    "etc/sudoers",
    "etc/master.passwd",
    "etc/security/passwd",
    "proc/self/",
    "proc/version",
    "proc/cmdline",
    "proc/net/tcp",
    // As long as a guarded name that begins at the same slash.
    "/proc/self/",
    "/proc/version",
    "/proc/cmdline",
    "/proc/net/tcp",
    "boot.ini",
    "win.ini",
    "windows/system32",
    "windows/system.ini",
    "windows/repair",
    "winnt/",
    "sam.bak",
    "web-inf/",
    "web-infweb.xml",
    "meta-inf/",
    "etcpasswd",
    "bootini",
    "/.htaccess",
    "/.htpasswd",
    "/.git/config",
    "/.git/head",
    "/.svn/entries",
    ".ssh/id_",
    "/id_rsa",
    "authorized_keys",
    ".bash_history",
    ".aws/credentials",
    ".kube/config",
    "wp-config.php",
    "global.asa",
    "inetpub",
    "localstart.asp",
    "etcshadow",
    "etcgroup",
    "etchosts",
    "windowswin.ini",
    "winntwin.ini",
    "system32/cmd.exe",
    "known_hosts",
    "config.inc.php",
    "kubernetes.io/serviceaccount",
    "php://filter",
    "php://input",
    "expect://",
];

/// Names that others send too.
pub(super) const GUARDED: [&str; 22] = [
    "/etc/hosts",
    "/etc/group",
    "/etc/issue",
    "/etc/fstab",
    "/etc/crontab",
    "/etc/ssh",
    "/etc/nginx",
    "/etc/apache",
    "/etc/httpd",
    "/etc/mysql",
    "/etc/php",
    "/var/log/",
    "/.env",
    "/web.config",
    "/httpd.conf",
    "/access.log",
    "/access_log",
    "/error_log",
    "phar://",
    "zip://",
    "glob://",
    "/proc/",
];

pub(super) static NAMES: Literals = Literals::new(|| literals(SECRET.iter().chain(&GUARDED)));

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
        match dots {
            1 if from_separator && to_separator => stays += 1,
            2 if to_separator && !word => {
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
    if memchr(0, text).is_some() && memchr(b'.', text).is_some() {
        steps.odd(0, 62);
    }
    steps
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
    const SPELLED: [&[u8]; 6] = [b";/", b"0x2f", b"0x5c", b"x2f", b"x5c", b"%2f"];
    matches!(text.first(), Some(b'/' | b'\\'))
        || SPELLED.iter().any(|spelled| text.starts_with(spelled))
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
    for (index, place) in signs(&NAMES, &plain) {
        // `darwin.ini` is no `win.ini`.
        let short = place.len() <= "boot.ini".len();
        if short && is_inside_word(&plain, place.start) {
            continue;
        }
        if index < SECRET.len() {
            return Name::Secret;
        }
        best = best.max(Name::Guarded);
    }
    best
}

/// The hidden file or folder that a path begins with: `.git/config` is `/.git/config`.
fn hidden(plain: &[u8]) -> Name {
    if plain.first() != Some(&b'.') {
        return Name::None;
    }
    let begins = |name: &&str| {
        let name = name.strip_prefix('/');
        name.is_some_and(|name| plain.starts_with(name.as_bytes()))
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
        let wrapper = out.ends_with(b":/");
        if byte == b'/' && out.last() == Some(&b'/') && !wrapper {
            continue;
        }
        if byte == b'/' && out.ends_with(b"/.") {
            out.pop();
            continue;
        }
        out.push(byte);
    }
    out.into()
}
