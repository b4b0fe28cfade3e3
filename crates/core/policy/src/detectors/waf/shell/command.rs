//! The name of a command in a text, and what stands behind it.

use super::names::{Strength, strength};

/// The longest name of a command, with what shells take out of it.
const NAME_BYTES_MAX: usize = 32;

/// A command in a text.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) strength: Strength,
    /// Where its name begins.
    pub(super) start: usize,
    /// Signs that shells take out stand within its name: `who$@ami`, `c'a't`.
    pub(super) disguised: bool,
    /// The command ends with its name.
    pub(super) ends: bool,
    /// What only a command's argument looks like follows: `-l`, `/etc`, `$x`.
    pub(super) has_arguments: bool,
    /// The argument is an option, a place or an address: `-l`, `/etc`, `c:\`.
    pub(super) has_place: bool,
    /// The argument is the name of a file or a host: `x.vbs`, `evil.example`.
    pub(super) has_file: bool,
    /// A word follows.
    pub(super) has_word: bool,
}

impl Command {
    /// Whether it looks like the beginning of a command line.
    pub(super) const fn goes_on(&self) -> bool {
        self.ends || self.has_arguments || self.has_word
    }
}

/// The command at `from`, blanks and opening brackets before it apart.
pub(super) fn command(text: &[u8], from: usize) -> Option<Command> {
    let rest = text.get(from..)?;
    let skipped = rest.iter().take(16).take_while(|byte| {
        matches!(
            byte,
            b' ' | b'\t' | b'+' | b'(' | b'{' | b'"' | b'\'' | b'|' | b'&' | b'!' | b'`' | b'\\'
        )
    });
    let start = from + skipped.count();
    let name = Name::at(text.get(start..)?);
    let mut command = Command {
        strength: strength(name.bytes.get(..name.length)?)?,
        start,
        disguised: name.disguises > 0 && name.quotes.is_multiple_of(2),
        ends: false,
        has_arguments: false,
        has_place: false,
        has_file: false,
        has_word: false,
    };
    let end = start + name.taken;
    let behind = text.get(end..).unwrap_or_default();
    // `{cat,/etc/passwd}`.
    let braced = start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'{');
    match behind.strip_prefix(b",").filter(|_| braced) {
        Some(argument) => command.argument(argument),
        None => command.read(name.bytes.get(..name.length)?, behind),
    }
    Some(command)
}

/// A name as a shell reads it.
#[derive(Default)]
struct Name {
    bytes: [u8; NAME_BYTES_MAX],
    length: usize,
    /// How many bytes of the text it is.
    taken: usize,
    /// How many signs were taken out of it that shells take out.
    disguises: usize,
    /// How many of them are quotes.
    quotes: usize,
}

impl Name {
    fn at(text: &[u8]) -> Self {
        let mut name = Self::default();
        // Signs behind its last letter are no part of it.
        let mut open = (0, 0);
        let mut at = 0;
        while at < NAME_BYTES_MAX {
            let rest = text.get(at..).unwrap_or_default();
            let Some(byte) = rest.first() else { break };
            let is_path = name.bytes.first() == Some(&b'/');
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/' | b':' => name.keep(*byte),
                b'?' if is_path => name.keep(b'?'),
                _ => {
                    let taken = silent(rest);
                    if taken == 0 || at == 0 {
                        break;
                    }
                    open.0 += 1;
                    open.1 += usize::from(matches!(byte, b'\'' | b'"'));
                    at += taken;
                    continue;
                }
            }
            at += 1;
            name.taken = at;
            name.disguises += open.0;
            name.quotes += open.1;
            open = (0, 0);
        }
        name
    }

    fn keep(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }
}

/// The length of what begins `text` and is nothing to a shell: quotes, `\`, `^`, `$@`, `$()`.
fn silent(text: &[u8]) -> usize {
    match text {
        [b'$', b'(', b')', ..] => 3,
        [b'$', b'@' | b'*' | b'1'..=b'9', ..] | [b'`', b'`', ..] => 2,
        [b'\'' | b'"' | b'\\' | b'^', ..] => 1,
        _ => 0,
    }
}

impl Command {
    /// Reads what stands behind the name.
    fn read(&mut self, name: &[u8], behind: &[u8]) {
        let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'+';
        let skipped = behind.iter().take_while(|byte| blank(byte)).count();
        let (blanks, rest) = behind.split_at(skipped);
        let rest = if behind.trim_ascii_start().is_empty() {
            b""
        } else {
            rest
        };
        let Some((first, more)) = rest.split_first() else {
            self.ends = true;
            return;
        };
        match first {
            b';' | b'|' | b'&' | b'`' | b')' | b'\n' | b'#' | b'}' => self.ends = true,
            b'\'' | b'"' if more.iter().all(|byte| !byte.is_ascii_alphanumeric()) => {
                self.ends = true;
            }
            b'<' | b'>' => {
                let target = more.iter().find(|byte| !b" <>".contains(byte));
                self.has_arguments = true;
                self.has_place = matches!(target, Some(b'/' | b'~' | b'.' | b'$'));
            }
            _ if blanks.is_empty() => {
                self.has_arguments = behind.starts_with(b"$ifs") || behind.starts_with(b"${ifs");
            }
            _ => {
                self.argument(rest);
                if self.has_word && goes_with(name, rest) {
                    self.strength = Strength::Short;
                    self.has_arguments = true;
                }
            }
        }
    }

    /// Reads the first argument.
    fn argument(&mut self, text: &[u8]) {
        let Some((first, more)) = text.split_first() else {
            return;
        };
        match first {
            b'-' => {
                let option = more
                    .first()
                    .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
                let number = more.first().is_some_and(u8::is_ascii_digit);
                self.has_arguments = option || number;
                self.has_place = option;
            }
            b'/' => {
                self.has_place = more
                    .first()
                    .is_none_or(|byte| byte.is_ascii_alphanumeric() || b" ?*;".contains(byte));
                self.has_arguments = self.has_place;
            }
            b'$' | b'~' | b'\\' | b'*' | b'\'' | b'"' | b'@' => self.has_arguments = true,
            // `%path%`.
            b'%' => {
                let name = more.iter().take(32);
                let length = name.take_while(|byte| byte.is_ascii_alphanumeric()).count();
                self.has_arguments = length > 1 && more.get(length) == Some(&b'%');
            }
            b'.' => self.has_arguments = matches!(more.first(), Some(b'.' | b'/')),
            // A number is what people write behind a word: `route 66`.
            b'0'..=b'9' => self.has_arguments = self.strength != Strength::Word,
            b'a'..=b'z' => self.word(text),
            _ => {}
        }
    }

    /// Reads an argument that begins with a letter.
    fn word(&mut self, text: &[u8]) {
        let more = text.get(1..).unwrap_or_default();
        let place = more.starts_with(b":/") || more.starts_with(b":\\");
        let drive = more == b":" || more.starts_with(b":\"") || more.starts_with(b":+");
        let address = text.starts_with(b"http:") || text.starts_with(b"https:");
        self.has_place = place || drive || address;
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let length = text.iter().take(64).take_while(is_name).count();
        let (name, behind) = text.split_at(length);
        let mut parts = name.split(|byte| *byte == b'.');
        let dotted = name.len() > 3 && parts.clone().count() > 1;
        self.has_file = dotted && parts.all(|part| !part.is_empty());
        // `iex(…)`.
        let called = behind.first() == Some(&b'(');
        self.has_arguments = self.has_place || called;
        self.has_word = !self.has_arguments;
    }
}

/// Whether the word that begins `rest` is one that people write behind this command, and
/// hardly behind the word that its name is.
fn goes_with(name: &[u8], rest: &[u8]) -> bool {
    const PACKAGES: &[&[u8]] = &[b"install", b"remove", b"update"];
    const SERVICES: &[&[u8]] = &[b"query", b"start", b"stop", b"config", b"create", b"delete"];
    let words: &[&[u8]] = match name {
        b"net" | b"net.exe" | b"net1" => &[
            b"user",
            b"users",
            b"view",
            b"localgroup",
            b"group",
            b"use",
            b"share",
            b"accounts",
            b"session",
            b"start",
            b"stop",
            b"time",
        ],
        b"reg" => &[b"query", b"add", b"delete", b"save", b"export"],
        b"sc" => SERVICES,
        b"ip" => &[b"a", b"addr", b"address", b"link", b"route", b"neigh"],
        b"apt" | b"apt-get" | b"gem" | b"npm" | b"pip" | b"pip3" | b"yum" => PACKAGES,
        b"git" => &[b"clone", b"pull", b"push"],
        b"docker" => &[b"ps", b"run", b"exec", b"images"],
        b"command" | b"env" | b"eval" | b"exec" | b"nice" | b"time" => &[
            b"bash", b"cat", b"curl", b"id", b"ls", b"sh", b"sleep", b"wget", b"whoami",
        ],
        b"su" => &[b"root"],
        b"ps" => &[b"aux", b"ax", b"auxw"],
        b"tar" => &[b"cf", b"czf", b"cvf", b"xf", b"xzf", b"xvf"],
        _ => return false,
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric());
    let word = rest.get(..length.count()).unwrap_or_default();
    words.contains(&word)
}
