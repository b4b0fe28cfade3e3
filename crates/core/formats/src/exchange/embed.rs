//! The canonical model of embeddings: texts in, vectors out.

use std::borrow::Cow;

use serde_json::value::RawValue;
use tollgate_types::Usage;

use super::Image;
use super::size::{extras, image, optional, text};
use crate::format::{DecodeError, FormatId};
use crate::loss::{Carry, Losses};
use crate::read::shape;
use crate::vectors::{Forms, Vectors, exact};

/// A request for the vectors of its inputs.
#[derive(Clone, Debug, Default)]
pub struct EmbedRequest {
    /// The format it was decoded from. Extras are written only back to it.
    pub origin: Option<FormatId>,
    /// The model name as written; the attempt replaces it by the target's.
    pub model: String,
    /// What is embedded, in order; one vector each.
    pub inputs: Vec<EmbedInput>,
    /// What the vectors are for.
    pub task: Option<EmbedTask>,
    /// How many numbers a vector has.
    pub dimensions: Option<u64>,
    /// The forms in which the vectors are wanted; none for the format's own.
    pub forms: Forms,
    /// What is left out of an input that is too long.
    pub truncate: Option<Truncate>,
    /// The caller's id for its own user.
    pub user: Option<String>,
    /// Members nobody here knows, in order: carried within a format, named as a loss
    /// between formats.
    pub extras: Vec<(String, Box<RawValue>)>,
    /// What the decoder met below the top level and could not keep.
    pub unread: Losses,
}

/// One of the things that are embedded.
#[derive(Clone, Debug, Default)]
pub struct EmbedInput {
    /// Its title, where it is a document and the format has one.
    pub title: Option<String>,
    /// What it is made of, in order.
    pub parts: Vec<EmbedPart>,
}

/// A part of an input.
#[derive(Clone, Debug)]
pub enum EmbedPart {
    /// Text.
    Text(String),
    /// An image.
    Image(Image),
    /// The ids of tokens of the model's own vocabulary, as JSON: no other format has them.
    Tokens(Box<RawValue>),
}

/// What vectors are for: providers that ask for it train for each use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbedTask {
    /// To search with.
    Query,
    /// To be found.
    Document,
    /// To be put into classes.
    Classification,
    /// To be put into groups.
    Clustering,
    /// Images, whatever they are for (Cohere).
    Image,
    /// Something that only its own format has a word for.
    Other(String),
}

/// What is left out of an input that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncate {
    /// Nothing: the request is refused.
    Never,
    /// Its start.
    Start,
    /// Its end.
    End,
}

/// The vectors of a request's inputs.
#[derive(Clone, Debug, Default)]
pub struct EmbedAnswer {
    /// The provider's id; empty where its format has none.
    pub id: String,
    /// The model as the provider names it; empty where its format does not say.
    pub model: String,
    /// The vectors, once for each form they are given in.
    pub vectors: Vec<Vectors>,
    /// Tokens.
    pub usage: Option<Usage>,
    /// The format it was decoded from.
    pub origin: Option<FormatId>,
    /// What the decoder could not keep.
    pub unread: Losses,
}

impl EmbedRequest {
    /// What it keeps in memory in bytes, everything it owns included.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let inputs = self.inputs.capacity() * size_of::<EmbedInput>()
            + self
                .inputs
                .iter()
                .map(EmbedInput::size_bytes)
                .sum::<usize>();
        size_of::<Self>() + inputs + optional(self.user.as_deref()) + extras(&self.extras)
    }
}

impl EmbedAnswer {
    /// An answer without a vector: what a filter leaves of one.
    pub(crate) fn none(usage: Usage) -> Self {
        Self {
            usage: Some(usage),
            ..Self::default()
        }
    }

    /// Makes sure that there is a vector for each of so many inputs, in each form, and one
    /// form from which any other is made.
    pub(crate) fn check(&self, inputs: usize) -> Result<(), DecodeError> {
        let has_each = self.vectors.iter().all(|form| form.list.len() == inputs);
        if has_each && exact(&self.vectors).is_some() {
            Ok(())
        } else {
            Err(shape("embeddings", "not one vector for each input"))
        }
    }
}

impl EmbedInput {
    /// An input that is one text.
    #[must_use]
    pub fn of_text(text: String) -> Self {
        Self {
            title: None,
            parts: vec![EmbedPart::Text(text)],
        }
    }

    /// The input as one text, for formats that take nothing else; `None` where it has
    /// none, which is then a loss by the name of what stands in its place.
    pub(crate) fn as_text(&self, carry: &mut Carry<'_>) -> Option<Cow<'_, str>> {
        let mut text: Option<Cow<'_, str>> = None;
        for part in &self.parts {
            match (part, &mut text) {
                (EmbedPart::Text(words), None) => text = Some(Cow::Borrowed(words)),
                (EmbedPart::Text(words), Some(text)) => {
                    let text = text.to_mut();
                    text.push('\n');
                    text.push_str(words);
                }
                (EmbedPart::Image(_), _) => carry.lose_content("image"),
                (EmbedPart::Tokens(_), _) => carry.lose_content("token_ids"),
            }
        }
        if self.parts.is_empty() {
            carry.lose_content("input");
        }
        text
    }

    fn size_bytes(&self) -> usize {
        let parts = self.parts.iter().map(|part| match part {
            EmbedPart::Text(words) => text(words),
            EmbedPart::Image(picture) => image(picture),
            EmbedPart::Tokens(json) => text(json.get()),
        });
        optional(self.title.as_deref())
            + self.parts.capacity() * size_of::<EmbedPart>()
            + parts.sum::<usize>()
    }
}
