//! Reasoning in a format that has no place for it.
//!
//! The text travels as `reasoning_content`, which most servers and clients of the
//! format know. What another provider needs to accept its own reasoning back, the
//! signature or the encrypted form, travels beside it as `reasoning_details` in the
//! shape that `OpenRouter` published, with `format` naming whose it is. A client that
//! sends the assistant's message back as it got it keeps the chain intact.

use tollgate_wire::json::{Kind, Reader};

use crate::FORMATS;
use crate::exchange::{Part, Seal, Thought};
use crate::format::{DecodeError, FormatId};
use crate::loss::{Loss, Losses};
use crate::read;
use crate::write::{Array, Object};

/// Whose signatures these are: the label of a format, and the published word for it. A
/// format without a word goes by its label.
const WORDS: [(&str, &str); 3] = [
    ("anthropic_messages", "anthropic-claude-v1"),
    ("gemini_generate", "google-gemini-v1"),
    ("openai_responses", "openai-responses-v1"),
];

fn word(maker: FormatId) -> &'static str {
    let label = maker.format().label();
    let known = WORDS.iter().find(|(of, _word)| *of == label);
    known.map_or(label, |(_label, word)| word)
}

/// The format by its word, whatever the version; none where no provider here is meant.
pub(super) fn maker(written: &str) -> Option<FormatId> {
    let stem = |word: &'static str| word.trim_end_matches(|c: char| c.is_ascii_digit());
    let known = WORDS
        .iter()
        .find(|(_label, word)| written.starts_with(stem(word)));
    let label = known.map_or(written, |(label, _word)| label);
    let format = FORMATS.iter().find(|format| format.label() == label);
    format.map(|format| format.id())
}

/// Whose entries without a word are: `thinking_blocks` are Anthropic's.
pub(super) fn unnamed_maker() -> Option<FormatId> {
    maker("anthropic_messages")
}

/// Reasoning blocks as they were met in `reasoning_details` or `thinking_blocks`.
#[derive(Default)]
pub(super) struct Details {
    blocks: Vec<Block>,
}

#[derive(Default)]
struct Block {
    text: String,
    signature: Option<Seal>,
    encrypted: Option<Seal>,
}

impl Details {
    /// The reasoning parts; `text` is the plain form, which counts when there is no other.
    pub(super) fn into_parts(self, text: Option<String>) -> Vec<Part> {
        let plain = |text| Part::Reasoning(Thought::plain(text));
        if self.blocks.is_empty() {
            return text
                .filter(|text| !text.is_empty())
                .map(plain)
                .into_iter()
                .collect();
        }
        let part = |block: Block| {
            Part::Reasoning(Thought {
                text: block.text,
                signature: block.signature,
                encrypted: block.encrypted,
                id: None,
            })
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
        let (mut text, mut signature, mut encrypted) = (String::new(), None, None);
        let mut maker = unnamed_maker();
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "text" | "summary" | "thinking" => text = read::string(r)?.unwrap_or_default(),
                "signature" => signature = read::string(r)?.filter(|text| !text.is_empty()),
                "data" => encrypted = read::string(r)?,
                "format" => {
                    if let Some(word) = read::string(r)? {
                        maker = self::maker(&word);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        if maker.is_none() && (signature.is_some() || encrypted.is_some()) {
            unread.add(Loss::Content("reasoning_signature"));
        }
        let seal = |text| maker.map(|maker| Seal::new(maker, text));
        let block = Block {
            text,
            signature: signature.and_then(seal),
            encrypted: encrypted.and_then(seal),
        };
        if !block.text.is_empty() || block.signature.is_some() || block.encrypted.is_some() {
            details.add(block);
        }
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}

/// Writes the members of reasoning into a message or a delta.
pub(super) fn write(o: &mut Object<'_>, thoughts: &[&Thought]) {
    let texts = thoughts.iter().map(|thought| thought.text.as_str());
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    if !texts.is_empty() {
        o.string("reasoning_content", &texts.join("\n\n"));
    }
    if thoughts.iter().any(|thought| thought.is_bound()) {
        o.array("reasoning_details", |a| {
            for (index, thought) in thoughts.iter().enumerate() {
                let Thought {
                    text,
                    signature,
                    encrypted,
                    ..
                } = thought;
                write_detail(
                    a,
                    index as u64,
                    text,
                    signature.as_ref(),
                    encrypted.as_ref(),
                );
            }
        });
    }
}

/// Writes one entry of `reasoning_details`.
pub(super) fn write_detail(
    a: &mut Array<'_>,
    index: u64,
    text: &str,
    signature: Option<&Seal>,
    encrypted: Option<&Seal>,
) {
    let seal = encrypted.or(signature);
    let maker = seal.map_or(FormatId::OpenaiChat, Seal::maker);
    let opaque = seal.and_then(|seal| seal.known_to(maker));
    a.object(|o| {
        if encrypted.is_some() {
            o.string("type", "reasoning.encrypted");
            o.optional("data", opaque);
        } else {
            o.string("type", "reasoning.text");
            o.string("text", text);
            o.optional("signature", opaque);
        }
        o.string("format", word(maker));
        o.whole("index", index);
    });
}
