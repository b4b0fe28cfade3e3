//! The streamed answer: named events from `message_start` to `message_stop`, one token each.

use bytes::Bytes;
use serde::Serialize;

use super::response::{Block, Message, Usage, signature, stop_reason};
use crate::answer::{Answer, Choice};
use crate::ask::Ask;
use crate::play::Step;

/// The data of an event; its `type` comes first, and is the event's name too.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    MessageStart {
        message: Message<'a>,
    },
    ContentBlockStart {
        index: usize,
        content_block: Block<'a>,
    },
    Ping {},
    ContentBlockDelta {
        index: usize,
        delta: Delta<'a>,
    },
    ContentBlockStop {
        index: usize,
    },
    MessageDelta {
        delta: Ending<'a>,
        usage: Usage,
    },
    MessageStop {},
}

/// What an event adds to its block.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Delta<'a> {
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
}

#[derive(Debug, Serialize)]
struct Ending<'a> {
    stop_reason: &'static str,
    stop_sequence: Option<&'a str>,
}

impl Event<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::Ping {} => "ping",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop {} => "message_stop",
        }
    }
}

/// All events in order.
pub(crate) fn steps(ask: &Ask, answer: &Answer) -> Vec<Step> {
    let mut script = Script::default();
    let message = Message::announced(ask, answer);
    script.event(&Event::MessageStart { message }, 0);
    if let Some(choice) = answer.choices.first() {
        script.blocks(choice, &answer.tag);
        let (stop_reason, stop_sequence) = stop_reason(&choice.finish);
        let delta = Ending {
            stop_reason,
            stop_sequence,
        };
        let usage = Usage::new(&answer.usage, answer.usage.output);
        script.event(&Event::MessageDelta { delta, usage }, 0);
    }
    script.event(&Event::MessageStop {}, 0);
    script.steps
}

#[derive(Default)]
struct Script {
    steps: Vec<Step>,
    /// Blocks closed so far.
    index: usize,
}

impl Script {
    fn blocks(&mut self, choice: &Choice, tag: &str) {
        if !choice.reasoning.is_empty() {
            let (thinking, signature) = (String::new(), signature(tag));
            self.open(
                Block::Thinking {
                    thinking,
                    signature: String::new(),
                },
                0,
            );
            for thinking in &choice.reasoning {
                self.delta(Delta::Thinking { thinking }, 1);
            }
            self.delta(Delta::Signature { signature }, 0);
            self.close();
        }
        if !choice.text.is_empty() {
            self.open(
                Block::Text {
                    text: String::new(),
                },
                0,
            );
            for text in &choice.text {
                self.delta(Delta::Text { text }, 1);
            }
            self.close();
        }
        for call in &choice.calls {
            self.open(Block::tool_use(call, "{}".into()), 1);
            self.delta(Delta::InputJson { partial_json: "" }, 0);
            for partial_json in &call.arguments {
                self.delta(Delta::InputJson { partial_json }, 1);
            }
            self.close();
        }
    }

    fn open(&mut self, content_block: Block<'_>, tokens: u64) {
        let index = self.index;
        self.event(
            &Event::ContentBlockStart {
                index,
                content_block,
            },
            tokens,
        );
        if index == 0 {
            self.event(&Event::Ping {}, 0);
        }
    }

    fn delta(&mut self, delta: Delta<'_>, tokens: u64) {
        let index = self.index;
        self.event(&Event::ContentBlockDelta { index, delta }, tokens);
    }

    fn close(&mut self) {
        let index = self.index;
        self.event(&Event::ContentBlockStop { index }, 0);
        self.index += 1;
    }

    fn event(&mut self, event: &Event<'_>, tokens: u64) {
        // Strings, numbers and valid JSON always serialise.
        let data = serde_json::to_string(event).unwrap_or_default();
        let bytes = ["event: ", event.name(), "\ndata: ", &data, "\n\n"].concat();
        self.steps.push(Step::Write(Bytes::from(bytes), tokens));
    }
}
