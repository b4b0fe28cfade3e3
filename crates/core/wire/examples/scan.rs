//! What reading costs: the JSON reader beside `serde_json`, and the SSE codec.
//!
//! `cargo run --release -p tollgate-wire --example scan` prints the best of several
//! rounds for each row; a word behind `--` picks the rows that have it. The bodies are made here; nothing is read from disk.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tollgate_wire::json::{Error, Reader, escape_into};
use tollgate_wire::sse::EventReader;

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(40);

fn main() {
    println!("{:34} {:>9} {:>10} {:>8}", "row", "bytes", "us", "GB/s");
    for (name, body) in [
        ("1 KiB", chat(1, 900)),
        ("100 KiB, one text", chat(1, 100 << 10)),
        ("100 KiB, 400 turns of 250", chat(400, 210)),
        ("1 MiB, one text", chat(1, 1 << 20)),
        ("100 KiB, one text, escapes", escaped(100 << 10)),
        ("100 KiB, one text, Cyrillic", cyrillic(100 << 10)),
    ] {
        row(name, "reader", body.len(), || {
            black_box(read(black_box(&body)).is_ok());
        });
        row(name, "reader, skip", body.len(), || {
            black_box(skip(black_box(&body)).is_ok());
        });
        row(name, "from_utf8 alone", body.len(), || {
            black_box(str::from_utf8(black_box(&body)).is_ok());
        });
        row(name, "serde_json RawValue", body.len(), || {
            black_box(serde_json::from_slice::<&RawValue>(black_box(&body)).is_ok());
        });
        row(name, "serde_json IgnoredAny", body.len(), || {
            black_box(serde_json::from_slice::<IgnoredAny>(black_box(&body)).is_ok());
        });
    }
    for (name, event) in [
        (
            "data",
            "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n".to_owned(),
        ),
        (
            "event, data",
            format!("event: content_block_delta\ndata: {}\n\n", "x".repeat(120)),
        ),
        (
            "event, data, CRLF",
            format!("event: delta\r\ndata: {}\r\n\r\n", "x".repeat(120)),
        ),
    ] {
        let one = Bytes::from(event.clone());
        row(name, "SSE, one a frame", one.len(), || {
            frames(black_box(&one), one.len());
        });
        let many = Bytes::from(event.repeat(100));
        row(name, "SSE, 100 a frame", many.len(), || {
            frames(black_box(&many), many.len());
        });
        row(name, "SSE, 100 in cuts of 37", many.len(), || {
            frames(black_box(&many), 37);
        });
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "a measurement needs the real clock"
)]
fn row(name: &str, what: &str, bytes: usize, mut work: impl FnMut()) {
    if std::env::args()
        .nth(1)
        .is_some_and(|wanted| !format!("{name}, {what}").contains(&wanted))
    {
        return;
    }
    let mut best = f64::INFINITY;
    let mut batch = 1_u32;
    for _ in 0..ROUNDS {
        loop {
            let start = std::time::Instant::now();
            for _ in 0..batch {
                work();
            }
            let took = start.elapsed();
            if took * 4 >= ROUND {
                best = best.min(took.as_secs_f64() / f64::from(batch));
                break;
            }
            batch *= 2;
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "lengths here are far below 2^52"
    )]
    let rate = bytes as f64 / best / 1e9;
    println!(
        "{:34} {bytes:>9} {:>10.3} {rate:>8.2}  {what}",
        name,
        best * 1e6
    );
}

/// What a format's view does: model, and role and content of each message.
fn read(body: &[u8]) -> Result<usize, Error> {
    let mut texts = Vec::new();
    let mut reader = Reader::new(body)?;
    reader.object::<Error>(|reader, key| {
        match key.as_str() {
            "model" => texts.push(reader.string()?),
            "messages" => {
                reader.array::<Error>(|reader, _index| {
                    reader.object::<Error>(|reader, key| {
                        match key.as_str() {
                            "role" | "content" => texts.push(reader.string()?),
                            _ => {}
                        }
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    Ok(texts.len())
}

fn skip(body: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(body)?;
    reader.skip()?;
    reader.finish()
}

fn frames(stream: &Bytes, cut: usize) {
    let mut reader = EventReader::new(1 << 20);
    let mut at = 0;
    while at < stream.len() {
        let end = stream.len().min(at + cut);
        reader.push(stream.slice(at..end));
        while let Ok(Some(event)) = reader.next_event() {
            black_box(event.data());
        }
        at = end;
    }
}

fn chat(turns: usize, text_bytes: usize) -> Vec<u8> {
    body(
        turns,
        &"The quick brown fox jumps over the lazy dog. ".repeat(1 + text_bytes / 45)[..text_bytes],
    )
}

fn escaped(text_bytes: usize) -> Vec<u8> {
    body(
        1,
        &"if x == \"a long enough line\":\n\treturn 42  # done\n".repeat(1 + text_bytes / 50),
    )
}

fn cyrillic(text_bytes: usize) -> Vec<u8> {
    body(
        1,
        &"Съешь ещё этих мягких французских булок, да выпей чаю. ".repeat(1 + text_bytes / 100),
    )
}

fn body(turns: usize, text: &str) -> Vec<u8> {
    let mut out = b"{\"model\":\"gpt-4o\",\"messages\":[".to_vec();
    for turn in 0..turns {
        if turn > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"role\":\"user\",\"content\":\"");
        escape_into(text, &mut out);
        out.extend_from_slice(b"\"}");
    }
    out.extend_from_slice(b"],\"temperature\":0.7,\"stream\":true}");
    out
}
