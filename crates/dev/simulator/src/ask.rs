//! What a request asks for, once its wire format is read.

use serde_json::Value;

use crate::directive::Directive;
use crate::fault::Fault;

/// A request in either format.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// Does the caller want a usage chunk? Only OpenAI callers are asked.
    pub(crate) include_usage: bool,
    pub(crate) choices: usize,
    pub(crate) tokens_max: Option<usize>,
    pub(crate) stop: Vec<String>,
    /// The text of the last message, without its directive.
    pub(crate) prompt: String,
    pub(crate) directive: Directive,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    /// The text of the last tool result, if the conversation ends with one.
    pub(crate) tool_result: Option<String>,
    /// Tokens of reasoning the caller's settings call for.
    pub(crate) reasoning: usize,
    /// The schema the answer must have; `Value::Null` for any object.
    pub(crate) json: Option<Value>,
    pub(crate) input_tokens: u64,
    /// What is asked of Responses alone.
    pub(crate) kept: Kept,
    /// The prompts, where texts go on and nobody takes turns.
    pub(crate) continued: Option<Continued>,
}

/// Texts that go on.
#[derive(Debug)]
pub(crate) struct Continued {
    /// Without the directive that the first may begin with.
    pub(crate) prompts: Vec<String>,
    /// How many answers each of them gets.
    pub(crate) each: usize,
    /// Does a text begin with its prompt?
    pub(crate) echo: bool,
}

impl Continued {
    /// The prompt that a choice goes on from.
    pub(crate) fn prompt(&self, choice: usize) -> &str {
        let prompt = choice.checked_div(self.each).unwrap_or_default();
        self.prompts.get(prompt).map_or("", String::as_str)
    }
}

/// What the provider is to keep, or to give to be kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Is the reasoning wanted in its encrypted form?
    pub(crate) encrypted: bool,
    /// Is the answer made while nobody waits for it?
    pub(crate) background: bool,
    /// Is it held to be asked for?
    pub(crate) store: bool,
    /// The answer that the conversation goes on from.
    pub(crate) earlier: Option<String>,
    /// The items that were sent.
    pub(crate) input: Vec<Value>,
}

impl Ask {
    /// The fault ordered by the prompt, or else by the model's name (`sim-429`, `sim-cut@3`).
    pub(crate) fn fault(&self) -> Option<Fault> {
        let by_name = || self.model.strip_prefix("sim-")?.parse().ok();
        self.directive.fault.or_else(by_name)
    }
}

/// A tool the model may call.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

/// May, must or must not a tool be called?
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    Auto,
    Never,
    Any,
    Named(String),
}

/// Why an answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    StopSequence(String),
    Length,
    ToolCalls,
    Refusal,
}

impl Finish {
    /// The word a directive uses.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "tool_calls" => Self::ToolCalls,
            "refusal" => Self::Refusal,
            _ => return None,
        })
    }
}
