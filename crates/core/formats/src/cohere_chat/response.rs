//! Whole answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use super::assistant::{self, Assistant};
use super::{OWN, finish, logprobs};
use crate::cohere::meta;
use crate::exchange::{ChatAnswer, Choice, Finish, Seal};
use crate::format::{AnswerOptions, DecodeError};
use crate::loss::{Carry, Losses};
use crate::openai_chat::Place;
use crate::read;
use crate::write::{self, Object};

pub(super) fn decode(body: &[u8]) -> Result<ChatAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = ChatAnswer {
        origin: Some(OWN),
        ..ChatAnswer::default()
    };
    let mut choice = Choice::default();
    let mut said = None;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => answer.id = read::string(r)?.unwrap_or_default(),
            "message" if r.kind()? == Kind::Object => {
                said = Some(message(r, &mut answer.unread)?);
            }
            "finish_reason" => {
                let word = read::string(r)?;
                if word.as_deref().is_some_and(finish::is_failure) {
                    return Err(finish::failed());
                }
                choice.finish = word.as_deref().map(finish::read);
            }
            "usage" => answer.usage = meta::read(r)?,
            "logprobs" => logprobs::read(r, &mut choice.logprobs)?,
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    let said = said.ok_or_else(|| read::shape("message", "missing"))?;
    choice.parts = said.into_parts(&mut answer.unread);
    answer.choices.push(choice);
    Ok(answer)
}

fn message(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Assistant, DecodeError> {
    let mut said = Assistant::default();
    let seal = |text| Seal::new(OWN, text);
    r.object::<DecodeError>(|r, key| {
        if key.as_str() != "role" && !said.member(r, &key, seal, unread)? {
            read::unread(r, &key, unread)?;
        }
        Ok(())
    })?;
    Ok(said)
}

pub(super) fn encode(answer: &ChatAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(OWN);
    let mut carry = Carry::new(own, &answer.unread, losses);
    if answer.choices.len() > 1 {
        carry.lose_parameter("n");
    }
    let nothing = Choice::default();
    let choice = answer.choices.first().unwrap_or(&nothing);
    if logprobs::have_more(&choice.logprobs) {
        carry.lose_parameter("top_logprobs");
    }
    let reason = choice.finish.as_ref().unwrap_or(&Finish::Stop);
    let word = finish::write(reason, choice.stop_sequence.as_deref(), &mut carry).to_owned();
    let body = write::object(|o| {
        o.string("id", options.id_or(&answer.id));
        o.object("message", |o| {
            o.string("role", "assistant");
            assistant::write(o, &choice.parts, Place::Answer, &mut carry);
        });
        rest(o, &word, answer.usage.unwrap_or_default());
        if !choice.logprobs.is_empty() {
            o.array("logprobs", |a| {
                for token in &choice.logprobs {
                    a.object(|o| logprobs::write(o, token));
                }
            });
        }
    });
    body.into()
}

/// Writes how an answer ended and what it cost.
pub(super) fn rest(o: &mut Object<'_>, word: &str, usage: Usage) {
    o.string("finish_reason", word);
    meta::write_usage(o, &usage);
}

/// An answer that ends as the provider's own filter ends it: nothing said.
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
