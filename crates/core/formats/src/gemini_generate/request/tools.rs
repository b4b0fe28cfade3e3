//! Tools, and which of them may be called: read and written.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{ChatRequest, Tool, ToolChoice};
use crate::format::DecodeError;
use crate::gemini_generate::schema::{self, Others};
use crate::loss::{Carry, Loss, Losses};
use crate::read;
use crate::spelling::camel;
use crate::write::{self, Array, Object};

/// Reads one entry of `tools`: declarations, and tools of the provider beside them.
pub(super) fn read(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        let name = camel(&key);
        match (&*name, r.kind()?) {
            (_, Kind::Null) => {}
            ("functionDeclarations", Kind::Array) => {
                r.array(|r, _index| {
                    let tool = declaration(r, &mut request.unread)?;
                    request.tools.push(tool);
                    Ok::<_, DecodeError>(())
                })?;
            }
            _ => {
                let json = read::any(r)?;
                let text = write::object(|o| o.raw(&name, &json));
                let json = serde_json::from_slice(&text)
                    .map_err(|_json| read::shape("tools", "not JSON that serde_json reads"))?;
                request.tools.push(Tool::Other {
                    kind: name.into_owned(),
                    json,
                });
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn declaration(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Tool, DecodeError> {
    let (mut name, mut description, mut parameters) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        match &*camel(&key) {
            "name" => name = read::string(r)?,
            "description" => description = read::string(r)?,
            "parameters" => {
                parameters = schema::read(r, Others::Unsaid)?.or_else(|| parameters.take());
            }
            "parametersJsonSchema" => parameters = read::raw(r)?.or_else(|| parameters.take()),
            // What the function answers is nothing that other formats declare.
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(Tool::Function {
        name: name.ok_or_else(|| read::shape("functionDeclarations[].name", "missing"))?,
        description,
        parameters,
        strict: None,
        cache: None,
    })
}

/// Reads `toolConfig`.
pub(super) fn read_config(
    r: &mut Reader<'_>,
    request: &mut ChatRequest,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match (&*camel(&key), r.kind()?) {
            ("functionCallingConfig", Kind::Object) => choice(r, request)?,
            (other, _) => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

fn choice(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let (mut mode, mut names) = (None, Vec::new());
    r.object::<DecodeError>(|r, key| {
        match (&*camel(&key), r.kind()?) {
            ("mode", _) => mode = read::string(r)?,
            ("allowedFunctionNames", Kind::Array) => {
                r.array(|r, _index| {
                    names.extend(read::string(r)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            (other, _) => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    let is_one = names.len() == 1;
    let mode = mode.map(|mode| mode.to_ascii_uppercase());
    request.tool_choice = match mode.as_deref() {
        None | Some("" | "MODE_UNSPECIFIED") => None,
        Some("AUTO") => Some(ToolChoice::Auto),
        Some("NONE") => Some(ToolChoice::None),
        Some("ANY") if is_one => names.pop().map(ToolChoice::Tool),
        Some("ANY") => Some(ToolChoice::Required),
        Some("VALIDATED") => {
            request.unread.add(Loss::Parameter("strict"));
            Some(ToolChoice::Auto)
        }
        Some(_) => {
            return Err(read::shape(
                "toolConfig.functionCallingConfig.mode",
                "expected AUTO, ANY or NONE",
            ));
        }
    };
    // Others can name one function, or none.
    if !names.is_empty() {
        request.unread.add(Loss::Parameter("allowed_tools"));
    }
    Ok(())
}

/// Writes `tools` and `toolConfig`.
pub(super) fn write(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let tools = carry.tools(request);
    if request.parallel_tool_calls == Some(false) {
        carry.lose_parameter("parallel_tool_calls");
    }
    if tools.is_empty() {
        return;
    }
    o.array("tools", |a| {
        let is_function = |tool: &&Tool| matches!(tool, Tool::Function { .. });
        if request.tools.iter().any(|tool| is_function(&tool)) {
            a.object(|o| {
                o.array("functionDeclarations", |a| {
                    for tool in request.tools.iter().filter(is_function) {
                        write_declaration(a, tool, carry);
                    }
                });
            });
        }
        for tool in &tools {
            if let Tool::Other { json, .. } = tool {
                a.raw(json);
            }
        }
    });
    if let Some(choice) = &request.tool_choice {
        write_choice(o, choice);
    }
}

fn write_declaration(a: &mut Array<'_>, tool: &Tool, carry: &mut Carry<'_>) {
    let Tool::Function {
        name,
        description,
        parameters,
        strict,
        cache,
    } = tool
    else {
        return;
    };
    if cache.is_some() {
        carry.lose_parameter("cache_control");
    }
    if *strict == Some(true) {
        carry.lose_parameter("strict");
    }
    a.object(|o| {
        o.string("name", name);
        o.optional("description", description.as_deref());
        if let Some(parameters) = parameters {
            o.raw("parametersJsonSchema", parameters);
        }
    });
}

fn write_choice(o: &mut Object<'_>, choice: &ToolChoice) {
    o.object("toolConfig", |o| {
        o.object("functionCallingConfig", |o| match choice {
            ToolChoice::Auto => o.string("mode", "AUTO"),
            ToolChoice::None => o.string("mode", "NONE"),
            ToolChoice::Required => o.string("mode", "ANY"),
            ToolChoice::Tool(name) => {
                o.string("mode", "ANY");
                o.array("allowedFunctionNames", |a| a.string(name));
            }
        });
    });
}
