//! Images, documents, sound and videos: a `format`, and a `source` of bytes or in S3.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tollgate_wire::json::{Kind, Reader};

use crate::bedrock_converse::media::{self, Words};
use crate::exchange::{Document, DocumentContent, Image, Part, Source};
use crate::format::DecodeError;
use crate::loss::Losses;
use crate::read;
use crate::write::Object;

/// How the address of an object in S3 begins. It is a URL elsewhere.
const S3: &str = "s3://";

/// The members of a file as they were met, whatever it is.
#[derive(Default)]
pub(super) struct Met {
    format: Option<String>,
    name: Option<String>,
    bytes: Option<String>,
    address: Option<String>,
    text: Option<String>,
}

/// Reads a file of any kind.
pub(super) fn read(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Met, DecodeError> {
    let mut met = Met::default();
    if r.kind()? != Kind::Object {
        return Ok(met);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "format" => met.format = read::string(r)?,
            "name" => met.name = read::string(r)?,
            "source" if r.kind()? == Kind::Object => source(r, &mut met, unread)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(met)
}

fn source(r: &mut Reader<'_>, met: &mut Met, unread: &mut Losses) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "bytes" => met.bytes = read::string(r)?,
            "text" => met.text = read::string(r)?,
            "content" if r.kind()? == Kind::Array => met.text = Some(texts(r)?),
            "s3Location" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    match key.as_str() {
                        "uri" => met.address = read::string(r)?,
                        other => read::unread(r, other, unread)?,
                    }
                    Ok(())
                })?;
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

/// The texts of an array of `{"text"}`, one line each.
pub(super) fn texts(r: &mut Reader<'_>) -> Result<String, DecodeError> {
    let mut all = String::new();
    r.array::<DecodeError>(|r, _index| {
        if r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object::<DecodeError>(|r, key| {
            if key.as_str() == "text"
                && let Some(text) = read::string(r)?
            {
                all.push_str(if all.is_empty() { "" } else { "\n" });
                all.push_str(&text);
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(all)
}

impl Met {
    fn media_type(&self, words: Words) -> Option<String> {
        let word = self.format.as_deref()?;
        media::media_type(words, word).map(str::to_owned)
    }

    /// The image, if it is one.
    pub(super) fn image(self) -> Option<Part> {
        let detail = None;
        if let Some(url) = self.address {
            return Some(Part::Image(Image::Url { url, detail }));
        }
        Some(Part::Image(Image::Inline {
            media_type: self.media_type(media::IMAGES)?,
            base64: self.bytes?,
            detail,
        }))
    }

    /// The sound, if it is one that is here.
    pub(super) fn sound(self) -> Option<Part> {
        Some(Part::Audio {
            media_type: self.media_type(media::SOUNDS)?,
            base64: self.bytes?,
        })
    }

    /// The video, if it is one.
    pub(super) fn video(self) -> Option<Part> {
        if let Some(url) = self.address {
            return Some(Part::Video(Source::Url(url)));
        }
        Some(Part::Video(Source::Inline {
            media_type: self.media_type(media::VIDEOS)?,
            base64: self.bytes?,
        }))
    }

    /// The document, if it is one. What is text by its format is text elsewhere, where
    /// only other kinds of files are read from bytes.
    pub(super) fn document(self) -> Option<Part> {
        let content = if let Some(url) = self.address {
            DocumentContent::Url(url)
        } else if let Some(text) = self.text {
            DocumentContent::Text(text)
        } else {
            let media_type = self.media_type(media::DOCUMENTS)?;
            let base64 = self.bytes?;
            let text = media_type.starts_with("text/").then(|| decoded(&base64));
            match text.flatten() {
                Some(text) => DocumentContent::Text(text),
                None => DocumentContent::File { media_type, base64 },
            }
        };
        let title = self.name;
        Some(Part::Document(Document { title, content }))
    }
}

fn decoded(base64: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(base64).ok()?).ok()
}

/// A file that this format has a place for, ready to be written.
pub(super) struct File<'f> {
    format: &'static str,
    name: Option<String>,
    source: From<'f>,
}

enum From<'f> {
    Base64(&'f str),
    Text(&'f str),
    S3(&'f str),
}

impl<'f> File<'f> {
    /// An image; `None` for what the provider would have to fetch from elsewhere than S3,
    /// and for kinds that there is no word for.
    pub(super) fn image(image: &'f Image) -> Option<Self> {
        match image {
            Image::Url { url, .. } => Self::stored(media::IMAGES, url),
            Image::Inline {
                media_type, base64, ..
            } => Self::inline(media::IMAGES, media_type, base64),
        }
    }

    /// As [`Self::image`], for sound.
    pub(super) fn sound(media_type: &str, base64: &'f str) -> Option<Self> {
        Self::inline(media::SOUNDS, media_type, base64)
    }

    /// As [`Self::image`], for a video.
    pub(super) fn video(video: &'f Source) -> Option<Self> {
        match video {
            Source::Url(url) => Self::stored(media::VIDEOS, url),
            Source::Inline { media_type, base64 } => {
                Self::inline(media::VIDEOS, media_type, base64)
            }
        }
    }

    /// As [`Self::image`], for a document, which needs a name that no other one has.
    pub(super) fn document(document: &'f Document, names: &mut Names) -> Option<Self> {
        let mut file = match &document.content {
            DocumentContent::File { media_type, base64 } => {
                Self::inline(media::DOCUMENTS, media_type, base64)?
            }
            DocumentContent::Text(text) => Self {
                format: "txt",
                name: None,
                source: From::Text(text),
            },
            DocumentContent::Url(url) => Self::stored(media::DOCUMENTS, url)?,
        };
        file.name = Some(name(document.title.as_deref(), names));
        Some(file)
    }

    fn inline(words: Words, media_type: &str, base64: &'f str) -> Option<Self> {
        // Unpadded or URL-safe base64 is none to the provider.
        let is_base64 = !base64.is_empty() && STANDARD.decode(base64).is_ok();
        is_base64.then_some(())?;
        Some(Self {
            format: media::word(words, media_type)?,
            name: None,
            source: From::Base64(base64),
        })
    }

    /// An object in S3, whose name says what it is.
    fn stored(words: Words, url: &'f str) -> Option<Self> {
        let key = url.strip_prefix(S3)?;
        let ending = key.rsplit_once('.')?.1.to_ascii_lowercase();
        let ending = match ending.as_str() {
            "jpg" => "jpeg",
            "3gp" => "three_gp",
            other => other,
        };
        let format = words.iter().find(|row| row.0 == ending)?.0;
        Some(Self {
            format,
            name: None,
            source: From::S3(url),
        })
    }

    /// Writes its members.
    pub(super) fn write(&self, o: &mut Object<'_>) {
        o.string("format", self.format);
        o.optional("name", self.name.as_deref());
        o.object("source", |o| match self.source {
            From::Base64(base64) => o.string("bytes", base64),
            From::Text(text) => o.string("bytes", &STANDARD.encode(text)),
            From::S3(uri) => o.object("s3Location", |o| o.string("uri", uri)),
        });
    }
}

/// The names of documents, each of which there is once.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The number that is tried next behind a name that is taken.
    next: HashMap<String, usize>,
}

impl Names {
    /// The name, with a number behind it where it is taken.
    fn free(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        // Each try is another name, so one of them is new. What a try met is not tried again.
        while !self.taken.insert(name.clone()) {
            let number = self.next.entry(base.to_owned()).or_insert(2);
            name = format!("{base} ({number})");
            *number += 1;
        }
        name
    }
}

/// A name as the provider takes it: letters, digits, hyphens, brackets and single blanks.
fn name(title: Option<&str>, names: &mut Names) -> String {
    const CHARS_MAX: usize = 180;
    let mut out = String::new();
    for c in title.unwrap_or_default().chars().take(CHARS_MAX) {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '(' | ')' | '[' | ']' => out.push(c),
            _ if out.ends_with(' ') || out.is_empty() => {}
            _ => out.push(' '),
        }
    }
    let out = match out.trim_end() {
        "" => "document",
        out => out,
    };
    names.free(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_the_provider_takes() {
        let names = &mut Names::default();
        assert_eq!(name(Some("a_b..c.pdf"), names), "a b c pdf");
        assert_eq!(name(Some("../../"), names), "document");
        assert_eq!(name(Some("Plan [1]"), names), "Plan [1]");
        assert_eq!(name(Some("Plan [1]"), names), "Plan [1] (2)");
        assert_eq!(name(Some("Plan [1] (3)"), names), "Plan [1] (3)");
        assert_eq!(name(Some("Plan [1]"), names), "Plan [1] (4)");
        assert_eq!(name(None, names), "document (2)");
    }

    #[test]
    fn very_many_names_are_found_in_linear_time() {
        const NAMES: usize = 40_000;
        let names = &mut Names::default();
        for number in NAMES..3 * NAMES {
            name(Some(&format!("d ({number})")), names);
        }
        for _ in 0..NAMES {
            name(Some("d"), names);
        }
        assert_eq!(name(Some("d"), names), format!("d ({})", 3 * NAMES + 1));
    }

    #[test]
    fn what_must_be_fetched_elsewhere_has_no_place() {
        let image = |url: &str| Image::Url {
            url: url.to_owned(),
            detail: None,
        };
        assert!(File::image(&image("https://example.com/a.png")).is_none());
        assert!(File::image(&image("s3://bucket/a.jpg")).is_some());
        assert!(File::image(&image("s3://bucket/a")).is_none());
        assert!(File::sound("audio/wav", "not base64").is_none());
    }
}
