//! The tools that a request offers, by every name that they have.
//!
//! A caller's own tool goes by its name. A tool of the provider's goes by its type, or by
//! the member that it stands in, and no name makes it another.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};
use tollgate_wire::json::{Key, Kind, Reader, decode};
use tollgate_wire::{Span, StrSpan};

use super::words::is_word;
use super::{Field, Role, Speaker, Texts, everything, name_of, opaque, text_if, unknown};
use crate::format::DecodeError;
use crate::spelling::{camel, snake_case};

/// How a tool goes by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OfferedBy {
    /// It is the caller's own, and this is its name; or the name that the caller has for a
    /// tool of the provider's, or for a server of tools.
    Name,
    /// It is the provider's, and this is its type.
    Kind,
    /// It is the provider's, and this is the member that it stands in, which may be written
    /// in camel case or in snake case.
    Member,
    /// By nothing: what should be its name cannot be read.
    Unreadable,
}

/// One name of a tool that a request offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Which of the offered tools; names of one tool have one number.
    pub tool: u32,
    /// How it goes by the name.
    pub by: OfferedBy,
    /// The name, between its quotes; empty where it cannot be read.
    pub name: StrSpan,
}

/// The provider's search of the web: its type, and the members that offer it.
const SEARCH: &str = "web_search";
const SEARCHES: [&str; 2] = ["web_search_options", "google_search"];

impl Offered {
    /// The name in every spelling; empty where it cannot be read. Search of the web, which
    /// some formats offer in a member of its own, goes by `web_search` as well.
    #[must_use]
    pub fn spellings<'b>(&self, body: &'b [u8]) -> SmallVec<[Cow<'b, str>; 3]> {
        let Ok(name) = decode(self.name.span.of(body), self.name.escaped) else {
            return SmallVec::new();
        };
        match self.by {
            OfferedBy::Unreadable => SmallVec::new(),
            OfferedBy::Name | OfferedBy::Kind => smallvec![name],
            OfferedBy::Member => {
                let snake = snake_case(&name).into_owned();
                let mut all = smallvec![Cow::Owned(camel(&name).into_owned())];
                if SEARCHES.contains(&snake.as_str()) {
                    all.push(Cow::Borrowed(SEARCH));
                }
                all.push(Cow::Owned(snake));
                all
            }
        }
    }
}

/// Who offers tools.
const SYSTEM: Speaker = Speaker {
    role: Role::System,
    turn: 0,
};

/// Who says what stands beside the conversation.
const NOBODY: Speaker = Speaker {
    role: Role::User,
    turn: 0,
};

/// The types of tools that the caller runs; such a tool goes by its name.
const OF_CALLERS: [&str; 2] = ["function", "custom"];

impl Texts {
    /// A number for a tool that is met now.
    pub(crate) fn met_tool(&mut self) -> u32 {
        self.tools += 1;
        self.tools
    }

    /// Takes note of a name of a tool, where texts are wanted.
    pub(crate) fn offer(&mut self, tool: u32, by: OfferedBy, name: StrSpan) {
        if self.wanted {
            self.offers.push(Offered { tool, by, name });
        }
    }

    /// Takes note of a tool whose name cannot be read.
    pub(crate) fn offer_unreadable(&mut self, tool: u32) {
        let nothing = StrSpan {
            span: Span::at(0),
            escaped: false,
        };
        self.offer(tool, OfferedBy::Unreadable, nothing);
    }
}

/// Reads the name of a tool, which is a text too; true when it is one.
pub(crate) fn tool_name(
    r: &mut Reader<'_>,
    (tool, by): (u32, OfferedBy),
    (from, field): (Speaker, Field),
    texts: &mut Texts,
) -> Result<bool, DecodeError> {
    if !texts.wanted {
        return Ok(true);
    }
    match r.kind()? {
        Kind::String => {
            let name = r.string()?;
            if !is_word(&r.text(name)) {
                texts.note(name, from, field);
            }
            texts.offer(tool, by, name);
            return Ok(true);
        }
        Kind::Null => {}
        _ => {
            texts.offer_unreadable(tool);
            everything(r, from, field, texts)?;
        }
    }
    Ok(false)
}

/// Whether a member of a body offers tools, as Chat, Messages and Responses have it.
pub(crate) fn is_offer(key: &str) -> bool {
    matches!(
        key,
        "tools" | "functions" | "mcp_servers" | "web_search_options"
    )
}

/// Reads such a member.
pub(crate) fn offers(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "tools" | "functions" => tools(r, texts, tool),
        "mcp_servers" => tools(r, texts, server),
        _ => {
            if r.kind()? != Kind::Null {
                let tool = texts.met_tool();
                texts.offer(tool, OfferedBy::Member, key.span());
            }
            unknown(r, key, (NOBODY, Field::Metadata), texts)
        }
    }
}

/// Reads a list of what offers tools, each with `one`. What is no list, and is there, is a
/// tool that cannot be read.
pub(crate) fn tools(
    r: &mut Reader<'_>,
    texts: &mut Texts,
    one: fn(&mut Reader<'_>, &mut Texts) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            let (start, before) = (r.offset(), texts.counted.places.len());
            r.array(|r, _index| one(r, texts))?;
            texts.defined(before, Span::new(start, r.offset().max(start)));
            Ok(())
        }
        Kind::Null => Ok(()),
        _ => unreadable_tool(r, texts),
    }
}

/// Reads what stands where a tool should stand.
pub(crate) fn unreadable_tool(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    let tool = texts.met_tool();
    texts.offer_unreadable(tool);
    everything(r, SYSTEM, Field::ToolDescription, texts)
}

/// Reads a tool, as Chat, Messages and Responses have it.
pub(crate) fn tool(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return unreadable_tool(r, texts);
    }
    let tool = texts.met_tool();
    if !part_of_tool(r, tool, texts)? {
        texts.offer_unreadable(tool);
    }
    Ok(())
}

/// Reads the object of a tool, or the one in it that has its name; true when there is one.
fn part_of_tool(r: &mut Reader<'_>, number: u32, texts: &mut Texts) -> Result<bool, DecodeError> {
    let at = (SYSTEM, Field::ToolDescription);
    let mut is_named = false;
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("name", _) => is_named |= tool_name(r, (number, OfferedBy::Name), at, texts)?,
            ("type", Kind::String) => is_named |= tool_kind(r, number, texts)?,
            ("type", kind) => {
                if kind != Kind::Null {
                    texts.offer_unreadable(number);
                }
                unknown(r, &key, at, texts)?;
            }
            ("function" | "custom", Kind::Object) => {
                is_named |= part_of_tool(r, number, texts)?;
            }
            // Those of a namespace.
            ("tools", Kind::Array) => tools(r, texts, tool)?,
            ("description", _) => text_if(r, SYSTEM, Field::ToolDescription, texts)?,
            // The access token of an MCP server.
            ("authorization", _) => opaque(r, "authorization_token", SYSTEM, texts)?,
            _ => unknown(r, &key, at, texts)?,
        }
        Ok(())
    })?;
    Ok(is_named)
}

/// Reads the type of a tool; true when it is the provider's.
fn tool_kind(r: &mut Reader<'_>, number: u32, texts: &mut Texts) -> Result<bool, DecodeError> {
    if !texts.wanted {
        return Ok(true);
    }
    let Some(kind) = name_of(r, "type", SYSTEM, texts)? else {
        return Ok(false);
    };
    if OF_CALLERS.contains(&&*r.text(kind)) {
        return Ok(false);
    }
    texts.offer(number, OfferedBy::Kind, kind);
    Ok(true)
}

/// Reads a server of tools: its type says how it is reached.
fn server(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return unreadable_tool(r, texts);
    }
    let at = (NOBODY, Field::Metadata);
    let tool = texts.met_tool();
    let mut is_named = false;
    r.object::<DecodeError>(|r, key| {
        if key.as_str() == "name" {
            is_named |= tool_name(r, (tool, OfferedBy::Name), at, texts)?;
            return Ok(());
        }
        unknown(r, &key, at, texts)
    })?;
    if !is_named {
        texts.offer_unreadable(tool);
    }
    Ok(())
}

/// The turns and the offered tools of a body that no format describes, read as most formats
/// have them.
pub(crate) fn of_unknown(body: &[u8]) -> Result<(u32, Vec<Offered>), DecodeError> {
    let mut texts = Texts::of_request(true);
    let mut turns = 0;
    let mut reader = Reader::new(body)?;
    if reader.kind()? != Kind::Object {
        texts.offer_unreadable(0);
        return Ok((u32::MAX, texts.offers));
    }
    reader.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("messages" | "input" | "contents", Kind::Array) => {
                let mut count = 0;
                r.array::<DecodeError>(|_r, index| {
                    count = index.saturating_add(1);
                    Ok(())
                })?;
                turns = turns.max(count);
            }
            ("input", Kind::String) => turns = turns.max(1),
            ("messages" | "input" | "contents", Kind::Null) => {}
            ("messages" | "input" | "contents", _) => turns = u32::MAX,
            (name, _) if is_offer(name) => offers(r, &key, &mut texts)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((turns, texts.offers))
}
