//! The view of a request. The model and whether the answer is streamed stand in the path.

use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::block;
use crate::format::DecodeError;
use crate::view::{
    Field, RequestView, Role, Speaker, Texts, everything, json_of, strings_of, text_if, unknown,
};

/// The members that have texts which the gateway acts on: a second one of any of them would
/// let gateway and provider read different requests.
#[derive(Default)]
struct Acted {
    messages: Option<()>,
    system: Option<()>,
    tools: Option<()>,
    variables: Option<()>,
    fields: Option<()>,
    output: Option<()>,
}

pub(in crate::bedrock_converse) fn request(
    body: &[u8],
    texts: bool,
) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let mut has_image = false;
    let document =
        reader.object(|r, key| member(r, &key, &mut acted, &mut texts, &mut has_image))?;
    reader.finish()?;
    Ok(RequestView {
        held: None,
        sealed: texts.sealed,
        model: None,
        stream: false,
        // A stream always ends with it.
        stream_usage_asked: true,
        ask_usage: None,
        texts: texts.spans,
        text_bytes: texts.bytes,
        has_image,
        body_start: document.start + 1,
        ..RequestView::default()
    })
}

const NOBODY: Speaker = Speaker {
    role: Role::User,
    turn: 0,
};

const SYSTEM: Speaker = Speaker {
    role: Role::System,
    turn: 0,
};

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    acted: &mut Acted,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "messages" => {
            r.array(|r, turn| message(r, turn, texts, has_image))?;
            set_once(&mut acted.messages, (), key)?;
        }
        "system" => {
            block::content(r, SYSTEM, texts, has_image)?;
            set_once(&mut acted.system, (), key)?;
        }
        "toolConfig" => {
            tool_config(r, texts)?;
            set_once(&mut acted.tools, (), key)?;
        }
        // They become text of the prompt.
        "promptVariables" => {
            strings_of(r, NOBODY, Field::Text, texts)?;
            set_once(&mut acted.variables, (), key)?;
        }
        "additionalModelRequestFields" => {
            set_once(&mut acted.fields, (), key)?;
            unknown(r, key, (NOBODY, Field::Metadata), texts)?;
        }
        "outputConfig" => {
            set_once(&mut acted.output, (), key)?;
            unknown(r, key, (NOBODY, Field::Metadata), texts)?;
        }
        "requestMetadata" => json_of(r, NOBODY, texts)?,
        _ => unknown(r, key, (NOBODY, Field::Metadata), texts)?,
    }
    Ok(())
}

fn message(
    r: &mut Reader<'_>,
    turn: u32,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    let first = texts.spans.len();
    let speaker = Speaker {
        role: Role::User,
        turn,
    };
    let mut role = None;
    let mut content = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "role" => {
                let word = r.string()?;
                let word = match &*r.text(word) {
                    "assistant" => Role::Assistant,
                    "system" => Role::System,
                    _ => Role::User,
                };
                set_once(&mut role, word, &key)?;
            }
            "content" => {
                set_once(&mut content, (), &key)?;
                block::content(r, speaker, texts, has_image)?;
            }
            _ => unknown(r, &key, (speaker, Field::Metadata), texts)?,
        }
        Ok(())
    })?;
    texts.set_role(first, role.unwrap_or(Role::User));
    Ok(())
}

fn tool_config(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, SYSTEM, Field::ToolDescription, texts);
    }
    let mut tools = None;
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "tools" if r.kind()? == Kind::Array => {
            set_once(&mut tools, (), &key)?;
            r.array(|r, _index| tool(r, texts))?;
            Ok(())
        }
        _ => unknown(r, &key, (NOBODY, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads a tool: its description counts as prompt, and its schema stays a schema.
fn tool(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, SYSTEM, Field::ToolDescription, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "toolSpec" if r.kind()? == Kind::Object => tool(r, texts),
        "description" => text_if(r, SYSTEM, Field::ToolDescription, texts),
        _ => unknown(r, &key, (SYSTEM, Field::ToolDescription), texts),
    })?;
    Ok(())
}
