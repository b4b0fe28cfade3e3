//! One text as a whole answer, as one event and in pieces: all three come out alike.
//! Shared with the fuzz target `redactor`.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use serde_json::{Value, json};
use tollgate_formats::FormatId;
use tollgate_formats::view::EventView;
use tollgate_policy::{
    Machine, Mode, OnError, PiiDetector, PiiOptions, Rule, RuleAction, RuleSet, Style, Verdict,
};
use tollgate_wire::Document;
use tollgate_wire::sse::Event;

/// Everything that is looked for in every text.
static RULES: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let detector = PiiDetector::new(&PiiOptions::default());
    let rules = detector.into_iter().map(|detector| Rule {
        policy: Arc::from("p"),
        name: Arc::from("r"),
        action: RuleAction::Redact(Style::Label),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: Arc::new(detector),
    });
    Arc::new(RuleSet::new(rules.collect()))
});

/// Cuts `text` into pieces of the given lengths, in turn, and compares.
pub(crate) fn check(text: &str, lengths: [u8; 4]) {
    let rules = Arc::clone(&RULES);
    let pieces = cut(text, lengths);
    for kind in [Kind::Content, Kind::Arguments] {
        let whole = unary(&rules, kind, text);
        assert_eq!(
            streamed(&rules, kind, &[text.to_owned()]),
            whole,
            "in one event"
        );
        assert_eq!(streamed(&rules, kind, &pieces), whole, "in pieces");
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Content,
    Arguments,
}

impl Kind {
    /// A message or a delta with the text.
    fn write(self, text: &str) -> Value {
        match self {
            Self::Content => json!({"content": text}),
            Self::Arguments => {
                json!({"tool_calls": [{"index": 0, "function": {"arguments": text}}]})
            }
        }
    }

    /// The text of a message or a delta.
    fn read(self, message: &Value) -> &str {
        let text = match self {
            Self::Content => &message["content"],
            Self::Arguments => &message["tool_calls"][0]["function"]["arguments"],
        };
        text.as_str().unwrap_or_default()
    }
}

fn cut(text: &str, lengths: [u8; 4]) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut left = lengths.into_iter().cycle();
    let mut room = left.next().unwrap_or(1);
    for c in text.chars() {
        if room == 0 {
            pieces.push(String::new());
            room = left.next().unwrap_or(1).max(1);
        }
        room -= 1;
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

fn unary(rules: &Arc<RuleSet>, kind: Kind, text: &str) -> String {
    let body = json!({"choices": [{"index": 0, "message": kind.write(text)}]}).to_string();
    let mut document = Document::new(Bytes::from(body.into_bytes()));
    let view = FormatId::OpenaiChat
        .format()
        .view_answer(document.original(), true)
        .unwrap();
    assert_eq!(
        Machine::new(Arc::clone(rules)).answer(&mut document, &view),
        Verdict::Pass
    );
    let out: Value = serde_json::from_slice(&document.to_bytes()).unwrap();
    kind.read(&out["choices"][0]["message"]).to_owned()
}

fn streamed(rules: &Arc<RuleSet>, kind: Kind, pieces: &[String]) -> String {
    let mut machine = Machine::new(Arc::clone(rules));
    let mut view = EventView {
        all_texts: true,
        ..EventView::default()
    };
    let mut frames = Vec::new();
    for piece in pieces {
        let data = json!({"choices": [{"index": 0, "delta": kind.write(piece)}]}).to_string();
        let event = Event::from_parts(None, data.as_bytes());
        FormatId::OpenaiChat
            .format()
            .view_event(&event, &mut view)
            .unwrap();
        assert_eq!(machine.event(&event, &view, &mut frames), Verdict::Pass);
    }
    assert_eq!(machine.finish(&mut frames), Verdict::Pass);
    let mut text = String::new();
    for frame in &frames {
        let data = frame.strip_prefix(b"data: ").unwrap();
        let out: Value = serde_json::from_slice(data).unwrap();
        text.push_str(kind.read(&out["choices"][0]["delta"]));
    }
    text
}
