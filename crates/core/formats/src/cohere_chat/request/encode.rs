//! Writes a request.

use bytes::Bytes;

use super::fields;
use crate::cohere_chat::content::{self, write_text};
use crate::cohere_chat::{OWN, assistant, document};
use crate::exchange::{
    ChatRequest, Document, DocumentContent, Image, Message, Part, Role, Tool, ToolChoice,
    ToolResult,
};
use crate::format::Dialect;
use crate::loss::{Carry, Losses};
use crate::openai_chat::{Place, write_image};
use crate::turns::FIRST_WORD;
use crate::write::{self, Array, Object};

/// What stands for the content of a tool's answer that is nothing but images.
const IMAGES_FOLLOW: &str = "The tool answered with images; they follow in the next message.";

pub(in crate::cohere_chat) fn encode(
    request: &ChatRequest,
    _dialect: Dialect,
    losses: &mut Losses,
) -> Bytes {
    let own = request.origin == Some(OWN);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let body = write::object(|o| {
        o.string("model", &request.model);
        o.array("messages", |a| messages(a, request, carry));
        documents(o, request, carry);
        tools(o, request, carry);
        fields::write(o, request, carry);
        if request.stream {
            o.bool("stream", true);
        }
        carry.extras(o, &request.extras);
    });
    body.into()
}

fn messages(a: &mut Array<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if !request.system.is_empty() {
        turn(a, "system", &request.system, carry);
    }
    // Results must follow their calls without anything between them, so the images that
    // tools answered with wait until the run of them is over.
    let mut images = Vec::new();
    for message in &request.messages {
        if message.role != Role::Tool {
            flush(a, &mut images);
        }
        self::message(a, message, &mut images, carry);
    }
    flush(a, &mut images);
    let last = request.messages.last();
    if last.is_some_and(|message| message.role == Role::Assistant) {
        // Elsewhere a model goes on from that text; here it answers anew.
        carry.lose_content("prefill");
    }
}

fn message<'m>(
    a: &mut Array<'_>,
    message: &'m Message,
    images: &mut Vec<&'m Image>,
    carry: &mut Carry<'_>,
) {
    if message.name.is_some() {
        carry.lose_parameter("name");
    }
    match message.role {
        Role::System => turn(a, "system", &message.parts, carry),
        Role::User => turn(a, "user", &message.parts, carry),
        Role::Assistant => a.object(|o| {
            o.string("role", "assistant");
            assistant::write(o, &message.parts, Place::Request, carry);
        }),
        Role::Tool => {
            for part in &message.parts {
                match part {
                    Part::ToolResult(result) => tool_result(a, result, images, carry),
                    Part::CacheMark(_) => carry.lose_parameter("cache_control"),
                    _ => carry.lose_content("tool_result"),
                }
            }
        }
    }
}

/// Documents of the user stand beside the messages, images only with the user.
fn turn(a: &mut Array<'_>, role: &str, parts: &[Part], carry: &mut Carry<'_>) {
    let is_users = role == "user";
    let mut here = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Document(_) if is_users => {}
            Part::Text(_) | Part::Refusal(_) => here.push(part),
            Part::Image(_) if is_users => here.push(part),
            Part::Other { .. } if carry.own => here.push(part),
            other => carry.lose_part(other),
        }
    }
    // The provider refuses a turn without content; where only documents or what cannot be
    // carried stood, something stands for them.
    let stand_in = Part::Text(FIRST_WORD.to_owned());
    if here.is_empty() && !parts.is_empty() {
        here.push(&stand_in);
    }
    a.object(|o| {
        o.string("role", role);
        content::write(o, &here, carry);
    });
}

fn tool_result<'m>(
    a: &mut Array<'_>,
    result: &'m ToolResult,
    images: &mut Vec<&'m Image>,
    carry: &mut Carry<'_>,
) {
    if result.is_error {
        carry.lose_parameter("is_error");
    }
    let found = images.len();
    let mut here = Vec::with_capacity(result.parts.len());
    for part in &result.parts {
        match part {
            Part::Image(image) => images.push(image),
            Part::Text(_) | Part::Refusal(_) => here.push(part),
            Part::Document(Document {
                content: DocumentContent::Text(_),
                ..
            }) => here.push(part),
            Part::Other { .. } if carry.own => here.push(part),
            other => carry.lose_part(other),
        }
    }
    a.object(|o| {
        o.string("role", "tool");
        o.string("tool_call_id", &result.call_id);
        match here.as_slice() {
            [] if images.len() > found => o.string("content", IMAGES_FOLLOW),
            [] => o.string("content", ""),
            [Part::Text(text)] => o.string("content", text),
            _ => o.array("content", |a| {
                here.iter().for_each(|part| write_found(a, part));
            }),
        }
    });
}

/// Writes a part of what a tool found.
fn write_found(a: &mut Array<'_>, part: &Part) {
    match part {
        Part::Text(text) | Part::Refusal(text) => write_text(a, text),
        Part::Document(found) => {
            if let DocumentContent::Text(text) = &found.content {
                a.object(|o| {
                    o.string("type", "document");
                    o.object("document", |o| document::write(o, found, text));
                });
            }
        }
        Part::Other { json, .. } => a.raw(json),
        _ => {}
    }
}

fn flush(a: &mut Array<'_>, images: &mut Vec<&Image>) {
    if images.is_empty() {
        return;
    }
    a.object(|o| {
        o.string("role", "user");
        o.array("content", |a| {
            images.drain(..).for_each(|image| write_image(a, image));
        });
    });
}

fn documents(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let users = request.messages.iter();
    let users = users.filter(|message| message.role == Role::User);
    let parts = users.flat_map(|message| &message.parts);
    let given: Vec<&Document> = parts
        .filter_map(|part| match part {
            Part::Document(document) => Some(document),
            _ => None,
        })
        .collect();
    let is_text = |document: &&Document| matches!(document.content, DocumentContent::Text(_));
    if given.iter().any(is_text) {
        o.array("documents", |a| document::write_all(a, given, carry));
    } else if !given.is_empty() {
        carry.lose_content("document");
    }
}

/// Writes the tools. Where one of them must be called, no other is offered.
fn tools(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if request.parallel_tool_calls == Some(false) {
        carry.lose_parameter("parallel_tool_calls");
    }
    let mut offered = carry.tools(request);
    if let Some(ToolChoice::Tool(wanted)) = &request.tool_choice {
        offered.retain(|tool| match tool {
            Tool::Function { name, .. } => name == wanted,
            Tool::Other { .. } => true,
        });
        if offered.is_empty() {
            // A choice among no tools is an error to the provider.
            carry.lose_parameter("tool_choice");
        }
    }
    if offered.is_empty() {
        return;
    }
    o.array("tools", |a| {
        offered.iter().for_each(|tool| write_tool(a, tool, carry));
    });
    enforcement(o, &offered, carry);
    match &request.tool_choice {
        // The model decides by itself.
        None | Some(ToolChoice::Auto) => {}
        Some(ToolChoice::None) => o.string("tool_choice", "NONE"),
        Some(ToolChoice::Required | ToolChoice::Tool(_)) => o.string("tool_choice", "REQUIRED"),
    }
}

/// Schemas are enforced for all tools or for none.
fn enforcement(o: &mut Object<'_>, offered: &[&Tool], carry: &mut Carry<'_>) {
    let is_strict = |tool: &&Tool| match tool {
        Tool::Function { strict, .. } => *strict == Some(true),
        Tool::Other { .. } => false,
    };
    if offered.iter().copied().all(|tool| is_strict(&tool)) {
        o.bool("strict_tools", true);
    } else if offered.iter().copied().any(|tool| is_strict(&tool)) {
        carry.lose_parameter("strict");
    }
}

fn write_tool(a: &mut Array<'_>, tool: &Tool, carry: &mut Carry<'_>) {
    let (name, description, parameters, cache) = match tool {
        Tool::Other { json, .. } => return a.raw(json),
        Tool::Function {
            name,
            description,
            parameters,
            cache,
            ..
        } => (name, description, parameters, cache),
    };
    if cache.is_some() {
        carry.lose_parameter("cache_control");
    }
    a.object(|o| {
        o.string("type", "function");
        o.object("function", |o| {
            o.string("name", name);
            o.optional("description", description.as_deref());
            match parameters {
                Some(parameters) => o.raw("parameters", parameters),
                None => o.json("parameters", r#"{"type":"object","properties":{}}"#),
            }
        });
    });
}
