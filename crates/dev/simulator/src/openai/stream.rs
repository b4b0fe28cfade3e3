//! The streamed answer: `chat.completion.chunk` events, one token each, then `[DONE]`.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::response::{Usage, finish_reason};
use crate::answer::{Answer, Call, Choice};
use crate::ask::Ask;
use crate::format::CREATED;
use crate::play::Step;

/// All chunks in order. Several choices take turns, a chunk each.
pub(crate) fn steps(ask: &Ask, answer: &Answer) -> Vec<Step> {
    let frame = Frame::new(ask, answer);
    let mut steps: Vec<_> = answer
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| frame.opening(index, choice))
        .collect();
    let mut turns: Vec<_> = answer
        .choices
        .iter()
        .map(|choice| deltas(choice).into_iter())
        .collect();
    loop {
        let before = steps.len();
        for (index, turn) in turns.iter_mut().enumerate() {
            steps.extend(
                turn.next()
                    .map(|delta| Step::Write(frame.chunk(index, &delta, None), 1)),
            );
        }
        if steps.len() == before {
            break;
        }
    }
    for (index, choice) in answer.choices.iter().enumerate() {
        let finish = finish_reason(&choice.finish);
        steps.push(Step::Write(
            frame.chunk(index, &Delta::default(), Some(finish)),
            0,
        ));
    }
    if ask.include_usage {
        steps.push(Step::Write(frame.usage(&Usage::new(&answer.usage)), 0));
    }
    steps.push(Step::Write(Bytes::from_static(b"data: [DONE]\n\n"), 0));
    steps
}

/// What one chunk adds to its choice.
#[derive(Debug, Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[CallDelta<'a>; 1]>,
}

/// The head of a call has id, type and name; the pieces after it have arguments only.
#[derive(Debug, Serialize)]
struct CallDelta<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    function: Function<'a>,
}

#[derive(Debug, Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

/// One delta per token: reasoning, text, calls.
fn deltas(choice: &Choice) -> Vec<Delta<'_>> {
    let mut all = Vec::new();
    for piece in &choice.reasoning {
        all.push(Delta {
            reasoning_content: Some(piece),
            ..Delta::default()
        });
    }
    for piece in &choice.text {
        all.push(match choice.refused {
            true => Delta {
                refusal: Some(piece),
                ..Delta::default()
            },
            false => Delta {
                content: Some(piece),
                ..Delta::default()
            },
        });
    }
    for (index, call) in choice.calls.iter().enumerate() {
        all.extend(call_deltas(index, call));
    }
    all
}

fn call_deltas(index: usize, call: &Call) -> impl Iterator<Item = Delta<'_>> {
    let head = CallDelta {
        index,
        id: Some(format!("call_{}", call.tag)),
        kind: Some("function"),
        function: Function {
            name: Some(&call.name),
            arguments: "",
        },
    };
    let pieces = call.arguments.iter().map(move |piece| CallDelta {
        index,
        id: None,
        kind: None,
        function: Function {
            name: None,
            arguments: piece,
        },
    });
    std::iter::once(head).chain(pieces).map(|call| Delta {
        tool_calls: Some([call]),
        ..Delta::default()
    })
}

/// The parts that all chunks of an answer share.
struct Frame {
    /// Up to and with `"choices":`.
    open: String,
    /// After the choices. With `include_usage` every chunk says that it has no usage yet.
    close: &'static str,
}

impl Frame {
    fn new(ask: &Ask, answer: &Answer) -> Self {
        let model = Value::from(ask.model.as_str());
        let open = format!(
            "data: {{\"id\":\"chatcmpl-{}\",\"object\":\"chat.completion.chunk\",\"created\":{CREATED},\
             \"model\":{model},\"service_tier\":\"default\",\"system_fingerprint\":\"fp_simulator\",\"choices\":",
            answer.tag
        );
        let close = if ask.include_usage {
            ",\"usage\":null}\n\n"
        } else {
            "}\n\n"
        };
        Self { open, close }
    }

    /// The first chunk of a choice: its role, and no token yet.
    fn opening(&self, index: usize, choice: &Choice) -> Step {
        #[derive(Serialize)]
        struct Opening {
            role: &'static str,
            content: Option<&'static str>,
            refusal: Option<()>,
        }
        let opening = Opening {
            role: "assistant",
            content: (!choice.text.is_empty() && !choice.refused).then_some(""),
            refusal: None,
        };
        Step::Write(self.chunk(index, &opening, None), 0)
    }

    fn chunk(&self, index: usize, delta: &impl Serialize, finish: Option<&str>) -> Bytes {
        #[derive(Serialize)]
        struct Turn<'a, D> {
            index: usize,
            delta: &'a D,
            logprobs: Option<()>,
            finish_reason: Option<&'a str>,
        }
        let turn = Turn {
            index,
            delta,
            logprobs: None,
            finish_reason: finish,
        };
        // Strings and numbers always serialise.
        let turn = serde_json::to_string(&turn).unwrap_or_default();
        Bytes::from([&self.open, "[", &turn, "]", self.close].concat())
    }

    fn usage(&self, usage: &Usage) -> Bytes {
        let usage = serde_json::to_string(usage).unwrap_or_default();
        Bytes::from(format!("{}[],\"usage\":{usage}}}\n\n", self.open))
    }
}
