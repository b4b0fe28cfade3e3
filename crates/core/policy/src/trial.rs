//! Rules tried on one text, outside of any message: what `tollgate scan` shows.
//!
//! The text takes the way of a streamed answer: written as JSON, in the pieces that it
//! is given in, through a lane. What comes out is what a caller would get.

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_wire::json;

use crate::detector::{Extent, Score};
use crate::place::Place;
use crate::rule::{Mode, RuleAction, RuleSet};
use crate::scanner::Found;
use crate::session::Session;
use crate::text_lane::{Passed, TextLane};
use crate::vault::Vault;

/// What rules made of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What happens with a message that has this text.
    pub outcome: Outcome,
    /// The text that goes on; where a rule blocks, what went out before.
    pub text: String,
    /// What was found, in the order of the text. Where a rule blocks, its finding is the
    /// last one: what follows is not looked for.
    pub findings: Vec<TriedFinding>,
}

/// What happens with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on.
    Pass,
    /// It goes on, changed.
    Redact,
    /// It goes to this model.
    Route(Arc<str>),
    /// It does not go on.
    Block,
}

impl Outcome {
    /// As the command line writes it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Redact => "redact",
            Self::Route(_) => "route",
            Self::Block => "block",
        }
    }
}

/// A finding, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedFinding {
    /// The policy.
    pub policy: Arc<str>,
    /// Its rule.
    pub rule: Arc<str>,
    /// The rule's detector.
    pub detector: &'static str,
    /// What was found.
    pub entity: Arc<str>,
    /// What the rule does with it: `redact`, `block`, `flag`, `route`.
    pub action: &'static str,
    /// Whether it is done: `enforce`, `shadow`.
    pub mode: &'static str,
    /// Its first byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// How sure the detector is.
    pub score: Score,
}

/// Tries rules on a text that stands where `place` says, given in pieces. Replacements take
/// their keys from `vault`; a style whose key is not in it leaves the bare label.
///
/// A text that needs more memory than a lane has is blocked, with no finding that says so.
pub fn try_on<'t>(
    rules: &Arc<RuleSet>,
    vault: Vault,
    place: Place,
    pieces: impl IntoIterator<Item = &'t str>,
) -> Tried {
    let mut session = Session::new(Arc::clone(rules));
    session.vault = vault;
    let mut lane = TextLane::at(place);
    let mut out = Vec::new();
    let mut raw = Vec::new();
    let mut pieces = pieces.into_iter().peekable();
    let mut blocking = None;
    while let Some(piece) = pieces.next() {
        raw.clear();
        json::escape_into(piece, &mut raw);
        match lane.push(&mut session, &raw, pieces.peek().is_none()) {
            Passed::Same => out.extend_from_slice(&raw),
            Passed::Instead(changed) => out.extend_from_slice(changed),
            Passed::Blocked(finding) => blocking = Some(Some(finding)),
            Passed::Overfull => blocking = Some(None),
        }
        if blocking.is_some() {
            break;
        }
    }
    let is_blocked = blocking.is_some();
    let mut found = session.found;
    found.extend(blocking.flatten());
    let text = json::decode(&out, true).unwrap_or_default();
    Tried {
        outcome: outcome(rules, &found, is_blocked),
        text: text.into_owned(),
        findings: findings(rules, &found),
    }
}

fn outcome(rules: &RuleSet, found: &[Found], is_blocked: bool) -> Outcome {
    if is_blocked {
        return Outcome::Block;
    }
    let enforced = || {
        let sources = found
            .iter()
            .filter_map(|found| rules.source(found.matcher, found.entity));
        sources.filter_map(|(rule, _)| (rule.mode == Mode::Enforce).then_some(&rule.action))
    };
    let route = enforced().find_map(|action| match action {
        RuleAction::Route { model } => Some(Arc::clone(model)),
        _ => None,
    });
    match route {
        Some(model) => Outcome::Route(model),
        None if enforced().any(|action| matches!(action, RuleAction::Redact(_))) => Outcome::Redact,
        None => Outcome::Pass,
    }
}

/// Findings in the order of the text; the pieces of one are one.
fn findings(rules: &RuleSet, found: &[Found]) -> Vec<TriedFinding> {
    let mut joined: Vec<Found> = Vec::with_capacity(found.len());
    // Which finding a piece continues: the last of the matcher that ends where it starts.
    let mut ends: HashMap<(usize, usize), usize> = HashMap::with_capacity(found.len());
    for found in found {
        let begun = match found.extent {
            Extent::Continues => ends.remove(&(found.matcher, found.start)),
            Extent::Whole | Extent::Begins => None,
        };
        let index = begun.unwrap_or(joined.len());
        match joined.get_mut(index) {
            Some(begun) => begun.end = found.end,
            None => joined.push(*found),
        }
        ends.insert((found.matcher, found.end), index);
    }
    joined.sort_by_key(|found| (found.start, found.end));
    let told = joined.iter().filter_map(|found| {
        let (rule, entity) = rules.source(found.matcher, found.entity)?;
        Some(TriedFinding {
            policy: Arc::clone(&rule.policy),
            rule: Arc::clone(&rule.name),
            detector: rule.detector.name(),
            entity: Arc::clone(&entity.name),
            action: rule.action.label(),
            mode: rule.mode.label(),
            start: found.start,
            end: found.end,
            score: found.score,
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Outcome, try_on};
    use crate::detectors::input_validation::{CharacterEntity, InputValidationOptions};
    use crate::rule::{Mode, OnError, Rule, RuleAction, RuleSet};
    use crate::{InputValidationDetector, Place, Vault};

    #[test]
    fn very_many_findings_are_told_in_linear_time() {
        let options = InputValidationOptions {
            characters: vec![CharacterEntity::ControlCharacter],
            ..InputValidationOptions::default()
        };
        let rules = Arc::new(RuleSet::new(vec![Rule {
            policy: Arc::from("p"),
            name: Arc::from("r"),
            action: RuleAction::Flag,
            mode: Mode::Enforce,
            on_error: OnError::Block,
            unscannable: OnError::Block,
            detector: Arc::new(InputValidationDetector::new(&options).unwrap()),
        }]));
        let text = "\u{1}a".repeat(100_000);
        let tried = try_on(&rules, Vault::default(), Place::Alone, [text.as_str()]);
        assert_eq!(tried.outcome, Outcome::Pass);
        assert_eq!(tried.findings.len(), 100_000);
        let last = &tried.findings[99_999];
        assert_eq!((last.start, last.end), (199_998, 199_999));
    }
}
