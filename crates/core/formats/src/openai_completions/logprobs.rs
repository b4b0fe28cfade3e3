//! The probabilities of tokens, as lists side by side.

use std::collections::HashSet;

use crate::exchange::{Likely, TokenLogprob};
use crate::write::Object;

/// Writes a `logprobs` member. `offset` is how many characters of the choice's text came
/// before the first of the tokens, and then before the next.
pub(super) fn write(o: &mut Object<'_>, tokens: &[TokenLogprob], offset: &mut u64) {
    o.object("logprobs", |o| {
        o.array("tokens", |a| {
            tokens.iter().for_each(|one| a.string(&one.token.text));
        });
        o.array("token_logprobs", |a| {
            let numbers = tokens.iter().map(|one| one.token.logprob.to_string());
            numbers.for_each(|number| a.json(&number));
        });
        if tokens.iter().all(|one| one.top.is_empty()) {
            o.null("top_logprobs");
        } else {
            o.array("top_logprobs", |a| {
                tokens.iter().for_each(|one| a.object(|o| top(o, one)));
            });
        }
        o.array("text_offset", |a| {
            for one in tokens {
                a.json(&offset.to_string());
                *offset = offset.saturating_add(one.token.text.chars().count() as u64);
            }
        });
    });
}

/// The likeliest tokens at a place, and the one that was chosen. Tokens that are the same
/// text, for example a part of a character, are one member.
fn top(o: &mut Object<'_>, one: &TokenLogprob) {
    let mut written = HashSet::new();
    for Likely { text, logprob } in one.top.iter().chain([&one.token]) {
        if written.insert(text.as_str()) {
            o.number(text, logprob);
        }
    }
}
