//! `tollgate test`: what authors of policies see, and that a gateway does the same.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::caller::post;
use crate::process::{Ended, Gateway, folder, text, tollgate};

const POLICIES: &str = "\
gateway: {anonymous: allow}
providers:
  - name: simulator
  - {name: other, base_url: 'http://127.0.0.1:9/v1'}
services:
  - name: billing
  - {name: narrow, models: [small]}
models:
  - name: fast
    strategy: weighted
    targets:
      - {name: most, provider: simulator, weight: 9}
      - {name: some, provider: other, weight: 1}
      - {name: spare, provider: other, model: x, weight: 0}
      - {name: big, provider: other, model: y, weight: 5, when: 'input_bytes > 100000'}
  - name: local
    targets: [{provider: simulator}]
policies:
  - name: everyone
    input:
      - {name: mails, type: pii_detection, action: redact, style: restore, entities: [email_address]}
      - {name: cards, type: pii_detection, action: block, entities: [credit_card]}
      - {name: watched, type: pii_detection, action: redact, mode: shadow, entities: [ssn]}
      - {name: attacks, type: waf, action: block, places: [query, header]}
    output:
      - {name: cards, type: pii_detection, action: redact, entities: [credit_card]}
      - {name: ssn, type: pii_detection, action: block, entities: [ssn]}
  - name: billing
    services: [billing]
    when: 'headers[\"x-tier\"] == \"gold\"'
    input:
      - {name: away, type: pii_detection, action: route, route_to: local, entities: [ssn]}
  - name: anthropic
    formats: [anthropic_messages]
    input:
      - {name: sealed, type: pii_detection, action: redact, style: encrypt, key_ref: {env: REDACTION_KEY}, entities: [ssn]}
      - {name: noted, type: pii_detection, action: flag, entities: [email_address]}
";

/// Runs tests beside [`POLICIES`].
fn run(tests: &str, options: &[&str]) -> Ended {
    let folder = folder();
    run_in(folder.path(), tests, options)
}

fn run_in(folder: &Path, tests: &str, options: &[&str]) -> Ended {
    fs::write(folder.join("policies.yaml"), POLICIES).unwrap();
    let file = folder.join("a.test.yaml");
    fs::write(&file, format!("config: policies.yaml\ntests:\n{tests}")).unwrap();
    let mut arguments = vec!["test", text(&file)];
    arguments.extend(options);
    tollgate(&arguments)
}

/// What came of the only test.
fn actual(test: &str) -> Value {
    let ended = run(test, &["--output", "json"]);
    let shown: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"));
    assert_eq!(shown["files"][0]["problems"], json!([]), "{}", ended.err);
    shown["files"][0]["tests"][0].clone()
}

fn user(text: &str) -> String {
    format!("messages: [{{role: user, content: {}}}]", Value::from(text))
}

/// One test with these fields, a line each, that expects something.
fn test_of(fields: &[&str]) -> String {
    format!("  - name: it\n    {}\n", fields.join("\n    "))
}

#[test]
fn the_example_passes_and_exercises_every_rule() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/policies");
    let ended = tollgate(&["test", text(&examples), "--deny-untested"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(
        ended.out.contains("  ok    a card number is refused"),
        "{}",
        ended.out
    );
    assert!(ended.out.ends_with("7 passed, 0 failed"), "{}", ended.out);
}

#[test]
fn what_is_not_as_expected_is_shown_with_its_place() {
    let tests = test_of(&[
        &user("mail x@b.co, card none"),
        "expect:",
        "  verdict: block",
        "  text: 'mail x@b.co'",
        "  findings: {email_address: 2}",
        "  message: no",
        "  target: big",
    ]);
    let ended = run(&tests, &[]);
    assert_eq!(ended.code, 1);
    for line in [
        "a.test.yaml:6:16 expect.verdict\n          expected  block\n          actual    redact",
        "a.test.yaml:7:13 expect.text\n          expected  \"mail x@b.co\"\n          actual    \"mail [EMAIL_ADDRESS_1], card none\"",
        "expected  email_address 2\n          actual    email_address 1 (everyone/mails, redact)",
        "expect.message\n          expected  \"no\"\n          actual    the request was not blocked",
        "expect.target\n          expected  big\n          actual    simulator",
        "0 passed, 1 failed",
    ] {
        assert!(ended.out.contains(line), "{line}\n in:\n{}", ended.out);
    }
}

#[test]
fn a_mistake_in_a_file_says_where_and_what_was_meant() {
    let tests = "  - name: a
    messges: [{role: user, content: hi}]
    format: openai_chatt
    service: biling
    expect: {}
  - name: a
    messages: [{role: usr, content: hi}]
    expect: {verdict: blocked}
  - name: b
    messages: []
    service: narrow
    model: fast
    expect: {answer_verdict: route, findings: [{entiti: x}]}
";
    let ended = run(tests, &[]);
    assert_eq!(ended.code, 1);
    for part in [
        "a.test.yaml:4:5",
        "did you mean `messages`?",
        "is not one of `pass`, `flag`",
        "did you mean `block`?",
    ] {
        assert!(ended.err.contains(part), "{part} in:\n{}", ended.err);
    }
    let tests = tests
        .replace("messges", "messages")
        .replace("blocked", "block");
    let ended = run(&tests, &[]);
    for part in [
        "there is no wire format `openai_chatt`",
        "did you mean `openai_chat`?",
        "did you mean `billing`?",
        "nothing is expected",
        "a second test is named `a`",
        "a.test.yaml:9:23 (tests[1].messages[0].role)",
        "service `narrow` may not use the model `fast`",
        "the test has no answer",
        "an answer cannot go to another model",
        "tests[2].expect.findings[0].entiti",
    ] {
        assert!(ended.err.contains(part), "{part} in:\n{}", ended.err);
    }
    assert!(ended.out.contains("0 passed, 0 failed"), "{}", ended.out);
}

#[test]
fn rules_that_no_test_exercises_are_named_with_their_line() {
    let tests = test_of(&[&user("x@b.co"), "expect: {verdict: redact}"]);
    let folder = folder();
    let ended = run_in(folder.path(), &tests, &[]);
    assert_eq!(ended.code, 0, "{}", ended.out);
    let (_, untested) = ended
        .out
        .split_once("rules that no test exercises:\n")
        .unwrap();
    assert!(!untested.contains("everyone/mails"), "{untested}");
    assert!(untested.contains("everyone/cards (input)"), "{untested}");
    assert!(untested.contains("everyone/cards (output)"), "{untested}");
    assert!(untested.contains("policies.yaml:24:9"), "{untested}");
    assert_eq!(run_in(folder.path(), &tests, &["--deny-untested"]).code, 1);
    let filtered = run_in(folder.path(), &tests, &["--filter", "it"]);
    assert_eq!((filtered.code, filtered.out.contains("rules")), (0, false));
    let none = run_in(folder.path(), &tests, &["--filter", "else"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("no test ran"), "{}", none.err);
}

#[test]
fn results_are_written_as_junit() {
    let folder = folder();
    let file = folder.path().join("out.xml");
    let tests = format!(
        "{}  - name: '<two>'\n    {}\n    expect: {{text: '&'}}\n",
        test_of(&[&user("hi"), "expect: {verdict: pass}"]),
        user("hi")
    );
    let ended = run_in(folder.path(), &tests, &["--junit", text(&file)]);
    assert_eq!(ended.code, 1);
    let xml = fs::read_to_string(&file).unwrap();
    for part in [
        "<testsuites name=\"tollgate test\" tests=\"2\" failures=\"1\" errors=\"0\">",
        "<testcase name=\"it\"",
        "<testcase name=\"&lt;two&gt;\"",
        "<failure message=\"expect.text\">",
        "expected &quot;&amp;&quot;&#10;",
    ] {
        assert!(xml.contains(part), "{part} in:\n{xml}");
    }
    fs::write(folder.path().join("policies.yaml"), "policies: 3\n").unwrap();
    let broken = tollgate(&["test", text(folder.path()), "--junit", text(&file)]);
    assert_eq!(broken.code, 1);
    assert!(broken.err.contains("policies.yaml:1:11"), "{}", broken.err);
    assert!(fs::read_to_string(&file).unwrap().contains("errors=\"1\""));
}

#[test]
fn scopes_decide_as_in_a_gateway() {
    let ssn = user("of 123-45-6789");
    let anyone = actual(&test_of(&[&ssn, "model: fast", "expect: {verdict: pass}"]));
    assert_eq!(anyone["passed"], true, "{anyone}");
    assert_eq!(anyone["actual"]["findings"][0]["mode"], "shadow");
    assert_eq!(anyone["actual"]["targets"], json!(["most", "some"]));
    let billing = actual(&test_of(&[
        &ssn,
        "model: fast",
        "service: billing",
        "headers: {X-Tier: gold}",
        "expect: {verdict: route, target: simulator/local}",
    ]));
    assert_eq!(billing["passed"], true, "{billing}");
    let silver = actual(&test_of(&[
        &ssn,
        "service: billing",
        "headers: {X-Tier: silver}",
        "expect: {verdict: pass, findings: [{rule: watched, mode: shadow, action: redact, count: 1}]}",
    ]));
    assert_eq!(silver["passed"], true, "{silver}");
}

#[test]
fn the_head_of_a_request_is_read_as_in_a_gateway() {
    let attack = "query: 'id=1%27%20OR%201%3D1--'";
    let expect = "expect: {verdict: block, findings: [{rule: attacks, entity: sql_injection}]}";
    let test = actual(&test_of(&[&user("hi"), attack, expect]));
    assert_eq!(test["passed"], true, "{test}");
    let header = "headers: {x-note: '<script>alert(1)</script>'}";
    let test = actual(&test_of(&[&user("hi"), header, "expect: {verdict: block}"]));
    assert_eq!(test["passed"], true, "{test}");
    let test = actual(&test_of(&[&user("1' OR 1=1--"), "expect: {verdict: pass}"]));
    assert_eq!(test["passed"], true, "{test}");
}

#[test]
fn a_conversation_is_written_in_the_format_that_is_asked_for() {
    let test = actual(&test_of(&[
        "format: anthropic_messages",
        "messages:",
        "  - {role: system, content: be kind}",
        "  - {role: user, content: 'who has 123-45-6789?'}",
        "  - role: assistant",
        "    tool_calls: [{id: c1, type: function, function: {name: find, arguments: '{\"ssn\": \"123-45-6789\"}'}}]",
        "  - {role: tool, tool_call_id: c1, content: 'x@b.co'}",
        "expect:",
        "  verdict: redact",
        "  text: '[EMAIL_ADDRESS_1]'",
        "  findings:",
        "    - {policy: anthropic, rule: sealed, action: redact, count: 2}",
        "    - {rule: watched, count: 2}",
        "    - {entity: email_address}",
    ]));
    assert_eq!(test["passed"], true, "{test}");
    let lost = run(
        &test_of(&[
            "format: anthropic_messages",
            "messages: [{role: user, name: jo, content: hi}]",
            "expect: {verdict: pass}",
        ]),
        &[],
    );
    assert!(
        lost.err
            .contains("`anthropic_messages` cannot carry this: name"),
        "{}",
        lost.err
    );
}

#[test]
fn a_whole_request_and_a_whole_answer_are_taken_as_they_are() {
    let test = actual(&test_of(&[
        "format: anthropic_messages",
        "request:",
        "  model: local",
        "  max_tokens: 10",
        "  messages: [{role: user, content: [{type: text, text: 'card 4111 1111 1111 1112'}]}]",
        "answer:",
        "  {id: a, type: message, role: assistant, model: local, stop_reason: end_turn, content: [{type: text, text: 'card '}, {type: text, text: '4111 1111 1111 1111'}]}",
        "expect:",
        "  verdict: pass",
        "  target: simulator/local",
        "  answer_verdict: redact",
        "  answer: 'card [CREDIT_CARD]'",
    ]));
    assert_eq!(test["passed"], true, "{test}");
    let wrong = test_of(&[
        "request: {messages: [{role: user, content: 3}]}",
        "expect: {verdict: pass}",
    ]);
    let wrong = run(&wrong, &[]);
    assert!(
        wrong.err.contains("tests[0].request.messages[0].content"),
        "{}",
        wrong.err
    );
}

#[test]
fn answers_pass_the_output_rules_whole_and_in_pieces() {
    for format in ["openai_chat", "anthropic_messages"] {
        let format = format!("format: {format}");
        let test = actual(&test_of(&[
            &format,
            &user("mail x@b.co"),
            "answer:",
            "  message:",
            "    content: 'to [EMAIL_ADDRESS_1] and [EMAIL_ADDRESS_2] with 4111-1111-1111-1111'",
            "    tool_calls:",
            "      - {id: c1, type: function, function: {name: pay, arguments: '{\"to\": \"[EMAIL_ADDRESS_1]\", \"card\": 4111111111111111}'}}",
            "expect:",
            "  answer_verdict: redact",
            "  answer_findings: {credit_card: 2, placeholder: 2}",
            "  answer:",
            "    text: 'to x@b.co and [EMAIL_ADDRESS_2] with [CREDIT_CARD]'",
            "    tool_calls: [{name: pay, arguments: {to: x@b.co, card: '[CREDIT_CARD]'}}]",
        ]));
        assert_eq!(test["passed"], true, "{test}");
        let blocked = actual(&test_of(&[
            &format,
            "answer: 'it is 123-45-6789, as you said'",
            "expect: {answer_verdict: block, answer: ''}",
        ]));
        assert_eq!(blocked["passed"], true, "{blocked}");
    }
}

#[test]
fn nothing_is_said_of_the_answer_to_a_blocked_request() {
    let test = actual(&test_of(&[
        &user("4111 1111 1111 1111"),
        "answer: hello",
        "expect: {verdict: block, answer: hello}",
    ]));
    assert_eq!(test["passed"], false);
    assert_eq!(test["failures"][0]["field"], "expect.answer");
    assert_eq!(test["failures"][0]["actual"], "the request was blocked");
}

#[test]
fn a_file_with_policies_alone_will_do_but_has_no_targets() {
    let folder = folder();
    let write = |name: &str, yaml: &str| {
        let path: PathBuf = folder.path().join(name);
        fs::write(&path, yaml).unwrap();
        path
    };
    let config = write(
        "p.yaml",
        "policies: [{name: p, input: [{type: pii_detection, action: block, entities: [ssn]}]}]\n",
    );
    let tests = |expect: &str| {
        let test = test_of(&[&user("123-45-6789"), expect]);
        write("p.test.yaml", &format!("tests:\n{test}"))
    };
    let file = tests(
        "expect: {verdict: block, message: 'policy `p` blocked the request: it contains ssn'}",
    );
    let ended = tollgate(&["test", text(&file), "--config", text(&config)]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    let file = tests("expect: {target: openai}");
    let ended = tollgate(&["test", text(&file), "--config", text(&config)]);
    assert!(ended.err.contains("no target is known"), "{}", ended.err);
}

#[test]
fn links_to_folders_are_not_followed_and_no_folder_is_left_out_in_silence() {
    let folder = folder();
    fs::write(folder.path().join("policies.yaml"), POLICIES).unwrap();
    let test = test_of(&[&user("hello"), "expect: {verdict: pass}"]);
    let tests = format!("config: policies.yaml\ntests:\n{test}");
    fs::write(folder.path().join("a.test.yaml"), tests).unwrap();
    for link in ["one", "two", "three"] {
        std::os::unix::fs::symlink(".", folder.path().join(link)).unwrap();
    }
    let ended = tollgate(&["test", text(folder.path())]);
    assert!(ended.out.contains("1 passed, 0 failed"), "{ended:?}");
    fs::create_dir_all(folder.path().join("d/".repeat(20))).unwrap();
    let ended = tollgate(&["test", text(folder.path())]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("folders deep"), "{ended:?}");
}

#[test]
fn a_gateway_says_what_its_test_expects() {
    let gateway = Gateway::start_with(
        POLICIES,
        &[],
        &[
            ("REDACTION_KEY", "k"),
            ("TOLLGATE_PORT", "0"),
            ("TOLLGATE_ADMIN_PORT", "0"),
        ],
    );
    let content = "pay with 4111 1111 1111 1111";
    let body = json!({"model": "local", "messages": [{"role": "user", "content": content}]});
    let answer = post(&gateway.address, "/v1/chat/completions", &body.to_string());
    let told = answer.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    let test = actual(&test_of(&[
        &user(content),
        "model: local",
        &format!("expect: {{verdict: block, message: {}}}", Value::from(told)),
    ]));
    assert_eq!(test["passed"], true, "{test}");
}

#[test]
fn what_is_named_must_be_there() {
    let folder = folder();
    let gone = folder.path().join("gone.test.yaml");
    let ended = tollgate(&["test", text(&gone)]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("gone.test.yaml"), "{}", ended.err);
    let ended = tollgate(&["test", text(folder.path())]);
    assert!(
        ended.err.contains("there is no `*.test.yaml`"),
        "{}",
        ended.err
    );
    assert_eq!(tollgate(&["test"]).code, 2);
}

#[test]
fn rules_over_plain_http_routes_are_tested_by_their_path() {
    let folder = folder();
    let config = folder.path().join("p.yaml");
    let policies = "\
providers:
  - {name: mood, kind: http, base_url: 'http://127.0.0.1:9'}
routes:
  - {name: mood, path: '/mood/*', provider: mood, methods: [GET]}
policies:
  - name: p
    routes: [mood]
    input: [{type: waf, action: block, places: [path, query]}]
";
    fs::write(&config, policies).unwrap();
    let file = folder.path().join("p.test.yaml");
    let run = |tests: &str| {
        fs::write(&file, format!("config: p.yaml\ntests:\n{tests}")).unwrap();
        tollgate(&["test", text(&file), "--deny-untested"])
    };
    let good = run(
        "  - {name: a, path: /mood/..%2f..%2fetc%2fpasswd, method: GET, expect: {verdict: block, findings: {path_traversal: 1}}}
  - {name: b, path: /mood/today, method: GET, query: 'q=1%27+or+1%3D1--', expect: {verdict: block}}
  - {name: c, path: /mood/today, method: GET, expect: {verdict: pass, target: mood}}
");
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    let other = run("  - {name: a, path: /mood/today, expect: {verdict: pass}}\n");
    assert!(
        other.out.contains("the routes at this path take GET"),
        "{}",
        other.out
    );
    let chat = run("  - {name: a, path: /mood/today, model: m, expect: {answer: {text: hi}}}\n");
    for field in ["tests[0].model", "tests[0].expect.answer"] {
        assert!(chat.err.contains(field), "{field} in {}", chat.err);
    }
}

const ROUTES: &str = "\
providers:
  - {name: mood, kind: http, base_url: 'http://127.0.0.1:9'}
routes:
  - {name: mood, path: /mood, provider: mood, texts: {request: [text, 'more[]'], response: [label]}}
  - {name: blind, path: /blind, provider: mood, unscannable: allow}
policies:
  - name: p
    routes: [mood, blind]
    input:
      - {name: cards, type: pii_detection, action: block, entities: [credit_card]}
      - {name: mails, type: pii_detection, action: redact, style: restore, entities: [email_address]}
    output:
      - {name: ssn, type: pii_detection, action: block, entities: [ssn]}
  - name: large
    routes: [mood]
    when: input_bytes > 100
    input: [{type: pii_detection, action: flag, entities: [phone_number]}]
";

/// Runs tests of [`ROUTES`].
fn run_routes(tests: &str) -> Ended {
    let folder = folder();
    fs::write(folder.path().join("p.yaml"), ROUTES).unwrap();
    let file = folder.path().join("p.test.yaml");
    fs::write(&file, format!("config: p.yaml\ntests:\n{tests}")).unwrap();
    tollgate(&["test", text(&file)])
}

#[test]
fn bodies_of_plain_http_routes_are_tested_as_the_gateway_reads_them() {
    let good = run_routes(
        "  - {name: a, path: /mood, request: {text: 4111 1111 1111 1111}, expect: {verdict: block, findings: {credit_card: 1}}}
  - {name: b, path: /mood, request: {other: 4111 1111 1111 1111}, expect: {verdict: pass}}
  - name: c
    path: /mood
    request: {text: jo@example.com, more: [one, two]}
    answer: {label: 'for [EMAIL_ADDRESS_1]', id: 1}
    expect: {verdict: redact, text: \"[EMAIL_ADDRESS_1]\\none\\ntwo\", target: mood, answer: for jo@example.com}
  - {name: d, path: /mood, request: {text: hi}, answer: {label: 123-45-6789}, expect: {answer_verdict: block, answer_findings: {ssn: 1}, answer: ''}}
  - {name: e, path: /mood, headers: {content-type: text/plain}, request: {text: hi}, expect: {verdict: block}}
  - {name: g, path: /blind, expect: {verdict: pass}}
  - {name: h, path: /mood, request: {text: call 415-555-2671}, expect: {verdict: pass}}
  - name: i
    path: /mood
    request: {text: call 415-555-2671, pad: ...................................................................................}
    expect: {verdict: flag, findings: {phone_number: 1}}
",
    );
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    let bad = run_routes(
        "  - {name: a, path: /mood, request: {text: 4111 1111 1111 1111}, expect: {verdict: pass}}\n",
    );
    assert_eq!(bad.code, 1, "{}", bad.out);
    let unread =
        run_routes("  - {name: a, path: /blind, request: {text: hi}, expect: {verdict: pass}}\n");
    let words = "not checked by p/cards, p/mails";
    assert!(unread.out.contains(words), "{}", unread.out);
}
