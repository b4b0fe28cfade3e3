//! Detectors whose lists the configuration writes, over whole messages and streams.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use tollgate_formats::FormatId;
use tollgate_policy::{
    AnswerForm, CharacterEntity, DetectorOptions, InputValidationOptions, KeywordList,
    KeywordsOptions, Machine, Mode, Names, OnError, PatternOptions, RegexOptions, RequestLimits,
    Rule, RuleAction, RuleSet, Style, Verdict,
};
use tollgate_wire::Document;

use crate::list_reference::check;
use crate::support::{chat_pieces, pump};

fn rules(action: RuleAction, mode: Mode, options: &DetectorOptions) -> Arc<RuleSet> {
    Arc::new(RuleSet::new(vec![Rule {
        policy: Arc::from("p"),
        name: Arc::from("r"),
        action,
        mode,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: options.build().unwrap(),
    }]))
}

fn redacting(options: &DetectorOptions) -> Arc<RuleSet> {
    rules(RuleAction::Redact(Style::Label), Mode::Enforce, options)
}

const BLOCK: RuleAction = RuleAction::Block { message: None };

fn request(rules: &Arc<RuleSet>, body: &str) -> (String, Verdict, Machine) {
    let mut document = Document::new(Bytes::copy_from_slice(body.as_bytes()));
    let format = FormatId::OpenaiChat.format();
    let view = format.view_request(body.as_bytes(), true).unwrap();
    let mut machine = Machine::new(Arc::clone(rules));
    let verdict = machine.request(&mut document, &view);
    let sent = String::from_utf8(document.to_bytes().to_vec()).unwrap();
    (sent, verdict, machine)
}

fn chat(text: &str) -> String {
    json!({"model": "gpt-5", "messages": [{"role": "user", "content": text}]}).to_string()
}

#[test]
fn lists_and_patterns_are_redacted_and_characters_removed() {
    let words = DetectorOptions::Keywords(KeywordsOptions {
        lists: vec![KeywordList::new("codename", &["project falcon"])],
    });
    let (sent, ..) = request(&redacting(&words), &chat("On \"Project\n\tFALCON\"!"));
    assert_eq!(sent, chat("On \"[CODENAME]\"!"));
    let pattern = DetectorOptions::Regex(RegexOptions {
        patterns: vec![PatternOptions::new("employee", r"\bEMP-\d{6}\b")],
    });
    let (sent, ..) = request(&redacting(&pattern), &chat("EMP-123456 \u{e9}"));
    assert_eq!(sent, chat("[EMPLOYEE] \u{e9}"));
    let characters = DetectorOptions::InputValidation(Box::new(InputValidationOptions {
        characters: CharacterEntity::ALL.to_vec(),
        ..InputValidationOptions::default()
    }));
    let hidden = "be\u{200b}\u{200b} nice\u{e0041}\u{e0042} \u{1f468}\u{200d}\u{1f469}\u{0}";
    let masking = RuleAction::Redact(Style::Mask { keep_last: 0 });
    let (sent, ..) = request(&rules(masking, Mode::Enforce, &characters), &chat(hidden));
    assert_eq!(sent, chat("be nice \u{1f468}\u{200d}\u{1f469}"));
    let (sent, _, machine) = request(&redacting(&characters), &chat(hidden));
    assert_eq!(sent, chat("be nice \u{1f468}\u{200d}\u{1f469}"));
    let counts: Vec<(&str, u64)> = machine
        .records()
        .iter()
        .map(|record| (&*record.entity, record.count))
        .collect();
    let expected = [
        ("invisible_character", 1),
        ("tag_character", 1),
        ("control_character", 1),
    ];
    assert_eq!(
        counts, expected,
        "a run of hidden characters is one finding"
    );
}

#[test]
fn a_request_beyond_its_limits_does_not_go_on() {
    let options = DetectorOptions::InputValidation(Box::new(InputValidationOptions {
        limits: RequestLimits {
            models: Names {
                allow: vec![Arc::from("gpt-4*")],
                deny: Vec::new(),
            },
            turns_max: Some(0),
            ..RequestLimits::default()
        },
        ..InputValidationOptions::default()
    }));
    let (_, verdict, machine) = request(&rules(BLOCK, Mode::Enforce, &options), &chat("hello"));
    let Verdict::Block(blocked) = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!((&*blocked.rule, &*blocked.entity), ("r", "too_many_turns"));
    assert_eq!(machine.records().len(), 2, "all that is wrong is on record");
    for (action, mode) in [(BLOCK, Mode::Shadow), (RuleAction::Flag, Mode::Enforce)] {
        let (_, verdict, machine) = request(&rules(action, mode, &options), &chat("hello"));
        assert_eq!(verdict, Verdict::Pass);
        assert_eq!(machine.records().len(), 2);
    }
    let model = Arc::from("small");
    let route = rules(RuleAction::Route { model }, Mode::Enforce, &options);
    let (_, verdict, machine) = request(&route, &chat("hello"));
    assert_eq!(verdict, Verdict::Pass);
    assert_eq!(machine.route_to().map(|model| &**model), Some("small"));
}

#[test]
fn a_streamed_answer_of_the_wrong_form_is_not_delivered() {
    let options = DetectorOptions::InputValidation(Box::new(InputValidationOptions {
        answer: Some(AnswerForm {
            schema: json!({"type": "object", "required": ["city"]}),
            bytes_max: 64 * 1024,
        }),
        ..InputValidationOptions::default()
    }));
    let rules = rules(BLOCK, Mode::Enforce, &options);
    let long = "x".repeat(20_000);
    let good = chat_pieces(&format!("{{\"city\": \"{long}\"}}"), 500);
    let sent = pump(&rules, FormatId::OpenaiChat, &good);
    assert_eq!(sent.verdict, Verdict::Pass);
    let text: String = sent
        .json()
        .iter()
        .filter_map(|data| {
            data["choices"][0]["delta"]["content"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(text, format!("{{\"city\": \"{long}\"}}"));
    let bad = chat_pieces("{\"town\": 1}", 3);
    let sent = pump(&rules, FormatId::OpenaiChat, &bad);
    assert!(matches!(sent.verdict, Verdict::Block(_)));
    assert!(
        !format!("{:?}", sent.frames).contains("wn"),
        "nothing of it went out"
    );
}

#[test]
fn whatever_is_written_finds_the_same_in_pieces() {
    let written = [
        "a+b",
        r"\b\w+\b",
        "(a|ab)(c|bcd)?",
        "a,ab, b a",
        "é1,機",
        r##"{"type": "array", "items": {"$ref": "#"}}"##,
    ];
    let texts = [
        "aab ab abcd  b   a",
        "[[], [[]]]",
        "É1 機密\u{200b} \u{1f3f4}\u{e0067} aé",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    ];
    for written in written {
        for text in texts {
            for length in 1..9 {
                check(written, text.as_bytes(), length);
                check(written, &text.as_bytes()[1..], length);
            }
        }
    }
}
