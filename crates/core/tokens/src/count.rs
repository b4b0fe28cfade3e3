//! Counting and estimating tokens.
//!
//! Exact for OpenAI's current models only; every other family keeps its vocabulary
//! to itself or changes it by model, so there the o200k count is an approximation
//! and is labelled [`Source::Estimated`].

/// Bytes of ordinary text per token. English prose has 4.2 to 4.6, source code and
/// JSON 3 to 4, other scripts 2 to 4 in UTF-8.
const BYTES_PER_TOKEN: u64 = 4;

/// Where a number of tokens comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The provider said it.
    Reported,
    /// Counted with the model's own vocabulary.
    Counted,
    /// Counted with another vocabulary, or derived from the byte length.
    Estimated,
    /// Nobody said it, and there was nothing to count.
    Unknown,
}

impl Source {
    /// The word for logs and traces: `reported`, `counted`, `estimated` or `unknown`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Counted => "counted",
            Self::Estimated => "estimated",
            Self::Unknown => "unknown",
        }
    }

    /// The less certain of two sources: what a sum of both is.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Tokens of a text of `text_bytes` bytes, by a calibrated average; 0 only for no bytes.
#[must_use]
pub const fn estimate(text_bytes: u64) -> u64 {
    text_bytes.div_ceil(BYTES_PER_TOKEN)
}

/// The most tokens a text of `text_bytes` bytes can have in any byte-level vocabulary:
/// one for each byte. What a hard limit has to reserve.
#[must_use]
pub const fn upper_bound(text_bytes: u64) -> u64 {
    text_bytes
}

/// Tokens of a text in the o200k vocabulary.
///
/// The vocabulary is loaded by the first call (some 60 ms, 68 MB that stay). Linear in
/// the length for every input, 20 µs per KiB of prose, up to 60 of rare characters: not
/// for the request path.
#[must_use]
pub fn count(text: &str) -> u64 {
    // The crate keeps the vocabulary in a `LazyLock`, so the first caller loads it.
    u64::try_from(bpe_openai::o200k_base().count(text)).unwrap_or(u64::MAX)
}

/// [`count`] for a model of a kind of provider, with what the number is worth:
/// [`Source::Counted`] for `openai`, [`Source::Estimated`] for the rest.
#[must_use]
pub fn count_for(provider_kind: &str, text: &str) -> (u64, Source) {
    let source = if provider_kind == "openai" {
        Source::Counted
    } else {
        Source::Estimated
    };
    (count(text), source)
}

#[cfg(test)]
mod tests {
    use super::{Source, count, count_for, estimate, upper_bound};

    #[test]
    fn an_estimate_rounds_up_and_is_zero_only_for_nothing() {
        assert_eq!([0, 1, 4, 5, 4_000].map(estimate), [0, 1, 1, 2, 1_000]);
        assert_eq!(estimate(u64::MAX), u64::MAX / 4 + 1);
    }

    #[test]
    fn known_texts_have_their_known_o200k_counts() {
        assert_eq!(count(""), 0);
        assert_eq!(count("hello world"), 2);
        assert_eq!(count("The quick brown fox jumps over the lazy dog."), 10);
    }

    #[test]
    fn no_text_has_more_tokens_than_the_upper_bound() {
        for text in [
            "",
            "a",
            "日本語のテキスト",
            "\u{1F9D1}\u{200D}\u{1F680}",
            "zxqj%%%\n\n\t",
        ] {
            assert!(count(text) <= upper_bound(text.len() as u64), "{text}");
        }
    }

    #[test]
    fn prose_is_within_a_third_of_its_estimate() {
        let text = "A gateway stands between services and the models that they call. It \
                    inspects what goes through, meters it, and lets another target take over \
                    when one fails. "
            .repeat(8);
        let (counted, estimated) = (count(&text), estimate(text.len() as u64));
        assert!(
            estimated * 3 >= counted * 2 && estimated * 2 <= counted * 3,
            "{counted} {estimated}"
        );
    }

    #[test]
    fn only_a_family_with_a_public_vocabulary_is_counted() {
        assert_eq!(count_for("openai", "hello world"), (2, Source::Counted));
        assert_eq!(
            count_for("anthropic", "hello world"),
            (2, Source::Estimated)
        );
    }

    #[test]
    fn a_sum_is_as_good_as_its_worst_part() {
        assert_eq!(Source::Reported.worse(Source::Estimated), Source::Estimated);
        assert_eq!(Source::Counted.worse(Source::Reported), Source::Counted);
    }
}
