//! Reads requests, and refuses what the providers refuse.

use serde_json::{Map, Value};

use super::{Shape, Wanted};
use crate::refused::Refused;

/// Numbers in a vector unless a request says otherwise, and at most.
const DIMENSIONS: usize = 16;
const DIMENSIONS_MAX: usize = 4096;
/// Texts in one request, at most.
const TEXTS_MAX: usize = 2048;

/// Reads a request; `model` is the one that the path names.
pub(crate) fn read(shape: Shape, body: &Value, model: Option<&str>) -> Result<Wanted, Refused> {
    let object = body
        .as_object()
        .ok_or_else(|| Refused::invalid("the request body must be a JSON object"))?;
    let mut wanted = Wanted {
        model: match model {
            Some(model) => model.to_owned(),
            None => text(object, "model")?,
        },
        texts: Vec::new(),
        query: None,
        dimensions: DIMENSIONS,
        forms: Vec::new(),
        top: usize::MAX,
        tells_documents: false,
        fault: None,
    };
    match shape {
        Shape::OpenAiEmbeddings => openai(object, &mut wanted)?,
        Shape::CohereEmbed => cohere(object, &mut wanted)?,
        Shape::GeminiEmbed => gemini(object, &mut wanted)?,
        Shape::GeminiBatchEmbed => {
            for one in list(object, "requests")? {
                let one = one.as_object().ok_or_else(|| missing("requests[]"))?;
                let named = text(one, "model")?;
                if named.strip_prefix("models/") != Some(&wanted.model) {
                    return Err(Refused::invalid(
                        "requests[].model: not the model of the path",
                    ));
                }
                gemini(one, &mut wanted)?;
            }
        }
        Shape::CohereRerank | Shape::JinaRerank => rerank(shape, object, &mut wanted)?,
    }
    if wanted.texts.is_empty() || wanted.texts.len() > TEXTS_MAX {
        return Err(Refused::invalid(format!("give 1 to {TEXTS_MAX} texts")));
    }
    wanted.obey()?;
    Ok(wanted)
}

fn missing(name: &str) -> Refused {
    Refused::invalid(format!("{name}: missing, or of the wrong type"))
}

fn text(object: &Map<String, Value>, name: &str) -> Result<String, Refused> {
    let text = object.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| missing(name))
}

fn list<'v>(object: &'v Map<String, Value>, name: &str) -> Result<&'v Vec<Value>, Refused> {
    let list = object.get(name).and_then(Value::as_array);
    list.ok_or_else(|| missing(name))
}

fn words(list: &[Value], name: &str) -> Result<Vec<String>, Refused> {
    let words = list.iter().map(|word| word.as_str().map(str::to_owned));
    words.collect::<Option<_>>().ok_or_else(|| missing(name))
}

/// A whole number of a member that may be left out.
fn number(object: &Map<String, Value>, name: &str, most: usize) -> Result<Option<usize>, Refused> {
    let Some(value) = object.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    match number {
        Some(number @ 1..) if number <= most => Ok(Some(number)),
        _ => Err(Refused::invalid(format!("{name}: must be 1 to {most}"))),
    }
}

/// `input`: a text, texts, tokens, or lists of tokens. Tokens are words without a meaning.
fn openai(object: &Map<String, Value>, wanted: &mut Wanted) -> Result<(), Refused> {
    let tokens = |list: &[Value]| {
        let each = list
            .iter()
            .map(|token| token.as_u64().map(|token| token.to_string()));
        each.collect::<Option<Vec<_>>>().map(|all| all.join(" "))
    };
    let input = object.get("input").ok_or_else(|| missing("input"))?;
    wanted.texts = match input {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) if list.iter().all(Value::is_number) => {
            vec![tokens(list).ok_or_else(|| missing("input"))?]
        }
        Value::Array(list) => {
            let each = list.iter().map(|one| match one {
                Value::String(text) => Some(text.clone()),
                Value::Array(list) => tokens(list),
                _ => None,
            });
            each.collect::<Option<_>>()
                .ok_or_else(|| missing("input"))?
        }
        _ => return Err(missing("input")),
    };
    let dimensions = number(object, "dimensions", DIMENSIONS_MAX)?;
    wanted.dimensions = dimensions.unwrap_or(DIMENSIONS);
    match object.get("encoding_format").map(Value::as_str) {
        None => {}
        Some(Some(form @ ("float" | "base64"))) => wanted.forms.push(form.to_owned()),
        Some(_) => return Err(missing("encoding_format")),
    }
    Ok(())
}

fn cohere(object: &Map<String, Value>, wanted: &mut Wanted) -> Result<(), Refused> {
    const TYPES: [&str; 5] = [
        "search_document",
        "search_query",
        "classification",
        "clustering",
        "image",
    ];
    if !TYPES.contains(&text(object, "input_type")?.as_str()) {
        return Err(missing("input_type"));
    }
    for name in ["texts", "images"] {
        if object.contains_key(name) {
            wanted.texts.extend(words(list(object, name)?, name)?);
        }
    }
    if object.contains_key("inputs") {
        for input in list(object, "inputs")? {
            let content = input["content"]
                .as_array()
                .ok_or_else(|| missing("inputs"))?;
            let parts = content.iter().map(|part| {
                let url = part["image_url"]["url"].as_str();
                part["text"].as_str().or(url)
            });
            let parts = parts.collect::<Option<Vec<_>>>();
            wanted
                .texts
                .push(parts.ok_or_else(|| missing("inputs"))?.join(" "));
        }
    }
    let dimensions = number(object, "output_dimension", DIMENSIONS_MAX)?;
    wanted.dimensions = dimensions.unwrap_or(DIMENSIONS);
    if object.contains_key("embedding_types") {
        const FORMS: [&str; 4] = ["float", "base64", "int8", "uint8"];
        wanted.forms = words(list(object, "embedding_types")?, "embedding_types")?;
        if wanted
            .forms
            .iter()
            .any(|form| !FORMS.contains(&form.as_str()))
        {
            return Err(missing("embedding_types"));
        }
    }
    Ok(())
}

/// One `EmbedContentRequest`.
fn gemini(object: &Map<String, Value>, wanted: &mut Wanted) -> Result<(), Refused> {
    let parts = object
        .get("content")
        .and_then(|content| content["parts"].as_array())
        .ok_or_else(|| missing("content.parts"))?;
    let texts = parts.iter().map(|part| {
        let data = part["inlineData"]["data"].as_str();
        part["text"].as_str().or(data)
    });
    let texts = texts.collect::<Option<Vec<_>>>();
    let texts = texts.ok_or_else(|| missing("content.parts[].text"))?;
    wanted.texts.push(texts.join(" "));
    let dimensions = number(object, "outputDimensionality", DIMENSIONS_MAX)?;
    wanted.dimensions = dimensions.unwrap_or(wanted.dimensions);
    Ok(())
}

fn rerank(shape: Shape, object: &Map<String, Value>, wanted: &mut Wanted) -> Result<(), Refused> {
    wanted.query = Some(text(object, "query")?);
    let documents = list(object, "documents")?.iter().map(|document| {
        let text = document.as_str().or_else(|| document["text"].as_str());
        text.map(str::to_owned)
    });
    let documents = documents.collect::<Option<_>>();
    wanted.texts = documents.ok_or_else(|| missing("documents"))?;
    wanted.top = number(object, "top_n", usize::MAX)?.unwrap_or(usize::MAX);
    // Jina tells documents unless it is asked not to, Cohere never does.
    let told = object.get("return_documents").and_then(Value::as_bool);
    wanted.tells_documents = shape == Shape::JinaRerank && told.unwrap_or(true);
    Ok(())
}
