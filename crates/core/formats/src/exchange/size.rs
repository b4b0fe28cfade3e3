//! What a decoded request costs in memory, so that it can be charged.

use serde_json::value::RawValue;

use super::{ChatRequest, DocumentContent, Image, Message, Part, Seal, Source, Tool};

/// The smallest piece of memory there is, and what the allocator keeps beside each.
const PIECE_BYTES_MIN: usize = 24;
const PIECE_OVERHEAD_BYTES: usize = 8;

impl ChatRequest {
    /// What it keeps in memory in bytes, everything it owns included; decoding passes
    /// through up to twice that.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let messages = self.messages.capacity() * size_of::<Message>()
            + self.messages.iter().map(message).sum::<usize>();
        let tools =
            self.tools.capacity() * size_of::<Tool>() + self.tools.iter().map(tool).sum::<usize>();
        let stop = self.stop.capacity() * size_of::<String>()
            + self.stop.iter().map(|stop| text(stop)).sum::<usize>();
        let metadata = self.metadata.as_ref().map_or(0, |json| text(json.get()));
        let fixed = size_of::<Self>() + metadata + extras(&self.extras);
        fixed + parts(&self.system) + messages + tools + stop
    }
}

fn message(message: &Message) -> usize {
    optional(message.name.as_deref()) + parts(&message.parts)
}

fn parts(parts: &Vec<Part>) -> usize {
    parts.capacity() * size_of::<Part>() + parts.iter().map(part).sum::<usize>()
}

/// What a part owns.
fn part(part: &Part) -> usize {
    match part {
        Part::Text(words) | Part::Refusal(words) => text(words),
        Part::Image(picture) => image(picture),
        Part::Document(document) => {
            let content = match &document.content {
                DocumentContent::File { media_type, base64 } => text(media_type) + text(base64),
                DocumentContent::Text(words) | DocumentContent::Url(words) => text(words),
            };
            optional(document.title.as_deref()) + content
        }
        Part::CacheMark(json) => text(json.get()),
        Part::Audio { media_type, base64 } | Part::Video(Source::Inline { media_type, base64 }) => {
            text(media_type) + text(base64)
        }
        Part::Video(Source::Url(url)) => text(url),
        Part::Reasoning(thought) => {
            let seals = [&thought.signature, &thought.encrypted, &thought.id];
            text(&thought.text) + seals.into_iter().map(seal).sum::<usize>()
        }
        Part::Citation(citation) => [&citation.url, &citation.title, &citation.quote]
            .into_iter()
            .map(|words| optional(words.as_deref()))
            .sum(),
        Part::ToolCall(call) => {
            text(&call.id) + text(&call.name) + text(&call.arguments) + seal(&call.signature)
        }
        Part::ToolResult(result) => text(&result.call_id) + parts(&result.parts),
        Part::Other { kind, json } => text(kind) + text(json.get()),
    }
}

pub(super) fn image(image: &Image) -> usize {
    match image {
        Image::Url { url, detail } => text(url) + optional(detail.as_deref()),
        Image::Inline {
            media_type,
            base64,
            detail,
        } => text(media_type) + text(base64) + optional(detail.as_deref()),
    }
}

pub(super) fn extras(extras: &Vec<(String, Box<RawValue>)>) -> usize {
    let owned = extras
        .iter()
        .map(|(name, json)| text(name) + text(json.get()));
    extras.capacity() * size_of::<(String, Box<RawValue>)>() + owned.sum::<usize>()
}

fn tool(tool: &Tool) -> usize {
    match tool {
        Tool::Function {
            name,
            description,
            parameters,
            cache,
            ..
        } => {
            let json = [parameters, cache].into_iter().flatten();
            text(name)
                + optional(description.as_deref())
                + json.map(|json| text(json.get())).sum::<usize>()
        }
        Tool::Other { kind, json } => text(kind) + text(json.get()),
    }
}

fn seal(seal: &Option<Seal>) -> usize {
    seal.as_ref()
        .map_or(0, |seal| seal.text().len() + PIECE_OVERHEAD_BYTES)
}

pub(super) fn text(text: &str) -> usize {
    text.len().max(PIECE_BYTES_MIN) + PIECE_OVERHEAD_BYTES
}

pub(super) fn optional(words: Option<&str>) -> usize {
    words.map_or(0, text)
}
