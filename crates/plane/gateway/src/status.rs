//! Which configuration runs, and which one was refused.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Serialize, Serializer};

use crate::clock::now_unix_s;

/// A configuration that was not taken.
#[derive(Clone, Debug, Serialize)]
pub struct Rejected {
    /// Its revision, when it could be read at all.
    pub revision: Option<String>,
    /// Every reason, as `check` prints it.
    pub reasons: Vec<String>,
}

/// The state of the configuration, as `/status` shows it.
#[derive(Debug, Default)]
pub(crate) struct Status(Mutex<Inner>);

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Inner {
    /// What serves.
    pub(crate) running: Option<Running>,
    /// What was refused since then.
    pub(crate) rejected: Option<Dated<Rejected>>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Running {
    #[serde(serialize_with = "as_text")]
    pub(crate) revision: Arc<str>,
    /// Where it was read: a path, or the last good one on disk.
    pub(crate) source: String,
    pub(crate) since_unix_s: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Dated<T> {
    pub(crate) at_unix_s: u64,
    #[serde(flatten)]
    pub(crate) what: T,
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl Status {
    /// A configuration was taken; an earlier refusal is history.
    pub(crate) fn accepted(&self, revision: &Arc<str>, source: String) {
        let running = Running {
            revision: Arc::clone(revision),
            source,
            since_unix_s: now_unix_s(),
        };
        *self.lock() = Inner {
            running: Some(running),
            rejected: None,
        };
    }

    /// A configuration was refused; what runs goes on.
    pub(crate) fn rejected(&self, rejected: Rejected) {
        self.lock().rejected = Some(Dated {
            at_unix_s: now_unix_s(),
            what: rejected,
        });
    }

    /// The state now.
    pub(crate) fn now(&self) -> Inner {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // The data is replaced whole: a panic elsewhere cannot leave half of it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
