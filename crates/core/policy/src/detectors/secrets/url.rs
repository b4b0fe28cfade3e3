//! Passwords in URLs and connection strings: `scheme://user:password@host`.

use super::reader::{ByteSet, Reader};
use super::value;

/// The longest user name that is read, in bytes.
const USER_BYTES_MAX: usize = 64;

/// The longest password, in bytes.
const PASSWORD_BYTES_MAX: usize = 256;

/// Schemes of stores and queues, whose passwords are often written without escapes.
const STORES: [&[u8]; 14] = [
    b"postgres",
    b"postgresql",
    b"mysql",
    b"mariadb",
    b"mongodb",
    b"srv",
    b"redis",
    b"rediss",
    b"amqp",
    b"amqps",
    b"mssql",
    b"sqlserver",
    b"clickhouse",
    b"oracle",
];

/// What is known of a password that may begin behind a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Password {
    No,
    Undecided,
    /// It ends here.
    Ends(usize),
}

/// Reads behind the colon at `colon`.
pub(super) fn password(reader: &mut Reader<'_>, colon: usize) -> Password {
    let Some((user, scheme)) = user(reader, colon) else {
        return Password::No;
    };
    let start = colon + 1;
    let limit = (start + PASSWORD_BYTES_MAX).min(reader.text.len());
    let rest = reader.slice(start, limit);
    let stops = |byte: u8| matches!(byte, b'/' | b'?' | b'#');
    let end = rest.iter().position(|byte| ends(*byte) || stops(*byte));
    let cut = !reader.last && limit == reader.text.len();
    let Some(end) = end else {
        return if cut {
            Password::Undecided
        } else {
            decide(rest, start, user)
        };
    };
    let found = decide(rest.get(..end).unwrap_or_default(), start, user);
    let unescaped = rest.get(end).copied().is_some_and(stops) && STORES.contains(&scheme);
    if found != Password::No
        || !unescaped
        || rest
            .get(..end)
            .is_some_and(|port| port.iter().all(u8::is_ascii_digit))
    {
        return found;
    }
    match rest.iter().position(|byte| ends(*byte)) {
        None if cut => Password::Undecided,
        end => decide(
            rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(),
            start,
            user,
        ),
    }
}

/// Reads behind the colon of `-u user:password`, as `curl` takes it.
pub(super) fn of_user_option(reader: &mut Reader<'_>, colon: usize) -> Password {
    let near = reader.slice(colon.saturating_sub(USER_BYTES_MAX), colon);
    let of_user = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'@' | b'-' | b'+')
    };
    let user = near.iter().rev().take_while(of_user).count();
    let (before, user) = near.split_at(near.len() - user);
    let quote = before
        .last()
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let before = before
        .get(..before.len() - usize::from(quote.is_some()))
        .unwrap_or_default();
    if user.is_empty() || !before.ends_with(b" -u ") && !before.ends_with(b" --user ") {
        return Password::No;
    }
    let start = colon + 1;
    let set = ByteSet::of(b"!~");
    let set = match quote {
        Some(quote) => set.without(quote),
        None => set.without(b'"').without(b'\''),
    };
    let end = reader.run_end(set, start);
    let password = reader.slice(start, end);
    if password.len() > PASSWORD_BYTES_MAX {
        return Password::No;
    }
    if end == reader.text.len() && !reader.last {
        return Password::Undecided;
    }
    if password.len() < 3 || password == user || is_example(password) {
        return Password::No;
    }
    Password::Ends(end)
}

/// The user and the scheme before a colon; `None` when it does not stand in a URL.
fn user<'t>(reader: &Reader<'t>, colon: usize) -> Option<(&'t [u8], &'t [u8])> {
    let near = reader.slice(colon.saturating_sub(USER_BYTES_MAX + 3), colon);
    let of_user = |byte: &&u8| !ends(**byte) && !matches!(byte, b'/' | b'?' | b'#' | b'@' | b':');
    let length = near.iter().rev().take_while(of_user).count();
    let (before, user) = near.split_at(near.len() - length);
    if !before.ends_with(b"://") {
        return None;
    }
    let scheme_end = colon - user.len() - 3;
    let before = reader.slice(scheme_end.saturating_sub(16), scheme_end);
    let letters = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let scheme = before.get(before.len() - letters..)?;
    (letters >= 2).then_some((user, scheme))
}

/// Whether the byte ends whatever a URL is.
fn ends(byte: u8) -> bool {
    !byte.is_ascii_graphic()
        || matches!(
            byte,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b',' | b';' | b'|'
        )
}

/// The password in `password@host`.
fn decide(rest: &[u8], start: usize, user: &[u8]) -> Password {
    let Some(length) = rest.iter().rposition(|byte| *byte == b'@') else {
        return Password::No;
    };
    let password = rest.get(..length).unwrap_or_default();
    if password.len() < 3 || password == user || is_example(password) {
        return Password::No;
    }
    Password::Ends(start + length)
}

/// Whether it stands for a password and is none.
fn is_example(password: &[u8]) -> bool {
    const WORDS: [&[u8]; 24] = [
        b"password",
        b"pass",
        b"passwd",
        b"pwd",
        b"secret",
        b"postgres",
        b"root",
        b"admin",
        b"user",
        b"username",
        b"example",
        b"test",
        b"token",
        b"changeme",
        b"mysecretpassword",
        b"guest",
        b"mypassword",
        b"x-oauth-basic",
        b"redis",
        b"mysql",
        b"your_password",
        b"yourpassword",
        b"db_password",
        b"dbpassword",
    ];
    let same = |byte: u8| password.iter().all(|own| *own == byte);
    WORDS.iter().any(|word| password.eq_ignore_ascii_case(word))
        || value::is_reference(password, false)
        || matches!(password.first(), Some(b'{' | b'[' | b'$' | b'%' | b'<'))
        || same(b'*')
        || same(b'x')
        || same(b'.')
        || value::has_word(password, b"your")
        || value::has_word(password, b"example")
        || password
            .iter()
            .all(|byte| ByteSet::of(b"AZ__").contains(*byte))
            && password.contains(&b'_')
}
