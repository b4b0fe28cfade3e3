//! `tollgate reveal`: what `style: encrypt` put into a text, in the open again.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tollgate_config::SecretRef;
use tollgate_gateway::resolve_secret;
use tollgate_policy::{KeyId, Keys};
use tollgate_wire::json;

use crate::output;

/// How much is read at a time.
const READ_BYTES: usize = 64 * 1024;

/// The longest label that is looked at, in bytes: more than any entity's name has.
const LABEL_BYTES_MAX: usize = 128;

/// The most hexadecimal digits of one finding: more than any finding has that is replaced
/// as one.
const DIGITS_MAX: usize = 1024 * 1024;

/// The fewest: those of the seal alone. A keyed hash has less.
const DIGITS_MIN: usize = 32;

/// Arguments of `reveal`.
#[derive(Debug, Args)]
#[command(
    after_help = "Replaces every `[ENTITY:digits]` that `style: encrypt` made with this key by its original, and \
leaves everything else as it is.\n\nExit codes: 0 done, 1 the text or the key cannot be read, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// The text; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    input: PathBuf,
    #[command(flatten)]
    key: Key,
    /// The text is JSON: originals are escaped as strings are
    #[arg(long)]
    json: bool,
}

/// Where the key stands, as `key_ref` says.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Key {
    /// The environment variable with the key
    #[arg(long, value_name = "NAME")]
    key_env: Option<String>,
    /// The file with the key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Key {
    /// The key as the gateway reads it.
    fn read(&self) -> Result<Keys, String> {
        let of_file = self.key_file.clone().map(SecretRef::File);
        let of_env = self.key_env.clone().map(SecretRef::Env);
        let Some(reference) = of_file.or(of_env) else {
            return Err("no key is named".to_owned());
        };
        let env = |name: &str| std::env::var(name).ok();
        let secret = resolve_secret(&reference, "the key", &env);
        let secret = secret.map_err(|error| error.to_string())?;
        Ok(Keys::new([secret.expose().as_bytes()]))
    }
}

/// Reveals.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let keys = match arguments.key.read() {
        Ok(keys) => keys,
        Err(error) => return output::fail(error),
    };
    let mut text = Text {
        keys,
        is_json: arguments.json,
        unopened: 0,
        out: BufWriter::new(io::stdout().lock()),
    };
    let done = if arguments.input.as_os_str() == "-" {
        text.reveal(io::stdin().lock())
    } else {
        File::open(&arguments.input).and_then(|file| text.reveal(file))
    };
    match done {
        Ok(()) if text.unopened == 0 => ExitCode::SUCCESS,
        Ok(()) => {
            let unopened = text.unopened;
            output::say(format!("{unopened} not opened: not made with this key"));
            ExitCode::SUCCESS
        }
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => output::fail(format!("{}: {error}", arguments.input.display())),
    }
}

/// A text on its way through.
struct Text<W: Write> {
    keys: Keys,
    is_json: bool,
    /// What looks encrypted and could not be opened.
    unopened: u64,
    out: W,
}

/// What stands at a `[`.
#[derive(Debug, PartialEq, Eq)]
enum Found<'t> {
    /// Something sealed, with its length.
    Sealed(&'t str, usize),
    /// Perhaps something sealed, when more has come.
    Open,
    /// Nothing of ours.
    Nothing,
}

impl<W: Write> Text<W> {
    /// Reads a text to its end; holds back only what may still become something sealed.
    fn reveal(&mut self, mut input: impl Read) -> io::Result<()> {
        let mut held = Vec::new();
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let read = match input.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            held.extend_from_slice(buffer.get(..read).unwrap_or_default());
            let done = self.pass(&held, read == 0)?;
            held.drain(..done);
            if read == 0 {
                return self.out.flush();
            }
        }
    }

    /// Writes what is decided, and says how much that was.
    fn pass(&mut self, text: &[u8], is_end: bool) -> io::Result<usize> {
        let mut done = 0;
        loop {
            let rest = text.get(done..).unwrap_or_default();
            let Some(bracket) = rest.iter().position(|byte| *byte == b'[') else {
                self.out.write_all(rest)?;
                return Ok(text.len());
            };
            let (before, from) = rest.split_at(bracket);
            self.out.write_all(before)?;
            done += bracket;
            match find(from) {
                Found::Sealed(digits, length) => {
                    let whole = from.get(..length).unwrap_or_default();
                    self.open(digits, whole)?;
                    done += length;
                }
                Found::Open if !is_end => return Ok(done),
                Found::Open | Found::Nothing => {
                    self.out.write_all(b"[")?;
                    done += 1;
                }
            }
        }
    }

    /// Writes the original, or what stood there.
    fn open(&mut self, digits: &str, whole: &[u8]) -> io::Result<()> {
        let Some(original) = self.keys.decrypt(KeyId(0), digits) else {
            self.unopened += 1;
            return self.out.write_all(whole);
        };
        match (self.is_json, str::from_utf8(&original)) {
            (true, Ok(text)) => {
                let mut escaped = Vec::with_capacity(text.len());
                json::escape_into(text, &mut escaped);
                self.out.write_all(&escaped)
            }
            _ => self.out.write_all(&original),
        }
    }
}

/// What stands at the `[` with which the text begins.
fn find(text: &[u8]) -> Found<'_> {
    let inside = text.get(1..).unwrap_or_default();
    let count = |bytes: &[u8], max: usize, is_one: fn(&u8) -> bool| {
        bytes
            .iter()
            .take(max)
            .take_while(|byte| is_one(byte))
            .count()
    };
    let label = count(inside, LABEL_BYTES_MAX, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_'
    });
    match inside.get(label) {
        None if label < LABEL_BYTES_MAX => return Found::Open,
        Some(b':') if label > 0 => {}
        _ => return Found::Nothing,
    }
    let sealed = inside.get(label + 1..).unwrap_or_default();
    let digits = count(sealed, DIGITS_MAX, u8::is_ascii_hexdigit);
    match sealed.get(digits) {
        None if digits < DIGITS_MAX => Found::Open,
        Some(b']') if digits >= DIGITS_MIN => {
            let digits = sealed
                .get(..digits)
                .and_then(|digits| str::from_utf8(digits).ok());
            let length = |digits: &str| label + digits.len() + "[:]".len();
            digits.map_or(Found::Nothing, |digits| {
                Found::Sealed(digits, length(digits))
            })
        }
        _ => Found::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_form_is_tried() {
        let digits = "ab".repeat(16);
        let sealed = format!("[SSN:{digits}] and more");
        assert_eq!(
            find(sealed.as_bytes()),
            Found::Sealed(&digits, digits.len() + 6)
        );
        for open in ["[", "[SSN", "[SSN:", "[SSN:ab", &sealed[..20]] {
            assert_eq!(find(open.as_bytes()), Found::Open, "{open}");
        }
        for other in [
            "[]",
            "[ssn:",
            "[SSN]",
            "[SSN:abcd]",
            "[SSN:xy",
            "[:ab",
            "[[SSN",
        ] {
            assert_eq!(find(other.as_bytes()), Found::Nothing, "{other}");
        }
        let long = format!("[{}", "A".repeat(LABEL_BYTES_MAX + 1));
        assert_eq!(find(long.as_bytes()), Found::Nothing);
    }

    /// A reader that gives one byte at a time.
    struct ByByte<'t>(&'t [u8]);

    impl Read for ByByte<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn a_text_in_pieces_is_revealed_as_a_whole_one() {
        let input = format!("a [SSN:{}] [[x] [SSN:1 \u{fc} [", "0".repeat(40));
        for text in [input.as_str(), "", "[", "[A:"] {
            let mut reveal = Text {
                keys: Keys::new([&b"key"[..]]),
                is_json: false,
                unopened: 0,
                out: Vec::new(),
            };
            reveal.reveal(ByByte(text.as_bytes())).unwrap();
            assert_eq!(reveal.out, text.as_bytes());
            assert_eq!(reveal.unopened, u64::from(text.len() > 10));
        }
    }
}
