//! The rules whose keywords lead to their secrets: one search finds all keywords.

use std::cmp::Reverse;

use aho_corasick::{AhoCorasick, BuildError};

use super::{MATCH_BYTES_MAX, Rule, finding};
use crate::detector::{Cursor, Entity, Finding, Matcher, Window};

/// How much is held for findings that overlap each other, in bytes.
const HELD_BYTES_MAX: usize = 2 * MATCH_BYTES_MAX;

#[derive(Debug)]
pub(super) struct Keyed {
    entities: Vec<Entity>,
    /// Each with how far before its keyword a match may begin.
    rules: Vec<(Rule, usize)>,
    automaton: AhoCorasick,
    /// By keyword: whose it is.
    owners: Vec<Vec<u16>>,
    /// All keywords, in order.
    keywords: Vec<String>,
    keyword_bytes_max: usize,
}

impl Keyed {
    pub(super) fn new(rules: Vec<(Rule, usize)>) -> Result<Self, BuildError> {
        let mut keywords: Vec<String> = rules
            .iter()
            .flat_map(|(rule, _)| rule.keywords.iter().cloned())
            .collect();
        keywords.sort_unstable();
        keywords.dedup();
        let owners = |keyword: &String| {
            let rules = (0_u16..).zip(&rules);
            let own = rules.filter(|(_, (rule, _))| rule.keywords.contains(keyword));
            own.map(|(index, _)| index).collect()
        };
        Ok(Self {
            entities: rules.iter().map(|(rule, _)| rule.entity.clone()).collect(),
            automaton: AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(&keywords)?,
            owners: keywords.iter().map(owners).collect(),
            keyword_bytes_max: keywords.iter().map(String::len).max().unwrap_or_default(),
            keywords,
            rules,
        })
    }

    /// Where a keyword may have begun that the text does not show to its end.
    fn cut_keyword(&self, text: &[u8], from: usize) -> usize {
        let first = text
            .len()
            .saturating_sub(self.keyword_bytes_max.saturating_sub(1));
        (first.max(from)..text.len())
            .find(|at| {
                let rest = text.get(*at..).unwrap_or_default().to_ascii_lowercase();
                let place = self
                    .keywords
                    .partition_point(|word| word.as_bytes() < rest.as_slice());
                let next = self.keywords.get(place);
                next.is_some_and(|word| {
                    word.len() > rest.len() && word.as_bytes().starts_with(&rest)
                }) || next.is_some_and(|word| word.as_bytes() == rest)
                    && self
                        .keywords
                        .get(place + 1)
                        .is_some_and(|word| word.as_bytes().starts_with(&rest))
            })
            .unwrap_or(text.len())
    }
}

impl Matcher for Keyed {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut seen: Vec<(usize, Finding)> = Vec::new();
        let mut decided = if last {
            text.len()
        } else {
            self.cut_keyword(text, from)
        };
        let fresh = text.get(from..).unwrap_or_default();
        for hit in self.automaton.find_overlapping_iter(fresh) {
            let keyword = from + hit.start();
            let owners = self.owners.get(hit.pattern().as_usize());
            for index in owners.into_iter().flatten() {
                let Some((rule, lead)) = self.rules.get(usize::from(*index)) else {
                    continue;
                };
                let mut captures = rule.regex.create_captures();
                for at in keyword.saturating_sub(*lead)..=keyword {
                    if !last && rule.is_live(text, at) {
                        decided = decided.min(keyword);
                        break;
                    }
                    let Some(read) = rule.read(text, at, &mut captures) else {
                        continue;
                    };
                    let secret = read.secret.filter(|secret| secret.0 >= keyword);
                    seen.extend(secret.map(|secret| (keyword, finding(secret, *index))));
                    break;
                }
            }
        }
        // The last of several keywords is the one that leads to a finding.
        seen.sort_by_key(|(keyword, found)| {
            (found.start, found.end, found.entity, Reverse(*keyword))
        });
        seen.dedup_by_key(|(_, found)| (found.start, found.end, found.entity));
        // What is reported later is found by its keyword again.
        seen.sort_by_key(|(keyword, _)| *keyword);
        let least = text.len().saturating_sub(HELD_BYTES_MAX);
        for (keyword, found) in seen.iter().rev() {
            if (least..decided).contains(keyword) && found.start >= decided {
                decided = *keyword;
            }
        }
        let mut seen: Vec<Finding> = seen
            .into_iter()
            .filter(|(keyword, _)| last || *keyword < decided)
            .map(|(_, found)| found)
            .collect();
        seen.sort_by_key(|found| (found.start, found.end, found.entity));
        found.append(&mut seen);
        Cursor {
            at: decided,
            carry: 0,
        }
    }
}
