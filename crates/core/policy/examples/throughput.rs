//! Measures detectors and the streamed path. Run with `--release`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tollgate_formats::FormatId;
use tollgate_formats::view::{EventView, Field, RequestView, Role, TextSpan};
use tollgate_policy::{
    Detector, Expression, Finding, Machine, Mode, OnError, PiiDetector, PiiOptions, RequestFacts,
    Rule, RuleAction, RuleSet, Style, Window,
};
use tollgate_wire::sse::Event;
use tollgate_wire::{Document, Span, StrSpan};

const PROSE: &str = "The committee met again on Tuesday and went through the minutes of its last session; nothing \
was added. Most of the members agreed that the plan, as it stands, needs work: the budget is thin, the schedule is \
tight, and two of the three vendors have not answered yet. Still, by the end of 2024 the first part should be ready. \
\"We will see,\" said the chair, and closed the meeting a little after 5 p.m. without a vote. ";

const DENSE: &str =
    "john.doe@example.com 123-45-6789 4111 1111 1111 1111 4111-1111-1111-1112 x@y 12 345 6789 ";

fn main() {
    let prose = PROSE.repeat(100 * 1024 / PROSE.len() + 1);
    let prose = prose.get(..100 * 1024).unwrap_or(&prose);
    let dense = DENSE.repeat(100 * 1024 / DENSE.len());
    let digits = "1234 5678 9012 ".repeat(100 * 1024 / 15);
    let signs = "a@b.c ".repeat(100 * 1024 / 6);
    for (name, text) in [
        ("prose", prose),
        ("dense", &dense),
        ("digits", &digits),
        ("signs", &signs),
    ] {
        for entity in [
            "ssn",
            "credit_card",
            "email_address",
            "phone_number",
            "date_time",
            "url",
            "all",
        ] {
            let name = format!("{name} {entity}");
            report(&name, text.len(), &scan_time(&[entity], text));
        }
        report(
            &format!("{name} default"),
            text.len(),
            &scan_time(&[], text),
        );
    }
    request(prose, "request 100 KiB prose");
    request(prose.get(..1024).unwrap_or(prose), "request 1 KiB prose");
    stream();
    expression();
}

#[expect(
    clippy::disallowed_types,
    reason = "this measures the machine it runs on"
)]
fn time(mut work: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..60 {
        let start = std::time::Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best
}

fn scan_time(entities: &[&str], text: &str) -> Duration {
    let Some(detector) = detector(entities) else {
        return Duration::MAX;
    };
    let mut found: Vec<Finding> = Vec::new();
    time(|| {
        found.clear();
        for matcher in detector.matchers() {
            let window = Window {
                text: text.as_bytes(),
                from: 0,
                last: true,
            };
            black_box(matcher.scan(black_box(&window), 0, &mut found));
        }
    })
}

#[expect(clippy::print_stdout, reason = "the result of a measuring program")]
fn say(line: &str) {
    println!("{line}");
}

fn report(name: &str, bytes: usize, time: &Duration) {
    let micros = time.as_secs_f64() * 1e6;
    say(&format!(
        "{name:32} {micros:9.2} us  {:9.0} MB/s",
        bytes as f64 / micros
    ));
}

fn rules(entities: &[&str]) -> Option<Arc<RuleSet>> {
    Some(Arc::new(RuleSet::new(vec![Rule {
        policy: Arc::from("default"),
        name: Arc::from("pii"),
        action: RuleAction::Redact(Style::Label),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: detector(entities)?,
    }])))
}

/// The detector of these entities.
fn detector(entities: &[&str]) -> Option<Arc<PiiDetector>> {
    let options = PiiOptions::of(entities.iter().copied());
    PiiDetector::new(&options).ok().map(Arc::new)
}

fn request(text: &str, name: &str) {
    let body = Bytes::from(format!("\"{text}\"").into_bytes());
    let end = u32::try_from(body.len() - 1).unwrap_or(0);
    let text = StrSpan {
        span: Span::new(1, end),
        escaped: false,
    };
    let view = RequestView {
        texts: vec![TextSpan {
            text,
            role: Role::User,
            field: Field::Text,
            turn: 0,
        }],
        ..RequestView::default()
    };
    let Some(rules) = rules(&[]) else {
        return;
    };
    let time = time(|| {
        for _ in 0..10 {
            let mut document = Document::new(body.clone());
            black_box(Machine::new(Arc::clone(&rules)).request(&mut document, &view));
        }
    });
    report(name, body.len(), &(time / 10));
}

/// Words as a model sends them, through views, lanes and frames.
fn stream() {
    let pieces: Vec<String> =
        PROSE
            .repeat(8)
            .split_inclusive(' ')
            .fold(vec![String::new()], |mut pieces, word| {
                let word = word.trim_end_matches(' ');
                if let Some(last) = pieces.last_mut() {
                    last.push_str(word);
                }
                pieces.push(" ".to_owned());
                pieces
            });
    let events: Vec<Event> = pieces
        .iter()
        .map(|piece| {
            let data = serde_json::json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": null}]});
            Event::from_parts(None, data.to_string().as_bytes())
        })
        .collect();
    let format = FormatId::OpenaiChat.format();
    let per_event = |entities: &[&str]| {
        let rules = rules(entities).unwrap_or_default();
        let mut out = Vec::new();
        let mut view = EventView {
            all_texts: true,
            ..EventView::default()
        };
        let whole = time(|| {
            let mut machine = Machine::new(Arc::clone(&rules));
            for event in &events {
                out.clear();
                if format.view_event(event, &mut view).is_ok() {
                    black_box(machine.event(event, &view, &mut out));
                }
            }
        });
        let views = time(|| {
            for event in &events {
                black_box(format.view_event(event, &mut view).is_ok());
            }
        });
        (
            whole.saturating_sub(views).as_secs_f64() * 1e9 / events.len() as f64,
            views.as_secs_f64() * 1e9 / events.len() as f64,
        )
    };
    let (all, view) = per_event(&["all"]);
    let (usual, _) = per_event(&[]);
    let (numbers, _) = per_event(&["ssn", "credit_card"]);
    say(&format!(
        "event: view {view:.0} ns, machine {all:.0} ns with all, {usual:.0} ns by default, {numbers:.0} ns with cards"
    ));
    held(&pieces);
}

/// How much text is held after each piece.
fn held(pieces: &[String]) {
    for name in ["all", "default", "credit_card"] {
        let entities = [name];
        let entities = if name == "default" {
            &[][..]
        } else {
            &entities
        };
        let Some(detector) = detector(entities) else {
            continue;
        };
        let text = pieces.concat();
        let mut end = 0;
        let mut held: Vec<usize> = pieces
            .iter()
            .map(|piece| {
                end += piece.len();
                let window = Window {
                    text: text.get(..end).unwrap_or("").as_bytes(),
                    from: 0,
                    last: false,
                };
                let mut found = Vec::new();
                let at = detector
                    .matchers()
                    .iter()
                    .map(|matcher| matcher.scan(&window, 0, &mut found).at)
                    .min();
                end - at.unwrap_or(end)
            })
            .collect();
        held.sort_unstable();
        let at = |share: usize| held.get(held.len() * share / 100).copied().unwrap_or(0);
        say(&format!(
            "held bytes ({name}): median {}, p99 {}, max {}",
            at(50),
            at(99),
            held.last().unwrap_or(&0)
        ));
    }
}

fn expression() {
    let headers: http::HeaderMap = [(
        http::HeaderName::from_static("x-tier"),
        http::HeaderValue::from_static("gold"),
    )]
    .into_iter()
    .collect();
    let facts = RequestFacts {
        service: "billing",
        team: "",
        headers: &headers,
        path: "/v1/chat/completions",
        model: "gpt-5",
        input_bytes: 1200,
        has_image: false,
        tokens: 300,
    };
    for source in [
        "service == 'billing'",
        "headers['x-tier'] == 'gold' && input_bytes < 20000",
        "!has_image",
    ] {
        let Ok(expression) = Expression::compile(source) else {
            continue;
        };
        let time = time(|| {
            for _ in 0..1000 {
                let _bool = black_box(expression.evaluate(black_box(&facts)));
            }
        });
        say(&format!("{source:60} {:.0} ns", time.as_secs_f64() * 1e6));
    }
}
