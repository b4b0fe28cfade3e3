//! `meta` of an answer: what it cost.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::units_if;
use crate::write::Object;

/// The counts of `billed_units` or of `tokens`.
#[derive(Default)]
struct Counts {
    input: Option<u64>,
    image: Option<u64>,
    output: Option<u64>,
    search: Option<u64>,
}

impl Counts {
    fn is_told(&self) -> bool {
        self.read().or(self.output).or(self.search).is_some()
    }

    /// What was read: those of images are told beside those of texts.
    fn read(&self) -> Option<u64> {
        match (self.input, self.image) {
            (None, None) => None,
            (input, image) => Some(input.unwrap_or(0).saturating_add(image.unwrap_or(0))),
        }
    }
}

/// Reads `meta`, or the `usage` of a chat, which has the same members. The counts are those
/// that are billed: what the provider itself puts around a prompt and an answer is not. Where
/// no billed ones are told, they are what the model read and wrote.
pub(crate) fn read(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
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
    let told = [billed, tokens].into_iter().find(Counts::is_told);
    Ok(told.map(|told| {
        let input = told.read().unwrap_or_default();
        Usage {
            input,
            output: told.output.unwrap_or_default(),
            cached_input: cached.filter(|cached| *cached <= input).unwrap_or_default(),
            searches: told.search.unwrap_or_default(),
            ..Usage::default()
        }
    }))
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
