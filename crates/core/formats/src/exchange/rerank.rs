//! The canonical model of reranking: documents in, their order by a query out.

use serde_json::value::RawValue;
use tollgate_types::Usage;

use super::size::{extras, text};
use crate::format::{DecodeError, FormatId};
use crate::loss::Losses;
use crate::read::shape;

/// A request to put documents in the order of what they have to do with a query.
#[derive(Clone, Debug, Default)]
pub struct RerankRequest {
    /// The format it was decoded from. Extras are written only back to it.
    pub origin: Option<FormatId>,
    /// The model name as written; the attempt replaces it by the target's.
    pub model: String,
    /// What is looked for; more than a text for models of more than texts.
    pub query: RerankDocument,
    /// The documents, in order.
    pub documents: Vec<RerankDocument>,
    /// How many results are wanted, the best first; all where it is not said.
    pub top_n: Option<u64>,
    /// Whether results say what their document is.
    pub return_documents: Option<bool>,
    /// The most tokens of a document that are read.
    pub document_tokens_max: Option<u64>,
    /// Members nobody here knows, in order: carried within a format, named as a loss
    /// between formats.
    pub extras: Vec<(String, Box<RawValue>)>,
    /// What the decoder met below the top level and could not keep.
    pub unread: Losses,
}

/// A document.
#[derive(Clone, Debug)]
pub enum RerankDocument {
    /// A text; written as a string, or as an object with nothing but `text`.
    Text(String),
    /// An object with more than a text, as JSON.
    Object(Box<RawValue>),
}

/// The documents in order.
#[derive(Clone, Debug, Default)]
pub struct RerankAnswer {
    /// The provider's id; empty where its format has none.
    pub id: String,
    /// The model as the provider names it; empty where its format does not say.
    pub model: String,
    /// The results, the best first.
    pub results: Vec<RerankResult>,
    /// Tokens, and the searches that are billed, where the provider bills those.
    pub usage: Option<Usage>,
    /// The format it was decoded from.
    pub origin: Option<FormatId>,
    /// What the decoder could not keep.
    pub unread: Losses,
}

/// One result.
#[derive(Clone, Debug)]
pub struct RerankResult {
    /// Which document of the request it is, counted from 0.
    pub index: u64,
    /// How much it has to do with the query: the number that was written, to the precision of
    /// a double.
    pub score: serde_json::Number,
    /// The document, where it is told.
    pub document: Option<RerankDocument>,
}

impl Default for RerankDocument {
    /// An empty text.
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl RerankDocument {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Text(words) => text(words),
            Self::Object(json) => text(json.get()),
        }
    }
}

impl RerankRequest {
    /// What it keeps in memory in bytes, everything it owns included.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let documents = self.documents.iter().map(RerankDocument::size_bytes);
        size_of::<Self>()
            + self.query.size_bytes()
            + self.documents.capacity() * size_of::<RerankDocument>()
            + documents.sum::<usize>()
            + extras(&self.extras)
    }
}

impl RerankAnswer {
    /// Makes sure that it ranks each of so many documents once at most.
    pub(crate) fn check(&self, documents: usize) -> Result<(), DecodeError> {
        let mut seen = vec![false; documents];
        let mut results = self.results.iter();
        let is_sound = results.all(|result| {
            let place = usize::try_from(result.index).ok();
            let seen = place.and_then(|place| seen.get_mut(place));
            seen.is_some_and(|seen| !std::mem::replace(seen, true))
        });
        if is_sound {
            Ok(())
        } else {
            Err(shape("results[].index", "not each document once at most"))
        }
    }
}
