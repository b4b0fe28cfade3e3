//! The view of one streamed event: the hottest code of the gateway, once per token.
//!
//! A text comes in pieces, then whole when it is complete, once more with its part and
//! with its item, and with the end of the answer: each whole one is a text of its own.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use super::answer;
use super::item::{Found, annotation, item, part};
use crate::failure;
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Begun, Closed, EventKind, EventView, Field, Lane, Role, Speaker, Texts, note, strings,
};

/// Blocks are numbered by item and part: 20 bits for the item, 12 for the part, of which the
/// upper half is for the parts of reasoning that are no summary.
const PART_BITS: u32 = 12;
const REASONING_PARTS: u32 = 1 << (PART_BITS - 1);

/// What was met in an event, beside what the view holds.
#[derive(Default)]
struct Met {
    kind: Option<StrSpan>,
    item_index: u32,
    part_index: u32,
    summary_index: Option<u32>,
    delta: Option<StrSpan>,
    /// A whole text, refusal, list of arguments, input or code.
    whole: Option<StrSpan>,
    /// The texts of a part, an item or an answer that stands whole in the event.
    texts: Texts,
    /// The type of its item, and how many parts that has.
    item: Option<StrSpan>,
    parts: u32,
    answer: Option<answer::Met>,
    /// Something beside text that must go out.
    more_than_text: bool,
}

pub(in crate::openai_responses) fn event(
    event: &Event,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    view.clear();
    let data = event.data();
    if data.is_empty() {
        view.kind = EventKind::Other;
        return Ok(());
    }
    let mark = data.trim_ascii();
    if mark.starts_with(b"[DONE]") {
        view.kind = EventKind::End;
        return if view.all_texts && mark != b"[DONE]" {
            Err(read::shape("[DONE]", "followed by something"))
        } else {
            Ok(())
        };
    }
    let mut reader = Reader::of_event(data)?;
    let mut met = Met {
        texts: Texts::new(view.all_texts),
        ..Met::default()
    };
    reader.object(|r, key| member(r, &key, view, &mut met))?;
    let word = met.kind.map(|kind| reader.text(kind));
    let word = word.as_deref().or_else(|| event.name()).unwrap_or_default();
    let item = met.item.map(|kind| reader.text(kind));
    view.finish = met
        .answer
        .as_ref()
        .and_then(|answer| answer.finish(&reader));
    let error = met.answer.as_ref().and_then(|answer| answer.error);
    read_as(word, item.as_deref(), &mut met, view)?;
    reader.finish()?;
    if view.kind == EventKind::Error {
        let error = error.map_or(data, |error| error.of(data));
        view.failure = Some(failure::read_in_stream(error));
    }
    if view.kind != EventKind::End {
        view.finish = None;
    }
    if view.all_texts {
        met.more_than_text |= view.add_rest(data)?;
    }
    view.only_text = met.delta.is_some() && !view.pieces.is_empty() && !met.more_than_text;
    Ok(())
}

/// Gives what was met the meaning that the type of the event gives it.
fn read_as(
    word: &str,
    item: Option<&str>,
    met: &mut Met,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    let step = Step::of(word);
    let block = met.block(&step, view.all_texts)?;
    view.kind = match &step {
        Step::Piece(field) => {
            match (met.delta, field) {
                (Some(delta), Some(field)) => note_first(delta, Lane::of(0, block, *field), view),
                (Some(delta), None) => note_first(delta, Lane::unknown(word), view),
                // A piece that is no text: its kind is content all the same.
                (None, _) => met.more_than_text = true,
            }
            EventKind::Content
        }
        Step::Whole(field) => {
            if let Some(whole) = met.whole.filter(|_| view.all_texts) {
                note(whole, Lane::of(0, block, *field).whole(), view);
            }
            EventKind::BlockEnd
        }
        Step::PartEnd => EventKind::BlockEnd,
        Step::ItemBegin if matches!(item, Some("message" | "reasoning")) => EventKind::Preamble,
        Step::ItemBegin => {
            view.begun.extend(view.all_texts.then_some(Begun {
                choice: 0,
                block,
                id: None,
            }));
            EventKind::Content
        }
        Step::ItemEnd => EventKind::BlockEnd,
        Step::Begin => EventKind::Preamble,
        Step::Content => EventKind::Content,
        Step::End => EventKind::End,
        Step::Error => EventKind::Error,
        Step::Other => EventKind::Other,
    };
    take(met, &step, block, view);
    if view.kind == EventKind::BlockEnd {
        let last = if matches!(step, Step::ItemEnd) {
            met.parts.max(1)
        } else {
            1
        };
        let blocks = (0..last).map(|part| block.saturating_add(part));
        view.closed.extend(blocks.map(|block| Closed {
            choice: 0,
            block: Some(block),
        }));
    }
    Ok(())
}

/// What an event is for.
enum Step {
    /// A piece of a text; of none that is known where there is no field.
    Piece(Option<Field>),
    /// A text is complete.
    Whole(Field),
    PartEnd,
    ItemBegin,
    ItemEnd,
    /// The answer, or a part of it, begins.
    Begin,
    /// Something the caller waits for that is no text.
    Content,
    End,
    Error,
    Other,
}

impl Step {
    fn of(word: &str) -> Self {
        match word.strip_prefix("response.").unwrap_or(word) {
            "output_text.delta" => Self::Piece(Some(Field::Text)),
            "function_call_arguments.delta" | "mcp_call_arguments.delta" => {
                Self::Piece(Some(Field::ToolArguments))
            }
            "reasoning_summary_text.delta" | "reasoning_text.delta" | "reasoning_summary.delta" => {
                Self::Piece(Some(Field::Reasoning))
            }
            "refusal.delta" => Self::Piece(Some(Field::Refusal)),
            "custom_tool_call_input.delta" | "code_interpreter_call_code.delta" => {
                Self::Piece(Some(Field::ToolInput))
            }
            "output_text.done" => Self::Whole(Field::Text),
            "function_call_arguments.done" | "mcp_call_arguments.done" => {
                Self::Whole(Field::ToolArguments)
            }
            "reasoning_summary_text.done" | "reasoning_text.done" | "reasoning_summary.done" => {
                Self::Whole(Field::Reasoning)
            }
            "refusal.done" => Self::Whole(Field::Refusal),
            "custom_tool_call_input.done" | "code_interpreter_call_code.done" => {
                Self::Whole(Field::ToolInput)
            }
            "content_part.done" | "reasoning_summary_part.done" => Self::PartEnd,
            "output_item.added" => Self::ItemBegin,
            "output_item.done" => Self::ItemEnd,
            "created"
            | "queued"
            | "in_progress"
            | "content_part.added"
            | "reasoning_summary_part.added" => Self::Begin,
            "output_text.annotation.added" => Self::Content,
            "completed" | "incomplete" | "cancelled" => Self::End,
            "failed" | "error" => Self::Error,
            other if other.ends_with(".delta") => Self::Piece(None),
            _ => Self::Other,
        }
    }
}

impl Met {
    /// The number of the block that the event is about.
    fn block(&self, step: &Step, strict: bool) -> Result<u32, DecodeError> {
        let of_reasoning = matches!(
            step,
            Step::Piece(Some(Field::Reasoning)) | Step::Whole(Field::Reasoning)
        );
        let part = match self.summary_index {
            Some(summary) => summary,
            None if of_reasoning => self.part_index.saturating_add(REASONING_PARTS),
            None => self.part_index,
        };
        let fits = part < 1 << PART_BITS && self.item_index < 1 << (u32::BITS - PART_BITS);
        if strict && !fits {
            return Err(read::shape(
                "output_index",
                "more parts than are told apart",
            ));
        }
        Ok(self.item_index.wrapping_shl(PART_BITS) | (part & ((1 << PART_BITS) - 1)))
    }
}

/// Takes note of a piece, before what else the event says.
fn note_first(text: StrSpan, lane: Lane, view: &mut EventView) {
    let others = view.pieces.len();
    note(text, lane, view);
    if view.pieces.len() > others {
        view.pieces.rotate_right(1);
    }
}

/// Makes pieces of the texts that stand whole in the event. A call that begins has its
/// name there and nowhere else before.
fn take(met: &mut Met, step: &Step, block: u32, view: &mut EventView) {
    for span in met.texts.spans.drain(..) {
        let lane = Lane::of(0, block, span.field);
        let is_new = matches!(step, Step::ItemBegin | Step::Begin | Step::Content);
        let lane = if is_new { lane } else { lane.whole() };
        note(span.text, lane, view);
    }
}

const MODEL: Speaker = Speaker {
    role: Role::Assistant,
    turn: 0,
};

fn member(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string_if(r)?,
        "output_index" => met.item_index = read::index(r, view.all_texts)?.unwrap_or_default(),
        "content_index" => met.part_index = read::index(r, view.all_texts)?.unwrap_or_default(),
        "summary_index" => met.summary_index = read::index(r, view.all_texts)?,
        "delta" if r.kind()? == Kind::String => met.delta = Some(r.string()?),
        "text" | "refusal" | "arguments" | "input" | "code" if r.kind()? == Kind::String => {
            met.whole = Some(r.string()?);
        }
        "logprobs" => {
            let span = r.skip()?;
            if !read::is_empty(span.of(r.bytes())) {
                met.more_than_text = true;
                view.logprobs.push(span);
            }
        }
        "part" if met.texts.wanted => {
            met.more_than_text = true;
            let mut found = Found::new(&mut met.texts);
            found.logprobs = Some(&mut view.logprobs);
            part(r, MODEL, Field::Text, &mut found)?;
        }
        "annotation" => {
            met.more_than_text = true;
            annotation(r, MODEL, &mut met.texts)?;
        }
        "item" => {
            met.more_than_text = true;
            let mut found = Found::new(&mut met.texts);
            found.logprobs = Some(&mut view.logprobs);
            let item = item(r, MODEL, &mut found)?;
            (met.item, met.parts) = (item.kind, item.parts);
        }
        "response" if r.kind()? == Kind::Object => {
            met.more_than_text = true;
            response(r, view, met)?;
        }
        "item_id" | "sequence_number" | "obfuscation" | "annotation_index" | "message"
        | "param" | "code" => {}
        _ => {
            met.more_than_text |= r.kind()? != Kind::Null;
            strings(r, Lane::unknown(key), view)?;
        }
    }
    Ok(())
}

fn response(r: &mut Reader<'_>, view: &mut EventView, met: &mut Met) -> Result<(), DecodeError> {
    let mut answer = answer::Met::default();
    let mut found = Found::new(&mut met.texts);
    found.logprobs = Some(&mut view.logprobs);
    r.object(|r, key| answer::member(r, &key, &mut answer, &mut found))?;
    view.id = answer.id;
    view.model = answer.model;
    view.usage = read::with_tier(answer.usage, answer.tier);
    view.earlier = answer.earlier;
    met.answer = Some(answer);
    Ok(())
}
