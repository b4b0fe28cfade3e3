//! What another gateway sends for the caller: values for parameters, and what models cost.

use std::collections::BTreeMap;

use super::draft::{Price, Target};
use super::input::Input;
use super::yaml::Node;

/// Longest word and text that `check` takes, in bytes, and the most texts.
const WORD_BYTES_MAX: usize = 32;
const STOP_BYTES_MAX: usize = 256;
const STOPS_MAX: usize = 16;
/// The dearest token that is believed, in dollars for a million.
const DOLLARS_MAX: f64 = 1000.0;

/// What is written for a parameter.
#[derive(Clone, Copy)]
enum Kind {
    /// A number from, to.
    Real(f64, f64),
    /// A whole number from.
    Whole(u64),
    Word,
    Texts,
}

/// Their names, ours, and what stands there.
const KNOWN: &[(&str, &str, Kind)] = &[
    ("temperature", "temperature", Kind::Real(0.0, 2.0)),
    ("top_p", "top_p", Kind::Real(0.0, 1.0)),
    ("top_k", "top_k", Kind::Whole(1)),
    ("max_tokens", "max_tokens", Kind::Whole(1)),
    ("max_completion_tokens", "max_tokens", Kind::Whole(1)),
    ("stop", "stop", Kind::Texts),
    ("stop_sequences", "stop", Kind::Texts),
    ("seed", "seed", Kind::Whole(0)),
    (
        "frequency_penalty",
        "frequency_penalty",
        Kind::Real(-2.0, 2.0),
    ),
    (
        "presence_penalty",
        "presence_penalty",
        Kind::Real(-2.0, 2.0),
    ),
    ("reasoning_effort", "reasoning_effort", Kind::Word),
    ("verbosity", "verbosity", Kind::Word),
    ("service_tier", "service_tier", Kind::Word),
];

/// Values by the name of their parameter.
pub(super) type Values = BTreeMap<&'static str, Node>;

/// A value that goes with a target there, and with a model here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sent {
    name: &'static str,
    value: Node,
    /// Where the input says it.
    path: String,
}

/// The values among the members of `input` that have a name here and are fit.
pub(super) fn sent(input: &Input<'_>) -> Vec<Sent> {
    let found = KNOWN.iter().filter_map(|(theirs, ours, kind)| {
        let member = input.at(theirs)?;
        let value = value(&member, *kind)?;
        Some(Sent {
            name: ours,
            value,
            path: member.path().to_owned(),
        })
    });
    found.collect()
}

fn value(input: &Input<'_>, kind: Kind) -> Option<Node> {
    match kind {
        Kind::Real(least, most) => {
            let number = input.value().as_f64()?;
            (least..=most)
                .contains(&number)
                .then_some(Node::Real(number))
        }
        Kind::Whole(least) => {
            let number = input.value().as_u64()?;
            // JSON's numbers are exact up to here everywhere.
            (least..=1 << 53)
                .contains(&number)
                .then_some(Node::Number(number))
        }
        Kind::Word => {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
            let word = input.text()?;
            let is_fit = !word.is_empty() && word.len() <= WORD_BYTES_MAX;
            (is_fit && word.chars().all(fits)).then(|| Node::text(word))
        }
        Kind::Texts => {
            let texts: Option<Vec<&str>> = match input.text() {
                Some(text) => Some(vec![text]),
                None => input.items().iter().map(Input::text).collect(),
            };
            let is_fit = |text: &&str| !text.is_empty() && text.len() <= STOP_BYTES_MAX;
            let texts = texts.filter(|texts| texts.iter().all(is_fit))?;
            let is_fit = !texts.is_empty() && texts.len() <= STOPS_MAX;
            is_fit.then(|| Node::List(texts.into_iter().map(Node::text).collect()))
        }
    }
}

/// The values of a model: those that all of its targets have. The others are lost, because
/// a model has one for all of its targets. `place` is `defaults` or `overrides`.
pub(super) fn joined(targets: &[Target], place: &str, at: &Input<'_>) -> Values {
    let mut values = Values::new();
    let all = || targets.iter().flat_map(|target| &target.sent);
    for one in all() {
        let has = |target: &Target| {
            let mut sent = target.sent.iter();
            sent.any(|other| (other.name, &other.value) == (one.name, &one.value))
        };
        let other_name = values
            .get(one.name)
            .is_some_and(|known| *known != one.value);
        if other_name {
            at.lost_at(
                &one.path,
                "another member beside it says the same with another value",
            );
        } else if targets.iter().all(has) {
            at.carried_at(&one.path, format!("`models[].prompt.{place}.{}`", one.name));
            values.insert(one.name, one.value.clone());
        } else {
            at.lost_at(
                &one.path,
                format!(
                    "one value holds for all targets of a model: write it as `models[].prompt.{place}.{}`, or make two models",
                    one.name
                ),
            );
        }
    }
    values
}

/// What `LiteLLM` says that a model costs, in dollars for one token.
const PRICES: &[(&str, &str)] = &[
    ("input", "input_cost_per_token"),
    ("output", "output_cost_per_token"),
    ("cached_input", "cache_read_input_token_cost"),
    ("cache_write", "cache_creation_input_token_cost"),
];

/// The price of a model among the members of `inputs`; noted as carried where it is whole.
pub(super) fn price(inputs: &[&Input<'_>], target: &Target) -> Option<Price> {
    let mut rates = BTreeMap::new();
    let mut said = Vec::new();
    for input in inputs {
        for (ours, member) in input.pick(PRICES) {
            // A millionth of a dollar for a million tokens is the least that is written.
            let dollars = member
                .number()
                .map(|dollars| (dollars * 1e12).round() / 1e6)
                .filter(|dollars| (0.0..=DOLLARS_MAX).contains(dollars));
            match (dollars, &target.model) {
                (Some(dollars), Some(_)) => {
                    rates.entry(ours).or_insert(dollars);
                    said.push(member);
                }
                _ => {
                    member
                        .lost("write it as `catalogue[].prices`, in dollars for a million tokens");
                }
            }
        }
    }
    let model = target
        .model
        .clone()
        .filter(|_| rates.contains_key("input") && rates.contains_key("output"));
    for member in &said {
        match model {
            Some(_) => member.carried("`catalogue[].prices`, in dollars for a million tokens"),
            None => member
                .lost("a price has an input and an output: write both as `catalogue[].prices`"),
        }
    }
    Some(Price {
        provider: target.provider.clone(),
        model: model?,
        rates,
    })
}
