//! What placeholders stand for, from one exchange of a conversation to the next.
//!
//! It promises: entries are encrypted in memory with a key that lives as long as the
//! process and is written nowhere; they end when nobody has used them for a while, and
//! the oldest go when there are too many or they are too large together.
//! It leaves out other gateways: a conversation that changes the gateway begins anew.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tollgate_config::ConversationsConfig;
use tollgate_policy::{NONCE_BYTES, Vault};

/// The longest id of a conversation, in bytes; one that is longer is none.
const ID_BYTES_MAX: usize = 256;

/// The conversations of all services.
pub(crate) struct Conversations {
    /// Without one nothing is kept.
    key: Option<[u8; 32]>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<Id, Entry>,
    /// The entries by the order in which they were used.
    by_use: BTreeMap<u64, Id>,
    uses: u64,
    bytes: usize,
}

struct Entry {
    sealed: Vec<u8>,
    used: u64,
    at: Instant,
}

/// A conversation of a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    service: Box<str>,
    conversation: Box<str>,
}

impl Id {
    /// The conversation that a request names.
    pub(crate) fn of(service: &str, headers: &http::HeaderMap, header: &str) -> Option<Self> {
        let conversation = headers.get(header)?.to_str().ok()?;
        let is_one = !conversation.is_empty() && conversation.len() <= ID_BYTES_MAX;
        is_one.then(|| Self {
            service: service.into(),
            conversation: conversation.into(),
        })
    }
}

impl Conversations {
    /// None yet.
    pub(crate) fn new() -> Self {
        let mut key = [0; 32];
        Self {
            key: getrandom::fill(&mut key).is_ok().then_some(key),
            state: Mutex::default(),
        }
    }

    /// Adds to `vault` what is known of a conversation.
    pub(crate) fn recall(&self, id: &Id, limits: &ConversationsConfig, vault: &mut Vault) {
        let sealed = {
            let mut state = self.state();
            state.forget_old(limits);
            state.touch(id)
        };
        if let (Some(key), Some(sealed)) = (&self.key, sealed) {
            vault.unseal(key, &sealed);
        }
    }

    /// Keeps what a conversation came to.
    pub(crate) fn keep(&self, id: Id, limits: &ConversationsConfig, vault: &Vault) {
        let mut nonce = [0; NONCE_BYTES];
        let Some(key) = self.key.filter(|_| getrandom::fill(&mut nonce).is_ok()) else {
            return;
        };
        // Another exchange of the conversation may have ended meanwhile.
        let mut all = vault.clone();
        if let Some(sealed) = self.state().touch(&id) {
            all.unseal(&key, &sealed);
        }
        let sealed = all.seal(&key, nonce);
        // It would make room for itself until nothing is left, and then go as well.
        if sealed.len() > limits.bytes_max {
            return;
        }
        let mut state = self.state();
        state.put(id, sealed);
        state.forget_old(limits);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is in it is whole between any two statements that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The entry of a conversation, which is now the one used last.
    fn touch(&mut self, id: &Id) -> Option<Vec<u8>> {
        let entry = self.entries.get_mut(id)?;
        self.by_use.remove(&entry.used);
        self.uses += 1;
        entry.used = self.uses;
        entry.at = Instant::now();
        self.by_use.insert(self.uses, id.clone());
        Some(entry.sealed.clone())
    }

    fn put(&mut self, id: Id, sealed: Vec<u8>) {
        self.remove(&id);
        self.uses += 1;
        self.bytes += sealed.len();
        self.by_use.insert(self.uses, id.clone());
        let entry = Entry {
            sealed,
            used: self.uses,
            at: Instant::now(),
        };
        self.entries.insert(id, entry);
    }

    fn remove(&mut self, id: &Id) {
        if let Some(entry) = self.entries.remove(id) {
            self.by_use.remove(&entry.used);
            self.bytes -= entry.sealed.len();
        }
    }

    /// Ends what is too old, and the oldest while there is too much.
    fn forget_old(&mut self, limits: &ConversationsConfig) {
        while let Some((_, id)) = self.by_use.first_key_value() {
            let entry = self.entries.get(id);
            let is_old = entry.is_none_or(|entry| entry.at.elapsed() > limits.ttl);
            let is_too_much =
                self.entries.len() > limits.conversations_max || self.bytes > limits.bytes_max;
            if !is_old && !is_too_much {
                break;
            }
            let id = id.clone();
            self.remove(&id);
        }
    }
}

impl fmt::Debug for Conversations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Conversations({})", self.state().entries.len())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tollgate_config::ConversationsConfig;
    use tollgate_policy::Vault;

    use super::{Conversations, Id};

    fn limits() -> ConversationsConfig {
        ConversationsConfig {
            header: "x-conversation-id".to_owned(),
            ttl: Duration::from_secs(60),
            conversations_max: 2,
            bytes_max: 1 << 20,
        }
    }

    fn id(name: &str) -> Id {
        Id {
            service: "billing".into(),
            conversation: name.into(),
        }
    }

    fn known(conversations: &Conversations, name: &str) -> bool {
        let mut vault = Vault::default();
        conversations.recall(&id(name), &limits(), &mut vault);
        !vault.is_empty()
    }

    /// A vault with one original.
    fn some() -> Vault {
        let mut vault = Vault::default();
        vault.remember("[SSN_1]", b"536-22-1234");
        vault
    }

    #[tokio::test(start_paused = true)]
    async fn a_conversation_is_known_until_nobody_has_used_it_for_a_while() {
        let conversations = Conversations::new();
        conversations.keep(id("a"), &limits(), &some());
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(known(&conversations, "a"));
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(known(&conversations, "a"), "it was used");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(!known(&conversations, "a"));
    }

    #[tokio::test]
    async fn the_one_that_was_not_used_for_longest_makes_room() {
        let conversations = Conversations::new();
        conversations.keep(id("a"), &limits(), &some());
        conversations.keep(id("b"), &limits(), &some());
        assert!(known(&conversations, "a"));
        conversations.keep(id("c"), &limits(), &some());
        assert!(known(&conversations, "a"));
        assert!(!known(&conversations, "b"));
        assert!(known(&conversations, "c"));
    }

    #[tokio::test]
    async fn one_that_is_too_large_takes_nobody_elses_room() {
        let conversations = Conversations::new();
        let small = ConversationsConfig {
            bytes_max: 256,
            ..limits()
        };
        conversations.keep(id("a"), &small, &some());
        let mut large = some();
        large.remember("[SSN_2]", &[b'9'; 300]);
        conversations.keep(id("b"), &small, &large);
        assert!(known(&conversations, "a"));
        assert!(!known(&conversations, "b"));
    }

    #[tokio::test]
    async fn they_have_a_size_together() {
        let conversations = Conversations::new();
        let small = ConversationsConfig {
            bytes_max: 16,
            ..limits()
        };
        conversations.keep(id("a"), &small, &some());
        assert!(!known(&conversations, "a"));
    }
}
