//! `meta` of an answer: what it cost.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::units_if;
use crate::write::Object;

/// What `meta` says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meta {
    /// Tokens, where they are told.
    pub(crate) usage: Option<Usage>,
}

/// The counts of `billed_units` or of `tokens`.
#[derive(Default)]
struct Counts {
    input: Option<u64>,
    image: Option<u64>,
    output: Option<u64>,
    search: Option<u64>,
}

impl Counts {
    /// What was read: those of images are told beside those of texts.
    fn read(&self) -> Option<u64> {
        match (self.input, self.image) {
            (None, None) => None,
            (input, image) => Some(input.unwrap_or(0).saturating_add(image.unwrap_or(0))),
        }
    }
}

/// Reads `meta`, or the `usage` of a chat, which has the same members. Tokens are those that
/// the model read and wrote; where only billed ones are told, those.
pub(crate) fn read(r: &mut Reader<'_>) -> Result<Meta, DecodeError> {
    let (mut billed, mut tokens) = (Counts::default(), Counts::default());
    let mut cached = None;
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "billed_units" => billed = counts(r)?,
                "tokens" => tokens = counts(r)?,
                "cached_tokens" => cached = units_if(r)?,
                _ => {}
            }
            Ok(())
        })?;
    }
    let input = tokens.read().or_else(|| billed.read());
    let output = tokens.output.or(billed.output);
    let usage = input.or(output).or(billed.search).map(|_some| {
        let input = input.unwrap_or_default();
        Usage {
            input,
            output: output.unwrap_or_default(),
            cached_input: cached.filter(|cached| *cached <= input).unwrap_or_default(),
            searches: billed.search.unwrap_or_default(),
            ..Usage::default()
        }
    });
    Ok(Meta { usage })
}

fn counts(r: &mut Reader<'_>) -> Result<Counts, DecodeError> {
    let mut counts = Counts::default();
    if r.kind()? != Kind::Object {
        return Ok(counts);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "input_tokens" => counts.input = units_if(r)?,
            "image_tokens" => counts.image = units_if(r)?,
            "output_tokens" => counts.output = units_if(r)?,
            "search_units" => counts.search = units_if(r)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(counts)
}

/// Writes the `meta` of an answer that is no chat.
pub(crate) fn write(o: &mut Object<'_>, usage: Option<&Usage>) {
    o.object("meta", |o| {
        o.object("api_version", |o| o.string("version", "2"));
        o.object("billed_units", |o| {
            let Some(usage) = usage else { return };
            if usage.input > 0 || usage.searches == 0 {
                o.whole("input_tokens", usage.input);
            }
            if usage.searches > 0 {
                o.whole("search_units", usage.searches);
            }
        });
    });
}

/// Writes the `usage` of a chat.
pub(crate) fn write_usage(o: &mut Object<'_>, usage: &Usage) {
    o.object("usage", |o| {
        for name in ["billed_units", "tokens"] {
            o.object(name, |o| {
                o.whole("input_tokens", usage.input);
                o.whole("output_tokens", usage.output);
            });
        }
        if usage.cached_input > 0 {
            o.whole("cached_tokens", usage.cached_input);
        }
    });
}
