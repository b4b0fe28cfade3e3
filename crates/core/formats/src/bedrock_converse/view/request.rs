//! The view of a request. The model and whether the answer is streamed stand in the path.

use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::block;
use crate::format::DecodeError;
use crate::view::{
    Field, OfferedBy, RequestView, Role, Speaker, Texts, is_offer, json_of, offers, plain_turn,
    strings_of, text_if, tool_name, tools, turns, unknown, unreadable_tool,
};

/// The members that have texts which the gateway acts on: a second one of any of them would
/// let gateway and provider read different requests.
#[derive(Default)]
struct Acted {
    /// How many turns it has.
    messages: Option<u32>,
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
        counted: texts.counted,
        turns: acted.messages.unwrap_or_default(),
        offers: texts.offers,
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
            let turns = turns(r, |r, turn| {
                plain_turn(r, turn, texts, |r, from, texts| {
                    block::content(r, from, texts, has_image)
                })
            })?;
            set_once(&mut acted.messages, turns, key)?;
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
            model_fields(r, key, texts)?;
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

/// Reads what the model is given as its own API has it: tools as well.
fn model_fields(r: &mut Reader<'_>, key: &Key<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return unknown(r, key, (NOBODY, Field::Metadata), texts);
    }
    r.object::<DecodeError>(|r, key| {
        if is_offer(&key) {
            return offers(r, &key, texts);
        }
        unknown(r, &key, (NOBODY, Field::Metadata), texts)
    })?;
    Ok(())
}

fn tool_config(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Object => {}
        Kind::Null => return Ok(()),
        _ => return unreadable_tool(r, texts),
    }
    let mut list = None;
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "tools" => {
            set_once(&mut list, (), &key)?;
            tools(r, texts, tool)
        }
        _ => unknown(r, &key, (NOBODY, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads a tool: the caller's own in `toolSpec`, the provider's in `systemTool`, or one in
/// a member that is not known. A cache point is none.
fn tool(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return unreadable_tool(r, texts);
    }
    r.object::<DecodeError>(|r, key| match (key.as_str(), r.kind()?) {
        ("cachePoint", _) | (_, Kind::Null) => {
            unknown(r, &key, (SYSTEM, Field::ToolDescription), texts)
        }
        ("toolSpec", Kind::Object) => named(r, OfferedBy::Name, texts),
        ("systemTool", Kind::Object) => named(r, OfferedBy::Kind, texts),
        ("toolSpec" | "systemTool", _) => unreadable_tool(r, texts),
        _ => {
            let tool = texts.met_tool();
            texts.offer(tool, OfferedBy::Member, key.span());
            unknown(r, &key, (SYSTEM, Field::ToolDescription), texts)
        }
    })?;
    Ok(())
}

/// Reads what has the name of a tool: its description counts as prompt, and its schema
/// stays a schema.
fn named(r: &mut Reader<'_>, by: OfferedBy, texts: &mut Texts) -> Result<(), DecodeError> {
    let at = (SYSTEM, Field::ToolDescription);
    let tool = texts.met_tool();
    let mut is_named = false;
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "name" => {
            is_named |= tool_name(r, (tool, by), at, texts)?;
            Ok(())
        }
        "description" => text_if(r, SYSTEM, Field::ToolDescription, texts),
        _ => unknown(r, &key, at, texts),
    })?;
    if !is_named {
        texts.offer_unreadable(tool);
    }
    Ok(())
}
