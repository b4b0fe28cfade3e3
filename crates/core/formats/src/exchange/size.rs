//! What a decoded request costs in memory, so that it can be charged; and what a stream
//! keeps, so that it can be bounded.

use serde_json::value::RawValue;

use super::{
    BlockKind, ChatRequest, Citation, Delta, DocumentContent, Image, Likely, Message, Part,
    Reasoning, ResponseFormat, Seal, Source, TokenLogprob, Tool, ToolChoice,
};

/// The smallest piece of memory there is, and what the allocator keeps beside each.
const PIECE_BYTES_MIN: usize = 24;
const PIECE_OVERHEAD_BYTES: usize = 8;

impl ChatRequest {
    /// What it keeps in memory in bytes, everything it owns included; decoding passes
    /// through up to twice that.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        // Whatever joins it is counted here too, or does not compile.
        let Self {
            origin: _,
            model,
            system,
            messages,
            tools,
            tool_choice,
            parallel_tool_calls: _,
            max_output_tokens: _,
            sampling: _,
            stop,
            response_format,
            reasoning,
            reasoning_summary,
            user,
            metadata,
            service_tier,
            verbosity,
            stream: _,
            extras: others,
            unread: _,
        } = self;
        let turns = messages.capacity() * size_of::<Message>()
            + messages.iter().map(message).sum::<usize>();
        let offered = tools.capacity() * size_of::<Tool>() + tools.iter().map(tool).sum::<usize>();
        let stops = stop.capacity() * size_of::<String>()
            + stop.iter().map(|stop| text(stop)).sum::<usize>();
        let words: usize = [reasoning_summary, user, service_tier, verbosity]
            .into_iter()
            .map(|words| optional(words.as_deref()))
            .sum();
        let choice = match tool_choice {
            Some(ToolChoice::Tool(name)) => text(name),
            Some(ToolChoice::Auto | ToolChoice::None | ToolChoice::Required) | None => 0,
        };
        let effort = match reasoning {
            Some(Reasoning::Effort(word)) => text(word),
            _ => 0,
        };
        let asked = words + choice + effort + response_format.as_ref().map_or(0, form);
        let json = metadata.as_ref().map_or(0, |json| text(json.get()));
        let fixed = size_of::<Self>() + text(model) + json + extras(others);
        fixed + parts(system) + turns + offered + stops + asked
    }
}

fn form(form: &ResponseFormat) -> usize {
    match form {
        ResponseFormat::Text | ResponseFormat::JsonObject => 0,
        ResponseFormat::JsonSchema {
            name,
            description,
            schema,
            strict: _,
        } => text(name) + optional(description.as_deref()) + text(schema.get()),
    }
}

impl BlockKind {
    /// What it owns in memory, in bytes.
    pub(crate) fn owned_bytes(&self) -> usize {
        match self {
            Self::Text | Self::Reasoning | Self::Refusal => 0,
            Self::ToolCall {
                id,
                name,
                signature,
            } => text(id) + text(name) + seal(signature),
        }
    }
}

impl Delta {
    /// What it owns in memory, in bytes.
    pub(crate) fn owned_bytes(&self) -> usize {
        match self {
            Self::Citation(citation) => citation.owned_bytes(),
            _ => text(self.text()),
        }
    }
}

impl Citation {
    /// What it owns in memory, in bytes.
    pub(crate) fn owned_bytes(&self) -> usize {
        [&self.url, &self.title, &self.quote]
            .into_iter()
            .map(|words| optional(words.as_deref()))
            .sum()
    }
}

impl TokenLogprob {
    /// What it owns in memory, in bytes.
    pub(crate) fn owned_bytes(&self) -> usize {
        let top = self.top.capacity() * size_of::<Likely>();
        text(&self.token.text) + top + self.top.iter().map(|one| text(&one.text)).sum::<usize>()
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
        Part::Citation(citation) => citation.owned_bytes(),
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

#[cfg(test)]
mod tests {
    use super::ChatRequest;
    use crate::exchange::Reasoning;
    use crate::exchange::{ResponseFormat, ToolChoice};

    #[test]
    fn everything_that_a_request_owns_counts() {
        const LONG: usize = 10_000;
        let long = || "x".repeat(LONG);
        let schema = |json: String| serde_json::value::RawValue::from_string(json).unwrap();
        let fills: [fn(&mut ChatRequest, String); 8] = [
            |request, long| request.model = long,
            |request, long| request.tool_choice = Some(ToolChoice::Tool(long)),
            |request, long| request.reasoning = Some(Reasoning::Effort(long)),
            |request, long| request.reasoning_summary = Some(long),
            |request, long| request.user = Some(long),
            |request, long| request.service_tier = Some(long),
            |request, long| request.verbosity = Some(long),
            |request, long| {
                request.response_format = Some(ResponseFormat::JsonSchema {
                    name: long,
                    description: None,
                    schema: serde_json::value::RawValue::NULL.to_owned(),
                    strict: None,
                });
            },
        ];
        let empty = ChatRequest::default().size_bytes();
        for fill in fills {
            let mut request = ChatRequest::default();
            fill(&mut request, long());
            assert!(request.size_bytes() > empty + LONG / 2);
        }
        let request = ChatRequest {
            response_format: Some(ResponseFormat::JsonSchema {
                name: String::new(),
                description: Some(long()),
                schema: schema(format!("{:?}", long())),
                strict: None,
            }),
            ..ChatRequest::default()
        };
        assert!(request.size_bytes() > empty + LONG + LONG / 2);
    }
}
