//! Transcripts, and small steps over the formats.

use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use tollgate_formats::exchange::{ChatAnswer, StreamEvent};
use tollgate_formats::{AnswerOptions, ChatFormat, FORMATS, FormatId, Losses};
use tollgate_wire::sse::{Event, EventReader};

use crate::continued;

pub(crate) const BOTH: [FormatId; 2] = [FormatId::OpenaiChat, FormatId::AnthropicMessages];

/// Formats whose body says which model is asked and whether the answer is streamed, and
/// has `messages`.
pub(crate) const IN_BODY: [FormatId; 4] = [
    FormatId::OpenaiChat,
    FormatId::AnthropicMessages,
    FormatId::OpenaiResponses,
    FormatId::CohereChat,
];

/// The codec of a format of conversations.
pub(crate) fn codec(format: FormatId) -> &'static dyn ChatFormat {
    format.chat().unwrap()
}

/// Every format of conversations.
pub(crate) fn chats() -> impl Iterator<Item = FormatId> + Clone {
    let ids = FORMATS.iter().map(|format| format.id());
    ids.filter(|format| format.chat().is_some())
}

/// Every format in which what models say is streamed to callers.
pub(crate) fn callers() -> impl Iterator<Item = FormatId> + Clone {
    let ids = FORMATS.iter().map(|format| format.id());
    ids.filter(|format| format.format().codec().operation().is_streamed())
}

/// The files of a format with this extension, by name.
pub(crate) fn files(format: FormatId, extension: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/transcripts")
        .join(format.format().label());
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

pub(crate) fn file(format: FormatId, name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    std::fs::read(path.join(format.format().label()).join(name)).unwrap()
}

/// The events of a stream that arrives in these frames.
pub(crate) fn events(frames: &[&[u8]]) -> Vec<Event> {
    let mut reader = EventReader::new(1 << 20);
    let mut events = Vec::new();
    for frame in frames {
        reader.push(Bytes::copy_from_slice(frame));
        while let Some(event) = reader.next_event().unwrap() {
            events.push(event);
        }
    }
    events
}

pub(crate) fn decode(format: FormatId, events: &[Event]) -> Vec<StreamEvent> {
    let mut out = Vec::new();
    if format == FormatId::OpenaiCompletions {
        let mut decoder = continued::Decoder::new();
        events
            .iter()
            .for_each(|event| decoder.push(event, &mut out));
        return out;
    }
    let mut decoder = format.chat().unwrap().stream_decoder();
    for event in events {
        decoder.push(event, &mut out).unwrap();
    }
    // As the gateway does where a format has no end mark and all is said.
    let has_finished = |event: &StreamEvent| matches!(event, StreamEvent::Finish { .. });
    if format == FormatId::GeminiGenerate && out.iter().any(has_finished) {
        out.push(StreamEvent::End);
    }
    out
}

pub(crate) fn encode(format: FormatId, events: &[StreamEvent]) -> (String, Losses) {
    let codec = format.format().codec();
    let mut encoder = codec.stream_encoder(options()).unwrap();
    let (mut out, mut losses) = (BytesMut::new(), Losses::default());
    for event in events {
        encoder.push(event, &mut out, &mut losses);
    }
    (String::from_utf8(out.to_vec()).unwrap(), losses)
}

/// A whole answer, as its caller reads it.
pub(crate) fn read_answer(format: FormatId, body: &[u8]) -> ChatAnswer {
    match format {
        FormatId::OpenaiCompletions => continued::read(body),
        chat => chat.chat().unwrap().decode_answer(body).unwrap(),
    }
}

pub(crate) fn options() -> AnswerOptions {
    AnswerOptions {
        model: "ours".to_owned(),
        created_unix_s: 1_795_248_000,
        began_unix_ms: 0,
        fallback_id: "id-1".to_owned(),
        ..AnswerOptions::default()
    }
}

pub(crate) fn json(text: &[u8]) -> serde_json::Value {
    serde_json::from_slice(text).unwrap()
}
