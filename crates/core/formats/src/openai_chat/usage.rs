//! Token usage: totals with their parts inside, which is also the canonical shape.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::whole_if;
use crate::write::Object;

/// Reads a `usage` member; `None` for `null`, which many servers write on every chunk.
pub(super) fn read(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    let mut usage = Usage::default();
    let mut cache_hits = 0;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "prompt_tokens" => usage.input = whole_if(r)?.unwrap_or_default(),
            "completion_tokens" => usage.output = whole_if(r)?.unwrap_or_default(),
            "prompt_cache_hit_tokens" => cache_hits = whole_if(r)?.unwrap_or_default(),
            "prompt_tokens_details" | "completion_tokens_details" => details(r, &mut usage)?,
            _ => {}
        }
        Ok(())
    })?;
    // DeepSeek's own name for the same count.
    usage.cached_input = usage.cached_input.max(cache_hits);
    Ok(Some(usage))
}

fn details(r: &mut Reader<'_>, usage: &mut Usage) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(());
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "cached_tokens" => usage.cached_input = whole_if(r)?.unwrap_or_default(),
            "cache_write_tokens" => usage.cache_write_input = whole_if(r)?.unwrap_or_default(),
            "reasoning_tokens" => usage.reasoning = whole_if(r)?.unwrap_or_default(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(())
}

/// Writes a `usage` member.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage) {
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
