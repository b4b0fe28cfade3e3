//! The answer to a request, before it takes a wire format.
//!
//! Same seed, same request body: same answer. What comes is, in this order, decided by the
//! directive, by a forced or mentioned tool, by a tool result, by a wanted JSON shape, and
//! else is a friendly text. Then stop sequences cut it, then the token limit.

use crate::ask::{Ask, Finish, Tool, ToolChoice};
use crate::distribution::Distribution;
use crate::random::Random;
use crate::schema;
use crate::text;

/// No answer is longer, over all its choices, in tokens.
const ANSWER_TOKENS_MAX: usize = 65_536;
/// Words of the prompt that the friendly answer repeats.
const QUOTED_WORDS_MAX: usize = 24;
/// Characters of a tool result that the answer repeats.
const QUOTED_CHARS_MAX: usize = 240;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 16 hex digits that follow from seed and body, for ids in the answer.
    pub(crate) tag: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) usage: Usage,
}

/// One of the answers the caller asked for.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Tokens of reasoning.
    pub(crate) reasoning: Vec<String>,
    /// Tokens of the text.
    pub(crate) text: Vec<String>,
    /// Is the text a refusal?
    pub(crate) refused: bool,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish: Finish,
}

/// One call of a tool. Naming it counts as one token, its arguments as their pieces.
#[derive(Debug)]
pub(crate) struct Call {
    /// Hex digits, unique in the answer.
    pub(crate) tag: String,
    pub(crate) name: String,
    /// JSON, in the pieces a stream delivers.
    pub(crate) arguments: Vec<String>,
}

/// What the answer costs, in tokens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Everything read, cached or not.
    pub(crate) input: u64,
    /// Part of `input` that came from the cache.
    pub(crate) cached: u64,
    /// Part of `input` that was written to the cache.
    pub(crate) cache_written: u64,
    /// Everything written, reasoning included.
    pub(crate) output: u64,
    /// Part of `output` that was reasoning.
    pub(crate) reasoning: u64,
}

impl Choice {
    fn tokens(&self) -> usize {
        let calls: usize = self.calls.iter().map(|call| 1 + call.arguments.len()).sum();
        self.reasoning.len() + self.text.len() + calls
    }
}

/// Composes the answer to `ask`; `random` must follow from seed and body.
pub(crate) fn compose(ask: &Ask, length: Option<Distribution>, mut random: Random) -> Answer {
    let tag = format!("{:016x}", random.next());
    let limit = ask
        .tokens_max
        .unwrap_or(usize::MAX)
        .min(ANSWER_TOKENS_MAX / ask.choices.max(1));
    let choices: Vec<_> = (0..ask.choices)
        .map(|index| {
            let continued = ask.continued.as_ref();
            Composer {
                ask,
                prompt: continued.map_or(&ask.prompt, |continued| continued.prompt(index)),
                length,
                limit,
                random: &mut random,
            }
            .choice()
        })
        .collect();
    let count = |tokens: fn(&Choice) -> usize| choices.iter().map(tokens).sum::<usize>() as u64;
    let cached = ask.directive.cached.min(ask.input_tokens);
    let usage = Usage {
        input: ask.input_tokens,
        cached,
        cache_written: ask.directive.cache_write.min(ask.input_tokens - cached),
        output: count(Choice::tokens),
        reasoning: count(|choice| choice.reasoning.len()),
    };
    Answer {
        tag,
        choices,
        usage,
    }
}

struct Composer<'a> {
    ask: &'a Ask,
    /// What this choice answers.
    prompt: &'a str,
    length: Option<Distribution>,
    /// Tokens of this choice, at most.
    limit: usize,
    random: &'a mut Random,
}

impl Composer<'_> {
    fn choice(&mut self) -> Choice {
        let directive = &self.ask.directive;
        let calls = self.calls();
        let text = if calls.is_empty() {
            self.text()
        } else {
            directive.text.clone().unwrap_or_default()
        };
        let (text, stopped_by) = stop_at(text, &self.ask.stop);
        let reasoning = directive
            .reasoning
            .unwrap_or(self.ask.reasoning)
            .min(self.limit);
        let mut choice = Choice {
            reasoning: text::filled("Let me think about this.", reasoning, self.random),
            text: self.pieces(&text),
            refused: directive.refuse,
            finish: match (stopped_by, calls.is_empty()) {
                (Some(sequence), _) => Finish::StopSequence(sequence),
                (None, true) if directive.refuse => Finish::Refusal,
                (None, true) => Finish::Stop,
                (None, false) => Finish::ToolCalls,
            },
            calls,
        };
        self.shorten(&mut choice);
        if let Some(finish) = &directive.finish {
            choice.finish = finish.clone();
        }
        choice
    }

    /// Leaves out what is beyond the limit: the end first.
    fn shorten(&self, choice: &mut Choice) {
        if choice.tokens() <= self.limit {
            return;
        }
        choice.finish = Finish::Length;
        let mut left = self.limit;
        let mut keep = |wanted: usize| {
            let kept = wanted.min(left);
            left -= kept;
            kept
        };
        choice.reasoning.truncate(keep(choice.reasoning.len()));
        choice.text.truncate(keep(choice.text.len()));
        choice.calls.retain_mut(|call| {
            let named = keep(1) == 1;
            call.arguments.truncate(keep(call.arguments.len()));
            named
        });
    }

    /// Cuts a text into tokens, or into the pieces the directive wants. One more than the limit
    /// is enough to see that it was exceeded.
    fn pieces(&self, text: &str) -> Vec<String> {
        let most = self.limit.saturating_add(1);
        match self.ask.directive.piece {
            None => text::tokens(text).take(most).map(str::to_owned).collect(),
            Some(size) => {
                let mut chars = text.chars().peekable();
                let pieces = std::iter::from_fn(|| {
                    chars
                        .peek()
                        .is_some()
                        .then(|| chars.by_ref().take(size).collect())
                });
                pieces.take(most).collect()
            }
        }
    }

    fn text(&mut self) -> String {
        let directive = &self.ask.directive;
        if let Some(text) = &directive.text {
            return text.clone();
        }
        if directive.refuse {
            return "I'm sorry, but I can't help with that.".into();
        }
        if directive.echo {
            return self.prompt.to_owned();
        }
        if let Some(schema) = &self.ask.json {
            return schema::sample(schema, self.random).to_string();
        }
        let friendly = self.friendly();
        let length = self.length.map(|length| length.sample_whole(self.random));
        match directive.tokens.or(length) {
            Some(tokens) => text::filled(
                &friendly,
                tokens.min(self.limit.saturating_add(1)),
                self.random,
            )
            .concat(),
            None => friendly,
        }
    }

    fn friendly(&mut self) -> String {
        if let Some(result) = &self.ask.tool_result {
            let result: String = result.chars().take(QUOTED_CHARS_MAX).collect();
            return format!(
                "The tool answered: {result} That is all this simulated model needed to know."
            );
        }
        let greeting = self
            .random
            .pick(&["Hello", "Hi there", "Good to hear from you"])
            .copied();
        let words: Vec<_> = self
            .prompt
            .split_whitespace()
            .take(QUOTED_WORDS_MAX + 1)
            .collect();
        let quoted = match words.get(..QUOTED_WORDS_MAX) {
            Some(start) if words.len() > QUOTED_WORDS_MAX => format!("{} …", start.join(" ")),
            _ => words.join(" "),
        };
        format!(
            "{}! This is Tollgate's built-in simulator: your request went all the way through, but no \
             model was called and nothing was spent. You wrote: \"{quoted}\". Set a provider's key, and \
             a real model will answer in my place.",
            greeting.unwrap_or("Hello")
        )
    }

    fn calls(&mut self) -> Vec<Call> {
        let directive = &self.ask.directive;
        let names = self.called_tools();
        let each = directive.parallel.unwrap_or(1);
        let mut calls = Vec::new();
        for name in names
            .iter()
            .flat_map(|name| std::iter::repeat_n(name, each))
        {
            let arguments = match &directive.arguments {
                Some(arguments) => arguments.clone(),
                None => self.arguments_of(name),
            };
            calls.push(Call {
                tag: format!("{:016x}", self.random.next()),
                name: name.clone(),
                arguments: text::tokens(&arguments)
                    .take(self.limit)
                    .map(str::to_owned)
                    .collect(),
            });
        }
        calls
    }

    fn arguments_of(&mut self, name: &str) -> String {
        match self.ask.tools.iter().find(|tool| tool.name == name) {
            Some(tool) => schema::sample(&tool.schema, self.random).to_string(),
            None => "{}".into(),
        }
    }

    /// Names of the tools to call: ordered, forced, or mentioned by the user.
    fn called_tools(&self) -> Vec<String> {
        let ask = self.ask;
        if !ask.directive.tools.is_empty() {
            return ask.directive.tools.clone();
        }
        let all = || ask.tools.iter().map(|tool| tool.name.clone());
        match &ask.tool_choice {
            ToolChoice::Never => Vec::new(),
            ToolChoice::Named(name) => vec![name.clone()],
            ToolChoice::Any => all().take(1).collect(),
            ToolChoice::Auto if ask.tool_result.is_some() => Vec::new(),
            ToolChoice::Auto => mentioned(&ask.tools, &ask.prompt),
        }
    }
}

/// Tools whose name stands in the prompt, as it is or in words (`get weather`).
fn mentioned(tools: &[Tool], prompt: &str) -> Vec<String> {
    if tools.is_empty() {
        return Vec::new();
    }
    let prompt = prompt.to_lowercase();
    let names = tools.iter().map(|tool| &tool.name).filter(|name| {
        let name = name.to_lowercase();
        prompt.contains(&name) || prompt.contains(&name.replace(['_', '-'], " "))
    });
    names.cloned().collect()
}

/// Ends `text` before the first stop sequence in it, and names that sequence.
fn stop_at(mut text: String, stop: &[String]) -> (String, Option<String>) {
    let first = stop
        .iter()
        .filter(|sequence| !sequence.is_empty())
        .filter_map(|sequence| Some((text.find(sequence.as_str())?, sequence)))
        .min_by_key(|(place, _)| *place);
    match first {
        Some((place, sequence)) => {
            text.truncate(place);
            (text, Some(sequence.clone()))
        }
        None => (text, None),
    }
}
