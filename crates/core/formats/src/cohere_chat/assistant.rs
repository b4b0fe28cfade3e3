//! What the model said: a message of a request, or that of an answer.

use tollgate_wire::json::{Kind, Reader};

use super::OWN;
use super::citation::{self, Cited};
use super::content::{self, MakeSeal, write_text};
use super::places::Places;
use crate::exchange::{CITATIONS_MAX, Citation, Part, Thought, ToolCall};
use crate::format::DecodeError;
use crate::loss::{Carry, Loss, Losses};
use crate::openai_chat::{Place, read_call, write_call};
use crate::read;
use crate::write::{Array, Object};

/// The members of a message as they were met.
#[derive(Default)]
pub(super) struct Assistant {
    pub(super) content: Vec<Part>,
    plan: Option<String>,
    calls: Vec<Part>,
    citations: Vec<Cited>,
}

impl Assistant {
    /// Reads a member. False for one that is not known here.
    pub(super) fn member(
        &mut self,
        r: &mut Reader<'_>,
        key: &str,
        seal: MakeSeal,
        unread: &mut Losses,
    ) -> Result<bool, DecodeError> {
        match key {
            "content" => self.content = content::read(r, seal, unread)?,
            "tool_plan" => self.plan = read::string(r)?.filter(|plan| !plan.is_empty()),
            "tool_calls" if r.kind()? == Kind::Array => {
                r.array(|r, _index| {
                    self.calls.push(read_call(r, unread)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            "citations" if r.kind()? == Kind::Array => {
                r.array(|r, _index| {
                    if r.kind()? == Kind::Object {
                        self.citations.push(citation::read(r, unread)?);
                    }
                    Ok::<_, DecodeError>(())
                })?;
            }
            "tool_calls" | "citations" => read::unread(r, key, unread)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What was said, in the order in which models say it: a plan comes before its calls.
    pub(super) fn into_parts(self, unread: &mut Losses) -> Vec<Part> {
        let cited = backing(&self.content, self.citations, unread);
        let mut plan = self.plan.map(Part::Text);
        let mut parts = Vec::with_capacity(self.content.len() + self.calls.len() + 1);
        let mut cited = cited.into_iter().peekable();
        for (index, part) in self.content.into_iter().enumerate() {
            if !matches!(part, Part::Reasoning(_)) {
                parts.extend(plan.take());
            }
            let is_nothing = matches!(&part, Part::Text(text) if text.is_empty());
            if !is_nothing {
                parts.push(part);
            }
            while let Some((_index, citation)) = cited.next_if(|(of, _)| *of <= index) {
                parts.push(Part::Citation(citation));
            }
        }
        parts.extend(plan);
        parts.extend(self.calls);
        parts
    }
}

/// Citations with the part of the content that they are of, in the order of the parts. Older
/// models do not say which part it is: then it is the last text.
fn backing(content: &[Part], cited: Vec<Cited>, unread: &mut Losses) -> Vec<(usize, Citation)> {
    let is_text = |part: &Part| matches!(part, Part::Text(text) if !text.is_empty());
    let last = content.iter().rposition(is_text);
    let mut all = Vec::new();
    for one in cited {
        let named = one.content.and_then(|index| usize::try_from(index).ok());
        let named = named.filter(|index| content.get(*index).is_some_and(is_text));
        let index = named.or(last).filter(|_| one.in_text);
        let room = index.map_or(0, |_index| CITATIONS_MAX - all.len());
        if one.citations.len() > room {
            unread.add(Loss::Content("citation"));
        }
        let found = one.citations.into_iter().take(room);
        all.extend(found.map(|found| (index.unwrap_or_default(), found)));
    }
    all.sort_by_key(|(index, _)| *index);
    all
}

/// A part of the content on its way out.
enum Item<'p> {
    Text(&'p str),
    Thought(&'p Thought),
    Raw(&'p str),
}

/// Writes the members of a message after its role. What is said before calls is the plan
/// that leads to them, unless something backs it.
pub(super) fn write(o: &mut Object<'_>, parts: &[Part], place: Place, carry: &mut Carry<'_>) {
    let is_cited = parts.iter().any(|part| matches!(part, Part::Citation(_)));
    let has_calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let plans = has_calls && !is_cited;
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut citations: Vec<(u64, &str, &Citation)> = Vec::new();
    let mut calls: Vec<&ToolCall> = Vec::new();
    let mut plan = String::new();
    for part in parts {
        match part {
            Part::Text(text) | Part::Refusal(text) if text.is_empty() => {}
            Part::Text(text) | Part::Refusal(text) if plans => plan.push_str(text),
            Part::Text(text) | Part::Refusal(text) => items.push(Item::Text(text)),
            Part::Reasoning(thought) if is_told(thought, place) => {
                items.push(Item::Thought(thought));
            }
            Part::Citation(citation) => match items.last() {
                Some(Item::Text(text)) if citations.len() < CITATIONS_MAX => {
                    citations.push((items.len() as u64 - 1, *text, citation));
                }
                _ => carry.lose_content("citation"),
            },
            Part::ToolCall(call) => calls.push(call),
            Part::Other { json, .. } if carry.own => items.push(Item::Raw(json.get())),
            other => carry.lose_part(other),
        }
    }
    // Clients look at the first part of an answer that is no call.
    if items.is_empty() && calls.is_empty() {
        items.push(Item::Text(""));
    }
    if !items.is_empty() {
        o.array("content", |a| {
            items.iter().for_each(|item| write_item(a, item, place));
        });
    }
    o.optional(
        "tool_plan",
        Some(plan.as_str()).filter(|plan| !plan.is_empty()),
    );
    if !calls.is_empty() {
        o.array("tool_calls", |a| {
            calls.iter().for_each(|call| write_call(a, call, place));
        });
    }
    if !citations.is_empty() {
        o.array("citations", |a| write_citations(a, &citations));
    }
}

/// Writes citations by the part of the content that they are of, and its text.
fn write_citations(a: &mut Array<'_>, citations: &[(u64, &str, &Citation)]) {
    for of_one in citations.chunk_by(|one, next| one.0 == next.0) {
        let mut places = Places::default();
        for (index, text, citation) in of_one {
            a.object(|o| citation::write(o, citation, (*text, &mut places), *index));
        }
    }
}

/// Whether reasoning is written: a provider gets what anybody can read, and what its own
/// kind sealed.
fn is_told(thought: &Thought, place: Place) -> bool {
    place != Place::Request || !thought.is_bound() || thought.is_bound_to(OWN)
}

fn write_item(a: &mut Array<'_>, item: &Item<'_>, place: Place) {
    match item {
        Item::Text(text) => write_text(a, text),
        Item::Raw(json) => a.json(json),
        Item::Thought(thought) => a.object(|o| {
            o.string("type", "thinking");
            o.string("thinking", &thought.text);
            let seals = [
                ("signature", &thought.signature),
                ("data", &thought.encrypted),
            ];
            for (name, seal) in seals {
                let Some(seal) = seal else { continue };
                match place {
                    Place::Answer | Place::Parts => o.string(name, &seal.kept_by(OWN)),
                    Place::Request => o.optional(name, seal.known_to(OWN)),
                }
            }
        }),
    }
}
