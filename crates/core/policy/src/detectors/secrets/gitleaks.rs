//! A user's `gitleaks.toml`, applied to texts as it is.
//!
//! A rule's pattern has the syntax of Go's `regexp`, on bytes. A rule with keywords is
//! tried where one of them stands, letters of any case; the secret is its `secretGroup`,
//! else its first group that is not empty, else the match; its entropy must exceed the
//! rule's; then the allow-lists of the rule and of the file are asked.
//!
//! What a text does not have: a rule's `path` is ignored, and a rule of a path only finds
//! nothing; `required` is not asked for; rules with `skipReport` are left out. A match has
//! at most [`MATCH_BYTES_MAX`] bytes. So that the result is the same for every way to cut
//! a text, a secret begins at its rule's keyword or behind it, where the pattern has the
//! keyword before the secret; rules whose secret may stand before the keyword, and those
//! without keywords, are searched for everywhere, and the keyword must stand in the match
//! or shortly before it.

mod allowlist;
mod file;
mod go_syntax;
mod keyed;
mod lead;
mod roaming;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use regex_automata::meta::{self, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use self::allowlist::Allowlist;
use self::file::File;
use self::keyed::Keyed;
use self::roaming::Roaming;
use super::value::entropy;
use crate::detector::{Entity, Extent, Finding, Matcher, Score};
use crate::detectors::DetectorError;
use crate::detectors::patterns::{Lazy, undecided};

/// The most bytes of a match.
const MATCH_BYTES_MAX: usize = 2048;

/// The most bytes of the program that a pattern becomes.
const PROGRAM_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How sure a finding is, in hundredths: a rule does not say.
const SCORE: u8 = 90;

/// What is wrong, before the place is known.
#[derive(Debug)]
struct Problem {
    message: String,
    help: String,
}

impl Problem {
    fn new(message: String, help: &str) -> Self {
        Self {
            message,
            help: help.to_owned(),
        }
    }
}

/// What a file asks for.
#[derive(Debug)]
pub(super) struct Gitleaks {
    pub(super) matchers: Vec<Arc<dyn Matcher>>,
    /// Whether our own rules apply as well.
    pub(super) use_default: bool,
    /// The ones that do not, by the names of gitleaks.
    pub(super) disabled: Vec<String>,
}

/// One rule.
#[derive(Debug)]
struct Rule {
    entity: Entity,
    regex: Regex,
    hir: Hir,
    /// What the text ends in where a match may have begun; made when it is first needed.
    undecided: OnceLock<Option<Lazy>>,
    bytes_max: usize,
    group: usize,
    entropy: f64,
    keywords: Vec<String>,
    allowlists: Vec<Arc<Allowlist>>,
}

impl Rule {
    /// Whether a match that begins at `at` is undecided at the end of `text`.
    fn is_live(&self, text: &[u8], at: usize) -> bool {
        text.len() - at < self.bytes_max && self.live_from(text, at) == at
    }

    /// Where the earliest match from `at` on may have begun that what follows decides.
    fn live_from(&self, text: &[u8], at: usize) -> usize {
        let first = at.max(text.len().saturating_sub(self.bytes_max - 1));
        let automaton = self
            .undecided
            .get_or_init(|| Lazy::new(&undecided(&self.hir), true));
        match automaton {
            Some(automaton) => automaton.longest_at_end(text, first, text.len()),
            None => first,
        }
    }

    /// The match that begins at `at`, and the secret in it, when nothing speaks against it.
    fn read(&self, text: &[u8], at: usize, captures: &mut Captures) -> Option<Read> {
        let end = text.len().min(at + self.bytes_max);
        let input = Input::new(text).span(at..end).anchored(Anchored::Yes);
        self.regex.search_captures(&input, captures);
        let found = captures.get_match()?;
        let (start, mut end) = (found.start(), found.end());
        while end > start && text.get(end - 1) == Some(&b'\n') {
            end -= 1;
        }
        let groups = 1..captures.group_len();
        let group = if self.group > 0 {
            captures.get_group(self.group)
        } else {
            groups
                .filter_map(|group| captures.get_group(group))
                .find(|span| !span.is_empty())
        };
        let secret = group.map_or((start, end), |span| (span.start, span.end));
        let value = text.get(secret.0..secret.1).unwrap_or_default();
        let enough = self.entropy == 0.0 || entropy(value) > self.entropy;
        let allowed = || {
            let mut lists = self.allowlists.iter();
            lists.any(|list| list.allows(text, (start, end), secret))
        };
        Some(Read {
            end: found.end(),
            secret: (enough && !value.is_empty() && !allowed()).then_some(secret),
        })
    }
}

/// A match, with the secret when it counts.
struct Read {
    end: usize,
    secret: Option<(usize, usize)>,
}

fn finding((start, end): (usize, usize), entity: u16) -> Finding {
    Finding {
        start,
        end,
        entity,
        score: Score::percent(SCORE),
        extent: Extent::Whole,
    }
}

/// Reads a file.
///
/// # Errors
/// What is no TOML, a pattern that is none, a group that a pattern lacks.
pub(super) fn load(text: &str) -> Result<Gitleaks, DetectorError> {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let file: File = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(1, |span| line(span.start));
        option(
            format!(
                "the gitleaks configuration, line {place}: {}",
                error.message()
            ),
            "write it as gitleaks reads it",
        )
    })?;
    if !file.extend.path.is_empty() {
        let message = format!(
            "the gitleaks configuration extends the file `{}`",
            file.extend.path
        );
        return Err(option(message, "write the rules of both files into one"));
    }
    let of_file = |problem: Problem| {
        option(
            format!("the gitleaks configuration: {}", problem.message),
            &problem.help,
        )
    };
    let lists = file.allowlists.into_iter().chain(file.allowlist);
    let globals = lists
        .map(|list| Allowlist::new(list).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()
        .map_err(of_file)?;
    let mut rules = Vec::new();
    for spec in file.rules {
        let id = spec.id.get_ref().clone();
        if spec.skip_report || spec.regex.is_none() && spec.path.is_some() {
            continue;
        }
        let place = line(spec.id.span().start);
        let rule = rule(spec, &globals).map_err(|problem| {
            let message = format!(
                "the gitleaks rule `{id}`, line {place}: {}",
                problem.message
            );
            option(message, &problem.help)
        })?;
        rules.push(rule);
    }
    Ok(Gitleaks {
        matchers: matchers(rules)?,
        use_default: file.extend.use_default,
        disabled: file.extend.disabled_rules,
    })
}

fn option(message: String, help: &str) -> DetectorError {
    DetectorError::Option {
        message,
        help: help.to_owned(),
    }
}

fn rule(spec: file::Rule, globals: &[Arc<Allowlist>]) -> Result<Rule, Problem> {
    let id = spec.id.into_inner();
    let Some(regex) = &spec.regex else {
        return Err(Problem::new(
            "it has no pattern".to_owned(),
            "write its `regex`; a rule of gitleaks' own is changed by writing it as a whole",
        ));
    };
    let hir = parse(regex.get_ref())?;
    if hir
        .properties()
        .minimum_len()
        .is_none_or(|least| least == 0)
    {
        let message = "the pattern can match the empty text".to_owned();
        return Err(Problem::new(
            message,
            "write one that needs at least one character",
        ));
    }
    let regex = compile(&hir)?;
    if spec.secret_group >= regex.captures_len() {
        let message = format!("the pattern has no group {}", spec.secret_group);
        return Err(Problem::new(message, "write a `secretGroup` that it has"));
    }
    let own = spec.allowlists.into_iter().chain(spec.allowlist);
    let mut allowlists = own
        .map(|list| Allowlist::new(list).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    let of_all = globals
        .iter()
        .filter(|list| list.rules.is_empty() || list.rules.contains(&id));
    allowlists.extend(of_all.cloned());
    let bound = hir.properties().maximum_len().unwrap_or(MATCH_BYTES_MAX);
    Ok(Rule {
        entity: Entity::new(&id),
        regex,
        undecided: OnceLock::new(),
        bytes_max: bound.min(MATCH_BYTES_MAX),
        group: spec.secret_group,
        entropy: spec.entropy,
        keywords: spec
            .keywords
            .iter()
            .map(|word| word.to_ascii_lowercase())
            .collect(),
        allowlists,
        hir,
    })
}

/// One matcher of all rules that their keywords lead to, and one for each other rule.
fn matchers(rules: Vec<Rule>) -> Result<Vec<Arc<dyn Matcher>>, DetectorError> {
    let (mut keyed, mut matchers) = (Vec::new(), Vec::<Arc<dyn Matcher>>::new());
    for rule in rules {
        match lead::lead(&rule.hir, &rule.keywords) {
            Some(bytes) => keyed.push((rule, bytes)),
            None => matchers.push(Arc::new(Roaming::new(rule))),
        }
    }
    if !keyed.is_empty() {
        let keyed =
            Keyed::new(keyed).map_err(|error| option(error.to_string(), "use fewer keywords"))?;
        matchers.insert(0, Arc::new(keyed));
    }
    Ok(matchers)
}

/// A pattern as Go reads it, on bytes.
fn parse(pattern: &str) -> Result<Hir, Problem> {
    let parser = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(100)
        .build();
    let mut parser = parser;
    parser
        .parse(&go_syntax::translated(pattern))
        .map_err(|error| {
            let fact = match &error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                other => other.to_string(),
            };
            Problem::new(
                format!("a pattern is none: {fact}"),
                "write the syntax of Go's regexp",
            )
        })
}

fn compile(hir: &Hir) -> Result<Regex, Problem> {
    let config = meta::Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(PROGRAM_BYTES_MAX))
        .hybrid_cache_capacity(256 * 1024);
    let built = Regex::builder().configure(config).build_from_hir(hir);
    built.map_err(|_too_large| {
        Problem::new(
            "a pattern becomes too large".to_owned(),
            "repeat less in it",
        )
    })
}
