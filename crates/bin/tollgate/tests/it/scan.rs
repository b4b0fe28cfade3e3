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
