//! Reads one chunk into the steps it holds, in order.

use tollgate_types::{Tier, Usage};
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{Seal, TokenLogprob};
use crate::format::DecodeError;
use crate::halves::Piece;
use crate::loss::{Loss, Losses};
use crate::openai::usage;
use crate::openai_chat::request::thinking;
use crate::openai_chat::{reasoning, response};
use crate::read;

/// What a chunk holds.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) choices: Vec<ChunkChoice>,
    pub(super) usage: Option<Usage>,
    pub(super) is_error: bool,
}

#[derive(Default)]
pub(super) struct ChunkChoice {
    pub(super) index: u32,
    pub(super) steps: Vec<Step>,
    pub(super) finish: Option<String>,
    pub(super) logprobs: Vec<TokenLogprob>,
}

/// One piece of a delta.
pub(super) enum Step {
    Text(Piece),
    Reasoning(Piece),
    Refusal(Piece),
    /// The end of a reasoning block: its signature, with the text of the entry that
    /// had it, which may be the whole text once more.
    Signed {
        text: Option<Piece>,
        signature: Seal,
    },
    Encrypted(Seal),
    Call(CallPiece),
}

/// A piece of a tool call.
#[derive(Default)]
pub(super) struct CallPiece {
    /// Where the call stands, if the server says so.
    pub(super) index: Option<u32>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) arguments: Piece,
}

pub(super) fn read_chunk(data: &[u8], unread: &mut Losses) -> Result<Chunk, DecodeError> {
    let mut reader = Reader::of_event(data)?;
    let mut chunk = Chunk::default();
    let mut tier = Tier::Unsaid;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => chunk.id = read::string(r)?,
            "model" => chunk.model = read::string(r)?,
            "usage" => chunk.usage = usage::read(r)?,
            "error" => chunk.is_error |= r.kind()? != Kind::Null,
            "object" => chunk.is_error |= read::string(r)?.as_deref() == Some("error"),
            "choices" if r.kind()? == Kind::Array => {
                r.array(|r, position| {
                    chunk.choices.push(choice(r, position, unread)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            // The envelope, and padding against guesses by length.
            "service_tier" => tier = read::tier_ahead(r)?,
            "created" | "system_fingerprint" | "obfuscation" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    chunk.usage = read::with_tier(chunk.usage, tier);
    Ok(chunk)
}

fn choice(
    r: &mut Reader<'_>,
    position: u32,
    unread: &mut Losses,
) -> Result<ChunkChoice, DecodeError> {
    let mut choice = ChunkChoice {
        index: position,
        ..ChunkChoice::default()
    };
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "index" => choice.index = small(r)?.unwrap_or(position),
            "delta" if r.kind()? == Kind::Object => choice.steps = delta(r, unread)?,
            "logprobs" => choice.logprobs = response::read_choice_logprobs(r)?,
            "finish_reason" => choice.finish = read::string(r)?.filter(|word| !word.is_empty()),
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(choice)
}

/// Reads a delta. Reasoning comes before text and text before calls, as models speak.
fn delta(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Vec<Step>, DecodeError> {
    let (mut plain, mut other_plain) = (None, None);
    let (mut details, mut steps, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "role" => {}
            "content" => content(r, &mut steps, unread)?,
            "reasoning_content" => plain = Piece::read(r)?,
            "reasoning" if r.kind()? == Kind::String => {
                other_plain = Piece::read(r)?;
            }
            "reasoning_details" | "thinking_blocks" => reasoning_details(r, &mut details, unread)?,
            "refusal" => steps.extend(Piece::read(r)?.map(Step::Refusal)),
            "tool_calls" if r.kind()? == Kind::Array => {
                r.array(|r, _position| {
                    calls.push(Step::Call(call(r, unread)?));
                    Ok::<_, DecodeError>(())
                })?;
            }
            "function_call" if r.kind()? == Kind::Object => {
                calls.push(Step::Call(call(r, unread)?));
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    // Servers write the same text in up to three places.
    let mut all: Vec<Step> = plain
        .or(other_plain)
        .map(Step::Reasoning)
        .into_iter()
        .collect();
    let has_plain = !all.is_empty();
    all.extend(
        details
            .into_iter()
            .filter(|step| !has_plain || !matches!(step, Step::Reasoning(_))),
    );
    all.append(&mut steps);
    all.append(&mut calls);
    Ok(all)
}

fn some_text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn content(
    r: &mut Reader<'_>,
    steps: &mut Vec<Step>,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        steps.extend(Piece::read(r)?.map(Step::Text));
        return Ok(());
    }
    r.array(|r, _index| {
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "text" => steps.extend(Piece::read(r)?.map(Step::Text)),
                "thinking" => steps.push(Step::Reasoning(thinking(r)?.into())),
                "type" => {
                    let kind = read::string(r)?.unwrap_or_default();
                    if !matches!(kind.as_str(), "text" | "thinking") {
                        unread.add(Loss::content(&kind));
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}

fn reasoning_details(
    r: &mut Reader<'_>,
    steps: &mut Vec<Step>,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        return Ok(());
    }
    r.array(|r, _index| {
        let (mut text, mut signature, mut encrypted) = (None, None, None);
        let mut maker = reasoning::unnamed_maker();
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "text" | "summary" | "thinking" => text = Piece::read(r)?,
                "signature" => signature = some_text(read::string(r)?),
                "data" => encrypted = some_text(read::string(r)?),
                "format" => {
                    if let Some(word) = read::string(r)? {
                        maker = reasoning::maker(&word);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        let seal = |text| maker.map(|maker| Seal::new(maker, text));
        if maker.is_none() && (signature.is_some() || encrypted.is_some()) {
            unread.add(Loss::Content("reasoning_signature"));
        }
        let signature = signature.and_then(seal);
        steps.extend(encrypted.and_then(seal).map(Step::Encrypted));
        steps.extend(match (text, signature) {
            (text, Some(signature)) => Some(Step::Signed { text, signature }),
            (text, None) => text.map(Step::Reasoning),
        });
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}

fn call(r: &mut Reader<'_>, unread: &mut Losses) -> Result<CallPiece, DecodeError> {
    let mut piece = CallPiece::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "index" => piece.index = small(r)?,
            "id" => piece.id = some_text(read::string(r)?),
            "function" if r.kind()? == Kind::Object => {
                r.object(|r, key| function(r, &key, &mut piece))?;
            }
            "type" => {}
            "name" | "arguments" => function(r, &key, &mut piece)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(piece)
}

fn function(r: &mut Reader<'_>, key: &str, piece: &mut CallPiece) -> Result<(), DecodeError> {
    match key {
        "name" => piece.name = some_text(read::string(r)?),
        "arguments" if matches!(r.kind()?, Kind::Object | Kind::Array) => {
            piece.arguments = read::any(r)?.get().to_owned().into();
        }
        "arguments" => piece.arguments = Piece::read(r)?.unwrap_or_default(),
        _ => {}
    }
    Ok(())
}

fn small(r: &mut Reader<'_>) -> Result<Option<u32>, DecodeError> {
    Ok(read::whole_if(r)?.and_then(|whole| u32::try_from(whole).ok()))
}
