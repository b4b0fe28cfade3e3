//! A block of a streamed answer that is under way, and what it is once it is whole.

use crate::exchange::{Citation, Seal, TokenLogprob};
use crate::loss::{Carry, Losses};
use crate::openai::write_logprobs;
use crate::openai_responses::items::{citation, reasoning_seal, write_call, write_reasoning};
use crate::write::{self, Object};

/// What a block is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Refusal,
    Reasoning,
    Call,
}

/// A block that is under way.
#[derive(Debug)]
pub(super) struct Open {
    /// Ours.
    pub(super) block: u32,
    pub(super) kind: Kind,
    /// Index of its item on the wire.
    pub(super) output: usize,
    /// Index of its part, in a message.
    pub(super) part: usize,
    /// Id of its item.
    pub(super) item: String,
    /// The id by which a call is answered, and the tool.
    pub(super) call: (String, String),
    /// What it says so far.
    pub(super) text: String,
    /// How many characters that is.
    pub(super) chars: u64,
    pub(super) citations: Vec<Citation>,
    pub(super) logprobs: Vec<TokenLogprob>,
    pub(super) signature: Option<Seal>,
    pub(super) encrypted: Option<Seal>,
    /// Whether its summary was announced.
    pub(super) has_summary: bool,
    /// What it keeps in memory, in bytes.
    pub(super) kept: usize,
}

impl Open {
    /// A block that begins, at an item and a part.
    pub(super) fn new(
        block: u32,
        kind: Kind,
        (output, part): (usize, usize),
        item: String,
    ) -> Self {
        Self {
            block,
            kind,
            output,
            part,
            item,
            call: (String::new(), String::new()),
            text: String::new(),
            chars: 0,
            citations: Vec::new(),
            logprobs: Vec::new(),
            signature: None,
            encrypted: None,
            has_summary: false,
            kept: 0,
        }
    }

    /// The members that say where a piece belongs.
    pub(super) fn place(&self, o: &mut Object<'_>) {
        o.string("item_id", &self.item);
        o.whole("output_index", self.output as u64);
        match self.kind {
            Kind::Text | Kind::Refusal => o.whole("content_index", self.part as u64),
            Kind::Reasoning => o.whole("summary_index", 0),
            Kind::Call => {}
        }
    }

    /// The part as it is now, empty where it begins.
    pub(super) fn part(&self) -> Vec<u8> {
        write::object(|o| match self.kind {
            Kind::Refusal => {
                o.string("type", "refusal");
                o.string("refusal", &self.text);
            }
            Kind::Reasoning => {
                o.string("type", "summary_text");
                o.string("text", &self.text);
            }
            Kind::Text | Kind::Call => {
                o.string("type", "output_text");
                o.string("text", &self.text);
                // What could not be written was lost when it came.
                let mut losses = Losses::default();
                let mut carry = Carry::new(false, &Losses::default(), &mut losses);
                o.array("annotations", |a| {
                    for found in &self.citations {
                        citation(a, found, || self.chars, &mut carry);
                    }
                });
                o.array("logprobs", |a| write_logprobs(a, &self.logprobs));
            }
        })
    }

    /// The item of reasoning or of a call as it is now.
    pub(super) fn item(&self, status: &str) -> Vec<u8> {
        write::object(|o| {
            o.string("id", &self.item);
            if self.kind == Kind::Reasoning {
                o.string("type", "reasoning");
                let sealed = reasoning_seal(self.signature.as_ref(), self.encrypted.as_ref());
                write_reasoning(o, &self.text, sealed.as_deref());
                return;
            }
            o.string("type", "function_call");
            o.string("status", status);
            let (call_id, name) = &self.call;
            write_call(o, (call_id, name), &self.text);
        })
    }

    /// What it and its names keep in memory, in bytes.
    pub(super) const fn named_bytes(&self) -> usize {
        let (id, name) = &self.call;
        size_of::<Self>() + self.item.len() + id.len() + name.len()
    }
}

/// The message that is under way.
#[derive(Debug)]
pub(super) struct Message {
    /// Index of the item on the wire.
    pub(super) output: usize,
    pub(super) item: String,
    /// Its parts; one that is not whole is empty.
    pub(super) parts: Vec<Vec<u8>>,
}

impl Message {
    /// The item as it is now.
    pub(super) fn item(&self, status: &str) -> Vec<u8> {
        write::object(|o| {
            o.string("id", &self.item);
            o.string("type", "message");
            o.string("status", status);
            o.string("role", "assistant");
            o.array("content", |a| {
                self.parts
                    .iter()
                    .filter(|part| !part.is_empty())
                    .for_each(|part| a.bytes(part));
            });
        })
    }
}
