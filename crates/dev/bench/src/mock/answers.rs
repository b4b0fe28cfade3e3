//! The answers, built once.

use std::rc::Rc;

use bytes::Bytes;
use memchr::memmem;

/// A word that the first content of every answer carries.
pub(crate) const WORD: &str = "quick";
/// The text of a whole answer.
const ANSWER: &str = "The quick brown fox jumps over the lazy dog while the gateway \
forwards tokens. The quick brown fox jumps over the lazy";
const PIECE: &str = " the quick brown fox";

/// The content type of server-sent events.
const EVENTS: &str = "text/event-stream; charset=utf-8";

const CHAT_ID: &str = "chatcmpl-mock0000000000000000000001";
const CHAT_MODEL: &str = "gpt-4o-mini-2024-07-18";
const MESSAGES_ID: &str = "msg_mock000000000000000001";
const MESSAGES_MODEL: &str = "claude-3-5-sonnet-20241022";

pub(super) const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Whole(Bytes),
    Stream(Rc<Stream>),
}

/// Every answer there is, as it goes over the wire.
#[derive(Debug)]
pub(super) struct Answers {
    chat: Both,
    chat_stream_usage: Rc<Stream>,
    messages: Both,
    gemini: Both,
    bedrock: Both,
}

/// A provider's answer, whole and streamed.
#[derive(Debug)]
struct Both {
    whole: Bytes,
    stream: Rc<Stream>,
}

impl Both {
    fn new(whole: &str, stream: Stream) -> Self {
        Self {
            whole: json(whole),
            stream: Rc::new(stream),
        }
    }

    fn of(&self, streams: bool) -> Answer {
        if streams {
            Answer::Stream(Rc::clone(&self.stream))
        } else {
            Answer::Whole(self.whole.clone())
        }
    }
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
            chat: Both::new(&chat(), chat_stream(events, false)),
            chat_stream_usage: Rc::new(chat_stream(events, true)),
            messages: Both::new(&messages(), messages_stream(events)),
            gemini: Both::new(&gemini(ANSWER, true), gemini_stream(events)),
            bedrock: Both::new(&bedrock(), bedrock_stream(events)),
        }
    }

    /// The answer to a request.
    pub(super) fn of(&self, path: &str, body: &[u8]) -> Answer {
        let end = path.rsplit(['/', ':']).next().unwrap_or_default();
        let streams = || says(body, b"\"stream\":true");
        match end {
            "completions" if streams() && says(body, b"\"include_usage\":true") => {
                Answer::Stream(Rc::clone(&self.chat_stream_usage))
            }
            "completions" => self.chat.of(streams()),
            "messages" => self.messages.of(streams()),
            "generateContent" => self.gemini.of(false),
            "streamGenerateContent" => self.gemini.of(true),
            "converse" => self.bedrock.of(false),
            "converse-stream" => self.bedrock.of(true),
            _ => Answer::Whole(Bytes::from_static(NOT_FOUND)),
        }
    }
}

/// Whether a request says so in its first or last KiB, where callers and gateways put it.
fn says(body: &[u8], what: &[u8]) -> bool {
    const EDGE_BYTES: usize = 1024;
    let start = body.get(..EDGE_BYTES).unwrap_or(body);
    let end = body
        .get(body.len().saturating_sub(EDGE_BYTES)..)
        .unwrap_or_default();
    memmem::find(start, what).is_some() || memmem::find(end, what).is_some()
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
    stream(EVENTS, &frames, 1)
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
    stream(EVENTS, &frames, 2)
}

fn gemini(text: &str, ends: bool) -> String {
    let finish = if ends {
        r#","finishReason":"STOP""#
    } else {
        ""
    };
    format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{text}"}}],"role":"model"}}{finish},"index":0}}],"usageMetadata":{{"promptTokenCount":220,"candidatesTokenCount":28,"totalTokenCount":248}},"modelVersion":"gemini-2.5-flash","responseId":"mock00000000000000001"}}"#
    )
}

fn gemini_stream(events: u64) -> Stream {
    let event = |ends| format!("data: {}\r\n\r\n", gemini(PIECE, ends));
    let frames: Vec<String> = (1..=events).map(|index| event(index == events)).collect();
    stream(EVENTS, &frames, 0)
}

fn bedrock() -> String {
    format!(
        r#"{{"metrics":{{"latencyMs":12}},"output":{{"message":{{"content":[{{"text":"{ANSWER}"}}],"role":"assistant"}}}},"stopReason":"end_turn","usage":{{"inputTokens":220,"outputTokens":28,"totalTokens":248}}}}"#
    )
}

fn bedrock_stream(events: u64) -> Stream {
    let delta = format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{PIECE}"}}}}"#);
    let usage = format!(
        r#"{{"metrics":{{"latencyMs":12}},"usage":{{"inputTokens":220,"outputTokens":{},"totalTokens":{}}}}}"#,
        events * 4,
        events * 4 + 220
    );
    let mut frames = vec![message("messageStart", r#"{"role":"assistant"}"#)];
    frames.extend((0..events).map(|_| message("contentBlockDelta", &delta)));
    frames.push(message("contentBlockStop", r#"{"contentBlockIndex":0}"#));
    frames.push(message("messageStop", r#"{"stopReason":"end_turn"}"#));
    frames.push(message("metadata", &usage));
    stream("application/vnd.amazon.eventstream", &frames, 1)
}

/// One message of an AWS event stream: two lengths and their sum, headers, payload, a sum.
fn message(kind: &str, payload: &str) -> Vec<u8> {
    /// Marks a header whose value is a string.
    const STRING: u8 = 7;
    const FRAME_BYTES: usize = 16;
    let mut headers = Vec::new();
    for (name, value) in [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ] {
        headers.push(u8::try_from(name.len()).unwrap_or_default());
        headers.extend_from_slice(name.as_bytes());
        headers.push(STRING);
        headers.extend_from_slice(&u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or_default();
    let whole = FRAME_BYTES + headers.len() + payload.len();
    let mut out = Vec::with_capacity(whole);
    out.extend_from_slice(&length(whole).to_be_bytes());
    out.extend_from_slice(&length(headers.len()).to_be_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(&headers);
    out.extend_from_slice(payload.as_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

/// Each event in a chunk of its own; the head goes with the first, the end with the last.
fn stream(content_type: &str, events: &[impl AsRef<[u8]>], first_content: usize) -> Stream {
    let last = events.len().saturating_sub(1);
    let frames = events.iter().enumerate().map(|(index, event)| {
        let event = event.as_ref();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let (head, end) = (
            if index == 0 { head.as_str() } else { "" },
            if index == last { "0\r\n\r\n" } else { "" },
        );
        let size = format!("{:x}\r\n", event.len());
        let parts = [
            head.as_bytes(),
            size.as_bytes(),
            event,
            b"\r\n",
            end.as_bytes(),
        ];
        Bytes::from(parts.concat())
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
            (&answers.chat.stream, 7 + 3),
            (&answers.chat_stream_usage, 7 + 4),
            (&answers.messages.stream, 7 + 5),
            (&answers.gemini.stream, 7),
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
            let before = &stream.frames[..stream.first_content];
            let has_word = |frame: &Bytes| frame.windows(5).any(|part| part == WORD.as_bytes());
            assert!(!before.iter().any(has_word));
            assert!(
                stream.frames[stream.first_content]
                    .windows(5)
                    .any(|part| part == WORD.as_bytes())
            );
        }
        for whole in [chat(), messages(), gemini(ANSWER, true), bedrock()] {
            serde_json::from_str::<serde_json::Value>(&whole).unwrap();
        }
    }
}
