//! Automata that are built while they run, over patterns without assertions.

use std::panic::{RefUnwindSafe, UnwindSafe};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

use super::PROGRAM_BYTES_MAX;

/// The most bytes of states that one run keeps.
const CACHE_BYTES_MAX: usize = 512 * 1024;

type NewCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// An automaton with the memories of those that run it.
#[derive(Debug)]
pub(crate) struct Lazy {
    dfa: DFA,
    caches: Pool<Cache, NewCache>,
}

impl Lazy {
    /// An automaton that reads forwards, or backwards; `None` when it would be too large.
    pub(crate) fn new(hir: &Hir, backwards: bool) -> Option<Self> {
        let config = thompson::Config::new()
            .reverse(backwards)
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(PROGRAM_BYTES_MAX));
        let nfa = thompson::Compiler::new()
            .configure(config)
            .build_from_hir(hir)
            .ok()?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(CACHE_BYTES_MAX)
            .skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let new = dfa.clone();
        Some(Self {
            dfa,
            caches: Pool::new(Box::new(move || new.create_cache())),
        })
    }

    /// Where the longest text begins that ends with the span and is matched, read
    /// backwards. The start of the span when that cannot be told.
    pub(crate) fn longest_at_end(&self, text: &[u8], start: usize, end: usize) -> usize {
        let input = Input::new(text).span(start..end).anchored(Anchored::Yes);
        let mut cache = self.caches.get();
        match self.dfa.try_search_rev(&mut cache, &input) {
            Ok(Some(found)) => found.offset(),
            Ok(None) => end,
            Err(_) => start,
        }
    }

    /// Where the first match in the span ends; the start of the span when that cannot be
    /// told, its end when there is none.
    pub(super) fn first_end(&self, text: &[u8], start: usize, end: usize) -> usize {
        let input = Input::new(text).span(start..end).earliest(true);
        let mut cache = self.caches.get();
        match self.dfa.try_search_fwd(&mut cache, &input) {
            Ok(Some(found)) => found.offset(),
            Ok(None) => end,
            Err(_) => start,
        }
    }
}
