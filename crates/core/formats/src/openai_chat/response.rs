//! Whole answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use super::finish;
use super::parts::{Place, write_assistant};
use super::request::read_answer;
use crate::exchange::{ChatAnswer, Choice, Finish, TokenLogprob};
use crate::format::{AnswerOptions, Client, DecodeError, FormatId};
use crate::loss::{Carry, Losses};
use crate::openai::usage;
use crate::openai::{self, read_logprobs, write_logprobs};
use crate::read;
use crate::write::{self, Object};

pub(super) fn decode(body: &[u8]) -> Result<ChatAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = ChatAnswer {
        origin: Some(FormatId::OpenaiChat),
        ..ChatAnswer::default()
    };
    let mut choices: Option<Vec<(u64, Choice)>> = None;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => answer.id = read::string(r)?.unwrap_or_default(),
            "model" => answer.model = read::string(r)?.unwrap_or_default(),
            "created" => answer.created_unix_s = read::whole_if(r)?,
            "usage" => answer.usage = usage::read(r)?,
            "service_tier" => answer.service_tier = read::string(r)?,
            "choices" => {
                let mut list = Vec::new();
                r.array(|r, position| {
                    list.push(choice(r, u64::from(position), &mut answer.unread)?);
                    Ok::<_, DecodeError>(())
                })?;
                choices = Some(list);
            }
            // The envelope: it names this format and the provider's build.
            "object" | "system_fingerprint" => {}
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    let mut choices = choices.ok_or_else(|| read::shape("choices", "missing"))?;
    choices.sort_by_key(|(index, _choice)| *index);
    answer.choices = choices.into_iter().map(|(_index, choice)| choice).collect();
    Ok(answer)
}

fn choice(
    r: &mut Reader<'_>,
    position: u64,
    unread: &mut Losses,
) -> Result<(u64, Choice), DecodeError> {
    let mut index = position;
    let mut choice = Choice::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "index" => index = read::whole_if(r)?.unwrap_or(position),
            "message" if r.kind()? == Kind::Object => choice.parts = read_answer(r, unread)?,
            "logprobs" => choice.logprobs = read_choice_logprobs(r)?,
            "finish_reason" => choice.finish = read::string(r)?.as_deref().map(finish::read),
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok((index, choice))
}

pub(super) fn encode(answer: &ChatAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(FormatId::OpenaiChat);
    let kin = openai::is_kin(answer.origin);
    let mut carry = Carry::new(own, &answer.unread, losses);
    let place = match options.client {
        Client::Common => Place::Answer,
        Client::Mistral => Place::Parts,
    };
    let body = write::object(|o| {
        envelope(o, &answer.id, &answer.model, answer.created_unix_s, options);
        o.array("choices", |a| {
            for (index, choice) in answer.choices.iter().enumerate() {
                a.object(|o| write_choice(o, (index as u64, choice), place, &mut carry));
            }
        });
        match &answer.usage {
            Some(usage) => usage::write_chat(o, usage),
            // Mistral's clients read no answer without.
            None if place == Place::Parts => o.object("usage", |_unknown| {}),
            None => {}
        }
        o.optional(
            "service_tier",
            answer.service_tier.as_deref().filter(|_| kin),
        );
    });
    body.into()
}

fn envelope(
    o: &mut Object<'_>,
    id: &str,
    model: &str,
    created: Option<u64>,
    options: &AnswerOptions,
) {
    o.string("id", options.id_or(id));
    o.string("object", "chat.completion");
    o.whole("created", created.unwrap_or(options.created_unix_s));
    o.string("model", options.model_or(model));
}

fn write_choice(
    o: &mut Object<'_>,
    (index, choice): (u64, &Choice),
    place: Place,
    carry: &mut Carry<'_>,
) {
    o.whole("index", index);
    o.object("message", |o| {
        o.string("role", "assistant");
        write_assistant(o, &choice.parts, place, carry);
    });
    if choice.logprobs.is_empty() {
        o.null("logprobs");
    } else {
        o.object("logprobs", |o| write_choice_logprobs(o, &choice.logprobs));
    }
    let reason = choice.finish.as_ref().unwrap_or(&Finish::Stop);
    o.string(
        "finish_reason",
        finish::write(reason, choice.stop_sequence.as_deref(), carry),
    );
}

/// Reads the probabilities of the tokens of a choice: those of its text come before those
/// of a refusal.
pub(super) fn read_choice_logprobs(r: &mut Reader<'_>) -> Result<Vec<TokenLogprob>, DecodeError> {
    let (mut content, mut refusal) = (Vec::new(), Vec::new());
    if r.kind()? != Kind::Object {
        r.skip()?;
        return Ok(content);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "content" => content = read_logprobs(r)?,
            "refusal" => refusal = read_logprobs(r)?,
            _ => {}
        }
        Ok(())
    })?;
    content.append(&mut refusal);
    Ok(content)
}

/// Writes the probabilities of the tokens of a choice.
pub(super) fn write_choice_logprobs(o: &mut Object<'_>, tokens: &[TokenLogprob]) {
    o.array("content", |a| write_logprobs(a, tokens));
    o.null("refusal");
}

/// An answer that ends as OpenAI's own filter ends one: nothing said, `content_filter`.
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

pub(super) fn models(models: &[&str], created_unix_s: u64) -> Bytes {
    let body = write::object(|o| {
        o.string("object", "list");
        o.array("data", |a| {
            for model in models {
                a.object(|o| describe(o, model, created_unix_s));
            }
        });
    });
    body.into()
}

/// The answer to one name.
pub(super) fn model(model: &str, created_unix_s: u64) -> Bytes {
    write::object(|o| describe(o, model, created_unix_s)).into()
}

fn describe(o: &mut Object<'_>, model: &str, created_unix_s: u64) {
    o.string("id", model);
    o.string("object", "model");
    o.whole("created", created_unix_s);
    o.string("owned_by", "tollgate");
    // Mistral's clients read no model without.
    o.string("type", "base");
    o.object("capabilities", |o| o.bool("completion_chat", true));
}
