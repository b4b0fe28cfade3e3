//! Features of whole answers.

use tollgate_formats::exchange::{
    ChatAnswer, Choice, Citation, Finish, Likely, Part, Seal, Thought, TokenLogprob, ToolCall,
};
use tollgate_formats::{Answer, ChatFormat, FormatId, Losses};
use tollgate_types::Usage;

use super::{Cell, Passage, Probe, Row, callers_beside, cell};
use crate::load::{options, read_answer};

struct Feature {
    name: &'static str,
    note: &'static str,
    add: fn(&mut ChatAnswer, FormatId),
    probe: Probe<ChatAnswer>,
}

pub(super) fn rows(from: &'static dyn ChatFormat) -> Vec<Row> {
    let features = FEATURES.iter().copied().flatten();
    features
        .map(|feature| Row {
            feature: feature.name,
            note: feature.note,
            cells: callers_beside(from)
                .map(|to| one(feature, from, to))
                .collect(),
        })
        .collect()
}

fn one(feature: &Feature, from: &'static dyn ChatFormat, to: FormatId) -> Cell {
    let plain = plain();
    let mut with = plain.clone();
    (feature.add)(&mut with, from.id());
    cell(
        &pass(&with, from, to),
        &pass(&plain, from, to),
        feature.probe,
    )
}

/// An answer of a provider of `from`, for a caller of `to`.
pub(super) fn pass(
    answer: &ChatAnswer,
    from: &dyn ChatFormat,
    to: FormatId,
) -> Passage<ChatAnswer> {
    let mut unsaid = Losses::default();
    let own = ChatAnswer {
        origin: Some(from.id()),
        ..answer.clone()
    };
    let said = from.encode_answer(&own, &options(), &mut unsaid);
    let before = from.decode_answer(&said).unwrap();
    let mut losses = Losses::default();
    let said_there = Answer::Chat(Box::new(before.clone()));
    let codec = to.format().codec();
    let written = codec.encode_answer(&said_there, &options(), &mut losses);
    let written = written.unwrap();
    Passage {
        before: unsaid.is_empty().then_some(before),
        said: said.to_vec(),
        after: read_answer(to, &written),
        written: written.to_vec(),
        losses,
    }
}

fn plain() -> ChatAnswer {
    let choice = Choice {
        parts: vec![Part::Text("hello".to_owned())],
        finish: Some(Finish::Stop),
        ..Choice::default()
    };
    let usage = Usage {
        input: 20,
        output: 10,
        ..Usage::default()
    };
    ChatAnswer {
        id: "a-1".to_owned(),
        model: "m".to_owned(),
        created_unix_s: Some(1_795_000_000),
        choices: vec![choice],
        usage: Some(usage),
        ..ChatAnswer::default()
    }
}

fn said(answer: &mut ChatAnswer) -> &mut Vec<Part> {
    &mut answer.choices[0].parts
}

fn seen(answer: &ChatAnswer, of: impl Fn(&Part) -> Option<String>) -> Option<String> {
    answer
        .choices
        .iter()
        .flat_map(|choice| &choice.parts)
        .find_map(of)
}

fn thought(answer: &ChatAnswer) -> Option<&Thought> {
    let mut parts = answer.choices.iter().flat_map(|choice| &choice.parts);
    parts.find_map(|part| match part {
        Part::Reasoning(thought) => Some(thought),
        _ => None,
    })
}

pub(super) fn call(id: &str, signature: Option<Seal>) -> Part {
    Part::ToolCall(ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: r#"{"q":"x"}"#.to_owned(),
        signature,
    })
}

fn calls(answer: &ChatAnswer) -> Vec<String> {
    let parts = answer.choices.iter().flat_map(|choice| &choice.parts);
    let calls = parts.filter_map(|part| match part {
        Part::ToolCall(call) => Some(format!("{} {}", call.name, call.arguments)),
        _ => None,
    });
    calls.collect()
}

/// A seal, whoever keeps it: what its maker would get back.
fn sealed(seal: &Seal) -> String {
    format!("{seal:?}")
        .replace(char::is_whitespace, "")
        .rsplit("text:\"")
        .next()
        .unwrap_or_default()
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn finish(answer: &ChatAnswer) -> Option<String> {
    answer.choices[0]
        .finish
        .as_ref()
        .map(|finish| format!("{finish:?}"))
}

static FEATURES: &[&[Feature]] = &[PARTS, ENDS, USAGE];

static PARTS: &[Feature] = &[
    Feature {
        name: "text",
        note: "",
        add: |answer, _| said(answer)[0] = Part::Text("good day".to_owned()),
        probe: |answer| {
            seen(answer, |part| {
                matches!(part, Part::Text(text) if text == "good day").then(String::new)
            })
        },
    },
    Feature {
        name: "reasoning",
        note: "",
        add: |answer, _| {
            said(answer).insert(0, Part::Reasoning(Thought::plain("because".to_owned())));
        },
        probe: |answer| {
            thought(answer)
                .map(|thought| thought.text.clone())
                .filter(|text| !text.is_empty())
        },
    },
    Feature {
        name: "signature of reasoning",
        note: "",
        add: |answer, maker| {
            said(answer).insert(
                0,
                Part::Reasoning(Thought {
                    signature: Some(Seal::new(maker, "c2ln".to_owned())),
                    ..Thought::plain("because".to_owned())
                }),
            );
        },
        probe: |answer| thought(answer)?.signature.as_ref().map(sealed),
    },
    Feature {
        name: "encrypted reasoning",
        note: "",
        add: |answer, maker| {
            said(answer).insert(
                0,
                Part::Reasoning(Thought {
                    encrypted: Some(Seal::new(maker, "ZW5j".to_owned())),
                    ..Thought::default()
                }),
            );
        },
        probe: |answer| thought(answer)?.encrypted.as_ref().map(sealed),
    },
    Feature {
        name: "tool call",
        note: "",
        add: |answer, _| {
            said(answer).push(call("call_1", None));
            answer.choices[0].finish = Some(Finish::ToolCalls);
        },
        probe: |answer| calls(answer).first().cloned(),
    },
    Feature {
        name: "several tool calls",
        note: "",
        add: |answer, _| {
            said(answer).extend([call("call_1", None), call("call_2", None)]);
            answer.choices[0].finish = Some(Finish::ToolCalls);
        },
        probe: |answer| {
            Some(calls(answer))
                .filter(|calls| calls.len() > 1)
                .map(|calls| format!("{calls:?}"))
        },
    },
    Feature {
        name: "refusal",
        note: "text, and the stop reason of a refusal",
        add: |answer, _| {
            *said(answer) = vec![Part::Refusal("I cannot".to_owned())];
            answer.choices[0].finish = Some(Finish::ContentFilter);
        },
        probe: |answer| {
            seen(answer, |part| match part {
                Part::Refusal(_) => Some(format!("{part:?}")),
                Part::Text(text) if text == "I cannot" => Some(text.clone()),
                _ => None,
            })
        },
    },
    Feature {
        name: "citation of an address",
        note: "",
        add: |answer, _| {
            said(answer).push(Part::Citation(Citation {
                url: Some("https://h/a".to_owned()),
                title: Some("A".to_owned()),
                range: Some((0, 5)),
                ..Citation::default()
            }));
        },
        probe: |answer| {
            seen(answer, |part| {
                matches!(part, Part::Citation(_)).then(|| format!("{part:?}"))
            })
        },
    },
    Feature {
        name: "several answers",
        note: "the first",
        add: |answer, _| {
            answer.choices.push(Choice {
                parts: vec![Part::Text("or this".to_owned())],
                finish: Some(Finish::Stop),
                ..Choice::default()
            });
        },
        probe: |answer| {
            answer
                .choices
                .get(1)
                .map(|choice| format!("{:?}", choice.parts))
        },
    },
    Feature {
        name: "probabilities of tokens",
        note: "",
        add: |answer, _| {
            let likely = |text: &str| Likely {
                text: text.to_owned(),
                logprob: serde_json::Number::from_f64(-0.5).unwrap(),
            };
            answer.choices[0].logprobs = vec![TokenLogprob {
                token: likely("hello"),
                top: vec![likely("hello")],
            }];
        },
        probe: |answer| {
            answer.choices[0]
                .logprobs
                .first()
                .map(|token| format!("{token:?}"))
        },
    },
];

static ENDS: &[Feature] = &[
    Feature {
        name: "end: the token limit",
        note: "",
        add: |answer, _| answer.choices[0].finish = Some(Finish::Length),
        probe: |answer| finish(answer).filter(|finish| finish != "Stop"),
    },
    Feature {
        name: "end: the window is full",
        note: "the token limit",
        add: |answer, _| answer.choices[0].finish = Some(Finish::WindowFull),
        probe: |answer| finish(answer).filter(|finish| finish != "Stop"),
    },
    Feature {
        name: "end: a stop text, and which",
        note: "the end, without the text",
        add: |answer, _| {
            answer.choices[0].finish = Some(Finish::StopSequence);
            answer.choices[0].stop_sequence = Some("END".to_owned());
        },
        probe: |answer| answer.choices[0].stop_sequence.clone(),
    },
    Feature {
        name: "end: tool calls",
        note: "",
        add: |answer, _| {
            said(answer).push(call("call_1", None));
            answer.choices[0].finish = Some(Finish::ToolCalls);
        },
        probe: |answer| finish(answer).filter(|finish| finish != "Stop"),
    },
    Feature {
        name: "end: the provider's filter",
        note: "",
        add: |answer, _| answer.choices[0].finish = Some(Finish::ContentFilter),
        probe: |answer| finish(answer).filter(|finish| finish != "Stop"),
    },
    Feature {
        name: "end: a pause",
        note: "the end",
        add: |answer, _| answer.choices[0].finish = Some(Finish::Pause),
        probe: |answer| finish(answer).filter(|finish| finish != "Stop"),
    },
];

static USAGE: &[Feature] = &[
    Feature {
        name: "usage: tokens in and out",
        note: "",
        add: |answer, _| answer.usage.as_mut().unwrap().output = 11,
        probe: |answer| {
            answer
                .usage
                .map(|usage| format!("{} {}", usage.input, usage.output))
        },
    },
    Feature {
        name: "usage: read from the cache",
        note: "",
        add: |answer, _| answer.usage.as_mut().unwrap().cached_input = 5,
        probe: |answer| {
            answer
                .usage
                .map(|usage| usage.cached_input)
                .filter(|n| *n > 0)
                .map(|n| n.to_string())
        },
    },
    Feature {
        name: "usage: written to the cache",
        note: "",
        add: |answer, _| answer.usage.as_mut().unwrap().cache_write_input = 5,
        probe: |answer| {
            answer
                .usage
                .map(|usage| usage.cache_write_input)
                .filter(|n| *n > 0)
                .map(|n| n.to_string())
        },
    },
    Feature {
        name: "usage: reasoning",
        note: "",
        add: |answer, _| answer.usage.as_mut().unwrap().reasoning = 5,
        probe: |answer| {
            answer
                .usage
                .map(|usage| usage.reasoning)
                .filter(|n| *n > 0)
                .map(|n| n.to_string())
        },
    },
];
