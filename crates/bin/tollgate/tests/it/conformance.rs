//! One text, one verdict: through `tollgate scan`, whole and in pieces, through a policy
//! test, a request, a whole answer and a streamed one, in both formats.

use std::fs;

use serde_json::{Value, json};

use crate::caller::{FORMATS, Format, post};
use crate::process::{Gateway, folder, text, tollgate};

/// Rules of several kinds over requests for `in-*` and over answers of `out-*`.
const POLICIES: &str = r#"
gateway: {anonymous: allow}
providers: [{name: simulator}]
policies:
  - name: in
    models: ["in-*"]
    input:
      - {type: pii_detection, action: redact}
      - {type: keywords, name: project, action: redact, words: [blue heron]}
      - {type: regex, name: tickets, action: redact, style: mask, keep_last: 2, patterns: [{name: ticket, pattern: '\bQX-[0-9]{4,6}\b'}]}
      - {type: keywords, name: secret, action: block, words: [forbidden falcon]}
  - name: out
    models: ["out-*"]
    output:
      - {type: pii_detection, action: redact}
      - {type: keywords, name: project, action: redact, words: [blue heron]}
      - {type: regex, name: tickets, action: redact, style: mask, keep_last: 2, patterns: [{name: ticket, pattern: '\bQX-[0-9]{4,6}\b'}]}
      - {type: keywords, name: secret, action: block, words: [forbidden falcon]}
"#;

const TEXTS: [&str; 12] = [
    "Nothing to see here, move on.",
    "I am 536-22-1234, not 536-22-1235 or 000-12-3456.",
    "Card 4111 1111 1111 1111 and 4111 1111 1111 1112.",
    "Mail jane.doe@example.org, or <joe@exämple.net>; twice: jane.doe@example.org",
    "The Blue Heron and the blue\nheron, but not a bluebird.",
    "See QX-1234, QX-123456 and QX-1234567.",
    "\"quoted\" \\ back\tslash \u{1f600} caf\u{e9} 4111111111111111",
    "IBAN DE89 3704 0044 0532 0130 00 by Friday",
    "This is the forbidden falcon, 536-22-1234.",
    "536-22-1234",
    "ends with a@b.co",
    "forbidden  FALCON",
];

/// What became of a text.
#[derive(Debug, PartialEq, Eq)]
enum Became {
    Blocked,
    Text(String),
}

/// The way of `tollgate scan`.
fn scanned(model: &str, direction: &str, texts: &[String], options: &[&str]) -> Vec<Became> {
    let folder = folder();
    let config = folder.path().join("policies.yaml");
    fs::write(&config, POLICIES).unwrap();
    let input = folder.path().join("rows.jsonl");
    let rows = texts
        .iter()
        .map(|text| json!({"text": text, "direction": direction}));
    fs::write(
        &input,
        rows.map(|row| format!("{row}\n")).collect::<String>(),
    )
    .unwrap();
    let mut arguments = vec![
        "scan",
        text(&input),
        "--config",
        text(&config),
        "--model",
        model,
    ];
    arguments.extend(options);
    let done = tollgate(&arguments);
    assert_eq!(done.code, 0, "{}", done.err);
    let answers = done
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    answers
        .map(|answer| match answer["text"].as_str() {
            Some(text) => Became::Text(text.to_owned()),
            None => Became::Blocked,
        })
        .collect()
}

/// The way of `tollgate test`. Its answers must agree whole and in pieces by themselves.
fn tested(model: &str, direction: &str, texts: &[String], format: &str) -> Vec<Became> {
    let folder = folder();
    fs::write(folder.path().join("policies.yaml"), POLICIES).unwrap();
    let is_input = direction == "input";
    let test = |(index, text): (usize, &String)| {
        let prompt = if is_input { text } else { "hello" };
        json!({
            "name": index.to_string(),
            "model": model,
            "format": format,
            "messages": [{"role": "user", "content": prompt}],
            "answer": if is_input { "hello" } else { text },
            "expect": {"findings": [{"entity": "whatever"}]},
        })
    };
    let tests: Vec<Value> = texts.iter().enumerate().map(test).collect();
    // JSON is YAML, too.
    let file = folder.path().join("a.test.yaml");
    let written = json!({"config": "policies.yaml", "tests": tests});
    fs::write(&file, written.to_string()).unwrap();
    let done = tollgate(&["test", text(&file), "--output", "json"]);
    let shown: Value = serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{done:?}"));
    let tests = shown["files"][0]["tests"].as_array().unwrap();
    assert_eq!(tests.len(), texts.len(), "{}", done.err);
    let became = |test: &Value| {
        for failure in test["failures"].as_array().unwrap() {
            assert_eq!(failure["field"], "expect.findings", "{test}");
        }
        let actual = &test["actual"];
        let (verdict, text) = if is_input {
            (&actual["verdict"], &actual["text"])
        } else {
            (&actual["answer_verdict"], &actual["answer"]["text"])
        };
        if verdict == "block" {
            return Became::Blocked;
        }
        Became::Text(text.as_str().unwrap().to_owned())
    };
    tests.iter().map(became).collect()
}

/// The way through the gateway.
fn asked(gateway: &Gateway, format: Format, model: &str, prompt: &str, streamed: bool) -> Became {
    let body = format.body(model, prompt, streamed);
    let answer = post(&gateway.address, format.path(), &body);
    if answer.status == 400 {
        return Became::Blocked;
    }
    assert_eq!(answer.status, 200, "{}", answer.text());
    let events: Vec<Value> = if streamed {
        let text = answer.text();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter_map(|data| serde_json::from_str(data).ok())
            .collect()
    } else {
        vec![answer.json()]
    };
    let mut said = String::new();
    for event in &events {
        let filtered = [
            "/choices/0/finish_reason",
            "/stop_reason",
            "/delta/stop_reason",
        ];
        let ends = filtered.map(|at| event.pointer(at).and_then(Value::as_str));
        if ends
            .iter()
            .any(|end| matches!(end, Some("content_filter" | "refusal")))
        {
            return Became::Blocked;
        }
        for at in [
            "/choices/0/message/content",
            "/choices/0/delta/content",
            "/content/0/text",
            "/delta/text",
        ] {
            said.push_str(
                event
                    .pointer(at)
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            );
        }
    }
    Became::Text(said)
}

#[test]
fn a_text_has_one_verdict_whatever_way_it_goes() {
    let gateway = Gateway::start(POLICIES);
    let prompts: Vec<String> = TEXTS
        .iter()
        .map(|text| format!("[[sim: echo]] {text}"))
        .collect();
    let texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    let input = scanned("in-x", "input", &prompts, &[]);
    let output = scanned("out-x", "output", &texts, &[]);
    for chunk in ["1", "3", "random:5"] {
        let options = ["--chunk", chunk];
        assert_eq!(
            scanned("in-x", "input", &prompts, &options),
            input,
            "{chunk}"
        );
        assert_eq!(
            scanned("out-x", "output", &texts, &options),
            output,
            "{chunk}"
        );
    }
    for format in ["openai_chat", "anthropic_messages"] {
        assert_eq!(tested("in-x", "input", &prompts, format), input, "{format}");
        assert_eq!(
            tested("out-x", "output", &texts, format),
            output,
            "{format}"
        );
    }
    for ((prompt, wanted_in), wanted_out) in prompts.iter().zip(&input).zip(&output) {
        // What the provider heard comes back as an echo.
        let heard = match wanted_in {
            Became::Text(text) => {
                Became::Text(text.trim_start_matches("[[sim: echo]] ").to_owned())
            }
            Became::Blocked => Became::Blocked,
        };
        for format in FORMATS {
            for streamed in [false, true] {
                let way = format!("{format:?}, streamed: {streamed}: {prompt}");
                assert_eq!(
                    asked(&gateway, format, "in-x", prompt, streamed),
                    heard,
                    "{way}"
                );
                assert_eq!(
                    asked(&gateway, format, "out-x", prompt, streamed),
                    *wanted_out,
                    "{way}"
                );
            }
        }
    }
    assert_eq!(
        output
            .iter()
            .filter(|became| **became == Became::Blocked)
            .count(),
        2
    );
}
