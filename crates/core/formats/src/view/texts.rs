//! Collecting the texts of a document while it is read.

use tollgate_wire::json::{Key, Kind, Reader};
use tollgate_wire::{Span, StrSpan};

use super::rest::is_structure;
use super::words::{is_measure, is_name, is_telling, is_word};
use super::{Counted, EventView, Field, Lane, Offered, Role, TextPiece, TextSpan};
use crate::exchange::Seal;
use crate::format::DecodeError;

/// The texts found so far.
#[derive(Default)]
pub(crate) struct Texts {
    /// Whether the places are wanted, or only the count.
    pub(crate) wanted: bool,
    /// Whether keys and unknown members are texts too: in requests, when wanted.
    everything: bool,
    /// The places.
    pub(crate) spans: Vec<TextSpan>,
    /// Raw bytes of all texts.
    pub(crate) bytes: u64,
    /// Tokens that are told by their ids, which nobody here can read.
    pub(crate) token_ids: u64,
    /// Whether an opaque string is kept for a provider of another format.
    pub(crate) sealed: bool,
    /// The names of tools that are offered, when wanted.
    pub(crate) offers: Vec<Offered>,
    /// How many tools were met.
    pub(super) tools: u32,
    /// What counts as prompt.
    pub(crate) counted: Counted,
}

impl Texts {
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// For a request: what the view does not know is text too.
    pub(crate) fn of_request(wanted: bool) -> Self {
        Self {
            wanted,
            everything: wanted,
            ..Self::default()
        }
    }

    /// Takes note of a text. Empty texts are nothing to look at.
    pub(crate) fn add(&mut self, text: StrSpan, from: Speaker, field: Field) {
        self.bytes += text.span.len() as u64;
        // The definitions of tools count as a whole, and metadata never reach a model.
        if !matches!(field, Field::ToolDescription | Field::Metadata) && !text.span.is_empty() {
            self.counted.places.push(text);
            self.counted.messages = self.counted.messages.max(from.turn.saturating_add(1));
        }
        self.note(text, from, field);
    }

    /// Takes note of definitions of tools: a list, and not those in it that were counted
    /// since there were so many places.
    pub(super) fn defined(&mut self, before: usize, list: Span) {
        self.counted.places.truncate(before);
        if list.len() > "[]".len() {
            self.counted.places.push(bare(list));
            self.counted.has_tools = true;
        }
    }

    /// Takes note of an image.
    pub(crate) fn image(&mut self) {
        self.counted.images = self.counted.images.saturating_add(1);
    }

    /// Takes note of a sound, a document or another file that is not text.
    pub(crate) fn file(&mut self) {
        self.counted.has_files = true;
    }

    /// Takes note of what is in base64, by its media type.
    pub(crate) fn encoded(&mut self, media_type: &str) {
        self.counted.has_encoded_text |= is_text_type(media_type);
    }

    /// As [`Texts::add`], for what does not count as prompt.
    pub(super) fn note(&mut self, text: StrSpan, from: Speaker, field: Field) {
        if self.wanted && !text.span.is_empty() {
            self.spans.push(TextSpan {
                text,
                role: from.role,
                field,
                turn: from.turn,
            });
        }
    }

    /// Takes note of a string of a member of this name, where unknown members are texts and
    /// the string may be a sentence.
    pub(crate) fn note_opaque(&mut self, r: &Reader<'_>, key: &str, text: StrSpan, from: Speaker) {
        self.sealed |= Seal::is_in(key, &r.text(text));
        if let Some(url) = r.text(text).strip_prefix("data:") {
            self.encoded(url.split([';', ',']).next().unwrap_or_default());
        }
        if self.everything && !is_structure(key, &r.text(text)) {
            self.note(text, from, Field::Metadata);
        }
    }

    /// Sets the role of the texts from the `first`th on, for messages whose `role`
    /// comes after their content. What a tool said stays the tool's.
    pub(crate) fn set_role(&mut self, first: usize, role: Role) {
        for span in self.spans.iter_mut().skip(first) {
            if span.role != Role::Tool {
                span.role = role;
            }
        }
    }
}

/// True for a kind of file that is text.
fn is_text_type(media_type: &str) -> bool {
    let kind = media_type.to_ascii_lowercase();
    let behind = kind.strip_prefix("application/").unwrap_or_default();
    let is_code = matches!(
        behind,
        "json" | "xml" | "yaml" | "x-yaml" | "javascript" | "x-javascript" | "sql" | "rtf"
    );
    kind.starts_with("text/") || is_code || behind.ends_with("+json") || behind.ends_with("+xml")
}

/// Who a text is from, and in which turn.
#[derive(Clone, Copy)]
pub(crate) struct Speaker {
    pub(crate) role: Role,
    pub(crate) turn: u32,
}

/// Adds the next value if it is a string; another value is read as an unknown one.
pub(crate) fn text_if(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        texts.add(r.string()?, from, field);
        return Ok(());
    }
    everything(r, from, field, texts)
}

/// Reads a string that the view acts on; another value is read as an unknown one.
pub(crate) fn string_of(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<Option<StrSpan>, DecodeError> {
    if r.kind()? == Kind::String {
        return Ok(Some(r.string()?));
    }
    everything(r, from, Field::Metadata, texts)?;
    Ok(None)
}

/// Reads a `type`, `role` or `model`; a value that cannot be one is noted as a text.
pub(crate) fn name_of(
    r: &mut Reader<'_>,
    key: &str,
    from: Speaker,
    texts: &mut Texts,
) -> Result<Option<StrSpan>, DecodeError> {
    let name = string_of(r, from, texts)?;
    if texts.everything
        && let Some(name) = name
        && !is_name(key, &r.text(name))
    {
        texts.note(name, from, Field::Metadata);
    }
    Ok(name)
}

/// Reads the value of a setting that a format names: one word, a number, a list of them.
/// What cannot be one is noted as a text.
pub(crate) fn setting(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    match r.kind()? {
        // Words of providers have capitals as names of models have.
        Kind::String => name_of(r, "model", from, texts).map(|_word| ()),
        Kind::Array => {
            r.array(|r, _index| setting(r, from, texts))?;
            Ok(())
        }
        _ => everything(r, from, Field::Metadata, texts),
    }
}

/// Reads what is no text as long as it can be no sentence: data, ids and signatures.
/// Another value is read as an unknown one.
pub(crate) fn opaque(
    r: &mut Reader<'_>,
    key: &str,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if let Some(text) = string_of(r, from, texts)? {
        texts.note_opaque(r, key, text, from);
    }
    Ok(())
}

/// Reads a URL, which is a text unless it holds data.
pub(crate) fn address_of(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if texts.everything && r.kind()? == Kind::String {
        let text = r.string()?;
        if !is_structure("url", &r.text(text)) {
            texts.note(text, from, Field::Document);
        }
        return Ok(());
    }
    everything(r, from, Field::Document, texts)
}

/// Reads what a tool is given: a string, or JSON as it stands.
pub(crate) fn input_of(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        texts.add(r.string()?, from, Field::ToolInput);
    } else if let Some(text) = json(r)? {
        texts.add(text, from, Field::ToolArguments);
    }
    Ok(())
}

/// Reads metadata: a string, or JSON as it stands.
pub(crate) fn json_of(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        texts.note(r.string()?, from, Field::Metadata);
    } else if let Some(text) = json(r)? {
        texts.note(text, from, Field::Members);
    }
    Ok(())
}

/// Passes a value that is no string, and gives it as JSON text when it says something.
pub(crate) fn json(r: &mut Reader<'_>) -> Result<Option<StrSpan>, DecodeError> {
    let kind = r.kind()?;
    let span = r.skip()?;
    let says = match (kind, span.of(r.bytes())) {
        (Kind::Array | Kind::Object, [_open, inner @ .., _close]) => !inner.trim_ascii().is_empty(),
        (kind, _) => kind == Kind::Number,
    };
    Ok(says.then(|| bare(span)))
}

/// JSON text that stands in no string.
pub(super) const fn bare(span: Span) -> StrSpan {
    StrSpan {
        span,
        escaped: false,
    }
}

/// Notes what a view does not know: every string of the next value, at any depth, every
/// number that may be more than a measure, and every member that is not the protocol's.
/// Nothing is read where it is not wanted.
pub(crate) fn everything(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if !texts.everything {
        return Ok(());
    }
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| everything(r, from, field, texts))?;
        }
        Kind::Object => {
            r.object(|r, key| unknown(r, &key, (from, field), texts))?;
        }
        Kind::String => {
            let text = r.string()?;
            if !is_word(&r.text(text)) {
                texts.note(text, from, field);
            }
        }
        Kind::Number => {
            let span = r.skip()?;
            if is_telling(span.of(r.bytes())) {
                texts.note(bare(span), from, Field::Members);
            }
        }
        Kind::Bool | Kind::Null => {}
    }
    Ok(())
}

/// Reads what a model is given to read, in whatever shape: as [`everything`], and its strings
/// count as prompt.
pub(crate) fn content(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        texts.add(r.string()?, from, field);
        return Ok(());
    }
    texts.bytes += string_bytes(&mut r.clone())?;
    everything(r, from, field, texts)
}

/// Reads a member of such a value that a view does not know: as [`unknown`], and its strings
/// count as prompt.
pub(crate) fn content_member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    // What names something is no text.
    if !matches!(key.as_str(), "type" | "role" | "model") {
        texts.bytes += string_bytes(&mut r.clone())?;
    }
    unknown(r, key, (from, Field::Metadata), texts)
}

/// The bytes of all strings of the next value that may be more than words of the protocol.
fn string_bytes(r: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let mut bytes = 0;
    match r.kind()? {
        Kind::String => {
            let text = r.string()?;
            if !is_word(&r.text(text)) {
                bytes = text.span.len() as u64;
            }
        }
        Kind::Array if r.numbers()?.is_none() => {
            r.array::<DecodeError>(|r, _index| {
                bytes += string_bytes(r)?;
                Ok(())
            })?;
        }
        Kind::Object => {
            r.object::<DecodeError>(|r, _key| {
                bytes += string_bytes(r)?;
                Ok(())
            })?;
        }
        Kind::Array => {}
        Kind::Number | Kind::Bool | Kind::Null => {
            r.skip()?;
        }
    }
    Ok(bytes)
}

/// Reads a member that a view does not know: one that is not the protocol's is a text,
/// name and all. In the schema of a tool each key and each string is a text of its own: it
/// must stay a schema.
pub(crate) fn unknown(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    (from, field): (Speaker, Field),
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if !texts.everything {
        return Ok(());
    }
    match key.as_str() {
        "type" | "role" | "model" => return name_of(r, key, from, texts).map(|_name| ()),
        "thought_signature" | "thoughtSignature" | "authorization_token" => {
            return opaque(r, key, from, texts);
        }
        _ => {}
    }
    if is_word(key) {
        if is_measure(key) && r.kind()? == Kind::Number {
            return Ok(());
        }
    } else if field == Field::ToolDescription {
        texts.note(key.span(), from, field);
    } else {
        let value = r.skip()?;
        let member = Span::new(key.span().quoted().start, value.end);
        texts.note(bare(member), from, Field::Members);
        return Ok(());
    }
    everything(r, from, field, texts)
}

/// Adds every string of the next value, at any depth; in requests keys are noted too.
pub(crate) fn strings_of(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| strings_of(r, from, field, texts))?;
        }
        Kind::Object => {
            r.object(|r, key| {
                if texts.everything && !is_word(&key) {
                    texts.note(key.span(), from, field);
                }
                strings_of(r, from, field, texts)
            })?;
        }
        Kind::String => texts.add(r.string()?, from, field),
        Kind::Number => everything(r, from, field, texts)?,
        Kind::Bool | Kind::Null => {}
    }
    Ok(())
}

/// Takes note of a piece of text of an event. An empty one is nothing.
pub(crate) fn note(text: StrSpan, lane: Lane, view: &mut EventView) {
    if !text.span.is_empty() {
        view.pieces.push(TextPiece {
            lane,
            field: lane.field(),
            text,
        });
    }
}

/// Where every text is wanted, takes note of every string of the next value, at any
/// depth: members of one name, and what stands in one array, are one text. What is the
/// protocol's is not among them.
pub(crate) fn strings(
    r: &mut Reader<'_>,
    lane: Lane,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    if !view.all_texts {
        return Ok(());
    }
    if matches!(lane.field(), Field::ToolArguments | Field::ToolInput) {
        if let Some(text) = json(r)? {
            let lane = Lane::of(lane.choice, lane.block, Field::ToolArguments);
            note(text, lane, view);
        }
        return Ok(());
    }
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| strings(r, lane, view))?;
        }
        Kind::Object => {
            r.object::<DecodeError>(|r, key| {
                if r.kind()? == Kind::String {
                    let text = r.string()?;
                    if !is_structure(&key, &r.text(text)) {
                        note(text, lane.below(&key), view);
                    }
                    return Ok(());
                }
                strings(r, lane.below(&key), view)
            })?;
        }
        Kind::String => note(r.string()?, lane, view),
        Kind::Number | Kind::Bool | Kind::Null => {}
    }
    Ok(())
}
