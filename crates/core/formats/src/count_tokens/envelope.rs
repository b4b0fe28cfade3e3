//! Where a body has the conversation, and what the endpoint takes of it.

use bytes::Bytes;
use tollgate_wire::Span;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::Whose;
use crate::exchange::{ChatRequest, Sampling};
use crate::format::{DecodeError, Dialect};
use crate::loss::{Loss, Losses};
use crate::read::shape;
use crate::spelling::camel;
use crate::write;

/// What stands before the name of a model in an envelope of Gemini's.
const MODELS: &str = "models/";

/// A body of which it is known where what stands.
pub(super) struct Opened {
    /// The conversation, which may be the whole body.
    pub(super) chat: Span,
    /// Whether it is in an envelope.
    pub(super) is_within: bool,
    /// A request in the words of the model's own API, which only its provider reads.
    pub(super) foreign: Option<Span>,
}

impl Opened {
    /// The conversation, where it can be read.
    pub(super) fn conversation(&self) -> Result<Span, DecodeError> {
        match self.foreign {
            None => Ok(self.chat),
            Some(_) => Err(shape(
                "input.invokeModel",
                "is read by Bedrock alone; send `converse`",
            )),
        }
    }
}

/// Finds the conversation.
pub(super) fn open(body: &[u8], of: Whose) -> Result<Opened, DecodeError> {
    let (mut chat, mut foreign) = (None, None);
    let mut is_bare = false;
    let mut reader = Reader::new(body)?;
    let whole = match of {
        Whose::Anthropic | Whose::Vertex | Whose::Openai => reader.skip()?,
        Whose::Gemini => reader.object::<DecodeError>(|r, key| match &*camel(&key) {
            "generateContentRequest" => conversation(r, &key, &mut chat),
            "contents" => {
                is_bare = true;
                Ok(())
            }
            _ => Ok(()),
        })?,
        Whose::Bedrock => reader.object::<DecodeError>(|r, key| {
            if key.as_str() == "input" && r.kind()? == Kind::Object {
                r.object::<DecodeError>(|r, key| match key.as_str() {
                    "converse" => conversation(r, &key, &mut chat),
                    "invokeModel" => {
                        let place = r.skip()?;
                        Ok(set_once(&mut foreign, place, &key)?)
                    }
                    _ => Ok(()),
                })?;
            }
            Ok(())
        })?,
    };
    reader.finish()?;
    match (of, chat, foreign) {
        (Whose::Gemini, Some(_), _) if is_bare => Err(shape(
            "generateContentRequest",
            "give either this or `contents`",
        )),
        (Whose::Bedrock, None, None) => Err(shape("input.converse", "missing")),
        (Whose::Bedrock, Some(_), Some(_)) => {
            Err(shape("input", "give either `converse` or `invokeModel`"))
        }
        _ => Ok(Opened {
            chat: chat.unwrap_or(whole),
            is_within: chat.is_some(),
            foreign,
        }),
    }
}

fn conversation(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    chat: &mut Option<Span>,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return Err(shape(key.as_str(), "must be an object"));
    }
    let place = r.skip()?;
    Ok(set_once(chat, place, key)?)
}

pub(super) fn decode(body: &[u8], of: Whose) -> Result<ChatRequest, DecodeError> {
    let place = open(body, of)?.conversation()?;
    let mut request = of.chat().decode_request(place.of(body))?;
    if let Some(name) = request.model.strip_prefix(MODELS) {
        request.model = name.to_owned();
    }
    Ok(prompt_of(request))
}

/// What of a request there is to count: what only steers the answer is left out.
fn prompt_of(request: ChatRequest) -> ChatRequest {
    ChatRequest {
        parallel_tool_calls: None,
        max_output_tokens: None,
        sampling: Sampling::default(),
        stop: Vec::new(),
        reasoning_summary: None,
        user: None,
        metadata: None,
        service_tier: None,
        verbosity: None,
        stream: false,
        ..request
    }
}

pub(super) fn encode(
    request: &ChatRequest,
    dialect: Dialect,
    of: Whose,
    losses: &mut Losses,
) -> Bytes {
    let chat = of.chat().encode_request(request, dialect, losses);
    match of {
        Whose::Gemini => write::object(|o| {
            o.object("generateContentRequest", |o| {
                o.string("model", &format!("{MODELS}{}", request.model));
                members(&chat, |name, value| o.bytes(name, value));
            });
        })
        .into(),
        Whose::Bedrock => write::object(|o| {
            o.object("input", |o| o.bytes("converse", &taken(&chat, of, losses)));
        })
        .into(),
        Whose::Anthropic | Whose::Vertex | Whose::Openai => taken(&chat, of, losses).into(),
    }
}

/// A request with what the endpoint takes of it.
fn taken(chat: &[u8], of: Whose, losses: &mut Losses) -> Vec<u8> {
    write::object(|o| {
        members(chat, |name, value| {
            if accepted(of).contains(&name) {
                o.bytes(name, value);
            } else if !STEERING.contains(&name) {
                losses.add(Loss::member(name));
            }
        });
    })
}

/// Calls for each member of what was written here.
fn members(object: &[u8], mut each: impl FnMut(&str, &[u8])) {
    let read = Reader::new(object)
        .map_err(DecodeError::from)
        .and_then(|mut reader| {
            reader.object::<DecodeError>(|r, key| {
                let value = r.skip()?;
                each(key.as_str(), value.of(object));
                Ok(())
            })
        });
    debug_assert!(read.is_ok(), "an encoder wrote what is no object");
}

/// What an encoder writes that no prompt is made of.
const STEERING: &[&str] = &[
    "max_tokens",
    "include",
    "store",
    "stream",
    "toolConfig",
    "safetySettings",
    "inferenceConfig",
];

/// The members that an endpoint takes.
const fn accepted(of: Whose) -> &'static [&'static str] {
    match of {
        Whose::Anthropic => &[
            "model",
            "messages",
            "system",
            "tools",
            "tool_choice",
            "thinking",
            "output_config",
            "output_format",
            "cache_control",
            "context_management",
            "mcp_servers",
        ],
        Whose::Openai => &[
            "model",
            "input",
            "instructions",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "reasoning",
            "text",
            "truncation",
            "previous_response_id",
            "conversation",
        ],
        Whose::Gemini => &[],
        Whose::Vertex => &["contents", "systemInstruction", "tools", "generationConfig"],
        Whose::Bedrock => &[
            "messages",
            "system",
            "toolConfig",
            "additionalModelRequestFields",
        ],
    }
}
