//! The trace: requests, and the events of answers.

use std::error::Error;
use std::fmt::Write;

use bytes::Bytes;
use tollgate_formats::FormatId;
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

/// The same as a Messages request.
pub(crate) fn messages(text_bytes: usize, turns: usize) -> Bytes {
    let turns = turns_of(text_bytes, turns, "");
    Bytes::from(format!(
        r#"{{"model":"claude-3-5-sonnet","max_tokens":256,"stream":true,"system":"{SYSTEM}","messages":[{turns}]}}"#
    ))
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

/// The events of a streamed answer in this format, which must be one of those traced.
pub(crate) fn events(format: FormatId) -> Result<Vec<Event>, Box<dyn Error>> {
    let text = match format {
        FormatId::OpenaiChat => chat_stream(),
        FormatId::AnthropicMessages => messages_stream(),
        _ => return Err("this format is not traced".into()),
    };
    let mut reader = EventReader::new(1 << 20);
    reader.push(Bytes::from(text));
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

fn messages_stream() -> String {
    let event =
        |name: &str, rest: &str| format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n");
    let mut out = event(
        "message_start",
        r#","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-3-5-sonnet","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":220,"output_tokens":1}}"#,
    );
    out.push_str(&event(
        "content_block_start",
        r#","index":0,"content_block":{"type":"text","text":""}"#,
    ));
    for word in words() {
        out.push_str(&event(
            "content_block_delta",
            &format!(r#","index":0,"delta":{{"type":"text_delta","text":"{word}"}}"#),
        ));
    }
    out.push_str(&event("content_block_stop", r#","index":0"#));
    out.push_str(&event(
        "message_delta",
        r#","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":200}"#,
    ));
    out.push_str(&event("message_stop", ""));
    out
}
