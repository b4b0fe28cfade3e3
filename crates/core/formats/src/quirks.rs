//! Requests as a server wants them that differs from the format it speaks.
//!
//! Whatever made a request, a caller or an encoder: its bytes are spliced, once, in one
//! pass over the members at its top. Nothing is done for servers without [`Quirk`]s.

use bytes::Bytes;
use tollgate_catalogue::Quirk;
use tollgate_wire::json::{Key, Kind, Reader};
use tollgate_wire::{Edit, Span};

use crate::format::DecodeError;
use crate::loss::{Loss, Losses};

/// A member at the top of a request: from the quote before its name to the end of its value.
#[derive(Clone, Copy, Debug)]
struct Member {
    span: Span,
    is_kept: bool,
}

/// What a request is read for, and what was found.
struct Splice<'q> {
    quirks: &'q [&'q Quirk],
    members: Vec<Member>,
    edits: Vec<Edit>,
    /// Which of the quirks' own names are there, by the index of the quirk.
    present: Vec<bool>,
    losses: &'q mut Losses,
}

/// The edits that make a request what a server with these quirks takes. Apply them before
/// any others: what they remove is not to be changed.
///
/// # Errors
/// When the body is not one JSON object.
pub fn splice(
    body: &[u8],
    quirks: &[&Quirk],
    losses: &mut Losses,
) -> Result<Vec<Edit>, DecodeError> {
    let mut splice = Splice {
        quirks,
        members: Vec::new(),
        edits: Vec::new(),
        present: vec![false; quirks.len()],
        losses,
    };
    splice.look(body)?;
    let mut reader = Reader::new(body)?;
    let object = reader.object::<DecodeError>(|r, key| splice.member(r, &key, body))?;
    reader.finish()?;
    Ok(splice.finish(object))
}

impl Splice<'_> {
    /// Notes the names by which quirks want members that are there already.
    fn look(&mut self, body: &[u8]) -> Result<(), DecodeError> {
        let wants = |quirk: &&Quirk| matches!(quirk, Quirk::Renamed(..) | Quirk::Added(..));
        if !self.quirks.iter().any(wants) {
            return Ok(());
        }
        let mut reader = Reader::new(body)?;
        reader.object::<DecodeError>(|_, key| {
            for (quirk, present) in self.quirks.iter().zip(&mut self.present) {
                *present |= match quirk {
                    Quirk::Renamed(_, to) => *to == key.as_str(),
                    Quirk::Added(name, _) => *name == key.as_str(),
                    _ => false,
                };
            }
            Ok(())
        })?;
        Ok(())
    }

    fn member(
        &mut self,
        r: &mut Reader<'_>,
        key: &Key<'_>,
        body: &[u8],
    ) -> Result<(), DecodeError> {
        let name = key.as_str();
        let quoted = key.span().quoted();
        let begin = self.edits.len();
        let mut is_kept = true;
        let mut end = None;
        for (quirk, is_present) in self.quirks.iter().zip(&self.present) {
            match **quirk {
                Quirk::Refused(refused) if refused == name => {
                    if r.kind()? != Kind::Null {
                        self.losses.add(Loss::member(name));
                    }
                    is_kept = false;
                }
                Quirk::Needless(needless) if needless == name => is_kept = false,
                // The server reads the other one, so this says nothing.
                Quirk::Renamed(from, _) if from == name && *is_present => is_kept = false,
                Quirk::Renamed(from, to) if from == name => self.edits.push(Edit {
                    span: quoted,
                    with: Bytes::from(format!("\"{to}\"")),
                }),
                Quirk::AtMost(limited, most) if limited == name && end.is_none() => {
                    end = at_most(r, (name, most), body, &mut self.edits, self.losses)?;
                }
                Quirk::NoSchema if name == "response_format" && end.is_none() => {
                    end = Some(without_schema(r, &mut self.edits, self.losses)?);
                }
                Quirk::NoDeveloper if name == "messages" && end.is_none() => {
                    end = Some(without_developer(r, &mut self.edits)?);
                }
                _ => {}
            }
        }
        let end = match end {
            Some(end) => end,
            None => r.skip()?.end,
        };
        if !is_kept {
            self.edits.truncate(begin);
        }
        self.members.push(Member {
            span: Span::new(quoted.start, end),
            is_kept,
        });
        Ok(())
    }

    /// What is removed, with one of the commas beside it, and what is added.
    fn finish(mut self, object: Span) -> Vec<Edit> {
        let remove = |span| Edit {
            span,
            with: Bytes::new(),
        };
        let last_kept = self.members.iter().rposition(|member| member.is_kept);
        let mut edits = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            let next = self.members.get(index + 1);
            if let (false, Some(next), Some(last)) = (member.is_kept, next, last_kept)
                && index < last
            {
                edits.push(remove(Span::new(member.span.start, next.span.start)));
            }
        }
        let end = self.members.last().map(|member| member.span.end);
        let kept_end = match last_kept.and_then(|last| self.members.get(last)) {
            Some(last) => Some(last.span.end),
            None => self.members.first().map(|first| first.span.start),
        };
        if let (Some(from), Some(to)) = (kept_end, end)
            && from < to
        {
            edits.push(remove(Span::new(from, to)));
        }
        let mut comma = if last_kept.is_some() { "," } else { "" };
        for (quirk, is_present) in self.quirks.iter().zip(&self.present) {
            if let (Quirk::Added(name, json), false) = (quirk, is_present) {
                edits.push(Edit {
                    span: Span::at(object.start + 1),
                    with: Bytes::from(format!("\"{name}\":{json}{comma}")),
                });
                comma = ",";
            }
        }
        edits.append(&mut self.edits);
        edits
    }
}

/// A number that is over its limit becomes the limit. The end of the value, where it was
/// read.
fn at_most(
    r: &mut Reader<'_>,
    (name, most): (&str, f64),
    body: &[u8],
    edits: &mut Vec<Edit>,
    losses: &mut Losses,
) -> Result<Option<u32>, DecodeError> {
    if r.kind()? != Kind::Number {
        return Ok(None);
    }
    let span = r.number()?;
    let text = std::str::from_utf8(span.of(body)).unwrap_or_default();
    if text.parse::<f64>().is_ok_and(|number| number > most) {
        losses.add(Loss::member(name));
        edits.push(Edit {
            span,
            with: Bytes::from(most.to_string()),
        });
    }
    Ok(Some(span.end))
}

/// `json_schema` becomes `json_object`. The end of the value.
fn without_schema(
    r: &mut Reader<'_>,
    edits: &mut Vec<Edit>,
    losses: &mut Losses,
) -> Result<u32, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(r.skip()?.end);
    }
    let mut is_schema = false;
    let span = r.object::<DecodeError>(|r, key| {
        if key.as_str() == "type" && r.kind()? == Kind::String {
            let kind = r.string()?;
            is_schema = r.text(kind) == "json_schema";
        }
        Ok(())
    })?;
    if is_schema {
        losses.add(Loss::member("response_format"));
        edits.push(Edit {
            span,
            with: Bytes::from_static(b"{\"type\":\"json_object\"}"),
        });
    }
    Ok(span.end)
}

/// The role `developer` becomes `system`. The end of the value.
fn without_developer(r: &mut Reader<'_>, edits: &mut Vec<Edit>) -> Result<u32, DecodeError> {
    if r.kind()? != Kind::Array {
        return Ok(r.skip()?.end);
    }
    let span = r.array::<DecodeError>(|r, _| {
        if r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object::<DecodeError>(|r, key| {
            if key.as_str() == "role" && r.kind()? == Kind::String {
                let role = r.string()?;
                if r.text(role) == "developer" {
                    edits.push(Edit {
                        span: role.quoted(),
                        with: Bytes::from_static(b"\"system\""),
                    });
                }
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(span.end)
}

#[cfg(test)]
mod tests;
