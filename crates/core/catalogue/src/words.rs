//! The words of the catalogue: what a model takes and gives, what it can do, what of a
//! request it refuses, what is charged.

use std::fmt;

use tollgate_types::Tier;

/// A closed list of words, each with a bit of its own.
pub trait Word: Copy + Eq + fmt::Debug + 'static {
    /// Every word, in the order of its bit.
    const ALL: &'static [Self];

    /// The word in data, configuration and output.
    fn label(self) -> &'static str;

    /// The word of this label.
    fn find(label: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.label() == label)
    }
}

/// A set of words.
pub struct Words<W> {
    bits: u32,
    words: std::marker::PhantomData<W>,
}

impl<W: Word> Words<W> {
    /// No word.
    pub const NONE: Self = Self::from_bits(0);

    /// The set with these bits, as [`bits`](Self::bits) gave them.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self {
            bits,
            words: std::marker::PhantomData,
        }
    }

    /// One bit for each word, by its place in [`Word::ALL`].
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.bits
    }

    /// True for the empty set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// True where the word is in it.
    #[must_use]
    pub fn has(self, word: W) -> bool {
        self.bits & bit(word) != 0
    }

    /// The set with this word too.
    #[must_use]
    pub fn with(self, word: W) -> Self {
        Self::from_bits(self.bits | bit(word))
    }

    /// What is in one of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self::from_bits(self.bits | other.bits)
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self::from_bits(self.bits & !other.bits)
    }

    /// The words, in the order of their list.
    pub fn iter(self) -> impl Iterator<Item = W> {
        W::ALL.iter().copied().filter(move |word| self.has(*word))
    }

    /// The labels, in the order of their list.
    #[must_use]
    pub fn labels(self) -> Vec<&'static str> {
        self.iter().map(Word::label).collect()
    }
}

fn bit<W: Word>(word: W) -> u32 {
    let place = W::ALL.iter().position(|other| *other == word);
    place.map_or(0, |place| 1 << place)
}

impl<W> Clone for Words<W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for Words<W> {}

impl<W: Word> Default for Words<W> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<W> PartialEq for Words<W> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<W> Eq for Words<W> {}

impl<W: Word> fmt::Debug for Words<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.labels()).finish()
    }
}

impl<W: Word> FromIterator<W> for Words<W> {
    fn from_iter<I: IntoIterator<Item = W>>(words: I) -> Self {
        words.into_iter().fold(Self::NONE, Self::with)
    }
}

/// Writes an enum, its list and its labels from one table.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $word:ident = $label:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $word,)+
        }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$word,)+];

            fn label(self) -> &'static str {
                match self {
                    $(Self::$word => $label,)+
                }
            }
        }
    };
}

words! {
    /// What goes into a model or comes out of it.
    Modality {
        /// Text.
        Text = "text",
        /// Pictures.
        Image = "image",
        /// Speech and sounds.
        Audio = "audio",
        /// Moving pictures.
        Video = "video",
        /// Files, such as PDF.
        Document = "document",
        /// Vectors.
        Embedding = "embedding",
        /// Numbers for each document or category: reranking, moderation.
        Score = "score",
    }
}

words! {
    /// What a model can do.
    Ability {
        /// Calls tools.
        Tools = "tools",
        /// Calls several tools at once.
        ParallelTools = "parallel_tools",
        /// Answers in a given JSON schema.
        StructuredOutput = "structured_output",
        /// Thinks before it answers.
        Reasoning = "reasoning",
        /// Its provider caches the beginnings of prompts.
        Caching = "caching",
        /// Answers in a stream.
        Streaming = "streaming",
        /// Sees pictures.
        Vision = "vision",
        /// Takes requests in batches.
        Batch = "batch",
        /// Searches the web by itself.
        WebSearch = "web_search",
        /// Runs code by itself.
        CodeExecution = "code_execution",
        /// Uses a computer's screen.
        ComputerUse = "computer_use",
        /// Can be trained further.
        FineTuning = "fine_tuning",
    }
}

words! {
    /// A parameter of a request, by the name that is the same for all formats. Prompts of a
    /// configuration set some, and some models refuse some.
    Parameter {
        /// Sampling temperature, a number.
        Temperature = "temperature",
        /// Nucleus sampling, a number.
        TopP = "top_p",
        /// Sampling among the most likely, a whole number.
        TopK = "top_k",
        /// Penalty by frequency, a number.
        FrequencyPenalty = "frequency_penalty",
        /// Penalty by presence, a number.
        PresencePenalty = "presence_penalty",
        /// Texts that end the answer, a list.
        Stop = "stop",
        /// Seed of the sampling, a whole number.
        Seed = "seed",
        /// Probabilities of tokens.
        Logprobs = "logprobs",
        /// Bias of tokens.
        LogitBias = "logit_bias",
        /// The most tokens to generate, a whole number. A model that refuses it refuses this
        /// name for it, which is the older one of two.
        MaxTokens = "max_tokens",
        /// How much to reason, a word.
        ReasoningEffort = "reasoning_effort",
        /// How wordy the answer is to be, a word.
        Verbosity = "verbosity",
        /// The service tier asked for, a word.
        ServiceTier = "service_tier",
    }
}

words! {
    /// What is charged.
    Unit {
        /// A million prompt tokens.
        Input = "input",
        /// A million prompt tokens read from the cache.
        CachedInput = "cached_input",
        /// A million prompt tokens written to the cache.
        CacheWrite = "cache_write",
        /// A million prompt tokens written to a cache that is kept for an hour.
        CacheWriteHour = "cache_write_1h",
        /// A million generated tokens.
        Output = "output",
        /// A million generated tokens of reasoning, where they have a price of their own.
        Reasoning = "reasoning",
        /// A million tokens of audio in the prompt.
        AudioInput = "audio_input",
        /// A million generated tokens of audio.
        AudioOutput = "audio_output",
        /// A million tokens of pictures in the prompt.
        ImageInput = "image_input",
        /// A million generated tokens of pictures.
        ImageOutput = "image_output",
        /// One picture.
        Image = "image",
        /// One request.
        Request = "request",
        /// One search, of the web or of documents.
        Search = "search",
        /// One page.
        Page = "page",
        /// One minute of audio.
        Minute = "minute",
    }
}

impl Unit {
    /// True where the price is that of a million; of one otherwise.
    #[must_use]
    pub const fn is_million(self) -> bool {
        !matches!(
            self,
            Self::Image | Self::Request | Self::Search | Self::Page | Self::Minute
        )
    }
}

words! {
    /// At which speed and with which promise a request is served.
    ServiceClass {
        /// What is charged without further words.
        Standard = "standard",
        /// Many requests, within a day.
        Batch = "batch",
        /// Faster than standard.
        Priority = "priority",
        /// When there is room.
        Flex = "flex",
    }
}

impl ServiceClass {
    /// The class in which a request was served; standard where nobody says another.
    /// `None`: nobody here knows it.
    #[must_use]
    pub const fn of(tier: Tier) -> Option<Self> {
        match tier {
            Tier::Unsaid | Tier::Standard => Some(Self::Standard),
            Tier::Priority => Some(Self::Priority),
            Tier::Flex => Some(Self::Flex),
            Tier::Batch => Some(Self::Batch),
            Tier::Other => None,
        }
    }
}

words! {
    /// The vocabulary that a model's text is cut into tokens by.
    Vocabulary {
        /// OpenAI's since GPT-4o, also that of gpt-oss.
        O200k = "o200k",
        /// OpenAI's of GPT-4 and GPT-3.5, also that of its embeddings.
        Cl100k = "cl100k",
        /// Llama 3 and later.
        Llama3 = "llama3",
        /// `DeepSeek` V3 and later.
        Deepseek = "deepseek",
        /// Qwen 2 and 3.
        Qwen = "qwen",
        /// Mistral's Tekken.
        Mistral = "mistral",
        /// Anthropic's, which is not public.
        Claude = "claude",
        /// Google's of Gemini, which is not public.
        Gemini = "gemini",
        /// Cohere's of Command.
        Cohere = "cohere",
    }
}

#[cfg(test)]
mod tests {
    use super::{Ability, Modality, Parameter, ServiceClass, Unit, Vocabulary, Word, Words};

    fn labels_are_unique<W: Word>() {
        for word in W::ALL {
            assert_eq!(W::find(word.label()), Some(*word));
        }
        assert!(W::ALL.len() <= 32);
        assert_eq!(W::find("nothing"), None);
    }

    #[test]
    fn every_word_is_found_by_its_label() {
        labels_are_unique::<Modality>();
        labels_are_unique::<Ability>();
        labels_are_unique::<Parameter>();
        labels_are_unique::<Unit>();
        labels_are_unique::<ServiceClass>();
        labels_are_unique::<Vocabulary>();
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let set: Words<Ability> = [Ability::Tools, Ability::Vision].into_iter().collect();
        assert!(set.has(Ability::Vision) && !set.has(Ability::Batch));
        assert_eq!(set.labels(), ["tools", "vision"]);
        assert_eq!(Words::from_bits(set.bits()), set);
        let one = Words::NONE.with(Ability::Tools);
        assert_eq!(set.without(one).labels(), ["vision"]);
    }
}
