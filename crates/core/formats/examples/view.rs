//! What the views cost: once per request, and once per streamed event.
//!
//! `cargo run --release -p tollgate-formats --example view` prints the best of several
//! rounds for each row; a word behind `--` picks the rows that have it, and a number
//! behind that runs them so often and measures nothing, for callgrind. The bodies are
//! made here; nothing is read from disk.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use tollgate_formats::FormatId;
use tollgate_formats::view::EventView;
use tollgate_wire::json::Reader;
use tollgate_wire::sse::{Event, EventReader};

const ROUNDS: usize = 25;
const ROUND: Duration = Duration::from_millis(10);
const SENTENCE: &str = "The quick brown fox jumps over the lazy dog. ";

fn main() {
    println!("{:46} {:>9} {:>10}", "row", "bytes", "us");
    for (name, body) in [
        ("1 KiB", chat(3, 280, plain)),
        ("100 KiB, one text", chat(1, 100 << 10, plain)),
        ("100 KiB, 400 turns", chat(400, 210, plain)),
        ("100 KiB, 400 turns of parts", chat(400, 180, parts)),
    ] {
        for format in [FormatId::OpenaiChat, FormatId::AnthropicMessages] {
            for texts in [false, true] {
                let what = format!("{}, {name}, texts={texts}", format.format().label());
                row(&what, body.len(), || {
                    let view = format.format().view_request(black_box(&body), texts);
                    black_box(view.is_ok());
                });
            }
        }
        row(&format!("skip, {name}"), body.len(), || {
            black_box(skip(black_box(&body)));
        });
    }
    for (format, name, data) in [
        (FormatId::OpenaiChat, "text", OPENAI_TEXT),
        (FormatId::OpenaiChat, "arguments", OPENAI_ARGUMENTS),
        (FormatId::AnthropicMessages, "text", ANTHROPIC_TEXT),
    ] {
        let Some(event) = event(data) else { continue };
        let mut view = EventView::default();
        let what = format!("{}, event of {name}", format.format().label());
        row(&what, data.len(), || {
            let read = format.format().view_event(black_box(&event), &mut view);
            black_box(read.is_ok());
        });
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "a measurement needs the real clock"
)]
fn row(name: &str, bytes: usize, mut work: impl FnMut()) {
    let mut words = std::env::args().skip(1);
    if words.next().is_some_and(|wanted| !name.contains(&wanted)) {
        return;
    }
    if let Some(times) = words.next().and_then(|times| times.parse().ok()) {
        (0_u32..times).for_each(|_| work());
        return;
    }
    let mut best = f64::INFINITY;
    let mut batch = 1_u32;
    for _ in 0..ROUNDS {
        loop {
            let start = std::time::Instant::now();
            (0..batch).for_each(|_| work());
            let took = start.elapsed();
            if took * 4 >= ROUND {
                best = best.min(took.as_secs_f64() / f64::from(batch));
                break;
            }
            batch *= 2;
        }
    }
    println!("{name:46} {bytes:>9} {:>10.3}", best * 1e6);
}

fn skip(body: &[u8]) -> bool {
    let skipped = Reader::new(body).and_then(|mut reader| {
        reader.skip()?;
        reader.finish()
    });
    skipped.is_ok()
}

const OPENAI_TEXT: &str = r#"{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_50cad350e4","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"#;
const OPENAI_ARGUMENTS: &str = r#"{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"q"}}]},"logprobs":null,"finish_reason":null}]}"#;
const ANTHROPIC_TEXT: &str =
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}"#;

fn event(data: &str) -> Option<Event> {
    let mut reader = EventReader::new(1 << 20);
    reader.push(Bytes::from(format!("data: {data}\n\n")));
    reader.next_event().ok().flatten()
}

fn plain(text: &str) -> String {
    format!("\"{text}\"")
}

fn parts(text: &str) -> String {
    format!("[{{\"type\":\"text\",\"text\":\"{text}\"}}]")
}

fn chat(turns: usize, text_bytes: usize, content: impl Fn(&str) -> String) -> Vec<u8> {
    let text = SENTENCE.repeat(1 + text_bytes / SENTENCE.len());
    let content = content(text.get(..text_bytes).unwrap_or_default());
    let messages: Vec<String> = (0..turns)
        .map(|turn| {
            let role = if turn % 2 == 0 { "user" } else { "assistant" };
            format!("{{\"role\":\"{role}\",\"content\":{content}}}")
        })
        .collect();
    let messages = messages.join(",");
    format!("{{\"model\":\"gpt-4o\",\"messages\":[{messages}],\"max_tokens\":256,\"stream\":true}}")
        .into_bytes()
}
