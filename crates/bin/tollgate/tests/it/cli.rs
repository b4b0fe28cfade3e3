//! The verbs: what they print, and how they end.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use crate::caller::{Format, ask};
use crate::process::{Gateway, Process, command, folder, text, tollgate, tollgate_with};

const SIMULATOR: &str = "gateway:\n  anonymous: allow\nproviders:\n  - name: simulator\n";

fn file(yaml: &str) -> (Arc<TempDir>, PathBuf) {
    let folder = folder();
    let path = folder.path().join("policy-config.yaml");
    fs::write(&path, yaml).unwrap();
    (folder, path)
}

/// A base and an overlay for the service `billing`.
fn layers() -> Arc<TempDir> {
    let folder = folder();
    for (place, yaml) in [
        (
            "base",
            "providers:\n  - name: simulator\nmodels:\n  - name: fast\n    targets:\n      - provider: simulator\n",
        ),
        (
            "services/billing",
            "gateway:\n  failover:\n    attempts_max: 2\nmodels:\n  - name: fast\n    targets:\n      - name: mine\n        provider: simulator\n        model: tiny\n",
        ),
    ] {
        fs::create_dir_all(folder.path().join(place)).unwrap();
        fs::write(folder.path().join(place).join("policy-config.yaml"), yaml).unwrap();
    }
    folder
}

#[test]
fn check_of_a_valid_file_says_so_and_ends_with_0() {
    let (_folder, path) = file("providers:\n  - name: simulator\nservices:\n  - name: a\n");
    for arguments in [
        vec!["check", text(&path)],
        vec!["check", "--config", text(&path)],
    ] {
        let ended = tollgate(&arguments);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.out.contains("is valid (revision "), "{ended:?}");
    }
}

#[test]
fn check_names_every_problem_with_its_line() {
    let (_folder, path) = file(
        "gateway:\n  prot: 1\n  anonymous: maybe\npolicies:\n  - name: p\n    input:\n      - type: pii_detection\n        action: redact\n        entities: [foo]\nproviders:\n  - name: simulator\n",
    );
    let ended = tollgate(&["check", text(&path)]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    for words in [
        "unknown field `prot`",
        "policy-config.yaml:2:3",
        "did you mean `port`?",
        "`maybe` is not one of",
        ":3:14",
        "there is no entity or group `foo`",
        "3 errors",
    ] {
        assert!(ended.err.contains(words), "{words} in {}", ended.err);
    }
    let ended = tollgate(&["check", text(&path), "--output", "json"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["valid"], false);
    let problems: Vec<(&Value, &Value)> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (&problem["line"], &problem["severity"]))
        .collect();
    assert_eq!(problems.len(), 3, "{report}");
    assert!(
        problems
            .iter()
            .all(|(line, severity)| line.is_u64() && *severity == "error"),
        "{report}"
    );
}

#[test]
fn check_names_the_mistakes_of_every_phase_in_one_round() {
    let (_folder, path) = file(
        "gateway:\n  prot: 1\nproviders:\n  - name: simulator\nmodels:\n  - name: fast\n    targets:\n      - {provider: simulatr, when: \"1 +\"}\npolicies:\n  - name: p\n    input:\n      - {type: content_safety, action: block, severity: 3}\n",
    );
    for verb in [
        vec!["check", text(&path)],
        vec!["run", "--config", text(&path)],
    ] {
        let ended = tollgate(&verb);
        assert_eq!(ended.code, 1, "{ended:?}");
        for words in [
            "unknown field `prot`",
            "there is no provider `simulatr`",
            "the condition does not compile",
            "there is no such severity",
            "4 errors",
        ] {
            assert!(ended.err.contains(words), "{words} in {}", ended.err);
        }
    }
}

#[test]
fn check_takes_warnings_for_errors_only_when_told_to() {
    let (_folder, path) = file(SIMULATOR);
    let ended = tollgate(&["check", text(&path)]);
    assert_eq!(ended.code, 0);
    assert!(
        ended
            .err
            .contains("warning: callers without a key are served"),
        "{ended:?}"
    );
    assert_eq!(tollgate(&["check", text(&path), "--deny-warnings"]).code, 1);
    let ended = tollgate(&["check", text(&path), "--deny-warnings", "--output", "json"]);
    assert_eq!(ended.code, 1);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        (&report["valid"], &report["problems"][0]["severity"]),
        (&Value::from(true), &Value::from("warning"))
    );
}

#[test]
fn a_missing_secret_is_named() {
    let (_folder, path) = file("gateway:\n  secret_key_ref:\n    env: NO_SUCH_KEY\n");
    let ended = tollgate(&[
        "run",
        "--config",
        text(&path),
        "--port",
        "0",
        "--admin-port",
        "0",
    ]);
    assert_eq!(ended.code, 1);
    assert!(
        ended
            .err
            .contains("environment variable NO_SUCH_KEY is not set"),
        "{ended:?}"
    );
    let (_folder, path) = file("gateway:\n  secret_key_ref:\n    file: no/such/key\n");
    let ended = tollgate(&[
        "run",
        "--config",
        text(&path),
        "--port",
        "0",
        "--admin-port",
        "0",
    ]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("no/such/key"), "{ended:?}");
}

#[test]
fn run_without_a_configuration_tells_a_newcomer_what_to_write() {
    let ended = tollgate(&["run", "--config", "/no/such/file.yaml"]);
    assert_eq!(ended.code, 1);
    for words in ["/no/such/file.yaml", "No such file", "--config"] {
        assert!(ended.err.contains(words), "{words} in {}", ended.err);
    }
    if Path::new("/etc/tollgate/policy-config.yaml").exists() {
        return;
    }
    let process = Process::start(&["run", "--port", "0", "--admin-port", "0"], &[]);
    let line = process
        .err
        .with("no configuration at /etc/tollgate/policy-config.yaml");
    for words in [
        "the built-in simulator",
        "secret_key_ref:",
        "env: OPENAI_API_KEY",
    ] {
        assert!(line.contains(words), "{words} in {line}");
    }
    process.err.with("serving");
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let (_folder, path) = file(SIMULATOR);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (mine, other) in [("--port", "--admin-port"), ("--admin-port", "--port")] {
        let ended = tollgate(&["run", "--config", text(&path), mine, &port, other, "0"]);
        assert_eq!(ended.code, 1);
        assert!(
            ended
                .err
                .contains(&format!("port {port} on 127.0.0.1 is in use")),
            "{ended:?}"
        );
        assert!(ended.err.contains(mine), "{ended:?}");
    }
    let ended = tollgate(&["simulate", "--port", &port]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains(&port), "{ended:?}");
}

#[test]
fn explain_shows_layer_file_and_line() {
    let folder = layers();
    let explain = |service: &str, more: &[&str]| {
        let mut arguments = vec!["explain", service, "fast", "--config", text(folder.path())];
        arguments.extend(more);
        let ended = tollgate(&arguments);
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.out
    };
    let other = explain("search", &[]);
    assert!(other.contains("1 target(s)"), "{other}");
    let billing = explain("billing", &[]);
    let line = billing
        .lines()
        .find(|line| line.starts_with("gateway.failover.attempts_max"))
        .unwrap();
    assert!(
        line.contains(" 2 ") && line.ends_with("services/billing/policy-config.yaml:3"),
        "{line}"
    );
    assert!(
        billing.contains("2 target(s), tried in this order"),
        "{billing}"
    );
    let json: Value = serde_json::from_str(&explain("billing", &["--output", "json"])).unwrap();
    let value = json["values"]
        .as_array()
        .unwrap()
        .iter()
        .find(|value| value["path"] == "gateway.failover.attempts_max")
        .unwrap();
    assert_eq!(
        (&value["value"], &value["line"]),
        (&Value::from(2), &Value::from(3))
    );
    assert!(
        value["layer"].as_str().unwrap().contains("billing"),
        "{value}"
    );
    assert_eq!(json["targets"][1]["model"], "tiny");
}

#[test]
fn explain_of_a_model_that_nothing_serves_says_so() {
    let (_folder, path) =
        file("providers:\n  - name: x\n    kind: http\n    base_url: http://127.0.0.1:9\n");
    for (model, says) in [
        ("no-such", "no-such"),
        ("so it is", "cannot be a model's name"),
    ] {
        let ended = tollgate(&["explain", "a", model, "--config", text(&path)]);
        assert_eq!(ended.code, 1);
        assert!(ended.err.contains(says), "{ended:?}");
    }
}

#[test]
fn a_printed_key_opens_a_gateway_with_the_printed_hash() {
    let printed = tollgate(&["keys", "new", "--service", "billing"]);
    assert_eq!(printed.code, 0);
    let (before, services) = printed.out.split_once("services:").unwrap();
    let key = before
        .split_whitespace()
        .find(|word| word.starts_with("tg_prod_"))
        .unwrap();
    let json = tollgate(&[
        "keys",
        "new",
        "--env",
        "test",
        "--service",
        "search",
        "--output",
        "json",
    ]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let yaml = format!(
        "providers:\n  - name: simulator\nservices:{services}\n  - name: search\n    keys:\n      - id: \"{}\"\n        hash: \"{}\"\n",
        json["id"].as_str().unwrap(),
        json["hash"].as_str().unwrap(),
    );
    let gateway = Gateway::start(&yaml);
    let body = Format::Chat.body("any", "hello", false);
    let second = json["key"].as_str().unwrap();
    assert!(second.starts_with("tg_test_"));
    for (number, (key, service)) in [(key, "billing"), (second, "search")]
        .into_iter()
        .enumerate()
    {
        let bearer = format!("Bearer {key}");
        for header in [
            ("authorization", bearer.as_str()),
            ("x-api-key", key),
            ("api-key", key),
            ("x-goog-api-key", key),
        ] {
            assert_eq!(
                ask(
                    &gateway.address,
                    "POST",
                    Format::Chat.path(),
                    &[header],
                    &body
                )
                .status,
                200
            );
        }
        assert_eq!(gateway.record(4 * (number + 1))["service"], service);
    }
    let mut mistyped = key.to_owned();
    mistyped.pop();
    for wrong in [mistyped.as_str(), "sk-whatever", ""] {
        let answer = ask(
            &gateway.address,
            "POST",
            Format::Chat.path(),
            &[("x-api-key", wrong)],
            &body,
        );
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(
            wrong.is_empty() || !answer.text().contains(wrong),
            "{}",
            answer.text()
        );
    }
}

#[test]
fn a_key_for_a_name_that_no_configuration_takes_is_refused() {
    for arguments in [
        ["--env", "NOT GOOD"],
        ["--service", "a: b"],
        ["--service", ""],
    ] {
        let ended = tollgate(&[&["keys", "new"], &arguments[..]].concat());
        assert_ne!(ended.code, 0, "{ended:?}");
        assert!(ended.out.is_empty() && !ended.err.is_empty(), "{ended:?}");
    }
}

#[test]
fn health_tells_whether_a_gateway_is_ready() {
    let gateway = Gateway::start(SIMULATOR);
    for address in [&gateway.address, &gateway.admin] {
        let port = address.rsplit_once(':').unwrap().1;
        let ended = tollgate(&["health", "--port", port]);
        assert_eq!((ended.code, ended.out.trim()), (0, "ready"), "{ended:?}");
        assert_eq!(
            tollgate_with(&["health"], &[("TOLLGATE_PORT", port)]).code,
            0
        );
    }
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let ended = tollgate(&["health", "--port", &free]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("refused"), "{ended:?}");
}

#[test]
fn every_verb_explains_itself() {
    let all = tollgate(&["--help"]);
    assert_eq!(all.code, 0);
    for (verb, words) in [
        (
            vec!["run"],
            vec![
                "--config",
                "--port",
                "TOLLGATE_PORT",
                "--state-dir",
                "SIGHUP",
                "SIGTERM",
            ],
        ),
        (
            vec!["check"],
            vec!["--deny-warnings", "--output", "Exit codes"],
        ),
        (vec!["explain"], vec!["<SERVICE>", "<MODEL>", "--output"]),
        (vec!["schema"], vec!["JSON Schema"]),
        (
            vec!["simulate"],
            vec!["--fault", "429=0.1", "--script", "/v1/messages"],
        ),
        (vec!["keys"], vec!["new"]),
        (vec!["keys", "new"], vec!["--env", "--service", "--output"]),
        (
            vec!["scan"],
            vec!["--chunk", "--service", "--format", "place", "Exit codes"],
        ),
        (
            vec!["test"],
            vec!["--junit", "--deny-untested", "Exit codes"],
        ),
        (vec!["reveal"], vec!["--key-env", "--json", "Exit codes"]),
        (
            vec!["fingerprints"],
            vec!["--column", "--salt-env", "Exit codes"],
        ),
        (vec!["health"], vec!["--port", "admin"]),
        (vec!["completions"], vec!["bash", "zsh", "fish"]),
    ] {
        assert!(all.out.contains(verb[0]), "{} lacks {verb:?}", all.out);
        let ended = tollgate(&[&verb[..], &["--help"]].concat());
        assert_eq!(ended.code, 0, "{verb:?}");
        for words in words {
            assert!(
                ended.out.contains(words),
                "{verb:?}: {words} in {}",
                ended.out
            );
        }
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = tollgate(&["completions", shell]);
        assert!(
            ended.code == 0 && ended.out.contains("deny-warnings"),
            "{shell}"
        );
    }
    assert!(tollgate(&["--version"]).out.starts_with("tollgate "));
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &[][..],
        &["serve"],
        &["run", "--prot", "1"],
        &["run", "--port", "70000"],
        &["run", "--log-level", "verbose"],
        &["run", "--log-level", "info,tollgate_net"],
        &["run", "--log-level", "tollgate_net=loud"],
        &["check", "a", "b"],
        &["check", "--output", "xml"],
        &["explain", "only-a-service"],
        &["keys"],
        &["keys", "old"],
        &["simulate", "--fault", "nonsense"],
        &["simulate", "--script", "nonsense"],
        &["simulate", "--ttft-ms", "fast"],
        &["completions", "tcsh"],
        &["scan", "--chunk", "0"],
        &["scan", "--format", "xml"],
        &["test"],
        &["test", "a", "--filter", "x", "--deny-untested"],
        &["reveal"],
        &["reveal", "--key-env", "A", "--key-file", "b"],
        &["fingerprints"],
        &["fingerprints", "--salt-env", "A", "--delimiter", ";"],
    ] {
        let ended = tollgate(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {ended:?}");
        assert!(ended.out.is_empty() && !ended.err.is_empty(), "{ended:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [
        &["schema"][..],
        &["completions", "bash"],
        &["keys", "new"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = command(arguments, &[])
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(
            done.status.success() && done.stderr.is_empty(),
            "{arguments:?}: {done:?}"
        );
    }
}

#[test]
fn simulate_ends_in_order() {
    for signal in ["INT", "TERM"] {
        let mut process = Process::start(&["simulate", "--port", "0"], &[]);
        process.err.with("http://127.0.0.1:");
        process.signal(signal);
        assert_eq!(process.wait(), 0, "SIG{signal}");
    }
}
