//! What a translation could not carry.

use std::fmt;

use serde_json::value::RawValue;
use smallvec::SmallVec;

use crate::exchange::{ChatRequest, Part, Tool};
use crate::read;
use crate::view::word;
use crate::write::Object;

/// Something a target's format cannot carry.
///
/// Names are stable: they appear in `x-tollgate-loss`, in the `loss` label of the
/// metric and in `translation: strict` refusals. They are words of this program, never
/// what a caller or a provider wrote: that was read by rules, or by nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// A parameter that the target's format does not have, or not in this range
    /// (`seed`, `logit_bias`, `temperature` …).
    Parameter(&'static str),
    /// A kind of content (`audio`, `document`, `reasoning_signature` …).
    Content(&'static str),
    /// Something nobody here knows, by its place: `unknown_field`, `content.type`.
    Unknown(&'static str),
}

/// Parameters that some format documents and that another cannot carry, or that no canonical
/// field does.
const PARAMETERS: &[&str] = &[
    "audio",
    "best_of",
    "cache_control",
    "citation",
    "citation_options",
    "container",
    "context_management",
    "diagnostics",
    "dimensions",
    "documents",
    "echo",
    "embedding_types",
    "encoding_format",
    "function_call",
    "functions",
    "inference_geo",
    "input_type",
    "instruction",
    "logit_bias",
    "logprobs",
    "max_tokens_per_doc",
    "mcp_servers",
    "modalities",
    "moderation",
    "output_dtype",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "rank_fields",
    "raw_scoring",
    "relevant_spans",
    "return_documents",
    "safety_identifier",
    "safety_mode",
    "speed",
    "stop_details",
    "store",
    "strict_tools",
    "suffix",
    "title",
    "top_logprobs",
    "truncate",
    "truncation",
    "verbosity",
    "web_search_options",
];

/// Kinds of content that some format documents and that another cannot carry, or that no
/// canonical part does.
const CONTENTS: &[&str] = &[
    "audio",
    "container_upload",
    "custom",
    "document",
    "file",
    "image",
    "input_audio",
    "input_file",
    "input_image",
    "search_result",
    "server_tool_use",
    "tool_reference",
    "web_fetch_tool_result",
    "web_search_tool_result",
];

impl Loss {
    /// The loss of a member by its name on the wire.
    #[must_use]
    pub fn member(name: &str) -> Self {
        let known = known(PARAMETERS, name).or_else(|| word(name));
        known.map_or(Self::Unknown("unknown_field"), Self::Parameter)
    }

    /// The loss of a content part by its `type` on the wire.
    #[must_use]
    pub fn content(kind: &str) -> Self {
        let known = known(CONTENTS, kind).or_else(|| word(kind));
        known.map_or(Self::Unknown("content.type"), Self::Content)
    }

    /// The loss of a tool by its `type` on the wire; a version of it does not count.
    #[must_use]
    pub fn tool(kind: &str) -> Self {
        let name = kind.trim_end_matches(|c: char| c.is_ascii_digit());
        word(name.trim_end_matches('_')).map_or(Self::Unknown("tools.type"), Self::Parameter)
    }

    /// Its name: letters, digits, `_` and `.` only, so it fits a header and a label.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Parameter(name) | Self::Content(name) | Self::Unknown(name) => name,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn known(table: &[&'static str], name: &str) -> Option<&'static str> {
    table.iter().find(|entry| **entry == name).copied()
}

/// The losses of one translation, without repeats, in the order met; at most
/// [`Losses::MAX`] are kept and the rest is counted.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    items: SmallVec<[Loss; 4]>,
    more: u32,
}

impl Losses {
    /// How many distinct losses are named; a caller's hostile body cannot grow a header.
    pub const MAX: usize = 16;

    /// Records a loss once.
    pub fn add(&mut self, loss: Loss) {
        if self.items.contains(&loss) {
            return;
        }
        if self.items.len() < Self::MAX {
            self.items.push(loss);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Records what `other` holds.
    pub fn extend(&mut self, other: &Self) {
        for loss in &other.items {
            self.add(*loss);
        }
        self.more = self.more.saturating_add(other.more);
    }

    /// True when everything was carried.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The named losses.
    pub fn iter(&self) -> impl Iterator<Item = &Loss> {
        self.items.iter()
    }

    /// How many were not named for want of room.
    #[must_use]
    pub const fn more(&self) -> u32 {
        self.more
    }
}

/// As in `x-tollgate-loss`: `seed, logit_bias`, and `+3` for three that are not named.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, loss) in self.items.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{loss}")?;
        }
        if self.more > 0 {
            write!(f, ", +{}", self.more)
        } else {
            Ok(())
        }
    }
}

/// What an encoder knows while it writes: whether the message goes back to the format
/// it came from, and what could not be carried so far.
pub(crate) struct Carry<'l> {
    /// True when extras and parts nobody here knows are written as they are.
    pub(crate) own: bool,
    losses: &'l mut Losses,
}

impl<'l> Carry<'l> {
    pub(crate) fn new(own: bool, unread: &Losses, losses: &'l mut Losses) -> Self {
        losses.extend(unread);
        Self { own, losses }
    }

    pub(crate) fn lose(&mut self, loss: Loss) {
        self.losses.add(loss);
    }

    pub(crate) fn lose_parameter(&mut self, name: &'static str) {
        self.lose(Loss::Parameter(name));
    }

    pub(crate) fn lose_content(&mut self, name: &'static str) {
        self.lose(Loss::Content(name));
    }

    /// The tools of a request that are written: functions, and in their own format all. The
    /// others are losses, and where none is left so is a choice among them, which providers
    /// refuse.
    pub(crate) fn tools<'r>(&mut self, request: &'r ChatRequest) -> Vec<&'r Tool> {
        let mut tools = Vec::with_capacity(request.tools.len());
        for tool in &request.tools {
            match tool {
                Tool::Other { kind, .. } if !self.own => self.lose(Loss::tool(kind)),
                Tool::Function { .. } | Tool::Other { .. } => tools.push(tool),
            }
        }
        if tools.is_empty() && request.tool_choice.is_some() && !request.tools.is_empty() {
            self.lose_parameter("tool_choice");
        }
        tools
    }

    /// Names a part that has no place where it stands; what is said is written somewhere.
    pub(crate) fn lose_part(&mut self, part: &Part) {
        match part {
            Part::Text(_) | Part::Refusal(_) => {}
            Part::Image(_) => self.lose_content("image"),
            Part::Document(_) => self.lose_content("document"),
            Part::CacheMark(_) => self.lose_parameter("cache_control"),
            Part::Audio { .. } => self.lose_content("audio"),
            Part::Video(_) => self.lose_content("video"),
            Part::Reasoning(_) => self.lose_content("reasoning"),
            Part::Citation(_) => self.lose_content("citation"),
            Part::ToolCall(_) => self.lose_content("tool_call"),
            Part::ToolResult(_) => self.lose_content("tool_result"),
            Part::Other { kind, .. } => self.lose(Loss::content(kind)),
        }
    }

    /// Those of a request that are written back; none where it goes to another format, which
    /// is then a loss. For encoders that write them more than once.
    pub(crate) fn kept<'e>(
        &mut self,
        extras: &'e [(String, Box<RawValue>)],
    ) -> &'e [(String, Box<RawValue>)] {
        if self.own {
            return extras;
        }
        for (name, value) in extras {
            if !read::is_empty(value.get().as_bytes()) {
                self.lose(Loss::member(name));
            }
        }
        &[]
    }

    /// Writes extras back to their own format; elsewhere they are losses, unless they
    /// ask for nothing.
    pub(crate) fn extras(&mut self, o: &mut Object<'_>, extras: &[(String, Box<RawValue>)]) {
        self.extras_and(o, extras, &[]);
    }

    /// As [`Self::extras`]; those that the two formats `share` are written in any case.
    pub(crate) fn extras_and(
        &mut self,
        o: &mut Object<'_>,
        extras: &[(String, Box<RawValue>)],
        share: &[&str],
    ) {
        for (name, value) in extras {
            if self.own || share.contains(&name.as_str()) {
                o.raw(name, value);
            } else if !read::is_empty(value.get().as_bytes()) {
                self.lose(Loss::member(name));
            }
        }
    }
}
