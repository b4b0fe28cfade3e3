//! Writes a request.
//!
//! Rules of the provider that a caller of another format cannot know are kept here:
//! temperature ends at 1, no tool can be forbidden, and Claude reasons without sampling and
//! forced tools. What has to give way is a loss by name.

use bytes::Bytes;
use serde_json::Number;
use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use super::fields::{self, Family};
use crate::bedrock_converse::OWN;
use crate::bedrock_converse::blocks::{Blocks, Place, is_nothing, write_mark};
use crate::exchange::{ChatRequest, Part, ResponseFormat, Tool, ToolChoice};
use crate::format::{DecodeError, Dialect};
use crate::loss::{Carry, Losses};
use crate::turns::{FIRST_WORD, Turns, results_first};
use crate::write::{self, Array, Object};

pub(in crate::bedrock_converse) fn encode(
    request: &ChatRequest,
    _dialect: Dialect,
    losses: &mut Losses,
) -> Bytes {
    let own = request.origin == Some(OWN);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let body = write::object(|o| {
        conversation(o, request, carry);
        inference(o, request, carry);
        tool_config(o, request, carry);
        let effort = fields::write(o, request, carry);
        output_config(o, request, effort, carry);
        identity(o, request, carry);
        others(request, carry);
        let mut kept = request.extras.clone();
        if own {
            kept.retain(|(name, _)| name != fields::NAME);
        }
        carry.extras(o, &kept);
    });
    body.into()
}

/// Writes `system` and `messages`.
fn conversation(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let all = Turns::of(request, OWN, |part| !is_nothing(part), carry);
    let own = carry.own;
    let is_instruction = |part: &&Part| match part {
        Part::Text(_) | Part::CacheMark(_) => true,
        Part::Other { .. } => own,
        _ => false,
    };
    let system: Vec<&Part> = all
        .system
        .iter()
        .copied()
        .filter(is_instruction)
        .filter(|part| !is_nothing(part))
        .collect();
    if all.system.iter().any(|part| !is_instruction(part)) {
        carry.lose_content("system");
    }
    let mut blocks = Blocks::new(Place::Request, carry);
    if !system.is_empty() {
        o.array("system", |a| blocks.write(a, system));
    }
    o.array("messages", |a| {
        if all.lacks_first() {
            a.object(|o| {
                o.string("role", "user");
                o.array("content", |a| a.object(|o| o.string("text", FIRST_WORD)));
            });
        }
        for turn in &all.turns {
            a.object(|o| {
                o.string("role", turn.role());
                o.array("content", |a| blocks.write(a, results_first(&turn.parts)));
            });
        }
    });
}

fn inference(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let own = write::object(|o| {
        if let Some(tokens) = request.max_output_tokens {
            o.whole("maxTokens", tokens);
        }
        sampling(o, request, carry);
        // The provider refuses empty stop texts, and some models those of white space.
        let stop: Vec<&String> = request
            .stop
            .iter()
            .filter(|text| !text.trim().is_empty())
            .collect();
        if stop.len() < request.stop.len() {
            carry.lose_parameter("stop");
        }
        if !stop.is_empty() {
            o.array("stopSequences", |a| {
                stop.iter().for_each(|text| a.string(text));
            });
        }
    });
    if own.len() > b"{}".len()
        && let Ok(json) = str::from_utf8(&own)
    {
        o.json("inferenceConfig", json);
    }
}

/// Temperature goes from 0 to 1 here, to 2 elsewhere; Claude takes either it or `topP`, and
/// neither where it reasons.
fn sampling(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let sampling = &request.sampling;
    let is_claude = !carry.own && Family::of(&request.model) == Family::Claude;
    let reasons = is_claude && fields::reasons(request);
    let is_default = |value: &Number| is_claude && is(value, 1.0);
    let temperature = sampling
        .temperature
        .as_ref()
        .filter(|value| !(reasons && is_default(value)));
    let top_p = sampling.top_p.as_ref().filter(|value| !is_default(value));
    match temperature {
        Some(_) if reasons => carry.lose_parameter("temperature"),
        Some(value) if !carry.own && value.as_f64().is_some_and(|value| value > 1.0) => {
            carry.lose_parameter("temperature");
            o.whole("temperature", 1);
        }
        Some(value) => o.number("temperature", value),
        None => {}
    }
    match top_p {
        Some(_) if reasons || (is_claude && temperature.is_some()) => {
            carry.lose_parameter("top_p");
        }
        Some(value) => o.number("topP", value),
        None => {}
    }
}

fn is(number: &Number, value: f64) -> bool {
    number
        .as_f64()
        .is_some_and(|number| (number - value).abs() < f64::EPSILON)
}

/// Whether the conversation has calls of tools: then the provider wants the tools, too.
fn has_calls(request: &ChatRequest) -> bool {
    let mut parts = request.messages.iter().flat_map(|message| &message.parts);
    parts.any(|part| matches!(part, Part::ToolCall(_) | Part::ToolResult(_)))
}

/// Writes the tools. There is no word for forbidding them, so they are left out; where that
/// is refused, they are a loss.
fn tool_config(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if request.parallel_tool_calls == Some(false) {
        carry.lose_parameter("parallel_tool_calls");
    }
    if request.tool_choice == Some(ToolChoice::None) && !has_calls(request) {
        return;
    }
    let tools = carry.tools(request);
    if tools.is_empty() {
        return;
    }
    o.object("toolConfig", |o| {
        o.array("tools", |a| {
            for tool in &tools {
                write_tool(a, tool);
            }
        });
        match &request.tool_choice {
            None => {}
            Some(ToolChoice::None) => carry.lose_parameter("tool_choice"),
            Some(choice) => o.object("toolChoice", |o| match choice {
                ToolChoice::Tool(name) => o.object("tool", |o| o.string("name", name)),
                ToolChoice::Required => o.object("any", |_o| {}),
                ToolChoice::Auto | ToolChoice::None => o.object("auto", |_o| {}),
            }),
        }
    });
}

fn write_tool(a: &mut Array<'_>, tool: &Tool) {
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
    a.object(|o| {
        o.object("toolSpec", |o| {
            o.string("name", name);
            // The provider refuses an empty one.
            let said = description.as_deref();
            o.optional("description", said.filter(|text| !text.is_empty()));
            o.object("inputSchema", |o| match parameters {
                Some(parameters) => o.raw("json", parameters),
                None => o.json("json", r#"{"type":"object","properties":{}}"#),
            });
            if *strict == Some(true) {
                o.bool("strict", true);
            }
        });
    });
    if let Some(cache) = cache {
        a.object(|o| write_mark(o, cache));
    }
}

fn output_config(
    o: &mut Object<'_>,
    request: &ChatRequest,
    effort: Option<&str>,
    carry: &mut Carry<'_>,
) {
    let format = match &request.response_format {
        Some(ResponseFormat::JsonSchema {
            name,
            description,
            schema,
            ..
        }) => Some((name, description, schema)),
        Some(ResponseFormat::JsonObject) => {
            carry.lose_parameter("response_format");
            None
        }
        Some(ResponseFormat::Text) | None => None,
    };
    if effort.is_none() && format.is_none() {
        return;
    }
    o.object("outputConfig", |o| {
        if let Some((name, description, schema)) = format {
            o.object("textFormat", |o| {
                o.string("type", "json_schema");
                o.object("structure", |o| {
                    o.object("jsonSchema", |o| {
                        o.string("schema", schema.get());
                        o.optional("name", Some(name.as_str()).filter(|name| !name.is_empty()));
                        o.optional("description", description.as_deref());
                    });
                });
            });
        }
        o.optional("effort", effort);
    });
}

/// Writes what the caller says of the request, and in which tier.
fn identity(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    if let Some(metadata) = &request.metadata {
        if carry.own || fits(metadata) {
            o.raw("requestMetadata", metadata);
        } else {
            carry.lose_parameter("metadata");
        }
    }
    let tier = match request.service_tier.as_deref() {
        Some(tier) if carry.own => Some(tier),
        Some("standard_only") => Some("default"),
        Some(tier @ ("default" | "flex" | "priority")) => Some(tier),
        None | Some("auto") => None,
        Some(_) => {
            carry.lose_parameter("service_tier");
            None
        }
    };
    if let Some(tier) = tier {
        o.object("serviceTier", |o| o.string("type", tier));
    }
}

/// Whether metadata are what the provider takes: up to 16 strings of 256 characters, of
/// letters, digits and some signs.
fn fits(metadata: &RawValue) -> bool {
    const PAIRS_MAX: u32 = 16;
    const BYTES_MAX: usize = 256;
    let plain = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || " \t\n:_@$#=/+,-.".contains(c);
        text.len() <= BYTES_MAX && text.chars().all(allowed)
    };
    let (mut pairs, mut all) = (0, true);
    let Ok(mut reader) = Reader::new(metadata.get().as_bytes()) else {
        return false;
    };
    let read = reader.object::<DecodeError>(|r, key| {
        pairs += 1;
        let value = if r.kind()? == Kind::String {
            let span = r.string()?;
            Some(r.text(span))
        } else {
            None
        };
        all &= !key.is_empty() && plain(&key) && value.is_some_and(|value| plain(&value));
        Ok(())
    });
    read.is_ok() && all && pairs <= PAIRS_MAX
}

/// Names what has no place.
fn others(request: &ChatRequest, carry: &mut Carry<'_>) {
    let sampling = &request.sampling;
    let says = |value: &Option<Number>| value.as_ref().is_some_and(|value| !is(value, 0.0));
    let lost = [
        ("seed", sampling.seed.is_some()),
        ("frequency_penalty", says(&sampling.frequency_penalty)),
        ("presence_penalty", says(&sampling.presence_penalty)),
        ("n", sampling.choices.is_some_and(|choices| choices > 1)),
        ("logprobs", sampling.logprobs == Some(true)),
        (
            "top_logprobs",
            sampling.top_logprobs.is_some_and(|top| top > 0),
        ),
        ("user", request.user.is_some()),
        ("verbosity", request.verbosity.is_some()),
    ];
    for (name, _) in lost.into_iter().filter(|(_, is_lost)| *is_lost) {
        carry.lose_parameter(name);
    }
}
