//! Whole answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use super::parts::{Place, into_parts, read_content, write_parts};
use super::{OWN, citations, finish, ids, kept, logprobs, usage};
use crate::exchange::{ChatAnswer, Choice, Finish, Part};
use crate::format::{AnswerOptions, DecodeError};
use crate::loss::{Carry, Losses};
use crate::read;
use crate::write::{self, Object};

pub(super) fn decode(body: &[u8]) -> Result<ChatAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = ChatAnswer {
        origin: Some(OWN),
        ..ChatAnswer::default()
    };
    let mut choices: Vec<(u64, Choice)> = Vec::new();
    let (mut is_answer, mut block) = (false, None);
    reader.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("candidates", Kind::Array) => {
                is_answer = true;
                r.array(|r, position| {
                    choices.push(candidate(r, u64::from(position), &mut answer.unread)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            ("promptFeedback", Kind::Object) => {
                is_answer = true;
                block = read_feedback(r, &mut answer.unread)?;
            }
            ("usageMetadata", Kind::Object) => {
                is_answer = true;
                answer.usage = usage::read(r)?;
            }
            ("responseId", _) => answer.id = read::string(r)?.unwrap_or_default(),
            ("modelVersion", _) => answer.model = read::string(r)?.unwrap_or_default(),
            ("error", _) => return Err(read::shape("error", "an error")),
            // The envelope.
            ("createTime", _) => {}
            (other, _) => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    if !is_answer {
        return Err(read::shape("candidates", "missing"));
    }
    choices.sort_by_key(|(index, _choice)| *index);
    answer.choices = choices.into_iter().map(|(_index, choice)| choice).collect();
    if let Some(word) = block.filter(|_| answer.choices.is_empty()) {
        answer.choices.push(Choice {
            finish: Some(finish::read_block(&word)),
            ..Choice::default()
        });
    }
    name_calls(&mut answer, body);
    Ok(answer)
}

/// Gives every call an id that has none.
fn name_calls(answer: &mut ChatAnswer, body: &[u8]) {
    let stem = ids::stem(&answer.id, body);
    for (choice, index) in answer.choices.iter_mut().zip(0..) {
        let calls = choice.parts.iter_mut().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        });
        for (number, call) in calls.enumerate() {
            if call.id.is_empty() {
                call.id = ids::made(&stem, index, number);
            }
        }
    }
}

fn candidate(
    r: &mut Reader<'_>,
    position: u64,
    unread: &mut Losses,
) -> Result<(u64, Choice), DecodeError> {
    let (mut index, mut choice, mut word) = (position, Choice::default(), None);
    let mut cited = citations::Met::default();
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("index", _) => index = read::whole_if(r)?.unwrap_or(position),
            ("content", Kind::Object) => {
                for piece in read_content(r, unread)?.pieces {
                    into_parts(piece, kept::own).for_each(|part| add(&mut choice.parts, part));
                }
            }
            ("finishReason", _) => word = read::string(r)?,
            ("citationMetadata", _) => cited.read(r, unread)?,
            ("groundingMetadata", _) => cited.read_grounding(r, unread)?,
            ("logprobsResult", _) => choice.logprobs = logprobs::read(r)?,
            // Told by the usage and the probabilities.
            ("tokenCount" | "avgLogprobs", _) => {}
            (other, _) => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let text = citations::text_of(&choice.parts);
    let cited = cited.finish(Some(&text));
    choice.parts.extend(cited.into_iter().map(Part::Citation));
    let has_calls = has_calls(&choice.parts);
    choice.finish = word.map(|word| finish::read_after(&word, has_calls));
    Ok((index, choice))
}

/// Adds what was said. The signature of a text goes to the thought right before it: they
/// are one to other formats, and come back in the same order.
fn add(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Reasoning(before)), Part::Reasoning(alone))
            if alone.text.is_empty() && !before.is_bound() =>
        {
            before.signature = alone.signature;
        }
        (_, part) => parts.push(part),
    }
}

fn has_calls(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::ToolCall(_)))
}

/// Why a prompt was blocked, if it was.
pub(super) fn read_feedback(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Option<String>, DecodeError> {
    let mut reason = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "blockReason" => reason = read::string(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(reason)
}

pub(super) fn encode(answer: &ChatAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(OWN);
    let mut carry = Carry::new(own, &answer.unread, losses);
    let body = write::object(|o| {
        o.array("candidates", |a| {
            for (index, choice) in answer.choices.iter().enumerate() {
                a.object(|o| write_candidate(o, index as u64, choice, &mut carry));
            }
        });
        if let Some(usage) = &answer.usage {
            usage::write(o, usage);
        }
        envelope(o, &answer.model, &answer.id, options);
    });
    body.into()
}

/// Writes who answers.
pub(super) fn envelope(o: &mut Object<'_>, model: &str, id: &str, options: &AnswerOptions) {
    let name = if options.model.is_empty() {
        model
    } else {
        &options.model
    };
    o.string("modelVersion", name);
    o.string(
        "responseId",
        if id.is_empty() {
            &options.fallback_id
        } else {
            id
        },
    );
}

fn write_candidate(o: &mut Object<'_>, index: u64, choice: &Choice, carry: &mut Carry<'_>) {
    let reason = choice.finish.as_ref().unwrap_or(&Finish::Stop);
    let said = choice
        .parts
        .iter()
        .filter(|part| !matches!(part, Part::Citation(_)));
    // A filtered answer has no content, any other has at least an empty text.
    let is_filtered = *reason == Finish::ContentFilter && choice.parts.is_empty();
    if !is_filtered {
        o.object("content", |o| {
            o.array("parts", |a| {
                if choice.parts.is_empty() {
                    a.object(|o| o.string("text", ""));
                }
                write_parts(a, said, Place::Answer, carry);
            });
            o.string("role", "model");
        });
    }
    let word = finish::write(reason, choice.stop_sequence.as_deref(), carry);
    o.string("finishReason", word);
    o.whole("index", index);
    citations::write(o, &choice.parts);
    logprobs::write(o, &choice.logprobs);
}

/// An answer that ends as Gemini's own filter ends one: nothing said, `SAFETY`.
pub(super) fn filtered(options: &AnswerOptions, usage: Usage) -> Bytes {
    let answer = ChatAnswer {
        choices: vec![Choice {
            finish: Some(Finish::ContentFilter),
            ..Choice::default()
        }],
        usage: Some(usage),
        ..ChatAnswer::default()
    };
    encode(&answer, options, &mut Losses::default())
}
