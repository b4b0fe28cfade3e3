//! The view of a request.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::part;
use crate::format::DecodeError;
use crate::read;
use crate::spelling::camel;
use crate::view::{
    Field, OfferedBy, RequestView, Role, Speaker, Texts, everything, json_of, opaque, text_if,
    tool_name, tools, turns, unknown, unreadable_tool, word,
};

/// The members the gateway acts on: a second one of any of them would let gateway and
/// provider read different requests.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    /// How many turns it has.
    contents: Option<u32>,
    system: Option<()>,
    tools: Option<()>,
}

const NOBODY: Speaker = Speaker {
    role: Role::User,
    turn: 0,
};

const SYSTEM: Speaker = Speaker {
    role: Role::System,
    turn: 0,
};

pub(in crate::gemini_generate) fn request(
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
    acted
        .contents
        .ok_or_else(|| read::shape("contents", "missing"))?;
    Ok(RequestView {
        model: acted.model,
        // The path says so.
        stream: false,
        stream_usage_asked: true,
        ask_usage: None,
        texts: texts.spans,
        text_bytes: texts.bytes,
        counted: texts.counted,
        turns: acted.contents.unwrap_or_default(),
        offers: texts.offers,
        has_image,
        body_start: document.start + 1,
        sealed: texts.sealed,
        ..RequestView::default()
    })
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    acted: &mut Acted,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    let name = camel(key);
    match &*name {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "contents" => {
            let turns = turns(r, |r, turn| turn_of(r, turn, texts, has_image))?;
            set_once(&mut acted.contents, turns, key)?;
        }
        "systemInstruction" => {
            part::content(r, SYSTEM, texts, has_image)?;
            set_once(&mut acted.system, (), key)?;
        }
        "tools" => {
            tools(r, texts, tool)?;
            set_once(&mut acted.tools, (), key)?;
        }
        "cachedContent" => opaque(r, &name, NOBODY, texts)?,
        "labels" => json_of(r, NOBODY, texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => setting(r, key, texts)?,
    }
    Ok(())
}

fn turn_of(
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
    let role = part::content(r, speaker, texts, has_image)?;
    texts.set_role(first, role.unwrap_or(Role::User));
    Ok(())
}

/// Reads a tool: declarations of the caller's own, and tools of the provider's by the
/// members that they stand in.
fn tool(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return unreadable_tool(r, texts);
    }
    r.object::<DecodeError>(|r, key| {
        if &*camel(&key) == "functionDeclarations" {
            return tools(r, texts, declaration);
        }
        if r.kind()? != Kind::Null {
            let tool = texts.met_tool();
            texts.offer(tool, OfferedBy::Member, key.span());
        }
        unknown(r, &key, (SYSTEM, Field::ToolDescription), texts)
    })?;
    Ok(())
}

fn declaration(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return unreadable_tool(r, texts);
    }
    let at = (SYSTEM, Field::ToolDescription);
    let tool = texts.met_tool();
    let mut is_named = false;
    r.object::<DecodeError>(|r, key| {
        let name = camel(&key);
        match &*name {
            "name" => is_named |= tool_name(r, (tool, OfferedBy::Name), at, texts)?,
            "description" => text_if(r, SYSTEM, Field::ToolDescription, texts)?,
            _ if name != key.as_str() && word(&name).is_some() => {
                everything(r, SYSTEM, Field::ToolDescription, texts)?;
            }
            _ => unknown(r, &key, at, texts)?,
        }
        Ok(())
    })?;
    if !is_named {
        texts.offer_unreadable(tool);
    }
    Ok(())
}

/// Reads a member that may be written in snake case, which makes it no text; so may those
/// below it.
fn setting(r: &mut Reader<'_>, key: &Key<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    let name = camel(key);
    if word(&name).is_none() {
        return unknown(r, key, (NOBODY, Field::Metadata), texts);
    }
    if r.kind()? == Kind::Object {
        r.object(|r, key| setting(r, &key, texts))?;
        return Ok(());
    }
    if name == key.as_str() {
        return unknown(r, key, (NOBODY, Field::Metadata), texts);
    }
    everything(r, NOBODY, Field::Metadata, texts)
}
