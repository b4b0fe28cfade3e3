//! The tools that a request offers, by every name that they have.
//!
//! A caller's own tool goes by its name. A tool of the provider (`bash_20250124`,
//! `web_search`) goes by its type, and no name makes it another: it is allowed by its type
//! only, and denied by either.

use std::collections::HashSet;

use tollgate_wire::json::{Error, Kind, Reader};

use super::Names;

/// The members of a body that offer tools.
pub(super) const OFFERS: [&str; 4] = ["tools", "functions", "mcp_servers", "web_search_options"];

/// The types of tools that the caller runs; such a tool goes by its name.
const OF_CALLERS: [&str; 2] = ["function", "custom"];

/// The member of a chat request that offers the provider's search of the web, and the type
/// of the tool that it is elsewhere. It goes by both.
const SEARCH: [&str; 2] = ["web_search_options", "web_search"];

/// A tool that is offered.
#[derive(Debug, Default)]
struct Tool {
    names: Vec<String>,
    /// Those that are the provider's.
    types: Vec<String>,
    is_odd: bool,
}

impl Tool {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        reader.object(|reader, key| {
            match (key.as_str(), reader.kind()?) {
                ("name", Kind::String) => {
                    let name = reader.string()?;
                    self.names.push(reader.text(name).into_owned());
                }
                ("type", Kind::String) => {
                    let written = reader.string()?;
                    let written = reader.text(written);
                    if !OF_CALLERS.contains(&&*written) {
                        self.types.push(written.into_owned());
                    }
                }
                ("name" | "type", Kind::Null) => {}
                ("name" | "type", _) => self.is_odd = true,
                ("function" | "custom", Kind::Object) => self.read(reader)?,
                _ => {}
            }
            Ok::<(), Error>(())
        })?;
        Ok(())
    }

    fn is_within(&self, names: &Names) -> bool {
        if self.is_odd || self.names.iter().any(|name| names.denies(name)) {
            return false;
        }
        let goes_by = if self.types.is_empty() {
            &self.names
        } else {
            &self.types
        };
        !goes_by.is_empty() && goes_by.iter().all(|name| names.contains(name))
    }
}

/// Whether all tools are allowed that a member of the body offers.
pub(super) fn are_within(
    names: &Names,
    member: &str,
    reader: &mut Reader<'_>,
) -> Result<bool, Error> {
    let kind = reader.kind()?;
    match member {
        _ if kind == Kind::Null => Ok(true),
        "web_search_options" => Ok(names.contains_by_any(&SEARCH)),
        "tools" | "functions" | "mcp_servers" if kind != Kind::Array => Ok(false),
        "tools" | "functions" => each(reader, |tool| tool.is_within(names)),
        // The type of a server says how it is reached.
        "mcp_servers" => each(reader, |server| {
            server.types.clear();
            server.is_within(names)
        }),
        _ => Ok(true),
    }
}

/// Whether every element is a tool that `is_fine`.
fn each(
    reader: &mut Reader<'_>,
    mut is_fine: impl FnMut(&mut Tool) -> bool,
) -> Result<bool, Error> {
    let mut all = true;
    reader.array(|reader, _| {
        let mut tool = Tool::default();
        if reader.kind()? == Kind::Object {
            tool.read(reader)?;
        }
        all &= is_fine(&mut tool);
        Ok::<(), Error>(())
    })?;
    Ok(all)
}

/// The names by which the conversation calls the provider's tools that are allowed by
/// their types.
pub(super) fn lent_names(names: &Names, body: &[u8]) -> Result<HashSet<String>, Error> {
    let mut lent = HashSet::new();
    Reader::new(body)?.object(|reader, key| {
        if key.as_str() == "tools" && reader.kind()? == Kind::Array {
            each(reader, |tool| {
                if !tool.types.is_empty() && tool.is_within(names) {
                    lent.extend(tool.names.drain(..));
                }
                true
            })?;
        }
        Ok::<(), Error>(())
    })?;
    Ok(lent)
}
