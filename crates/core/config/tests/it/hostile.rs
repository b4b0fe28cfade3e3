//! Files that try to exhaust the reader, or a terminal.

use std::fmt::Write as _;

use proptest::prelude::*;
use tollgate_config::{PROBLEMS_MAX, Sources, load};

use crate::any_text;

/// Whether such a message is among those of a text.
fn says(text: &str, message: &str) -> bool {
    let report = load(&Sources::from_text("policy-config.yaml", text)).expect_err("refused");
    let mut problems = report.problems.iter();
    problems.any(|problem| problem.message.contains(message))
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(text, "b{level}: &a{level} [{aliases}]");
    }
    assert!(says(&text, "more than 100000 values"));
}

#[test]
fn a_long_text_repeated_by_aliases_is_refused() {
    let long = "x".repeat(500_000);
    let aliases = vec!["*a"; 1000].join(", ");
    let text = format!("a: &a {long}\nb: [{aliases}]\n");
    assert!(says(&text, "bytes of text"));
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        "[".repeat(500_000),
        "- ".repeat(100_000),
        "{a: ".repeat(200_000),
    ] {
        assert!(says(&text, "nested deeper"), "{}", &text[..10]);
    }
}

#[test]
fn a_map_with_too_many_fields_is_refused() {
    let fields: Vec<String> = (0..5000).map(|n| format!("k{n}: 1")).collect();
    assert!(says(&fields.join("\n"), "4096 fields"));
}

#[test]
fn problems_are_counted_beyond_the_limit() {
    let fields: Vec<String> = (0..900).map(|n| format!("k{n}: 1")).collect();
    let report = load(&Sources::from_text("a.yaml", &fields.join("\n")))
        .err()
        .unwrap();
    assert_eq!(report.problems.len(), PROBLEMS_MAX);
    assert!(report.left_out > 0);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let text = "gateway:\n  host: \"\\e[31mred\\e[0m\"\n  \"po\\art\": 1\n";
    let report = load(&Sources::from_text("a.yaml", text)).err().unwrap();
    let shown = report.to_string();
    assert!(
        !shown.contains(|c: char| c.is_control() && c != '\n'),
        "{shown}"
    );
}

#[test]
fn a_pasted_key_is_never_shown() {
    let key = "sk-proj-Zq3v9PbT1xYw7LmN";
    for text in [
        format!("gateway:\n  secret_key_ref: {key}\n"),
        format!("gateway:\n  secret_key_ref: {{env: {key}}}\n"),
        format!("gateway:\n  secret_key_ref:\n    env: \"{key}\"\n"),
        format!("gateway:\n  secret_key_ref:\n    value: {key}\n"),
        format!("gateway:\n  anonymous: {key}\n"),
        format!("gateway: {key}\n"),
        format!("{key}\n"),
        format!("{key}: 1\n"),
        format!("providers:\n  - name: {key}\n"),
        format!("providers:\n  - name: a\n    base_url: https://x:{key}@host\n"),
        format!(
            "providers:\n  - name: simulator\n    headers:\n      authorization: Bearer {key}\n"
        ),
        format!("providers:\n  - name: simulator\n    headers: {{x-api-key: {key}}}\n"),
        "providers:\n  - name: a\n    headers: {x-b: c, x-api-key: Zq3v9PbT1x, d: e}\n".to_owned(),
        "providers:\n  - name: a\n    headers: {authorization: \"Basic a,Zq3v9PbT1x\"}\n"
            .to_owned(),
        "gateway:\n  password: a,Zq3v9PbT1x\n".to_owned(),
        format!("services:\n  - name: a\n    keys:\n      - {{id: a, hash: {key}}}\n"),
        format!("gateway:\n  host: \"{key}\n"),
        format!("gateway: {{{key}}}\n"),
    ] {
        let report = load(&Sources::from_text("a.yaml", &text)).expect_err(&text);
        let shown = format!("{report}\n{}\n{}", report.render(true), report.to_json());
        assert!(!shown.contains("Zq3v9PbT1x"), "{text}\n{shown}");
    }
}

#[test]
fn what_is_missing_at_the_end_is_looked_for_on_the_last_line() {
    for (text, line) in [("{", 1), ("a: 1\nb: [\n", 2), ("a: \"x\n\n", 2)] {
        let report = load(&Sources::from_text("a.yaml", text)).expect_err(text);
        let origin = &report.problems[0].origin;
        assert!((1..=line).contains(&origin.line), "{text:?}: {report}");
    }
}

#[test]
fn removing_where_nothing_is_inherited_is_explained() {
    let text = "providers:\n  - {name: simulator, remove: true}\n  - {name: a, remove: true}\n";
    let report = load(&Sources::from_text("a.yaml", text)).expect_err(text);
    assert!(
        report.problems.iter().all(|problem| problem.help.is_some()),
        "{report}"
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_text() {
    let marked = Sources::from_text("a.yaml", "\u{feff}providers: []\n");
    assert_eq!(marked, Sources::from_text("a.yaml", "providers: []\n"));
}

proptest! {
    #[test]
    fn any_text_is_accepted_or_explained(pieces in proptest::collection::vec(piece(), 0..40)) {
        any_text::check(&pieces.concat());
    }
}

/// Pieces of a configuration, and what may stand between them by mistake.
fn piece() -> impl Strategy<Value = String> {
    let words = proptest::sample::select(vec![
        "gateway:",
        "providers:",
        "models:",
        "targets:",
        "services:",
        "policies:",
        "routes:",
        "telemetry:",
        "name:",
        "kind:",
        "base_url:",
        "secret_key_ref:",
        "env:",
        "path:",
        "provider:",
        "remove: true",
        "keys:",
        "type:",
        "pii_detection",
        "action: block",
        "input:",
        "openai",
        "simulator",
        "http",
        "http://h",
        "1",
        "-1",
        "true",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "\n  - ",
        ": ",
        " ",
        "&a ",
        "*a",
        "!t ",
        "\"",
        "'",
        "|",
        ">",
        "#",
        "---",
        "...",
        "? ",
        "\t",
        "%",
        "@",
        "é",
        "\u{0}",
        "\u{feff}",
    ]);
    words.prop_map(str::to_owned)
}

#[test]
fn names_of_models_are_not_taken_for_keys() {
    for name in [
        "claude-3-5-sonnet-20241022",
        "Llama-3.3-70B-Instruct-Turbo",
        "meta-llama/Meta-Llama-3.1-405B",
        "OPENAI_API_KEY_FOR_BILLING_2",
        "sha256:12ab",
    ] {
        let text = format!("providers:\n  - name: simulator\n    kind: {name}\n");
        let report = load(&Sources::from_text("a.yaml", &text)).unwrap_err();
        assert!(report.problems[0].message.contains(name), "{report}");
        assert!(report.to_string().matches(name).count() > 1, "{report}");
    }
}

#[test]
fn odd_texts_never_panic() {
    let good = "gateway:\n  port: 1\n  secret_key_ref: {env: A}\nmodels:\n  - name: é\n    targets: [{provider: openai, when: 'a'}]\n";
    for cut in good.char_indices().map(|(at, _)| at) {
        for insert in [
            "", "\t", ":", "[", "}", "\"", "&a ", "*a", "\u{0}", "\r", "- ", "é", "!x ",
        ] {
            let (before, after) = good.split_at(cut);
            let text = format!("{before}{insert}{after}");
            if let Err(report) = load(&Sources::from_text("a.yaml", &text)) {
                assert!(!report.to_string().is_empty());
            }
            let _ = load(&Sources::from_text("a.yaml", &format!("{before}{insert}")));
        }
    }
}

#[test]
fn no_name_reaches_a_terminal_as_it_is() {
    any_text::check(
        "policies:\n  - {name: p, input: [{type: pii_detection, action: flag, entities: [\"a\\u001b[2Jb\"]}]}\n",
    );
}
