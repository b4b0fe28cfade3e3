//! Whole answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::Reader;

use super::blocks::{Place, read_content, write_blocks};
use super::finish::{self, Said};
use super::{time, usage};
use crate::exchange::{ChatAnswer, Choice, Finish, Part};
use crate::format::{AnswerOptions, DecodeError, FormatId};
use crate::loss::{Carry, Losses};
use crate::read;
use crate::write::{self, Object};

pub(super) fn decode(body: &[u8]) -> Result<ChatAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = ChatAnswer {
        origin: Some(FormatId::AnthropicMessages),
        ..ChatAnswer::default()
    };
    let mut choice = Choice::default();
    let mut content = None;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => answer.id = read::string(r)?.unwrap_or_default(),
            "model" => answer.model = read::string(r)?.unwrap_or_default(),
            "content" => content = Some(read_content(r, &mut answer.unread)?),
            "stop_reason" => choice.finish = read::string(r)?.as_deref().map(finish::read),
            "stop_sequence" => choice.stop_sequence = read::string(r)?,
            "usage" => answer.usage = usage::read(r)?,
            "type" | "role" => {}
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    choice.parts = content.ok_or_else(|| read::shape("content", "missing"))?;
    answer.choices.push(choice);
    Ok(answer)
}

pub(super) fn encode(answer: &ChatAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(FormatId::AnthropicMessages);
    let mut carry = Carry::new(own, &answer.unread, losses);
    if answer.choices.len() > 1 {
        carry.lose_parameter("n");
    }
    let nothing = Choice::default();
    let choice = answer.choices.first().unwrap_or(&nothing);
    if !choice.logprobs.is_empty() {
        carry.lose_parameter("logprobs");
    }
    // Clients take the last block for all that was said.
    let parts = match choice.parts.split_last() {
        Some((Part::Reasoning(last), before)) if last.is_signature() && !before.is_empty() => {
            carry.lose_content("reasoning_signature");
            before
        }
        _ => &choice.parts,
    };
    let said = Said {
        call: choice
            .parts
            .iter()
            .any(|part| matches!(part, Part::ToolCall(_))),
        refusal: choice
            .parts
            .iter()
            .any(|part| matches!(part, Part::Refusal(_))),
    };
    let body = write::object(|o| {
        o.string(
            "id",
            if answer.id.is_empty() {
                &options.fallback_id
            } else {
                &answer.id
            },
        );
        o.string("type", "message");
        o.string("role", "assistant");
        o.string(
            "model",
            if options.model.is_empty() {
                &answer.model
            } else {
                &options.model
            },
        );
        o.array("content", |a| {
            write_blocks(a, parts, Place::Answer, &mut carry);
        });
        let reason = choice.finish.as_ref().unwrap_or(&Finish::Stop);
        o.string("stop_reason", finish::write(reason, said, &mut carry));
        o.string_or_null("stop_sequence", choice.stop_sequence.as_deref());
        usage::write(o, &answer.usage.unwrap_or_default());
    });
    body.into()
}

/// An answer that ends as Anthropic's own filter ends one: nothing said, `refusal`.
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
    let created_at = time::rfc3339(created_unix_s);
    let body = write::object(|o| {
        o.array("data", |a| {
            for model in models {
                a.object(|o| describe(o, model, &created_at));
            }
        });
        o.bool("has_more", false);
        o.string_or_null("first_id", models.first().copied());
        o.string_or_null("last_id", models.last().copied());
    });
    body.into()
}

/// The answer to one name.
pub(super) fn model(model: &str, created_unix_s: u64) -> Bytes {
    write::object(|o| describe(o, model, &time::rfc3339(created_unix_s))).into()
}

fn describe(o: &mut Object<'_>, model: &str, created_at: &str) {
    o.string("type", "model");
    o.string("id", model);
    o.string("display_name", model);
    o.string("created_at", created_at);
    o.string("lifecycle", "active");
}
