//! Token usage: here the cached parts stand beside `input_tokens`, not inside.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::whole_if;
use crate::write::Object;

/// Reads a `usage` member and brings it to the canonical shape.
pub(super) fn read(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    let mut usage = Usage::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "input_tokens" => usage.input = whole_if(r)?.unwrap_or_default(),
            "output_tokens" => usage.output = whole_if(r)?.unwrap_or_default(),
            "cache_read_input_tokens" => usage.cached_input = whole_if(r)?.unwrap_or_default(),
            "cache_creation_input_tokens" => {
                usage.cache_write_input = whole_if(r)?.unwrap_or_default();
            }
            "output_tokens_details" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    if key.as_str() == "thinking_tokens" {
                        usage.reasoning = whole_if(r)?.unwrap_or_default();
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    usage.input = usage
        .input
        .saturating_add(usage.cached_input)
        .saturating_add(usage.cache_write_input);
    Ok(Some(usage))
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
