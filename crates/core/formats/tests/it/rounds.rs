//! What is marked carried comes out, and conversations survive any two formats.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate_formats::exchange::{Part, Seal, Thought, ToolCall};
use tollgate_formats::{ChatFormat, Dialect, Losses, chat_formats};

use crate::load::options;
use crate::translation::{others, requests, turns};

/// Pairs of formats: who answers, who calls.
fn pairs() -> impl Iterator<Item = (&'static dyn ChatFormat, &'static dyn ChatFormat)> {
    chat_formats().flat_map(|one| others(one).map(move |other| (one, other)))
}

/// What a pair of formats carries, by its place in the table.
type Carried = (&'static dyn ChatFormat, &'static dyn ChatFormat, Vec<usize>);

static CARRIED: LazyLock<Vec<Carried>> = LazyLock::new(|| {
    let with = |(from, to)| (from, to, requests::carried(from, to));
    pairs().map(with).collect()
});

/// Reasoning, a text and calls as one turn says them.
type Turn = (String, String, String, Vec<(String, String)>);

fn turn() -> impl Strategy<Value = Turn> {
    let words = "[a-z\"\\\\\n\u{e9}\u{1f600}<]{0,11}z";
    (
        words,
        "[A-Za-z0-9+/]{1,16}={0,2}",
        words,
        vec(("[a-z]{1,8}", words), 0..3),
    )
}

fn is_call(part: &Part) -> Option<&ToolCall> {
    match part {
        Part::ToolCall(call) => Some(call),
        _ => None,
    }
}

fn arguments(call: &ToolCall) -> (String, String, Value) {
    let arguments = serde_json::from_str(&call.arguments).unwrap();
    (call.id.clone(), call.name.clone(), arguments)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_marked_carried_comes_out_or_is_named(picked in vec(any::<prop::sample::Index>(), 1..5)) {
        for (from, to, carried) in CARRIED.iter() {
            let places: BTreeSet<usize> = picked.iter().map(|index| *index.get(carried)).collect();
            let places: Vec<usize> = places.into_iter().collect();
            let (seen, losses) = requests::together(&places, *from, *to);
            for (feature, said, arrived) in seen {
                // Features that a format does not take together are named.
                let is_told = said.is_none() || said == arrived || !losses.is_empty();
                prop_assert!(is_told, "{} to {}: {feature}: {said:?} {arrived:?}", from.label(), to.label());
            }
        }
    }

    #[test]
    fn what_an_answer_held_comes_back_to_its_maker(turn in turn()) {
        let (thought, seal, said, calls) = turn;
        for (provider, caller) in pairs() {
            let own = provider.id();
            let signed = turns::comes_back("reasoning with its signature", provider, caller);
            let mut parts = Vec::new();
            if signed {
                let signature = Some(Seal::new(own, seal.clone()));
                parts.push(Part::Reasoning(Thought { signature, ..Thought::plain(thought.clone()) }));
            }
            parts.push(Part::Text(said.clone()));
            let sealed_calls = turns::comes_back("signature of a tool call", provider, caller);
            parts.extend(calls.iter().enumerate().map(|(index, (name, text))| Part::ToolCall(ToolCall {
                id: format!("call_{index}"),
                name: name.clone(),
                arguments: json!({"q": text}).to_string(),
                signature: sealed_calls.then(|| Seal::new(own, seal.clone())),
            })));
            let answer = turns::answer(parts);
            let wire = provider.encode_answer(&answer, &options(), &mut Losses::default());
            let sent = provider.decode_answer(&wire).unwrap();
            let (back, losses) = turns::back(&sent, provider, caller);
            prop_assert!(losses.is_empty(), "{} by {}: {losses}", provider.label(), caller.label());
            let before: Vec<_> = sent.choices[0].parts.iter().filter_map(is_call).collect();
            let parts: Vec<Part> = back.messages.into_iter().flat_map(|message| message.parts).collect();
            let after: Vec<_> = parts.iter().filter_map(is_call).collect();
            let told = |calls: &[&ToolCall]| calls.iter().map(|call| arguments(call)).collect::<Vec<_>>();
            prop_assert_eq!(told(&after), told(&before));
            let seals = |calls: &[&ToolCall]| calls.iter().map(|call| call.signature.clone()).collect::<Vec<_>>();
            prop_assert_eq!(seals(&after), seals(&before));
            let results: Vec<_> = parts.iter().filter_map(|part| match part {
                Part::ToolResult(result) => Some(result.call_id.clone()),
                _ => None,
            }).collect();
            let ids: Vec<_> = after.iter().map(|call| call.id.clone()).collect();
            prop_assert_eq!(results, ids);
            let thoughts = parts.iter().filter_map(|part| match part {
                Part::Reasoning(thought) => Some(thought),
                _ => None,
            });
            let told: String = thoughts.clone().map(|thought| thought.text.as_str()).collect();
            let seals: Vec<&str> = thoughts.filter_map(|thought| thought.signature.as_ref()?.known_to(own)).collect();
            if signed {
                prop_assert_eq!((told, seals), (thought.clone(), vec![seal.as_str()]));
            }
        }
    }
}

/// A conversation moves: its next request goes to a provider of the caller's own format.
#[test]
fn what_only_another_maker_can_read_does_not_reach_a_provider_of_the_callers_format() {
    for (provider, caller) in pairs() {
        let seal = || Some(Seal::new(provider.id(), "c2VhbA==".to_owned()));
        let thought = Thought {
            signature: seal(),
            ..Thought::plain("so".to_owned())
        };
        let call = ToolCall {
            id: "call_1".to_owned(),
            name: "look".to_owned(),
            arguments: "{}".to_owned(),
            signature: seal(),
        };
        for part in [Part::Reasoning(thought), Part::ToolCall(call)] {
            let (sent, _losses) = turns::sent_back(&turns::answer(vec![part.clone()]), caller);
            let is_kept = String::from_utf8_lossy(&sent).contains("tollgate");
            let view = caller.view_request(&sent, false).unwrap();
            assert_eq!(
                view.sealed,
                is_kept,
                "{} by {}: {part:?}",
                provider.label(),
                caller.label()
            );
            let request = caller.decode_request(&sent).unwrap();
            let mut losses = Losses::default();
            let sent = caller.encode_request(&request, Dialect::Original, &mut losses);
            let sent = String::from_utf8_lossy(&sent);
            assert!(
                !sent.contains("tollgate"),
                "{} by {}: {sent}",
                provider.label(),
                caller.label()
            );
            let is_told = !losses.is_empty() || matches!(part, Part::ToolCall(_));
            assert!(
                is_told || !is_kept,
                "{} by {}: {sent}",
                provider.label(),
                caller.label()
            );
        }
    }
}
