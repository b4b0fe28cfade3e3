//! Reads `generationConfig`.

use serde_json::Number;
use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{ChatRequest, Reasoning, ResponseFormat};
use crate::format::DecodeError;
use crate::gemini_generate::schema::{self, Others};
use crate::loss::{Loss, Losses};
use crate::read;
use crate::spelling::camel;

/// What is told in several places and joined at the end.
#[derive(Default)]
struct Form {
    media_type: Option<String>,
    schema: Option<Box<RawValue>>,
}

pub(super) fn read(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let mut form = Form::default();
    r.object::<DecodeError>(|r, key| {
        let name = camel(&key);
        if r.kind()? == Kind::Null || sampling(r, &name, request)? {
            return Ok(());
        }
        match (&*name, r.kind()?) {
            ("maxOutputTokens", _) => {
                request.max_output_tokens = whole(r, "max_tokens", &mut request.unread)?;
            }
            ("stopSequences", Kind::Array) => {
                r.array(|r, _index| {
                    request.stop.extend(read::string(r)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            ("responseMimeType", Kind::String) => form.media_type = read::string(r)?,
            ("responseSchema", _) => form.schema = schema::read(r, Others::No)?,
            ("responseJsonSchema" | "_responseJsonSchema", _) => form.schema = read::raw(r)?,
            ("thinkingConfig", Kind::Object) => thinking(r, request)?,
            ("responseModalities", Kind::Array) => modalities(r, &mut request.unread)?,
            (other, _) => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    request.response_format = form.finish(&mut request.unread);
    Ok(())
}

impl Form {
    fn finish(self, unread: &mut Losses) -> Option<ResponseFormat> {
        match (self.media_type.as_deref(), self.schema) {
            (Some("application/json"), Some(schema)) => Some(ResponseFormat::JsonSchema {
                name: String::new(),
                description: None,
                schema,
                strict: None,
            }),
            (Some("application/json"), None) => Some(ResponseFormat::JsonObject),
            (Some("text/plain"), None) => Some(ResponseFormat::Text),
            (None, None) => None,
            (_, _) => {
                unread.add(Loss::Parameter("response_format"));
                None
            }
        }
    }
}

fn sampling(
    r: &mut Reader<'_>,
    name: &str,
    request: &mut ChatRequest,
) -> Result<bool, DecodeError> {
    let (sampling, unread) = (&mut request.sampling, &mut request.unread);
    match name {
        "temperature" => sampling.temperature = read::number(r)?,
        "topP" => sampling.top_p = read::number(r)?,
        "topK" => sampling.top_k = whole(r, "top_k", unread)?,
        "frequencyPenalty" => sampling.frequency_penalty = read::number(r)?,
        "presencePenalty" => sampling.presence_penalty = read::number(r)?,
        "candidateCount" => sampling.choices = whole(r, "n", unread)?,
        "responseLogprobs" => sampling.logprobs = read::boolean(r)?,
        "logprobs" => sampling.top_logprobs = whole(r, "top_logprobs", unread)?,
        "seed" => {
            let seed = read::number(r)?;
            sampling.seed = seed.as_ref().and_then(Number::as_i64);
            if seed.is_some() && sampling.seed.is_none() {
                unread.add(Loss::Parameter("seed"));
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A whole number, which SDKs may write as `40.0`.
fn whole(
    r: &mut Reader<'_>,
    name: &'static str,
    unread: &mut Losses,
) -> Result<Option<u64>, DecodeError> {
    /// Up to here every whole number has a form with a fraction of its own.
    const MAX: f64 = 9_007_199_254_740_992.0;
    let Some(number) = read::number(r)? else {
        return Ok(None);
    };
    let fraction = number
        .as_f64()
        .filter(|value| (0.0..MAX).contains(value) && value.fract() == 0.0);
    // The range is checked, so no part of it is cut off.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0..2^53"
    )]
    let whole = number
        .as_u64()
        .or_else(|| fraction.map(|value| value as u64));
    if whole.is_none() {
        unread.add(Loss::Parameter(name));
    }
    Ok(whole)
}

fn thinking(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let (mut budget, mut level, mut shown) = (None, None, false);
    r.object::<DecodeError>(|r, key| {
        match &*camel(&key) {
            "thinkingBudget" => budget = read::number(r)?.as_ref().and_then(Number::as_i64),
            "thinkingLevel" => level = read::string(r)?,
            "includeThoughts" => shown = read::boolean(r)?.unwrap_or_default(),
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    let level = level
        .map(|level| level.to_ascii_lowercase())
        .filter(|level| level != "thinking_level_unspecified");
    request.reasoning = match (level, budget) {
        (Some(level), _) => Some(Reasoning::Effort(level)),
        (None, Some(0)) => Some(Reasoning::Off),
        (None, Some(budget)) => Some(u64::try_from(budget).map_or(
            // Less than nothing: as much as the model sees fit.
            Reasoning::Adaptive,
            Reasoning::Budget,
        )),
        (None, None) => shown.then_some(Reasoning::Adaptive),
    };
    Ok(())
}

/// Text is what every answer has.
fn modalities(r: &mut Reader<'_>, unread: &mut Losses) -> Result<(), DecodeError> {
    r.array(|r, _index| {
        let word = read::string(r)?.unwrap_or_default();
        if !matches!(
            word.as_str(),
            "TEXT" | "text" | "Text" | "MODALITY_UNSPECIFIED"
        ) {
            unread.add(Loss::Parameter("modalities"));
        }
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}
