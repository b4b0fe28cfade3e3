//! `tollgate scan`: lines in, lines out.

use std::fs;

use serde_json::{Value, json};

use crate::process::{folder, text, tollgate};

const POLICIES: &str = "\
policies:
  - name: p
    input:
      - {type: pii_detection, action: redact, entities: [credit_card]}
      - {type: pii_detection, name: noted, action: flag, entities: [email_address]}
    output:
      - {type: pii_detection, action: block, entities: [ssn]}
  - name: masked
    services: [billing]
    input:
      - {type: pii_detection, action: redact, style: mask, keep_last: 4, entities: [ssn]}
services:
  - name: billing
";

/// Scans rows under [`POLICIES`] and gives the exit code and what came out.
fn scan(rows: &[Value], options: &[&str]) -> (i32, Vec<Value>) {
    let folder = folder();
    let config = folder.path().join("policies.yaml");
    fs::write(&config, POLICIES).unwrap();
    let input = folder.path().join("rows.jsonl");
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    fs::write(&input, lines.join("\n")).unwrap();
    let mut arguments = vec!["scan", text(&input), "--config", text(&config)];
    arguments.extend(options);
    let done = tollgate(&arguments);
    let rows = done
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (done.code, rows)
}

#[test]
fn findings_are_shown_in_the_order_of_the_lines_with_places_in_characters() {
    let rows = [
        json!({"id": 1, "text": "é x@b.co pays with 4111 1111 1111 1111."}),
        json!({"id": "two", "text": "nothing here", "role": "user"}),
        json!({"id": null, "text": "123-45-6789", "direction": "output"}),
    ];
    let (code, out) = scan(&rows, &[]);
    assert_eq!(code, 0);
    assert_eq!(out[0]["id"], 1);
    assert_eq!(out[0]["action"], "redact");
    assert_eq!(out[0]["text"], "é x@b.co pays with [CREDIT_CARD].");
    let mail = &out[0]["findings"][0];
    assert_eq!(
        (&mail["entity"], &mail["action"]),
        (&json!("email_address"), &json!("flag"))
    );
    assert_eq!((&mail["start"], &mail["end"]), (&json!(2), &json!(8)));
    let card = &out[0]["findings"][1];
    assert_eq!((&card["start"], &card["end"]), (&json!(19), &json!(38)));
    assert_eq!(card["detector"], "pii_detection");
    assert_eq!(
        out[1],
        json!({"id": "two", "action": "pass", "text": "nothing here", "findings": []})
    );
    assert_eq!(
        (&out[2]["action"], &out[2]["text"]),
        (&json!("block"), &Value::Null)
    );
    assert_eq!(out[2]["findings"][0]["entity"], "ssn");
}

#[test]
fn pieces_change_nothing() {
    let rows: Vec<Value> = (0..300)
        .map(|id| json!({"id": id, "text": format!("row {id} of x{id}@b.co, card 4111-1111-1111-1111, ünd «so» on")}))
        .collect();
    let (_, whole) = scan(&rows, &[]);
    assert_eq!(whole.len(), rows.len());
    for chunk in ["1", "5", "random:1", "random:2"] {
        let (code, pieces) = scan(&rows, &["--chunk", chunk]);
        assert_eq!(code, 0);
        assert_eq!(pieces, whole, "--chunk {chunk}");
    }
}

#[test]
fn a_policy_for_some_services_holds_for_them_only() {
    let rows = [json!({"id": 1, "text": "ssn 123-45-6789"})];
    let (_, anyone) = scan(&rows, &[]);
    assert_eq!(anyone[0]["action"], "pass");
    let (_, billing) = scan(&rows, &["--service", "billing"]);
    assert_eq!(billing[0]["text"], "ssn *******6789");
}

#[test]
fn a_line_that_cannot_be_scanned_says_why_and_the_others_are() {
    let rows = [
        json!({"id": 7}),
        json!([1]),
        json!({"id": 8, "text": "x", "direction": "sideways"}),
        json!({"id": 9, "text": "x"}),
    ];
    let (code, out) = scan(&rows, &[]);
    assert_eq!(code, 1);
    assert_eq!(
        out[0],
        json!({"id": 7, "error": "line 1: no string `text`"})
    );
    assert_eq!(out[1]["error"], "line 2: no string `text`");
    assert_eq!(
        out[2]["error"],
        "line 3: `direction` is neither input nor output"
    );
    assert_eq!(out[3]["action"], "pass");
}

#[test]
fn blank_lines_count_and_end_nothing() {
    let folder = folder();
    let config = folder.path().join("policies.yaml");
    fs::write(&config, POLICIES).unwrap();
    let input = folder.path().join("rows.jsonl");
    let blank = "\n".repeat(5_000_000);
    fs::write(
        &input,
        format!("{blank}{{\"id\": 1, \"text\": \"x\"}}\n[]\n"),
    )
    .unwrap();
    let done = tollgate(&["scan", text(&input), "--config", text(&config)]);
    assert_eq!(done.code, 1);
    let lines: Vec<&str> = done.out.lines().collect();
    assert!(lines[0].contains("\"pass\""), "{done:?}");
    assert!(lines[1].contains("line 5000002: "), "{done:?}");
}

const SCOPED: &str = "\
services:
  - {name: billing, team: money}
policies:
  - name: of-a-team
    teams: [money]
    input:
      - {type: pii_detection, action: redact, entities: [ssn]}
    output:
      - {type: pii_detection, action: redact, entities: [ssn]}
  - name: of-a-format
    formats: [anthropic_messages]
    input:
      - {type: pii_detection, action: redact, style: mask, keep_last: 4, entities: [credit_card]}
";

#[test]
fn what_a_policy_is_for_can_be_said_and_one_that_does_not_hold_is_named() {
    let folder = folder();
    let config = folder.path().join("policies.yaml");
    fs::write(&config, SCOPED).unwrap();
    let input = folder.path().join("rows.jsonl");
    let row = json!({"id": 1, "text": "123-45-6789, 4111 1111 1111 1111"});
    fs::write(&input, row.to_string()).unwrap();
    let scan = |options: &[&str]| {
        let arguments = ["scan", text(&input), "--config", text(&config)];
        tollgate(&[&arguments, options].concat())
    };
    let neither = scan(&[]);
    assert!(neither.out.contains("\"pass\""), "{neither:?}");
    for name in ["of-a-team", "of-a-format"] {
        let words = format!("policy `{name}` is left out");
        assert_eq!(neither.err.matches(&words).count(), 1, "{neither:?}");
    }
    let both = scan(&["--service", "billing", "--format", "anthropic_messages"]);
    assert!(both.out.contains("[SSN], ***************1111"), "{both:?}");
    assert_eq!(both.err, "");
    for (option, wrong) in [("--service", "biling"), ("--format", "openai")] {
        let wrong = scan(&[option, wrong]);
        assert_eq!((wrong.code, wrong.out.as_str()), (2, ""), "{wrong:?}");
        assert!(wrong.err.contains("known "), "{wrong:?}");
    }
}

#[test]
fn the_first_example_of_the_guide_works_as_it_is_written() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/policies.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, from) = guide.split_once("```yaml\n").unwrap();
    let (example, _) = from.split_once("```").unwrap();
    let folder = folder();
    let config = folder.path().join("policies.yaml");
    fs::write(&config, example).unwrap();
    let checked = tollgate(&["check", text(&config)]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let input = folder.path().join("rows.jsonl");
    fs::write(&input, json!({"text": "jo@example.com"}).to_string()).unwrap();
    let arguments = ["scan", text(&input), "--config", text(&config)];
    let done = tollgate(&[&arguments[..], &["--service", "billing"]].concat());
    assert!(done.out.contains("[EMAIL_ADDRESS_1]"), "{done:?}");
    // Its condition is about a header that this text did not come with.
    assert!(done.err.contains("policy `trial` is left out"), "{done:?}");
}

#[test]
fn keyed_styles_come_out_in_their_form_without_a_key() {
    let folder = folder();
    let config = folder.path().join("policies.yaml");
    let rule = |style: &str, entity: &str| {
        format!(
            "      - {{name: {style}, type: pii_detection, action: redact, style: {style}, entities: [{entity}], key_ref: {{env: NO_SUCH_KEY}}}}\n"
        )
    };
    let rules = rule("hash", "ssn") + &rule("encrypt", "credit_card");
    fs::write(
        &config,
        format!("policies:\n  - name: p\n    input:\n{rules}"),
    )
    .unwrap();
    let input = folder.path().join("rows.jsonl");
    let row = json!({"id": 1, "text": "123-45-6789, 4111 1111 1111 1111"});
    fs::write(&input, row.to_string()).unwrap();
    let done = tollgate(&["scan", text(&input), "--config", text(&config)]);
    assert_eq!(done.code, 0, "{done:?}");
    for begin in ["[SSN:", "[CREDIT_CARD:"] {
        assert!(done.out.contains(begin), "{done:?}");
    }
}

#[test]
fn fingerprints_are_found_with_their_salt_alone() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("salt"), "pepper\n").unwrap();
    fs::write(path("records"), "Ada Lovelace 1815\n").unwrap();
    let (salt, records) = (path("salt"), path("records"));
    let made = tollgate(&["fingerprints", text(&records), "--salt-file", text(&salt)]);
    assert_eq!(made.code, 0, "{made:?}");
    assert!(!made.out.contains("Lovelace"));
    fs::write(path("hashes"), &made.out).unwrap();
    let policies = |salt: &str| {
        format!("policies:
  - name: customers
    input:
      - {{type: fingerprints, action: redact, entity: customer, hashes_file: hashes, salt_ref: {salt}}}
      - {{type: pii_detection, action: redact, style: encrypt, entities: [ssn], key_ref: {{env: NO_SUCH_KEY}}}}
")
    };
    let input = path("rows.jsonl");
    let row = json!({"id": 1, "text": "as ada lovelace, 1815, said"});
    fs::write(&input, row.to_string()).unwrap();
    let config = path("policies.yaml");
    fs::write(&config, policies("{file: salt}")).unwrap();
    let found = tollgate(&["scan", text(&input), "--config", text(&config)]);
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.out.contains("as [CUSTOMER], said"), "{found:?}");
    fs::write(&config, policies("{env: NO_SUCH_SALT}")).unwrap();
    let missing = tollgate(&["scan", text(&input), "--config", text(&config)]);
    assert_eq!(missing.code, 1, "{missing:?}");
    for words in [
        "policies.yaml:4:",
        "policy `customers`, rule `fingerprints`: `salt_ref`",
        "NO_SUCH_SALT is not set",
    ] {
        assert!(missing.err.contains(words), "{words} in {missing:?}");
    }
    assert!(!missing.err.contains("NO_SUCH_KEY"), "{missing:?}");
}
