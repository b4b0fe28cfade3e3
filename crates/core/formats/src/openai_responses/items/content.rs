//! Reads the content of an item: a string, or parts.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{Citation, Document, DocumentContent, Image, Part, TokenLogprob};
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::openai::{data_url, read_logprobs};
use crate::read;

/// The members of a part as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    text: Option<String>,
    refusal: Option<String>,
    citations: Vec<Citation>,
    logprobs: Vec<TokenLogprob>,
    image_url: Option<String>,
    detail: Option<String>,
    file_data: Option<String>,
    file_url: Option<String>,
    filename: Option<String>,
    audio: Option<(String, String)>,
    /// What has no place in the canonical model, should the type have one.
    unread: Losses,
}

/// Reads content. The probabilities of its tokens go to `logprobs`.
pub(in crate::openai_responses) fn read_content(
    r: &mut Reader<'_>,
    unread: &mut Losses,
    logprobs: &mut Vec<TokenLogprob>,
) -> Result<Vec<Part>, DecodeError> {
    let mut parts = Vec::new();
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| part(r, &mut parts, unread, logprobs))?;
        }
        Kind::Object => part(r, &mut parts, unread, logprobs)?,
        _ => parts.extend(
            read::string(r)?
                .filter(|text| !text.is_empty())
                .map(Part::Text),
        ),
    }
    Ok(parts)
}

fn part(
    r: &mut Reader<'_>,
    parts: &mut Vec<Part>,
    unread: &mut Losses,
    logprobs: &mut Vec<TokenLogprob>,
) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        parts.extend(read::string(r)?.map(Part::Text));
        return Ok(());
    }
    let mut met = Met::default();
    let span = r.object(|r, key| member(r, &key, &mut met))?;
    logprobs.append(&mut met.logprobs);
    let citations = std::mem::take(&mut met.citations);
    let rest = std::mem::take(&mut met.unread);
    let kind = met.kind.take().unwrap_or_default();
    match known(&kind, met) {
        Some(part) => {
            unread.extend(&rest);
            parts.push(part);
            parts.extend(citations.into_iter().map(Part::Citation));
        }
        None => parts.push(Part::Other {
            kind,
            json: read::raw_at(r, span)?,
        }),
    }
    Ok(())
}

fn member(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string(r)?,
        "text" => met.text = read::string(r)?,
        "refusal" => met.refusal = read::string(r)?,
        "annotations" if r.kind()? == Kind::Array => {
            r.array(|r, _index| {
                let citation = annotation(r, &mut met.unread)?;
                met.citations.extend(citation);
                Ok::<_, DecodeError>(())
            })?;
        }
        "logprobs" => met.logprobs = read_logprobs(r)?,
        "image_url" if r.kind()? == Kind::String => met.image_url = read::string(r)?,
        // What it is unless it is said.
        "detail" => met.detail = read::string(r)?.filter(|word| word != "auto"),
        "file_data" => met.file_data = read::string(r)?,
        "file_url" => met.file_url = read::string(r)?,
        "filename" => met.filename = read::string(r)?,
        "input_audio" if r.kind()? == Kind::Object => met.audio = audio(r)?,
        // What is uploaded elsewhere cannot be read here: such a part is kept whole.
        "file_id" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn audio(r: &mut Reader<'_>) -> Result<Option<(String, String)>, DecodeError> {
    let (mut data, mut format) = (None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "data" => data = read::string(r)?,
            "format" => format = read::string(r)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(data.zip(format))
}

/// Reads an annotation; one of a file or of a container has no canonical form.
pub(in crate::openai_responses) fn annotation(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Option<Citation>, DecodeError> {
    let mut citation = Citation::default();
    let (mut kind, mut start, mut end) = (None, None, None);
    if r.kind()? != Kind::Object {
        r.skip()?;
        return Ok(None);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "url" => citation.url = read::string(r)?,
            "title" => citation.title = read::string(r)?.filter(|title| !title.is_empty()),
            "start_index" => start = read::whole_if(r)?,
            "end_index" => end = read::whole_if(r)?,
            _ => {}
        }
        Ok(())
    })?;
    citation.range = start.zip(end).filter(|(start, end)| start <= end);
    if kind.as_deref() == Some("url_citation") && citation.url.is_some() {
        return Ok(Some(citation));
    }
    unread.add(Loss::Content("citation"));
    Ok(None)
}

/// The canonical part, where there is one for this type and its members are there.
fn known(kind: &str, met: Met) -> Option<Part> {
    Some(match kind {
        "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text" => {
            Part::Text(met.text?)
        }
        "refusal" => Part::Refusal(met.refusal?),
        "input_image" => Part::Image(Image::at(met.image_url?, met.detail)),
        "input_file" => Part::Document(document(met)?),
        "input_audio" => {
            let (base64, format) = met.audio?;
            let media_type = match format.as_str() {
                "mp3" => "audio/mpeg".to_owned(),
                other => format!("audio/{other}"),
            };
            Part::Audio { media_type, base64 }
        }
        _ => return None,
    })
}

/// A file with its content inline, or at an address.
fn document(met: Met) -> Option<Document> {
    let content = match met.file_data {
        Some(data) => {
            // The API also takes the content without its media type; PDF is what it reads.
            let (media_type, base64) = data_url(&data).unwrap_or(("application/pdf", &data));
            DocumentContent::File {
                media_type: media_type.to_owned(),
                base64: base64.to_owned(),
            }
        }
        None => DocumentContent::Url(met.file_url?),
    };
    Some(Document {
        title: met.filename,
        content,
    })
}
