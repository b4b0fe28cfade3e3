//! Token usage: the cached parts stand beside `inputTokens`, not inside.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::count_if;
use crate::write::Object;

/// What a report says. A count that is there and none makes all of it unknown.
#[derive(Default)]
struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: u64,
    cache_write: u64,
    is_wrong: bool,
}

impl Counts {
    fn count(&mut self, r: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
        if r.kind()? == Kind::Null {
            return Ok(None);
        }
        let count = count_if(r)?;
        self.is_wrong |= count.is_none();
        Ok(count)
    }
}

/// Reads a `usage`; `None` when it lacks `inputTokens` or `outputTokens`, and when a count
/// is none: an unknown count is not zero.
pub(super) fn read(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    let mut counts = Counts::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "inputTokens" => counts.input = counts.count(r)?,
            "outputTokens" => counts.output = counts.count(r)?,
            "cacheReadInputTokens" => counts.cache_read = counts.count(r)?.unwrap_or_default(),
            "cacheWriteInputTokens" => counts.cache_write = counts.count(r)?.unwrap_or_default(),
            _ => {}
        }
        Ok(())
    })?;
    let (Some(input), Some(output), false) = (counts.input, counts.output, counts.is_wrong) else {
        return Ok(None);
    };
    Ok(Some(Usage {
        input: input
            .saturating_add(counts.cache_read)
            .saturating_add(counts.cache_write),
        output,
        cached_input: counts.cache_read,
        cache_write_input: counts.cache_write,
        reasoning: 0,
        ..Usage::default()
    }))
}

/// Writes a `usage` member. Reasoning counts as output and has no count of its own.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage) {
    let cached = usage.cached_input.saturating_add(usage.cache_write_input);
    o.object("usage", |o| {
        o.whole("inputTokens", usage.input.saturating_sub(cached));
        o.whole("outputTokens", usage.output);
        o.whole("totalTokens", usage.input.saturating_add(usage.output));
        o.whole("cacheReadInputTokens", usage.cached_input);
        o.whole("cacheWriteInputTokens", usage.cache_write_input);
    });
}
