//! Reads the turns: contents of one speaker in a row are one, since clients that collect
//! a stream keep each piece as a content, and results find the calls they answer.

use std::collections::{HashMap, VecDeque};

use tollgate_wire::json::Reader;

use crate::exchange::{ChatRequest, Message, Part, Role};
use crate::format::DecodeError;
use crate::gemini_generate::parts::{Content, Piece, into_parts, read_content};
use crate::gemini_generate::{ids, kept};
use crate::read;

/// What ids that are made for a request have in the place of an answer's.
const STEM: &str = "turn";

/// The calls without a result so far. A request may have very many, so each is found
/// without a look at the others.
#[derive(Default)]
struct Open {
    /// The ids, in the order of the calls; `None` once there is a result.
    ids: Vec<Option<String>>,
    by_name: HashMap<String, VecDeque<usize>>,
    by_id: HashMap<String, VecDeque<usize>>,
}

impl Open {
    fn add(&mut self, id: &str, name: &str) {
        let at = self.ids.len();
        self.ids.push(Some(id.to_owned()));
        for (calls, key) in [(&mut self.by_name, name), (&mut self.by_id, id)] {
            calls.entry(key.to_owned()).or_default().push_back(at);
        }
    }

    fn clear(&mut self) {
        self.ids.clear();
        self.by_name.clear();
        self.by_id.clear();
    }

    /// The call that a result answers: by its id, else the first of its name.
    fn answered(&mut self, function: &str, id: &str) -> Option<String> {
        let fitting = if id.is_empty() {
            self.by_name.get_mut(function)
        } else {
            self.by_id.get_mut(id)
        };
        let fitting = fitting?;
        while let Some(at) = fitting.pop_front() {
            // A call that was answered by its id is in the row of its name still.
            let id = self.ids.get_mut(at).and_then(Option::take);
            if id.is_some() {
                return id;
            }
        }
        None
    }
}

/// The state of the reading.
#[derive(Default)]
struct Turns {
    messages: Vec<Message>,
    open: Open,
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
                self.open.add(&call.id, &call.name);
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

    /// The id of the call that a result answers; one of its own where there is no such call.
    fn answered(&mut self, function: &str, id: &str) -> String {
        match self.open.answered(function, id) {
            Some(id) => id,
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

#[cfg(test)]
mod tests {
    use super::{ChatRequest, Open, Part, Reader, read};

    fn ids(body: &str) -> Vec<String> {
        let mut request = ChatRequest::default();
        read(&mut Reader::new(body.as_bytes()).unwrap(), &mut request).unwrap();
        let parts = request.messages.iter().flat_map(|message| &message.parts);
        let results = parts.filter_map(|part| match part {
            Part::ToolResult(result) => Some(result.call_id.clone()),
            _ => None,
        });
        results.collect()
    }

    #[test]
    fn a_result_answers_the_call_of_its_id_or_the_first_of_its_name() {
        let mut open = Open::default();
        for (id, name) in [("1", "f"), ("2", "g"), ("3", "f"), ("4", "f")] {
            open.add(id, name);
        }
        let found = [
            ("f", "3"),
            ("f", ""),
            ("f", ""),
            ("f", ""),
            ("g", "9"),
            ("g", ""),
        ];
        let found = found.map(|(name, id)| open.answered(name, id));
        let expected = [Some("3"), Some("1"), Some("4"), None, None, Some("2")];
        assert_eq!(found.each_ref().map(Option::as_deref), expected);
    }

    #[test]
    fn very_many_results_find_their_calls_in_linear_time() {
        const CALLS: usize = 60_000;
        let calls: Vec<String> = (0..CALLS)
            .map(|n| format!(r#"{{"functionCall":{{"name":"f{n}"}}}}"#))
            .collect();
        let results: Vec<String> = (0..CALLS)
            .rev()
            .map(|n| format!(r#"{{"functionResponse":{{"name":"f{n}","response":{{}}}}}}"#))
            .collect();
        let body = format!(
            r#"[{{"role":"model","parts":[{}]}},{{"role":"user","parts":[{}]}}]"#,
            calls.join(","),
            results.join(",")
        );
        let ids = ids(&body);
        assert_eq!(ids.len(), CALLS);
        assert_ne!(ids[0], ids[1]);
    }
}
