//! The turns of a request, as this format wants them: user and assistant in turns, the
//! user first, none empty, tool results at the front of the user's turn.

use crate::anthropic_messages::blocks::{Place, is_nothing, write_blocks};
use crate::exchange::{ChatRequest, Message, Part, Role};
use crate::format::FormatId;
use crate::loss::Carry;
use crate::write::{Array, Object};

/// What the user says where the conversation begins with the model, or with nothing.
const FIRST_WORD: &str = "(continue)";

struct Turn<'r> {
    role: &'static str,
    parts: Vec<&'r Part>,
}

/// Writes `system` and `messages`.
pub(super) fn write(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let mut system: Vec<&Part> = request.system.iter().collect();
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for message in &request.messages {
        if message.name.is_some() {
            carry.lose_parameter("name");
        }
        if message.role == Role::System {
            // There is one place for instructions, before the turns.
            carry.lose_content("system_position");
            system.extend(&message.parts);
        } else {
            add(&mut turns, message, carry);
        }
    }
    write_system(o, &system, carry);
    o.array("messages", |a| {
        if turns.first().is_none_or(|turn| turn.role == "assistant") {
            a.object(|o| {
                o.string("role", "user");
                o.string("content", FIRST_WORD);
            });
        }
        for turn in &turns {
            write_turn(a, turn, carry);
        }
    });
}

/// Adds a message to the turn of the same speaker, or as a new turn.
fn add<'r>(turns: &mut Vec<Turn<'r>>, message: &'r Message, carry: &mut Carry<'_>) {
    let role = if message.role == Role::Assistant {
        "assistant"
    } else {
        "user"
    };
    let carried = |part: &&Part| match part {
        // Unsigned, or signed by another provider.
        Part::Reasoning(thought) if !thought.is_bound_to(FormatId::AnthropicMessages) => false,
        part => !is_nothing(part, Place::Request),
    };
    if message
        .parts
        .iter()
        .any(|part| matches!(part, Part::Reasoning(_)) && !carried(&part))
    {
        carry.lose_content("reasoning");
    }
    let parts = message.parts.iter().filter(carried);
    match turns.last_mut() {
        Some(last) if last.role == role => last.parts.extend(parts),
        _ => {
            let parts: Vec<&Part> = parts.collect();
            if !parts.is_empty() {
                turns.push(Turn { role, parts });
            }
        }
    }
}

fn write_system(o: &mut Object<'_>, system: &[&Part], carry: &mut Carry<'_>) {
    match system {
        [] => {}
        [Part::Text(text)] => {
            if !text.trim().is_empty() {
                o.string("system", text);
            }
        }
        parts => {
            let texts = parts.iter().copied().filter(|part| match part {
                Part::Text(_) | Part::CacheMark(_) => true,
                _ => {
                    carry.lose_content("system");
                    false
                }
            });
            let texts: Vec<&Part> = texts.collect();
            o.array("system", |a| write_blocks(a, texts, Place::Request, carry));
        }
    }
}

fn write_turn(a: &mut Array<'_>, turn: &Turn<'_>, carry: &mut Carry<'_>) {
    a.object(|o| {
        o.string("role", turn.role);
        if let [Part::Text(text)] = turn.parts.as_slice() {
            o.string("content", text);
            return;
        }
        o.array("content", |a| {
            let (mut results, mut rest) = (Vec::new(), Vec::new());
            let mut to_results = false;
            for part in &turn.parts {
                // A cache mark goes where the part before it went.
                to_results = match part {
                    Part::ToolResult(_) => true,
                    Part::CacheMark(_) => to_results,
                    _ => false,
                };
                if to_results {
                    results.push(*part);
                } else {
                    rest.push(*part);
                }
            }
            results.append(&mut rest);
            write_blocks(a, results, Place::Request, carry);
        });
    });
}
