//! What the models of this provider take, as far as their names tell.

/// The generation of a model by its name: 3 for `gemini-3.1-pro-preview`; none where the
/// name does not say.
pub(super) fn generation(model: &str) -> Option<u32> {
    let (_before, after) = model.split_once("gemini-")?;
    let digits = after.find(|c: char| !c.is_ascii_digit());
    after.get(..digits.unwrap_or(after.len()))?.parse().ok()
}

/// From this generation on a word says how much to think, and calls must be signed.
const OF_WORDS: u32 = 3;

/// True where a word says how much to think, and a budget need not.
pub(super) fn thinks_by_word(model: &str) -> bool {
    generation(model).is_some_and(|generation| generation >= OF_WORDS)
}

/// True where the model cannot do without thinking.
pub(super) fn always_thinks(model: &str) -> bool {
    thinks_by_word(model) || model.contains("-pro")
}

/// What stands for the signature of a call that another provider's model made, where the
/// model would refuse a call without one: Google's documentation of thought signatures.
pub(super) fn unsigned(model: &str) -> Option<&'static str> {
    thinks_by_word(model).then_some("skip_thought_signature_validator")
}

#[cfg(test)]
mod tests {
    use super::generation;

    #[test]
    fn a_name_tells_the_generation() {
        for (model, number) in [
            ("gemini-2.5-flash", Some(2)),
            ("gemini-3-pro-preview", Some(3)),
            ("google/gemini-12", Some(12)),
            ("gemini-flash-latest", None),
            ("gemma-3", None),
            ("gemini-99999999999999999999", None),
        ] {
            assert_eq!(generation(model), number, "{model}");
        }
    }
}
