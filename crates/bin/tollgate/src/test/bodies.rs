//! The bytes of requests and answers, made of what a test says.
//!
//! A conversation is written in the shape of the first wire format. For another format it
//! goes through the canonical exchange, as a translated request does; what that format
//! cannot carry is a mistake of the test.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tollgate_formats::exchange::{ChatAnswer, ChatRequest, Choice, Finish, Part};
use tollgate_formats::{
    AnswerOptions, ChatFormat, DecodeError, Dialect, FormatId, Losses, common_chat,
};
use tollgate_wire::json;

const WHOLE_HELP: &str = "write it as the API of the format documents it";

/// A request of a wire format.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    /// The model it asks for.
    pub(super) model: Option<String>,
}

/// What a test says is not what its format says.
#[derive(Debug)]
pub(super) struct BodyError {
    /// Where: `messages[2].role`.
    pub(super) path: Option<String>,
    pub(super) message: String,
    pub(super) help: &'static str,
    /// Whether the body was written whole.
    pub(super) is_whole: bool,
}

impl BodyError {
    /// `body` is what was read.
    fn of(error: &DecodeError, body: &Value, is_whole: bool) -> Self {
        let (path, message) = match error {
            DecodeError::Shape(shape) => (Some(shape.path.clone()), shape.reason.to_string()),
            DecodeError::Json(json::Error::WrongKind { offset, expected }) => {
                (path_at(body, *offset), format!("expected {expected}"))
            }
            DecodeError::Json(json::Error::Number { offset }) => {
                let message = "this number is out of range".to_owned();
                (path_at(body, *offset), message)
            }
            DecodeError::Json(_) | DecodeError::HeldByProvider(_) | DecodeError::NativeOnly(_) => {
                (None, error.to_string())
            }
        };
        Self {
            path,
            message,
            help: if is_whole {
                WHOLE_HELP
            } else {
                "write it in the shape of Chat Completions, or the whole body in another format"
            },
            is_whole,
        }
    }
}

/// The value that begins at a byte of the text of `body`: `messages[2].content`.
fn path_at(body: &Value, offset: u32) -> Option<String> {
    let mut path = String::new();
    let mut value = body;
    let mut at = usize::try_from(offset).ok()?;
    while at > 0 {
        let mut end = "{".len();
        let next = match value {
            Value::Object(members) => members.iter().find_map(|(key, member)| {
                let start = end + Value::from(key.as_str()).to_string().len() + ":".len();
                end = start + member.to_string().len() + ",".len();
                (at < end).then(|| (format!(".{key}"), member, start))
            }),
            Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
                let start = end;
                end = start + item.to_string().len() + ",".len();
                (at < end).then(|| (format!("[{index}]"), item, start))
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        let (step, inside, start) = next?;
        path.push_str(&step);
        value = inside;
        at = at.saturating_sub(start);
    }
    let path = path.trim_start_matches('.');
    (!path.is_empty()).then(|| path.to_owned())
}

/// The format whose shape a conversation has.
pub(super) fn first() -> &'static dyn ChatFormat {
    common_chat()
}

/// The codec of a format that a test may name: one of conversations.
pub(super) fn chat(format: FormatId) -> &'static dyn ChatFormat {
    format.chat().unwrap_or_else(common_chat)
}

/// How an answer calls itself.
pub(super) fn options(model: &str) -> AnswerOptions {
    AnswerOptions {
        model: model.to_owned(),
        created_unix_s: 0,
        began_unix_ms: 0,
        fallback_id: "test".to_owned(),
        ..AnswerOptions::default()
    }
}

/// A request that was written whole.
pub(super) fn whole_request(body: &Value, format: FormatId) -> Result<Body, BodyError> {
    let bytes = Bytes::from(body.to_string());
    let fail = |error: DecodeError| BodyError::of(&error, body, true);
    chat(format).decode_request(&bytes).map_err(fail)?;
    let view = format.format().view_request(&bytes, false).map_err(fail)?;
    let model = view.model.and_then(|name| {
        let name = json::decode(name.span.of(&bytes), name.escaped).ok()?;
        Some(name.into_owned())
    });
    Ok(Body { bytes, model })
}

/// The request of a conversation.
pub(super) fn request(
    messages: &[Value],
    model: Option<&str>,
    format: FormatId,
) -> Result<Body, BodyError> {
    let model = model.unwrap_or_default();
    let (mut bytes, decoded) = conversation(messages, model)?;
    if format != first().id() {
        let mut losses = Losses::default();
        let format = chat(format);
        bytes = format.encode_request(&decoded, Dialect::Original, &mut losses);
        carried(&losses, format)?;
    }
    Ok(Body {
        bytes,
        model: Some(model.to_owned()),
    })
}

/// The request of a conversation in its own format.
fn conversation(messages: &[Value], model: &str) -> Result<(Bytes, ChatRequest), BodyError> {
    let body = json!({"model": model, "messages": messages});
    let bytes = Bytes::from(body.to_string());
    match first().decode_request(&bytes) {
        Ok(decoded) => Ok((bytes, decoded)),
        Err(error) => Err(BodyError::of(&error, &body, false)),
    }
}

/// An answer that was written whole.
pub(super) fn whole_answer(body: &Value, format: FormatId) -> Result<Bytes, BodyError> {
    let bytes = Bytes::from(body.to_string());
    match chat(format).decode_answer(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(BodyError::of(&error, body, true)),
    }
}

/// The answer that is one message of the conversation's shape.
pub(super) fn answer(
    mut message: Map<String, Value>,
    model: &str,
    format: FormatId,
) -> Result<Bytes, BodyError> {
    message.insert("role".to_owned(), "assistant".into());
    let (_, decoded) = conversation(&[message.into()], model)?;
    let messages = decoded.messages.into_iter();
    let parts: Vec<Part> = messages.flat_map(|message| message.parts).collect();
    let calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let finish = if calls {
        Finish::ToolCalls
    } else {
        Finish::Stop
    };
    let answer = ChatAnswer {
        choices: vec![Choice {
            parts,
            finish: Some(finish),
            ..Choice::default()
        }],
        ..ChatAnswer::default()
    };
    let mut losses = decoded.unread;
    let format = chat(format);
    let bytes = format.encode_answer(&answer, &options(model), &mut losses);
    carried(&losses, format)?;
    Ok(bytes)
}

fn carried(losses: &Losses, format: &dyn ChatFormat) -> Result<(), BodyError> {
    if losses.is_empty() {
        return Ok(());
    }
    Err(BodyError {
        path: None,
        message: format!("`{}` cannot carry this: {losses}", format.label()),
        help: "write the whole body in that format",
        is_whole: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_a_body_leads_to_its_value() {
        let body = json!({"a\"": [1, {"b": null}], "c": {"d": "x"}});
        let text = body.to_string();
        for (value, path) in [("null", "a\"[1].b"), ("\"x\"", "c.d"), ("1", "a\"[0]")] {
            let at = u32::try_from(text.find(value).unwrap()).unwrap();
            assert_eq!(path_at(&body, at).as_deref(), Some(path));
        }
        assert_eq!(path_at(&body, 0), None);
        assert_eq!(path_at(&body, 10_000), None);
    }
}
