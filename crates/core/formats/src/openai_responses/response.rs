//! Whole answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use super::finish;
use super::items::{Side, item, write_items};
use crate::exchange::{ChatAnswer, Choice, Finish, Part};
use crate::format::{AnswerOptions, DecodeError, FormatId};
use crate::loss::{Carry, Losses};
use crate::openai::usage;
use crate::read;
use crate::write::{self, Object};

/// Members of an answer that repeat the request, or name this format.
pub(super) const ECHO: &[&str] = &[
    "object",
    "background",
    "billing",
    "completed_at",
    "conversation",
    "frequency_penalty",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "output_text",
    "parallel_tool_calls",
    "presence_penalty",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

pub(super) fn decode(body: &[u8]) -> Result<ChatAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = ChatAnswer {
        origin: Some(FormatId::OpenaiResponses),
        ..ChatAnswer::default()
    };
    let mut choice = Choice::default();
    let (mut status, mut reason, mut output) = (None, None, None);
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => answer.id = read::string(r)?.unwrap_or_default(),
            "model" => answer.model = read::string(r)?.unwrap_or_default(),
            "created_at" => answer.created_unix_s = read::whole_if(r)?,
            "status" => status = read::string(r)?,
            "incomplete_details" => reason = incomplete_reason(r)?,
            "output" => {
                r.array(|r, index| {
                    let mut item = item(r, index, &mut answer.unread)?;
                    choice.parts.append(&mut item.parts);
                    choice.logprobs.append(&mut item.logprobs);
                    Ok::<_, DecodeError>(())
                })?;
                output = Some(());
            }
            "usage" => answer.usage = usage::read(r)?,
            "service_tier" => answer.service_tier = read::string(r)?,
            "error" => {}
            echo if ECHO.contains(&echo) => {}
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    output.ok_or_else(|| read::shape("output", "missing"))?;
    let has_calls = choice
        .parts
        .iter()
        .any(|part| matches!(part, Part::ToolCall(_)));
    choice.finish = finish::of(status.as_deref(), reason.as_deref(), has_calls);
    answer.choices.push(choice);
    Ok(answer)
}

/// Why an answer is incomplete.
pub(super) fn incomplete_reason(r: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    let mut reason = None;
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            if key.as_str() == "reason" {
                reason = read::string(r)?;
            }
            Ok(())
        })?;
    }
    Ok(reason)
}

/// What an answer says around its items.
#[derive(Clone, Copy, Default)]
pub(super) struct Envelope<'e> {
    pub(super) id: &'e str,
    pub(super) model: &'e str,
    pub(super) created_unix_s: u64,
    pub(super) status: &'e str,
    /// Why it is incomplete.
    pub(super) reason: Option<&'e str>,
    /// Code and message of the error by which it failed.
    pub(super) error: Option<(&'e str, &'e str)>,
    pub(super) usage: Option<Usage>,
    pub(super) service_tier: Option<&'e str>,
}

impl Envelope<'_> {
    /// Writes the members of an answer; `output` writes its items. Those that the SDKs
    /// promise are there, as the API has them by default.
    pub(super) fn write(&self, o: &mut Object<'_>, output: impl FnOnce(&mut Object<'_>)) {
        o.string("id", self.id);
        o.string("object", "response");
        o.whole("created_at", self.created_unix_s);
        o.string("status", self.status);
        match self.error {
            Some((code, message)) => o.object("error", |o| {
                o.string("code", code);
                o.string("message", message);
            }),
            None => o.null("error"),
        }
        match self.reason {
            Some(reason) => o.object("incomplete_details", |o| o.string("reason", reason)),
            None => o.null("incomplete_details"),
        }
        o.null("instructions");
        o.null("max_output_tokens");
        o.string("model", self.model);
        output(o);
        o.bool("parallel_tool_calls", true);
        o.null("previous_response_id");
        o.object("reasoning", |o| {
            o.null("effort");
            o.null("summary");
        });
        o.optional("service_tier", self.service_tier);
        o.bool("store", false);
        o.null("temperature");
        o.object("text", |o| o.object("format", |o| o.string("type", "text")));
        o.string("tool_choice", "auto");
        o.array("tools", |_a| {});
        o.null("top_p");
        o.string("truncation", "disabled");
        match &self.usage {
            Some(usage) => usage::write_responses(o, usage),
            None => o.null("usage"),
        }
        o.null("user");
        o.object("metadata", |_o| {});
    }
}

/// The name by which an answer goes.
pub(super) const fn named<'n>(own: &'n str, fallback: &'n str) -> &'n str {
    if own.is_empty() { fallback } else { own }
}

pub(super) fn encode(answer: &ChatAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(FormatId::OpenaiResponses);
    let mut carry = Carry::new(own, &answer.unread, losses);
    if answer.choices.len() > 1 {
        carry.lose_parameter("n");
    }
    let nothing = Choice::default();
    let choice = answer.choices.first().unwrap_or(&nothing);
    let done = Finish::Stop;
    let finish = choice.finish.as_ref().unwrap_or(&done);
    let reason = finish::incomplete(finish, choice.stop_sequence.as_deref(), &mut carry);
    let id = named(&answer.id, &options.fallback_id);
    let kin = crate::openai::is_kin(answer.origin);
    let envelope = Envelope {
        id,
        model: named(&options.model, &answer.model),
        created_unix_s: answer.created_unix_s.unwrap_or(options.created_unix_s),
        status: status(reason),
        reason,
        usage: answer.usage,
        service_tier: answer.service_tier.as_deref().filter(|_| kin),
        ..Envelope::default()
    };
    let body = write::object(|o| {
        envelope.write(o, |o| {
            o.array("output", |a| {
                let side = Side::Answer(id, &choice.logprobs);
                write_items(a, &choice.parts, side, &mut carry);
            });
        });
    });
    body.into()
}

/// The status of an answer that is over.
pub(super) const fn status(reason: Option<&str>) -> &'static str {
    match reason {
        Some(_) => "incomplete",
        None => "completed",
    }
}

/// An answer that ends as OpenAI's own filter ends one: nothing said, incomplete.
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
