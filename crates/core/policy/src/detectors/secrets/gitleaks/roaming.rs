//! A rule that no keyword leads to: its matches may begin anywhere.

use regex_automata::Input;

use super::{Rule, finding};
use crate::detector::{Cursor, Entity, Finding, LEFT_CONTEXT_BYTES, Matcher, Window};

#[derive(Debug)]
pub(super) struct Roaming {
    rule: Rule,
}

impl Roaming {
    pub(super) const fn new(rule: Rule) -> Self {
        Self { rule }
    }

    /// Whether a keyword stands in a match or shortly before it.
    fn is_announced(&self, text: &[u8], start: usize, end: usize) -> bool {
        let near = text.get(start.saturating_sub(LEFT_CONTEXT_BYTES)..end);
        let near = near.unwrap_or_default().to_ascii_lowercase();
        let mut keywords = self.rule.keywords.iter();
        self.rule.keywords.is_empty()
            || keywords.any(|word| memchr::memmem::find(&near, word.as_bytes()).is_some())
    }
}

impl Matcher for Roaming {
    fn entities(&self) -> &[Entity] {
        std::slice::from_ref(&self.rule.entity)
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut captures = self.rule.regex.create_captures();
        let mut at = from;
        let mut live = None;
        loop {
            let next = self
                .rule
                .regex
                .search(&Input::new(text).span(at..text.len()));
            let start = next.map_or(text.len(), |next| next.start());
            if !last {
                let live = match live {
                    Some(live) if live >= at => live,
                    _ => *live.insert(self.rule.live_from(text, at)),
                };
                if start >= live {
                    return Cursor { at: live, carry: 0 };
                }
            }
            if next.is_none() {
                return Cursor {
                    at: text.len(),
                    carry: 0,
                };
            }
            // Whole characters are not asked for: patterns are of bytes.
            at = match self.rule.read(text, start, &mut captures) {
                Some(read) => {
                    let secret = read
                        .secret
                        .filter(|_| self.is_announced(text, start, read.end));
                    found.extend(secret.map(|secret| finding(secret, 0)));
                    read.end
                }
                None => start + 1,
            };
        }
    }
}
