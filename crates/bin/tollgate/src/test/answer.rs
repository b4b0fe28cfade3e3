//! An answer through the output rules: whole, and that of a model also streamed in several
//! cuts, which must agree.

use bytes::{Bytes, BytesMut};
use tollgate_config::RouteConfig;
use tollgate_config::policy_test::VerdictSpec;
use tollgate_formats::FormatId;
use tollgate_formats::exchange::{BlockKind, ChatAnswer, Choice, Delta, Finish, Part, StreamEvent};
use tollgate_formats::view::{EventKind, EventView};
use tollgate_gateway::inspect_plain_answer;
use tollgate_policy::{Machine, RuleRecord, Verdict};
use tollgate_wire::Document;
use tollgate_wire::sse::EventReader;

use super::bodies::{chat, options};
use super::case::Case;
use super::exchange::{route_texts, unchecked, verdict};
use super::said::{Said, of_choices, of_events};
use crate::pieces::Pieces;

/// How the streams are cut.
const CUTS: [(Pieces, &str); 7] = [
    (Pieces::Of(usize::MAX), "in one piece"),
    (Pieces::Of(1), "in pieces of 1 character"),
    (Pieces::Of(2), "in pieces of 2 characters"),
    (Pieces::Of(3), "in pieces of 3 characters"),
    (Pieces::Of(7), "in pieces of 7 characters"),
    (Pieces::Of(32), "in pieces of 32 characters"),
    (Pieces::Random(1), "in random pieces"),
];

/// What came of an answer.
#[derive(Debug)]
pub(super) struct RanAnswer {
    pub(super) verdict: VerdictSpec,
    pub(super) findings: Vec<RuleRecord>,
    /// What the caller of the whole answer reads, by choice.
    pub(super) said: Vec<Said>,
    /// Rules that did not see all of it, though it goes on.
    pub(super) unchecked: Vec<String>,
    /// How a streamed answer differs from the whole one.
    pub(super) differs: Option<String>,
}

/// What is to be the same however an answer comes.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    verdict: VerdictSpec,
    /// Policy, rule, entity; sorted. Nothing of a blocked answer, which is read to its
    /// first reason.
    found: Vec<[String; 3]>,
    /// Nothing of a blocked answer, whose beginning may have been delivered.
    said: Vec<Said>,
}

/// Runs the answer; `machine` makes a machine for each way in which it comes.
pub(super) fn run(
    case: &Case,
    body: &Bytes,
    machine: &dyn Fn() -> Machine,
) -> Result<RanAnswer, String> {
    let format = chat(case.format);
    let unread = |error| format!("the answer cannot be read: {error}");
    let mut whole = machine();
    let mut document = Document::new(body.clone());
    let passed = match format.view_answer(body, true) {
        Ok(view) => whole.answer(&mut document, &view),
        Err(_) => whole.unreadable(),
    };
    let delivered = match &passed {
        Verdict::Pass => document.to_bytes(),
        Verdict::Block(_) => {
            let decoded = format.decode_answer(body).map_err(unread)?;
            format.filtered_answer(&options(&case.model), decoded.usage.unwrap_or_default())
        }
    };
    let delivered = format.decode_answer(&delivered).map_err(unread)?;
    let said = of_choices(&delivered.choices);
    let came = Came::of(&passed, &whole, said.clone());
    let answer = format.decode_answer(body).map_err(unread)?;
    let mut differs = None;
    for (pieces, cut) in CUTS {
        let streamed = stream(case, &answer, machine(), pieces)?;
        if streamed != came {
            differs = Some(difference(&came, &streamed, cut));
            break;
        }
    }
    Ok(RanAnswer {
        verdict: came.verdict,
        findings: whole.records().to_vec(),
        said,
        unchecked: match passed {
            Verdict::Pass => unchecked(&whole),
            Verdict::Block(_) => Vec::new(),
        },
        differs,
    })
}

/// Runs the answer of a plain HTTP route. It is no stream: what its events look like is not
/// known here.
pub(super) fn run_plain(route: &RouteConfig, body: &Bytes, mut machine: Machine) -> RanAnswer {
    let mut document = Document::new(body.clone());
    let passed = inspect_plain_answer(&mut machine, route, &mut document);
    let is_delivered = passed == Verdict::Pass;
    let text = is_delivered.then(|| route_texts(&route.response_texts, &document.to_bytes()));
    RanAnswer {
        verdict: verdict(&passed, machine.records()),
        findings: machine.records().to_vec(),
        said: vec![Said {
            text: text.unwrap_or_default(),
            ..Said::default()
        }],
        unchecked: if is_delivered {
            unchecked(&machine)
        } else {
            Vec::new()
        },
        differs: None,
    }
}

impl Came {
    fn of(passed: &Verdict, machine: &Machine, said: Vec<Said>) -> Self {
        let verdict = verdict(passed, machine.records());
        if verdict == VerdictSpec::Block {
            return Self {
                verdict,
                found: Vec::new(),
                said: Vec::new(),
            };
        }
        let name = |record: &RuleRecord| {
            [&record.policy, &record.rule, &record.entity].map(ToString::to_string)
        };
        let mut found: Vec<[String; 3]> = machine.records().iter().map(name).collect();
        found.sort();
        Self {
            verdict,
            found,
            said,
        }
    }
}

fn difference(whole: &Came, streamed: &Came, cut: &str) -> String {
    let (this, that) = if whole.verdict != streamed.verdict {
        let label = |came: &Came| came.verdict.label().to_owned();
        (label(whole), label(streamed))
    } else if whole.said != streamed.said {
        let said = |came: &Came| came.said.iter().map(Said::shown).collect::<Vec<_>>();
        (said(whole).join(" | "), said(streamed).join(" | "))
    } else {
        let found = |came: &Came| {
            let found = came.found.iter().map(|names| names.join("/"));
            found.collect::<Vec<_>>().join(", ")
        };
        (found(whole), found(streamed))
    };
    format!("whole: {this}; streamed {cut}: {that}")
}

/// Streams the answer in the test's format.
fn stream(
    case: &Case,
    answer: &ChatAnswer,
    mut machine: Machine,
    pieces: Pieces,
) -> Result<Came, String> {
    let format = chat(case.format);
    let broken = |error: &dyn ToString| format!("the stream cannot be read: {}", error.to_string());
    let mut reader = EventReader::new(usize::MAX);
    reader.push(written(case, answer, pieces));
    let mut view = EventView {
        all_texts: true,
        ..EventView::default()
    };
    let mut out = Vec::new();
    let mut passed = Verdict::Pass;
    while let Some(event) = reader.next_event().map_err(|error| broken(&error))? {
        let viewed = format.view_event(&event, &mut view);
        viewed.map_err(|error| broken(&error))?;
        // Nobody asked for it, so nobody gets it.
        if view.kind == EventKind::UsageOnly {
            continue;
        }
        passed = machine.event(&event, &view, &mut out);
        if passed != Verdict::Pass {
            break;
        }
    }
    if passed == Verdict::Pass {
        passed = machine.finish(&mut out);
    }
    let said = read(case.format, &out).map_err(|error| broken(&error))?;
    Ok(Came::of(&passed, &machine, said))
}

/// The bytes of the stream.
fn written(case: &Case, answer: &ChatAnswer, pieces: Pieces) -> Bytes {
    let mut encoder = chat(case.format).stream_encoder(options(&case.model));
    let mut bytes = BytesMut::new();
    // What a stream cannot carry, the whole answer could not say either.
    let mut losses = tollgate_formats::Losses::default();
    for event in events(answer, pieces) {
        encoder.push(&event, &mut bytes, &mut losses);
    }
    bytes.freeze()
}

/// What the caller reads of what was delivered.
fn read(format: FormatId, delivered: &[Bytes]) -> Result<Vec<Said>, String> {
    let mut reader = EventReader::new(usize::MAX);
    for bytes in delivered {
        reader.push(bytes.clone());
    }
    let mut decoder = chat(format).stream_decoder();
    let mut events = Vec::new();
    while let Some(event) = reader.next_event().map_err(|error| error.to_string())? {
        let decoded = decoder.push(&event, &mut events);
        decoded.map_err(|error| error.to_string())?;
    }
    Ok(of_events(&events))
}

/// The canonical stream of an answer.
fn events(answer: &ChatAnswer, pieces: Pieces) -> Vec<StreamEvent> {
    let mut events = vec![StreamEvent::Start {
        id: answer.id.clone(),
        model: answer.model.clone(),
        usage: None,
    }];
    for (index, choice) in (0..).zip(&answer.choices) {
        choice_events(index, choice, pieces, &mut events);
    }
    events.extend(answer.usage.map(StreamEvent::Usage));
    events.push(StreamEvent::End);
    events
}

fn choice_events(choice: u32, of: &Choice, pieces: Pieces, events: &mut Vec<StreamEvent>) {
    for (block, part) in (0..).zip(&of.parts) {
        let Some((kind, deltas)) = block_of(part, pieces) else {
            continue;
        };
        events.push(StreamEvent::BlockStart {
            choice,
            block,
            kind,
        });
        events.extend(deltas.into_iter().map(|delta| StreamEvent::Delta {
            choice,
            block,
            delta,
        }));
        events.push(StreamEvent::BlockEnd { choice, block });
    }
    events.push(StreamEvent::Finish {
        choice,
        reason: of.finish.clone().unwrap_or(Finish::Stop),
        stop_sequence: of.stop_sequence.clone(),
    });
}

/// A part as a block; `None` for one that no stream has.
fn block_of(part: &Part, pieces: Pieces) -> Option<(BlockKind, Vec<Delta>)> {
    let cut = |text: &str, delta: fn(String) -> Delta| -> Vec<Delta> {
        let pieces = pieces.of(text, 0).into_iter();
        pieces.map(|piece| delta(piece.to_owned())).collect()
    };
    Some(match part {
        Part::Text(text) => (BlockKind::Text, cut(text, Delta::Text)),
        Part::Refusal(text) => (BlockKind::Refusal, cut(text, Delta::Text)),
        Part::Reasoning(thought) => {
            let mut deltas = cut(&thought.text, Delta::Text);
            deltas.extend(thought.id.clone().map(Delta::Id));
            deltas.extend(thought.signature.clone().map(Delta::Signature));
            deltas.extend(thought.encrypted.clone().map(Delta::Encrypted));
            (BlockKind::Reasoning, deltas)
        }
        Part::ToolCall(call) => {
            let kind = BlockKind::ToolCall {
                id: call.id.clone(),
                name: call.name.clone(),
                signature: call.signature.clone(),
            };
            (kind, cut(&call.arguments, Delta::Arguments))
        }
        Part::Image(_)
        | Part::Document(_)
        | Part::Audio { .. }
        | Part::Video(_)
        | Part::Citation(_)
        | Part::CacheMark(_)
        | Part::ToolResult(_)
        | Part::Other { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(verdict: VerdictSpec, text: &str, rule: &str) -> Came {
        let said = Said {
            text: text.to_owned(),
            ..Said::default()
        };
        Came {
            verdict,
            found: vec![["p", rule, "ssn"].map(str::to_owned)],
            said: vec![said],
        }
    }

    #[test]
    fn what_differs_is_shown_beside_what_it_should_be() {
        let whole = came(VerdictSpec::Redact, "[SSN]", "a");
        let shown = |streamed: &Came| difference(&whole, streamed, "in pieces");
        assert_eq!(
            shown(&came(VerdictSpec::Pass, "123", "a")),
            "whole: redact; streamed in pieces: pass"
        );
        assert_eq!(
            shown(&came(VerdictSpec::Redact, "123", "a")),
            "whole: \"[SSN]\"; streamed in pieces: \"123\""
        );
        assert_eq!(
            shown(&came(VerdictSpec::Redact, "[SSN]", "b")),
            "whole: p/a/ssn; streamed in pieces: p/b/ssn"
        );
    }
}
