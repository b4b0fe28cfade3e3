//! Every place of every format, whole and in pieces, under every action: a rule reads
//! what stands there, and does what it says.
//!
//! A format joins with one module: what a message looks like that says something at a
//! place, or why it has no such place. `docs/reference/policy-coverage.md` is made from
//! the same table (`UPDATE_DOCS=1 cargo test -p tollgate-policy coverage`).

mod anthropic_messages;
mod bedrock_converse;
mod cohere_chat;
mod cohere_embed;
mod counts;
mod gemini_embed;
mod gemini_generate;
mod openai_chat;
mod openai_completions;
mod openai_embeddings;
mod openai_responses;
mod rerank;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tollgate_formats::{FORMATS, Format, FormatId, Operation};
use tollgate_policy::{
    KeyId, Keys, Machine, Mode, RuleAction, RuleRecord, RuleSet, Style, Vault, Verdict,
};
use tollgate_wire::Document;
use tollgate_wire::sse::Event;

use crate::support::{pump_with, rule};

/// What a rule has to find wherever it stands.
const SECRET: &str = "536-22-1234";

/// How many characters a piece of a streamed text has.
const PIECE_CHARS: usize = 3;

/// A place where somebody may say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    System,
    Developer,
    User,
    UserPart,
    Assistant,
    ToolResult,
    ToolName,
    ToolArguments,
    ToolArgumentsKey,
    ToolDescription,
    ToolSchema,
    Reasoning,
    Refusal,
    SecondChoice,
    CacheBlock,
    DocumentText,
    DocumentTitle,
    DocumentMember,
    WholeDocument,
    FileName,
    FileAddress,
    ImageAddress,
    Vector,
    Citation,
    Metadata,
    UserField,
    Unknown,
}

const PLACES: [Place; 27] = [
    Place::System,
    Place::Developer,
    Place::User,
    Place::UserPart,
    Place::Assistant,
    Place::ToolResult,
    Place::ToolName,
    Place::ToolArguments,
    Place::ToolArgumentsKey,
    Place::ToolDescription,
    Place::ToolSchema,
    Place::Reasoning,
    Place::Refusal,
    Place::SecondChoice,
    Place::CacheBlock,
    Place::DocumentText,
    Place::DocumentTitle,
    Place::DocumentMember,
    Place::WholeDocument,
    Place::FileName,
    Place::FileAddress,
    Place::ImageAddress,
    Place::Vector,
    Place::Citation,
    Place::Metadata,
    Place::UserField,
    Place::Unknown,
];

/// A message with something said at a place; `None` where the format has no such place.
struct Samples {
    request: fn(Place, &str) -> Option<Value>,
    answer: fn(Place, &str) -> Option<Value>,
    stream: fn(Place, &[String]) -> Option<Vec<Event>>,
}

fn samples(format: FormatId) -> Samples {
    match format {
        FormatId::OpenaiChat => openai_chat::SAMPLES,
        FormatId::AnthropicMessages => anthropic_messages::SAMPLES,
        FormatId::GeminiGenerate => gemini_generate::SAMPLES,
        FormatId::BedrockConverse => bedrock_converse::SAMPLES,
        FormatId::OpenaiResponses => openai_responses::SAMPLES,
        FormatId::CohereChat => cohere_chat::SAMPLES,
        FormatId::OpenaiCompletions => openai_completions::SAMPLES,
        FormatId::OpenaiEmbeddings => openai_embeddings::SAMPLES,
        FormatId::CohereEmbed => cohere_embed::SAMPLES,
        FormatId::GeminiEmbed => gemini_embed::ONE,
        FormatId::GeminiBatchEmbed => gemini_embed::BATCH,
        FormatId::CohereRerank | FormatId::JinaRerank => rerank::SAMPLES,
        FormatId::AnthropicCount => counts::ANTHROPIC,
        FormatId::GeminiCount => counts::GEMINI,
        FormatId::VertexCount => counts::VERTEX,
        FormatId::OpenaiCount => counts::OPENAI,
        FormatId::BedrockCount => counts::BEDROCK,
    }
}

/// Actions, and what a finding becomes under them.
fn actions() -> Vec<(&'static str, RuleAction)> {
    let key = KeyId(0);
    vec![
        ("block", RuleAction::Block { message: None }),
        ("label", RuleAction::Redact(Style::Label)),
        ("mask", RuleAction::Redact(Style::Mask { keep_last: 0 })),
        ("hash", RuleAction::Redact(Style::Hash { key })),
        ("encrypt", RuleAction::Redact(Style::Encrypt { key })),
        ("restore", RuleAction::Redact(Style::Restore)),
        ("flag", RuleAction::Flag),
        (
            "route",
            RuleAction::Route {
                model: Arc::from("local"),
            },
        ),
    ]
}

fn machine(action: &RuleAction, mode: Mode) -> Machine {
    let rules = RuleSet::new(vec![tollgate_policy::Rule {
        mode,
        ..rule("r", action.clone(), &["ssn"])
    }]);
    let keys = Arc::new(Keys::new([&b"key"[..]]));
    Machine::new(Arc::new(rules)).with_vault(Vault::new(keys))
}

/// What became of a message.
struct Seen {
    verdict: Verdict,
    records: Vec<RuleRecord>,
    sent: Vec<u8>,
    original: Vec<u8>,
}

/// Whether the rule did at this place what its action says.
fn holds(seen: &Seen, action: &RuleAction, mode: Mode) -> Result<(), String> {
    let said = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let counted = matches!(seen.records.as_slice(), [record] if record.count >= 1 && record.entity.as_ref() == "ssn");
    if !counted {
        return Err(format!("records {:?}", seen.records));
    }
    let blocks = matches!(action, RuleAction::Block { .. }) && mode == Mode::Enforce;
    if blocks != matches!(seen.verdict, Verdict::Block(_)) {
        return Err(format!("verdict {:?}", seen.verdict));
    }
    let acts = blocks || matches!(action, RuleAction::Redact(_)) && mode == Mode::Enforce;
    if !acts && seen.sent != seen.original {
        return Err(format!("changed to {}", said(&seen.sent)));
    }
    // Digits of it that are cut out of pieces would still be there one after the other.
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let leaks = said(&seen.sent).contains(SECRET)
        || (acts
            && !matches!(
                action,
                RuleAction::Redact(Style::Hash { .. } | Style::Encrypt { .. })
            )
            && digits(&said(&seen.sent)).contains(&digits(SECRET)));
    if acts && leaks {
        return Err(format!("leaked in {}", said(&seen.sent)));
    }
    Ok(())
}

fn request(format: &dyn Format, body: &Value, action: &RuleAction, mode: Mode) -> Seen {
    let body = Bytes::from(body.to_string());
    let view = format.view_request(&body, true).unwrap();
    let mut document = Document::new(body.clone());
    let mut machine = machine(action, mode);
    let verdict = machine.request(&mut document, &view);
    seen(&machine, verdict, &document, &body)
}

fn answer(format: &dyn Format, body: &Value, action: &RuleAction, mode: Mode) -> Seen {
    let body = Bytes::from(body.to_string());
    let view = format.view_answer(&body, true).unwrap();
    let mut document = Document::new(body.clone());
    let mut machine = machine(action, mode);
    let verdict = machine.answer(&mut document, &view);
    seen(&machine, verdict, &document, &body)
}

fn seen(machine: &Machine, verdict: Verdict, document: &Document, original: &Bytes) -> Seen {
    let sent = match verdict {
        Verdict::Pass => document.to_bytes().to_vec(),
        Verdict::Block(_) => Vec::new(),
    };
    Seen {
        verdict,
        records: machine.records().to_vec(),
        sent,
        original: original.to_vec(),
    }
}

fn stream(format: &dyn Format, events: &[Event], action: &RuleAction, mode: Mode) -> Seen {
    let sent = pump_with(machine(action, mode), format.id(), events);
    Seen {
        verdict: sent.verdict,
        records: sent.records,
        sent: sent.frames.concat(),
        original: events
            .iter()
            .flat_map(|event| event.raw().to_vec())
            .collect(),
    }
}

fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(PIECE_CHARS)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// The ways a message goes, as columns of the page.
const WAYS: [&str; 3] = ["request", "whole answer", "streamed answer"];

/// For each format and place, which of the ways have it.
type Covered = BTreeMap<(&'static str, Place), [bool; 3]>;

/// What holds at each place of each format, and everything that does not.
fn matrix() -> (Covered, Vec<String>) {
    let mut covered = BTreeMap::new();
    let mut wrong = Vec::new();
    for format in FORMATS {
        let samples = samples(format.id());
        for place in PLACES {
            let text = format!("so {SECRET} it is");
            let whole_request = (samples.request)(place, &text);
            let whole_answer = (samples.answer)(place, &text);
            let events = (samples.stream)(place, &pieces(&text));
            covered.insert(
                (format.label(), place),
                [
                    whole_request.is_some(),
                    whole_answer.is_some(),
                    events.is_some(),
                ],
            );
            for ((name, action), mode) in actions()
                .iter()
                .flat_map(|action| [(action, Mode::Enforce), (action, Mode::Shadow)])
            {
                let tried = [
                    whole_request
                        .as_ref()
                        .map(|body| request(format, body, action, mode)),
                    whole_answer
                        .as_ref()
                        .map(|body| answer(format, body, action, mode)),
                    events
                        .as_ref()
                        .map(|events| stream(format, events, action, mode)),
                ];
                for (way, seen) in WAYS.iter().zip(tried) {
                    if let Some(Err(why)) = seen.map(|seen| holds(&seen, action, mode)) {
                        wrong.push(format!(
                            "{} {place:?} {way} {name} {}: {why}",
                            format.label(),
                            mode.label()
                        ));
                    }
                }
            }
        }
    }
    (covered, wrong)
}

#[test]
fn a_rule_reads_every_place_of_every_format_and_does_what_it_says() {
    let (covered, wrong) = matrix();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for format in FORMATS {
        let ways: Vec<[bool; 3]> = PLACES
            .iter()
            .map(|place| covered[&(format.label(), *place)])
            .collect();
        for ((at, way), wanted) in WAYS.iter().enumerate().zip(places_min(format)) {
            let places = ways.iter().filter(|ways| ways[at]).count();
            assert!(
                places >= wanted,
                "{} has samples of {places} places of a {way}",
                format.label()
            );
        }
    }
    let page = page(&covered);
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/reference/policy-coverage.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "UPDATE_DOCS=1 writes {}", path.display());
}

/// How many places a message of each way must have: conversations have many, texts that go
/// on few, other operations say little in their answers, and stream nothing.
fn places_min(format: &dyn Format) -> [usize; 3] {
    match format.codec().operation() {
        Operation::Chat => [6, 6, 6],
        Operation::Complete => [5, 3, 3],
        Operation::Embed | Operation::Rerank | Operation::Count => [3, 1, 0],
    }
}

/// The ways that messages of a format go.
fn ways(format: &dyn Format) -> &'static [&'static str] {
    match format.codec().operation().is_streamed() {
        true => &WAYS,
        false => &WAYS[..2],
    }
}

fn page(covered: &Covered) -> String {
    let mut page = String::from(
        "# What policies read\n\n\
         Made by the test that tries each cell under every action (`block`, each style of\n\
         `redact`, `flag`, `route`), enforced and in shadow. `–`: the format has no such place\n\
         there.\n\n",
    );
    let _ = write!(page, "| place |");
    let mut columns = 0;
    for format in FORMATS {
        for way in ways(format) {
            columns += 1;
            let _ = write!(page, " `{}` {way} |", format.label());
        }
    }
    let _ = write!(page, "\n|---|{}", "---|".repeat(columns));
    for place in PLACES {
        let _ = write!(page, "\n| {} |", spelled(place));
        for format in FORMATS {
            let cells = covered[&(format.label(), place)];
            for (is_covered, _way) in cells.into_iter().zip(ways(format)) {
                let _ = write!(page, " {} |", if is_covered { "read" } else { "–" });
            }
        }
    }
    page.push('\n');
    page
}

/// `ToolName` as `tool name`.
fn spelled(place: Place) -> String {
    let mut name = String::new();
    for c in format!("{place:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push(' ');
        }
        name.extend(c.to_lowercase());
    }
    name
}
