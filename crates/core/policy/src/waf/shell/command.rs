//! Names of commands, and what stands behind them.

/// The longest name of a command, with what shells take out of it.
const NAME_BYTES_MAX: usize = 64;

/// How much the name of a command says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// It stands with its folder: `/bin/ls`.
    Path,
    /// It is the name of a command and nothing else: `ifconfig`.
    Sure,
    /// It is short, but no word: `ls`.
    Short,
    /// It is a word of English, or the name of a field.
    Word,
}

/// A command in a text.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) strength: Strength,
    /// Where its name begins.
    pub(super) start: usize,
    /// The command ends with its name.
    pub(super) ends: bool,
    /// What only a command's argument looks like follows: `-l`, `/etc`, `$x`.
    pub(super) has_arguments: bool,
    /// The argument is an option, a place or an address: `-l`, `/etc`, `c:\`.
    pub(super) has_place: bool,
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
            b' ' | b'\t' | b'+' | b'(' | b'{' | b'"' | b'\'' | b'|' | b'&' | b'!' | b'`'
        )
    });
    let start = from + skipped.count();
    let mut name = [0_u8; NAME_BYTES_MAX];
    let mut length = 0;
    let mut end = start;
    for byte in text.get(start..)?.iter().take(NAME_BYTES_MAX) {
        let kept = match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/' | b':' => true,
            b'\'' | b'"' | b'\\' | b'^' if end > start => false,
            _ => break,
        };
        if kept {
            *name.get_mut(length)? = *byte;
            length += 1;
        }
        end += 1;
    }
    // A quote behind the name is no part of it.
    while end > start && matches!(text.get(end - 1), Some(b'\'' | b'"' | b'\\' | b'^')) {
        end -= 1;
    }
    let strength = strength(name.get(..length)?)?;
    let behind = text.get(end..).unwrap_or_default();
    let mut command = Command {
        strength,
        start,
        ends: false,
        has_arguments: false,
        has_place: false,
        has_word: false,
    };
    command.read(behind);
    Some(command)
}

impl Command {
    /// Reads what stands behind the name.
    fn read(&mut self, behind: &[u8]) {
        let rest = behind.trim_ascii_start();
        let rest = if rest.is_empty() {
            rest
        } else {
            let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'+';
            let skipped = behind.iter().take_while(|byte| blank(byte)).count();
            behind.get(skipped..).unwrap_or_default()
        };
        let apart = rest.len() < behind.len();
        let Some((first, more)) = rest.split_first() else {
            self.ends = true;
            return;
        };
        match first {
            b';' | b'|' | b'&' | b'`' | b')' | b'\n' | b'#' | b'}' => self.ends = true,
            b'\'' | b'"' if more.iter().all(|byte| !byte.is_ascii_alphanumeric()) => {
                self.ends = true;
            }
            b'<' | b'>' => self.has_arguments = true,
            _ if !apart => {
                self.has_arguments = behind.starts_with(b"$ifs") || behind.starts_with(b"${ifs");
            }
            b'-' => {
                let option = more
                    .first()
                    .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
                self.has_arguments = option;
                self.has_place = option;
            }
            b'/' => {
                self.has_place = more.first().is_none_or(u8::is_ascii_alphanumeric);
                self.has_arguments = self.has_place;
            }
            b'$' | b'~' | b'\\' | b'*' | b'\'' | b'"' | b'@' => self.has_arguments = true,
            b'.' => self.has_arguments = matches!(more.first(), Some(b'.' | b'/')),
            b'0'..=b'9' => {
                self.has_arguments = true;
            }
            b'a'..=b'z' => {
                let place = more.starts_with(b":/") || more.starts_with(b":\\");
                let drive = more == b":" || more.starts_with(b":\"") || more.starts_with(b":+");
                let address = rest.starts_with(b"http:") || rest.starts_with(b"https:");
                self.has_place = place || drive || address;
                self.has_arguments = self.has_place;
                self.has_word = !self.has_arguments;
            }
            _ => {}
        }
    }
}

/// What a name says; `None` for what is no command.
fn strength(name: &[u8]) -> Option<Strength> {
    let own = name.rsplit(|byte| *byte == b'/').next()?;
    let folder = name.get(..name.len() - own.len())?;
    let own = own.strip_suffix(b".exe").unwrap_or(own);
    if FOLDERS.contains(&folder) {
        return (!own.is_empty()).then_some(Strength::Path);
    }
    if !folder.is_empty() {
        return None;
    }
    match own {
        _ if SURE.contains(&own) => Some(Strength::Sure),
        _ if SHORT.contains(&own) => Some(Strength::Short),
        _ if WORDS.contains(&own) => Some(Strength::Word),
        _ => None,
    }
}

/// Where commands are kept.
const FOLDERS: [&[u8]; 10] = [
    b"/bin/",
    b"/sbin/",
    b"/usr/bin/",
    b"/usr/sbin/",
    b"/usr/local/bin/",
    b"usr/bin/",
    b"usr/local/bin/",
    b"bin/",
    b"c:/windows/system32/",
    b"/usr/local/sbin/",
];

const SURE: [&[u8]; 60] = [
    b"whoami",
    b"ifconfig",
    b"ipconfig",
    b"netstat",
    b"uname",
    b"nslookup",
    b"wget",
    b"curl",
    b"ncat",
    b"netcat",
    b"bash",
    b"zsh",
    b"ksh",
    b"csh",
    b"powershell",
    b"pwsh",
    b"chmod",
    b"chown",
    b"chgrp",
    b"tcpdump",
    b"nmap",
    b"tftp",
    b"telnet",
    b"systeminfo",
    b"tasklist",
    b"taskkill",
    b"certutil",
    b"bitsadmin",
    b"wmic",
    b"rundll32",
    b"regsvr32",
    b"mshta",
    b"cscript",
    b"wscript",
    b"useradd",
    b"adduser",
    b"crontab",
    b"mkfifo",
    b"mknod",
    b"socat",
    b"python",
    b"python2",
    b"python3",
    b"perl",
    b"ruby",
    b"php",
    b"gcc",
    b"sudo",
    b"xterm",
    b"killall",
    b"pkill",
    b"poweroff",
    b"traceroute",
    b"tracert",
    b"printenv",
    b"busybox",
    b"lsof",
    b"getent",
    b"iptables",
    b"cmd",
];

const SHORT: [&[u8]; 46] = [
    b"ls", b"ps", b"pwd", b"rm", b"cp", b"mv", b"df", b"du", b"tac", b"nl", b"od", b"xxd", b"grep",
    b"egrep", b"fgrep", b"awk", b"gawk", b"sed", b"tar", b"ssh", b"scp", b"ftp", b"vi", b"vim",
    b"xargs", b"base64", b"mkdir", b"rmdir", b"nc", b"sh", b"dir", b"ver", b"arp", b"stat",
    b"strings", b"zip", b"unzip", b"gzip", b"lp", b"su", b"dd", b"ping", b"cat", b"sleep", b"echo",
    b"printf",
];

const WORDS: [&[u8]; 38] = [
    b"id",
    b"env",
    b"set",
    b"type",
    b"true",
    b"false",
    b"test",
    b"find",
    b"sort",
    b"more",
    b"less",
    b"head",
    b"tail",
    b"time",
    b"date",
    b"cut",
    b"net",
    b"del",
    b"copy",
    b"move",
    b"start",
    b"at",
    b"call",
    b"timeout",
    b"w",
    b"who",
    b"last",
    b"history",
    b"export",
    b"exec",
    b"eval",
    b"source",
    b"touch",
    b"kill",
    b"hostname",
    b"route",
    b"mount",
    b"tee",
];
