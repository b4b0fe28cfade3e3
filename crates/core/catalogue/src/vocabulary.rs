//! From a model's name to its vocabulary, where nothing says it.

use crate::words::Vocabulary;

/// Words in names of models, in the order in which they are looked for: a distilled model
/// has the vocabulary of what it was made from.
const NAMES: &[(&str, Option<Vocabulary>)] = &[
    ("distill-llama", Some(Vocabulary::Llama3)),
    ("distill-qwen", Some(Vocabulary::Qwen)),
    ("claude", Some(Vocabulary::Claude)),
    ("gemini", Some(Vocabulary::Gemini)),
    ("gemma", Some(Vocabulary::Gemini)),
    ("learnlm", Some(Vocabulary::Gemini)),
    ("gpt-oss", Some(Vocabulary::O200k)),
    ("gpt-5", Some(Vocabulary::O200k)),
    ("gpt-4o", Some(Vocabulary::O200k)),
    ("gpt-4.", Some(Vocabulary::O200k)),
    ("gpt-4", Some(Vocabulary::Cl100k)),
    ("gpt-3.5", Some(Vocabulary::Cl100k)),
    ("gpt-35", Some(Vocabulary::Cl100k)),
    ("text-embedding-3", Some(Vocabulary::Cl100k)),
    ("text-embedding-ada", Some(Vocabulary::Cl100k)),
    ("chatgpt", Some(Vocabulary::O200k)),
    ("codex", Some(Vocabulary::O200k)),
    ("deepseek", Some(Vocabulary::Deepseek)),
    ("qwen", Some(Vocabulary::Qwen)),
    ("qwq", Some(Vocabulary::Qwen)),
    // Its fourth generation and its first two have others.
    ("llama-4", None),
    ("llama4", None),
    ("llama-2", None),
    ("llama2", None),
    ("llama", Some(Vocabulary::Llama3)),
    ("mistral", Some(Vocabulary::Mistral)),
    ("mixtral", Some(Vocabulary::Mistral)),
    ("ministral", Some(Vocabulary::Mistral)),
    ("codestral", Some(Vocabulary::Mistral)),
    ("devstral", Some(Vocabulary::Mistral)),
    ("magistral", Some(Vocabulary::Mistral)),
    ("pixtral", Some(Vocabulary::Mistral)),
    ("command-", Some(Vocabulary::Cohere)),
    ("c4ai", Some(Vocabulary::Cohere)),
];

/// OpenAI's reasoning models, whose names are hardly words.
const REASONING: [&str; 3] = ["o1", "o3", "o4"];

impl Vocabulary {
    /// The vocabulary that a model of this name most likely has; how its provider writes
    /// names, and what it puts before them, does not matter. `None`: the name says nothing.
    #[must_use]
    pub fn named(model: &str) -> Option<Self> {
        let of = |word: &str| has(model, word);
        if let Some((_, vocabulary)) = NAMES.iter().find(|(word, _)| of(word)) {
            return *vocabulary;
        }
        let last = model.rsplit(['/', ':']).next().unwrap_or_default();
        let is_reasoning = REASONING.iter().any(|word| {
            let rest = last.strip_prefix(word);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        is_reasoning.then_some(Self::O200k)
    }
}

/// Whether a word is in a name, in whatever case.
fn has(name: &str, word: &str) -> bool {
    let places = name.as_bytes().windows(word.len());
    places
        .into_iter()
        .any(|place| place.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::Vocabulary;
    use crate::model::Model;

    #[test]
    fn a_name_says_which_vocabulary_whoever_serves_it() {
        for (model, vocabulary) in [
            ("gpt-4o-mini", Some(Vocabulary::O200k)),
            ("gpt-4-turbo", Some(Vocabulary::Cl100k)),
            ("gpt-4.1", Some(Vocabulary::O200k)),
            ("o3-mini", Some(Vocabulary::O200k)),
            ("openai/o1", Some(Vocabulary::O200k)),
            (
                "eu.anthropic.claude-sonnet-4-5-v1:0",
                Some(Vocabulary::Claude),
            ),
            ("models/gemini-3-flash", Some(Vocabulary::Gemini)),
            (
                "meta-llama/Llama-3.3-70B-Instruct",
                Some(Vocabulary::Llama3),
            ),
            ("meta-llama/Llama-4-Scout", None),
            ("deepseek-r1-distill-qwen-7b", Some(Vocabulary::Qwen)),
            ("Qwen3-Coder", Some(Vocabulary::Qwen)),
            ("command-r-plus", Some(Vocabulary::Cohere)),
            ("my-fine-model", None),
            ("", None),
        ] {
            assert_eq!(Vocabulary::named(model), vocabulary, "{model}");
        }
    }

    #[test]
    fn where_the_catalogue_says_one_the_name_says_no_other() {
        for model in Model::all() {
            let (Some(listed), Some(named)) =
                (model.facts().vocabulary, Vocabulary::named(model.name()))
            else {
                continue;
            };
            assert_eq!(listed, named, "{model:?} {}", model.name());
        }
    }
}
