//! The same findings for every way to cut a text.

use super::generate::{Dice, secret};
use super::{find, in_pieces, matcher};
use crate::secrets::SecretsOptions;
use crate::secrets::catalogue::rules;

#[test]
fn every_rule_is_the_same_cut_at_every_byte() {
    let matcher = matcher(&SecretsOptions::default());
    let mut dice = Dice::new(3);
    for rule in rules().unwrap() {
        // One form in three; the seed below changes when the list does.
        for form in rule.forms.iter().step_by(3) {
            let secret = secret(form, &mut dice);
            let word = form.words.first().map_or("api", |word| word.text);
            let text = format!("The {word} key={secret} is.\n");
            let text = text.as_bytes();
            let whole = find(matcher.as_ref(), text);
            for cut in 0..text.len() {
                let pieces = in_pieces(matcher.as_ref(), text, &[cut, text.len()]);
                assert_eq!(pieces, whole, "{} cut at {cut}", rule.name);
            }
            let bytes: Vec<usize> = (1..=text.len()).collect();
            assert_eq!(
                in_pieces(matcher.as_ref(), text, &bytes),
                whole,
                "{}",
                rule.name
            );
        }
    }
}
