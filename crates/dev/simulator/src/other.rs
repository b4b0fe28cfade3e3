//! Operations beside the chat: embeddings and reranking, as each provider documents them.
//!
//! A text's vector is the sum of its words' vectors, so that texts with words in common are
//! close to each other: the nearest document really is the one that shares most with the
//! query.

mod read;
mod write;

use http::StatusCode;

use crate::directive::Directive;
use crate::fault::Fault;
use crate::random::Random;
use crate::refused::Refused;
use crate::text;

pub(crate) use read::read;
pub(crate) use write::{answer, error_body};

/// A wire format of one of these operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    OpenAiEmbeddings,
    CohereEmbed,
    GeminiEmbed,
    GeminiBatchEmbed,
    CohereRerank,
    JinaRerank,
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) model: String,
    /// What is embedded, or ranked.
    pub(crate) texts: Vec<String>,
    /// What is looked for, where texts are ranked.
    pub(crate) query: Option<String>,
    /// Numbers in a vector.
    pub(crate) dimensions: usize,
    /// The forms of vectors; none for the provider's own.
    pub(crate) forms: Vec<String>,
    /// Results, at most.
    pub(crate) top: usize,
    /// Do results say what their document is?
    pub(crate) tells_documents: bool,
    /// What goes wrong, if that was ordered.
    pub(crate) fault: Option<Fault>,
}

impl Wanted {
    /// Everything that is read, in tokens.
    pub(crate) fn tokens(&self) -> u64 {
        let texts = self.texts.iter().chain(&self.query);
        texts.map(|words| text::count(words)).sum()
    }

    /// Takes a directive from the start of the first text; of what it can say, only a fault
    /// matters here.
    fn obey(&mut self) -> Result<(), Refused> {
        let first = self.query.as_mut().or_else(|| self.texts.first_mut());
        if let Some(first) = first {
            let (directive, rest) =
                Directive::read(first).map_err(|bad| Refused::invalid(bad.to_string()))?;
            self.fault = directive.fault;
            *first = rest.to_owned();
        }
        let by_name = || self.model.strip_prefix("sim-")?.parse().ok();
        self.fault = self.fault.or_else(by_name);
        Ok(())
    }
}

impl Shape {
    /// Its name in the books.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OpenAiEmbeddings => "openai_embeddings",
            Self::CohereEmbed => "cohere_embed",
            Self::GeminiEmbed => "gemini_embed",
            Self::GeminiBatchEmbed => "gemini_batch_embed",
            Self::CohereRerank => "cohere_rerank",
            Self::JinaRerank => "jina_rerank",
        }
    }

    /// What a caller without a known credential is told.
    pub(crate) fn unknown_caller(self) -> Refused {
        match self {
            Self::CohereEmbed | Self::CohereRerank => {
                Refused::new(StatusCode::UNAUTHORIZED, "invalid api token")
            }
            Self::GeminiEmbed | Self::GeminiBatchEmbed => Refused::new(
                StatusCode::BAD_REQUEST,
                "API key not valid. Please pass a valid API key.",
            ),
            Self::OpenAiEmbeddings | Self::JinaRerank => crate::openai::error::unknown_caller(),
        }
    }
}

/// The vector of a text: of length 1, or nothing but zeros for no words.
fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; dimensions];
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        let mut random = Random::new(0, hash(&word.to_lowercase()));
        sum.iter_mut().for_each(|place| *place += random.normal());
    }
    let length = sum.iter().map(|place| place * place).sum::<f64>().sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    // Rounded as the providers' own vectors are.
    #[expect(clippy::cast_possible_truncation, reason = "32 bits are what is sent")]
    sum.iter().map(|place| (place * scale) as f32).collect()
}

/// How much two texts have to do with each other, from 0 to 1.
fn relevance(query: &str, document: &str) -> f64 {
    const DIMENSIONS: usize = 64;
    let (one, two) = (vector(query, DIMENSIONS), vector(document, DIMENSIONS));
    let pairs = one.iter().zip(&two);
    let cosine: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    f64::midpoint(cosine, 1.0)
}

fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
