//! The answer, whole and streamed: a `text_completion`, and events of the same shape.

use bytes::Bytes;
use serde::Serialize;

use crate::answer::{Answer, Choice};
use crate::ask::{Ask, Continued, Finish};
use crate::format::CREATED;
use crate::openai::response::Usage;
use crate::play::Step;

/// A whole answer, or an event of a stream. Members are in the order the API writes them.
#[derive(Debug, Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<Continuation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    system_fingerprint: &'static str,
}

#[derive(Debug, Serialize)]
struct Continuation<'a> {
    text: std::borrow::Cow<'a, str>,
    index: usize,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

impl<'a> Completion<'a> {
    fn new(ask: &'a Ask, answer: &Answer, choices: Vec<Continuation<'a>>) -> Self {
        Self {
            id: format!("cmpl-{}", answer.tag),
            object: "text_completion",
            created: CREATED,
            model: &ask.model,
            choices,
            usage: None,
            system_fingerprint: "fp_simulator",
        }
    }

    fn json(&self) -> String {
        // Strings and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn event(&self, tokens: usize) -> Step {
        Step::Write(
            Bytes::from(format!("data: {}\n\n", self.json())),
            tokens as u64,
        )
    }
}

/// The whole body.
pub(crate) fn message(ask: &Ask, answer: &Answer) -> Bytes {
    let whole = |(index, choice): (usize, &Choice)| Continuation {
        text: [echoed(ask, index), &choice.text.concat()].concat().into(),
        index,
        logprobs: None,
        finish_reason: Some(finish_reason(&choice.finish)),
    };
    let choices = answer.choices.iter().enumerate().map(whole).collect();
    let completion = Completion {
        usage: Some(Usage::new(&answer.usage)),
        ..Completion::new(ask, answer, choices)
    };
    Bytes::from(completion.json())
}

/// All events in order. Several choices take turns, an event each.
pub(crate) fn steps(ask: &Ask, answer: &Answer) -> Vec<Step> {
    let event = |index: usize, text: &str, finish: Option<&'static str>, tokens: usize| {
        let one = Continuation {
            text: text.to_owned().into(),
            index,
            logprobs: None,
            finish_reason: finish,
        };
        Completion::new(ask, answer, vec![one]).event(tokens)
    };
    let mut steps = Vec::new();
    for index in 0..answer.choices.len() {
        let echoed = echoed(ask, index);
        if !echoed.is_empty() {
            steps.push(event(index, echoed, None, 0));
        }
    }
    let longest = answer.choices.iter().map(|choice| choice.text.len()).max();
    for turn in 0..longest.unwrap_or_default() {
        for (index, choice) in answer.choices.iter().enumerate() {
            if let Some(piece) = choice.text.get(turn) {
                steps.push(event(index, piece, None, 1));
            }
        }
    }
    for (index, choice) in answer.choices.iter().enumerate() {
        let finish = finish_reason(&choice.finish);
        steps.push(event(index, "", Some(finish), 0));
    }
    if ask.include_usage {
        let last = Completion {
            usage: Some(Usage::new(&answer.usage)),
            ..Completion::new(ask, answer, Vec::new())
        };
        steps.push(last.event(0));
    }
    steps.push(Step::Write(Bytes::from_static(b"data: [DONE]\n\n"), 0));
    steps
}

/// What comes before the text of a choice.
fn echoed(ask: &Ask, index: usize) -> &str {
    let continued = ask.continued.as_ref().filter(|continued| continued.echo);
    continued.map_or("", |continued: &Continued| continued.prompt(index))
}

/// Why a text ended. What a chat would refuse is filtered here.
fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls => "stop",
        Finish::Length => "length",
        Finish::Refusal => "content_filter",
    }
}
