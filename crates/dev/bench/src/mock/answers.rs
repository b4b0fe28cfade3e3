//! The answers, built once.

use std::fmt::Write;
use std::rc::Rc;

use bytes::Bytes;

/// A word that the first content of every answer carries.
pub(crate) const WORD: &str = "quick";
/// The text of a whole answer.
const ANSWER: &str = "The quick brown fox jumps over the lazy dog while the gateway \
forwards tokens. The quick brown fox jumps over the lazy";
const PIECE: &str = " the quick brown fox";

const CHAT_ID: &str = "chatcmpl-mock0000000000000000000001";
const CHAT_MODEL: &str = "gpt-4o-mini-2024-07-18";
const MESSAGES_ID: &str = "msg_mock000000000000000001";
const MESSAGES_MODEL: &str = "claude-3-5-sonnet-20241022";

/// Every answer there is, as it goes over the wire.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) chat: Bytes,
    pub(super) messages: Bytes,
    pub(super) chat_stream: Rc<Stream>,
    pub(super) chat_stream_usage: Rc<Stream>,
    pub(super) messages_stream: Rc<Stream>,
}

/// A streamed answer: one write for each frame.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) frames: Vec<Bytes>,
    /// Index of the first frame that carries content.
    pub(super) first_content: usize,
}

impl Answers {
    /// Answers whose streams have so many events with content.
    pub(super) fn new(events: u64) -> Self {
        Self {
            chat: json(&chat()),
            messages: json(&messages()),
            chat_stream: Rc::new(chat_stream(events, false)),
            chat_stream_usage: Rc::new(chat_stream(events, true)),
            messages_stream: Rc::new(messages_stream(events)),
        }
    }
}

/// A whole answer with this body.
pub(super) fn json(body: &str) -> Bytes {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
    Bytes::from(format!("{head}{}\r\n\r\n{body}", body.len()))
}

fn chat() -> String {
    format!(
        r#"{{"id":"{CHAT_ID}","object":"chat.completion","created":1735689600,"model":"{CHAT_MODEL}","choices":[{{"index":0,"message":{{"role":"assistant","content":"{ANSWER}","refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":220,"completion_tokens":28,"total_tokens":248,"prompt_tokens_details":{{"cached_tokens":0,"audio_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":0,"audio_tokens":0}}}},"system_fingerprint":"fp_mock000001"}}"#
    )
}

fn messages() -> String {
    format!(
        r#"{{"id":"{MESSAGES_ID}","type":"message","role":"assistant","model":"{MESSAGES_MODEL}","content":[{{"type":"text","text":"{ANSWER}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":220,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":28}}}}"#
    )
}

fn chat_stream(events: u64, with_usage: bool) -> Stream {
    let head = format!(
        r#"{{"id":"{CHAT_ID}","object":"chat.completion.chunk","created":1735689600,"model":"{CHAT_MODEL}","system_fingerprint":"fp_mock000001","#
    );
    let chunk = |delta: &str, finish: &str| {
        format!(
            "data: {head}\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}]}}\n\n"
        )
    };
    let mut frames = vec![chunk(r#"{"role":"assistant","content":""}"#, "null")];
    let piece = format!(r#"{{"content":"{PIECE}"}}"#);
    frames.extend((0..events).map(|_| chunk(&piece, "null")));
    frames.push(chunk("{}", "\"stop\""));
    if with_usage {
        let (input, output) = (220, events * 4);
        frames.push(format!(
            "data: {head}\"choices\":[],\"usage\":{{\"prompt_tokens\":{input},\"completion_tokens\":{output},\"total_tokens\":{}}}}}\n\n",
            input + output
        ));
    }
    frames.push("data: [DONE]\n\n".to_owned());
    stream(&frames, 1)
}

fn messages_stream(events: u64) -> Stream {
    let event =
        |name: &str, rest: &str| format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n");
    let mut frames = vec![
        event(
            "message_start",
            &format!(
                r#","message":{{"id":"{MESSAGES_ID}","type":"message","role":"assistant","model":"{MESSAGES_MODEL}","content":[],"stop_reason":null,"stop_sequence":null,"usage":{{"input_tokens":220,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}}}"#
            ),
        ),
        event(
            "content_block_start",
            r#","index":0,"content_block":{"type":"text","text":""}"#,
        ),
    ];
    let delta = format!(r#","index":0,"delta":{{"type":"text_delta","text":"{PIECE}"}}"#);
    frames.extend((0..events).map(|_| event("content_block_delta", &delta)));
    frames.push(event("content_block_stop", r#","index":0"#));
    frames.push(event("message_delta", &format!(
        r#","delta":{{"stop_reason":"end_turn","stop_sequence":null}},"usage":{{"output_tokens":{}}}"#,
        events * 4
    )));
    frames.push(event("message_stop", ""));
    stream(&frames, 2)
}

/// Each event in a chunk of its own; the head goes with the first, the end with the last.
fn stream(events: &[String], first_content: usize) -> Stream {
    let last = events.len().saturating_sub(1);
    let frames = events.iter().enumerate().map(|(index, event)| {
        let mut frame = String::new();
        if index == 0 {
            frame.push_str("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n");
            frame.push_str("transfer-encoding: chunked\r\n\r\n");
        }
        // Writing to a string cannot fail.
        let _written = write!(frame, "{:x}\r\n{event}\r\n", event.len());
        if index == last {
            frame.push_str("0\r\n\r\n");
        }
        Bytes::from(frame)
    });
    Stream {
        frames: frames.collect(),
        first_content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::{Body, Head};

    #[test]
    fn a_stream_is_one_message_with_as_many_events_as_asked_for() {
        let answers = Answers::new(7);
        for (stream, events) in [
            (&answers.chat_stream, 7 + 3),
            (&answers.chat_stream_usage, 7 + 4),
            (&answers.messages_stream, 7 + 5),
        ] {
            let whole = stream.frames.concat();
            let head = Head::read(&whole).unwrap().unwrap();
            let mut text = Vec::new();
            let mut body = Body::new(head.length);
            assert!(
                body.read(&whole[head.bytes..], |data| text.extend_from_slice(data))
                    .unwrap()
            );
            let text = String::from_utf8(text).unwrap();
            let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
            assert_eq!(data.clone().count(), events);
            for json in data.filter(|data| *data != "[DONE]") {
                serde_json::from_str::<serde_json::Value>(json).unwrap();
            }
            assert!(
                !stream.frames[stream.first_content - 1]
                    .windows(5)
                    .any(|part| part == WORD.as_bytes())
            );
            assert!(
                stream.frames[stream.first_content]
                    .windows(5)
                    .any(|part| part == WORD.as_bytes())
            );
        }
        serde_json::from_str::<serde_json::Value>(&chat()).unwrap();
        serde_json::from_str::<serde_json::Value>(&messages()).unwrap();
    }
}
