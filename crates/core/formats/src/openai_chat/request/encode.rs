//! Writes a request.

use bytes::Bytes;
use tollgate_catalogue::Parameter;

use super::super::parameters;
use super::super::parts::{Place, write_assistant, write_content};
use crate::exchange::{
    ChatRequest, Image, Message, Part, Reasoning, ResponseFormat, Role, Sampling, Tool, ToolChoice,
    ToolResult,
};
use crate::format::{Dialect, FormatId};
use crate::loss::{Carry, Losses};
use crate::openai;
use crate::parameters::place_of;
use crate::write::{self, Array, Object};

/// What stands for the content of a tool's answer that is nothing but images.
const IMAGES_FOLLOW: &str = "The tool answered with images; they follow in the next message.";

pub(in crate::openai_chat) fn encode(
    request: &ChatRequest,
    dialect: Dialect,
    losses: &mut Losses,
) -> Bytes {
    let own = request.origin == Some(FormatId::OpenaiChat);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let body = write::object(|o| {
        o.string("model", &request.model);
        o.array("messages", |a| messages(a, request, carry));
        tools(o, request, carry);
        limits(o, request, dialect, carry);
        sampling(o, &request.sampling, carry);
        response_format(o, request.response_format.as_ref());
        reasoning(o, request.reasoning.as_ref(), carry);
        o.optional("user", request.user.as_deref());
        if let Some(metadata) = &request.metadata {
            o.raw("metadata", metadata);
        }
        o.optional("service_tier", service_tier(request, carry));
        o.optional("verbosity", request.verbosity.as_deref());
        if request.stream {
            o.bool("stream", true);
            o.object("stream_options", |o| o.bool("include_usage", true));
        }
        carry.extras_and(o, &request.extras, openai::shared_with_chat(request.origin));
    });
    body.into()
}

fn messages(a: &mut Array<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if !request.system.is_empty() {
        turn(a, "system", None, &request.system, carry);
    }
    // Tool messages must follow their calls without anything between them, so the
    // images that tools answered with wait until the run of them is over.
    let mut images = Vec::new();
    for message in &request.messages {
        if message.role != Role::Tool {
            flush(a, &mut images);
        }
        self::message(a, message, &mut images, carry);
    }
    flush(a, &mut images);
    let last = request.messages.last();
    if !carry.own && last.is_some_and(|message| message.role == Role::Assistant) {
        // Where it comes from, the model goes on from that text; here it answers anew.
        carry.lose_content("prefill");
    }
}

fn message<'m>(
    a: &mut Array<'_>,
    message: &'m Message,
    images: &mut Vec<&'m Image>,
    carry: &mut Carry<'_>,
) {
    let name = message.name.as_deref();
    match message.role {
        Role::System => turn(a, "system", name, &message.parts, carry),
        Role::User => turn(a, "user", name, &message.parts, carry),
        Role::Assistant => a.object(|o| {
            o.string("role", "assistant");
            o.optional("name", name);
            write_assistant(o, &message.parts, Place::Request, carry);
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

fn turn(a: &mut Array<'_>, role: &str, name: Option<&str>, parts: &[Part], carry: &mut Carry<'_>) {
    a.object(|o| {
        o.string("role", role);
        o.optional("name", name);
        write_content(o, parts, carry);
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
    images.extend(result.parts.iter().filter_map(|part| match part {
        Part::Image(image) => Some(image),
        _ => None,
    }));
    let rest: Vec<Part> = result
        .parts
        .iter()
        .filter(|part| !matches!(part, Part::Image(_)))
        .cloned()
        .collect();
    a.object(|o| {
        o.string("role", "tool");
        o.string("tool_call_id", &result.call_id);
        if rest.is_empty() && images.len() > found {
            o.string("content", IMAGES_FOLLOW);
        } else {
            write_content(o, &rest, carry);
        }
    });
}

/// Shows the model the images that tools answered with.
fn flush(a: &mut Array<'_>, images: &mut Vec<&Image>) {
    if images.is_empty() {
        return;
    }
    a.object(|o| {
        o.string("role", "user");
        o.array("content", |a| {
            for image in images.drain(..) {
                super::super::parts::write_image(a, image);
            }
        });
    });
}

fn tools(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
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
            o.object("function", |o| o.string("name", name));
        }),
    }
    if let Some(parallel) = request.parallel_tool_calls {
        o.bool("parallel_tool_calls", parallel);
    }
}

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
        o.object("function", |o| {
            o.string("name", name);
            o.optional("description", description.as_deref());
            if let Some(parameters) = parameters {
                o.raw("parameters", parameters);
            }
            if let Some(strict) = strict {
                o.bool("strict", *strict);
            }
        });
    });
}

fn limits(o: &mut Object<'_>, request: &ChatRequest, dialect: Dialect, carry: &mut Carry<'_>) {
    if let Some(max) = request.max_output_tokens {
        let place = place_of(parameters(dialect), Parameter::MaxTokens);
        if let Some(name) = place.and_then(|place| place.paths.first()) {
            o.whole(name, max);
        }
    }
    match request.stop.as_slice() {
        [] => {}
        [stop] => o.string("stop", stop),
        several => {
            if several.len() > STOPS_MAX {
                carry.lose_parameter("stop");
            }
            o.array("stop", |a| {
                several
                    .iter()
                    .take(STOPS_MAX)
                    .for_each(|stop| a.string(stop));
            });
        }
    }
}

fn sampling(o: &mut Object<'_>, sampling: &Sampling, carry: &mut Carry<'_>) {
    let numbers = [
        ("temperature", &sampling.temperature),
        ("top_p", &sampling.top_p),
        ("frequency_penalty", &sampling.frequency_penalty),
        ("presence_penalty", &sampling.presence_penalty),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            o.number(name, value);
        }
    }
    if let Some(seed) = sampling.seed {
        o.json("seed", &seed.to_string());
    }
    if let Some(choices) = sampling.choices {
        o.whole("n", choices);
    }
    if let Some(logprobs) = sampling.logprobs {
        o.bool("logprobs", logprobs);
    }
    if let Some(top) = sampling.top_logprobs {
        o.whole("top_logprobs", top);
    }
    // Only servers beside OpenAI know it, and OpenAI refuses what it does not know.
    if let Some(top_k) = sampling.top_k {
        if carry.own {
            o.whole("top_k", top_k);
        } else {
            carry.lose_parameter("top_k");
        }
    }
}

/// The most stop texts that OpenAI takes.
const STOPS_MAX: usize = 4;

fn response_format(o: &mut Object<'_>, format: Option<&ResponseFormat>) {
    let Some(format) = format else { return };
    o.object("response_format", |o| match format {
        ResponseFormat::Text => o.string("type", "text"),
        ResponseFormat::JsonObject => o.string("type", "json_object"),
        ResponseFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        } => {
            o.string("type", "json_schema");
            o.object("json_schema", |o| {
                o.string("name", if name.is_empty() { "answer" } else { name });
                o.optional("description", description.as_deref());
                o.raw("schema", schema);
                if let Some(strict) = strict {
                    o.bool("strict", *strict);
                }
            });
        }
    });
}

/// Budgets become the word for about as much. A model that decides itself is this
/// format's default.
fn reasoning(o: &mut Object<'_>, reasoning: Option<&Reasoning>, carry: &mut Carry<'_>) {
    match reasoning {
        None | Some(Reasoning::Adaptive) => {}
        Some(Reasoning::Off) if carry.own => o.string("reasoning_effort", "none"),
        // Models that cannot reason refuse the parameter, and many others refuse this
        // value of it; so a model that reasons by itself will.
        Some(Reasoning::Off) => carry.lose_parameter("thinking"),
        Some(Reasoning::Effort(word)) => o.string("reasoning_effort", word),
        Some(Reasoning::Budget(tokens)) => {
            carry.lose_parameter("thinking.budget_tokens");
            o.string("reasoning_effort", openai::effort(*tokens));
        }
    }
}

/// Tiers are a provider's own; only the words for "as usual" mean the same elsewhere.
fn service_tier<'r>(request: &'r ChatRequest, carry: &mut Carry<'_>) -> Option<&'r str> {
    match request.service_tier.as_deref() {
        Some(tier) if openai::is_kin(request.origin) => Some(tier),
        Some("auto") => Some("auto"),
        Some("standard_only") => Some("default"),
        Some(_) => {
            carry.lose_parameter("service_tier");
            None
        }
        None => None,
    }
}
