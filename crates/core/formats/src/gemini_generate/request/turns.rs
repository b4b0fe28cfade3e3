//! The turns of a request as this format wants them: none empty, the user first, all
//! results of a turn's calls together, each by the name of its function.

use std::collections::HashMap;

use super::generation::unsigned;
use crate::exchange::{ChatRequest, Message, Part, Role};
use crate::gemini_generate::OWN;
use crate::gemini_generate::parts::{Place, write_parts};
use crate::loss::{Carry, Loss};
use crate::write::{Array, Object};

/// What the user says where the conversation begins with the model, or with nothing.
const FIRST_WORD: &str = "(continue)";

struct Turn<'r> {
    role: Role,
    parts: Vec<&'r Part>,
}

/// Writes `systemInstruction` and `contents`.
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
    let calls = Calls::of(request);
    let unsigned = unsigned(&request.model).filter(|_| !carry.own);
    o.array("contents", |a| {
        if turns
            .first()
            .is_none_or(|turn| turn.role == Role::Assistant)
        {
            a.object(|o| {
                o.string("role", "user");
                o.array("parts", |a| a.object(|o| o.string("text", FIRST_WORD)));
            });
        }
        for turn in &turns {
            let names = |id: &str| calls.name(id);
            let place = Place::Request {
                unsigned,
                names: &names,
            };
            write_turn(a, turn, place, carry);
        }
    });
}

/// Adds a message as a turn; results that follow each other are one.
fn add<'r>(turns: &mut Vec<Turn<'r>>, message: &'r Message, carry: &mut Carry<'_>) {
    let parts = message.parts.iter().filter(|part| !is_nothing(part, carry));
    match turns.last_mut() {
        Some(last) if last.role == Role::Tool && message.role == Role::Tool => {
            last.parts.extend(parts);
        }
        _ => {
            let parts: Vec<&Part> = parts.collect();
            if !parts.is_empty() {
                turns.push(Turn {
                    role: message.role,
                    parts,
                });
            }
        }
    }
}

/// True for a part that has no form here, or says nothing and would be refused.
fn is_nothing(part: &Part, carry: &mut Carry<'_>) -> bool {
    match part {
        Part::Text(text) | Part::Refusal(text) => return text.is_empty(),
        Part::Reasoning(thought) if thought.text.is_empty() && !thought.is_bound_to(OWN) => {
            if thought.is_bound() {
                carry.lose_content("reasoning_signature");
            }
        }
        Part::CacheMark(_) => carry.lose_parameter("cache_control"),
        Part::Citation(_) => carry.lose_content("citation"),
        Part::Other { kind, .. } if !carry.own => carry.lose(Loss::content(kind)),
        _ => return false,
    }
    true
}

fn write_system(o: &mut Object<'_>, system: &[&Part], carry: &mut Carry<'_>) {
    let texts = system.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::CacheMark(_) => {
            carry.lose_parameter("cache_control");
            None
        }
        _ => {
            carry.lose_content("system");
            None
        }
    });
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        return;
    }
    o.object("systemInstruction", |o| {
        o.array("parts", |a| {
            for text in texts {
                a.object(|o| o.string("text", text));
            }
        });
    });
}

fn write_turn(a: &mut Array<'_>, turn: &Turn<'_>, place: Place<'_>, carry: &mut Carry<'_>) {
    let role = if turn.role == Role::Assistant {
        "model"
    } else {
        "user"
    };
    a.object(|o| {
        o.string("role", role);
        o.array("parts", |a| {
            write_parts(a, turn.parts.iter().copied(), place, carry);
        });
    });
}

/// The names of the functions by the ids of their calls.
struct Calls<'r>(HashMap<&'r str, &'r str>);

impl<'r> Calls<'r> {
    fn of(request: &'r ChatRequest) -> Self {
        let parts = request.messages.iter().flat_map(|message| &message.parts);
        let calls = parts.filter_map(|part| match part {
            Part::ToolCall(call) => Some((call.id.as_str(), call.name.as_str())),
            _ => None,
        });
        Self(calls.collect())
    }

    /// A result without a call goes by its id: older clients have the name there.
    fn name(&self, id: &str) -> String {
        self.0.get(id).copied().unwrap_or(id).to_owned()
    }
}
