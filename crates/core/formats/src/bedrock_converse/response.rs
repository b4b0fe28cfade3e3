//! Whole answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use super::blocks::{Blocks, Place, read_content};
use super::finish;
use super::{OWN, usage};
use crate::exchange::{ChatAnswer, Choice, Finish, Part};
use crate::format::{AnswerOptions, DecodeError};
use crate::loss::{Carry, Losses};
use crate::read;
use crate::write::{self, Object};

/// What stands for an answer that is withheld.
pub(super) const WITHHELD: &str = "The answer was withheld by a policy.";

pub(super) fn decode(body: &[u8]) -> Result<ChatAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = ChatAnswer {
        origin: Some(OWN),
        ..ChatAnswer::default()
    };
    let mut choice = Choice::default();
    let mut content = None;
    reader.object::<DecodeError>(|r, key| {
        let is_object = r.kind()? == Kind::Object;
        match key.as_str() {
            "output" if is_object => {
                r.object::<DecodeError>(|r, key| {
                    if key.as_str() == "message" && r.kind()? == Kind::Object {
                        message(r, &mut content, &mut answer.unread)?;
                        return Ok(());
                    }
                    read::unread(r, &key, &mut answer.unread)
                })?;
            }
            "stopReason" => choice.finish = read::string(r)?.as_deref().map(finish::read),
            "usage" => answer.usage = usage::read(r)?,
            "additionalModelResponseFields" if is_object => {
                choice.stop_sequence = more_fields(r, &mut answer.unread)?;
            }
            "serviceTier" if is_object => answer.service_tier = tier(r)?,
            // How the provider did, which is nothing of the answer.
            "metrics" | "performanceConfig" => {}
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    choice.parts = content.ok_or_else(|| read::shape("output.message.content", "missing"))?;
    answer.choices.push(choice);
    Ok(answer)
}

fn message(
    r: &mut Reader<'_>,
    content: &mut Option<Vec<Part>>,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "content" => *content = Some(read_content(r, unread)?),
            "role" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

/// Of the fields of one family of models, Claude's stop text has a place.
pub(super) fn more_fields(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Option<String>, DecodeError> {
    let mut stop_sequence = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "stop_sequence" => stop_sequence = read::string(r)?,
            _ => read::unread(r, "additionalModelResponseFields", unread)?,
        }
        Ok(())
    })?;
    Ok(stop_sequence)
}

fn tier(r: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    let mut tier = None;
    r.object::<DecodeError>(|r, key| {
        if key.as_str() == "type" {
            tier = read::string(r)?;
        }
        Ok(())
    })?;
    Ok(tier)
}

pub(super) fn encode(answer: &ChatAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(OWN);
    let mut carry = Carry::new(own, &answer.unread, losses);
    if answer.choices.len() > 1 {
        carry.lose_parameter("n");
    }
    let nothing = Choice::default();
    let choice = answer.choices.first().unwrap_or(&nothing);
    if !choice.logprobs.is_empty() {
        carry.lose_parameter("logprobs");
    }
    let mut parts = choice.parts.iter();
    let calls = parts.any(|part| matches!(part, Part::ToolCall(_)));
    let reason = choice.finish.as_ref().unwrap_or(&Finish::Stop);
    let word = finish::write(reason, calls, &mut carry).to_owned();
    let body = write::object(|o| {
        o.object("output", |o| {
            o.object("message", |o| {
                o.string("role", "assistant");
                o.array("content", |a| {
                    Blocks::new(Place::Answer, &mut carry).write(a, &choice.parts);
                });
            });
        });
        rest(o, &word, answer.usage.unwrap_or_default(), options);
        if let Some(text) = &choice.stop_sequence {
            o.object("additionalModelResponseFields", |o| {
                o.string("stop_sequence", text);
            });
        }
        if let Some(tier) = answer.service_tier.as_deref().filter(|_| own) {
            o.object("serviceTier", |o| o.string("type", tier));
        }
    });
    body.into()
}

fn rest(o: &mut Object<'_>, word: &str, used: Usage, options: &AnswerOptions) {
    o.string("stopReason", word);
    usage::write(o, &used);
    metrics(o, options);
}

/// Writes how long it took.
pub(super) fn metrics(o: &mut Object<'_>, options: &AnswerOptions) {
    o.object("metrics", |o| o.whole("latencyMs", options.elapsed_ms()));
}

/// An answer that ends as one that Bedrock's guardrail withholds: a text in its place.
pub(super) fn filtered(options: &AnswerOptions, usage: Usage) -> Bytes {
    let body = write::object(|o| {
        o.object("output", |o| {
            o.object("message", |o| {
                o.string("role", "assistant");
                o.array("content", |a| a.object(|o| o.string("text", WITHHELD)));
            });
        });
        rest(o, finish::WITHHELD, usage, options);
    });
    body.into()
}

/// A listing, in the names of the service that has one.
pub(super) fn models(models: &[&str]) -> Bytes {
    let body = write::object(|o| {
        o.array("modelSummaries", |a| {
            for model in models {
                a.object(|o| describe(o, model));
            }
        });
    });
    body.into()
}

/// One model.
pub(super) fn model(model: &str) -> Bytes {
    write::object(|o| o.object("modelDetails", |o| describe(o, model))).into()
}

fn describe(o: &mut Object<'_>, model: &str) {
    o.string("modelId", model);
    o.string("modelName", model);
}
