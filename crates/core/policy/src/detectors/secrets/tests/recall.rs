//! Made-up secrets of every rule in the places where secrets stand.

use super::generate::{Dice, secret};
use super::{find, matcher};
use crate::detectors::secrets::SecretsOptions;
use crate::detectors::secrets::catalogue::{Form, NOISY, rules};
use crate::detectors::secrets::skim::RUN_BYTES;

/// How many secrets of each form are made.
const EACH: usize = 40;

/// Where tokens stand that tell by themselves.
const PLACES: [&str; 16] = [
    "{}",
    "My key is {} thanks.",
    "export API_KEY={}\nexport PORT=8080",
    "{\"model\": \"x\", \"api_key\": \"{}\", \"n\": 1}",
    "key = '{}'",
    "curl -H \"Authorization: Bearer {}\" https://example.com/v1",
    "use `{}` for that",
    "https://api.example.com/v1?token={}&page=1",
    "2024-05-01T12:00:00Z INFO using {} for 10.0.0.1",
    "- {}\n- other\n",
    "client = Client(\"{}\")",
    "line\\n{}\\nline",
    "secrets:\n  token: {}\n  other: x\n",
    "a,b,{},d",
    "\u{5bc6}\u{94a5}{}\u{3002}",
    "I leaked {}, what now? It was {}.",
];

/// How values are given to names: `{w}` is the word of the service.
const NAMED: [&str; 11] = [
    "{W}_API_KEY={}",
    "export {W}_TOKEN=\"{}\"\nexport PORT=1",
    "{\"{w}_api_key\": \"{}\"}",
    "{w}_secret: {}\n",
    "My {w} API key is: {}",
    "my {w} api key is {} and does not work.",
    "const {w}ApiKey = '{}';",
    "Client(provider=\"{w}\", api_key=\"{}\")",
    "run --{w}-token {} --verbose",
    "The {w} token: `{}`",
    "{\\\"{w}_key\\\": \\\"{}\\\", \\\"{w}_token\\\": \\\"{}\\\"}",
];

/// The text for a secret, and where in it the secret stands.
fn placed(form: &Form, secret: &str, dice: &mut Dice) -> String {
    if form.words.is_empty() {
        return dice.of(&PLACES).replace("{}", secret);
    }
    let word = form.words[dice.below(form.words.len())].text;
    let word = if word == "*" { "client" } else { word };
    // Words announce long runs only.
    let long = secret.len() >= RUN_BYTES && !secret.contains('|');
    let places = if long { &NAMED[..] } else { &NAMED[..5] };
    dice.of(places)
        .replace("{w}", word)
        .replace("{W}", &word.to_uppercase())
        .replace("{}", secret)
}

#[test]
fn made_up_secrets_of_every_rule_are_found() {
    let matcher = matcher(&SecretsOptions::default());
    let mut dice = Dice::new(7);
    let mut bad = Vec::new();
    for rule in rules().unwrap() {
        if rule.tags.contains(&NOISY) || rule.forms.is_empty() {
            continue;
        }
        let (mut made, mut found, mut named) = (0, 0, 0);
        let mut example = String::new();
        for form in &rule.forms {
            for _ in 0..EACH {
                let secret = secret(form, &mut dice);
                let text = placed(form, &secret, &mut dice);
                let start = text.find(&secret).unwrap();
                let end = start + secret.len();
                let seen = find(matcher.as_ref(), text.as_bytes());
                made += 1;
                let covered = seen
                    .iter()
                    .find(|seen| seen.start <= start && seen.end >= end && seen.end <= end + 8);
                found += usize::from(covered.is_some());
                let right = covered.is_some_and(|seen| seen.entity == rule.name);
                named += usize::from(right);
                if covered.is_none() || example.is_empty() && !right {
                    example = format!("{text} -> {seen:?}");
                }
            }
        }
        if found * 100 < made * 98 || named * 100 < made * 90 {
            bad.push(format!(
                "{}: {found} found, {named} named of {made}: {example}",
                rule.name
            ));
        }
    }
    assert!(bad.is_empty(), "{} rules\n{}", bad.len(), bad.join("\n"));
}
