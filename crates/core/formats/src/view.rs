//! What the gateway sees of a message without decoding it.
//!
//! A view is made in one pass over the bytes and holds spans of them. It serves
//! routing, policies, accounting and splices; it never owns text.

use bytes::Bytes;
use smallvec::SmallVec;
use tollgate_types::{Tier, Usage};
use tollgate_wire::json::decode;
use tollgate_wire::{Document, Edit, Span, StrSpan};

mod message;
mod offers;
mod rest;
mod texts;
mod words;

use crate::exchange::Finish;
use crate::failure::Failure;
use crate::format::{DecodeError, Format};
use crate::vectors::Forms;
use crate::write;

pub(crate) use message::{parts, plain_turn, role_in, turn, turns};
pub use offers::{Offered, OfferedBy};
pub(crate) use offers::{is_offer, of_unknown, offers, tool, tool_name, tools, unreadable_tool};
pub(crate) use rest::{
    Members, Starts, add_rest, add_rest_beside, is_plain_key, rest_of_event, vector,
};
pub(crate) use texts::{
    Speaker, Texts, address_of, content, content_member, everything, input_of, json, json_of,
    name_of, note, opaque, setting, string_of, strings, strings_of, text_if, unknown,
};
pub(crate) use words::{is_telling, word};

/// Who a text is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// System or developer instructions.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Ordinary message text, system text included.
    Text,
    /// Reasoning ("thinking") text.
    Reasoning,
    /// A refusal.
    Refusal,
    /// The name of a tool that is called.
    ToolName,
    /// Tool-call arguments: JSON text inside a JSON string (OpenAI `arguments`, Anthropic
    /// `partial_json`), or as it stands (Anthropic `input`).
    ToolArguments,
    /// A string that a tool is given and that need not be JSON text (`input` of a custom
    /// tool).
    ToolInput,
    /// What is said of tools offered to the model: descriptions, schemas, examples.
    ToolDescription,
    /// Text inside a document or file part, its title and file name.
    Document,
    /// Metadata and user identifiers, and strings that no format names in a whole message.
    Metadata,
    /// Metadata, and members that no format names, as the JSON that they are: keys and
    /// values stand in each other's context.
    Members,
    /// A member that no format names, in the part of an event whose strings clients join.
    Unknown,
}

impl Field {
    /// True when the text is itself JSON text.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::ToolArguments | Self::Members)
    }

    /// True for what a model says: what counts as its output.
    #[must_use]
    pub const fn is_said(self) -> bool {
        match self {
            Self::Text
            | Self::Reasoning
            | Self::Refusal
            | Self::ToolName
            | Self::ToolArguments
            | Self::ToolInput => true,
            Self::ToolDescription
            | Self::Document
            | Self::Metadata
            | Self::Members
            | Self::Unknown => false,
        }
    }
}

/// One text of a message, where it lies in the original bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSpan {
    /// The content between the quotes; or JSON that stands in no string, as it is: a value
    /// or a member.
    pub text: StrSpan,
    /// Who it is from.
    pub role: Role,
    /// What it is.
    pub field: Field,
    /// Index of the message it belongs to; system text outside the messages is turn 0.
    pub turn: u32,
}

/// What of a request models count as prompt. Filled always, for conversations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// The texts of messages, calls of tools and their results; and the definitions of tools,
    /// as the JSON that they are.
    pub places: SmallVec<[StrSpan; 8]>,
    /// How many messages.
    pub messages: u32,
    /// How many images, as far as they were told apart.
    pub images: u32,
    /// Whether there are sounds, documents or other files that are not text: how many tokens
    /// those have only their provider knows.
    pub has_files: bool,
    /// Whether a text is among them, in base64: a model reads it, and no rule does.
    pub has_encoded_text: bool,
    /// Whether there are tools.
    pub has_tools: bool,
}

/// What a request holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestView {
    /// The `model` string; `None` when the format carries it elsewhere or it is missing.
    pub model: Option<StrSpan>,
    /// Whether a streamed answer is asked for.
    pub stream: bool,
    /// The service class that is asked for.
    pub tier: Tier,
    /// Whether the caller itself asked for usage in the stream.
    pub stream_usage_asked: bool,
    /// What to write where, so that a streamed answer reports usage; `None` when the
    /// caller asked itself, nothing is streamed, or the format always reports it.
    pub ask_usage: Option<Edit>,
    /// Every text, in document order. Filled only when texts were wanted.
    ///
    /// What no format names is a text too: unknown members, name and all, and in tool
    /// schemas the strings and the keys that the caller chose. Left out, because nobody
    /// reads them as text or a change would break the request: words of the protocol
    /// (roles, types, models, names of members) and its numbers; and as long as what stands
    /// there can be no sentence, data of images, audio and files in base64, signatures,
    /// encrypted reasoning, ids of tool calls and files, and access tokens of MCP servers.
    pub texts: Vec<TextSpan>,
    /// Raw bytes of the texts that models count as prompt, escapes counted as written;
    /// keys, schemas and unknown members are not among them. Counted always.
    pub text_bytes: u64,
    /// How many turns the conversation has: the entries of its list, a text in its place
    /// being one. What cannot be counted is `u32::MAX`.
    pub turns: u32,
    /// The names of the tools that are offered. Filled only when texts were wanted.
    pub offers: Vec<Offered>,
    /// What of it models count as prompt, where it stands.
    pub counted: Counted,
    /// How many tokens the input tells by their ids, beside the texts: nobody here can read
    /// them. Counted always.
    pub token_ids: u64,
    /// How many inputs or documents the answer speaks of one by one; `None` in a conversation,
    /// and where they cannot be counted. Counted always.
    pub inputs: Option<u32>,
    /// Whether any part is an image.
    pub has_image: bool,
    /// The forms of vectors that are asked for, where the request is for vectors.
    pub forms: Forms,
    /// One past the `{` of the document: the place to insert a member.
    pub body_start: u32,
    /// The id of the earlier answer, held by its provider, that the request goes on from.
    pub held: Option<StrSpan>,
    /// Whether the conversation holds what is kept for a provider of another format
    /// ([`crate::exchange::Seal`]): the bytes as they are would be refused by this one.
    pub sealed: bool,
}

/// What a whole (not streamed) answer holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerView {
    /// The `model` string.
    pub model: Option<StrSpan>,
    /// Every text, those of the choices first. Filled only when texts were wanted; then
    /// every string is a text that is not known to be the protocol's.
    pub texts: Vec<TextSpan>,
    /// Log-probabilities: the whole values. They spell the text once more, token by
    /// token, so whoever inspects it replaces them by `null`.
    pub logprobs: Vec<Span>,
    /// Tokens, when reported.
    pub usage: Option<Usage>,
    /// The stop reason of the first choice, as written on the wire.
    pub finish: Option<StrSpan>,
    /// Whether [`Self::finish`] is why the prompt was refused.
    pub is_refused: bool,
    /// The provider's id for the answer.
    pub id: Option<StrSpan>,
    /// The provider's id of the answer that it goes on from.
    pub earlier: Option<StrSpan>,
}

/// One text stream inside a streamed answer. Pieces of one lane join to one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// Index of the choice; 0 where a format has only one.
    pub choice: u32,
    /// Index of the content block or tool call; 0 where a format has only one.
    pub block: u32,
    field: Field,
    /// Which member, where the field does not say; 0 otherwise.
    member: u32,
    /// The text stands whole in the event, and says once more what came in pieces.
    is_whole: bool,
}

impl Lane {
    /// The lane of a field.
    #[must_use]
    pub const fn of(choice: u32, block: u32, field: Field) -> Self {
        Self {
            choice,
            block,
            field,
            member: 0,
            is_whole: false,
        }
    }

    /// The lane of a text that stands whole in one event, and that clients do not join to
    /// the pieces of it which came before.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self {
            is_whole: true,
            ..self
        }
    }

    /// Whether the text stands whole in one event, and was told in pieces before.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.is_whole
    }

    /// The lane of a member that no format names, by its key.
    #[must_use]
    pub fn unknown(key: &str) -> Self {
        Self::of(0, 0, Field::Unknown).below(key)
    }

    /// The lane of a member of the value that this lane is for.
    pub(crate) fn below(self, key: &str) -> Self {
        Self {
            member: hash(self.member, key.as_bytes()),
            ..self
        }
    }

    /// The lane of an element of the list that this lane is for.
    pub(crate) fn element(self, index: u32) -> Self {
        Self {
            member: hash(self.member, &index.to_le_bytes()),
            ..self
        }
    }

    /// The kind of text it carries; fields that share choice and block are lanes of
    /// their own.
    #[must_use]
    pub const fn field(self) -> Field {
        self.field
    }
}

/// A piece of text carried by one event. Spans are offsets into the event's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextPiece {
    /// The text stream it continues.
    pub lane: Lane,
    /// What kind of text it is.
    pub field: Field,
    /// The content between the quotes.
    pub text: StrSpan,
}

/// A block or a tool call that begins, or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The choice.
    pub choice: u32,
    /// The block or tool call.
    pub block: u32,
    /// A hash of the id by which a format tells a new tool call from more of the last
    /// one; `None` where the event itself says that the block begins.
    pub id: Option<u32>,
}

impl Begun {
    /// True when `lane` begins afresh with it. The text of a block that begins once more
    /// does not: clients join it to what they have.
    #[must_use]
    pub const fn covers(self, lane: Lane) -> bool {
        let is_call = matches!(
            lane.field,
            Field::ToolName | Field::ToolArguments | Field::ToolInput
        );
        is_call && self.choice == lane.choice && self.block == lane.block
    }
}

/// FNV-1a, from what was hashed before.
pub(crate) fn hash(before: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(before ^ 0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// What an event means for the life of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventKind {
    /// Comes before any content: role announcements, `message_start`, empty deltas.
    #[default]
    Preamble,
    /// Carries content the caller waits for: text, reasoning, a tool call.
    Content,
    /// Closes one lane or block (`content_block_stop`).
    BlockEnd,
    /// Carries a stop reason (it may carry text and usage too).
    Finish,
    /// Carries usage and nothing else the caller did not ask for
    /// (the extra chunk of OpenAI's `include_usage`).
    UsageOnly,
    /// The format's last event (`[DONE]`, `message_stop`).
    End,
    /// An error inside the stream.
    Error,
    /// Keep-alive or unknown: passed on, never content.
    Other,
}

/// A part of an answer that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Opened {
    /// The choice; 0 where a format has only one.
    pub choice: u32,
    /// The block; 0 where a format does not open blocks.
    pub block: u32,
}

/// A part of an answer that an event closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Closed {
    /// The choice; 0 where a format has only one.
    pub choice: u32,
    /// The block; `None` closes every block of the choice.
    pub block: Option<u32>,
}

impl Closed {
    /// True when `lane` belongs to what is closed.
    #[must_use]
    pub const fn covers(self, lane: Lane) -> bool {
        self.ends(Opened {
            choice: lane.choice,
            block: lane.block,
        })
    }

    /// True when `part` is what is closed, or belongs to it.
    #[must_use]
    pub const fn ends(self, part: Opened) -> bool {
        if self.choice != part.choice {
            return false;
        }
        match self.block {
            Some(block) => block == part.block,
            None => true,
        }
    }
}

/// What one streamed event holds. Made to be reused: [`EventView::clear`] keeps its buffers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventView {
    /// Whether every string is wanted that is not known to be the protocol's, among
    /// [`Self::pieces`], and [`Self::begun`]; set by whoever inspects texts. Else only
    /// what the format names is. [`EventView::clear`] keeps it.
    pub all_texts: bool,
    /// What the event means.
    pub kind: EventKind,
    /// The pieces of text, in document order; behind them what no format names.
    pub pieces: Vec<TextPiece>,
    /// Log-probabilities, as in [`AnswerView::logprobs`].
    pub logprobs: Vec<Span>,
    /// The blocks and tool calls that begin here, or name themselves again.
    pub begun: Vec<Begun>,
    /// Values beside the texts that clients join with what they have, as they join
    /// texts: a role, the id of a call. An event that is sent once more for its text
    /// must not say them again. Filled where [`Self::all_texts`] is wanted.
    pub said_once: Vec<Span>,
    /// Tokens reported so far, when this event reports them. Counts are running totals
    /// and a format may spread them over events, so reports are joined with
    /// [`merge_usage`].
    pub usage: Option<Usage>,
    /// The stop reason, as written on the wire.
    pub finish: Option<StrSpan>,
    /// Whether [`Self::finish`] is why the prompt was refused.
    pub is_refused: bool,
    /// The provider's id of the answer, when this event names it.
    pub id: Option<StrSpan>,
    /// The provider's id of the answer that it goes on from, when this event names it.
    pub earlier: Option<StrSpan>,
    /// The model as the provider names it, when this event names it.
    pub model: Option<StrSpan>,
    /// What the event opens, or continues: each stays open until an event closes it.
    pub opened: SmallVec<[Opened; 2]>,
    /// What the event closes: no text follows there. Filled for
    /// [`EventKind::BlockEnd`] (choice and block) and [`EventKind::Finish`] (the
    /// choice), so that held text is flushed before it and other choices go on.
    pub closed: Vec<Closed>,
    /// The error, when the event is one.
    pub failure: Option<Failure>,
    /// True when the event would mean nothing once its pieces are empty: it may
    /// be left out while all of its text is held.
    pub only_text: bool,
}

impl AnswerView {
    /// What the stop reason means; `body` is what the view was made of.
    #[must_use]
    pub fn read_finish(&self, format: &dyn Format, body: &[u8]) -> Option<Finish> {
        read_finish(format, (self.finish?, self.is_refused), body)
    }
}

impl EventView {
    /// What the stop reason means; `data` is what the view was made of.
    #[must_use]
    pub fn read_finish(&self, format: &dyn Format, data: &[u8]) -> Option<Finish> {
        read_finish(format, (self.finish?, self.is_refused), data)
    }
}

fn read_finish(
    format: &dyn Format,
    (word, is_refused): (StrSpan, bool),
    bytes: &[u8],
) -> Option<Finish> {
    let word = decode(word.span.of(bytes), word.escaped);
    let finish = format.read_finish(word.as_deref().unwrap_or_default());
    Some(if is_refused {
        finish.of_block()
    } else {
        finish
    })
}

impl EventView {
    /// Forgets the last event, keeps the buffers.
    pub fn clear(&mut self) {
        self.kind = EventKind::Preamble;
        self.pieces.clear();
        self.logprobs.clear();
        self.begun.clear();
        self.said_once.clear();
        self.usage = None;
        self.finish = None;
        self.is_refused = false;
        self.id = None;
        self.earlier = None;
        self.model = None;
        self.opened.clear();
        self.closed.clear();
        self.failure = None;
        self.only_text = false;
    }
}

impl EventView {
    /// Notes what an event says of a choice once all of it is read: whether it ends, and
    /// whose the pieces and beginnings are from the `first` of each on, since the index may
    /// stand behind them.
    pub(crate) fn choice(
        &mut self,
        choice: u32,
        finish: Option<StrSpan>,
        (first_piece, first_begun): (usize, usize),
    ) {
        if let Some(finish) = finish.filter(|finish| !finish.span.is_empty()) {
            self.finish.get_or_insert(finish);
            let block = None;
            self.closed.push(Closed { choice, block });
        } else {
            self.opened.push(Opened { choice, block: 0 });
        }
        for piece in self.pieces.iter_mut().skip(first_piece) {
            piece.lane.choice = choice;
        }
        for begun in self.begun.iter_mut().skip(first_begun) {
            begun.choice = choice;
        }
    }

    /// Adds what the view did not take of the event's data. True when there was some.
    pub(crate) fn add_rest(&mut self, data: &[u8]) -> Result<bool, DecodeError> {
        let pieces = self.pieces.iter().map(|piece| piece.text.span);
        let known = Starts::of(pieces.chain(self.logprobs.iter().copied()));
        let rest = rest_of_event(data, &known)?;
        let has_some = !rest.is_empty();
        self.pieces
            .extend(rest.into_iter().map(|(text, field)| TextPiece {
                lane: Lane::of(0, 0, field),
                field,
                text,
            }));
        Ok(has_some)
    }
}

/// Whether a provider's name for a model can be nothing but a name: letters, digits and
/// `_-./:`, 96 at most. Anything else in its place is a text, which rules read.
#[must_use]
pub fn is_model_name(name: &str) -> bool {
    words::is_name("model", name)
}

/// Whether a provider's id of an answer can be nothing but an id: 128 printable characters at
/// most, without a space and an `@`.
#[must_use]
pub fn is_answer_id(id: &str) -> bool {
    const BYTES_MAX: usize = 128;
    !id.is_empty() && id.len() <= BYTES_MAX && rest::is_structure("id", id)
}

/// The texts of a JSON text of unknown shape, an error for example: every string that is
/// not known to be the protocol's. `None` when it is not JSON.
#[must_use]
pub fn every_text(body: &[u8]) -> Option<AnswerView> {
    let mut view = AnswerView::default();
    add_rest(body, &mut view).ok()?;
    Some(view)
}

/// Joins a later usage report of one stream into an earlier one: counts only grow,
/// and a count that a report does not name is zero there.
pub fn merge_usage(total: &mut Usage, later: &Usage) {
    total.input = total.input.max(later.input);
    total.output = total.output.max(later.output);
    total.cached_input = total.cached_input.max(later.cached_input);
    total.cache_write_input = total.cache_write_input.max(later.cache_write_input);
    total.reasoning = total.reasoning.max(later.reasoning);
    total.searches = total.searches.max(later.searches);
    total.tier = later.tier.or(total.tier);
}

/// The edit that puts another model name into a request; inserts it where none is.
pub(crate) fn set_model(document: &Document, view: &RequestView, model: &str) -> Option<Edit> {
    let mut with = Vec::with_capacity(model.len() + 16);
    let span = if let Some(name) = view.model {
        write::string_into(&mut with, model);
        name.quoted()
    } else {
        let rest = document.original().get(view.body_start as usize..)?;
        let is_empty = rest.trim_ascii_start().first() == Some(&b'}');
        with.extend_from_slice(b"\"model\":");
        write::string_into(&mut with, model);
        with.extend_from_slice(if is_empty { b"" } else { b"," });
        Span::at(view.body_start)
    };
    Some(Edit {
        span,
        with: Bytes::from(with),
    })
}
