//! Collecting the texts of a document while it is read.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};

use super::{Field, Role, TextSpan};
use crate::format::DecodeError;

/// The texts found so far.
#[derive(Default)]
pub(crate) struct Texts {
    /// Whether the places are wanted, or only the count.
    pub(crate) wanted: bool,
    /// The places.
    pub(crate) spans: Vec<TextSpan>,
    /// Raw bytes of all texts.
    pub(crate) bytes: u64,
}

impl Texts {
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// Takes note of a text. Empty texts are nothing to look at.
    pub(crate) fn add(&mut self, text: StrSpan, from: Speaker, field: Field) {
        self.bytes += text.span.len() as u64;
        if self.wanted && !text.span.is_empty() {
            self.spans.push(TextSpan {
                text,
                role: from.role,
                field,
                turn: from.turn,
            });
        }
    }

    /// Sets the role of the texts from the `first`th on, for messages whose `role`
    /// comes after their content. What a tool said stays the tool's.
    pub(crate) fn set_role(&mut self, first: usize, role: Role) {
        for span in self.spans.iter_mut().skip(first) {
            if span.role != Role::Tool {
                span.role = role;
            }
        }
    }
}

/// Who a text is from, and in which turn.
#[derive(Clone, Copy)]
pub(crate) struct Speaker {
    pub(crate) role: Role,
    pub(crate) turn: u32,
}

/// Adds the next value if it is a string; any other value is left unread.
pub(crate) fn text_if(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        texts.add(r.string()?, from, field);
    }
    Ok(())
}

/// Adds every string value of the next value, at any depth; keys are not values. A
/// number among tool inputs is a text too: a card number is one, quoted or not.
pub(crate) fn strings_of(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| strings_of(r, from, field, texts))?;
        }
        Kind::Object => {
            r.object(|r, _key| strings_of(r, from, field, texts))?;
        }
        Kind::Number if field == Field::ToolInput => {
            let span = r.skip()?;
            texts.add(
                StrSpan {
                    span,
                    escaped: false,
                },
                from,
                field,
            );
        }
        _ => text_if(r, from, field, texts)?,
    }
    Ok(())
}
