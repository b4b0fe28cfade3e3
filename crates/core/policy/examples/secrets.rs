//! Measures the `secrets` detector. Run with `--release`.
//!
//! With paths of JSON-lines files it also says what is found in the `text` of each row
//! (or in the row itself), where nothing should be.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use tollgate_policy::{
    Cursor, Detector, Finding, Matcher, SecretsDetector, SecretsOptions, Window,
};

const PROSE: &str = "The committee met again on Tuesday and went through the minutes of its last session; nothing \
was added. Most of the members agreed that the plan, as it stands, needs work: the budget is thin, the schedule is \
tight, and two of the three vendors have not answered yet. Still, by the end of 2024 the first part should be ready. \
\"We will see,\" said the chair, and closed the meeting a little after 5 p.m. without a vote. ";

const CODE: &str = "impl Scanner {\n    /// Reads a part of a text.\n    pub(crate) fn scan(&mut self, rules: &RuleSet, part: &Part<'_>) -> Scanned {\n        \
let end = base.saturating_add(text.len());\n        for group in &mut self.groups {\n            group.decided = end;\n        }\n        \
let token = self.tokens.get(index).copied().unwrap_or_default();\n        if self.waiting.is_empty() && token != 0 {\n            \
return Scanned::Until(decided);\n        }\n    }\n}\n";

const JSON: &str = "{\"id\":\"7d9f6b1e-3c54-4a8b-9f21-1f0a3b6c8d2e\",\"name\":\"Ada\",\"tags\":[\"x\",\"y\"],\"key\":\"a-b\",\"total\":12.5,\"at\":\"2024-05-01T12:00:00Z\"},";

fn main() {
    let new = || {
        SecretsDetector::new(&SecretsOptions {
            threshold: 50,
            ..SecretsOptions::default()
        })
    };
    let Ok(detector) = new() else {
        return;
    };
    let made = time(|| {
        black_box(new().is_ok());
    });
    say(&format!("compile {:.2} ms", made.as_secs_f64() * 1e3));
    let key = ["sk-", "Ab1"].concat();
    let base64: String = (0..100 * 1024_u32)
        .map(|i| {
            char::from(
                b"ABCDEFGHabcdefgh01234567+/xyzXYZ"[(i.wrapping_mul(2_654_435_761) >> 27) as usize],
            )
        })
        .collect();
    for (name, unit) in [
        ("prose", PROSE),
        ("code", CODE),
        ("json", JSON),
        ("base64", &base64),
        (
            "dense",
            &format!("export API_KEY={key}xK9mQ2wE7rT5yU8iO3pA6sD1fG4hJ7kL0 "),
        ),
        ("sk-", "sk-"),
        ("eyJ-", "eyJ-"),
        ("eyJa.", "eyJaaaaaaaaaaaaaaaaaaaaa."),
        ("password=", "password="),
        ("key: ", "key: "),
        ("a1key=", "mistral api key=a1B2c3D4e5F6g7H8i9J0 "),
        ("--a ", "--token "),
        ("http://a:", "http://a:"),
        ("-----BEGIN ", "-----BEGIN PRIVATE KEY-----\na: b\n"),
        ("hex", "abcdef0123456789"),
        ("hex:", "abcdef01:"),
    ] {
        let text = unit.repeat(100 * 1024 / unit.len() + 1);
        let text = text.get(..100 * 1024).unwrap_or(&text);
        let whole = time(|| {
            black_box(scan(&detector, text.as_bytes(), text.len(), 0));
        });
        let pieces = time(|| {
            black_box(scan(&detector, text.as_bytes(), 16, 0));
        });
        report(name, text.len(), &whole);
        report(&format!("{name} by 16 bytes"), text.len(), &pieces);
    }
    for (name, text) in [("prose", PROSE), ("code", CODE), ("json", JSON)] {
        held(&detector, name, &text.repeat(20));
    }
    for path in std::env::args().skip(1) {
        rows(&detector, &path);
    }
}

/// How much is held after each word.
fn held(detector: &SecretsDetector, name: &str, text: &str) {
    let ends: Vec<usize> = text
        .match_indices([' ', '\n', '(', '.', '"'])
        .map(|(at, _)| at)
        .collect();
    let mut held: Vec<usize> = ends
        .iter()
        .filter_map(|end| {
            let window = Window {
                text: text.get(..*end)?.as_bytes(),
                from: end.saturating_sub(600),
                last: false,
            };
            let matcher = detector.matchers().first()?;
            Some(end - matcher.scan(&window, 0, &mut Vec::new()).at)
        })
        .collect();
    held.sort_unstable();
    let at = |share: usize| held.get(held.len() * share / 100).copied().unwrap_or(0);
    say(&format!(
        "{name}: held bytes median {}, p99 {}, max {}",
        at(50),
        at(99),
        held.last().unwrap_or(&0)
    ));
}

/// Scans a text in pieces; gives what is found.
fn scan(detector: &SecretsDetector, text: &[u8], piece: usize, from: usize) -> Vec<Finding> {
    let mut all = Vec::new();
    for matcher in detector.matchers() {
        let matcher: &Arc<dyn Matcher> = matcher;
        let mut cursor = Cursor { at: from, carry: 0 };
        let mut end = from;
        while end < text.len() {
            end = (end + piece).min(text.len());
            let base = cursor.at.saturating_sub(96);
            let window = Window {
                text: text.get(base..end).unwrap_or_default(),
                from: cursor.at - base,
                last: end == text.len(),
            };
            let next = matcher.scan(&window, cursor.carry, &mut all);
            cursor = Cursor {
                at: base + next.at,
                ..next
            };
        }
    }
    all
}

fn rows(detector: &SecretsDetector, path: &str) {
    let Ok(file) = std::fs::read_to_string(path) else {
        return say("no such file");
    };
    let (mut rows, mut hit) = (0, 0);
    for line in file.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let text = row
            .get("text")
            .or_else(|| row.get("prompt"))
            .and_then(|text| text.as_str());
        let text = text.unwrap_or(line);
        rows += 1;
        let found = scan(detector, text.as_bytes(), text.len().max(1), 0);
        hit += usize::from(!found.is_empty());
        for found in found {
            let entity = detector
                .matchers()
                .first()
                .and_then(|matcher| matcher.entities().get(usize::from(found.entity)));
            let name = entity.map_or("", |entity| &*entity.name);
            let near = text
                .get(found.start.saturating_sub(40)..found.end)
                .unwrap_or_default();
            say(&format!("  {name}: {near:?}"));
        }
    }
    say(&format!("{path}: {hit} of {rows} texts with findings"));
}

#[expect(
    clippy::disallowed_types,
    reason = "this measures the machine it runs on"
)]
fn time(mut work: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..20 {
        let start = std::time::Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best
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
