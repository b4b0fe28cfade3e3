//! Token usage: here thoughts stand beside the tokens of the answer, and what tools
//! read beside those of the prompt; the cached are within the prompt's.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::count_if;
use crate::write::Object;

/// What a report says. A count of zero is not written.
#[derive(Default)]
struct Counts {
    prompt: Option<u64>,
    tool_prompt: u64,
    answer: Option<u64>,
    thoughts: u64,
    cached: u64,
    total: Option<u64>,
}

/// Reads a `usageMetadata`, in the canonical shape.
///
/// `None` for a report without `promptTokenCount`: an unknown count is not zero. Where
/// the tokens of the answer are not told they are what is missing to the total.
pub(super) fn read(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    let mut counts = Counts::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "promptTokenCount" => counts.prompt = count_if(r)?,
            "toolUsePromptTokenCount" => counts.tool_prompt = count_if(r)?.unwrap_or_default(),
            "candidatesTokenCount" => counts.answer = count_if(r)?,
            "thoughtsTokenCount" => counts.thoughts = count_if(r)?.unwrap_or_default(),
            "cachedContentTokenCount" => counts.cached = count_if(r)?.unwrap_or_default(),
            "totalTokenCount" => counts.total = count_if(r)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(counts.prompt.map(|prompt| counts.usage(prompt)))
}

impl Counts {
    fn usage(&self, prompt: u64) -> Usage {
        let input = prompt.saturating_add(self.tool_prompt);
        let known = input.saturating_add(self.thoughts);
        let missing = self.total.unwrap_or_default().saturating_sub(known);
        let answer = self.answer.unwrap_or(missing);
        Usage {
            input,
            output: answer.saturating_add(self.thoughts),
            cached_input: if self.cached > prompt { 0 } else { self.cached },
            cache_write_input: 0,
            reasoning: self.thoughts,
            ..Usage::default()
        }
    }
}

/// Writes a `usageMetadata` member.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage) {
    o.object("usageMetadata", |o| {
        o.whole("promptTokenCount", usage.input);
        o.whole(
            "candidatesTokenCount",
            usage.output.saturating_sub(usage.reasoning),
        );
        o.whole("totalTokenCount", usage.total());
        if usage.cached_input > 0 {
            o.whole("cachedContentTokenCount", usage.cached_input);
        }
        if usage.reasoning > 0 {
            o.whole("thoughtsTokenCount", usage.reasoning);
        }
    });
}
