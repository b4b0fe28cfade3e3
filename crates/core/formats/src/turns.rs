//! The turns of a conversation, for formats that have the user and the model in turns.
//!
//! Such formats want the user first, no turn empty, instructions outside the turns, and the
//! results of tools at the front of the user's turn. Canonical messages come in any order.

use tollgate_wire::json::Reader;

use crate::exchange::{ChatRequest, Message, Part, Role};
use crate::format::{DecodeError, FormatId};
use crate::loss::{Carry, Loss, Losses};
use crate::read;

/// What the user says where the conversation begins with the model, or with nothing.
pub(crate) const FIRST_WORD: &str = "(continue)";

/// All that one speaker says until the other one does.
pub(crate) struct Turn<'r> {
    /// True for the model's, else it is the user's.
    pub(crate) is_model: bool,
    /// What is said; never empty.
    pub(crate) parts: Vec<&'r Part>,
}

impl Turn<'_> {
    /// The word for the speaker.
    pub(crate) const fn role(&self) -> &'static str {
        if self.is_model { "assistant" } else { "user" }
    }
}

/// A conversation in turns.
#[derive(Default)]
pub(crate) struct Turns<'r> {
    /// Instructions.
    pub(crate) system: Vec<&'r Part>,
    /// The turns, one speaker after the other.
    pub(crate) turns: Vec<Turn<'r>>,
}

impl<'r> Turns<'r> {
    /// Puts a request in turns. `says` tells whether a part says anything in the format.
    /// Reasoning stays only where a provider of `format` made it.
    pub(crate) fn of(
        request: &'r ChatRequest,
        format: FormatId,
        says: impl Fn(&Part) -> bool,
        carry: &mut Carry<'_>,
    ) -> Self {
        let mut all = Self {
            system: request.system.iter().collect(),
            turns: Vec::new(),
        };
        for message in &request.messages {
            if message.name.is_some() {
                carry.lose_parameter("name");
            }
            if message.role == Role::System {
                // There is one place for instructions, before the turns.
                carry.lose_content("system_position");
                all.system.extend(&message.parts);
                continue;
            }
            let mut parts = Vec::with_capacity(message.parts.len());
            for part in &message.parts {
                match part {
                    // Unsigned, or signed by another provider.
                    Part::Reasoning(thought) if !thought.is_bound_to(format) => {
                        carry.lose_content("reasoning");
                    }
                    // A turn must not be empty because what was in it cannot be carried.
                    Part::Other { kind, .. } if !carry.own => carry.lose(Loss::content(kind)),
                    part if says(part) => parts.push(part),
                    _ => {}
                }
            }
            all.add(message.role == Role::Assistant, parts);
        }
        all
    }

    /// Adds to the turn of the same speaker, or a new turn.
    fn add(&mut self, is_model: bool, parts: Vec<&'r Part>) {
        match self.turns.last_mut() {
            Some(last) if last.is_model == is_model => last.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => self.turns.push(Turn { is_model, parts }),
        }
    }

    /// True when somebody else than the user would begin.
    pub(crate) fn lacks_first(&self) -> bool {
        self.turns.first().is_none_or(|turn| turn.is_model)
    }
}

/// Parts of a turn with the results of tools at its front. A cache mark goes where the part
/// before it went.
pub(crate) fn results_first<'p>(parts: &[&'p Part]) -> Vec<&'p Part> {
    let (mut results, mut rest) = (Vec::with_capacity(parts.len()), Vec::new());
    let mut to_results = false;
    for part in parts {
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
    results
}

/// Reads one message of such a format whose roles are `user`, `assistant` and `system`; the
/// format reads the parts.
pub(crate) fn message(
    r: &mut Reader<'_>,
    index: u32,
    request: &mut ChatRequest,
    read_content: impl Fn(&mut Reader<'_>, &mut Losses) -> Result<Vec<Part>, DecodeError>,
) -> Result<(), DecodeError> {
    let mut role = None;
    let mut parts = Vec::new();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "role" => role = read::string(r)?,
            "content" => parts = read_content(r, &mut request.unread)?,
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    let role = match role.as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        _ => {
            let place = format!("messages[{index}].role");
            return Err(read::shape(place, "missing or unknown"));
        }
    };
    split(role, parts, &mut request.messages);
    Ok(())
}

/// Adds what stands in one message of such a format as canonical messages: results of tools
/// are turns of their own there, in the order written.
fn split(role: Role, parts: Vec<Part>, messages: &mut Vec<Message>) {
    let message = |role, parts| Message {
        role,
        name: None,
        parts,
    };
    let first = messages.len();
    for part in parts {
        let last = messages.get_mut(first..).and_then(<[_]>::last_mut);
        let own = match (&part, &last) {
            (Part::ToolResult(_), _) if role == Role::User => Role::Tool,
            (Part::CacheMark(_), Some(last)) => last.role,
            _ => role,
        };
        match last {
            Some(last) if last.role == own => last.parts.push(part),
            _ => messages.push(message(own, vec![part])),
        }
    }
    if messages.len() == first {
        messages.push(message(role, Vec::new()));
    }
}
