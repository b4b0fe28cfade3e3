//! `tollgate reveal`: what was encrypted, read by those who have the key.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::process::{Ended, command, folder, text, tollgate, tollgate_with};

/// Tests know their keys: that of a variable is its name.
const KEY: &str = "env:REDACTION_KEY";

/// `style: encrypt` over this text, under [`KEY`].
fn sealed(original: &str) -> String {
    let folder = folder();
    let config = folder.path().join("p.yaml");
    let policies = "policies: [{name: p, input: [{type: pii_detection, action: redact, style: encrypt, key_ref: {env: REDACTION_KEY}, entities: [ssn, email_address]}]}]\n";
    fs::write(&config, policies).unwrap();
    let file = folder.path().join("p.test.yaml");
    let content = Value::from(original);
    let tests = format!(
        "tests: [{{name: a, messages: [{{role: user, content: {content}}}], expect: {{verdict: redact}}}}]\n"
    );
    fs::write(&file, tests).unwrap();
    let ended = tollgate(&[
        "test",
        text(&file),
        "--config",
        text(&config),
        "--output",
        "json",
    ]);
    let shown: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"));
    let sealed = &shown["files"][0]["tests"][0]["actual"]["text"];
    sealed.as_str().unwrap().to_owned()
}

/// Reveals a file with a key in the environment.
fn reveal(written: &str, key: &str, options: &[&str]) -> Ended {
    let folder = folder();
    let file = folder.path().join("in.txt");
    fs::write(&file, written).unwrap();
    let mut arguments = vec!["reveal", text(&file), "--key-env", "K"];
    arguments.extend(options);
    tollgate_with(&arguments, &[("K", key)])
}

#[test]
fn what_was_encrypted_is_read_with_the_key_and_nothing_else_changes() {
    let original = "ssn 123-45-6789 of [x@b.co], [SSN:12] and é[";
    let sealed = sealed(original);
    assert!(
        !sealed.contains("123-45-6789") && !sealed.contains("x@b.co"),
        "{sealed}"
    );
    let ended = reveal(&sealed, &format!(" {KEY}\n"), &[]);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (0, original),
        "{}",
        ended.err
    );
    assert_eq!(ended.err, "");
}

#[test]
fn a_long_text_is_revealed_wherever_its_pieces_end() {
    let sealed = sealed("123-45-6789");
    let long: Vec<String> = (0..4000).map(|row| format!("{row} {sealed}")).collect();
    let ended = reveal(&long.join(" "), KEY, &[]);
    let expected: Vec<String> = (0..4000).map(|row| format!("{row} 123-45-6789")).collect();
    assert!(ended.out == expected.join(" "), "not what was sealed");
}

#[test]
fn another_key_opens_nothing_and_it_is_said() {
    let sealed = sealed("ssn 123-45-6789");
    let ended = reveal(&sealed, "another", &[]);
    assert_eq!((ended.code, &ended.out), (0, &sealed));
    assert!(ended.err.contains("1 not opened"), "{}", ended.err);
}

#[test]
fn the_key_may_be_in_a_file_and_the_text_on_standard_input() {
    let folder = folder();
    let key = folder.path().join("key");
    fs::write(&key, format!("{KEY}\n")).unwrap();
    let mut child = command(&["reveal", "--json", "--key-file", text(&key)], &[])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let line = format!("{{\"text\": {}}}", Value::from(sealed("at 123-45-6789")));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(line.as_bytes())
        .unwrap();
    let done = child.wait_with_output().unwrap();
    let line: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(line["text"], "at 123-45-6789");
}

#[test]
fn a_key_is_named_once_and_must_be_there() {
    assert_eq!(tollgate(&["reveal"]).code, 2);
    assert_eq!(
        tollgate(&["reveal", "--key-env", "A", "--key-file", "b"]).code,
        2
    );
    let ended = tollgate(&["reveal", "--key-env", "A"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.err.contains("the environment variable A is not set"),
        "{}",
        ended.err
    );
}
