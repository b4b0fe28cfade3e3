//! Reads a request for models that are asked in a chat: the prompt is what the user says.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{ChatRequest, Message, Part, Role};
use crate::format::{DecodeError, FormatId, NativeOnly};
use crate::openai_chat::{read_sampling, read_stop};
use crate::read::{self, shape};

pub(super) fn decode(body: &[u8]) -> Result<ChatRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = ChatRequest {
        origin: Some(FormatId::OpenaiCompletions),
        ..ChatRequest::default()
    };
    let mut best_of = None;
    reader.object(|r, key| {
        if key.as_str() == "best_of" {
            best_of = read::raw(r)?;
            return Ok(());
        }
        member(r, &key, &mut request)
    })?;
    reader.finish()?;
    // As many as are told are chosen from no others.
    let told = request.sampling.choices.unwrap_or(1).to_string();
    if let Some(best_of) = best_of.filter(|best_of| best_of.get() != told) {
        request.extras.push(("best_of".to_owned(), best_of));
    }
    if request.messages.is_empty() {
        return Err(shape("prompt", "missing"));
    }
    Ok(request)
}

fn member(r: &mut Reader<'_>, key: &str, request: &mut ChatRequest) -> Result<(), DecodeError> {
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        "prompt" => request.messages = prompt(r)?.into_iter().map(message).collect(),
        "max_tokens" => request.max_output_tokens = read::whole(r)?,
        "stop" => request.stop = read_stop(r)?,
        "logprobs" => {
            let top = read::whole(r)?;
            request.sampling.logprobs = top.map(|_top| true);
            // The chosen tokens alone, where none of the others are wanted.
            request.sampling.top_logprobs = top.filter(|top| *top > 0);
        }
        "user" => request.user = read::string(r)?,
        "stream" => request.stream = read::boolean(r)?.unwrap_or_default(),
        // Usage is always reported to us, and hidden from a caller that did not ask.
        "stream_options" => {}
        // Of chats only.
        "top_logprobs" => keep(r, key, request)?,
        _ if read_sampling(r, key, request)? => {}
        _ => keep(r, key, request)?,
    }
    Ok(())
}

fn keep(r: &mut Reader<'_>, key: &str, request: &mut ChatRequest) -> Result<(), DecodeError> {
    if let Some(json) = read::raw(r)? {
        request.extras.push((key.to_owned(), json));
    }
    Ok(())
}

fn message(prompt: String) -> Message {
    Message {
        role: Role::User,
        name: None,
        parts: vec![Part::Text(prompt)],
    }
}

/// The one text; `None` for `null`.
fn prompt(r: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    if r.kind()? != Kind::Array {
        return read::string(r);
    }
    let mut only = None;
    r.array(|r, index| {
        if r.kind()? != Kind::String {
            return Err(DecodeError::NativeOnly(NativeOnly::Tokens));
        }
        if index > 0 {
            return Err(DecodeError::NativeOnly(NativeOnly::Prompts));
        }
        only = read::string(r)?;
        Ok(())
    })?;
    Ok(only)
}
