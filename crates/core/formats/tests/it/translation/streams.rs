//! Features of streamed answers.

use tollgate_formats::exchange::{
    BlockKind, Citation, Delta, Finish, Likely, Seal, StreamEvent, TokenLogprob,
};
use tollgate_formats::{ChatFormat, FormatId, Losses};
use tollgate_types::Usage;

use super::{Cell, Passage, Probe, Row, callers_beside, cell};
use crate::collect::{Block, Said, collect};
use crate::load::{decode, encode, events};

/// The blocks of a stream, how it ends, and what else is told.
#[derive(Clone, Default)]
struct Play {
    blocks: Vec<(BlockKind, Vec<Delta>)>,
    /// Blocks whose pieces come in turns.
    interleaved: bool,
    finish: Option<Finish>,
    usage: Usage,
    more: Vec<StreamEvent>,
}

struct Feature {
    name: &'static str,
    note: &'static str,
    add: fn(&mut Play, FormatId),
    probe: Probe<Vec<StreamEvent>>,
}

pub(super) fn rows(from: &'static dyn ChatFormat) -> Vec<Row> {
    FEATURES
        .iter()
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
    let plain = Play {
        blocks: vec![(BlockKind::Text, pieces(&["hel", "lo"]))],
        usage: Usage {
            input: 20,
            output: 10,
            ..Usage::default()
        },
        ..Play::default()
    };
    let mut with = plain.clone();
    (feature.add)(&mut with, from.id());
    cell(
        &pass(&with.events(), from, to),
        &pass(&plain.events(), from, to),
        feature.probe,
    )
}

fn pass(
    canonical: &[StreamEvent],
    from: &dyn ChatFormat,
    to: FormatId,
) -> Passage<Vec<StreamEvent>> {
    let (said, unsaid) = encode(from.id(), canonical);
    let before = decode(from.id(), &events(&[said.as_bytes()]));
    let (written, losses): (String, Losses) = encode(to, &before);
    let after = decode(to, &events(&[written.as_bytes()]));
    Passage {
        before: unsaid.is_empty().then_some(before),
        said: said.into_bytes(),
        after,
        written: written.into_bytes(),
        losses,
    }
}

impl Play {
    fn events(&self) -> Vec<StreamEvent> {
        let mut out = vec![StreamEvent::Start {
            id: "a-1".to_owned(),
            model: "m".to_owned(),
            usage: None,
        }];
        let mut blocks: Vec<Vec<StreamEvent>> = (0..)
            .zip(&self.blocks)
            .map(|(block, (kind, deltas))| {
                let mut events = vec![StreamEvent::BlockStart {
                    choice: 0,
                    block,
                    kind: kind.clone(),
                }];
                events.extend(deltas.iter().map(|delta| StreamEvent::Delta {
                    choice: 0,
                    block,
                    delta: delta.clone(),
                }));
                events.push(StreamEvent::BlockEnd { choice: 0, block });
                events
            })
            .collect();
        if self.interleaved {
            while blocks.iter().any(|block| !block.is_empty()) {
                for block in blocks.iter_mut().filter(|block| !block.is_empty()) {
                    out.push(block.remove(0));
                }
            }
        } else {
            out.extend(blocks.into_iter().flatten());
        }
        out.extend(self.more.iter().cloned());
        out.extend([
            StreamEvent::Finish {
                choice: 0,
                reason: self.finish.clone().unwrap_or(Finish::Stop),
                stop_sequence: None,
            },
            StreamEvent::Usage(self.usage),
            StreamEvent::End,
        ]);
        out
    }
}

fn pieces(texts: &[&str]) -> Vec<Delta> {
    texts
        .iter()
        .map(|text| Delta::Text((*text).to_owned()))
        .collect()
}

fn call(id: &str) -> (BlockKind, Vec<Delta>) {
    let kind = BlockKind::ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        signature: None,
    };
    let arguments = ["{\"q\":", "\"x\"}"].map(|piece| Delta::Arguments(piece.to_owned()));
    (kind, arguments.to_vec())
}

fn said(events: &[StreamEvent]) -> Said {
    collect(events)
}

fn block(events: &[StreamEvent], is: impl Fn(&BlockKind) -> bool) -> Option<Block> {
    said(events)
        .blocks
        .into_iter()
        .find(|block| is(&block.kind))
}

fn calls(events: &[StreamEvent]) -> Vec<String> {
    let blocks = said(events).blocks.into_iter();
    let calls = blocks.filter_map(|block| match block.kind {
        BlockKind::ToolCall { name, .. } => Some(format!("{name} {}", block.text)),
        _ => None,
    });
    calls.collect()
}

/// What a seal's maker gets back.
fn sealed(text: &str) -> Option<String> {
    Some(text.rsplit('.').next().unwrap_or_default().to_owned()).filter(|text| !text.is_empty())
}

static FEATURES: &[Feature] = &[
    Feature {
        name: "text in pieces",
        note: "",
        add: |play, _| play.blocks[0].1 = pieces(&["good", " day"]),
        probe: |events| {
            block(events, |kind| *kind == BlockKind::Text)
                .map(|block| block.text)
                .filter(|text| text == "good day")
        },
    },
    Feature {
        name: "reasoning in pieces",
        note: "",
        add: |play, _| {
            play.blocks
                .insert(0, (BlockKind::Reasoning, pieces(&["be", "cause"])));
        },
        probe: |events| {
            block(events, |kind| *kind == BlockKind::Reasoning)
                .map(|block| block.text)
                .filter(|text| !text.is_empty())
        },
    },
    Feature {
        name: "signature of reasoning",
        note: "",
        add: |play, maker| {
            let mut deltas = pieces(&["because"]);
            deltas.push(Delta::Signature(Seal::new(maker, "c2ln".to_owned())));
            play.blocks.insert(0, (BlockKind::Reasoning, deltas));
        },
        probe: |events| {
            block(events, |kind| *kind == BlockKind::Reasoning)
                .and_then(|block| sealed(&block.signature))
        },
    },
    Feature {
        name: "encrypted reasoning",
        note: "",
        add: |play, maker| {
            play.blocks.insert(
                0,
                (
                    BlockKind::Reasoning,
                    vec![Delta::Encrypted(Seal::new(maker, "ZW5j".to_owned()))],
                ),
            );
        },
        probe: |events| {
            block(events, |kind| *kind == BlockKind::Reasoning)
                .and_then(|block| sealed(&block.encrypted))
        },
    },
    Feature {
        name: "tool call with arguments in pieces",
        note: "",
        add: |play, _| {
            play.blocks.push(call("call_1"));
            play.finish = Some(Finish::ToolCalls);
        },
        probe: |events| calls(events).first().cloned(),
    },
    Feature {
        name: "several tool calls, their pieces in turns",
        note: "",
        add: |play, _| {
            play.blocks = vec![call("call_1"), call("call_2")];
            play.interleaved = true;
            play.finish = Some(Finish::ToolCalls);
        },
        probe: |events| {
            Some(calls(events))
                .filter(|calls| calls.len() > 1)
                .map(|calls| format!("{calls:?}"))
        },
    },
    Feature {
        name: "refusal",
        note: "text, and the stop reason of a refusal",
        add: |play, _| {
            play.blocks = vec![(BlockKind::Refusal, pieces(&["I can", "not"]))];
            play.finish = Some(Finish::ContentFilter);
        },
        probe: |events| {
            block(events, |kind| *kind != BlockKind::Reasoning)
                .filter(|block| block.text == "I cannot")
                .map(|block| format!("{:?}", block.kind))
        },
    },
    Feature {
        name: "citation of an address",
        note: "",
        add: |play, _| {
            play.blocks[0].1.push(Delta::Citation(Citation {
                url: Some("https://h/a".to_owned()),
                title: Some("A".to_owned()),
                range: Some((0, 5)),
                ..Citation::default()
            }));
        },
        probe: |events| {
            events.iter().find_map(|event| match event {
                StreamEvent::Delta {
                    delta: Delta::Citation(citation),
                    ..
                } => Some(format!("{citation:?}")),
                _ => None,
            })
        },
    },
    Feature {
        name: "probabilities of tokens",
        note: "",
        add: |play, _| {
            let token = Likely {
                text: "hello".to_owned(),
                logprob: serde_json::Number::from_f64(-0.5).unwrap(),
            };
            play.more.push(StreamEvent::Logprobs {
                choice: 0,
                tokens: vec![TokenLogprob {
                    token,
                    top: Vec::new(),
                }],
            });
        },
        probe: |events| {
            events.iter().find_map(|event| match event {
                StreamEvent::Logprobs { tokens, .. } => Some(format!("{tokens:?}")),
                _ => None,
            })
        },
    },
    Feature {
        name: "end: the token limit",
        note: "",
        add: |play, _| play.finish = Some(Finish::Length),
        probe: |events| {
            said(events)
                .finishes
                .first()
                .map(|(_, finish)| format!("{finish:?}"))
                .filter(|finish| finish != "Stop")
        },
    },
    Feature {
        name: "end: the provider's filter",
        note: "",
        add: |play, _| play.finish = Some(Finish::ContentFilter),
        probe: |events| {
            said(events)
                .finishes
                .first()
                .map(|(_, finish)| format!("{finish:?}"))
                .filter(|finish| finish != "Stop")
        },
    },
    Feature {
        name: "usage: tokens in and out",
        note: "",
        add: |play, _| play.usage.output = 11,
        probe: |events| {
            said(events)
                .usage
                .map(|usage| format!("{} {}", usage.input, usage.output))
        },
    },
    Feature {
        name: "usage: read from the cache",
        note: "",
        add: |play, _| play.usage.cached_input = 5,
        probe: |events| {
            said(events)
                .usage
                .map(|usage| usage.cached_input)
                .filter(|n| *n > 0)
                .map(|n| n.to_string())
        },
    },
    Feature {
        name: "usage: written to the cache",
        note: "",
        add: |play, _| play.usage.cache_write_input = 5,
        probe: |events| {
            said(events)
                .usage
                .map(|usage| usage.cache_write_input)
                .filter(|n| *n > 0)
                .map(|n| n.to_string())
        },
    },
    Feature {
        name: "usage: reasoning",
        note: "",
        add: |play, _| play.usage.reasoning = 5,
        probe: |events| {
            said(events)
                .usage
                .map(|usage| usage.reasoning)
                .filter(|n| *n > 0)
                .map(|n| n.to_string())
        },
    },
];
