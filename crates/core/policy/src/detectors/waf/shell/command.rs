//! Names of commands, and what stands behind them.

/// The longest name of a command, with what shells take out of it.
const NAME_BYTES_MAX: usize = 32;

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
                self.has_place = more
                    .first()
                    .is_none_or(|byte| byte.is_ascii_alphanumeric() || *byte == b' ');
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
    let found = COMMANDS
        .binary_search_by(|(known, _)| (*known).cmp(own))
        .ok()?;
    COMMANDS.get(found).map(|(_, strength)| *strength)
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

/// Names of commands, in order.
const COMMANDS: [(&[u8], Strength); 146] = {
    use Strength::{Short, Sure, Word};
    [
        (b"adduser", Sure),
        (b"arp", Short),
        (b"at", Word),
        (b"awk", Short),
        (b"base64", Short),
        (b"bash", Sure),
        (b"bitsadmin", Sure),
        (b"busybox", Sure),
        (b"call", Word),
        (b"cat", Short),
        (b"certutil", Sure),
        (b"chgrp", Sure),
        (b"chmod", Sure),
        (b"chown", Sure),
        (b"cmd", Sure),
        (b"copy", Word),
        (b"cp", Short),
        (b"crontab", Sure),
        (b"cscript", Sure),
        (b"csh", Sure),
        (b"curl", Sure),
        (b"cut", Word),
        (b"date", Word),
        (b"dd", Short),
        (b"del", Word),
        (b"df", Short),
        (b"dir", Short),
        (b"du", Short),
        (b"echo", Short),
        (b"egrep", Short),
        (b"env", Word),
        (b"eval", Word),
        (b"exec", Word),
        (b"export", Word),
        (b"false", Word),
        (b"fgrep", Short),
        (b"find", Word),
        (b"ftp", Short),
        (b"gawk", Short),
        (b"gcc", Sure),
        (b"getent", Sure),
        (b"grep", Short),
        (b"gzip", Short),
        (b"halt", Word),
        (b"head", Word),
        (b"history", Word),
        (b"hostname", Word),
        (b"id", Word),
        (b"ifconfig", Sure),
        (b"ipconfig", Sure),
        (b"iptables", Sure),
        (b"kill", Word),
        (b"killall", Sure),
        (b"ksh", Sure),
        (b"last", Word),
        (b"less", Word),
        (b"lp", Short),
        (b"ls", Short),
        (b"lsof", Sure),
        (b"mkdir", Short),
        (b"mkfifo", Sure),
        (b"mknod", Sure),
        (b"more", Word),
        (b"mount", Word),
        (b"move", Word),
        (b"mshta", Sure),
        (b"mv", Short),
        (b"nc", Short),
        (b"ncat", Sure),
        (b"net", Word),
        (b"netcat", Sure),
        (b"netstat", Sure),
        (b"nl", Short),
        (b"nmap", Sure),
        (b"nslookup", Sure),
        (b"od", Short),
        (b"perl", Sure),
        (b"php", Sure),
        (b"ping", Short),
        (b"pkill", Sure),
        (b"poweroff", Sure),
        (b"powershell", Sure),
        (b"printenv", Sure),
        (b"printf", Short),
        (b"ps", Short),
        (b"pwd", Short),
        (b"pwsh", Sure),
        (b"python", Sure),
        (b"python2", Sure),
        (b"python3", Sure),
        (b"reboot", Sure),
        (b"regsvr32", Sure),
        (b"rm", Short),
        (b"rmdir", Short),
        (b"route", Word),
        (b"ruby", Sure),
        (b"rundll32", Sure),
        (b"scp", Short),
        (b"sed", Short),
        (b"set", Word),
        (b"sh", Short),
        (b"sleep", Short),
        (b"socat", Sure),
        (b"sort", Word),
        (b"source", Word),
        (b"ssh", Short),
        (b"start", Word),
        (b"stat", Short),
        (b"strings", Short),
        (b"su", Short),
        (b"sudo", Sure),
        (b"systeminfo", Sure),
        (b"tac", Short),
        (b"tail", Word),
        (b"tar", Short),
        (b"taskkill", Sure),
        (b"tasklist", Sure),
        (b"tcpdump", Sure),
        (b"tee", Word),
        (b"telnet", Sure),
        (b"test", Word),
        (b"tftp", Sure),
        (b"time", Word),
        (b"timeout", Word),
        (b"touch", Word),
        (b"traceroute", Sure),
        (b"tracert", Sure),
        (b"true", Word),
        (b"type", Word),
        (b"uname", Sure),
        (b"unzip", Short),
        (b"useradd", Sure),
        (b"ver", Short),
        (b"vi", Short),
        (b"vim", Short),
        (b"w", Word),
        (b"wget", Sure),
        (b"who", Word),
        (b"whoami", Sure),
        (b"wmic", Sure),
        (b"wscript", Sure),
        (b"xargs", Short),
        (b"xterm", Sure),
        (b"xxd", Short),
        (b"zip", Short),
        (b"zsh", Sure),
    ]
};
