//! Judges texts with any content safety model: how the training is measured.
//!
//! `cargo run --release --example content_safety -- MODEL LIMIT < texts.jsonl`, where LIMIT
//! is a severity (2, 4, 6) or a probability (0.01). A line in is an object with a `text`; a
//! line out is one with `findings`, as `tollgate scan` has them, but for their offsets:
//! here they are bytes.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

use serde_json::{Value, json};
use tollgate_policy::{
    ContentSafetyDetector, ContentSafetyOptions, Detector, SafetyLimit, Score, Severity, Window,
};

fn limit(written: &str) -> Result<SafetyLimit, Box<dyn Error>> {
    Ok(match written {
        "2" => SafetyLimit::Severity(Severity::Low),
        "4" => SafetyLimit::Severity(Severity::Medium),
        "6" => SafetyLimit::Severity(Severity::High),
        probability => {
            let hundredths = probability
                .strip_prefix("0.")
                .ok_or("LIMIT is 2, 4, 6 or 0.xx")?;
            SafetyLimit::Probability(Score::percent(hundredths.parse()?))
        }
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, written] = arguments.as_slice() else {
        return Err("usage: content_safety MODEL LIMIT < texts.jsonl".into());
    };
    let options = ContentSafetyOptions {
        limit: limit(written)?,
        ..ContentSafetyOptions::default()
    };
    let detector = ContentSafetyDetector::with_model(&options, &std::fs::read(model)?)?;
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let text = row.get("text").and_then(Value::as_str).unwrap_or_default();
        let mut found = Vec::new();
        for matcher in detector.matchers() {
            let window = Window {
                text: text.as_bytes(),
                from: 0,
                last: true,
            };
            matcher.scan(&window, 0, &mut found);
            let findings = found.drain(..).map(|found| {
                let entity = matcher.entities().get(usize::from(found.entity));
                json!({
                    "entity": entity.map(|entity| entity.name.to_string()),
                    "start": found.start,
                    "end": found.end,
                    "score": f64::from(found.score.hundredths()) / 100.0,
                })
            });
            let findings: Vec<Value> = findings.collect();
            writeln!(
                out,
                "{}",
                json!({"id": row.get("id"), "findings": findings})
            )?;
        }
    }
    Ok(())
}
