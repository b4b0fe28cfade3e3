//! What an encoder of answers is told.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Client;
use crate::vectors::Forms;

/// What an encoder of an answer, whole or streamed, needs to know of the exchange.
#[derive(Clone, Debug, Default)]
pub struct AnswerOptions {
    /// The model name the caller used: what the answer calls itself.
    pub model: String,
    /// Seconds since the epoch, for formats that write a creation time.
    pub created_unix_s: u64,
    /// When the request came, in milliseconds since the epoch, for formats that write how
    /// long its answer took; 0 where that is not known.
    pub began_unix_ms: u64,
    /// An id to use when the provider gave none.
    pub fallback_id: String,
    /// The forms of vectors that the caller asked for.
    pub forms: Forms,
    /// Whose client reads it.
    pub client: Client,
}

impl AnswerOptions {
    /// What an answer calls its model.
    pub(crate) fn model_or<'m>(&'m self, provided: &'m str) -> &'m str {
        if self.model.is_empty() {
            provided
        } else {
            &self.model
        }
    }

    /// What an answer is called.
    pub(crate) fn id_or<'i>(&'i self, provided: &'i str) -> &'i str {
        if provided.is_empty() {
            &self.fallback_id
        } else {
            provided
        }
    }

    /// Milliseconds since the request came; 0 where that is not known.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        if self.began_unix_ms == 0 {
            return 0;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
        now.saturating_sub(self.began_unix_ms)
    }
}
