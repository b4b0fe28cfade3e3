//! Reads and checks a request as the API does.

use serde_json::{Map, Value};

use crate::ask::{Ask, Continued, Kept, ToolChoice};
use crate::directive::Directive;
use crate::openai::request::{
    CHOICES_MAX, flag, missing, model_of, ranges, stop, usage_wanted, whole, wrong_type,
};
use crate::refused::Refused;
use crate::text;

/// The most tokens of an answer, unless the request says.
const TOKENS_MAX: usize = 16;
/// The API's own limit of `logprobs`.
const LOGPROBS_MAX: u64 = 5;

/// One prompt: a text, or ids of tokens, which say nothing here.
struct Prompt {
    text: String,
    tokens: u64,
}

/// Reads a request.
pub(crate) fn read(body: &Value) -> Result<Ask, Refused> {
    let body = body.as_object().ok_or_else(|| {
        Refused::invalid("We could not parse the JSON body of your request: it is not an object.")
    })?;
    let model = model_of(body)?;
    let mut prompts = prompts(body)?;
    let stream = flag(body, "stream")?;
    let include_usage = usage_wanted(body, stream)?;
    ranges(body)?;
    whole(body, "logprobs", 0, LOGPROBS_MAX)?;
    let each = whole(body, "n", 1, CHOICES_MAX)?.unwrap_or(1);
    best_of(body, each, stream)?;
    let suffix = match body.get("suffix") {
        None | Some(Value::Null) => "",
        Some(Value::String(suffix)) => suffix,
        Some(other) => return Err(wrong_type("suffix", "a string", other)),
    };
    let mut directive = Directive::default();
    if let Some(first) = prompts.first_mut() {
        let (ordered, rest) =
            Directive::read(&first.text).map_err(|bad| Refused::invalid(bad.to_string()))?;
        first.text = rest.to_owned();
        directive = ordered;
    }
    let each = usize::try_from(each).unwrap_or(1);
    let tokens_max = whole(body, "max_tokens", 0, u64::MAX)?;
    let tokens_max = tokens_max.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    Ok(Ask {
        model,
        stream,
        include_usage,
        choices: each * prompts.len(),
        tokens_max: Some(tokens_max.unwrap_or(TOKENS_MAX)),
        stop: stop(body)?,
        prompt: String::new(),
        directive,
        tools: Vec::new(),
        tool_choice: ToolChoice::Never,
        tool_result: None,
        reasoning: 0,
        json: None,
        input_tokens: prompts.iter().map(|prompt| prompt.tokens).sum::<u64>() + text::count(suffix),
        kept: Kept::default(),
        continued: Some(Continued {
            prompts: prompts.into_iter().map(|prompt| prompt.text).collect(),
            each,
            echo: flag(body, "echo")?,
        }),
    })
}

fn prompts(body: &Map<String, Value>) -> Result<Vec<Prompt>, Refused> {
    let expected = "a string, or an array of strings or of tokens";
    let wrong = |found: &Value| wrong_type("prompt", expected, found);
    let list = match body.get("prompt") {
        None => return Err(missing("prompt")),
        // A new document.
        Some(Value::Null) => return Ok(vec![of_text("")]),
        Some(Value::String(text)) => return Ok(vec![of_text(text)]),
        Some(Value::Array(list)) if list.is_empty() => {
            return Err(Refused::invalid("Invalid 'prompt': empty array.")
                .param("prompt")
                .code("empty_array"));
        }
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong(other)),
    };
    if list.iter().all(Value::is_u64) {
        return Ok(vec![of_tokens(list)]);
    }
    let each = list.iter().map(|prompt| match prompt {
        Value::String(text) => Ok(of_text(text)),
        Value::Array(ids) if ids.iter().all(Value::is_u64) => Ok(of_tokens(ids)),
        other => Err(wrong(other)),
    });
    each.collect()
}

fn of_text(text: &str) -> Prompt {
    Prompt {
        tokens: text::count(text),
        text: text.to_owned(),
    }
}

fn of_tokens(ids: &[Value]) -> Prompt {
    Prompt {
        text: String::new(),
        tokens: ids.len() as u64,
    }
}

/// Of how many answers the best are told; they are not streamed.
fn best_of(body: &Map<String, Value>, each: u64, stream: bool) -> Result<(), Refused> {
    let Some(best_of) = whole(body, "best_of", 1, CHOICES_MAX)? else {
        return Ok(());
    };
    let reason = if best_of < each {
        "Invalid 'best_of': it must be at least 'n'."
    } else if stream && best_of > each {
        "Invalid 'best_of': results cannot be streamed."
    } else {
        return Ok(());
    };
    Err(Refused::invalid(reason)
        .param("best_of")
        .code("invalid_value"))
}
