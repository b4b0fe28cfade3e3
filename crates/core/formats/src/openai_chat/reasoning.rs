//! Reasoning in a format that has no place for it.
//!
//! The text travels as `reasoning_content`, which most servers and clients of the
//! format know. What another provider needs to accept its own reasoning back, the
//! signature or the encrypted form, travels beside it as `reasoning_details` in the
//! shape that `OpenRouter` published, with `format` naming whose it is. A client that
//! sends the assistant's message back as it got it keeps the chain intact.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::Part;
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::read;
use crate::write::{Array, Object};

/// Whose signatures these are.
const FORMAT: &str = "anthropic-claude-v1";

/// Reasoning blocks as they were met in `reasoning_details` or `thinking_blocks`.
#[derive(Default)]
pub(super) struct Details {
    blocks: Vec<Block>,
}

#[derive(Default)]
struct Block {
    text: String,
    signature: Option<String>,
    encrypted: Option<String>,
}

impl Details {
    /// The reasoning parts; `text` is the plain form, which counts when there is no other.
    pub(super) fn into_parts(self, text: Option<String>) -> Vec<Part> {
        let plain = |text| Part::Reasoning {
            text,
            signature: None,
            encrypted: None,
        };
        if self.blocks.is_empty() {
            return text
                .filter(|text| !text.is_empty())
                .map(plain)
                .into_iter()
                .collect();
        }
        let part = |block: Block| Part::Reasoning {
            text: block.text,
            signature: block.signature,
            encrypted: block.encrypted,
        };
        self.blocks.into_iter().map(part).collect()
    }

    /// Clients that collect a stream keep its pieces apart: a block goes on until its
    /// signature.
    fn add(&mut self, block: Block) {
        let open = self
            .blocks
            .last_mut()
            .filter(|last| last.signature.is_none() && last.encrypted.is_none());
        match open {
            Some(last) if block.encrypted.is_none() => {
                last.text.push_str(&block.text);
                last.signature = block.signature;
            }
            _ => self.blocks.push(block),
        }
    }
}

/// Reads `reasoning_details`, or `LiteLLM`'s `thinking_blocks`.
pub(super) fn read_details(
    r: &mut Reader<'_>,
    details: &mut Details,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        return Ok(());
    }
    r.array(|r, _index| {
        let (mut block, mut foreign) = (Block::default(), false);
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "text" | "summary" | "thinking" => {
                    block.text = read::string(r)?.unwrap_or_default();
                }
                "signature" => block.signature = read::string(r)?.filter(|text| !text.is_empty()),
                "data" => block.encrypted = read::string(r)?,
                "format" => {
                    foreign =
                        read::string(r)?.is_some_and(|format| !format.starts_with("anthropic"));
                }
                _ => {}
            }
            Ok(())
        })?;
        if foreign && (block.signature.is_some() || block.encrypted.is_some()) {
            unread.add(Loss::Content("reasoning_signature"));
            (block.signature, block.encrypted) = (None, None);
        }
        if !block.text.is_empty() || block.signature.is_some() || block.encrypted.is_some() {
            details.add(block);
        }
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}

/// Writes the members of reasoning into a message or a delta.
pub(super) fn write(o: &mut Object<'_>, parts: &[Part]) {
    let texts = parts.iter().filter_map(text_of);
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    if !texts.is_empty() {
        o.string("reasoning_content", &texts.join("\n\n"));
    }
    if parts.iter().any(is_bound) {
        o.array("reasoning_details", |a| {
            for (index, part) in parts
                .iter()
                .filter(|part| text_of(part).is_some())
                .enumerate()
            {
                if let Part::Reasoning {
                    text,
                    signature,
                    encrypted,
                } = part
                {
                    write_detail(
                        a,
                        index as u64,
                        text,
                        signature.as_deref(),
                        encrypted.as_deref(),
                    );
                }
            }
        });
    }
}

/// Writes one entry of `reasoning_details`.
pub(super) fn write_detail(
    a: &mut Array<'_>,
    index: u64,
    text: &str,
    signature: Option<&str>,
    encrypted: Option<&str>,
) {
    a.object(|o| {
        if let Some(data) = encrypted {
            o.string("type", "reasoning.encrypted");
            o.string("data", data);
        } else {
            o.string("type", "reasoning.text");
            o.string("text", text);
            o.optional("signature", signature);
        }
        o.string("format", FORMAT);
        o.whole("index", index);
    });
}

const fn text_of(part: &Part) -> Option<&str> {
    match part {
        Part::Reasoning { text, .. } => Some(text.as_str()),
        _ => None,
    }
}

/// True for reasoning that only its own provider can read back.
pub(super) const fn is_bound(part: &Part) -> bool {
    matches!(
        part,
        Part::Reasoning {
            signature: Some(_),
            ..
        } | Part::Reasoning {
            encrypted: Some(_),
            ..
        }
    )
}
