//! What backs an answer: `citationMetadata`, and `groundingMetadata` of searches.
//!
//! Places are counted in bytes of the answer's text here, in characters elsewhere.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{CITATIONS_MAX, Citation, Part};
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::read;
use crate::spelling::camel;
use crate::write::Object;

/// How much a source of citations may say, in bytes: it is told once for each of them.
const SOURCE_BYTES_MAX: usize = 8_192;

/// Where a passage is, and which sources back it.
type Support = (Option<(u64, u64)>, Vec<u64>);

/// What was met, with places in bytes.
#[derive(Default)]
pub(super) struct Met {
    direct: Vec<Citation>,
    sources: Vec<Citation>,
    supports: Vec<Support>,
}

impl Met {
    /// Reads a `citationMetadata`.
    pub(super) fn read(
        &mut self,
        r: &mut Reader<'_>,
        unread: &mut Losses,
    ) -> Result<(), DecodeError> {
        if r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object::<DecodeError>(|r, key| {
            // Vertex has another name for them.
            match (key.as_str(), r.kind()?) {
                ("citationSources" | "citations", Kind::Array) => {
                    r.array(|r, _index| {
                        let citation = direct(r)?;
                        keep(&mut self.direct, citation, unread);
                        Ok::<_, DecodeError>(())
                    })?;
                }
                (other, _) => read::unread(r, other, unread)?,
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Reads a `groundingMetadata`.
    pub(super) fn read_grounding(
        &mut self,
        r: &mut Reader<'_>,
        unread: &mut Losses,
    ) -> Result<(), DecodeError> {
        if r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object::<DecodeError>(|r, key| {
            match (key.as_str(), r.kind()?) {
                ("groundingChunks", Kind::Array) => {
                    r.array(|r, _index| {
                        let mut source = source(r)?;
                        let words = [&source.url, &source.title, &source.quote];
                        let bytes = words.map(|word| word.as_ref().map_or(0, String::len));
                        if bytes.iter().sum::<usize>() > SOURCE_BYTES_MAX {
                            unread.add(Loss::Content("citation"));
                            source = Citation::default();
                        }
                        keep(&mut self.sources, source, unread);
                        Ok::<_, DecodeError>(())
                    })?;
                }
                ("groundingSupports", Kind::Array) => {
                    r.array(|r, _index| {
                        let support = support(r)?;
                        keep(&mut self.supports, support, unread);
                        Ok::<_, DecodeError>(())
                    })?;
                }
                // How sure the search was, and of what it asked.
                (other, _) => read::unread(r, other, unread)?,
            }
            Ok(())
        })?;
        Ok(())
    }

    /// The citations of an answer that says `text`; without places where that is none.
    pub(super) fn finish(self, text: Option<&str>) -> Vec<Citation> {
        let Self {
            direct,
            sources,
            supports,
        } = self;
        let mut found = direct;
        let says = |source: &&Citation| **source != Citation::default();
        if supports.is_empty() {
            found.extend(sources.iter().filter(says).cloned());
        } else {
            for (range, indices) in supports {
                let room = CITATIONS_MAX.saturating_sub(found.len());
                let backing = indices
                    .iter()
                    .filter_map(|index| sources.get(usize::try_from(*index).ok()?));
                let backing = backing.filter(says).take(room);
                found.extend(backing.map(|source| Citation {
                    range,
                    ..source.clone()
                }));
            }
        }
        found.truncate(CITATIONS_MAX);
        for citation in &mut found {
            let in_text = citation.range.zip(text);
            citation.range = in_text.and_then(|(range, text)| in_characters(text, range));
        }
        found
    }
}

fn keep<T>(list: &mut Vec<T>, item: T, unread: &mut Losses) {
    if list.len() < CITATIONS_MAX {
        list.push(item);
    } else {
        unread.add(Loss::Content("citation"));
    }
}

fn direct(r: &mut Reader<'_>) -> Result<Citation, DecodeError> {
    let mut citation = Citation::default();
    let (mut start, mut end) = (0, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "startIndex" => start = read::whole_if(r)?.unwrap_or_default(),
            "endIndex" => end = read::whole_if(r)?,
            "uri" => citation.url = read::string(r)?,
            "title" => citation.title = read::string(r)?,
            _ => {}
        }
        Ok(())
    })?;
    citation.range = end.map(|end| (start, end));
    Ok(citation)
}

/// A source is named by where it was found: `web`, `retrievedContext`, `maps`.
fn source(r: &mut Reader<'_>) -> Result<Citation, DecodeError> {
    let mut citation = Citation::default();
    r.object::<DecodeError>(|r, _key| {
        if r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object::<DecodeError>(|r, key| {
            match &*camel(&key) {
                "uri" => citation.url = read::string(r)?,
                "title" => citation.title = read::string(r)?,
                "text" => citation.quote = read::string(r)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(citation)
}

fn support(r: &mut Reader<'_>) -> Result<Support, DecodeError> {
    let (mut start, mut end, mut indices) = (0, None, Vec::new());
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("segment", Kind::Object) => {
                r.object::<DecodeError>(|r, key| {
                    match key.as_str() {
                        "startIndex" => start = read::whole_if(r)?.unwrap_or_default(),
                        "endIndex" => end = read::whole_if(r)?,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            ("groundingChunkIndices", Kind::Array) => {
                r.array(|r, _index| {
                    indices.extend(read::whole_if(r)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((end.map(|end| (start, end)), indices))
}

fn in_characters(text: &str, (start, end): (u64, u64)) -> Option<(u64, u64)> {
    let characters = |bytes: u64| {
        let before = text.get(..usize::try_from(bytes).ok()?)?;
        u64::try_from(before.chars().count()).ok()
    };
    Some((characters(start)?, characters(end)?))
}

fn in_bytes(text: &str, (start, end): (u64, u64)) -> Option<(u64, u64)> {
    let bytes = |characters: u64| {
        let count = usize::try_from(characters).ok()?;
        let mut places = text.char_indices().map(|(at, _c)| at).chain([text.len()]);
        u64::try_from(places.nth(count)?).ok()
    };
    Some((bytes(start)?, bytes(end)?))
}

/// Writes the citations of an answer.
pub(super) fn write(o: &mut Object<'_>, parts: &[Part]) {
    let citations = || {
        parts.iter().filter_map(|part| match part {
            Part::Citation(citation) => Some(citation),
            _ => None,
        })
    };
    if citations().next().is_none() {
        return;
    }
    let text = text_of(parts);
    o.object("citationMetadata", |o| {
        o.array("citationSources", |a| {
            for citation in citations().take(CITATIONS_MAX) {
                let range = citation.range.and_then(|range| in_bytes(&text, range));
                a.object(|o| {
                    if let Some((start, end)) = range {
                        o.whole("startIndex", start);
                        o.whole("endIndex", end);
                    }
                    o.optional("uri", citation.url.as_deref());
                    o.optional("title", citation.title.as_deref());
                });
            }
        });
    });
}

/// The text of an answer.
pub(super) fn text_of(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}
