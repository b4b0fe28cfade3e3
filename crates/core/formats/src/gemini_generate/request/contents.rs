//! Reads the turns: contents of one speaker in a row are one, since clients that collect
//! a stream keep each piece as a content, and results find the calls they answer.

use tollgate_wire::json::Reader;

use crate::exchange::{ChatRequest, Message, Part, Role};
use crate::format::DecodeError;
use crate::gemini_generate::parts::{Content, Piece, into_parts, read_content};
use crate::gemini_generate::{ids, kept};
use crate::read;

/// What ids that are made for a request have in the place of an answer's.
const STEM: &str = "turn";

/// A call without a result so far.
struct Open {
    id: String,
    name: String,
}

/// The state of the reading.
#[derive(Default)]
struct Turns {
    messages: Vec<Message>,
    open: Vec<Open>,
    made: usize,
}

pub(super) fn read(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let mut turns = Turns::default();
    r.array(|r, index| {
        let content = read_content(r, &mut request.unread)?;
        turns.add(content, index)
    })?;
    request.messages = turns.messages;
    Ok(())
}

impl Turns {
    fn add(&mut self, content: Content, index: u32) -> Result<(), DecodeError> {
        match content.role.as_deref() {
            Some("model") => self.model(content.pieces),
            None | Some("" | "user" | "function" | "tool") => self.user(content.pieces),
            Some(_) => {
                return Err(read::shape(
                    format!("contents[{index}].role"),
                    "expected user or model",
                ));
            }
        }
        Ok(())
    }

    fn model(&mut self, pieces: Vec<Piece>) {
        let goes_on = self
            .messages
            .last()
            .is_some_and(|last| last.role == Role::Assistant);
        if !goes_on {
            self.open.clear();
            self.messages.push(message(Role::Assistant));
        }
        let mut is_first = true;
        for mut piece in pieces {
            if let Part::ToolCall(call) = &mut piece.part {
                if call.id.is_empty() {
                    call.id = self.make();
                }
                self.open.push(Open {
                    id: call.id.clone(),
                    name: call.name.clone(),
                });
            }
            for part in into_parts(piece, kept::read) {
                let Some(turn) = self.messages.last_mut() else {
                    continue;
                };
                if goes_on && is_first {
                    join(&mut turn.parts, part);
                } else {
                    turn.parts.push(part);
                }
                is_first = false;
            }
        }
    }

    /// Results are turns of their own in the canonical model, in the order written.
    fn user(&mut self, pieces: Vec<Piece>) {
        let first = self.messages.len();
        for mut piece in pieces {
            let mut role = Role::User;
            if let Part::ToolResult(result) = &mut piece.part {
                role = Role::Tool;
                result.call_id = self.answered(&piece.function, &result.call_id);
            }
            for part in into_parts(piece, kept::read) {
                match self.messages.get_mut(first..).and_then(<[_]>::last_mut) {
                    Some(last) if last.role == role => last.parts.push(part),
                    _ => self.messages.push(Message {
                        parts: vec![part],
                        ..message(role)
                    }),
                }
            }
        }
        if self.messages.len() == first {
            self.messages.push(message(Role::User));
        }
    }

    /// The call that a result answers: by its id, else the first of its name.
    fn answered(&mut self, function: &str, id: &str) -> String {
        let fits = |open: &Open| {
            if id.is_empty() {
                open.name == function
            } else {
                open.id == id
            }
        };
        match self.open.iter().position(fits) {
            Some(at) => self.open.remove(at).id,
            None if id.is_empty() => self.make(),
            None => id.to_owned(),
        }
    }

    fn make(&mut self) -> String {
        self.made += 1;
        ids::made(STEM, 0, self.made)
    }
}

const fn message(role: Role) -> Message {
    Message {
        role,
        name: None,
        parts: Vec::new(),
    }
}

/// Goes on with what the last content of the speaker ended with.
fn join(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
        (Some(Part::Reasoning(before)), Part::Reasoning(thought)) if !before.is_bound() => {
            before.text.push_str(&thought.text);
            before.signature = thought.signature;
            before.encrypted = thought.encrypted;
            before.id = before.id.take().or(thought.id);
        }
        (_, part) => parts.push(part),
    }
}
