//! Token usage: totals with their parts inside, which is also the canonical shape.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::count_if;
use crate::write::Object;

/// What a report says, each count for itself.
#[derive(Default)]
struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cached: u64,
    cache_write: u64,
    reasoning: u64,
}

/// Reads a `usage` member, by the names of either.
///
/// `None` for `null`, which many servers write on every chunk, and for a report
/// without both counts: an unknown count is not zero. A detail that is greater than
/// the count it is part of is left out.
pub(crate) fn read(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    let mut counts = Counts::default();
    let mut cache_hits = 0;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "prompt_tokens" | "input_tokens" => counts.input = count_if(r)?,
            "completion_tokens" | "output_tokens" => counts.output = count_if(r)?,
            "prompt_cache_hit_tokens" => cache_hits = count_if(r)?.unwrap_or_default(),
            "prompt_tokens_details"
            | "completion_tokens_details"
            | "input_tokens_details"
            | "output_tokens_details" => details(r, &mut counts)?,
            _ => {}
        }
        Ok(())
    })?;
    let (Some(input), Some(output)) = (counts.input, counts.output) else {
        return Ok(None);
    };
    let part = |part: u64, whole: u64| if part > whole { 0 } else { part };
    Ok(Some(Usage {
        input,
        output,
        // DeepSeek's own name for the same count.
        cached_input: part(counts.cached, input).max(part(cache_hits, input)),
        cache_write_input: part(counts.cache_write, input),
        reasoning: part(counts.reasoning, output),
        ..Usage::default()
    }))
}

fn details(r: &mut Reader<'_>, counts: &mut Counts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(());
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "cached_tokens" => counts.cached = count_if(r)?.unwrap_or_default(),
            "cache_write_tokens" => counts.cache_write = count_if(r)?.unwrap_or_default(),
            "reasoning_tokens" => counts.reasoning = count_if(r)?.unwrap_or_default(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(())
}

/// Writes a `usage` member as Chat Completions have it.
pub(crate) fn write_chat(o: &mut Object<'_>, usage: &Usage) {
    o.object("usage", |o| {
        o.whole("prompt_tokens", usage.input);
        o.whole("completion_tokens", usage.output);
        o.whole("total_tokens", usage.total());
        o.object("prompt_tokens_details", |o| {
            o.whole("cached_tokens", usage.cached_input);
            if usage.cache_write_input > 0 {
                o.whole("cache_write_tokens", usage.cache_write_input);
            }
        });
        o.object("completion_tokens_details", |o| {
            o.whole("reasoning_tokens", usage.reasoning);
        });
    });
}

/// Writes a `usage` member as Responses have it.
pub(crate) fn write_responses(o: &mut Object<'_>, usage: &Usage) {
    o.object("usage", |o| {
        o.whole("input_tokens", usage.input);
        o.object("input_tokens_details", |o| {
            o.whole("cached_tokens", usage.cached_input);
            if usage.cache_write_input > 0 {
                o.whole("cache_write_tokens", usage.cache_write_input);
            }
        });
        o.whole("output_tokens", usage.output);
        o.object("output_tokens_details", |o| {
            o.whole("reasoning_tokens", usage.reasoning);
        });
        o.whole("total_tokens", usage.total());
    });
}
