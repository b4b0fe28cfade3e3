//! Writes a whole answer.

use bytes::Bytes;
use tollgate_types::Usage;

use super::{finish, logprobs};
use crate::exchange::{ChatAnswer, Choice, Finish, Part};
use crate::format::AnswerOptions;
use crate::loss::{Carry, Losses};
use crate::openai::usage;
use crate::write::{self, Object};

pub(super) fn encode(answer: &ChatAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let mut carry = Carry::new(false, &answer.unread, losses);
    let body = write::object(|o| {
        o.string("id", options.id_or(&answer.id));
        o.string("object", "text_completion");
        let created = answer.created_unix_s.unwrap_or(options.created_unix_s);
        o.whole("created", created);
        o.string("model", options.model_or(&answer.model));
        o.array("choices", |a| {
            for (index, one) in answer.choices.iter().enumerate() {
                a.object(|o| choice(o, index as u64, one, &mut carry));
            }
        });
        if let Some(usage) = &answer.usage {
            usage::write_chat(o, usage);
        }
    });
    body.into()
}

fn choice(o: &mut Object<'_>, index: u64, choice: &Choice, carry: &mut Carry<'_>) {
    let mut text = String::new();
    for part in &choice.parts {
        match part {
            Part::Text(words) | Part::Refusal(words) => text.push_str(words),
            other => carry.lose_part(other),
        }
    }
    o.string("text", &text);
    o.whole("index", index);
    if choice.logprobs.is_empty() {
        o.null("logprobs");
    } else {
        logprobs::write(o, &choice.logprobs, &mut 0);
    }
    let reason = choice.finish.as_ref().unwrap_or(&Finish::Stop);
    let word = finish::write(reason, choice.stop_sequence.as_deref(), carry);
    o.string("finish_reason", word);
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
