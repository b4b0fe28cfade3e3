//! What checking a key costs, by the size of the keyring.
//!
//! `cargo run --release -p tollgate-identity --example authenticate_cost`. Below 400 ns
//! the processor's SHA instructions are in use; without them it is about 1 µs.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write as _};

use tollgate_identity::{KeyEntry, Keyring, ModelScope, NewKey, generate, parse_hash};

const CHECKS: u64 = 1_000_000;

fn entry(key: &NewKey, id: &str) -> Option<KeyEntry> {
    let hash = parse_hash(&key.hash_hex)?;
    let service = "billing".into();
    Some(KeyEntry {
        id: id.into(),
        hash,
        service,
        team: None,
        expires_unix_s: None,
        models: ModelScope::all(),
    })
}

/// Processor time of this thread so far, in nanoseconds.
fn cpu_ns() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text
        .split(' ')
        .next()
        .and_then(|ns| ns.parse().ok())
        .unwrap_or_default())
}

fn main() -> Result<(), Box<dyn Error>> {
    let (key, stranger) = (generate("live")?, generate("live")?);
    let mut out = io::stdout().lock();
    for keys in [1_u32, 1_000, 100_000] {
        let others = (1..keys).filter_map(|index| entry(&stranger, &format!("{index:08}")));
        let keyring = Keyring::new(others.chain(entry(&key, &key.id)))?;
        for (name, presented) in [("known", &key), ("unknown", &stranger)] {
            let before = cpu_ns()?;
            for now in 0..CHECKS {
                let _answer =
                    black_box(keyring.authenticate(black_box(presented.key.expose()), now));
            }
            let spent = cpu_ns()? - before;
            writeln!(
                out,
                "{keys:>7} keys, {name:8} {:>5} ns a check",
                spent / CHECKS
            )?;
        }
    }
    Ok(())
}
