//! The trace: requests, and the events of answers.

use std::error::Error;
use std::fmt::Write;

use bytes::{Bytes, BytesMut};
use tollgate_formats::{AnswerOptions, ChatFormat, Dialect, Losses, common_chat};
use tollgate_wire::sse::{Event, EventReader};

const WORDS: &str = "Summarise the following paragraph for an engineer who is new to the \
system, and name the trade-offs. ";
const SYSTEM: &str = "You are a concise assistant.";
/// Personal data, so that redaction has something to do; as many in every length.
const PERSONAL: &str = "My number is 536-90-4399, write to jane.roe@example.org. ";
/// Events with content in a stream.
pub(crate) const EVENTS: usize = 200;

/// A Chat request whose text of about so many bytes is spread over so many turns.
pub(crate) fn chat(text_bytes: usize, turns: usize) -> Bytes {
    let turns = turns_of(text_bytes, turns, "");
    let system = format!(r#"{{"role":"system","content":"{SYSTEM}"}}"#);
    Bytes::from(format!(
        r#"{{"model":"gpt-4o-mini","stream":true,"temperature":0.7,"max_tokens":256,"messages":[{system},{turns}]}}"#
    ))
}

/// The same as a request of another format, as its own codec writes it.
pub(crate) fn request(
    format: &dyn ChatFormat,
    text_bytes: usize,
    turns: usize,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let request = common_chat().decode_request(&chat(text_bytes, turns))?;
    let mut losses = Losses::default();
    let body = format.encode_request(&request, Dialect::Original, &mut losses);
    if losses.is_empty() {
        return Ok(body.into());
    }
    Err(format!("{} does not carry the trace: {losses}", format.label()).into())
}

/// A Chat request with personal data at its start.
pub(crate) fn personal(text_bytes: usize) -> Bytes {
    let turns = turns_of(text_bytes, 1, PERSONAL);
    Bytes::from(format!(r#"{{"model":"gpt-4o-mini","messages":[{turns}]}}"#))
}

fn turns_of(text_bytes: usize, turns: usize, first: &str) -> String {
    let text: String = first
        .chars()
        .chain(WORDS.chars().cycle())
        .take(text_bytes)
        .collect();
    let mut out = String::new();
    for turn in 0..turns {
        let part = text.get(text_bytes * turn / turns..text_bytes * (turn + 1) / turns);
        let role = if turn % 2 == 0 { "user" } else { "assistant" };
        let comma = if turn == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _written = write!(
            out,
            r#"{comma}{{"role":"{role}","content":"{}"}}"#,
            part.unwrap_or_default()
        );
    }
    out
}

/// What a stream is written for.
pub(crate) fn answer_options() -> AnswerOptions {
    AnswerOptions {
        model: "gpt-4o-mini".to_owned(),
        created_unix_s: 1_735_689_600,
        fallback_id: "id-1".to_owned(),
        ..AnswerOptions::default()
    }
}

/// The events of a streamed answer in this format, as its own codec writes them.
pub(crate) fn events(format: &dyn ChatFormat) -> Result<Vec<Event>, Box<dyn Error>> {
    let chat = read(Bytes::from(chat_stream()))?;
    if format.id() == common_chat().id() {
        return Ok(chat);
    }
    let mut decoder = common_chat().stream_decoder();
    let mut encoder = format.stream_encoder(answer_options());
    let (mut decoded, mut losses) = (Vec::new(), Losses::default());
    let mut text = BytesMut::new();
    for event in &chat {
        decoder.push(event, &mut decoded)?;
        for event in decoded.drain(..) {
            encoder.push(&event, &mut text, &mut losses);
        }
    }
    read(text.freeze())
}

fn read(text: Bytes) -> Result<Vec<Event>, Box<dyn Error>> {
    let mut reader = EventReader::new(1 << 20);
    reader.push(text);
    let mut events = Vec::new();
    while let Some(event) = reader.next_event()? {
        events.push(event);
    }
    Ok(events)
}

/// The words of an answer, one for each event.
fn words() -> impl Iterator<Item = &'static str> {
    WORDS.split_inclusive(' ').cycle().take(EVENTS)
}

fn chat_stream() -> String {
    let chunk = |delta: &str, finish: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1735689600,\"model\":\"gpt-4o-mini\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}]{usage}}}\n\n"
        )
    };
    let mut out = chunk(r#"{"role":"assistant","content":""}"#, "null", "");
    for word in words() {
        out.push_str(&chunk(&format!(r#"{{"content":"{word}"}}"#), "null", ""));
    }
    out.push_str(&chunk(
        "{}",
        r#""stop""#,
        r#","usage":{"prompt_tokens":220,"completion_tokens":200,"total_tokens":420}"#,
    ));
    out.push_str("data: [DONE]\n\n");
    out
}
