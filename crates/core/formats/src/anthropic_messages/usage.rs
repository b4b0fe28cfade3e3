//! Token usage: here the cached parts stand beside `input_tokens`, not inside.

use tollgate_types::{Tier, Usage};
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::{self, count_if};
use crate::write::Object;

/// A count as a report has it: absent or `null`, there, or there and no count.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Count {
    #[default]
    Absent,
    Tokens(u64),
    Wrong,
}

/// What a report says, each count for itself.
#[derive(Default)]
struct Counts {
    input: Count,
    output: Count,
    cache_read: Count,
    cache_write: Count,
    reasoning: Count,
    tier: Tier,
}

/// Reads the `usage` of an answer or of `message_start`, in the canonical shape.
///
/// `None` when the report is missing or lacks `input_tokens` or `output_tokens`, and
/// when a count is none: an unknown count is not zero. More reasoning than output is
/// left out.
pub(super) fn read(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    let counts = counts(r)?;
    Ok(counts
        .filter(|counts| counts.input != Count::Absent)
        .and_then(|counts| counts.usage()))
}

/// As [`read`], for the later reports of a stream, which need not repeat the input.
pub(super) fn read_later(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    Ok(counts(r)?.and_then(|counts| counts.usage()))
}

fn counts(r: &mut Reader<'_>) -> Result<Option<Counts>, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    let mut counts = Counts::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "input_tokens" => counts.input = count(r)?,
            "output_tokens" => counts.output = count(r)?,
            "service_tier" => counts.tier = read::tier_ahead(r)?,
            "cache_read_input_tokens" => counts.cache_read = count(r)?,
            "cache_creation_input_tokens" => counts.cache_write = count(r)?,
            "output_tokens_details" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    if key.as_str() == "thinking_tokens" {
                        counts.reasoning = count(r)?;
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(Some(counts))
}

fn count(r: &mut Reader<'_>) -> Result<Count, DecodeError> {
    if r.kind()? == Kind::Null {
        return Ok(Count::Absent);
    }
    Ok(count_if(r)?.map_or(Count::Wrong, Count::Tokens))
}

impl Count {
    /// The tokens, none where the count is absent; `None` for what is no count.
    const fn tokens(self) -> Option<u64> {
        match self {
            Self::Absent => Some(0),
            Self::Tokens(tokens) => Some(tokens),
            Self::Wrong => None,
        }
    }
}

impl Counts {
    fn usage(&self) -> Option<Usage> {
        let Count::Tokens(output) = self.output else {
            return None;
        };
        let cached_input = self.cache_read.tokens()?;
        let cache_write_input = self.cache_write.tokens()?;
        let reasoning = self.reasoning.tokens().unwrap_or_default();
        Some(Usage {
            input: self
                .input
                .tokens()?
                .saturating_add(cached_input)
                .saturating_add(cache_write_input),
            output,
            cached_input,
            cache_write_input,
            reasoning: if reasoning > output { 0 } else { reasoning },
            searches: 0,
            tier: self.tier,
        })
    }
}

/// Writes a `usage` member.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage) {
    let cached = usage.cached_input.saturating_add(usage.cache_write_input);
    o.object("usage", |o| {
        o.whole("input_tokens", usage.input.saturating_sub(cached));
        o.whole("cache_creation_input_tokens", usage.cache_write_input);
        o.whole("cache_read_input_tokens", usage.cached_input);
        o.whole("output_tokens", usage.output);
        if usage.reasoning > 0 {
            o.object("output_tokens_details", |o| {
                o.whole("thinking_tokens", usage.reasoning);
            });
        }
    });
}
