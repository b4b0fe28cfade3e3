//! Tools, and which of them to call.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{ChatRequest, Tool, ToolChoice};
use crate::format::DecodeError;
use crate::loss::{Carry, Losses};
use crate::read;
use crate::write::{Array, Object};

/// Reads one tool.
pub(super) fn tool(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Tool, DecodeError> {
    let (mut kind, mut name, mut description) = (None, None, None);
    let (mut parameters, mut strict) = (None, None);
    let mut rest = Losses::default();
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "name" if r.kind()? == Kind::String => name = read::string(r)?,
            "description" if r.kind()? == Kind::String => description = read::string(r)?,
            "parameters" => parameters = read::raw(r)?,
            "strict" if r.kind()? == Kind::Bool => strict = read::boolean(r)?,
            other => read::unread(r, other, &mut rest)?,
        }
        Ok(())
    })?;
    match (kind.as_deref(), name) {
        (Some("function"), Some(name)) => {
            unread.extend(&rest);
            Ok(Tool::Function {
                name,
                description,
                parameters,
                strict,
                cache: None,
            })
        }
        (Some("function"), None) => Err(read::shape("tools[].name", "missing")),
        _ => Ok(Tool::Other {
            kind: kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        }),
    }
}

/// Reads `tool_choice`; one of another kind than a function is kept as it is.
pub(super) fn tool_choice(
    r: &mut Reader<'_>,
    request: &mut ChatRequest,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        let word = read::string(r)?;
        request.tool_choice = match word.as_deref() {
            None => None,
            Some("auto") => Some(ToolChoice::Auto),
            Some("none") => Some(ToolChoice::None),
            Some("required") => Some(ToolChoice::Required),
            Some(_) => {
                let reason = "expected auto, none or required";
                return Err(read::shape("tool_choice", reason));
            }
        };
        return Ok(());
    }
    let (mut kind, mut name) = (None, None);
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "name" => name = read::string(r)?,
            _ => {}
        }
        Ok(())
    })?;
    match (kind.as_deref(), name) {
        (Some("function"), Some(name)) => request.tool_choice = Some(ToolChoice::Tool(name)),
        _ => {
            let json = read::raw_at(r, span)?;
            request.extras.push(("tool_choice".to_owned(), json));
        }
    }
    Ok(())
}

/// Writes tools and which to call.
pub(super) fn write(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let tools = carry.tools(request);
    if tools.is_empty() {
        return;
    }
    o.array("tools", |a| {
        for tool in &tools {
            write_tool(a, tool, carry);
        }
    });
    match &request.tool_choice {
        None => {}
        Some(ToolChoice::Auto) => o.string("tool_choice", "auto"),
        Some(ToolChoice::None) => o.string("tool_choice", "none"),
        Some(ToolChoice::Required) => o.string("tool_choice", "required"),
        Some(ToolChoice::Tool(name)) => o.object("tool_choice", |o| {
            o.string("type", "function");
            o.string("name", name);
        }),
    }
    if let Some(parallel) = request.parallel_tool_calls {
        o.bool("parallel_tool_calls", parallel);
    }
}

/// Elsewhere a schema is a hint unless the caller says otherwise; here it is enforced
/// unless the caller says otherwise, and a schema that is not made for it is refused.
fn write_tool(a: &mut Array<'_>, tool: &Tool, carry: &mut Carry<'_>) {
    let (name, description, parameters, strict, cache) = match tool {
        Tool::Other { json, .. } => return a.raw(json),
        Tool::Function {
            name,
            description,
            parameters,
            strict,
            cache,
        } => (name, description, parameters, strict, cache),
    };
    if cache.is_some() {
        carry.lose_parameter("cache_control");
    }
    a.object(|o| {
        o.string("type", "function");
        o.string("name", name);
        o.optional("description", description.as_deref());
        match parameters {
            Some(parameters) => o.raw("parameters", parameters),
            None => o.json("parameters", r#"{"type":"object","properties":{}}"#),
        }
        o.bool("strict", strict.unwrap_or(false));
    });
}
