//! The view of a whole answer, which events hold as well.

use tollgate_types::{Tier, Usage};
use tollgate_wire::json::{Key, Kind, Reader, set_once};
use tollgate_wire::{Span, StrSpan};

use super::item::{Found, item};
use crate::format::DecodeError;
use crate::openai::usage;
use crate::read;
use crate::view::{AnswerView, Role, Speaker, Texts, add_rest};

/// What an answer says of itself.
#[derive(Default)]
pub(super) struct Met {
    pub(super) id: Option<StrSpan>,
    pub(super) model: Option<StrSpan>,
    pub(super) status: Option<StrSpan>,
    pub(super) usage: Option<Usage>,
    pub(super) tier: Tier,
    /// The answer that it goes on from.
    pub(super) earlier: Option<StrSpan>,
    /// Why it failed.
    pub(super) error: Option<Span>,
    /// Why it is incomplete.
    reason: Option<StrSpan>,
    /// The type of an item by which it calls a tool.
    call: Option<StrSpan>,
    output: Option<()>,
}

impl Met {
    /// The word for why it stopped; none while it goes on.
    pub(super) fn finish(&self, r: &Reader<'_>) -> Option<StrSpan> {
        let status = self.status?;
        match &*r.text(status) {
            "queued" | "in_progress" => None,
            "completed" => self.call.or(Some(status)),
            _ => self.reason.or(Some(status)),
        }
    }
}

pub(in crate::openai_responses) fn answer(
    body: &[u8],
    texts: bool,
) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut texts = Texts::new(texts);
    let mut found = Found::new(&mut texts);
    found.logprobs = Some(&mut view.logprobs);
    let mut met = Met::default();
    reader.object(|r, key| member(r, &key, &mut met, &mut found))?;
    met.output.ok_or_else(|| read::shape("output", "missing"))?;
    if met.error.is_some() {
        // A status of success does not make it one.
        return Err(read::shape("error", "the answer failed"));
    }
    view.finish = met.finish(&reader);
    reader.finish()?;
    view.id = met.id;
    view.model = met.model;
    view.usage = read::with_tier(met.usage, met.tier);
    view.earlier = met.earlier;
    view.texts = texts.spans;
    if texts.wanted {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}

/// Reads a member of an answer.
pub(super) fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    met: &mut Met,
    found: &mut Found<'_>,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "id" => met.id = read::string_if(r)?,
        "model" => met.model = read::string_if(r)?,
        "status" => met.status = read::string_if(r)?,
        "previous_response_id" => met.earlier = read::string_if(r)?,
        "usage" => met.usage = usage::read(r)?,
        "service_tier" => met.tier = read::tier_ahead(r)?,
        "error" if r.kind()? == Kind::Object => met.error = Some(r.skip()?),
        "incomplete_details" if r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| {
                if key.as_str() == "reason" {
                    met.reason = read::string_if(r)?;
                }
                Ok(())
            })?;
        }
        "output" => {
            r.array(|r, turn| {
                let role = Role::Assistant;
                let item = item(r, Speaker { role, turn }, found)?;
                let is_call = |kind: &StrSpan| r.text(*kind) == "function_call";
                met.call = met.call.or_else(|| item.kind.filter(is_call));
                Ok::<_, DecodeError>(())
            })?;
            set_once(&mut met.output, (), key)?;
        }
        _ => {}
    }
    Ok(())
}
