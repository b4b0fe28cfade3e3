//! Reads one item.

use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use super::content::read_content;
use crate::exchange::{Part, Role, Seal, Thought, TokenLogprob, ToolCall, ToolResult};
use crate::format::{DecodeError, FormatId, Held};
use crate::loss::Losses;
use crate::read;

/// Stands before what was no encrypted reasoning but the signature of a readable one.
pub(super) const SIGNATURE: &str = "signature.";

/// What an item is to a conversation.
pub(in crate::openai_responses) struct Item {
    /// Whose turn it belongs to.
    pub(in crate::openai_responses) role: Role,
    /// What it holds.
    pub(in crate::openai_responses) parts: Vec<Part>,
    /// How likely its tokens were.
    pub(in crate::openai_responses) logprobs: Vec<TokenLogprob>,
}

/// The members of an item as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    role: Option<String>,
    content: Vec<Part>,
    summary: Vec<Part>,
    encrypted: Option<String>,
    id: Option<String>,
    call_id: Option<String>,
    name: Option<String>,
    arguments: Option<String>,
    output: Vec<Part>,
    logprobs: Vec<TokenLogprob>,
    /// What has no place in the canonical model, should the type have one.
    unread: Losses,
}

/// What stands in the place of encrypted reasoning.
pub(in crate::openai_responses) fn seal(text: String) -> (Option<Seal>, Option<Seal>) {
    let own = FormatId::OpenaiResponses;
    if let Some(signature) = text.strip_prefix(SIGNATURE) {
        let seal = Seal::read(own, signature.to_owned());
        if seal.maker() != own {
            return (Some(seal), None);
        }
    }
    (None, Some(Seal::read(own, text)))
}

/// Reads an item. What is no object is a text of the user's, as some servers take it.
pub(in crate::openai_responses) fn item(
    r: &mut Reader<'_>,
    index: u32,
    unread: &mut Losses,
) -> Result<Item, DecodeError> {
    if r.kind()? != Kind::Object {
        let text = read::string(r)?.map(Part::Text);
        return Ok(Item {
            role: Role::User,
            parts: text.into_iter().collect(),
            logprobs: Vec::new(),
        });
    }
    let mut met = Met::default();
    let span = r.object(|r, key| member(r, &key, &mut met))?;
    let kind = met.kind.take().unwrap_or_else(|| "message".to_owned());
    let rest = std::mem::take(&mut met.unread);
    let logprobs = std::mem::take(&mut met.logprobs);
    let json = |r: &Reader<'_>| read::raw_at(r, span);
    let (role, parts) = match known(&kind, met, index)? {
        Some(known) => {
            unread.extend(&rest);
            known
        }
        None => (role_of(&kind), vec![other(kind, json(r)?)]),
    };
    Ok(Item {
        role,
        parts,
        logprobs,
    })
}

const fn other(kind: String, json: Box<RawValue>) -> Part {
    Part::Other { kind, json }
}

/// Who has to do with an item that has no canonical form.
fn role_of(kind: &str) -> Role {
    if kind.ends_with("_output") || kind.ends_with("_response") {
        Role::Tool
    } else {
        Role::Assistant
    }
}

fn member(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string(r)?,
        "role" => met.role = read::string(r)?,
        "content" => met.content = read_content(r, &mut met.unread, &mut met.logprobs)?,
        "summary" => met.summary = read_content(r, &mut met.unread, &mut met.logprobs)?,
        "encrypted_content" => {
            met.encrypted = read::string(r)?.filter(|text| !text.is_empty());
        }
        "id" => met.id = read::string(r)?,
        "call_id" => met.call_id = read::string(r)?,
        "name" => met.name = read::string(r)?,
        "arguments" if matches!(r.kind()?, Kind::Object | Kind::Array) => {
            met.arguments = Some(read::any(r)?.get().to_owned());
        }
        "arguments" => met.arguments = read::string(r)?,
        // Items without a canonical form have outputs of many shapes; they are kept whole.
        "output" if matches!(r.kind()?, Kind::String | Kind::Array) => {
            met.output = read_content(r, &mut met.unread, &mut met.logprobs)?;
        }
        // How far the provider had come; and which of its own two voices speaks.
        "status" | "phase" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

/// Whose turn an item belongs to, and what it holds, where its type has a canonical form.
fn known(kind: &str, met: Met, index: u32) -> Result<Option<(Role, Vec<Part>)>, DecodeError> {
    Ok(Some(match kind {
        "message" => {
            let role = match met.role.as_deref() {
                Some("user") => Role::User,
                Some("assistant") => Role::Assistant,
                Some("system" | "developer") => Role::System,
                _ => return Ok(None),
            };
            (role, met.content)
        }
        "function_call" => {
            let (id, signature) = Seal::out_of_id(met.call_id.or(met.id).unwrap_or_default());
            let Some(name) = met.name else {
                return Err(read::shape(format!("input[{index}].name"), "missing"));
            };
            let call = ToolCall {
                id,
                name,
                arguments: met.arguments.unwrap_or_default(),
                signature,
            };
            (Role::Assistant, vec![Part::ToolCall(call)])
        }
        "function_call_output" => {
            let (call_id, _signature) = Seal::out_of_id(met.call_id.unwrap_or_default());
            let result = ToolResult {
                call_id,
                parts: met.output,
                is_error: false,
            };
            (Role::Tool, vec![Part::ToolResult(result)])
        }
        "reasoning" => (Role::Assistant, vec![Part::Reasoning(thought(met))]),
        "item_reference" => return Err(DecodeError::HeldByProvider(Held::Item)),
        _ => return Ok(None),
    }))
}

/// The summary is what can be read; servers without one give the reasoning itself.
fn thought(met: Met) -> Thought {
    let texts = |parts: Vec<Part>| -> Vec<String> {
        let text = |part| match part {
            Part::Text(text) => Some(text),
            _ => None,
        };
        parts.into_iter().filter_map(text).collect()
    };
    let mut said = texts(met.summary);
    if said.is_empty() {
        said = texts(met.content);
    }
    let (signature, encrypted) = met.encrypted.map_or((None, None), seal);
    let own = FormatId::OpenaiResponses;
    let is_own = encrypted.as_ref().is_some_and(|seal| seal.maker() == own);
    Thought {
        text: said.join("\n\n"),
        signature,
        encrypted,
        id: met.id.filter(|_| is_own).map(|id| Seal::new(own, id)),
    }
}
